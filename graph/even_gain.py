"""Even gain: what the network adds to each organisation's own placements, the least of it as great as can be."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from graph.flow import Arcs, IntArray
from graph.round_network import build, promised
from graph.round_problem import RoundPolicy, RoundProblem


def guaranteed(problem: RoundProblem, policy: RoundPolicy) -> tuple[IntArray, int | None]:
    """Return for each organisation the placements a round guarantees it, and the common surplus s among them.

    With ``even_gain``: min(L + s, U) for what an organisation can place alone, L, and the most its mentees could have if the
    network served it alone, U; s is the largest for which one round keeps every such promise. Without it: L, and None.

    Notes
    -----
    Promises only grow with s, so s is found by halving: each try asks by a maximum flow whether any round keeps the promises,
    at most 2 + log₂ of the largest U - L times. Where not even L can be kept (`RoundProblem.promised` says so), s is 0.
    Placements stay: some largest round covers whichever mentees one round serves, see `graph.rounds.solve_round`.

    Examples
    --------
    Organisation 0 has the one mentor with two seats, and two mentees; organisation 1 has one mentee:

    >>> problem = RoundProblem([0, 1, 2], [0, 0, 0], [60, 70, 80], [2], [0, 0, 1], [0])
    >>> bounds, surplus = guaranteed(problem, RoundPolicy(even_gain=True))
    >>> bounds.tolist(), surplus
    ([2, 0], 0)
    """
    alone = promised(problem)
    if not policy.even_gain:
        return alone, None
    most = np.maximum(most_served(problem, policy), alone)
    kept, refused = 0, int((most - alone).max(initial=0)) + 1
    tried = refused - 1
    while kept < tried:
        if _keepable(problem, policy, np.minimum(alone + tried, most)):
            kept = tried
        else:
            refused = tried
        tried = (kept + refused) // 2
    return np.minimum(alone + kept, most), kept


def most_served(problem: RoundProblem, policy: RoundPolicy) -> IntArray:
    """Return for each organisation the most of its mentees that could be placed if the network served nobody else.

    One maximum flow in which every organisation has the whole network's seats to itself, O(pairs · √people) in practice.
    Under a net balance b: at most b beyond what its own mentors and the donated ones can do, for what a single arc of capacity
    b lets through is the lesser of the flow without a limit and the flow without the arc, plus b.
    """
    everyone = np.arange(problem.pairs)
    if policy.net_balance is None:
        return _served(problem, everyone)
    home = problem.home()[problem.mentor]
    ours = np.flatnonzero((home < 0) | (home == problem.mentee_organisation[problem.mentee]))
    return np.minimum(_served(problem, everyone), _served(problem, ours) + policy.net_balance)


def _served(problem: RoundProblem, entries: IntArray) -> IntArray:
    """Place each organisation's mentees over some pairs as if there were no other organisation."""
    size = problem.organisations or 0
    mentee, mentor = problem.mentee[entries], problem.mentor[entries]
    apart, at = np.unique(mentor * size + problem.mentee_organisation[mentee], return_inverse=True)
    if not entries.size:
        return np.zeros(size, dtype=np.int64)
    people, chairs = np.arange(problem.mentees), problem.mentees + np.arange(apart.size)
    source, sink = people.size + chairs.size, people.size + chairs.size + 1
    found = _maximum(
        sink + 1,
        source,
        sink,
        (np.full_like(people, source), people, np.ones_like(people)),
        (mentee, chairs[at], np.ones_like(mentee)),
        (chairs, np.full_like(chairs, sink), np.minimum(problem.seats[apart // size], people.size)),
    )
    placed = found.flow[[source], :].toarray()[0, : people.size]
    return np.bincount(problem.mentee_organisation[placed > 0], minlength=size)


def _keepable(problem: RoundProblem, policy: RoundPolicy, bounds: IntArray) -> bool:
    """Whether some round keeps these promises. Costs do not matter, so neither do fit, waiting and load."""
    plain = RoundPolicy("total_fit", net_balance=policy.net_balance, longest_wait=0)
    return has_circulation(build(problem, plain, bounds).arcs)


def has_circulation(arcs: Arcs) -> bool:
    """Return whether any circulation respects every bound: one maximum flow, without the solver of `graph.flow`.

    What must flow is sent first; a source makes up for it where it arrives and a sink takes it where it left. A circulation
    exists exactly if all of it finds a way back (Ahuja, Magnanti and Orlin, Network Flows, 1993, section 6.7).

    Examples
    --------
    >>> def column(*values): return np.array(values, dtype=np.int64)
    >>> has_circulation(Arcs(2, column(0, 1), column(1, 0), column(2, 0), column(3, 2), column(0, 0)))
    True
    >>> has_circulation(Arcs(2, column(0, 1), column(1, 0), column(2, 0), column(3, 1), column(0, 0)))
    False
    """
    owed = np.zeros(arcs.nodes, dtype=np.int64)
    np.add.at(owed, arcs.head, arcs.lower)
    np.subtract.at(owed, arcs.tail, arcs.lower)
    in_all = int(np.maximum(owed, 0).sum())
    source, sink, nodes = arcs.nodes, arcs.nodes + 1, np.arange(arcs.nodes)
    found = _maximum(
        arcs.nodes + 2,
        source,
        sink,
        (arcs.tail, arcs.head, np.minimum(arcs.upper - arcs.lower, in_all)),
        (np.full_like(nodes, source), nodes, np.maximum(owed, 0)),
        (nodes, np.full_like(nodes, sink), np.maximum(-owed, 0)),
    )
    return bool(found.flow_value == in_all)


def _maximum(nodes: int, source: int, sink: int, *blocks: tuple[IntArray, IntArray, IntArray]) -> Any:
    """Return scipy's maximum flow over arcs given as blocks of tail, head and capacity; parallel arcs become one."""
    tail, head, capacity = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    network = csr_array((capacity.astype(np.int32), (tail, head)), shape=(nodes, nodes))
    return maximum_flow(network, source, sink)
