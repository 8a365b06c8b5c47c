"""Who is expected: mentees who came in the last year, by occupation and province, and how scarce that makes mentors."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Final

import numpy as np
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from graph.hold_back import scarcity
from graph.people import IntArray, Pool
from hub.models import ArrivalCount
from hub.reach import Reach, widened
from hub.services import matching

Cell = tuple[str, str]
"""An occupation's first three digits, and a province."""
Arrivals = Mapping[Cell, int]
SMALLEST: Final = 5


def cell_of(noc: str, region: str) -> Cell:
    """Return where a person counts: mentees by the occupation they aim at."""
    return noc[:3], region.partition("-")[0]


def count_one(session: Session, noc: str, region: str, on: date) -> None:
    """Count a mentee who came on a day: one more in the month of the cell, whatever becomes of the person.

    Call it after the audit entry of the same change: its lock makes writers take turns, so two of them that count in
    several cells cannot wait for each other.
    """
    occupation, province = cell_of(noc, region)
    month = on.replace(day=1)
    here = (ArrivalCount.month == month, ArrivalCount.noc == occupation, ArrivalCount.province == province)
    one_more = update(ArrivalCount).where(*here).values(number=ArrivalCount.number + 1).returning(ArrivalCount.number)
    # The number is the network's: no organisation owns it, and none may change it but by sharing somebody.
    with widened(session, Reach.HUB):
        if session.scalar(one_more) is None:
            with suppress(IntegrityError), session.begin_nested():
                session.execute(insert(ArrivalCount).values(month=month, noc=occupation, province=province, number=0))
            session.scalars(one_more).one()


def of_a_year(session: Session, today: date) -> Arrivals | None:
    """Count the mentees of the last whole months by cell, who withdrew since included.

    Nothing while the hub knows no whole year of arrivals, and no cell with fewer than five: those never leave. Two queries.
    """
    until = today.replace(day=1)
    since = _months_before(until, matching.hold_back().counted_months)
    first = session.scalar(select(func.min(ArrivalCount.month)))
    if first is None or first >= since:
        return None
    number, cell = func.sum(ArrivalCount.number), (ArrivalCount.noc, ArrivalCount.province)
    counted = select(*cell, number).where(ArrivalCount.month >= since, ArrivalCount.month < until).group_by(*cell)
    rows = session.execute(counted.having(number >= SMALLEST))
    return {(noc, province): int(count) for noc, province, count in rows}


def _months_before(month: date, months: int) -> date:
    year, place = divmod(month.year * 12 + month.month - 1 - months, 12)
    return date(year, place + 1, 1)


def scarcity_of(pool: Pool, arrivals: Arrivals) -> IntArray:
    """Return for each mentor the percent of those expected in its cell who will find no seat there. O(mentors)."""
    settings = matching.hold_back()
    counted_days = settings.counted_months * 365 // 12
    seats: Counter[Cell] = Counter()
    cells = [cell_of(mentor.noc, mentor.region) for mentor in pool.mentors]
    for where, mentor in zip(cells, pool.mentors, strict=True):
        seats[where] += max(mentor.seats - mentor.taken, 0)
    known = {
        where: scarcity(arrivals.get(where, 0), free, ahead_days=settings.ahead_days, counted_days=counted_days)
        for where, free in seats.items()
    }
    return np.array([known[where] for where in cells], dtype=np.int64)
