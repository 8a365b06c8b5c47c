"""A round nobody would leave for each other, and what that costs: the alternative a network may choose."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.round_network import placed_alone
from graph.round_problem import RoundPolicy, RoundProblem
from graph.rounds import solve_round


@dataclass(frozen=True, eq=False)
class StableRound:
    """A round without blocking pairs.

    ``mentor_of`` holds a mentor for each mentee, -1 for unplaced, ``points_of`` the fit of that pair, 0 for unplaced;
    ``placed`` and ``points`` are totals. ``placed_by`` and ``placed_alone`` hold, for each organisation, how many of its
    mentees the round places and how many it could place with its own mentors alone.
    """

    mentor_of: IntArray
    points_of: IntArray
    placed: int
    points: int
    placed_by: IntArray
    placed_alone: IntArray

    @property
    def below_alone(self) -> tuple[int, ...]:
        """The organisations this round leaves with fewer placements than they could make alone."""
        return tuple(np.flatnonzero(self.placed_by < self.placed_alone).tolist())


@dataclass(frozen=True)
class StableCost:
    """What stability costs against the best round under a policy; shown beside a stable round, never hidden.

    ``placements_lost`` and ``points_lost`` are whole numbers; one of them may be negative, when the policy wants the other
    more. ``organisations_below_alone`` names those that would place more mentees by themselves.
    """

    stable_placed: int
    stable_points: int
    best_placed: int
    best_points: int
    organisations_below_alone: tuple[int, ...]

    @property
    def placements_lost(self) -> int:
        """How many mentees fewer are placed than in the best round."""
        return self.best_placed - self.stable_placed

    @property
    def points_lost(self) -> int:
        """How many points fewer are reached than in the best round."""
        return self.best_points - self.stable_points


def solve_stable(problem: RoundProblem) -> StableRound:
    """Return a round in which no mentee and mentor would both rather have each other.

    Mentee and mentor see one and the same fit, so the best pair among those still open can always be settled: neither side
    will ever find better. Equal fits are settled in canonical order, by mentee, then mentor.

    Notes
    -----
    Stable in the sense of Gale and Shapley (American Mathematical Monthly 69, 1962) with seats; that a common ranking of
    pairs makes the greedy choice stable is folklore (Abraham, Levavi, Manlove and O'Malley, Internet Mathematics 5, 2008).
    O(pairs log pairs). No guarantee for organisations and no net balance: `stable_cost` says what is lost.

    Examples
    --------
    >>> solve_stable(RoundProblem([0, 0, 1], [0, 1, 0], [90, 80, 85], [1, 1], [0, 0], [0, 0])).mentor_of.tolist()
    [0, -1]
    """
    order = problem.canonical_order()
    best_first = order[np.argsort(-problem.points[order], kind="stable")]
    mentor_of, points_of = np.full(problem.mentees, -1), np.zeros(problem.mentees, dtype=np.int64)
    chosen = _settled(problem, best_first)
    mentor_of[problem.mentee[chosen]], points_of[problem.mentee[chosen]] = (
        problem.mentor[chosen],
        problem.points[chosen],
    )
    alone = placed_alone(problem)
    placed_by = np.bincount(problem.mentee_organisation[problem.mentee[chosen]], minlength=alone.size)
    return StableRound(mentor_of, points_of, int(chosen.size), int(points_of.sum()), placed_by, alone)


def _settled(problem: RoundProblem, best_first: IntArray) -> IntArray:
    free, waiting, chosen = problem.seats.tolist(), [True] * problem.mentees, []
    columns = (best_first, problem.mentee[best_first], problem.mentor[best_first])
    for pair, mentee, mentor in zip(*(column.tolist() for column in columns), strict=True):
        if waiting[mentee] and free[mentor]:
            waiting[mentee] = False
            free[mentor] -= 1
            chosen.append(pair)
    return np.array(chosen, dtype=np.int64)


def blocking_pairs(problem: RoundProblem, mentor_of: IntArray) -> tuple[tuple[int, int], ...]:
    """Return every (mentee, mentor) that would both rather have each other than what the round gives them; sorted.

    A mentee would rather if unplaced or placed with fewer points; a mentor if a seat is free or one of its mentees brings
    fewer points. Equal points move nobody. Independent of how the round was made. O(pairs log pairs).

    Parameters
    ----------
    problem
        The round.
    mentor_of
        A mentor for each mentee, -1 for unplaced, shape (mentees,).

    Raises
    ------
    ValueError
        Naming the first mentee whose pair is not eligible or the first mentor with more mentees than seats.
    """
    chosen = _pairs_of(problem, mentor_of)
    points_of = np.zeros(problem.mentees, dtype=np.int64)
    points_of[problem.mentee[chosen]] = problem.points[chosen]
    worst = np.full(problem.mentors, np.iinfo(np.int64).max)
    np.minimum.at(worst, problem.mentor[chosen], problem.points[chosen])
    taken = np.bincount(problem.mentor[chosen], minlength=problem.mentors)
    worst[taken < problem.seats] = 0
    order = problem.canonical_order()
    mentee, mentor, points = problem.mentee[order], problem.mentor[order], problem.points[order]
    blocks = (points > points_of[mentee]) & (points > worst[mentor]) & (problem.seats[mentor] > 0)
    return tuple(zip(mentee[blocks].tolist(), mentor[blocks].tolist(), strict=True))


def _pairs_of(problem: RoundProblem, mentor_of: IntArray) -> IntArray:
    """Return the entries of the pairs a round uses, or name the first one that cannot be."""
    given = np.asarray(mentor_of)
    if given.shape != (problem.mentees,) or (given.size and given.dtype.kind not in "iu"):
        raise ValueError(
            f"mentor_of has shape {given.shape}, type {given.dtype}: {problem.mentees} integers are needed"
        )
    chosen = np.flatnonzero(given[problem.mentee] == problem.mentor) if given.size else np.zeros(0, dtype=np.int64)
    placed: NDArray[np.bool_] = np.zeros(problem.mentees, dtype=np.bool_)
    placed[problem.mentee[chosen]] = True
    strangers = np.flatnonzero((given != -1) & ~placed)
    if strangers.size:
        mentee = int(strangers[0])
        raise ValueError(f"mentor_of[{mentee}] is {given[mentee]}: not an eligible pair")
    crowded = np.flatnonzero(np.bincount(problem.mentor[chosen], minlength=problem.mentors) > problem.seats)
    if crowded.size:
        raise ValueError(f"mentor {crowded[0]} has more mentees than seats")
    return chosen


def stable_cost(problem: RoundProblem, policy: RoundPolicy | None = None) -> StableCost:
    """Return placements and points lost by a stable round, and whom it leaves below alone. Solves both rounds.

    Examples
    --------
    >>> cost = stable_cost(RoundProblem([0, 0, 1], [0, 1, 0], [90, 80, 85], [1, 1], [0, 0], [0, 0]))
    >>> cost.placements_lost, cost.points_lost, cost.organisations_below_alone
    (1, 75, (0,))
    """
    stable, best = solve_stable(problem), solve_round(problem, policy)
    return StableCost(stable.placed, stable.points, best.placed, best.points, stable.below_alone)
