"""Even load: each further mentee of one mentor costs more than the one before, so that nobody is worn out while others wait."""

import numpy as np

from graph.flow import IntArray
from graph.round_problem import RoundPolicy, RoundProblem


def seat_steps(problem: RoundProblem, policy: RoundPolicy) -> tuple[IntArray, IntArray, IntArray]:
    """Return the seat arcs of a round in columns: the mentor, how many seats the arc holds, and the points each of them costs.

    A mentor who has c mentees already pays c · ``even_load`` points for the next, (c + 1) · ``even_load`` for the one after,
    and so on: an arc for each seat that a pair could take, O(pairs). Without the policy one arc a mentor, which costs nothing.

    Examples
    --------
    Two seats, one mentee already, three pairs:

    >>> problem = RoundProblem([0, 1, 2], [0, 0, 0], [60, 70, 80], [2], [0, 0, 0], [0], carried=[1])
    >>> [column.tolist() for column in seat_steps(problem, RoundPolicy(even_load=10))]
    [[0, 0], [1, 1], [10, 20]]
    >>> [column.tolist() for column in seat_steps(problem, RoundPolicy())]
    [[0], [2], [0]]
    """
    everyone = np.arange(problem.mentors)
    if not policy.even_load:
        return everyone, np.minimum(problem.seats, problem.mentees), np.zeros_like(everyone)
    usable = np.minimum(problem.seats, np.bincount(problem.mentor, minlength=problem.mentors))
    mentor = np.repeat(everyone, usable)
    nth = np.arange(mentor.size) - np.repeat(np.cumsum(usable) - usable, usable)
    before = nth if problem.carried is None else nth + problem.carried[mentor]
    return mentor, np.ones_like(mentor), policy.even_load * before


def most_load(problem: RoundProblem, policy: RoundPolicy) -> int:
    """Return points that no round's load costs more than: those of the dearest seats, one for each who can be placed.

    0 without the policy. O(pairs).

    Examples
    --------
    >>> problem = RoundProblem([0, 1, 2], [0, 0, 0], [60, 70, 80], [2], [0, 0, 0], [0], carried=[1])
    >>> most_load(problem, RoundPolicy(even_load=10))
    30
    """
    if not policy.even_load:
        return 0
    step = seat_steps(problem, policy)[2]
    placed = min(problem.mentees, step.size)
    if placed * int(step.max(initial=0)) >= 2**62:
        return 2**62
    return int(np.partition(step, step.size - placed)[step.size - placed :].sum()) if placed else 0


def carrying_several(problem: RoundProblem, mentor_of: IntArray) -> tuple[int, int]:
    """Return how many mentors have more than one mentee before a round, and how many with it.

    Examples
    --------
    >>> problem = RoundProblem([0, 1, 2], [0, 0, 1], [60, 70, 80], [2, 1], [0, 0, 0], [0, 0], carried=[0, 2])
    >>> carrying_several(problem, np.array([0, 0, -1]))
    (1, 2)
    """
    before = np.zeros(problem.mentors, dtype=np.int64) if problem.carried is None else problem.carried
    after = before + np.bincount(mentor_of[mentor_of >= 0], minlength=problem.mentors)
    return int((before > 1).sum()), int((after > 1).sum())
