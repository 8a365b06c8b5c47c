"""Pairs a coordinator wants for certain: fixed first, the rest of the round solved around them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from graph.flow import InfeasibleFlowError, IntArray
from graph.round_network import placed_alone
from graph.round_problem import RoundPolicy, RoundProblem
from graph.rounds import OrganisationShare, RoundResult, shares_of, solve_round

Pin = tuple[int, int]


@dataclass(frozen=True, eq=False)
class PinnedRound:
    """A round around pinned pairs: ``rest`` is proven for ``problem``, which is ``whole`` without them.

    ``mentor_of``, totals and shares hold both.
    """

    whole: RoundProblem
    problem: RoundProblem
    rest: RoundResult
    pins: tuple[Pin, ...]
    mentor_of: IntArray
    placed: int
    points: int
    shares: tuple[OrganisationShare, ...]

    @property
    def mentor_of_pins(self) -> IntArray:
        """The pinned mentor of each mentee, -1 for all others."""
        pinned = np.full(self.whole.mentees, -1)
        for mentee, mentor in self.pins:
            pinned[mentee] = mentor
        return pinned

    def under(self, policy: RoundPolicy) -> "PinnedRound":
        """Return the same round, around the same pins, under another policy. One solve."""
        return solve_pinned(self.whole, policy, self.pins)


class PinRefused(ValueError):
    """A pin that the round cannot keep; ``pins`` are those to think about again, ``organisation`` who would be worse off."""

    def __init__(self, reason: str, pins: Sequence[Pin], organisation: int | None = None) -> None:
        """Keep what the caller needs to name people and organisations in its own words."""
        super().__init__(reason)
        self.pins = tuple(pins)
        self.organisation = organisation


def solve_pinned(problem: RoundProblem, policy: RoundPolicy, pins: Sequence[Pin]) -> PinnedRound:
    """Return the best round among those that hold every pinned pair.

    A pinned mentee and the seat it takes leave the problem; what remains is solved as ever. Every organisation is promised
    what it could place alone without any pin, its pinned mentees counted.

    Parameters
    ----------
    pins
        (mentee, mentor) pairs of the problem, each mentee once.

    Raises
    ------
    PinRefused
        A pin that is no pair of the problem, a mentee pinned twice, more pins than seats, or pins that would leave an
        organisation below what it could place alone.

    Notes
    -----
    One solve and a few matchings. Under ``net_balance`` the limit holds for what the round adds to the pins; under
    ``even_gain`` the surplus does. A pinned mentee is part of its mentor's load.

    Examples
    --------
    The best round gives the seat to mentee 1; the coordinator wants mentee 0 to have it:

    >>> problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 0], [0])
    >>> found = solve_pinned(problem, RoundPolicy(), [(0, 0)])
    >>> found.mentor_of.tolist(), found.placed, found.points
    ([0, -1], 1, 60)
    """
    entries = _entries(problem, pins)
    owed = np.maximum(placed_alone(problem) - _pinned(problem, pins), 0)
    rest = _without(problem, pins, owed)
    try:
        result = solve_round(rest, policy)
    except InfeasibleFlowError as error:
        raise _worse_off(problem, rest, pins, owed) from error
    mentor_of = result.mentor_of.copy()
    for mentee, mentor in pins:
        mentor_of[mentee] = mentor
    points = result.points + int(problem.points[entries].sum())
    shares = shares_of(problem, mentor_of)
    return PinnedRound(problem, rest, result, tuple(pins), mentor_of, result.placed + len(pins), points, shares)


def _entries(problem: RoundProblem, pins: Sequence[Pin]) -> IntArray:
    """Return each pin's entry among the problem's pairs, or refuse."""
    place = {
        pair: entry for entry, pair in enumerate(zip(problem.mentee.tolist(), problem.mentor.tolist(), strict=True))
    }
    for pin in pins:
        if pin not in place:
            raise PinRefused(f"mentee {pin[0]} and mentor {pin[1]} are no eligible pair of this round", [pin])
    for mentee, times in Counter(mentee for mentee, _ in pins).items():
        if times > 1:
            raise PinRefused(f"mentee {mentee} is pinned {times} times", [pin for pin in pins if pin[0] == mentee])
    for mentor, times in Counter(mentor for _, mentor in pins).items():
        if times > problem.seats[mentor]:
            same = [pin for pin in pins if pin[1] == mentor]
            raise PinRefused(f"mentor {mentor} is pinned {times} times and has {problem.seats[mentor]} seats", same)
    return np.array([place[pin] for pin in pins], dtype=np.int64)


def _without(problem: RoundProblem, pins: Sequence[Pin], owed: IntArray) -> RoundProblem:
    pinned = np.bincount(np.array([mentor for _, mentor in pins], dtype=np.int64), minlength=problem.mentors)
    left = ~np.isin(problem.mentee, [mentee for mentee, _ in pins])
    return replace(
        problem,
        mentee=problem.mentee[left],
        mentor=problem.mentor[left],
        points=problem.points[left],
        seats=problem.seats - pinned,
        promised=owed,
        carried=pinned if problem.carried is None else problem.carried + pinned,
    )


def _pinned(problem: RoundProblem, pins: Sequence[Pin]) -> IntArray:
    """Return for each organisation how many of its mentees are pinned."""
    owners = problem.mentee_organisation[np.array([mentee for mentee, _ in pins], dtype=np.int64)]
    return np.bincount(owners, minlength=problem.organisations or 0)


def _worse_off(problem: RoundProblem, rest: RoundProblem, pins: Sequence[Pin], owed: IntArray) -> PinRefused:
    """Name an organisation whose own seats the pins take, and those pins. One exists: own matchings would keep all promises."""
    one = int(np.flatnonzero(placed_alone(rest) < owed)[0])
    home, owners = problem.home(), problem.mentee_organisation
    taking = [pin for pin in pins if home[pin[1]] == one and owners[pin[0]] != one]
    return PinRefused(f"the pins leave organisation {one} below what it could place alone", taking or pins, one)
