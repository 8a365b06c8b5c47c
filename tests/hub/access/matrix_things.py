"""What can be named in the matrix: things in every state, by who stands how to them; and the ids a member must never meet."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import not_, or_, select
from sqlalchemy.orm import Session

from federation.key_chains import issue_statement
from federation.keys import generate_keys
from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import (
    AccessToken,
    Agreement,
    Client,
    Coordinator,
    Gathering,
    GatheringParty,
    Partnership,
    Passkey,
    PossibleDuplicate,
    Profile,
    Proposal,
    Recommendation,
    Referral,
    RoundWish,
    WithdrawalNotice,
    utcnow,
)
from hub.services import (
    colleagues,
    duplicates,
    gathering_envelopes,
    introductions,
    invitations,
    pool,
    profiles,
    proposals,
    recommendations,
    referrals,
    repairs,
    round_wishes,
    rounds,
    sharing,
)
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.settings import Settings
from tests.hub.access.matrix import LETTERS, PEOPLE
from tests.hub.gathered import handles as suggested
from tests.hub.gathered import propose
from tests.hub.pages.world import furnish
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, today

MEMBERS: Final = ("eriec", "arec", "criec", "bvlc")
EXTRA: Final = "eriec-extra"
THEIRS: Final = "criec-extra"
GONE: Final = "eriec-mentee-1"
FOREIGN: Final = "criec-mentee-0"
ABSENT: Final = "absent-one"
ENVELOPE: Final = "aaaa.bbbb.cccc.dddddddd.eeee"
Named = dict[str, str]
"""What a request names: ``id`` in its address, the rest in its body."""


def username(organisation: str, role: str) -> str:
    return "operator" if role == "operator" else f"{organisation}-{role}"


def accounts(database: Database) -> list[str]:
    """One account for each role of each member, and an operator; with one passkey each. Nobody signs in by password."""
    names = {username(member, LETTERS[letter]): (member, LETTERS[letter]) for member in MEMBERS for letter in PEOPLE}
    with database.transaction() as session:
        for name, (member, role) in names.items():
            organisation = None if role == "operator" else member
            session.add(
                Coordinator(
                    id=f"id-{name}", organisation_id=organisation, username=name, role=role, confirmed_at=utcnow()
                )
            )
            session.flush()
            session.add(
                Passkey(id=f"passkey-{name}", coordinator_id=f"id-{name}", credential_id=f"c-{name}", public_key="x")
            )
    return list(names)


def furnish_everything(database: Database, settings: Settings) -> dict[str, dict[str, tuple[str, Named]]]:
    """Put things in every state, on the furniture of the pages; return them by kind and relation."""
    world = furnish(database)
    share(database, "eriec", EXTRA, mentee())
    share(database, "criec", THEIRS, mentee())
    run, eriec, arec, criec = database.run, coordinator("eriec"), coordinator("arec"), coordinator("criec")
    asked = run(
        lambda s: {one.my_pseudonyms["mentee"]: one.id for one in proposals.inbox(s, eriec) if one.mine == "mentee"}
    )
    theirs = run(lambda s: [one.id for one in proposals.inbox(s, criec)])

    def agree(proposal: str, *actors: Any) -> None:
        for actor in actors:
            run(lambda s, who=actor: proposals.accept(s, who, proposal))

    sealed, delivered = asked["eriec-mentee-4"], asked["eriec-mentee-5"]
    agree(sealed, eriec, arec)
    agree(delivered, eriec, arec)
    for one in (sealed, delivered):
        run(lambda s, which=one: introductions.put_envelope(s, eriec, which, ENVELOPE))
    run(lambda s: introductions.take_envelope(s, arec, delivered))
    group = world.gatherings["agreed"]
    run(lambda s: gathering_envelopes.put_envelope(s, arec, group, "eriec", ENVELOPE))
    run(lambda s: gathering_envelopes.take_envelope(s, eriec, group, "arec"))
    agree(theirs[0], criec, arec)
    agree(world.answered, eriec)
    with database.reading() as session:
        found = duplicates.listed(session, eriec)
    (undecided,), (dropped,) = (
        [one.id for one in found if one.my_pseudonyms == (name,)] for name in ("eriec-mentee-0", GONE)
    )
    elsewhere = run(lambda s: _suspect(s))
    run(lambda s: profiles.withdraw(s, eriec, GONE))
    with database.reading() as session:
        told = select(WithdrawalNotice.told_id, WithdrawalNotice.id).where(WithdrawalNotice.owner_id == "eriec")
        notices = {organisation: identifier for organisation, identifier in session.execute(told)}  # noqa: C416
    ended = run(lambda s: referrals.send(s, eriec, "eriec-mentee-2", "course")).id
    run(lambda s: referrals.record(s, eriec, ended, "withdrawn"))
    elsewhere_sent = run(lambda s: referrals.send(s, criec, FOREIGN, "course")).id
    handles = {
        who.organisation: _handles(database, settings, who, name) for who, name in ((eriec, EXTRA), (criec, THEIRS))
    }
    wish = run(lambda s: round_wishes.listed(s, eriec, world.fresh))[0].id
    run(lambda s: round_wishes.wish(s, criec, THEIRS, handles["criec"][-1], "forbid"))
    with database.reading() as session:
        foreign_wish = session.scalars(select(RoundWish.id).where(RoundWish.organisation_id == "criec")).one()
    run(lambda s: pool.search(s, eriec, pool.PoolCriteria(), 5))
    # Whoever was matched to whom in this world: there are free seats for the mentees without a question.
    share(database, "arec", "arec-newcomer", mentor(seats=20))
    newcomer, digits = _newcomer(database, settings)
    unpublished, repair = _draft(database), {"id": world.round, "kind": "no_move"}
    statements = {name: issue_statement(generate_keys(name), [], utcnow()) for name in ("eriec", "arec")}

    alone = _without_eriec(database)
    pairs = _partnerships(database)
    agreements = _agreements(database, eriec)

    def thing(**relations: tuple[str, str]) -> dict[str, tuple[str, Named]]:
        return {relation: (who, {"id": identifier}) for relation, (who, identifier) in relations.items()}

    absent = ("eriec", ABSENT)
    mine, others = handles["eriec"][0], handles["criec"][0]
    return {
        "": {"own": ("eriec", {})},
        "person": thing(own=("eriec", world.fresh), gone=("eriec", GONE), other=("eriec", FOREIGN), absent=absent),
        "proposal": thing(
            own=("eriec", world.open),
            counterpart=("arec", world.open),
            gone=("eriec", world.declined),
            other=("eriec", theirs[1]),
            absent=absent,
        ),
        # The one that is gone ended with a withdrawal.
        "partnership": thing(
            own=("eriec", pairs[sealed]),
            counterpart=("arec", pairs[sealed]),
            gone=("eriec", pairs[world.answered]),
            other=("eriec", pairs[theirs[0]]),
            absent=absent,
        ),
        "gathering": _gathering(world.gatherings["asked"], "criec", world.gatherings["declined"], alone),
        "asked gathering": _gathering(world.gatherings["proposed"], "criec", world.gatherings["declined"], alone),
        "agreed gathering": _gathering(world.gatherings["agreed"], "arec", world.gatherings["declined"], alone),
        "due there": _between(group, world.gatherings["declined"], alone),
        "delivered there": _between(group, world.gatherings["declined"], alone),
        "suggestion": {
            "own": ("eriec", {"kind": "pair", "handle": str(suggested(database, "eriec", "pair")[0])}),
            "other": ("eriec", {"kind": "pair", "handle": str(suggested(database, "criec", "pair")[0])}),
            "mixed": ("eriec", {"kind": "circle", "handle": str(suggested(database, "eriec", "pair")[0])}),
            "absent": ("eriec", {"kind": "pair", "handle": "a" * 64}),
        },
        "due": thing(
            own=("eriec", world.agreed),
            counterpart=("arec", world.agreed),
            gone=("eriec", world.answered),
            other=("eriec", theirs[0]),
            absent=absent,
        ),
        "sealed": _opened_by_arec(sealed, world.answered),
        "delivered": _opened_by_arec(delivered, world.answered),
        "notice": thing(
            own=("arec", notices["arec"]),
            counterpart=("eriec", notices["arec"]),
            other=("arec", notices["criec"]),
            absent=("arec", ABSENT),
        ),
        "duplicate": thing(
            own=("eriec", undecided),
            counterpart=("criec", undecided),
            gone=("eriec", dropped),
            other=("eriec", elsewhere),
            absent=absent,
        ),
        "referral": thing(
            own=("eriec", world.referral),
            counterpart=("bvlc", world.referral),
            gone=("eriec", ended),
            other=("eriec", elsewhere_sent),
            absent=absent,
        ),
        "round": thing(own=("eriec", world.round), gone=("eriec", unpublished), absent=absent),
        "repair": {
            "own": ("eriec", repair | {"picture": _picture(database, eriec, world.round)}),
            "mixed": ("eriec", repair | {"picture": _picture(database, criec, world.round)}),
            "gone": ("eriec", repair | {"id": unpublished, "picture": "0" * 64}),
            "absent": ("eriec", repair | {"id": ABSENT, "picture": "0" * 64}),
        },
        "days": {"own": ("eriec", {"local_first_days": "7"})},
        "agreement": thing(
            own=("eriec", agreements["arec", "eriec"]),
            counterpart=("arec", agreements["arec", "eriec"]),
            gone=("eriec", agreements["eriec", "bvlc"]),
            other=("eriec", agreements["criec", "bvlc"]),
            absent=absent,
        ),
        "program": thing(own=("eriec", "course"), absent=absent),
        "organisation": thing(own=("eriec", "eriec"), other=("eriec", "arec"), absent=absent),
        "pair": {
            "own": ("eriec", {"id": EXTRA, "handle": mine}),
            "other": ("eriec", {"id": THEIRS, "handle": others}),
            "mixed": ("eriec", {"id": EXTRA, "handle": others}),
            "absent": ("eriec", {"id": ABSENT, "handle": "a" * 43}),
        },
        "wish": {
            "own": ("eriec", {"id": world.fresh, "wish": wish}),
            "other": ("eriec", {"id": THEIRS, "wish": foreign_wish}),
            "absent": ("eriec", {"id": ABSENT, "wish": "absent-wish"}),
        },
        "wished": thing(own=("eriec", wish), other=("eriec", foreign_wish), absent=absent),
        "statement": {
            relation: ("eriec", {"statement": statements[name]})
            for relation, name in (("own", "eriec"), ("other", "arec"))
        },
        "colleague": {
            relation: ("eriec", {"id": identifier, "digits": digits, "role": "auditor"})
            for relation, identifier in (("own", newcomer), ("other", "id-criec-coordinator"), ("absent", ABSENT))
        },
        "newcomer": {
            "own": (
                "eriec",
                {"username": "leila", "organisation": "eriec", "role": "organisation_admin", "locale": "en"},
            )
        },
        "passkey": thing(
            own=("eriec", "passkey-{account}"), other=("eriec", "passkey-criec-coordinator"), absent=absent
        ),
    }


def _agreements(database: Database, eriec: Any) -> dict[tuple[str, str], str]:
    """Every agreement by who shares with whom; ERIEC ended the one by which it shared with BVLC."""
    with database.reading() as session:
        found = {(one.sharing_id, one.receiving_id): one.id for one in session.scalars(select(Agreement))}
    database.run(lambda session: sharing.withdraw(session, eriec, found["eriec", "bvlc"], today()))
    return found


def _partnerships(database: Database) -> dict[str, str]:
    """Every partnership by its proposal."""
    with database.reading() as session:
        return {one.proposal_id: one.id for one in session.scalars(select(Partnership))}


def _gathering(own: str, counterpart: str, gone: str, other: str) -> dict[str, tuple[str, Named]]:
    """A gathering of ERIEC's and somebody's; one that ended, and one ERIEC has nobody in."""
    named = {"own": ("eriec", own), "counterpart": (counterpart, own), "gone": ("eriec", gone)}
    named |= {"other": ("eriec", other), "absent": ("eriec", ABSENT)}
    return {relation: (who, {"id": one}) for relation, (who, one) in named.items()}


def _between(group: str, gone: str, other: str) -> dict[str, tuple[str, Named]]:
    """An introduction of a group between ERIEC and AREC; named by the one at its other end."""
    named = _gathering(group, "arec", gone, other)
    return {relation: (who, one | {"organisation": "arec"}) for relation, (who, one) in named.items()}


def _without_eriec(database: Database) -> str:
    """A pair of CRIEC's own two people, who share a language that nobody else speaks."""
    wanted: Named = {"documents": "complete", "commitment": "confirmed"}
    for number, years in enumerate(("3-5", "6-10")):
        person = mentee(formats=["peer"], languages=["fil"], years_band=years, readiness=wanted, needs=["resume"])
        share(database, "criec", f"criec-fil-{number}", person)
    found = propose(database, "criec", "pair")
    assert [one.pseudonym for one in found.mine] == ["criec-fil-0", "criec-fil-1"]
    return found.id


def _newcomer(database: Database, settings: Settings) -> tuple[str, str]:
    """Somebody of ERIEC who took an invitation up and waits for the digits to be heard."""
    olga = Actor("id-operator", "operator")
    made = database.run(lambda s: colleagues.invite(s, olga, "eriec", "newcomer", "organisation_admin", "en"))
    taken = database.run(lambda s: invitations.take_up(s, hashed(made.secret), "app"))
    assert taken is not None
    with database.reading() as session:
        digits = invitations.digits(session, taken.name, settings)
    assert digits is not None
    return taken.name, digits


def _opened_by_arec(carried: str, cancelled: str) -> dict[str, tuple[str, Named]]:
    """An introduction from ERIEC to AREC, of which BVLC is no side."""
    named = {"own": ("arec", carried), "counterpart": ("eriec", carried), "gone": ("arec", cancelled)}
    return {relation: (who, {"id": one}) for relation, (who, one) in named.items()} | {
        "other": ("bvlc", {"id": carried}),
        "absent": ("bvlc", {"id": ABSENT}),
    }


def _draft(database: Database) -> str:
    """A round that nobody published."""
    with database.reading() as session:
        solved = rounds.solve(session, RoundPolicy(), today())
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14)).id


def _picture(database: Database, actor: Any, round_id: str) -> str:
    """What a member sees of the repair with free seats alone."""
    with database.reading() as session:
        offer = repairs.look(session, actor, round_id, today()).offers[0]
    assert offer.asked
    return offer.picture(round_id)


def _suspect(session: Session) -> str:
    """Two people of others may be one."""
    pair = [
        session.scalars(select(Profile).where(Profile.pseudonym == name)).one()
        for name in ("criec-mentee-4", "arec-mentor-4")
    ]
    duplicates.raise_one(session, TESTS, (pair[0], pair[1]), 250)
    one, other = sorted(person.id for person in pair)
    return session.scalars(
        select(PossibleDuplicate.id).where(PossibleDuplicate.a_id == one, PossibleDuplicate.b_id == other)
    ).one()


def _handles(database: Database, settings: Settings, actor: Any, pseudonym: str) -> list[str]:
    shown = database.run(lambda session: recommendations.for_mentee(session, actor, pseudonym, settings))
    return [one.handle for one in shown.recommendations]


def foreign_ids(session: Session, name: str) -> Iterator[str]:
    """Every id that a member must never meet in an answer; for nobody and the operator, all of them."""
    people = Profile.organisation_id != name
    yield from session.scalars(select(Profile.pseudonym).where(people))
    yield from session.scalars(select(Profile.id).where(people))
    for table, owner in (
        (Recommendation.handle, Recommendation.organisation_id),
        (RoundWish.id, RoundWish.organisation_id),
    ):
        yield from session.scalars(select(table).where(owner != name))
    yield from session.scalars(select(Client.id).where(Client.organisation_id != name))
    yield from session.scalars(select(AccessToken.token_hash))
    # An operator keeps the accounts of administrators, and knows of no other.
    known = Coordinator.organisation_id == name if name else Coordinator.role == "organisation_admin"
    yield from session.scalars(select(Coordinator.id).where(or_(Coordinator.organisation_id.is_(None), not_(known))))
    mine = select(GatheringParty.gathering_id).where(GatheringParty.organisation_id == name)
    yield from session.scalars(select(Gathering.id).where(Gathering.id.not_in(mine)))
    parties = select(Proposal.id).where(
        or_(Proposal.mentee_organisation_id == name, Proposal.mentor_organisation_id == name)
    )
    yield from session.scalars(select(Partnership.id).where(Partnership.proposal_id.not_in(parties)))
    for one, left, right in (
        (Proposal.id, Proposal.mentee_organisation_id, Proposal.mentor_organisation_id),
        (Referral.id, Referral.sender_id, Referral.receiver_id),
        (Agreement.id, Agreement.sharing_id, Agreement.receiving_id),
        (WithdrawalNotice.id, WithdrawalNotice.owner_id, WithdrawalNotice.told_id),
        (PossibleDuplicate.id, PossibleDuplicate.a_organisation_id, PossibleDuplicate.b_organisation_id),
    ):
        yield from session.scalars(select(one).where(left != name, right != name))
