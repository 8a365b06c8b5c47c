"""Who is expected: mentees who came in the last year, by occupation and province, and how scarce that makes mentors."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from graph.hold_back import scarcity
from graph.people import IntArray, Pool
from hub.models import Profile
from hub.services import matching

Cell = tuple[str, str]
"""An occupation's first three digits, and a province."""
Arrivals = Mapping[Cell, int]


def cell_of(noc: str, region: str) -> Cell:
    """Return where a person counts: mentees by the occupation they aim at."""
    return noc[:3], region.partition("-")[0]


def of_a_year(session: Session, today: date) -> Arrivals | None:
    """Count the mentees of the last year by cell; nothing while the hub knows no whole year of arrivals.

    Who withdrew since is counted no more: nothing is kept of them. Two queries.
    """
    since = datetime.combine(today - timedelta(days=matching.hold_back().counted_days), time(), UTC)
    mentees = Profile.kind == "mentee"
    first = session.scalar(select(func.min(Profile.created_at)).where(mentees))
    if first is None or first > since:
        return None
    aim = func.coalesce(Profile.target_noc, Profile.noc)
    rows = session.execute(
        select(aim, Profile.region, func.count())
        .where(mentees, Profile.created_at > since)
        .group_by(aim, Profile.region)
    )
    found: Counter[Cell] = Counter()
    for noc, region, count in rows:
        found[cell_of(noc, region)] += count
    return found


def scarcity_of(pool: Pool, arrivals: Arrivals) -> IntArray:
    """Return for each mentor the percent of those expected in its cell who will find no seat there. O(mentors)."""
    settings = matching.hold_back()
    seats: Counter[Cell] = Counter()
    cells = [cell_of(mentor.noc, mentor.region) for mentor in pool.mentors]
    for where, mentor in zip(cells, pool.mentors, strict=True):
        seats[where] += max(mentor.seats - mentor.taken, 0)
    known = {
        where: scarcity(
            arrivals.get(where, 0), free, ahead_days=settings.ahead_days, counted_days=settings.counted_days
        )
        for where, free in seats.items()
    }
    return np.array([known[where] for where in cells], dtype=np.int64)
