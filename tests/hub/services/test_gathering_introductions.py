"""Introductions in gatherings: due between organisations once all agreed, one way each, gone when somebody goes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from federation.envelopes import digest
from federation.gathering_introductions import sign_gathered_receipt, verify_gathered_receipt
from federation.gathering_yes import Question
from federation.introductions import sign_receipt
from federation.key_chains import issue_statement, verify_chain
from federation.keys import OrganisationKeys, generate_keys
from hub.database import Database
from hub.models import Gathering, GatheringIntroduction, GatheringMember, OutboxMessage, Profile, utcnow
from hub.services import (
    gathering_envelopes,
    gathering_introductions,
    gathering_signatures,
    gathering_terms,
    key_statements,
    profiles,
    withdrawal_notices,
)
from hub.services.gathering_introductions import GatheringIntroductionView
from hub.services.gathering_terms import QuestionView
from tests.hub.gathered import agreed, move, peer, propose, share_group, share_six, share_two
from tests.hub.people import coordinator, share, system
from tests.hub.services.refusals import refused

ENVELOPE = ".".join(["abcd"] * 5)
CRIEC = generate_keys("criec")
YES = "aaaa.bbbbbbbbbbbb.cccc"


@pytest.fixture
def pair(network: Database) -> tuple[Database, str]:
    share_two(network)
    statement = issue_statement(CRIEC, [], utcnow())
    network.run(lambda session: key_statements.publish(session, coordinator("criec"), statement))
    return network, agreed(network, "pair", "criec")


def put(database: Database, gathering: str, who: str = "eriec", to: str = "criec", envelope: str = ENVELOPE):
    actor = coordinator(who)
    return database.run(lambda session: gathering_envelopes.put_envelope(session, actor, gathering, to, envelope))


def take(database: Database, gathering: str, who: str = "criec", sender: str = "eriec") -> str:
    actor = coordinator(who)
    return database.run(lambda session: gathering_envelopes.take_envelope(session, actor, gathering, sender))


def signed(gathering: str, keys: OrganisationKeys = CRIEC, sender: str = "eriec", envelope: str = ENVELOPE) -> str:
    return sign_gathered_receipt(keys, sender, gathering, envelope, utcnow())


def acknowledge(database: Database, gathering: str, who: str = "criec", sender: str = "eriec", receipt: str = ""):
    actor, text = coordinator(who), receipt or signed(gathering)
    return database.run(lambda session: gathering_envelopes.acknowledge(session, actor, gathering, sender, text))


def listed(database: Database, who: str) -> list[GatheringIntroductionView]:
    with database.reading() as session:
        return gathering_introductions.listed(session, coordinator(who))


def asked(database: Database, gathering: str, who: str) -> QuestionView:
    with database.reading() as session:
        return gathering_terms.show(session, coordinator(who), gathering)


def sign(database: Database, gathering: str, who: str, yes: str = YES) -> QuestionView:
    return database.run(lambda session: gathering_signatures.sign(session, coordinator(who), gathering, yes))


def ways(database: Database) -> dict[tuple[str, str], str]:
    """The state of every introduction, by sender and recipient."""
    with database.reading() as session:
        found = session.scalars(select(GatheringIntroduction)).all()
        return {(one.sender_id, one.recipient_id): one.state for one in found}


def told(database: Database, who: str) -> list[tuple[str, str, dict[str, Any]]]:
    with database.reading() as session:
        own = (OutboxMessage.organisation_id == who, OutboxMessage.type.like("introduction.%"))
        rows = session.scalars(select(OutboxMessage).where(*own).order_by(OutboxMessage.number))
        return [(one.type, one.subject, one.data) for one in rows]


def withdraw(database: Database, organisation: str, pseudonym: str) -> None:
    database.run(lambda session: profiles.withdraw(session, system(organisation), pseudonym))


class TestTheQuestion:
    def test_of_a_pair_is_who_is_in_it_with_how_many_and_each_sees_its_own(self, network: Database):
        share_two(network)
        gathering = propose(network, "eriec", "pair").id

        ours, theirs = asked(network, gathering, "eriec"), asked(network, gathering, "criec")

        assert (ours.organisations, ours.mentor, ours.size) == ({"criec": 1, "eriec": 1}, None, 2)
        assert (theirs.organisations, theirs.mentor, theirs.size) == (ours.organisations, ours.mentor, ours.size)
        assert ([one.pseudonym for one in ours.mine], ours.word, ours.signed) == (["eriec-0001"], "accepted", False)
        assert ([one.pseudonym for one in theirs.mine], theirs.word) == (["criec-0001"], "waiting")
        with refused(network, "not-found"), network.reading() as session:
            gathering_terms.show(session, coordinator("arec"), gathering)

    def test_of_a_group_tells_no_organisation_how_many_another_has(self, network: Database):
        share_group(network)
        gathering = propose(network, "eriec", "group").id

        found = asked(network, gathering, "eriec")

        assert found.organisations == {"arec": None, "criec": None, "eriec": None}
        assert (found.mentor, found.size) == ("arec", 6)

    def test_stays_the_same_when_somebody_leaves(self, network: Database):
        share_six(network)
        gathering = agreed(network, "circle", "criec")
        before = asked(network, gathering, "criec")

        withdraw(network, "eriec", "eriec-0000")

        after = asked(network, gathering, "criec")
        assert (after.organisations, after.size) == (before.organisations, before.size) == ({"criec": 3, "eriec": 3}, 6)
        assert len(asked(network, gathering, "eriec").mine) == 2


class TestSigning:
    def test_a_signature_says_a_yes_that_was_not_said(self, network: Database):
        share_two(network)
        gathering = propose(network, "eriec", "pair").id

        found = sign(network, gathering, "criec")

        assert (found.state, found.word, found.signed) == ("agreed", "accepted", True)
        assert listed(network, "eriec")[0].acceptances == {"criec": YES}

    def test_a_yes_on_a_page_and_the_proposer_s_are_signed_afterwards(self, pair: tuple[Database, str]):
        database, gathering = pair

        for who in ("eriec", "criec"):
            assert sign(database, gathering, who, f"{YES}-{who}").signed

        both = {"eriec": f"{YES}-eriec", "criec": f"{YES}-criec"}
        assert [one.acceptances for one in listed(database, "eriec")] == [both, both]

    def test_once_and_not_what_is_over_declined_or_anothers(self, pair: tuple[Database, str]):
        database, gathering = pair
        sign(database, gathering, "eriec")
        with refused(database, "illegal-move"):
            sign(database, gathering, "eriec", "another.bbbbbbbb.cc")
        with refused(database, "not-found"):
            sign(database, gathering, "arec")
        move(database, "criec", "end", gathering)
        with refused(database, "illegal-move"):
            sign(database, gathering, "criec")

    def test_not_after_a_no(self, network: Database):
        share_two(network)
        gathering = propose(network, "eriec", "pair").id
        move(network, "criec", "decline", gathering, "schedule")

        for who in ("eriec", "criec"):
            with refused(network, "illegal-move"):
                sign(network, gathering, who)

    def test_not_among_people_of_one_s_own(self, network: Database):
        for number in range(2):
            share(network, "eriec", f"eriec-000{number}", peer(number))
        gathering = propose(network, "eriec", "pair").id

        assert ways(network) == {}
        with refused(network, "illegal-move"):
            sign(network, gathering, "eriec")


def test_an_introduction_goes_one_way_and_its_two_sides_hear_each_step(pair: tuple[Database, str]):
    database, gathering = pair

    assert put(database, gathering).state == "sealed"
    assert take(database, gathering) == take(database, gathering) == ENVELOPE
    assert acknowledge(database, gathering).state == "acknowledged"

    sides = {"sender": "eriec", "recipient": "criec"}
    steps = [
        (f"introduction.{step}", f"gathering:{gathering}", sides) for step in ("sealed", "delivered", "acknowledged")
    ]
    assert told(database, "eriec") == told(database, "criec") == steps
    assert ways(database) == {("eriec", "criec"): "acknowledged", ("criec", "eriec"): "due"}
    (ours,) = (one for one in listed(database, "eriec") if one.mine == "sender")
    recipient = verify_chain([issue_statement(CRIEC, [], utcnow())], utcnow(), "criec")
    verify_gathered_receipt(ours.receipt or "", recipient, "eriec", gathering, digest(ENVELOPE))
    with database.reading() as session:
        assert session.scalars(select(GatheringIntroduction.envelope)).all() == [None, None]


def test_nothing_is_due_before_all_agreed_and_then_between_all_of_a_circle(network: Database):
    share_six(network)
    share(network, "arec", "arec-0001", peer(1, slots=["tue_evening"]))
    asked_of = propose(network, "eriec", "circle")
    others = [one.organisation_id for one in asked_of.parties if one.word == "waiting"]
    assert ways(network) == {}

    for one in others:
        move(network, one, "accept", asked_of.id)

    names = {"eriec", *others}
    assert set(ways(network)) == {(one, other) for one in names for other in names if one != other}


def test_in_a_group_mentees_organisations_introduce_nobody_to_each_other(network: Database):
    share_group(network)
    gathering = agreed(network, "group", "criec", "arec")

    assert set(ways(network)) == {("eriec", "arec"), ("arec", "eriec"), ("criec", "arec"), ("arec", "criec")}
    with refused(network, "not-found"):
        put(network, gathering, "eriec", "criec")


@pytest.mark.parametrize("envelope", ["", "a.b.c.d", "a.b.c.d.", "a b.c.d.e.f", "{}"])
def test_what_is_not_sealed_is_refused(pair: tuple[Database, str], envelope: str):
    database, gathering = pair

    with refused(database, "invalid-fields"):
        put(database, gathering, envelope=envelope)


@pytest.mark.parametrize(("who", "to"), [("arec", "criec"), ("eriec", "arec"), ("eriec", "eriec")])
def test_only_who_is_in_it_seals_and_opens(pair: tuple[Database, str], who: str, to: str):
    database, gathering = pair
    put(database, gathering)

    with refused(database, "not-found"):
        put(database, gathering, who, to)
    with refused(database, "not-found"):
        take(database, gathering, who, to)
    with refused(database, "not-found"):
        acknowledge(database, gathering, who, to)


def test_no_step_is_taken_before_the_one_before_it_nor_twice(pair: tuple[Database, str]):
    database, gathering = pair
    for step in (take, acknowledge):
        with refused(database, "envelope-not-due"):
            step(database, gathering)
    put(database, gathering)
    for step in (put, acknowledge):
        with refused(database, "envelope-not-due"):
            step(database, gathering)
    take(database, gathering), acknowledge(database, gathering)
    for step in (put, take, acknowledge):
        with refused(database, "envelope-not-due"):
            step(database, gathering)


BAD_RECEIPTS: dict[str, Callable[[str], str]] = {
    "no signature": lambda _: "header.payload.signature",
    "the key of nobody": lambda gathering: signed(gathering, generate_keys("criec")),
    "another gathering": lambda _: signed("another"),
    "another sender": lambda gathering: signed(gathering, sender="arec"),
    "another envelope": lambda gathering: signed(gathering, envelope=ENVELOPE + "A"),
    "a proposal's": lambda gathering: sign_receipt(CRIEC, gathering, ENVELOPE, utcnow()),
}


@pytest.mark.parametrize("receipt", BAD_RECEIPTS.values(), ids=BAD_RECEIPTS)
def test_a_receipt_that_does_not_hold_deletes_nothing(pair: tuple[Database, str], receipt: Callable[[str], str]):
    database, gathering = pair
    put(database, gathering), take(database, gathering)

    with refused(database, "invalid-signature"):
        acknowledge(database, gathering, receipt=receipt(gathering))
    assert take(database, gathering) == ENVELOPE


def test_a_receipt_of_an_organisation_without_keys_deletes_nothing(pair: tuple[Database, str]):
    database, gathering = pair
    put(database, gathering, "criec", "eriec"), take(database, gathering, "eriec", "criec")

    with refused(database, "key-chain-broken"):
        acknowledge(database, gathering, "eriec", "criec")


@pytest.mark.parametrize("steps", [(), (put,), (put, take)])
def test_what_nobody_fetched_in_time_is_deleted_and_cannot_go_on(pair: tuple[Database, str], steps):
    database, gathering = pair
    for step in steps:
        step(database, gathering)
    later = utcnow() + timedelta(days=14)

    assert database.run(lambda session: gathering_envelopes.expire_due(session, utcnow())) == 0
    assert database.run(lambda session: gathering_envelopes.expire_due(session, later)) == 2
    assert set(ways(database).values()) == {"failed"}
    assert [kind for kind, _, _ in told(database, "eriec")][-2:] == ["introduction.failed"] * 2
    for step in (put, take, acknowledge):
        with refused(database, "envelope-not-due"):
            step(database, gathering)


@pytest.mark.parametrize("steps", [(), (put,), (put, take)])
@pytest.mark.parametrize("who", ["eriec", "criec"])
def test_whoever_ends_it_or_withdraws_a_person_cancels_what_was_not_opened(pair: tuple[Database, str], steps, who: str):
    database, gathering = pair
    for step in steps:
        step(database, gathering)

    withdraw(database, who, f"{who}-0001")

    assert set(ways(database).values()) == {"cancelled"}
    with database.reading() as session:
        assert session.scalars(select(GatheringIntroduction.envelope)).all() == [None, None]
    for step in (put, take, acknowledge):
        with refused(database, "envelope-not-due"):
            step(database, gathering)


def test_the_end_cancels_what_was_not_opened_and_leaves_what_was(pair: tuple[Database, str]):
    database, gathering = pair
    put(database, gathering), take(database, gathering), acknowledge(database, gathering)

    move(database, "criec", "end", gathering)

    assert ways(database) == {("eriec", "criec"): "acknowledged", ("criec", "eriec"): "cancelled"}


def test_of_a_circle_a_withdrawal_cancels_what_holds_the_contact_alone(network: Database):
    share_six(network)
    gathering = agreed(network, "circle", "criec")
    put(network, gathering), put(network, gathering, "criec", "eriec")

    withdraw(network, "eriec", "eriec-0000")

    assert ways(network) == {("eriec", "criec"): "cancelled", ("criec", "eriec"): "sealed"}
    for number in (1, 2):
        withdraw(network, "eriec", f"eriec-000{number}")
    assert ways(network)[("criec", "eriec")] == "cancelled"


def test_of_a_group_a_mentee_s_and_the_mentor_s_withdrawal_cancel_their_own(network: Database):
    share_group(network)
    agreed(network, "group", "criec", "arec")

    withdraw(network, "eriec", "eriec-0000")
    assert {way for way, state in ways(network).items() if state == "cancelled"} == {("eriec", "arec")}
    withdraw(network, "arec", "arec-mentor")
    assert set(ways(network).values()) == {"cancelled"}


def test_an_organisation_that_leaves_cancels_what_is_from_it_and_to_it(network: Database):
    share_group(network)
    gathering = agreed(network, "group", "criec", "arec")

    move(network, "criec", "leave", gathering)

    assert {way for way, state in ways(network).items() if state == "due"} == {("eriec", "arec"), ("arec", "eriec")}


def test_who_was_told_a_person_by_place_is_told_the_place_when_she_withdraws(pair: tuple[Database, str]):
    database, gathering = pair
    (place,) = (one.place for one in asked(database, gathering, "eriec").mine)

    withdraw(database, "eriec", "eriec-0001")

    with database.reading() as session:
        (notice,) = withdrawal_notices.listed(session, coordinator("criec"))
        event = session.scalars(select(OutboxMessage).where(OutboxMessage.type == "profile.withdrawn")).one()
    assert (notice.places, notice.proposals) == ((place,), ())
    assert (event.organisation_id, event.data) == ("criec", {"proposals": [], "places": [place]})


def test_a_withdrawal_of_a_mentor_s_own_mentee_cancels_nothing(network: Database):
    """She is introduced to nobody: her organisation is the mentor's."""
    share_group(network)
    gathering = agreed(network, "group", "criec", "arec")

    def join(session: Any) -> None:
        session.execute(
            update(GatheringMember)
            .where(GatheringMember.organisation_id == "eriec", GatheringMember.gathering_id == gathering)
            .values(organisation_id="arec")
        )
        session.execute(update(Profile).where(Profile.organisation_id == "eriec").values(organisation_id="arec"))

    network.run(join)
    withdraw(network, "arec", "eriec-0000")

    assert set(ways(network).values()) == {"due"}


def test_the_question_is_the_one_that_connectors_read(pair: tuple[Database, str]):
    database, gathering = pair
    with database.reading() as session:
        found = gathering_terms.question_of(session, session.get_one(Gathering, gathering))

    assert found == Question(gathering, "pair", {"criec": 1, "eriec": 1}, None, 2)
