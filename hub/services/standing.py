"""Mentors kept between questions: a question reads the mentors that changed since the last one, and no others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from federation.vocabularies import load as load_vocabularies
from graph.people import Bits, Columns, Mentee, Mentor, Pool
from hub.services import matching

Stamp = str
"""All that can change about a mentor: equal stamps of one id are the same mentor."""
ReadMentors = Callable[[Sequence[str]], Iterable[Mentor]]
SETS: Final = ("languages", "formats", "modes", "slots", "interests", "working_styles", "goals")


@dataclass(frozen=True)
class _Kept:
    """Mentors as columns beside a frame, with the stamp under which each was read."""

    stamps: Mapping[str, Stamp]
    pool: Pool


class StandingMentors:
    """The mentors of one database, followed by one process.

    A mentor costs at most four kilobytes. What is kept is never written to: a question gets columns that stay as they are.
    """

    def __init__(self) -> None:
        """Know nobody yet."""
        self._lock = Lock()
        self._kept: _Kept | None = None

    def pool(
        self, mentee: Mentee, organisations: tuple[str, ...], stamps: Mapping[str, Stamp], read: ReadMentors
    ) -> Pool:
        """Return a pool of one mentee and of the mentors named by the stamps, in order of ids.

        Parameters
        ----------
        organisations
            Every member's id: numbers stay the same from one question to the next.
        stamps
            Of every mentor there is now, by id.
        read
            Returns mentors by id as they are now: called with those that are new or changed.

        Notes
        -----
        O(mentors) comparisons and copies of columns; values are made only for who changed. Whatever the frame does not hold
        (a code of another edition) makes a pool built anew, so that the answer is never another one.
        """
        frame = _frame(tuple(sorted({*organisations, mentee.organisation})))
        with self._lock:
            self._kept = kept = _followed(self._kept, frame, stamps, read)
        asking = Pool.build([], [mentee, *frame], matching.knowledge())
        if not _alike(asking, kept.pool):
            return Pool.build(kept.pool.mentors, [mentee], matching.knowledge())
        row = next(row for row, one in enumerate(asking.mentees) if one.id == mentee.id)
        return replace(kept.pool, mentees=(mentee,), mentee=asking.mentee.rows(np.array([row])))


_OF_DATABASE: Final[WeakKeyDictionary[Engine, dict[str, StandingMentors]]] = WeakKeyDictionary()
_FIRST = Lock()


def of(engine: Engine, program: str) -> StandingMentors:
    """Return what this process keeps of a database for a program."""
    with _FIRST:
        return _OF_DATABASE.setdefault(engine, {}).setdefault(program, StandingMentors())


def _followed(kept: _Kept | None, frame: tuple[Mentee, ...], stamps: Mapping[str, Stamp], read: ReadMentors) -> _Kept:
    """Return what is kept after arrivals, changes and withdrawals."""
    known = kept.stamps if kept else {}
    new = [number for number, stamp in stamps.items() if known.get(number) != stamp]
    if kept and not new and len(known) == len(stamps) and kept.pool.mentees == frame:
        return kept
    fresh = Pool.build(read(new) if new else (), frame, matching.knowledge())
    changed = {*new}
    standing = (
        [row for row, one in enumerate(kept.pool.mentors) if one.id in stamps and one.id not in changed] if kept else []
    )
    if kept and _alike(fresh, kept.pool):
        pool = _joined(kept.pool, np.array(standing, dtype=np.int64), fresh)
    else:
        mentors = [kept.pool.mentors[row] for row in standing] if kept else []
        pool = Pool.build([*mentors, *fresh.mentors], frame, matching.knowledge())
    # Who was withdrawn between the two readings has a stamp and no row: asked for again next time.
    return _Kept({one.id: stamps[one.id] for one in pool.mentors}, pool)


def _alike(one: Pool, other: Pool) -> bool:
    """Whether numbers and bits mean the same in two pools."""
    same = one.organisations == other.organisations and one.countries == other.countries
    return same and all(
        getattr(one.mentor, field.name).codes == getattr(other.mentor, field.name).codes
        for field in fields(Columns)
        if isinstance(getattr(one.mentor, field.name), Bits)
    )


def _joined(kept: Pool, standing: NDArray[np.int64], fresh: Pool) -> Pool:
    """Return some mentors of one pool with all of another, in order of ids."""
    mentors = [kept.mentors[row] for row in standing] + list(fresh.mentors)
    order = sorted(range(len(mentors)), key=lambda row: mentors[row].id)
    first = kept.mentor.rows(standing)
    columns: dict[str, Any] = {
        field.name: _stacked(getattr(first, field.name), getattr(fresh.mentor, field.name)) for field in fields(Columns)
    }
    ordered = tuple(mentors[row] for row in order)
    ids = np.array([one.id for one in ordered], dtype=np.str_)
    rows = np.array(order, dtype=np.int64)
    return replace(kept, mentors=ordered, mentor=Columns(**columns).rows(rows), mentor_ids=ids)


def _stacked(one: Any, other: Any) -> Any:
    """Return a column of one pool followed by the same column of another, whose bits mean the same."""
    if isinstance(one, Bits):
        return Bits(one.codes, np.concatenate((one.words, other.words)))
    return np.concatenate((one, other))


@lru_cache(maxsize=8)
def _frame(organisations: tuple[str, ...]) -> tuple[Mentee, ...]:
    """Return mentees that together state every code: numbers and bits then mean the same in every pool beside them."""
    vocabularies = load_vocabularies()
    countries = sorted(vocabularies.countries)
    everything = {name: frozenset(vocabularies.codes("topics" if name == "goals" else name)) for name in SETS}
    common: dict[str, Any] = {
        "noc": next(iter(vocabularies.occupations)),
        "region": next(iter(vocabularies.places)),
        "years_band": "0-2",
        "needs": frozenset(vocabularies.codes("topics")),
        **everything,
    }
    return tuple(
        Mentee(
            # A space comes before all that an id begins with, and no id begins with it.
            id=f" {number:04}",
            organisation=organisations[number % len(organisations)],
            origin=countries[number % len(countries)],
            **(common if number == 0 else common | {name: frozenset() for name in (*SETS, "needs")}),
        )
        for number in range(max(len(organisations), len(countries)))
    )
