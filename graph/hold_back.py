"""Hold-back: a scarce mentor costs other organisations' mentees some points, so that a seat may wait for who is expected."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.round_problem import RoundPolicy, RoundProblem


def scarcity(arrivals: int, seats: int, *, ahead_days: int, counted_days: int) -> int:
    """Return how scarce the mentors of one occupation and region are: the share of expected mentees without a seat, in percent.

    Parameters
    ----------
    arrivals
        Mentees who came in the last ``counted_days``; as many are expected a day from now on.
    seats
        Free seats of all such mentors together.
    ahead_days
        How far a seat is held for.

    Examples
    --------
    Of twelve expected in a quarter, nine find a seat:

    >>> scarcity(48, 9, ahead_days=90, counted_days=360)
    25
    >>> scarcity(0, 0, ahead_days=90, counted_days=360)
    0
    """
    expected = arrivals * ahead_days
    return max(0, 100 * (expected - seats * counted_days)) // expected if expected else 0


def prices(problem: RoundProblem, policy: RoundPolicy) -> IntArray:
    """Return the reserve price of each mentor in whole points: the policy's most points times its scarcity.

    0 for a mentor who serves the network and not a home first: all its pairs are outside ones, and it was given for that.
    """
    if not policy.hold_back or problem.scarcity is None:
        return np.zeros(problem.mentors, dtype=np.int64)
    return np.where(problem.home() >= 0, policy.hold_back * problem.scarcity // 100, 0)


def held_back(problem: RoundProblem, policy: RoundPolicy, exempt: NDArray[np.bool_] | None = None) -> RoundProblem:
    """Return the round as the solver weighs it: each mentor's price off the points of pairs with others' mentees.

    An organisation's own pairs keep their points, so what it can do alone, and what it is promised, is untouched. Under
    ``total_fit`` a pair that is left with 0 points or fewer is left out. Under ``most_mentees`` it stays with 1: there the
    price steers who gets a seat, and never costs a placement. ``exempt`` marks pairs that keep their points all the same.

    Where nothing is held back it is the very problem that was given. O(pairs).

    Examples
    --------
    Mentor 0 belongs to organisation 0 and half of those expected will find no seat; 40 points are the most:

    >>> problem = RoundProblem([0, 1], [0, 0], [60, 70], [1], [0, 1], [0], scarcity=[50])
    >>> held_back(problem, RoundPolicy(hold_back=40)).points.tolist()
    [60, 50]
    """
    price = prices(problem, policy)
    if not price.any():
        return problem
    own = problem.mentee_organisation[problem.mentee] == problem.home()[problem.mentor]
    spared = own if exempt is None else own | exempt
    points = np.where(spared, problem.points, problem.points - price[problem.mentor])
    left = points > 0 if policy.objective == "total_fit" else np.ones(points.size, dtype=np.bool_)
    mentee, mentor = problem.mentee[left], problem.mentor[left]
    return replace(problem, mentee=mentee, mentor=mentor, points=np.maximum(points[left], 1), scarcity=None)
