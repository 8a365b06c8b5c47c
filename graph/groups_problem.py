"""What groups are asked: who may be mentored by whom, what a group must share to meet, and the policy of sizes and floor."""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.round_problem import MOST_POINTS
from graph.whole_numbers import LARGEST, locked, same_length, whole, whole_number

Table = NDArray[np.bool_]
"""People × codes: who speaks which language, who is free in which slot."""
Objective = Literal["total_fit", "more_mentees"]
SMALLEST: Final = 5
GREATEST: Final = 6


@dataclass(frozen=True, eq=False)
class GroupProblem:
    """Mentees and mentors of one pool, numbered from 0, and what a group of them needs in common.

    Parameters
    ----------
    mentee, mentor, points
        One entry per eligible pair: two numbers and the fit, whole points from 1 to 100.
    mentee_languages, mentor_languages
        People × languages, True where a person speaks the language. A group shares one.
    mentee_slots, mentor_slots
        People × weekly slots, True where a person is free. A group shares one.
    mentee_profession, mentor_profession
        A number per person, from 0: a group has one profession, the mentor's. All 0: professions do not matter.
    seats
        The most mentees each mentor takes in a group. None: as many as the policy has.

    Raises
    ------
    ValueError
        Naming the first offender: a number out of range or not whole, columns of different lengths, a pair given twice.

    Examples
    --------
    >>> one = [[True]]
    >>> GroupProblem([0], [0], [70], one, one, one, one, [3], [3]).mentees
    1
    """

    mentee: IntArray
    mentor: IntArray
    points: IntArray
    mentee_languages: Table
    mentor_languages: Table
    mentee_slots: Table
    mentor_slots: Table
    mentee_profession: IntArray
    mentor_profession: IntArray
    seats: IntArray | None = None

    def __post_init__(self) -> None:
        """Check every column and table, copy it and lock it."""
        for name in ("mentee_profession", "mentor_profession"):
            self._keep(name, whole(name, getattr(self, name), 0, LARGEST))
        for shared in ("languages", "slots"):
            self._check_tables(f"mentee_{shared}", f"mentor_{shared}")
        if self.seats is not None:
            self._keep("seats", whole("seats", self.seats, 0, LARGEST))
            same_length("seats", self.seats, "mentor_profession", self.mentor_profession)
        self._keep("mentee", whole("mentee", self.mentee, 0, self.mentees - 1))
        self._keep("mentor", whole("mentor", self.mentor, 0, self.mentors - 1))
        self._keep("points", whole("points", self.points, 1, MOST_POINTS))
        same_length("mentor", self.mentor, "mentee", self.mentee)
        same_length("points", self.points, "mentee", self.mentee)
        self._sort_pairs()

    def _keep(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check_tables(self, ours: str, theirs: str) -> None:
        for name, people in ((ours, self.mentees), (theirs, self.mentors)):
            self._keep(name, _table(name, getattr(self, name), people))
        one, other = getattr(self, ours), getattr(self, theirs)
        if one.size and other.size and one.shape[1] != other.shape[1]:
            raise ValueError(f"{theirs} has {other.shape[1]} columns, {ours} has {one.shape[1]}: they must be as many")

    def _sort_pairs(self) -> None:
        """Put the pairs in one order, so that the order given changes nothing."""
        key = self.mentee * max(self.mentors, 1) + self.mentor
        order = np.argsort(key, kind="stable")
        repeated = order[1:][key[order][1:] == key[order][:-1]]
        if repeated.size:
            pair = int(repeated.min())
            raise ValueError(f"pair {pair} (mentee {self.mentee[pair]}, mentor {self.mentor[pair]}) was given before")
        for name in ("mentee", "mentor", "points"):
            self._keep(name, locked(getattr(self, name)[order]))

    @property
    def mentees(self) -> int:
        """How many mentees there are, those without any eligible pair included."""
        return int(self.mentee_profession.size)

    @property
    def mentors(self) -> int:
        """How many mentors there are."""
        return int(self.mentor_profession.size)


@dataclass(frozen=True)
class GroupPolicy:
    """What the network wants of groups.

    Parameters
    ----------
    objective
        ``total_fit``: most points. ``more_mentees``: every place counts 100 points besides its fit, as much as the best
        fit there is; so fewer mentees are placed only where those placed gain more than that.
    smallest, greatest
        The sizes a group may have.
    floor
        The least fit of every single member with the mentor, 1 to 100 points.
    gap_permille
        How far below the bound an answer may stay, in thousandths of its value. 0: search on for the best there is.
    searches
        How many nodes each search may visit before it answers with its best and the bound: a count, not a time, so that
        every machine gives the same answer.

    Raises
    ------
    ValueError
        An unknown objective, or numbers that are not whole or out of order.
    """

    objective: Objective = "total_fit"
    smallest: int = SMALLEST
    greatest: int = GREATEST
    floor: int = 40
    gap_permille: int = 10
    searches: int = 20

    def __post_init__(self) -> None:
        """Refuse a policy that says nothing."""
        if self.objective not in get_args(Objective):
            raise ValueError(f"objective {self.objective!r}: choose one of {', '.join(get_args(Objective))}")
        check_sizes(self.smallest, self.greatest)
        if not 1 <= whole_number("floor", self.floor) <= MOST_POINTS:
            raise ValueError(f"floor is {self.floor}: a whole number from 1 to {MOST_POINTS} is needed")
        whole_number("gap_permille", self.gap_permille)
        whole_number("searches", self.searches)


def check_sizes(smallest: int, greatest: int) -> None:
    """Refuse sizes that no group can have."""
    if not 1 <= whole_number("smallest", smallest) <= whole_number("greatest", greatest):
        raise ValueError(f"groups of {smallest} to {greatest}: whole numbers from 1 in this order are needed")


def _table(name: str, values: Any, people: int) -> Table:
    table = np.asarray(values)
    if table.size == 0:
        table = np.zeros((people, table.shape[1] if table.ndim == 2 else 0), dtype=np.bool_)
    if table.ndim != 2 or table.dtype != np.bool_:
        raise ValueError(
            f"{name} has type {table.dtype} in {table.ndim} dimensions: a table of True and False is needed"
        )
    if len(table) != people:
        raise ValueError(f"{name} has {len(table)} rows for {people} people: they must be as many")
    kept: Table = table.copy()
    kept.flags.writeable = False
    return kept


__all__ = [
    "GREATEST",
    "MOST_POINTS",
    "SMALLEST",
    "GroupPolicy",
    "GroupProblem",
    "Objective",
    "Table",
    "check_sizes",
    "whole_number",
]
