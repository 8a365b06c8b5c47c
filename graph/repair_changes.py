"""What can happen to a round after it was made: somebody leaves, arrives, loses a seat or says no."""

import operator
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.round_problem import MOST_POINTS, RoundProblem
from graph.whole_numbers import LARGEST


@dataclass(frozen=True)
class MentorLeaves:
    """A mentor leaves the round; the number stays, without seats."""

    mentor: int


@dataclass(frozen=True)
class SeatLost:
    """A mentor takes one mentee fewer than before."""

    mentor: int


@dataclass(frozen=True)
class MenteeLeaves:
    """A mentee leaves the round; the number stays, without pairs. The organisation still takes part."""

    mentee: int


@dataclass(frozen=True)
class Declined:
    """A pair said no: it is forbidden from now on. Both may still meet others."""

    mentee: int
    mentor: int


@dataclass(frozen=True)
class MenteeArrives:
    """A mentee joins under the next free number. ``pairs`` are (mentor, points) of every mentor it may meet."""

    organisation: int
    pairs: tuple[tuple[int, int], ...]
    rounds_waited: int = 0


@dataclass(frozen=True)
class MentorJoins:
    """A mentor joins under the next free number. ``pairs`` are (mentee, points) of every mentee it may meet."""

    organisation: int
    seats: int
    pairs: tuple[tuple[int, int], ...]
    donated: bool = False


Change: TypeAlias = MentorLeaves | SeatLost | MenteeLeaves | Declined | MenteeArrives | MentorJoins


@dataclass
class Tally:
    """How many people there are, how many seats each mentor has, and who is gone: what a change is checked against."""

    mentees: int
    mentors: int
    organisations: int
    seats: "IntArray | array[int]"
    gone_mentees: set[int]
    gone_mentors: set[int]


def checked(change: Change, tally: Tally) -> None:
    """Refuse a change that says something impossible.

    Raises
    ------
    ValueError
        Naming the first offender: nobody by that number, no seat to lose, points out of range, a pair given twice.
    """
    if isinstance(change, MentorLeaves | SeatLost | Declined):
        _present("mentor", change.mentor, tally.mentors, tally.gone_mentors)
    if isinstance(change, MenteeLeaves | Declined):
        _present("mentee", change.mentee, tally.mentees, tally.gone_mentees)
    if isinstance(change, SeatLost) and not tally.seats[change.mentor]:
        raise ValueError(f"mentor {change.mentor} has no seat to lose")
    if isinstance(change, MenteeArrives):
        _number("organisation", change.organisation, 0, tally.organisations - 1)
        _number("rounds_waited", change.rounds_waited, 0, LARGEST)
        _pairs("mentor", change.pairs, tally.mentors, tally.gone_mentors)
    if isinstance(change, MentorJoins):
        _number("organisation", change.organisation, -1, tally.organisations - 1)
        _number("seats", change.seats, 0, LARGEST)
        _pairs("mentee", change.pairs, tally.mentees, tally.gone_mentees)


def _number(name: str, value: Any, least: int, most: int) -> None:
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} is {value!r}: a whole number is needed") from None
    if isinstance(value, bool) or not least <= number <= most:
        raise ValueError(f"{name} is {value!r}: a whole number from {least} to {most} is needed")


def _present(name: str, number: Any, people: int, gone: set[int]) -> None:
    _number(name, number, 0, people - 1)
    if number in gone:
        raise ValueError(f"{name} {number} has left the round, or is in a started partnership")


def _pairs(name: str, pairs: tuple[tuple[int, int], ...], people: int, gone: set[int]) -> None:
    if not pairs or _plainly_right(list(chain.from_iterable(pairs)), people, gone):
        return
    seen = set()
    for place, (other, points) in enumerate(pairs):
        _present(f"pairs[{place}] {name}", other, people, gone)
        _number(f"pairs[{place}] points", points, 1, MOST_POINTS)
        if other in seen:
            raise ValueError(f"pairs[{place}] ({name} {other}) was given before")
        seen.add(other)


def _plainly_right(cells: list[int], people: int, gone: set[int]) -> bool:
    """True for pairs, one number after the other, in which nothing is wrong: a tenth of the time of naming an offender."""
    if set(map(type, cells)) != {int}:
        return False
    others, points = cells[::2], cells[1::2]
    distinct = set(others)
    within = min(others) >= 0 and max(others) < people and min(points) >= 1 and max(points) <= MOST_POINTS
    return within and len(distinct) == len(others) and gone.isdisjoint(distinct)


def changed(problem: RoundProblem, *changes: Change) -> RoundProblem:
    """Return the problem after the changes, in their order. The numbers of people never change; new ones are appended.

    Raises
    ------
    ValueError
        As `checked`.

    Examples
    --------
    >>> problem = RoundProblem([0, 1], [0, 0], [90, 40], [1], [0, 0], [0])
    >>> later = changed(problem, MenteeLeaves(0), MentorJoins(0, 2, ((1, 80),)))
    >>> later.mentee.tolist(), later.mentor.tolist(), later.points.tolist(), later.seats.tolist()
    ([1, 1], [0, 1], [40, 80], [1, 2])
    """
    columns = _Columns(problem)
    for change in changes:
        checked(change, columns.tally())
        columns.apply(change)
    return columns.problem()


def without_frozen(problem: RoundProblem, frozen: Iterable[tuple[int, int]]) -> RoundProblem:
    """Return what is still open beside started partnerships: their mentees out, their seats subtracted.

    Raises
    ------
    ValueError
        Naming the first pair that is not eligible, given twice, or for which there is no seat.
    """
    pairs = np.array(list(frozen), dtype=np.int64).reshape(-1, 2)
    size = max(problem.mentors, 1)
    eligible = np.isin(pairs[:, 0] * size + pairs[:, 1], problem.mentee * size + problem.mentor)
    eligible &= (pairs >= 0).all(axis=1) & (pairs[:, 1] < problem.mentors)
    left, taken = problem.seats.tolist(), set[int]()
    for (mentee, mentor), possible in zip(pairs.tolist(), eligible.tolist(), strict=True):
        if not possible or mentee in taken or not left[mentor]:
            raise ValueError(f"frozen pair (mentee {mentee}, mentor {mentor}) cannot be: not eligible, or no seat")
        taken.add(mentee)
        left[mentor] -= 1
    columns = _Columns(problem)
    columns.seats = np.array(left, dtype=np.int64)
    columns.keep(~np.isin(columns.mentee, pairs[:, 0]))
    return columns.problem()


class _Columns:
    """The columns of a problem, open to change."""

    def __init__(self, problem: RoundProblem) -> None:
        self.mentee, self.mentor, self.points = problem.mentee, problem.mentor, problem.points
        self.seats, self.owner = problem.seats.copy(), problem.mentee_organisation
        self.lender, self.donated, self.waited = problem.mentor_organisation, problem.donated, problem.rounds_waited
        self.organisations = problem.organisations
        self.gone: tuple[set[int], set[int]] = (set(), set())

    def tally(self) -> Tally:
        """What the next change is checked against."""
        return Tally(self.owner.size, self.seats.size, self.organisations or 0, self.seats, *self.gone)

    def keep(self, wanted: NDArray[np.bool_]) -> None:
        """Leave only the wanted pairs."""
        self.mentee, self.mentor, self.points = self.mentee[wanted], self.mentor[wanted], self.points[wanted]

    def apply(self, change: Change) -> None:
        """Do what the change says."""
        match change:
            case MentorLeaves(mentor):
                self.seats[mentor] = 0
                self.gone[1].add(mentor)
                self.keep(self.mentor != mentor)
            case SeatLost(mentor):
                self.seats[mentor] -= 1
            case MenteeLeaves(mentee):
                self.gone[0].add(mentee)
                self.keep(self.mentee != mentee)
            case Declined(mentee, mentor):
                self.keep((self.mentee != mentee) | (self.mentor != mentor))
            case MenteeArrives():
                self._arrive(change)
            case MentorJoins():
                self._join(change)

    def _arrive(self, change: MenteeArrives) -> None:
        newcomer = self.owner.size
        if self.waited is not None or change.rounds_waited:
            waited = np.zeros(newcomer, dtype=np.int64) if self.waited is None else self.waited
            self.waited = np.append(waited, change.rounds_waited)
        self.owner = np.append(self.owner, change.organisation)
        self._add([(newcomer, mentor, points) for mentor, points in change.pairs])

    def _join(self, change: MentorJoins) -> None:
        newcomer = self.seats.size
        if self.donated is not None or change.donated:
            donated = np.zeros(newcomer, dtype=np.bool_) if self.donated is None else self.donated
            self.donated = np.append(donated, change.donated)
        self.seats, self.lender = np.append(self.seats, change.seats), np.append(self.lender, change.organisation)
        self._add([(mentee, newcomer, points) for mentee, points in change.pairs])

    def _add(self, pairs: list[tuple[int, int, int]]) -> None:
        mentee, mentor, points = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
        self.mentee, self.mentor = np.append(self.mentee, mentee), np.append(self.mentor, mentor)
        self.points = np.append(self.points, points)

    def problem(self) -> RoundProblem:
        """Return the columns as a problem, checked again."""
        return RoundProblem(
            self.mentee,
            self.mentor,
            self.points,
            self.seats,
            self.owner,
            self.lender,
            self.donated,
            self.waited,
            self.organisations,
        )
