"""Search the shared pool: cell cards, never rows.

Classes are computed anew for each search from the pool the viewer may see. Weekly epochs, which also hold against someone who
compares answers over time, come with the disclosure ladder; until then a patient member can learn from changes between two
searches.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.disclosure import CellClass, covers, publish, size_bucket
from hub.models import ConsentReceipt, Profile, utcnow
from hub.services.actors import Actor
from hub.services.organisations import sharing_with


@dataclass(frozen=True, slots=True)
class PoolCriteria:
    """What a coordinator looks for; nothing: everything. A language is matched, never shown."""

    noc: str | None = None
    region: str | None = None
    language: str | None = None
    kind: str = "mentor"


@dataclass(frozen=True, slots=True)
class CellCard:
    """A class of at least k people: codes shown, size as a bucket, and whether any of them is free."""

    noc: str
    region: str
    years_band: str
    size: str
    available: bool


@dataclass(frozen=True, slots=True)
class PoolAnswer:
    """Cards that fit; ``matchable`` is the size bucket of the whole visible pool, ``withheld``: some are not shown."""

    cells: tuple[CellCard, ...]
    matchable: str
    withheld: bool


def search(session: Session, actor: Actor, criteria: PoolCriteria, k: int) -> PoolAnswer:
    """Return the classes that fit, from the pools shared with the actor's organisation.

    Classes are formed over the whole pool first and asked afterwards: an answer is a union of whole classes, so no question
    can cut a class into smaller pieces. O(people).
    """
    people = _visible(session, actor, criteria.kind)
    records = [{"noc": one.noc, "region": one.region, "years_band": one.years_band} for one in people]
    epoch = publish(records, [one.organisation_id for one in people], k)
    fitting = [cell for cell in epoch.classes if _fits(cell, people, criteria)]
    return PoolAnswer(
        cells=tuple(_card(cell, people) for cell in fitting),
        matchable=size_bucket(len(people)) if len(people) >= k else "0-4",
        withheld=bool(epoch.withheld),
    )


def _visible(session: Session, actor: Actor, kind: str) -> list[Profile]:
    today = utcnow().date()
    members = sharing_with(session, actor.organisation, today)
    query = (
        select(Profile)
        .join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
        .where(Profile.kind == kind, Profile.organisation_id.in_(members), ConsentReceipt.until >= today)
    )
    return list(session.scalars(query.order_by(Profile.id)))


def _fits(cell: CellClass, people: list[Profile], criteria: PoolCriteria) -> bool:
    """Whether a class answers the question: by its shown codes; a language must be spoken by at least half of it.

    Half, not one: "someone here speaks it" would let a rare language point at one person.
    """
    if criteria.noc and not covers(cell.shown["noc"], criteria.noc):
        return False
    if criteria.region and not covers(cell.shown["region"], criteria.region):
        return False
    if criteria.language is None:
        return True
    speaking = sum(criteria.language in people[position].languages for position in cell.members)
    return 2 * speaking >= len(cell.members)


def _card(cell: CellClass, people: list[Profile]) -> CellCard:
    free = any(people[position].taken < people[position].seats for position in cell.members)
    return CellCard(
        cell.shown["noc"], cell.shown["region"], cell.shown["years_band"], size_bucket(len(cell.members)), free
    )
