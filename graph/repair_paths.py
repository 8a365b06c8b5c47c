"""The shortest path of a repair, in one array of whole numbers. Compiled where it pays, the same steps in plain Python else.

A node is the place of its record in the array; hubs come first, then as many crowds (the people beside a hub, who wait until
nothing nearer is left), then mentees and mentors in turn. `graph.repair_memory` lays the array out. Every write that a change
has to be able to take back goes through `write`.
"""

# mypy: disable-error-code="no-any-return"

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Cells: TypeAlias = NDArray[np.int64]

HEADER, WIDTH = 64, 24
FAR, DEAD = 2**59, -(2**60)
"""No path is as long as FAR; a pair forbidden is worth DEAD, so that no step over it is shorter."""
HUB_KIND, MENTEE, MENTOR, CROWD = range(4)
DONE, BLOCKED, FULL = range(3)

# The header: where each part of the array begins, how much of it is used, and the notes of the search under way.
PEOPLE, CROWDS, LATER, ORGANISATIONS, ORGANISATIONS_END, INBOX, HEAP, SEEN, QUEUE, INNER, ACTIVES, TOUCHES, LOG = range(
    13
)
LATER_USED, HEAPED, SEEN_COUNT, QUEUED, INNER_COUNT, ACTIVE_COUNT, TOUCH_COUNT, LOGGED, LOG_ROOM = range(13, 22)
SEARCHES, CHANGES, REACH, BOUND, FOUND, NEAR, HOLDING, FAIR, IS_FULL, AHEAD, PLACEMENT, TIE = range(22, 34)
ALL_PLACED, ALL_POINTS = range(34, 36)

# A record: what a step reads first, then the rest. Mentors have TAKEN, SEATS and OWN_COUNT where mentees have WORTH, ENTERED and
# OWN_NEXT; hubs have the ARC by which a search came.
POTENTIAL, DISTANCE, STAMP, EXCESS, MATE, VIA, PLACE, KIND = range(8)
WORTH, HUB, ENTERED, FIRST, LAST, NEWEST, NEXT, BESIDE = range(8, 16)
ACTIVE, TOUCHED, BEFORE, OWNER, OWN, OWN_NEXT, OWED, WAITED = range(16, 24)
TAKEN, SEATS, OWN_COUNT, ARC = WORTH, ENTERED, OWN_NEXT, WORTH

PAIR_WORTH, EARLIER = 1, 2
"""A pair's entry is (the other, worth); one that came later says also which came before it."""
ARC_WIDTH = 8
TAIL, HEAD, LOWER, UPPER, FLOW = range(5)


def write(m: Cells, at: int, value: int) -> None:
    """Write one cell and remember the old value."""
    top = m[LOG] + 2 * m[LOGGED]
    m[top], m[top + 1] = at, m[at]
    m[LOGGED] += 1
    m[at] = value


def undo(m: Cells, mark: int) -> None:
    """Take back every write since the log had ``mark`` entries."""
    for entry in range(m[LOGGED] - 1, mark - 1, -1):
        top = m[LOG] + 2 * entry
        m[m[top]] = m[top + 1]
    m[LOGGED] = mark


def room_for(m: Cells, writes: int) -> bool:
    """True if so many more writes can be remembered; else the change is taken back and made again with a longer log."""
    if m[LOGGED] + writes + 64 > m[LOG_ROOM]:
        m[IS_FULL] = 1
    return m[IS_FULL] == 0


def add(m: Cells, node: int, amount: int) -> None:
    """Add to a node's excess: units that arrived and have not left (negative: the other way round)."""
    write(m, node + EXCESS, m[node + EXCESS] + amount)
    if m[node + ACTIVE] != m[CHANGES]:
        m[node + ACTIVE] = m[CHANGES]
        m[m[ACTIVES] + m[ACTIVE_COUNT]] = node
        m[ACTIVE_COUNT] += 1


def first_pair(m: Cells, person: int) -> int:
    """A person's first pair, -1 without one."""
    return m[person + FIRST] if m[person + FIRST] < m[person + LAST] else m[person + NEWEST]


def next_pair(m: Cells, person: int, pair: int) -> int:
    """The pair after another one, -1 behind the last: those of the round in a row, those that came later as a chain."""
    if pair >= m[LATER]:
        return m[pair + EARLIER]
    return pair + 2 if pair + 2 < m[person + LAST] else m[person + NEWEST]


def bind(m: Cells, mentee: int, mentor: int, mate: int, after: int) -> None:
    """Join two in one of the matchings: the mentee knows its mentor, the mentor the first of a chain."""
    write(m, mentee + mate, mentor)
    write(m, mentee + after, m[mentor + mate])
    write(m, mentor + mate, mentee)


def unbind(m: Cells, mentee: int, mate: int, after: int) -> int:
    """Part two in one of the matchings; return the mentor. O(those the mentor has)."""
    mentor = m[mentee + mate]
    at = mentor + mate
    while m[at] != mentee:
        at = m[at] + after
    write(m, at, m[mentee + after])
    write(m, mentee + mate, -1)
    return mentor


def touch(m: Cells, mentee: int) -> None:
    """Remember who a mentee's mentor was before this change; where moves are limited, it may move from now on."""
    if m[mentee + TOUCHED] != m[CHANGES]:
        m[mentee + TOUCHED], m[mentee + BEFORE] = m[CHANGES], m[mentee + MATE]
        m[m[TOUCHES] + m[TOUCH_COUNT]] = mentee
        m[TOUCH_COUNT] += 1


def count(m: Cells, worth: int, pairs: int) -> None:
    """Keep the totals of placements and points."""
    write(m, ALL_PLACED, m[ALL_PLACED] + pairs)
    write(m, ALL_POINTS, m[ALL_POINTS] + pairs * (worth // m[TIE] - m[PLACEMENT]))


def part(m: Cells, mentee: int) -> int:
    """Take the flow off a mentee's pair; return its mentor."""
    touch(m, mentee)
    count(m, m[mentee + WORTH], -1)
    return unbind(m, mentee, MATE, NEXT)


def lift(m: Cells, node: int) -> None:
    """Put a node into the heap, or higher up in it."""
    place, key, heap = m[node + PLACE], m[node + DISTANCE], m[HEAP]
    if place < 0:
        place = m[HEAPED]
        m[HEAPED] += 1
    while place > 0:
        above = (place - 1) >> 1
        if m[heap + 2 * above] <= key:
            break
        other = m[heap + 2 * above + 1]
        m[heap + 2 * place], m[heap + 2 * place + 1], m[other + PLACE] = m[heap + 2 * above], other, place
        place = above
    m[heap + 2 * place], m[heap + 2 * place + 1], m[node + PLACE] = key, node, place


def lowest(m: Cells) -> int:
    """Take the nearest node out of the heap."""
    heap = m[HEAP]
    node, last = m[heap + 1], m[HEAPED] - 1
    m[HEAPED], m[node + PLACE] = last, -1
    key, moved, place, below = m[heap + 2 * last], m[heap + 2 * last + 1], 0, 1
    while below < last:
        if below + 1 < last and m[heap + 2 * below + 2] < m[heap + 2 * below]:
            below += 1
        if m[heap + 2 * below] >= key:
            break
        other = m[heap + 2 * below + 1]
        m[heap + 2 * place], m[heap + 2 * place + 1], m[other + PLACE] = m[heap + 2 * below], other, place
        place, below = below, 2 * below + 1
    if last > 0:
        m[heap + 2 * place], m[heap + 2 * place + 1], m[moved + PLACE] = key, moved, place
    return node


def offer(m: Cells, node: int, other: int, cost: int) -> bool:
    """Note a step to a node if it is shorter than what is known. Steps that cost nothing wait in a queue, hubs first."""
    length = m[REACH] + cost
    if length >= m[BOUND]:
        return False
    if m[other + STAMP] != m[SEARCHES]:
        m[other + STAMP], m[other + PLACE] = m[SEARCHES], -1
        m[m[SEEN] + m[SEEN_COUNT]] = other
        m[SEEN_COUNT] += 1
    elif length >= m[other + DISTANCE]:
        return False
    m[other + DISTANCE], m[other + VIA] = length, node
    if m[other + EXCESS] * (2 * m[AHEAD] - 1) < 0:
        m[BOUND] = length
        if cost == 0:
            m[FOUND] = other
    if cost > 0 or m[other + PLACE] >= 0:
        lift(m, other)
    elif other < m[CROWDS]:
        m[m[INNER] + m[INNER_COUNT]] = other
        m[INNER_COUNT] += 1
    else:
        m[m[QUEUE] + m[QUEUED]] = other
        m[QUEUED] += 1
    return True


def from_mentee(m: Cells, node: int) -> None:
    """Ahead to the mentors a mentee may have, or out of the round; behind to its mentor, or into the round."""
    here, mate, hub = m[node + POTENTIAL], m[node + MATE], m[node + HUB]
    if m[AHEAD] == 0:
        if mate >= 0 and (m[HOLDING] == 0 or m[node + TOUCHED] == m[CHANGES]):
            offer(m, node, mate, m[node + WORTH] + m[mate + POTENTIAL] - here)
        if hub >= 0 and m[node + ENTERED] == 0:
            offer(m, node, hub, m[hub + POTENTIAL] - here)
        return
    slack, pair = m[BOUND] - m[REACH], first_pair(m, node)
    while pair >= 0:
        other = m[pair]
        cost = here - m[pair + PAIR_WORTH] - m[other + POTENTIAL]
        if cost < slack and other != mate:
            offer(m, node, other, cost)
        pair = next_pair(m, node, pair)
    if m[node + ENTERED] == 1:
        offer(m, node, hub, here - m[hub + POTENTIAL])


def from_mentor(m: Cells, node: int) -> None:
    """Ahead to the mentees a mentor has, or to a free seat; behind to the mentees it may have, or off a seat."""
    here, hub = m[node + POTENTIAL], m[node + HUB]
    if m[AHEAD] == 1:
        if m[node + TAKEN] < m[node + SEATS]:
            offer(m, node, hub, here - m[hub + POTENTIAL])
        mentee = m[node + MATE]
        while mentee >= 0:
            if m[HOLDING] == 0 or m[mentee + TOUCHED] == m[CHANGES]:
                offer(m, node, mentee, here + m[mentee + WORTH] - m[mentee + POTENTIAL])
            mentee = m[mentee + NEXT]
        return
    slack, pair = m[BOUND] - m[REACH], first_pair(m, node)
    while pair >= 0:
        other = m[pair]
        cost = m[other + POTENTIAL] - m[pair + PAIR_WORTH] - here
        if cost < slack and m[other + MATE] != node:
            offer(m, node, other, cost)
        pair = next_pair(m, node, pair)
    if m[node + TAKEN] > 0:
        offer(m, node, hub, m[hub + POTENTIAL] - here)


def from_hub(m: Cells, node: int) -> None:
    """Go to the other hubs; the many people beside a hub wait."""
    here, sign = m[node + POTENTIAL], 2 * m[AHEAD] - 1
    for at in range(m[node + FIRST], m[node + LAST]):
        arc = m[at]
        tail, head = m[arc + TAIL], m[arc + HEAD]
        leaves = (tail == node) == (m[AHEAD] == 1)
        if m[arc + FLOW] < m[arc + UPPER] if leaves else m[arc + FLOW] > m[arc + LOWER]:
            other = head if tail == node else tail
            if offer(m, node, other, sign * (here - m[other + POTENTIAL])):
                m[other + ARC] = arc
    crowd = node + m[CROWDS] - HEADER
    if m[crowd + FIRST] < m[crowd + LAST] or m[crowd + NEWEST] >= 0:
        m[crowd + PLACE], m[crowd + DISTANCE] = -1, m[REACH]
        lift(m, crowd)


def beside(m: Cells, hub: int, person: int) -> None:
    """Go from a hub to one person beside it, if their arc can change."""
    if m[person + KIND] == MENTEE:
        is_open = m[person + HUB] == hub and m[person + ENTERED] == 1 - m[AHEAD]
        if m[AHEAD] == 0 and m[HOLDING] == 1 and m[person + TOUCHED] != m[CHANGES]:
            is_open = False
    else:
        is_open = m[person + TAKEN] > 0 if m[AHEAD] == 1 else m[person + TAKEN] < m[person + SEATS]
    if is_open:
        offer(m, hub, person, (2 * m[AHEAD] - 1) * (m[hub + POTENTIAL] - m[person + POTENTIAL]))


def from_crowd(m: Cells, crowd: int) -> None:
    """Go to the people beside a hub."""
    hub = crowd - m[CROWDS] + HEADER
    for at in range(m[crowd + FIRST], m[crowd + LAST]):
        beside(m, hub, m[at])
    person = m[crowd + NEWEST]
    while person >= 0:
        beside(m, hub, person)
        person = m[person + BESIDE]


def search(m: Cells, source: int, bound: int) -> int:
    """Dijkstra with early exit: the goal reached, or -1. Distances stay in the records stamped with this search."""
    m[SEARCHES] += 1
    m[REACH], m[BOUND], m[FOUND] = 0, bound, -1
    m[HEAPED], m[QUEUED], m[SEEN_COUNT], m[INNER_COUNT], head = 0, 0, 0, 0, 0
    offer(m, source, source, 0)
    while True:
        if m[INNER_COUNT] > 0:
            m[INNER_COUNT] -= 1
            node = m[m[INNER] + m[INNER_COUNT]]
        elif head < m[QUEUED]:
            node = m[m[QUEUE] + head]
            head += 1
        elif m[HEAPED] > 0:
            node = lowest(m)
            m[REACH] = m[node + DISTANCE]
        else:
            return -1
        if m[node + EXCESS] * (2 * m[AHEAD] - 1) < 0:
            return node
        if m[node + KIND] == MENTEE:
            from_mentee(m, node)
        elif m[node + KIND] == MENTOR:
            from_mentor(m, node)
        elif m[node + KIND] == CROWD:
            from_crowd(m, node)
        else:
            from_hub(m, node)
        if m[FOUND] >= 0:
            return m[FOUND]


def room(m: Cells, tail: int, head: int, arc: int) -> int:
    """How many units a residual step takes."""
    if tail < m[CROWDS] and head < m[CROWDS]:
        return m[arc + UPPER] - m[arc + FLOW] if m[arc + TAIL] == tail else m[arc + FLOW] - m[arc + LOWER]
    if tail < m[CROWDS] and m[head + KIND] == MENTOR:
        return m[head + TAKEN]
    if head < m[CROWDS] and m[tail + KIND] == MENTOR:
        return m[tail + SEATS] - m[tail + TAKEN]
    return 1


def step(m: Cells, tail: int, head: int, arc: int, amount: int) -> None:
    """Move units along one residual step."""
    if tail < m[CROWDS] and head < m[CROWDS]:
        write(m, arc + FLOW, m[arc + FLOW] + (amount if m[arc + TAIL] == tail else -amount))
    elif tail < m[CROWDS] or head < m[CROWDS]:
        person, sign = (head, 1) if tail < m[CROWDS] else (tail, -1)
        if m[person + KIND] == MENTOR:
            write(m, person + TAKEN, m[person + TAKEN] - sign * amount)
        else:
            write(m, person + ENTERED, (1 + sign) // 2)
    elif m[tail + KIND] == MENTEE:
        touch(m, tail)
        write(m, tail + WORTH, m[tail + POTENTIAL] - m[head + POTENTIAL])  # on a shortest path a step costs nothing
        count(m, m[tail + WORTH], 1)
        bind(m, tail, head, MATE, NEXT)
    else:
        part(m, head)


def ship(m: Cells, source: int, target: int) -> None:
    """Move as many units as fit along the path found, in the order of the flow."""
    ahead, path, count, node = m[AHEAD], m[HEAP], 1, target
    amount = abs(m[source + EXCESS])
    if abs(m[target + EXCESS]) < amount:
        amount = abs(m[target + EXCESS])
    while node != source:
        via = m[node + VIA]
        fits = room(m, via, node, m[node + ARC]) if ahead == 1 else room(m, node, via, m[node + ARC])
        if fits < amount:
            amount = fits
        m[path + count - 1] = node
        count, node = count + 1, via
    for at in range(count - 1):
        node = m[path + (count - 2 - at if ahead == 1 else at)]
        via = m[node + VIA]
        if ahead == 1:
            step(m, via, node, m[node + ARC], amount)
        else:
            step(m, node, via, m[node + ARC], amount)
    add(m, source, -amount if ahead == 1 else amount)
    add(m, target, amount if ahead == 1 else -amount)


def connect(m: Cells, source: int, ahead: int) -> int:
    """Ship an excess to the nearest place that can take it; potentials move so that no step costs less than nothing.

    Most goals are near: only where none is, the search looks further than `NEAR`.
    """
    m[AHEAD] = ahead
    target = search(m, source, m[NEAR])
    if target < 0:
        target = search(m, source, FAR)
    if target < 0:
        return BLOCKED
    if not room_for(m, 12 * m[SEEN_COUNT]):
        return FULL
    for at in range(m[SEEN], m[SEEN] + m[SEEN_COUNT]):
        node = m[at]
        nearer = m[REACH] - m[node + DISTANCE]
        if nearer > 0:
            write(m, node + POTENTIAL, m[node + POTENTIAL] + nearer * (1 - 2 * ahead))
    ship(m, source, target)
    return DONE


def settle(m: Cells) -> int:
    """Ship every excess along shortest paths: optimal before, optimal after. Or say what is in the way.

    Successive shortest paths on reduced costs (Ahuja, Magnanti and Orlin, Network Flows, 1993, section 9.7), from the person
    where the change happened, potentials kept; people before hubs, since their surroundings are small.
    """
    while True:
        surplus, lacking = -1, -1
        for at in range(m[ACTIVES], m[ACTIVES] + m[ACTIVE_COUNT]):
            node = m[at]
            if m[node + EXCESS] > 0 and node > surplus:
                surplus = node
            if m[node + EXCESS] < 0 and node > lacking:
                lacking = node
        if surplus < 0:
            return DONE
        ahead = 1 if surplus >= m[PEOPLE] or lacking < m[PEOPLE] else 0
        found = connect(m, surplus if ahead == 1 else lacking, ahead)
        if found != DONE:
            return found
