"""From a finished round to an array that can be repaired: its flow as it was, its potentials kept."""

import numpy as np
from numpy.typing import NDArray

from graph import repair_cells as c
from graph.certificate import certificate_faults
from graph.flow import Arcs, IntArray
from graph.repair_memory import Links, Memory, Pairs
from graph.round_network import RoundNetwork, Worth, build, placed_alone, waited, witness_pairs
from graph.round_problem import MOST_POINTS, RoundPolicy, RoundProblem
from graph.rounds import RoundResult


class NotProvenError(ValueError):
    """A round that is not proven to be the best of its problem, as those who remain can do alone: no repair starts there."""


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
) -> tuple[Memory, Room, dict[int, int], dict[int, int]]:
    """Return a finished round laid out for repairs, its room to grow, each organisation's place, each home's hub.

    Raises
    ------
    NotProvenError
        The result is not proven to be the best round of this problem under this policy. Where the problem says what is
        promised, the round must be the best also under what its people can do alone: repairs go by that.
    """
    bounds = result.certificate.bounds if problem.promised is None else placed_alone(problem)
    network = build(problem, policy, bounds)
    arcs, proof = network.arcs, result.certificate
    faults = certificate_faults(arcs, proof.flow, proof.potentials)
    if faults:
        raise NotProvenError(f"the result is not the best round of this problem: {faults[0]}")
    room = Room(problem, policy, network.worth)
    layout = _Layout(problem, network)
    order, waits = network.pairs, waited(problem, policy)
    worth = room.worth.of(problem.points[order], waits[problem.mentee[order]])
    pairs = Pairs(problem.mentee[order], problem.mentor[order], worth)
    links = _links(problem, room, network, proof.flow, layout)
    memory = Memory(layout.hubs, problem.mentees, problem.mentors, room.people, pairs, links, room.worth)
    memory.gather(layout.entry, layout.exit)
    _people(memory, problem, result, pairs, waits)
    memory.m[[c.ALL_PLACED, c.ALL_POINTS]] = result.placed, result.points
    places = _organisations(memory, network, layout)
    if policy.individual_rationality:
        _own(memory, problem, places)
    _potentials(memory, layout, _rescaled(proof.potentials, network.worth, room.worth))
    memory.call("bound_all")
    return memory, room, places, layout.exit_of_home


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


def _people(memory: Memory, problem: RoundProblem, result: RoundResult, pairs: Pairs, waits: IntArray) -> None:
    chosen = result.mentor_of[pairs.mentee] == pairs.mentor
    mentee, mentor = pairs.mentee[chosen], pairs.mentor[chosen]
    memory.match(mentee, mentor, c.MATE, c.NEXT)
    memory.mentees[mentee, c.WORTH], memory.mentees[mentee, c.ENTERED] = pairs.worth[chosen], 1
    memory.mentees[: problem.mentees, c.WAITED] = waits
    memory.mentors[: problem.mentors, c.SEATS] = problem.seats
    memory.mentors[: problem.mentors, c.TAKEN] = np.bincount(mentor, minlength=problem.mentors)


def _organisations(memory: Memory, network: RoundNetwork, layout: "_Layout") -> dict[int, int]:
    """Write one record for each organisation with mentees; return where they are, by organisation."""
    first, count = int(memory.m[c.ORGANISATIONS]), network.organisations.size
    memory.m[c.ORGANISATIONS_END] = first + c.ORGANISATION_WIDTH * count
    records = memory.m[first : first + c.ORGANISATION_WIDTH * count].reshape(-1, c.ORGANISATION_WIDTH)
    of_arc = np.full(len(network.arcs), -1)
    of_arc[layout.between] = np.arange(layout.between.size)
    arc = np.arange(len(network.arcs))[network.placed_arcs]
    records[:, c.PLACED] = memory.hub(layout.hub_of[network.arcs.tail[arc]])
    records[:, c.SERVED] = memory.hub(layout.hub_of[network.arcs.head[arc]])
    records[:, c.ARC_OF], records[:, c.OWING] = memory.arcs_at + c.ARC_WIDTH * of_arc[arc], -1
    return {one: first + c.ORGANISATION_WIDTH * at for at, one in enumerate(network.organisations.tolist())}


def _own(memory: Memory, problem: RoundProblem, places: dict[int, int]) -> None:
    """Begin with a largest matching of every organisation's own people."""
    place = np.array([places.get(one, -1) for one in range(-1, problem.organisations or 0)])
    memory.mentees[: problem.mentees, c.OWNER] = place[problem.mentee_organisation + 1]
    memory.mentors[: problem.mentors, c.OWNER] = place[problem.home() + 1]
    own = witness_pairs(problem)
    mentee, mentor = problem.mentee[own], problem.mentor[own]
    memory.match(mentee, mentor, c.OWN, c.OWN_NEXT)
    memory.mentors[: problem.mentors, c.OWN_COUNT] = np.bincount(mentor, minlength=problem.mentors)
    np.add.at(memory.m, memory.mentees[mentee, c.OWNER] + c.ALONE, 1)
    memory.m[c.FAIR] = 1


def _links(problem: RoundProblem, room: Room, network: RoundNetwork, flow: IntArray, layout: "_Layout") -> Links:
    """Copy the arcs between hubs; a bound that means "no limit" leaves room for newcomers."""
    arcs = network.arcs
    unlimited = arcs.upper == problem.mentees
    unlimited[network.placed_arcs] = True
    upper = np.where(unlimited, problem.mentees + room.people, arcs.upper)
    columns = (layout.hub_of[arcs.tail], layout.hub_of[arcs.head], arcs.lower, upper, flow)
    return Links(*(column[layout.between] for column in columns))


def _rescaled(potentials: IntArray, old: Worth, new: Worth) -> IntArray:
    """Write potentials in the larger constants: each is so many placements, points and rounds waited."""
    unit = old.placement * old.tie_break
    placements = (2 * potentials + unit) // (2 * unit) if unit else np.zeros_like(potentials)
    rest = potentials - placements * unit
    points = (2 * rest + old.tie_break) // (2 * old.tie_break)
    waited = rest - points * old.tie_break
    return placements * (new.placement * new.tie_break) + points * new.tie_break + waited


def _potentials(memory: Memory, layout: _Layout, known: IntArray) -> None:
    """Take over the round's potentials and correct the few that larger constants or bounds made wrong.

    Bellman-Ford from where we stand: ends, since the flow is the cheapest under the larger constants too.
    """
    pi = np.zeros(memory.nodes, dtype=np.int64)
    hub = layout.hub_of >= 0
    pi[layout.hub_of[hub]] = known[hub]
    for node, entry, side in ((layout.mentee_node, layout.entry, 0), (layout.mentor_node, layout.exit, 1)):
        pi[2 * memory.hubs + side + 2 * np.arange(node.size)] = np.where(node >= 0, known[node], pi[entry])
    arcs, flow = memory.arcs(memory.pairs)
    forward, back = flow < arcs.upper, flow > arcs.lower
    tail, head = (
        np.concatenate((one[forward], other[back])) for one, other in ((arcs.tail, arcs.head), (arcs.head, arcs.tail))
    )
    cost = np.concatenate((arcs.cost[forward], -arcs.cost[back]))
    while (wrong := np.flatnonzero(pi[tail] + cost < pi[head])).size:
        np.minimum.at(pi, head[wrong], (pi[tail] + cost)[wrong])
    memory.records[:, c.POTENTIAL] = pi
