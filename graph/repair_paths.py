"""The shortest path of a repair. Compiled where it pays, the same steps in plain Python else: see `graph.repair_memory`."""

# mypy: disable-error-code="no-any-return"

from graph import repair_cells as c
from graph.repair_cells import Cells, add, bind, count, first_pair, next_pair, part, room_for, touch, write


def lift(m: Cells, node: int) -> None:
    """Put a node into the heap, or higher up in it."""
    place, key, heap = m[node + c.PLACE], m[node + c.DISTANCE], m[c.HEAP]
    if place < 0:
        place = m[c.HEAPED]
        m[c.HEAPED] += 1
    while place > 0:
        above = (place - 1) >> 1
        if m[heap + 2 * above] <= key:
            break
        other = m[heap + 2 * above + 1]
        m[heap + 2 * place], m[heap + 2 * place + 1], m[other + c.PLACE] = m[heap + 2 * above], other, place
        place = above
    m[heap + 2 * place], m[heap + 2 * place + 1], m[node + c.PLACE] = key, node, place


def lowest(m: Cells) -> int:
    """Take the nearest node out of the heap."""
    heap = m[c.HEAP]
    node, last = m[heap + 1], m[c.HEAPED] - 1
    m[c.HEAPED], m[node + c.PLACE] = last, -1
    key, moved, place, below = m[heap + 2 * last], m[heap + 2 * last + 1], 0, 1
    while below < last:
        if below + 1 < last and m[heap + 2 * below + 2] < m[heap + 2 * below]:
            below += 1
        if m[heap + 2 * below] >= key:
            break
        other = m[heap + 2 * below + 1]
        m[heap + 2 * place], m[heap + 2 * place + 1], m[other + c.PLACE] = m[heap + 2 * below], other, place
        place, below = below, 2 * below + 1
    if last > 0:
        m[heap + 2 * place], m[heap + 2 * place + 1], m[moved + c.PLACE] = key, moved, place
    return node


def offer(m: Cells, node: int, other: int, cost: int) -> bool:
    """Note a step to a node if it is shorter than what is known. Steps that cost nothing wait in a queue, hubs first."""
    length = m[c.REACH] + cost
    if length >= m[c.BOUND]:
        return False
    if m[other + c.STAMP] != m[c.SEARCHES]:
        m[other + c.STAMP], m[other + c.PLACE] = m[c.SEARCHES], -1
        m[m[c.SEEN] + m[c.SEEN_COUNT]] = other
        m[c.SEEN_COUNT] += 1
    elif length >= m[other + c.DISTANCE]:
        return False
    m[other + c.DISTANCE], m[other + c.VIA] = length, node
    if m[other + c.EXCESS] * (2 * m[c.AHEAD] - 1) < 0:
        m[c.BOUND] = length
        if cost == 0:
            m[c.FOUND] = other
    if cost > 0 or m[other + c.PLACE] >= 0:
        lift(m, other)
    elif other < m[c.CROWDS]:
        m[m[c.INNER] + m[c.INNER_COUNT]] = other
        m[c.INNER_COUNT] += 1
    else:
        m[m[c.QUEUE] + m[c.QUEUED]] = other
        m[c.QUEUED] += 1
    return True


def from_mentee(m: Cells, node: int) -> None:
    """Ahead to the mentors a mentee may have, or out of the round; behind to its mentor, or into the round."""
    here, mate, hub = m[node + c.POTENTIAL], m[node + c.MATE], m[node + c.HUB]
    if m[c.AHEAD] == 0:
        if mate >= 0 and (m[c.HOLDING] == 0 or m[node + c.TOUCHED] == m[c.CHANGES]):
            offer(m, node, mate, m[node + c.WORTH] + m[mate + c.POTENTIAL] - here)
        if hub >= 0 and m[node + c.ENTERED] == 0:
            offer(m, node, hub, m[hub + c.POTENTIAL] - here)
        return
    slack, pair = m[c.BOUND] - m[c.REACH], first_pair(m, node)
    while pair >= 0:
        other = m[pair]
        cost = here - m[pair + c.PAIR_WORTH] - m[other + c.POTENTIAL]
        if cost < slack and other != mate:
            offer(m, node, other, cost)
        pair = next_pair(m, node, pair)
    if m[node + c.ENTERED] == 1:
        offer(m, node, hub, here - m[hub + c.POTENTIAL])


def from_mentor(m: Cells, node: int) -> None:
    """Ahead to the mentees a mentor has, or to a free seat; behind to the mentees it may have, or off a seat."""
    here, hub = m[node + c.POTENTIAL], m[node + c.HUB]
    if m[c.AHEAD] == 1:
        if m[node + c.TAKEN] < m[node + c.SEATS]:
            offer(m, node, hub, here - m[hub + c.POTENTIAL])
        mentee = m[node + c.MATE]
        while mentee >= 0:
            if m[c.HOLDING] == 0 or m[mentee + c.TOUCHED] == m[c.CHANGES]:
                offer(m, node, mentee, here + m[mentee + c.WORTH] - m[mentee + c.POTENTIAL])
            mentee = m[mentee + c.NEXT]
        return
    slack, pair = m[c.BOUND] - m[c.REACH], first_pair(m, node)
    while pair >= 0:
        other = m[pair]
        cost = m[other + c.POTENTIAL] - m[pair + c.PAIR_WORTH] - here
        if cost < slack and m[other + c.MATE] != node:
            offer(m, node, other, cost)
        pair = next_pair(m, node, pair)
    if m[node + c.TAKEN] > 0:
        offer(m, node, hub, m[hub + c.POTENTIAL] - here)


def from_hub(m: Cells, node: int) -> None:
    """Go to the other hubs; the many people beside a hub wait."""
    here, sign = m[node + c.POTENTIAL], 2 * m[c.AHEAD] - 1
    for at in range(m[node + c.FIRST], m[node + c.LAST]):
        arc = m[at]
        tail, head = m[arc + c.TAIL], m[arc + c.HEAD]
        leaves = (tail == node) == (m[c.AHEAD] == 1)
        if m[arc + c.FLOW] < m[arc + c.UPPER] if leaves else m[arc + c.FLOW] > m[arc + c.LOWER]:
            other = head if tail == node else tail
            if offer(m, node, other, sign * (here - m[other + c.POTENTIAL])):
                m[other + c.ARC] = arc
    crowd = node + m[c.CROWDS] - c.HEADER
    if m[crowd + c.FIRST] < m[crowd + c.LAST] or m[crowd + c.NEWEST] >= 0:
        m[crowd + c.PLACE], m[crowd + c.DISTANCE] = -1, m[c.REACH]
        lift(m, crowd)


def beside(m: Cells, hub: int, person: int) -> None:
    """Go from a hub to one person beside it, if their arc can change."""
    if m[person + c.KIND] == c.MENTEE:
        is_open = m[person + c.HUB] == hub and m[person + c.ENTERED] == 1 - m[c.AHEAD]
        if m[c.AHEAD] == 0 and m[c.HOLDING] == 1 and m[person + c.TOUCHED] != m[c.CHANGES]:
            is_open = False
    else:
        is_open = m[person + c.TAKEN] > 0 if m[c.AHEAD] == 1 else m[person + c.TAKEN] < m[person + c.SEATS]
    if is_open:
        offer(m, hub, person, (2 * m[c.AHEAD] - 1) * (m[hub + c.POTENTIAL] - m[person + c.POTENTIAL]))


def from_crowd(m: Cells, crowd: int) -> None:
    """Go to the people beside a hub."""
    hub = crowd - m[c.CROWDS] + c.HEADER
    for at in range(m[crowd + c.FIRST], m[crowd + c.LAST]):
        beside(m, hub, m[at])
    person = m[crowd + c.NEWEST]
    while person >= 0:
        beside(m, hub, person)
        person = m[person + c.BESIDE]


def search(m: Cells, source: int, bound: int) -> int:
    """Dijkstra with early exit: the goal reached, or -1. Distances stay in the records stamped with this search."""
    m[c.SEARCHES] += 1
    m[c.REACH], m[c.BOUND], m[c.FOUND] = 0, bound, -1
    m[c.HEAPED], m[c.QUEUED], m[c.SEEN_COUNT], m[c.INNER_COUNT], head = 0, 0, 0, 0, 0
    offer(m, source, source, 0)
    while True:
        if m[c.INNER_COUNT] > 0:
            m[c.INNER_COUNT] -= 1
            node = m[m[c.INNER] + m[c.INNER_COUNT]]
        elif head < m[c.QUEUED]:
            node = m[m[c.QUEUE] + head]
            head += 1
        elif m[c.HEAPED] > 0:
            node = lowest(m)
            m[c.REACH] = m[node + c.DISTANCE]
        else:
            return -1
        if m[node + c.EXCESS] * (2 * m[c.AHEAD] - 1) < 0:
            return node
        if m[node + c.KIND] == c.MENTEE:
            from_mentee(m, node)
        elif m[node + c.KIND] == c.MENTOR:
            from_mentor(m, node)
        elif m[node + c.KIND] == c.CROWD:
            from_crowd(m, node)
        else:
            from_hub(m, node)
        if m[c.FOUND] >= 0:
            return m[c.FOUND]


def room(m: Cells, tail: int, head: int, arc: int) -> int:
    """How many units a residual step takes."""
    if tail < m[c.CROWDS] and head < m[c.CROWDS]:
        return m[arc + c.UPPER] - m[arc + c.FLOW] if m[arc + c.TAIL] == tail else m[arc + c.FLOW] - m[arc + c.LOWER]
    if tail < m[c.CROWDS] and m[head + c.KIND] == c.MENTOR:
        return m[head + c.TAKEN]
    if head < m[c.CROWDS] and m[tail + c.KIND] == c.MENTOR:
        return m[tail + c.SEATS] - m[tail + c.TAKEN]
    return 1


def step(m: Cells, tail: int, head: int, arc: int, amount: int) -> None:
    """Move units along one residual step."""
    if tail < m[c.CROWDS] and head < m[c.CROWDS]:
        write(m, arc + c.FLOW, m[arc + c.FLOW] + (amount if m[arc + c.TAIL] == tail else -amount))
    elif tail < m[c.CROWDS] or head < m[c.CROWDS]:
        person, sign = (head, 1) if tail < m[c.CROWDS] else (tail, -1)
        if m[person + c.KIND] == c.MENTOR:
            write(m, person + c.TAKEN, m[person + c.TAKEN] - sign * amount)
        else:
            write(m, person + c.ENTERED, (1 + sign) // 2)
    elif m[tail + c.KIND] == c.MENTEE:
        touch(m, tail)
        write(
            m, tail + c.WORTH, m[tail + c.POTENTIAL] - m[head + c.POTENTIAL]
        )  # on a shortest path a step costs nothing
        count(m, m[tail + c.WORTH], 1)
        bind(m, tail, head, c.MATE, c.NEXT)
    else:
        part(m, head)


def ship(m: Cells, source: int, target: int) -> None:
    """Move as many units as fit along the path found, in the order of the flow."""
    ahead, path, count, node = m[c.AHEAD], m[c.HEAP], 1, target
    amount = abs(m[source + c.EXCESS])
    if abs(m[target + c.EXCESS]) < amount:
        amount = abs(m[target + c.EXCESS])
    while node != source:
        via = m[node + c.VIA]
        fits = room(m, via, node, m[node + c.ARC]) if ahead == 1 else room(m, node, via, m[node + c.ARC])
        if fits < amount:
            amount = fits
        m[path + count - 1] = node
        count, node = count + 1, via
    for at in range(count - 1):
        node = m[path + (count - 2 - at if ahead == 1 else at)]
        via = m[node + c.VIA]
        if ahead == 1:
            step(m, via, node, m[node + c.ARC], amount)
        else:
            step(m, node, via, m[node + c.ARC], amount)
    add(m, source, -amount if ahead == 1 else amount)
    add(m, target, amount if ahead == 1 else -amount)


def connect(m: Cells, source: int, ahead: int) -> int:
    """Ship an excess to the nearest place that can take it; potentials move so that no step costs less than nothing.

    Most goals are near: only where none is, the search looks further than `NEAR`.
    """
    m[c.AHEAD] = ahead
    target = search(m, source, m[c.NEAR])
    if target < 0:
        target = search(m, source, c.FAR)
    if target < 0:
        return c.BLOCKED
    if not room_for(m, 12 * m[c.SEEN_COUNT]):
        return c.FULL
    for at in range(m[c.SEEN], m[c.SEEN] + m[c.SEEN_COUNT]):
        node = m[at]
        nearer = m[c.REACH] - m[node + c.DISTANCE]
        if nearer > 0:
            write(m, node + c.POTENTIAL, m[node + c.POTENTIAL] + nearer * (1 - 2 * ahead))
    ship(m, source, target)
    return c.DONE


def settle(m: Cells) -> int:
    """Ship every excess along shortest paths: optimal before, optimal after. Or say what is in the way.

    Successive shortest paths on reduced costs (Ahuja, Magnanti and Orlin, Network Flows, 1993, section 9.7), from the person
    where the change happened, potentials kept; people before hubs, since their surroundings are small.
    """
    while True:
        surplus, lacking = -1, -1
        for at in range(m[c.ACTIVES], m[c.ACTIVES] + m[c.ACTIVE_COUNT]):
            node = m[at]
            if m[node + c.EXCESS] > 0 and node > surplus:
                surplus = node
            if m[node + c.EXCESS] < 0 and node > lacking:
                lacking = node
        if surplus < 0:
            return c.DONE
        ahead = 1 if surplus >= m[c.PEOPLE] or lacking < m[c.PEOPLE] else 0
        found = connect(m, surplus if ahead == 1 else lacking, ahead)
        if found != c.DONE:
            return found
