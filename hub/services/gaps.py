"""Where people wait and mentors are missing, by minor group and province, as far as may be told."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from graph import network
from graph.network import Place
from hub.models import Profile
from hub.services.statistics import SMALLEST_TOLD, Telling


@dataclass(frozen=True, slots=True)
class GapView:
    """An occupation in a province where more people wait than there are seats, as far as may be told.

    Both are one's own, counted, and others' in fives; ``seats`` is None where that is nothing, ``waiting`` at least five.
    """

    noc: str
    region: str
    waiting: int
    seats: int | None


@dataclass(frozen=True, slots=True)
class Free:
    """People with free seats, and their seats."""

    people: int = 0
    seats: int = 0


def gaps(session: Session, mine: str | None, telling: Telling) -> tuple[GapView, ...]:
    """Return gaps by minor group and province, of at least five waiting: whether there is one is asked of what may be told."""
    waiting, free = _told(session, "mentee", mine, telling), _told(session, "mentor", mine, telling)
    found = network.gap_map(waiting, free)
    told = [gap for gap in found if gap.waiting >= SMALLEST_TOLD and gap.missing]
    return tuple(GapView(gap.noc, gap.region, gap.waiting, gap.seats or None) for gap in told)


def _told(session: Session, kind: str, mine: str | None, telling: Telling) -> dict[Place, int]:
    """Return the free seats of each minor group and province: one's own, and others' as may be told."""
    own, others = (
        _free(session, kind, Profile.organisation_id == mine),
        _free(session, kind, Profile.organisation_id != mine),
    )
    told = {place: _seats_told(found, telling, kind, *place) for place, found in others.items()}
    return {place: own.get(place, Free()).seats + told.get(place, 0) for place in own.keys() | told.keys()}


def _seats_told(found: Free, telling: Telling, *cell: str) -> int:
    """Return seats in fives where at least five people hold them: a mentor with ten seats is one person."""
    return (telling.told(found.seats, *cell) or 0) if found.people >= SMALLEST_TOLD else 0


def _free(session: Session, kind: str, whose: ColumnElement[bool]) -> dict[Place, Free]:
    # The occupation aimed at, where a mentee named one; grouped in Python, because a province is the region's first part.
    aimed = func.coalesce(Profile.target_noc, Profile.noc)
    query = select(aimed, Profile.region, Profile.seats - Profile.taken).where(
        Profile.kind == kind, Profile.taken < Profile.seats, whose
    )
    counts: defaultdict[Place, Free] = defaultdict(Free)
    for noc, region, seats in session.execute(query):
        place = noc[:3], region.partition("-")[0]
        counts[place] = Free(counts[place].people + 1, counts[place].seats + seats)
    return dict(counts)
