"""The solver behind a round: one function, and the only file that imports an engine."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


class InfeasibleFlowError(ValueError):
    """No flow can respect every lower and upper bound of the network."""


@dataclass(frozen=True, eq=False)
class Arcs:
    """A directed network in columns: one entry per arc, nodes numbered 0 to ``nodes`` - 1.

    ``lower`` ≤ flow ≤ ``upper``; ``cost`` is per unit, whole, and may be negative. The order of the arcs is part of the
    input: the same columns give the same flow, byte for byte.
    """

    nodes: int
    tail: IntArray
    head: IntArray
    lower: IntArray
    upper: IntArray
    cost: IntArray

    def __len__(self) -> int:
        """How many arcs there are."""
        return int(self.tail.size)


def engine() -> str:
    """Return the name and version of the engine, as a replay digest records it."""
    import ortools

    return f"ortools-simple-min-cost-flow {ortools.__version__}"


def minimum_cost_circulation(arcs: Arcs) -> tuple[IntArray, IntArray]:
    """Return the cheapest circulation within the bounds, and node potentials that prove it cheapest.

    A circulation conserves flow at every node. Potentials π satisfy, for every arc u → v with cost c: c + π(u) - π(v) is
    ≥ 0 where the flow is at its lower bound, ≤ 0 at its upper bound, and 0 in between.

    Parameters
    ----------
    arcs
        The network. Bounds are whole and finite, lower ≤ upper.

    Returns
    -------
    flow, potentials
        One whole number per arc, one per node. Potentials are 0 or negative.

    Raises
    ------
    InfeasibleFlowError
        The bounds contradict each other.
    ValueError
        A lower bound above its upper bound, or costs too large to be added up in 64 bits.

    Notes
    -----
    Cost-scaling push-relabel (OR-Tools ``SimpleMinCostFlow``), whose worst case is O(n² m log(nC)) for n nodes, m arcs and
    largest cost C. The engine reports no duals, so they are recomputed from its flow: shortest distances in the residual
    network, exact in whole numbers. Measured in tests/benchmarks/bench_rounds.py; chosen in docs/decisions/0003-solver.md.

    Examples
    --------
    >>> def column(*values): return np.array(values, dtype=np.int64)
    >>> there_and_back = Arcs(2, column(0, 1), column(1, 0), column(0, 0), column(3, 2), column(-5, 1))
    >>> flow, potentials = minimum_cost_circulation(there_and_back)
    >>> flow.tolist(), potentials.tolist()
    ([2, 2], [0, -5])
    """
    _refuse_unsafe(arcs)
    flow = _solve(arcs) if len(arcs) else np.zeros(0, dtype=np.int64)
    return flow, _potentials(arcs, flow)


def fits(arcs: Arcs) -> bool:
    """Return whether the engine can add up these costs in 64 bits: it may multiply them by the number of nodes."""
    return int(np.abs(arcs.cost).max(initial=0)) * (arcs.nodes + 1) < 2**62


def _refuse_unsafe(arcs: Arcs) -> None:
    crossed = np.flatnonzero(arcs.lower > arcs.upper)
    if crossed.size:
        arc = int(crossed[0])
        raise ValueError(f"arc {arc}: its lower bound {arcs.lower[arc]} is above its upper bound {arcs.upper[arc]}")
    if not fits(arcs):
        largest = int(np.abs(arcs.cost).max(initial=0))
        raise ValueError(
            f"overflow: a cost of {largest} over {arcs.nodes} nodes does not fit in 64 bits; solve smaller"
        )


def _solve(arcs: Arcs) -> IntArray:
    """Send every lower bound first, as supply and demand at its ends; let the engine route the rest."""
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    handles = solver.add_arcs_with_capacity_and_unit_cost(
        arcs.tail.astype(np.int32), arcs.head.astype(np.int32), arcs.upper - arcs.lower, arcs.cost
    )
    supply = np.zeros(arcs.nodes, dtype=np.int64)
    np.add.at(supply, arcs.head, arcs.lower)
    np.subtract.at(supply, arcs.tail, arcs.lower)
    solver.set_nodes_supplies(np.arange(arcs.nodes, dtype=np.int32), supply)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        raise InfeasibleFlowError("no flow respects every bound of this network")
    if status != solver.OPTIMAL:
        raise ValueError(f"the engine refuses these numbers: {status}")
    return np.asarray(solver.flows(handles), dtype=np.int64) + arcs.lower


def _potentials(arcs: Arcs, flow: IntArray) -> IntArray:
    """Shortest distance to each node, from anywhere, in the residual network; that no arc shortens it is the proof.

    Bellman-Ford over the nodes whose distance fell, sped up as Howard's policy iteration: after each pass every node takes
    its exact distance along the tree of best arcs, so a chain of thousands settles in a few passes. At most as many passes
    as nodes, O(arcs + nodes log nodes) each; a cycle among the best arcs is a negative one: the flow was not cheapest.
    """
    tail, head, cost, first = _residual(arcs, flow)
    root = arcs.nodes
    parent, step = np.full(root + 1, root), np.zeros(root + 1, dtype=np.int64)
    distance, frontier = step.copy(), np.arange(root)
    while True:
        degree = first[frontier + 1] - first[frontier]
        out = _ranges(first[frontier], degree)
        reach = np.repeat(distance[frontier], degree) + cost[out]
        nearer = np.flatnonzero(reach < distance[head[out]])
        if not nearer.size:
            return distance[:root]
        out, reach = out[nearer], reach[nearer]
        best = distance.copy()
        np.minimum.at(best, head[out], reach)
        chosen = out[reach == best[head[out]]]
        parent[head[chosen]], step[head[chosen]] = tail[chosen], cost[chosen]
        fallen = _along_tree(parent, step)
        frontier, distance = np.flatnonzero(fallen < distance), fallen


def _residual(arcs: Arcs, flow: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Tail, head and cost of the arcs on which flow can still change, by tail, and where each tail begins."""
    forward, back = np.flatnonzero(flow < arcs.upper), np.flatnonzero(flow > arcs.lower)
    tail = np.concatenate((arcs.tail[forward], arcs.head[back]))
    by_tail = np.argsort(tail, kind="stable")
    tail = tail[by_tail]
    head = np.concatenate((arcs.head[forward], arcs.tail[back]))[by_tail]
    cost = np.concatenate((arcs.cost[forward], -arcs.cost[back]))[by_tail]
    return tail, head, cost, np.searchsorted(tail, np.arange(arcs.nodes + 1))


def _along_tree(parent: IntArray, step: IntArray) -> IntArray:
    """Sum the steps from each node up to the root, the last node, by doubling the stride: O(nodes log depth)."""
    root = parent.size - 1
    total, above = step.copy(), parent
    for _ in range(parent.size.bit_length() + 1):
        if (above == root).all():
            return total
        total, above = total + total[above], above[above]
    raise RuntimeError("the engine returned a flow that is not the cheapest")


def _ranges(starts: IntArray, lengths: IntArray) -> IntArray:
    """Concatenate the whole numbers from each start, as many as its length says."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    return np.arange(total, dtype=np.int64) + np.repeat(starts - ends + lengths, lengths)
