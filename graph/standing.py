"""A round as it stands today, with questions answered and people come and gone: what free seats alone can do, and the smallest
change that makes it the best again.

`graph.repair.RoundState` follows one change at a time from a proven round. Here nothing is known but who is paired now.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

import networkx
import numpy as np
from numpy.typing import NDArray

from graph.even_gain import guaranteed
from graph.flow import Arcs, InfeasibleFlowError, IntArray, minimum_cost_circulation
from graph.hold_back import held_back
from graph.repair_result import Move, RepairResult
from graph.round_network import RoundNetwork, build, promised
from graph.round_problem import RoundPolicy, RoundProblem
from graph.stages import best_only, cheapest


def repair_standing(problem: RoundProblem, policy: RoundPolicy, standing: IntArray, *, moving: bool) -> RepairResult:
    """Return the best round that can be reached from the pairs that stand.

    Parameters
    ----------
    problem
        What is open now: started pairs and their seats set apart before.
    standing
        A mentor for each mentee, -1 for nobody; each a pair of the problem, no mentor beyond its seats.
    moving
        False: whoever has a mentor keeps it, and only free seats are given. True: whoever must move may; the best round
        there is and, of all equally good ones, one that leaves the most pairs as they stand.

    Raises
    ------
    ValueError
        Naming the first standing pair that is not in the problem, or the first mentor beyond its seats.

    Notes
    -----
    One minimum-cost circulation as in `graph.round_network.build`; with ``moving`` a second one over the optimal rounds only
    (every arc of positive reduced cost held at its lower and of negative at its upper bound), whose one objective is to keep
    pairs. So keeping a pair never costs a placement or a point, whatever the size: no constant is needed. What stands was
    asked for at its full points: a policy that holds mentors back weighs only what is new. An even gain is promised anew where
    people may move; free seats alone keep the promise of what each can do alone, for they could seldom keep more.

    Examples
    --------
    The mentor of mentee 1 is gone. Free seats alone do nothing; moving mentee 0 makes room:

    >>> problem = RoundProblem([0, 0, 1], [0, 1, 0], [90, 80, 70], [1, 1], [0, 0], [1, 1])
    >>> standing = np.array([0, -1])
    >>> repair_standing(problem, RoundPolicy(), standing, moving=False).moves
    ()
    >>> found = repair_standing(problem, RoundPolicy(), standing, moving=True)
    >>> found.moves, found.gained_placements, found.gained_points
    ((Move(mentee=0, before=0, after=1), Move(mentee=1, before=-1, after=0)), 1, 60)
    """
    _refuse_impossible(problem, standing)
    stands = standing[problem.mentee] == problem.mentor
    left = (int(stands.sum()), int(problem.points[stands].sum()))
    try:
        after = best_from(problem, policy, standing, moving=moving)
    except InfeasibleFlowError:
        below = below_promise(problem, policy, standing)
        return RepairResult("rerun", (), (), *left, *left, below=below, balance_refused=not below)
    chosen = after[problem.mentee] == problem.mentor
    now = (int(chosen.sum()), int(problem.points[chosen].sum()))
    return RepairResult("rerun", moves_between(standing, after), (), *now, *left)


def best_from(problem: RoundProblem, policy: RoundPolicy, standing: IntArray, *, moving: bool) -> IntArray:
    """Return the mentors of the best round reachable from pairs that stand, as `repair_standing`.

    Raises
    ------
    InfeasibleFlowError
        No such round keeps every promise.
    """
    weighed = held_back(problem, policy, standing[problem.mentee] == problem.mentor)
    network = build(weighed, policy, guaranteed(weighed, policy)[0] if moving else promised(problem))
    stands = standing[weighed.mentee[network.pairs]] == weighed.mentor[network.pairs]
    if moving:
        flow, _ = minimum_cost_circulation(_keeping(network, stands))
    else:
        flow, _ = cheapest(_holding(network, stands))
    chosen = network.pairs[flow[network.pair_arcs] == 1]
    after = np.full(problem.mentees, -1)
    after[weighed.mentee[chosen]] = weighed.mentor[chosen]
    return after


def below_promise(problem: RoundProblem, policy: RoundPolicy, standing: IntArray) -> tuple[int, ...]:
    """Return the organisations that stay below what they are promised unless somebody moves; none without the promise.

    One feasibility question for each organisation below it now; where each could be served, but not all, it is all of them.
    """
    if not policy.individual_rationality:
        return ()
    promise = promised(problem)
    placed = np.bincount(problem.mentee_organisation[standing >= 0], minlength=promise.size)
    short = np.flatnonzero(placed < promise).tolist()
    return tuple(one for one in short if not _served(problem, policy, standing, promise, one)) or tuple(short)


def _served(problem: RoundProblem, policy: RoundPolicy, standing: IntArray, promise: IntArray, one: int) -> bool:
    """Whether free seats alone can keep the promise to one organisation, whatever becomes of the others."""
    weighed = held_back(problem, policy, standing[problem.mentee] == problem.mentor)
    only = np.where(np.arange(promise.size) == one, promise, 0)
    network = build(weighed, policy, only)
    stands = standing[weighed.mentee[network.pairs]] == weighed.mentor[network.pairs]
    try:
        cheapest(_holding(network, stands))
    except InfeasibleFlowError:
        return False
    return True


def moves_between(before: IntArray, after: IntArray) -> tuple[Move, ...]:
    """Return every mentee whose mentor differs, by number; newcomers behind the end of ``before`` had nobody."""
    extended = np.append(before, np.full(after.size - before.size, -1))
    moved = np.flatnonzero(extended != after)
    return tuple(
        Move(*row) for row in zip(moved.tolist(), extended[moved].tolist(), after[moved].tolist(), strict=True)
    )


def hanging_together(moves: Iterable[Move], mentees: Collection[int]) -> tuple[Move, ...]:
    """Return the moves that those of some mentees need, theirs included: who gives up the seat another takes, and so on.

    What is left out can be made later, or never: it shares no given-up seat with what is returned. O(moves).

    Examples
    --------
    >>> moves = (Move(0, before=0, after=1), Move(1, before=-1, after=0), Move(2, before=-1, after=3))
    >>> hanging_together(moves, {1})
    (Move(mentee=0, before=0, after=1), Move(mentee=1, before=-1, after=0))
    """
    moves = tuple(moves)
    left = {move.before for move in moves} - {-1}
    graph: networkx.Graph[tuple[str, int]] = networkx.Graph()
    for move in moves:
        graph.add_node(("mentee", move.mentee))
        graph.add_edges_from(
            (("mentee", move.mentee), ("mentor", mentor)) for mentor in (move.before, move.after) if mentor in left
        )
    kept: set[tuple[str, int]] = set()
    for mentee in mentees:
        if graph.has_node(("mentee", mentee)) and ("mentee", mentee) not in kept:
            kept |= networkx.node_connected_component(graph, ("mentee", mentee))
    return tuple(move for move in moves if ("mentee", move.mentee) in kept)


def _holding(network: RoundNetwork, stands: NDArray[np.bool_]) -> RoundNetwork:
    """Return the network with every pair that stands held in place."""
    lower = network.arcs.lower.copy()
    lower[network.pair_arcs] = stands
    return replace(network, arcs=replace(network.arcs, lower=lower))


def _keeping(network: RoundNetwork, stands: NDArray[np.bool_]) -> Arcs:
    """Return the network of the optimal rounds alone, in which each pair that stands earns one."""
    cost = np.zeros_like(network.arcs.cost)
    cost[network.pair_arcs] = -stands.astype(np.int64)
    return best_only(network.arcs, cheapest(network)[1], cost)


def _refuse_impossible(problem: RoundProblem, standing: IntArray) -> None:
    if standing.size != problem.mentees:
        raise ValueError(f"standing has {standing.size} entries, the problem {problem.mentees} mentees")
    stands = standing[problem.mentee] == problem.mentor
    unknown = np.setdiff1d(np.flatnonzero(standing >= 0), problem.mentee[stands])
    if unknown.size:
        one = int(unknown[0])
        raise ValueError(f"standing pair (mentee {one}, mentor {standing[one]}) is not eligible")
    taken = np.bincount(standing[standing >= 0], minlength=problem.mentors)
    over = np.flatnonzero(taken > problem.seats)
    if over.size:
        one = int(over[0])
        raise ValueError(f"mentor {one} has {problem.seats[one]} seats and {taken[one]} pairs stand")
