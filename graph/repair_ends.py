"""The two ends of a repair's search: labels, heaps and where they meet. Compiled or plain, as graph/repair_paths.py.

One end starts where units are too many (or lacking), the other at every place that can take (or give) them. Each is a search
of Dijkstra's with its own labels; the header has the notes of the end at work, and those of the other one behind them.
"""

# mypy: disable-error-code="no-any-return"

from graph import repair_cells as c
from graph.repair_cells import Cells


def behind(m: Cells, node: int) -> int:
    """Where the end that works backward keeps what it knows of a node."""
    return m[c.LABELS] + (node - c.HEADER) // c.WIDTH * c.LABEL_WIDTH


def label(m: Cells, node: int) -> int:
    """Where the end at work keeps what it knows of a node."""
    if m[c.BACK] == 0:
        return node + c.LABEL
    return behind(m, node)


def turn(m: Cells) -> None:
    """Put the other end to work."""
    for cell in range(c.HEAP, c.HEAP + c.OTHER):
        m[cell], m[cell + c.OTHER] = m[cell + c.OTHER], m[cell]


def lift(m: Cells, node: int, key: int) -> None:
    """Put a node into the heap, or higher up in it."""
    heap, place = m[c.HEAP], m[label(m, node) + c.SPOT]
    if place < 0:
        place = m[c.HEAPED]
        m[c.HEAPED] += 1
    while place > 0:
        above = (place - 1) >> 1
        if m[heap + 2 * above] <= key:
            break
        other = m[heap + 2 * above + 1]
        m[heap + 2 * place], m[heap + 2 * place + 1] = m[heap + 2 * above], other
        m[label(m, other) + c.SPOT] = place
        place = above
    m[heap + 2 * place], m[heap + 2 * place + 1] = key, node
    m[label(m, node) + c.SPOT] = place


def lowest(m: Cells) -> int:
    """Take the nearest node out of the heap."""
    heap = m[c.HEAP]
    m[c.REACH], node, last = m[heap], m[heap + 1], m[c.HEAPED] - 1
    m[c.HEAPED], m[label(m, node) + c.SPOT] = last, -1
    key, moved, place, below = m[heap + 2 * last], m[heap + 2 * last + 1], 0, 1
    while below < last:
        if below + 1 < last and m[heap + 2 * below + 2] < m[heap + 2 * below]:
            below += 1
        if m[heap + 2 * below] >= key:
            break
        other = m[heap + 2 * below + 1]
        m[heap + 2 * place], m[heap + 2 * place + 1] = m[heap + 2 * below], other
        m[label(m, other) + c.SPOT] = place
        place, below = below, 2 * below + 1
    if last > 0:
        m[heap + 2 * place], m[heap + 2 * place + 1] = key, moved
        m[label(m, moved) + c.SPOT] = place
    return node


def following(m: Cells) -> int:
    """Take the next node to go on from: hubs, then whatever a step without cost led to, then the nearest."""
    if m[c.INNER_COUNT] > 0:
        m[c.INNER_COUNT] -= 1
        return m[m[c.INNER] + m[c.INNER_COUNT]]
    if m[c.QUEUE_HEAD] < m[c.QUEUED]:
        m[c.QUEUE_HEAD] += 1
        return m[m[c.QUEUE] + m[c.QUEUE_HEAD] - 1]
    return lowest(m)


def next_length(m: Cells, end: int) -> int:
    """How far away the next node of an end is at least; FAR if it has none left."""
    if m[end + c.INNER_COUNT] > 0 or m[end + c.QUEUE_HEAD] < m[end + c.QUEUED]:
        return m[end + c.REACH]
    return m[m[end + c.HEAP]] if m[end + c.HEAPED] > 0 else c.FAR


def waiting(m: Cells, end: int) -> int:
    """How many nodes of an end wait for their turn."""
    return m[end + c.HEAPED] + m[end + c.QUEUED] - m[end + c.QUEUE_HEAD] + m[end + c.INNER_COUNT]


def slack(m: Cells) -> int:
    """A step must cost less to be of use: what lies further the other end finds, if it is on a shortest path."""
    return m[c.SHORTEST] - m[c.OTHER + c.REACH] - m[c.REACH]


def bridge(m: Cells, node: int, other: int, cost: int) -> None:
    """Remember a step to where the other end has been, if no way found so far is as short."""
    known = behind(m, other) if m[c.BACK] == 0 else other + c.LABEL
    length = m[c.REACH] + cost + m[known]
    if length < m[c.SHORTEST]:
        m[c.SHORTEST], m[c.GAP_ARC] = length, m[c.CROSSED]
        m[c.BEFORE_GAP], m[c.BEHIND_GAP] = (node, other) if m[c.BACK] == 0 else (other, node)


def met(m: Cells) -> int:
    """The least stamp of nodes that the other end may know."""
    return m[c.SEARCHES] + 1 - m[c.BACK]


def note(m: Cells, node: int, other: int, cost: int) -> bool:
    """Note a step to a node if it is shorter than what is known. Steps that cost nothing wait in a queue, hubs first."""
    if cost >= slack(m):
        return False
    length, at = m[c.REACH] + cost, label(m, other)
    if m[other + c.STAMP] < m[c.SEARCHES]:
        m[other + c.STAMP], m[other + c.DISTANCE], m[other + c.PLACE] = m[c.SEARCHES] + m[c.BACK], c.FAR, -1
        m[at + c.SPOT] = -1
        m[m[c.SEEN] + m[c.SEEN_COUNT]] = other
        m[c.SEEN_COUNT] += 1
    elif m[c.BACK] == 1 and m[other + c.STAMP] == m[c.SEARCHES]:
        m[other + c.STAMP], m[at + c.SPOT] = m[c.SEARCHES] + 1, -1
    elif length >= m[at]:
        return False
    m[at], m[at + c.CAME] = length, node
    if cost > 0 or m[at + c.SPOT] >= 0:
        lift(m, other, length)
    elif other < m[c.CROWDS]:
        m[m[c.INNER] + m[c.INNER_COUNT]] = other
        m[c.INNER_COUNT] += 1
    else:
        m[m[c.QUEUE] + m[c.QUEUED]] = other
        m[c.QUEUED] += 1
    return True


def offer(m: Cells, node: int, other: int, cost: int) -> bool:
    """Note a step to a node, and whether the ends meet there."""
    if m[other + c.STAMP] >= met(m):
        bridge(m, node, other, cost)
    return note(m, node, other, cost)


def begin(m: Cells, source: int) -> None:
    """Start a search at a node with units too many or lacking, and at all where it is the other way round."""
    m[c.SEARCHES] += 2
    m[c.SHORTEST], m[c.SEEN_COUNT], m[c.OTHER + c.AHEAD] = c.FAR, 0, 1 - m[c.AHEAD]
    for end in range(0, 2 * c.OTHER, c.OTHER):
        for cell in (c.HEAPED, c.QUEUED, c.QUEUE_HEAD, c.INNER_COUNT, c.REACH):
            m[end + cell] = 0
    note(m, source, source, 0)
    sign = 2 * m[c.AHEAD] - 1
    turn(m)
    for at in range(m[c.ACTIVES], m[c.ACTIVES] + m[c.ACTIVE_COUNT]):
        if m[m[at] + c.EXCESS] * sign < 0:
            note(m, m[at], m[at], 0)
    turn(m)


def one_way(m: Cells) -> int:
    """Make one way of the two that meet, labelled from where the search began; return where it ends.

    No node is on both: the ends would have met there before, on a way as short, and the first such way is kept.
    """
    turn(m)
    node = m[c.BEHIND_GAP]
    step_back(m, node, m[c.BEFORE_GAP], m[c.GAP_ARC])
    while m[label(m, node) + c.CAME] != node:
        at = label(m, node)
        step_back(m, m[at + c.CAME], node, m[at + c.BY])
        node = m[at + c.CAME]
    turn(m)
    return node


def step_back(m: Cells, node: int, before: int, arc: int) -> None:
    """Say that a node is reached from the one before it, by an arc if both are hubs."""
    m[node + c.VIA] = before
    if node < m[c.CROWDS] and before < m[c.CROWDS]:
        m[node + c.ARC] = arc
