"""From a finished round to a network that can be repaired: its flow as it was, its potentials kept."""

import numpy as np
from numpy.typing import NDArray

from graph import repair_mirror
from graph.certificate import certificate_faults
from graph.flow import Arcs, IntArray
from graph.repair_network import ResidualNetwork
from graph.round_network import RoundNetwork, Worth, build
from graph.round_problem import MOST_POINTS, RoundPolicy, RoundProblem
from graph.rounds import RoundResult


class Room:
    """How many people may join before the constants that order placements, points and waiting must be chosen anew."""

    def __init__(self, problem: RoundProblem, policy: RoundPolicy, worth: Worth) -> None:
        self.people = 64 + problem.mentees // 8
        if policy.net_balance is not None and policy.net_balance >= problem.mentees:
            self.people = min(self.people, policy.net_balance - problem.mentees)
        self.longest = 0 if problem.rounds_waited is None else policy.longest_wait
        self.worth = self._worth(problem, policy)
        if (self.worth.placement + MOST_POINTS + 1) * self.worth.tie_break >= 2**56:
            self.people, self.worth = 0, worth
            waited = problem.rounds_waited if problem.rounds_waited is not None else np.zeros(0, dtype=np.int64)
            self.longest = min(int(waited.max(initial=0)), policy.longest_wait)
        self.most_placed = min(problem.mentees, int(problem.seats.sum())) + self.people

    def _worth(self, problem: RoundProblem, policy: RoundPolicy) -> Worth:
        most_placed = min(problem.mentees, int(problem.seats.sum())) + self.people
        placement = 1 + MOST_POINTS * most_placed if policy.objective == "most_mentees" else 0
        return Worth(placement, 1 + self.longest * most_placed)


def repairable(
    problem: RoundProblem, policy: RoundPolicy, result: RoundResult
) -> tuple[ResidualNetwork, Room, dict[int, tuple[int, int]]]:
    """Return the network of a finished round, its room to grow, and the (P, E) hubs of each organisation.

    Raises
    ------
    ValueError
        The result is not proven to be the best round of this problem under this policy.
    """
    round_network = build(problem, policy, result.certificate.bounds)
    arcs, proof = round_network.arcs, result.certificate
    faults = certificate_faults(arcs, proof.flow, proof.potentials)
    if faults:
        raise ValueError(f"the result is not the best round of this problem: {faults[0]}")
    room = Room(problem, policy, round_network.worth)
    layout = _Layout(problem, round_network)
    network = ResidualNetwork(layout.hubs, problem.mentees, problem.mentors, room.people)
    _people(network, problem, policy, room, round_network, layout, result)
    _hubs(network, problem, room, arcs, proof.flow, layout, round_network.placed_arcs)
    _potentials(network, problem, layout, _rescaled(proof.potentials, round_network.worth, room.worth))
    if problem.pairs >= repair_mirror.LEAST_PAIRS and (module := repair_mirror.compiled()):
        network.mirror = repair_mirror.Mirror(network, module, room.worth.tie_break)
    ends = (layout.hub_of[arcs.tail[round_network.placed_arcs]], layout.hub_of[arcs.head[round_network.placed_arcs]])
    pairs = zip(round_network.organisations.tolist(), *(end.tolist() for end in ends), strict=True)
    return network, room, {organisation: (placed, served) for organisation, placed, served in pairs}


class _Layout:
    """Which node of the round's network is which: read off the arcs, whatever their order."""

    def __init__(self, problem: RoundProblem, network: RoundNetwork) -> None:
        arcs = network.arcs
        self.mentee_node, self.mentor_node = np.full(problem.mentees, -1), np.full(problem.mentors, -1)
        self.mentee_node[problem.mentee[network.pairs]] = arcs.tail[network.pair_arcs]
        self.mentor_node[problem.mentor[network.pairs]] = arcs.head[network.pair_arcs]
        person: NDArray[np.bool_] = np.zeros(arcs.nodes, dtype=np.bool_)
        person[self.mentee_node[self.mentee_node >= 0]] = True
        is_mentor = np.zeros_like(person)
        is_mentor[self.mentor_node[self.mentor_node >= 0]] = True
        leaves, enters = np.bincount(arcs.tail, minlength=arcs.nodes), np.bincount(arcs.head, minlength=arcs.nodes)
        hub = ~person & ~is_mentor & (leaves > 0) & (enters > 0)
        hub[arcs.tail[network.placed_arcs]] = hub[arcs.head[network.placed_arcs]] = True
        self.hubs = int(hub.sum())
        self.hub_of = np.full(arcs.nodes, -1)
        self.hub_of[hub] = np.arange(self.hubs)
        self.between = np.flatnonzero(hub[arcs.tail] & hub[arcs.head])
        self.seat_arcs = np.flatnonzero(is_mentor[arcs.tail])
        served = self.hub_of[arcs.head[network.placed_arcs]]
        self.entry = served[np.searchsorted(network.organisations, problem.mentee_organisation)]
        self.exit = self._exits(problem, arcs)

    def _exits(self, problem: RoundProblem, arcs: Arcs) -> IntArray:
        """The hub a mentor's seats drain into: that of its arc, or of another mentor's with the same home."""
        drain = np.full(arcs.nodes, -1)
        drain[arcs.tail[self.seat_arcs]] = self.hub_of[arcs.head[self.seat_arcs]]
        known = self.mentor_node >= 0
        home = problem.home()
        self.exit_of_home = dict(zip(home[known].tolist(), drain[self.mentor_node[known]].tolist(), strict=True))
        return np.array([self.exit_of_home.get(where, -1) for where in home.tolist()], dtype=np.int64)


def _people(
    network: ResidualNetwork,
    problem: RoundProblem,
    policy: RoundPolicy,
    room: Room,
    round_network: RoundNetwork,
    layout: _Layout,
    result: RoundResult,
) -> None:
    order = round_network.pairs
    waited = np.zeros(problem.mentees, dtype=np.int64)
    if problem.rounds_waited is not None:
        waited = np.minimum(problem.rounds_waited, policy.longest_wait)
    worth = room.worth.of(problem.points[order], waited[problem.mentee[order]])
    network.pairs(problem.mentee[order], problem.mentor[order], worth)
    placed = (result.mentor_of >= 0).astype(np.int64)
    chosen = result.certificate.flow[round_network.pair_arcs] == 1
    mentee, mentor = problem.mentee[order][chosen], problem.mentor[order][chosen]
    network.entries[: problem.mentees], network.entereds[: problem.mentees] = layout.entry, placed
    network.seat_counts[: problem.mentors] = problem.seats
    network.taken_counts[: problem.mentors] = np.bincount(mentor, minlength=problem.mentors)
    np.frombuffer(network.exit, dtype=np.int64)[: problem.mentors] = layout.exit
    np.frombuffer(network.mentor_of, dtype=np.int64)[mentee] = mentor
    np.frombuffer(network.worth_of, dtype=np.int64)[mentee] = worth[chosen]
    for one, other in zip(mentee.tolist(), mentor.tolist(), strict=True):
        network.held[other].append(one)
    for hub_of, mentees in ((layout.entry, True), (layout.exit, False)):
        by_hub = np.argsort(hub_of, kind="stable")
        ends = np.searchsorted(hub_of[by_hub], np.arange(layout.hubs + 1))
        for hub in np.unique(hub_of[hub_of >= 0]).tolist():
            network.people[hub], network.serves[hub] = by_hub[ends[hub] : ends[hub + 1]], mentees


def _hubs(
    network: ResidualNetwork,
    problem: RoundProblem,
    room: Room,
    arcs: Arcs,
    flow: IntArray,
    layout: _Layout,
    placed_arcs: slice,
) -> None:
    """Copy the arcs between hubs; a bound that means "no limit" leaves room for newcomers."""
    placed = np.zeros(len(arcs), dtype=np.bool_)
    placed[placed_arcs] = True
    unlimited = placed | (arcs.upper == problem.mentees)
    upper = np.where(unlimited, problem.mentees + room.people, arcs.upper)
    columns = (layout.hub_of[arcs.tail], layout.hub_of[arcs.head], arcs.lower, upper, flow)
    for row in zip(*(column[layout.between].tolist() for column in columns), strict=True):
        network.link(*row)


def _rescaled(potentials: IntArray, old: Worth, new: Worth) -> IntArray:
    """Write potentials in the larger constants: each is so many placements, points and rounds waited."""
    unit = old.placement * old.tie_break
    placements = (2 * potentials + unit) // (2 * unit) if unit else np.zeros_like(potentials)
    rest = potentials - placements * unit
    points = (2 * rest + old.tie_break) // (2 * old.tie_break)
    waited = rest - points * old.tie_break
    return placements * (new.placement * new.tie_break) + points * new.tie_break + waited


def _potentials(network: ResidualNetwork, problem: RoundProblem, layout: _Layout, known: IntArray) -> None:
    """Take over the round's potentials and correct the few that larger constants or bounds made wrong.

    Bellman-Ford from where we stand: ends, since the flow is the cheapest under the larger constants too.
    """
    pi = network.potentials
    hub = layout.hub_of >= 0
    pi[layout.hub_of[hub]] = known[hub]
    for node, entry, side in ((layout.mentee_node, layout.entry, 0), (layout.mentor_node, layout.exit, 1)):
        at = network.hubs + side + 2 * np.arange(node.size)
        pi[at] = np.where(node >= 0, known[node], pi[entry])
    tail, head, cost = _residual(network, problem)
    while True:
        length = pi[tail] + cost
        wrong = np.flatnonzero(length < pi[head])
        if not wrong.size:
            return
        np.minimum.at(pi, head[wrong], length[wrong])


def _residual(network: ResidualNetwork, problem: RoundProblem) -> tuple[IntArray, IntArray, IntArray]:
    arcs, flow = network.arcs(problem.mentees, problem.mentors, network.base_pairs())
    forward, back = flow < arcs.upper, flow > arcs.lower
    tail = np.concatenate((arcs.tail[forward], arcs.head[back]))
    head = np.concatenate((arcs.head[forward], arcs.tail[back]))
    return tail, head, np.concatenate((arcs.cost[forward], -arcs.cost[back]))
