"""Pairs that may be one person: each organisation says its word, nothing is ever merged.

The hub compares what it cannot read (hub.services.linkage), so it only ever says "possible"; people who know the person
decide. Matching keeps the two apart until somebody says that they are two people.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Organisation, PossibleDuplicate, Profile, utcnow
from hub.services import audit, outbox
from hub.services.actors import Actor

LIKELIHOODS: Final = ((200, "very_likely"), (100, "likely"), (0, "possible"))
"""Least weight, in tenths of a bit, of each word: exact weights would tell which fields agree."""
REFERENCE_BYTES: Final = 5
UNSPOKEN: Final = (PossibleDuplicate.a_side == "possible", PossibleDuplicate.b_side == "possible")
SAID: Final = {"confirm": "confirmed", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class DuplicateView:
    """A pair as one side sees it: its own pseudonym (both where both are its own), of the other the organisation only."""

    id: str
    reference: str
    my_pseudonyms: tuple[str, ...]
    organisation_id: str
    organisation_name: str
    likelihood: str
    state: str
    mine: str
    allowed: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


def listed(session: Session, actor: Actor) -> list[DuplicateView]:
    """Return the pairs the actor's organisation is a side of, newest first."""
    mine = or_(*_sides_of(actor))
    query = select(PossibleDuplicate).where(mine).order_by(PossibleDuplicate.created_at.desc(), PossibleDuplicate.id)
    rows = session.scalars(query).all()
    people = {person for row in rows for person in (row.a_id, row.b_id)}
    # Held until the views are made: the session remembers only what somebody holds, and would ask once a person.
    held = session.scalars(select(Profile).where(Profile.id.in_(people))).all()
    views = [_view(session, actor, row) for row in rows]
    del held
    return views


def confirm(session: Session, actor: Actor, duplicate_id: str) -> DuplicateView:
    """Say for the actor's side that the two are one person.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others; ``illegal-move`` when this side has said its word.
    """
    return _decide(session, actor, duplicate_id, "confirm")


def reject(session: Session, actor: Actor, duplicate_id: str) -> DuplicateView:
    """Say for the actor's side that the two are two people.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others; ``illegal-move`` when this side has said its word.
    """
    return _decide(session, actor, duplicate_id, "reject")


def raise_one(session: Session, actor: Actor, people: tuple[Profile, Profile], weight: int) -> None:
    """Note a pair nobody knew of, and tell both organisations.

    Raises
    ------
    IntegrityError
        Somebody noted the pair at this moment, or one of the two left.
    """
    one, other = sorted(people, key=lambda person: person.id)
    pair = PossibleDuplicate(
        a_id=one.id,
        b_id=other.id,
        a_organisation_id=one.organisation_id,
        b_organisation_id=other.organisation_id,
        reference=token_hex(REFERENCE_BYTES),
        weight=weight,
    )
    session.add(pair)
    session.flush()
    _tell(session, pair, "possible")
    audit.record(session, actor, "duplicate.find", f"duplicate:{pair.id}")


def drop(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Forget pairs and tell both sides that they are gone, not why; return how many."""
    gone = session.execute(
        delete(PossibleDuplicate)
        .where(*conditions)
        .returning(PossibleDuplicate.id, PossibleDuplicate.a_organisation_id, PossibleDuplicate.b_organisation_id)
    ).all()
    for duplicate_id, one, other in gone:
        outbox.owe(session, {one, other}, "duplicate.dropped", f"duplicate:{duplicate_id}", {})
    return len(gone)


def concerning(profile_ids: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a pair holds one of these people."""
    return or_(PossibleDuplicate.a_id.in_(profile_ids), PossibleDuplicate.b_id.in_(profile_ids))


def apart(session: Session) -> frozenset[tuple[str, str]]:
    """Return the pairs that matching keeps apart as one person, in both orders.

    A pair stands while nobody said that they are two, and where one side says so and the other not.
    """
    a_side, b_side = PossibleDuplicate.a_side, PossibleDuplicate.b_side
    unresolved = and_(a_side != "rejected", b_side != "rejected")
    stands = or_(unresolved, a_side == "confirmed", b_side == "confirmed")
    found = session.execute(select(PossibleDuplicate.a_id, PossibleDuplicate.b_id).where(stands)).all()
    return frozenset(pair for one, other in found for pair in ((one, other), (other, one)))


def _sides_of(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    own = actor.organisation
    return PossibleDuplicate.a_organisation_id == own, PossibleDuplicate.b_organisation_id == own


def _decide(session: Session, actor: Actor, duplicate_id: str, move: str) -> DuplicateView:
    """Write a side's word by one conditional update: of two at once exactly one is heard."""
    pair = session.get(PossibleDuplicate, duplicate_id)
    sides = _sides(actor, pair) if pair else ()
    if pair is None or not sides:
        raise Problem("not-found", "Check the duplicate's id in the list.")
    columns = [{"a": PossibleDuplicate.a_side, "b": PossibleDuplicate.b_side}[side] for side in sides]
    silent = (PossibleDuplicate.id == pair.id, *(column == "possible" for column in columns))
    words = {column.key: SAID[move] for column in columns}
    moved = session.scalars(
        update(PossibleDuplicate)
        .where(*silent)
        .values(**words, updated_at=utcnow())
        .returning(PossibleDuplicate.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if moved is None:
        raise Problem("illegal-move", "Your side has said its word on this pair: read the list again.")
    session.refresh(pair)
    _tell(session, pair, SAID[move])
    audit.record(session, actor, f"duplicate.{move}", f"duplicate:{pair.id}")
    return _view(session, actor, pair)


def _tell(session: Session, pair: PossibleDuplicate, event: str) -> None:
    parties = {pair.a_organisation_id, pair.b_organisation_id}
    outbox.owe(session, parties, f"duplicate.{event}", f"duplicate:{pair.id}", {"state": _state(pair)})


def _sides(actor: Actor, pair: PossibleDuplicate) -> tuple[str, ...]:
    """Return the actor's sides; both where both people are its own: its word counts for both."""
    owners = {"a": pair.a_organisation_id, "b": pair.b_organisation_id}
    return tuple(side for side, owner in owners.items() if owner == actor.organisation)


def _state(pair: PossibleDuplicate) -> str:
    """Return what the words together say; ``disputed`` when they differ."""
    words = {pair.a_side, pair.b_side}
    if {"confirmed", "rejected"} <= words:
        return "disputed"
    if "rejected" in words:
        return "rejected"
    return "confirmed" if words == {"confirmed"} else "possible"


def _view(session: Session, actor: Actor, pair: PossibleDuplicate) -> DuplicateView:
    sides = _sides(actor, pair)
    people, owners, words = (
        {"a": pair.a_id, "b": pair.b_id},
        {"a": pair.a_organisation_id, "b": pair.b_organisation_id},
        {"a": pair.a_side, "b": pair.b_side},
    )
    other = session.get_one(Organisation, owners["b" if sides == ("a",) else "a"])
    mine = words[sides[0]]
    return DuplicateView(
        id=pair.id,
        reference=pair.reference,
        my_pseudonyms=tuple(_pseudonyms(session, (people[side] for side in sides))),
        organisation_id=other.id,
        organisation_name=other.name,
        likelihood=next(word for least, word in LIKELIHOODS if pair.weight >= least),
        state=_state(pair),
        mine=mine,
        allowed=tuple(SAID) if mine == "possible" else (),
        created_at=pair.created_at,
        updated_at=pair.updated_at,
    )


def _pseudonyms(session: Session, people: Iterable[str]) -> list[str]:
    return sorted(session.get_one(Profile, person).pseudonym for person in people)
