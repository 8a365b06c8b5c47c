"""The shortest path of a repair, compiled: the search of graph/repair_search.py on plain arrays. Needs numba."""

from heapq import heappop, heappush

import numpy as np
from numba import njit

from graph.repair_columns import BOUND, FAR, FOUND, REACH, SEEN, Hubs, Later, Longs, Notes, Pairs, People


@njit(cache=True)
def _offer(hubs: int, s: Notes, inner: list[int], outer: list[int], heap, node: int, other: int, cost: int) -> None:  # type: ignore[no-untyped-def]
    """Note a step to a node, if it is shorter than what is known. Steps that cost nothing wait in a queue, hubs first."""
    length = s.tally[REACH] + cost
    if length >= s.tally[BOUND] or length >= s.distance[other]:
        return
    if s.distance[other] == FAR:
        s.seen[s.tally[SEEN]] = other
        s.tally[SEEN] += 1
    s.distance[other], s.via[other] = length, node
    if s.goal[other]:
        s.tally[BOUND] = length
        if cost == 0:
            s.tally[FOUND] = other
    if cost:
        heappush(heap, (length, other))
    elif other < hubs:
        inner.append(other)
    else:
        outer.append(other)


@njit(cache=True)
def _from_mentee(p: People, q: Pairs, r: Later, hubs, s: Notes, inner, outer, heap, node, ahead) -> None:  # type: ignore[no-untyped-def]
    person, here = (node - hubs) // 2, p.potential[node]
    current, entry, slack = p.mentor_of[person], p.entry[person], s.tally[BOUND] - s.tally[REACH]
    if not ahead:
        if current >= 0:
            other = hubs + 1 + 2 * current
            _offer(hubs, s, inner, outer, heap, node, other, p.worth_of[person] + p.potential[other] - here)
        if entry >= 0 and not p.entered[person]:
            _offer(hubs, s, inner, outer, heap, node, entry, p.potential[entry] - here)
        return
    for at in range(q.row_first[person], q.row_first[person + 1]):
        other = hubs + 1 + 2 * q.row_mentor[at]
        cost = here - q.row_worth[at] - p.potential[other]
        if cost < slack and q.row_mentor[at] != current and not q.dead[at]:
            _offer(hubs, s, inner, outer, heap, node, other, cost)
    at = r.row_newest[person]
    while at >= 0:
        other = hubs + 1 + 2 * r.mentor[at]
        cost = here - r.worth[at] - p.potential[other]
        if cost < slack and r.mentor[at] != current and not r.dead[at]:
            _offer(hubs, s, inner, outer, heap, node, other, cost)
        at = r.row_before[at]
    if p.entered[person]:
        _offer(hubs, s, inner, outer, heap, node, entry, here - p.potential[entry])


@njit(cache=True)
def _from_mentor(p: People, q: Pairs, r: Later, hubs, s: Notes, inner, outer, heap, node, ahead) -> None:  # type: ignore[no-untyped-def]
    person, here = (node - hubs) // 2, p.potential[node]
    slack, drain = s.tally[BOUND] - s.tally[REACH], p.exit[person]
    if ahead:
        if p.taken[person] < p.seats[person]:
            _offer(hubs, s, inner, outer, heap, node, drain, here - p.potential[drain])
        mentee = p.held_first[person]
        while mentee >= 0:
            other = hubs + 2 * mentee
            _offer(hubs, s, inner, outer, heap, node, other, here + p.worth_of[mentee] - p.potential[other])
            mentee = p.held_next[mentee]
        return
    for at in range(q.column_first[person], q.column_first[person + 1]):
        mentee = q.column_mentee[at]
        cost = p.potential[hubs + 2 * mentee] - q.column_worth[at] - here
        if cost < slack and p.mentor_of[mentee] != person and not q.dead[q.column_row[at]]:
            _offer(hubs, s, inner, outer, heap, node, hubs + 2 * mentee, cost)
    at = r.column_newest[person]
    while at >= 0:
        mentee = r.mentee[at]
        cost = p.potential[hubs + 2 * mentee] - r.worth[at] - here
        if cost < slack and p.mentor_of[mentee] != person and not r.dead[at]:
            _offer(hubs, s, inner, outer, heap, node, hubs + 2 * mentee, cost)
        at = r.column_before[at]
    if p.taken[person]:
        _offer(hubs, s, inner, outer, heap, node, drain, p.potential[drain] - here)


@njit(cache=True)
def _from_hub(p: People, h: Hubs, hubs, s: Notes, inner, outer, heap, node, ahead) -> None:  # type: ignore[no-untyped-def]
    """Go to the other hubs; the many people beside a hub wait until nothing nearer is left."""
    for at in range(h.link_first[node], h.link_first[node + 1]):
        arc = h.link[at]
        leaves = (h.tail[arc] == node) == ahead
        if (leaves and h.flow[arc] < h.upper[arc]) or (not leaves and h.flow[arc] > h.lower[arc]):
            other = h.head[arc] if h.tail[arc] == node else h.tail[arc]
            step = p.potential[node] - p.potential[other]
            _offer(hubs, s, inner, outer, heap, node, other, step if ahead else -step)
    heappush(heap, (s.tally[REACH], node + p.potential.size))


@njit(cache=True)
def _beside(p: People, h: Hubs, hubs, s: Notes, inner, outer, heap, hub, person, ahead) -> None:  # type: ignore[no-untyped-def]
    """Go from a hub to one person beside it, if their arc can change."""
    if h.serves[hub] == 1:
        node = hubs + 2 * person
        is_open = p.entry[person] == hub and (p.entered[person] == 0) == ahead
    else:
        node = hubs + 1 + 2 * person
        is_open = p.taken[person] > 0 if ahead else p.taken[person] < p.seats[person]
    if is_open:
        step = p.potential[hub] - p.potential[node]
        _offer(hubs, s, inner, outer, heap, hub, node, step if ahead else -step)


@njit(cache=True)
def _from_crowd(p: People, h: Hubs, hubs, s: Notes, inner, outer, heap, hub, ahead) -> None:  # type: ignore[no-untyped-def]
    for at in range(h.beside_first[hub], h.beside_first[hub + 1]):
        _beside(p, h, hubs, s, inner, outer, heap, hub, h.beside[at], ahead)
    person = h.newest[hub]
    while person >= 0:
        _beside(p, h, hubs, s, inner, outer, heap, hub, person, ahead)
        person = h.before[2 * person + h.serves[hub] - 1]


@njit(cache=True)
def _nearest(p: People, q: Pairs, r: Later, h: Hubs, s: Notes, source: int, ahead: bool) -> int:  # noqa: FBT001 - compiled code takes no keywords
    """Dijkstra with early exit; the goal reached, or -1. Distances stay in the notes."""
    hubs, nodes = h.newest.size, p.potential.size
    inner, outer, heap, at = [source], [source], [(0, source)], 0
    inner.clear()
    heap.clear()
    while inner or at < len(outer) or heap:
        if inner:
            node = inner.pop()
        elif at < len(outer):
            node, at = outer[at], at + 1
        else:
            reach, node = heappop(heap)
            s.tally[REACH] = reach
            if node < nodes and s.distance[node] != s.tally[REACH]:
                continue
        if node < nodes and s.goal[node]:
            return node
        if node >= nodes:
            _from_crowd(p, h, hubs, s, inner, outer, heap, node - nodes, ahead)
        elif node < hubs:
            _from_hub(p, h, hubs, s, inner, outer, heap, node, ahead)
        elif (node - hubs) % 2:
            _from_mentor(p, q, r, hubs, s, inner, outer, heap, node, ahead)
        else:
            _from_mentee(p, q, r, hubs, s, inner, outer, heap, node, ahead)
        if s.tally[FOUND] >= 0:
            return int(s.tally[FOUND])
    return -1


@njit(cache=True)
def _begin(s: Notes, source: int, bound: int) -> None:
    """Forget the last search; look no further than the bound."""
    for node in s.seen[: s.tally[SEEN]]:
        s.distance[node] = FAR
    s.tally[REACH], s.tally[BOUND], s.tally[FOUND], s.tally[SEEN] = 0, bound, -1, 1
    s.distance[source], s.via[source], s.seen[0] = 0, source, source


@njit(cache=True)
def shortest(
    p: People, q: Pairs, r: Later, h: Hubs, s: Notes, source: int, goals: Longs, ahead: int
) -> tuple[Longs, Longs, Longs]:
    """Return the path from the goal found back to the source, the nodes whose potential moved, and what it was before.

    ``ahead`` is 1 along the flow, 0 against it. No path: an empty one, and the nodes that were reached. Potentials move so
    that the path costs nothing and no step less. Most goals are near: only where none is, the search looks further than
    the notes' ``near``. O(pairs of the people reached, and a logarithm), memory as much.
    """
    for goal in goals:
        s.goal[goal] = 1
    target = -1
    for bound in (s.near[0], FAR):
        if target < 0:
            _begin(s, source, bound)
            target = _nearest(p, q, r, h, s, source, ahead == 1)
    for goal in goals:
        s.goal[goal] = 0
    seen, path = s.seen[: s.tally[SEEN]], [target]
    while target >= 0 and path[-1] != source:
        path.append(int(s.via[path[-1]]))
    if target < 0:
        path.clear()
    moved = np.array(
        [np.int64(node) for node in seen if target < 0 or s.distance[node] < s.tally[REACH]], dtype=np.int64
    )
    before = p.potential[moved]
    for node in moved:
        if target >= 0:
            p.potential[node] += (s.tally[REACH] - s.distance[node]) * (1 - 2 * ahead)
    return np.array(path, dtype=np.int64), moved, before
