"""Sealed introductions: one sender, one recipient, one way; the hub holds an envelope only while it travels."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from federation.envelopes import digest
from federation.introductions import sign_acceptance, sign_receipt, verify_receipt
from federation.key_chains import KeyView, issue_statement, verify_chain
from federation.keys import OrganisationKeys, generate_keys
from federation.replacements import issue_replacement
from hub.database import Database
from hub.models import Introduction, OutboxMessage, utcnow
from hub.services import introductions, key_statements, proposals
from hub.services.actors import hub_itself
from tests.hub.people import coordinator, mentee, mentor, share
from tests.hub.services.matches import agree, ask, recommended
from tests.hub.services.refusals import refused

ENVELOPE = ".".join(["abcd"] * 5)
AREC = generate_keys("arec")


@pytest.fixture
def due(members: Database) -> tuple[Database, str]:
    statement = issue_statement(AREC, [], utcnow())
    members.run(lambda session: key_statements.publish(session, coordinator("arec"), statement))
    return members, agree(members, ask(members))


def put(database: Database, proposal: str, who: str = "eriec", envelope: str = ENVELOPE):
    return database.run(lambda session: introductions.put_envelope(session, coordinator(who), proposal, envelope))


def take(database: Database, proposal: str, who: str = "arec") -> str:
    return database.run(lambda session: introductions.take_envelope(session, coordinator(who), proposal))


def signed(proposal: str, keys: OrganisationKeys = AREC, envelope: str = ENVELOPE) -> str:
    return sign_receipt(keys, proposal, envelope, utcnow())


def acknowledge(database: Database, proposal: str, who: str = "arec", receipt: str = ""):
    text = receipt or signed(proposal)
    return database.run(lambda session: introductions.acknowledge(session, coordinator(who), proposal, text))


def view_of_arec() -> KeyView:
    return verify_chain([issue_statement(AREC, [], utcnow())], utcnow(), "arec")


def listed(database: Database, who: str):
    with database.reading() as session:
        return introductions.listed(session, coordinator(who))


def told(database: Database, who: str) -> list[str]:
    with database.reading() as session:
        own = (OutboxMessage.organisation_id == who, OutboxMessage.type.like("introduction.%"))
        return list(session.scalars(select(OutboxMessage.type).where(*own).order_by(OutboxMessage.number)))


def test_an_introduction_goes_one_way_and_each_side_hears_each_step(due: tuple[Database, str]):
    database, proposal = due

    assert put(database, proposal).state == "sealed"
    assert take(database, proposal) == ENVELOPE
    assert acknowledge(database, proposal).state == "acknowledged"

    steps = ["introduction.sealed", "introduction.delivered", "introduction.acknowledged"]
    assert told(database, "eriec") == told(database, "arec") == steps
    with database.reading() as session:
        kept = session.scalars(select(Introduction)).one()
        assert kept.envelope is None
        verify_receipt(kept.receipt or "", view_of_arec(), proposal, digest(ENVELOPE))
    assert listed(database, "eriec")[0].receipt == kept.receipt


def test_each_side_sees_its_own_person_and_both_acceptances(members: Database):
    proposal = ask(members)
    for who in ("eriec", "arec"):
        members.run(
            lambda session, who=who: proposals.accept(session, coordinator(who), proposal, acceptance=f"jws-{who}")
        )

    (ours,), (theirs,) = listed(members, "eriec"), listed(members, "arec")

    assert (ours.mine, ours.my_pseudonym) == ("sender", "mentee-0001")
    assert (theirs.mine, theirs.my_pseudonym) == ("recipient", "mentor-0001")
    assert ours.acceptances == theirs.acceptances == {"eriec": "jws-eriec", "arec": "jws-arec"}
    assert listed(members, "criec") == []


def test_an_envelope_is_given_again_until_it_is_acknowledged(due: tuple[Database, str]):
    database, proposal = due
    put(database, proposal)

    assert take(database, proposal) == take(database, proposal) == ENVELOPE
    assert told(database, "arec").count("introduction.delivered") == 1
    acknowledge(database, proposal)
    with refused(database, "envelope-not-due"):
        take(database, proposal)


@pytest.mark.parametrize(
    "envelope", ["", "a.b.c.d", "a.b.c.d.e.f", "a.b.c.d.", "a b.c.d.e.f", "a.b.c.d.é", "a.b.c.d.e\n", "{}"]
)
def test_what_is_not_sealed_is_refused(due: tuple[Database, str], envelope: str):
    database, proposal = due

    with refused(database, "invalid-fields"):
        put(database, proposal, envelope=envelope)


BAD_RECEIPTS = {
    "no signature": lambda proposal: "header.payload.signature",
    "the key of nobody": lambda proposal: signed(proposal, generate_keys("arec")),
    "the name of another": lambda proposal: signed(proposal, replace(AREC, organisation="criec")),
    "another proposal": lambda proposal: signed("another-proposal"),
    "another envelope": lambda proposal: signed(proposal, envelope=ENVELOPE + "A"),
    "another kind of document": lambda proposal: sign_acceptance(AREC, "eriec", proposal, "", "", utcnow()),
}


@pytest.mark.parametrize("receipt", BAD_RECEIPTS.values(), ids=BAD_RECEIPTS)
def test_a_receipt_that_does_not_hold_deletes_nothing(due: tuple[Database, str], receipt: Callable[[str], str]):
    database, proposal = due
    put(database, proposal), take(database, proposal)

    with refused(database, "invalid-signature"):
        acknowledge(database, proposal, receipt=receipt(proposal))

    assert take(database, proposal) == ENVELOPE


def test_a_receipt_of_an_organisation_without_keys_deletes_nothing(members: Database):
    proposal = agree(members, ask(members))
    put(members, proposal), take(members, proposal)

    with refused(members, "key-chain-broken"):
        acknowledge(members, proposal)


def test_a_receipt_by_an_identity_that_was_replaced_deletes_nothing(due: tuple[Database, str]):
    database, proposal = due
    put(database, proposal), take(database, proposal)
    with database.reading() as session:
        earlier = key_statements.chain(session, "arec")
    moved = replace(AREC, identity=generate_keys("arec").identity)
    replaced = issue_replacement(moved, earlier, utcnow())
    database.run(lambda session: key_statements.publish(session, coordinator("arec"), replaced))

    with refused(database, "invalid-signature"):
        acknowledge(database, proposal)
    assert acknowledge(database, proposal, receipt=signed(proposal, moved)).state == "acknowledged"


def test_direct_encryption_has_an_empty_second_segment(due: tuple[Database, str]):
    database, proposal = due

    assert put(database, proposal, envelope="a..c.d.e").state == "sealed"


@pytest.mark.parametrize("who", ["arec", "criec"])
def test_only_the_sender_seals(due: tuple[Database, str], who: str):
    database, proposal = due

    with refused(database, "not-found"):
        put(database, proposal, who)


@pytest.mark.parametrize("who", ["eriec", "criec"])
def test_only_the_recipient_opens_and_acknowledges(due: tuple[Database, str], who: str):
    database, proposal = due
    put(database, proposal)

    with refused(database, "not-found"):
        take(database, proposal, who)
    with refused(database, "not-found"):
        acknowledge(database, proposal, who)


def test_no_step_is_taken_before_the_one_before_it_nor_twice(due: tuple[Database, str]):
    database, proposal = due

    for step in (take, acknowledge):
        with refused(database, "envelope-not-due") as problem:
            step(database, proposal)
        assert problem.value.extra == {"state": "due"}
    put(database, proposal)
    for step in (put, acknowledge):
        with refused(database, "envelope-not-due"):
            step(database, proposal)
    take(database, proposal)
    with refused(database, "envelope-not-due"):
        put(database, proposal)
    acknowledge(database, proposal)
    with refused(database, "envelope-not-due"):
        acknowledge(database, proposal)


def test_what_is_not_there_is_not_found(members: Database):
    for step in (put, take, acknowledge):
        with refused(members, "not-found"):
            step(members, "no-such-proposal")


def test_nothing_is_due_before_both_said_yes_nor_inside_one_organisation(members: Database):
    ask(members)
    assert listed(members, "eriec") == listed(members, "arec") == []

    share(members, "criec", "mentor-0009", mentor(noc="3130", region="ON-535"))
    share(members, "criec", "mentee-0009", mentee(noc="3130", region="ON-535"))
    found = recommended(members, "criec", "mentee-0009").recommendations
    own = next(one for one in found if one.organisation_id == "criec")
    actor = coordinator("criec")
    asked = members.run(lambda session: proposals.propose(session, actor, "mentee-0009", own.handle, 14))
    assert members.run(lambda session: proposals.accept(session, actor, asked.id)).state == "agreed"
    assert listed(members, "criec") == []


@pytest.mark.parametrize("steps", [(), (put,), (put, take)])
def test_what_nobody_fetched_in_time_is_deleted_and_cannot_go_on(due: tuple[Database, str], steps):
    database, proposal = due
    for step in steps:
        step(database, proposal)
    database.run(lambda session: session.execute(update(Introduction).values(expires_at=utcnow())))

    assert database.run(lambda session: introductions.expire_due(session, utcnow())) == 1
    assert database.run(lambda session: introductions.expire_due(session, utcnow() + timedelta(days=9))) == 0
    assert told(database, "eriec")[-1] == told(database, "arec")[-1] == "introduction.failed"
    for step in (put, take, acknowledge):
        with refused(database, "envelope-not-due"):
            step(database, proposal)


def test_who_belongs_to_no_organisation_has_no_introductions(members: Database):
    with refused(members, "not-allowed"), members.reading() as session:
        introductions.listed(session, hub_itself("tests"))
