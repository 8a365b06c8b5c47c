"""The shortest way to make a changed round the best again."""

import heapq
from collections import deque
from collections.abc import Iterable
from itertools import pairwise

from graph.repair_network import ResidualNetwork

FAR = 2**63 - 1
WIDE = 8
"""A hub with more neighbours than this looks first for those around the goal."""


NEARBY = 300
"""How many nodes are looked at in Python before the compiled search takes over, in a pool that has one."""


class BlockedError(Exception):
    """No change of the round respects every bound; ``hubs`` are the nodes that could be reached."""

    def __init__(self, hubs: set[int], *, ahead: bool) -> None:
        super().__init__("no flow respects every bound")
        self.hubs, self.ahead = hubs, ahead


def settle(network: ResidualNetwork) -> None:
    """Ship every excess along shortest paths. Optimal before, optimal after.

    Successive shortest paths on reduced costs (Ahuja, Magnanti and Orlin, Network Flows, 1993, section 9.7): one search
    per unit, from the person where the change happened to the nearest place that can take it, potentials kept.

    Raises
    ------
    BlockedError
        The bounds leave no way.
    """
    while network.excess:
        surplus = {node for node, amount in network.excess.items() if amount > 0}
        wanting = network.excess.keys() - surplus
        source, ahead = _start(network, surplus, wanting)
        _ship(network, _path(network, source, wanting if ahead else surplus, ahead=ahead), ahead=ahead)


def _start(network: ResidualNetwork, surplus: Iterable[int], wanting: Iterable[int]) -> tuple[int, bool]:
    """People before hubs, since their surroundings are small."""
    best, lacks = max(surplus), max(wanting)
    return (best, True) if best >= network.hubs or lacks < network.hubs else (lacks, False)


def _path(network: ResidualNetwork, source: int, goals: Iterable[int], *, ahead: bool) -> list[int]:
    """The nodes of a shortest path from the nearest goal back to the source.

    What is near is found here sooner than numpy's arrays reach the compiled search; what is not, is left to that.
    """
    compiled = network.mirror if network.loose is None else None
    path = _search(network, source, frozenset(goals), NEARBY if compiled else network.nodes, ahead=ahead)
    if path or compiled is None:
        return path
    path, reached = compiled.search(source, goals, ahead=ahead)
    if not path:
        raise BlockedError(set(reached[reached < network.hubs].tolist()), ahead=ahead)
    return path


def _search(network: ResidualNetwork, source: int, goals: frozenset[int], most: int, *, ahead: bool) -> list[int]:
    """Dijkstra with early exit: the nodes from the goal found back to the source, or none once more than ``most`` were seen.

    Steps that cost nothing wait in a queue: the shorter path moves fewer people.
    """
    porch = _porch(network, goals)
    beside = network.ahead if ahead else network.behind
    distance, via = {source: 0}, {source: source}
    queue, heap = deque((source,)), list[tuple[int, int]]()
    reach, bound, push = 0, FAR, heapq.heappush
    while queue or heap:
        if len(distance) > most:
            return []
        if queue:
            node = queue.popleft()
        else:
            reach, node = heapq.heappop(heap)
        if node >= network.nodes:
            edges = network.crowd(node - network.nodes, bound - reach, ahead=ahead)
            node -= network.nodes
        elif node < 0:
            node += network.nodes
            edges = beside(node, bound - reach)
        elif distance[node] != reach:
            continue
        elif node in goals:
            return _arrived(network, node, reach, distance, via, ahead=ahead)
        elif node >= network.hubs:
            edges = beside(node, bound - reach)
        else:
            push(heap, (reach, node + network.nodes))
            edges = _towards(network, node, porch, ahead=ahead) if len(network.links[node]) > WIDE else []
            if edges:
                push(heap, (reach, node - network.nodes))
            else:
                edges = beside(node, bound - reach)
        for other, cost in edges:
            length = reach + cost
            if length < bound and length < distance.get(other, FAR):
                distance[other], via[other] = length, node
                if other in goals:
                    if not cost:
                        return _arrived(network, other, reach, distance, via, ahead=ahead)
                    bound = length
                if cost:
                    push(heap, (length, other))
                elif other < network.hubs:
                    queue.appendleft(other)
                else:
                    queue.append(other)
    raise BlockedError({node for node in distance if node < network.hubs}, ahead=ahead)


def _arrived(
    network: ResidualNetwork, target: int, reach: int, distance: dict[int, int], via: dict[int, int], *, ahead: bool
) -> list[int]:
    """Move the potentials of all nodes nearer than the target, so that the path costs nothing and nothing less."""
    sign = -1 if ahead else 1
    potential, log = network.potential, network.log
    for node, length in distance.items():
        if length < reach:
            log.append((potential, node, potential[node]))
            potential[node] += sign * (reach - length)
    path = [target]
    while via[path[-1]] != path[-1]:
        path.append(via[path[-1]])
    return path


def _ship(network: ResidualNetwork, path: list[int], *, ahead: bool) -> None:
    """Move as many units as fit along a path, given from the goal back to where the search began."""
    if ahead:
        path = path[::-1]
    steps, start, end = list(pairwise(path)), path[0], path[-1]
    amount = min(network.excess[start], -network.excess[end], *(network.room(tail, head) for tail, head in steps))
    for tail, head in steps:
        network.step(tail, head, amount)
    network.add(start, -amount)
    network.add(end, amount)


def _porch(network: ResidualNetwork, goals: Iterable[int]) -> list[int]:
    """The hubs around the goals, as far as the next wide ones."""
    found = sorted(goal for goal in goals if goal < network.hubs)
    seen = set(found)
    for hub in found:
        for arc in network.links[hub] if len(network.links[hub]) <= WIDE else ():
            other = network.arc_head[arc] if network.arc_tail[arc] == hub else network.arc_tail[arc]
            if other not in seen:
                seen.add(other)
                found.append(other)
    return found


def _towards(network: ResidualNetwork, hub: int, porch: list[int], *, ahead: bool) -> list[tuple[int, int]]:
    """Those of a wide hub's many neighbours that stand around the goal, if the way there costs nothing."""
    here, potential = network.potential[hub], network.potential
    ends = [(hub, other) if ahead else (other, hub) for other in porch if potential[other] == here]
    return [(head if ahead else tail, 0) for tail, head in ends if network.room(tail, head)]
