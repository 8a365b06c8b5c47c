"""A round whose numbers are too large for one cost: what counts first, then what breaks its ties, and one proof for both."""

from dataclasses import replace

import numpy as np

from graph.flow import Arcs, IntArray, fits, minimum_cost_circulation
from graph.round_network import RoundNetwork


def cheapest(network: RoundNetwork) -> tuple[IntArray, IntArray]:
    """Return the cheapest circulation of a round by the general engine, and potentials that prove it: at once, or in stages.

    Raises
    ------
    InfeasibleFlowError
        The bounds contradict each other.
    ValueError
        Numbers that do not fit in 64 bits even in stages.
    """
    return minimum_cost_circulation(network.arcs) if fits(network.arcs) else in_stages(network)


def in_stages(network: RoundNetwork) -> tuple[IntArray, IntArray]:
    """Return the same, placements and points first, and the rounds waited over the rounds that are best by these.

    1. Solve for value alone: cost V of each arc, potentials p.
    2. Fix every arc of positive reduced cost at its lower bound and of negative at its upper: what is left are exactly the
       best rounds. Solve them for waiting: cost W, potentials q.
    3. The cost of an arc is T · V + W for the tie-break T (`graph.round_network.Worth`), and T · p + q proves the whole: where
       the reduced cost by p is 0 that by q decides; elsewhere T times it is no less than that by q, which is looked at.

    Raises
    ------
    InfeasibleFlowError, ValueError
        As `cheapest`.

    Notes
    -----
    Two solves. The engine multiplies costs by the number of nodes, so one number holds both objectives up to about 130,000
    mentees who have waited up to ten rounds; in stages the value alone must fit, to about 10⁸ (docs/decisions/0044).
    """
    arcs, tie_break = network.arcs, network.worth.tie_break
    value, waited = np.divmod(-arcs.cost, tie_break)
    valued = replace(arcs, cost=-value)
    _, first = minimum_cost_circulation(valued)
    flow, second = minimum_cost_circulation(best_only(valued, first, -waited))
    return flow, _combined(valued, waited, first, second, tie_break)


def best_only(arcs: Arcs, potentials: IntArray, cost: IntArray) -> Arcs:
    """Return a network's cheapest circulations alone, with another cost: what breaks ties among them. O(arcs).

    An arc whose reduced cost is positive under potentials that prove an optimum is at its lower bound in every cheapest
    circulation, and one of negative at its upper bound; every circulation that keeps these is a cheapest one.

    Examples
    --------
    >>> def column(*values): return np.array(values, dtype=np.int64)
    >>> ring = Arcs(2, column(0, 1, 1), column(1, 0, 0), column(0, 0, 0), column(1, 1, 1), column(-5, 1, 2))
    >>> flow, potentials = minimum_cost_circulation(ring)
    >>> best_only(ring, potentials, column(0, 0, 0)).upper.tolist()
    [1, 1, 0]
    """
    reduced = arcs.cost + potentials[arcs.tail] - potentials[arcs.head]
    lower, upper = np.where(reduced < 0, arcs.upper, arcs.lower), np.where(reduced > 0, arcs.lower, arcs.upper)
    return Arcs(arcs.nodes, arcs.tail, arcs.head, lower, upper, cost)


def _combined(valued: Arcs, waited: IntArray, first: IntArray, second: IntArray, tie_break: int) -> IntArray:
    """Return T · p + q, unless 64 bits do not hold it or the second stage outweighs the first somewhere."""
    largest = tie_break * int(np.abs(first).max(initial=0)) + int(np.abs(second).max(initial=0))
    if largest >= 2**61:
        raise ValueError(f"overflow: prices of {largest} do not fit in 64 bits in stages either; solve smaller")
    by_value = valued.cost + first[valued.tail] - first[valued.head]
    by_wait = second[valued.tail] - second[valued.head] - waited
    wrong = (by_value > 0) & (tie_break * by_value + by_wait < 0) | (by_value < 0) & (
        tie_break * by_value + by_wait > 0
    )
    if wrong.any():
        raise ValueError("overflow: waiting could outweigh a point; solve with a shorter longest wait")
    return tie_break * first + second
