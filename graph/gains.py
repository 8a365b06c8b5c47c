"""What would help: two organisations together, or one more mentor. Counted in people, by maximum matchings."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from graph.flow import IntArray
from graph.round_network import placed_alone
from graph.round_problem import RoundProblem


@dataclass(frozen=True, order=True)
class Complement:
    """Two organisations, by number, and how many more mentees they place together than each alone."""

    more: int
    first: int
    second: int


def most_placed(problem: RoundProblem) -> int:
    """Return the most mentees that any round over these pairs can place, whoever owns whom.

    One maximum matching with seats: O(√people · pairs · seats).

    Examples
    --------
    >>> most_placed(RoundProblem([0, 1], [0, 0], [9, 9], [1], [0, 1], [1]))
    1
    """
    if not problem.pairs:
        return 0
    everyone = RoundProblem(
        problem.mentee,
        problem.mentor,
        problem.points,
        problem.seats,
        np.zeros(problem.mentees, dtype=np.int64),
        np.zeros(problem.mentors, dtype=np.int64),
    )
    return int(placed_alone(everyone).sum())


def complements(problem: RoundProblem) -> tuple[Complement, ...]:
    """Return the pairs of organisations that place more together than apart, most first, then by numbers.

    Three maximum matchings a pair: each organisation's own, and one over both. Mentors donated to the network are left out:
    they are everyone's. Pairs of organisations without a pair of people across are not looked at.

    Examples
    --------
    Organisation 0 has the mentee, organisation 1 the mentor:

    >>> complements(RoundProblem([0], [0], [50], [1], [0], [1]))
    (Complement(more=1, first=0, second=1),)
    """
    alone, owner = placed_alone(problem), problem.mentor_organisation.copy()
    if problem.donated is not None:
        owner[problem.donated] = -1
    ours, theirs = problem.mentee_organisation[problem.mentee], owner[problem.mentor]
    found = []
    for first, second in combinations(range(problem.organisations or 0), 2):
        inside = np.isin(ours, (first, second)) & np.isin(theirs, (first, second))
        if np.any(ours[inside] != theirs[inside]):
            more = most_placed(_kept(problem, inside)) - int(alone[first] + alone[second])
            if more:
                found.append(Complement(more, first, second))
    return tuple(sorted(found, key=lambda one: (-one.more, one.first, one.second)))


def unlocked(problem: RoundProblem, mentees: Sequence[int] | IntArray, seats: int, placed: int | None = None) -> int:
    """Return how many more mentees the network places with one more mentor of so many seats, eligible for these mentees.

    Exact: one maximum matching with the mentor and one without. Give ``placed`` when :func:`most_placed` is known.

    Raises
    ------
    ValueError
        Seats below 0, or a mentee who is not in the round.
    """
    suited = np.unique(np.asarray(mentees, dtype=np.int64))
    wider = RoundProblem(
        np.concatenate((problem.mentee, suited)),
        np.concatenate((problem.mentor, np.full(suited.size, problem.mentors))),
        np.concatenate((problem.points, np.ones(suited.size, dtype=np.int64))),
        np.append(problem.seats, seats),
        problem.mentee_organisation,
        np.append(problem.mentor_organisation, -1),
        organisations=problem.organisations,
    )
    return most_placed(wider) - (most_placed(problem) if placed is None else placed)


def _kept(problem: RoundProblem, entries: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> RoundProblem:
    return RoundProblem(
        problem.mentee[entries],
        problem.mentor[entries],
        problem.points[entries],
        problem.seats,
        problem.mentee_organisation,
        problem.mentor_organisation,
        organisations=problem.organisations,
    )
