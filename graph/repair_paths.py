"""The shortest path of a repair. Compiled where it pays, the same steps in plain Python else: see `graph.repair_memory`."""

# mypy: disable-error-code="no-any-return"

from graph import repair_cells as c
from graph.repair_cells import Cells, add, bind, count, part, room_for, touch, write
from graph.repair_ends import begin, behind, following, next_length, one_way, turn, waiting
from graph.repair_steps import from_crowd, from_hub, from_mentee, from_mentor, loosen


def search(m: Cells, source: int) -> int:
    """Find a shortest path from a node to any of opposite excess: the goal reached, or -1. VIA leads back to the source.

    The far end waits until `FEW` nodes are seen: most goals are nearer than that. From there on whichever end has fewer
    nodes waiting goes on (Pohl, Bi-directional search, Machine Intelligence 6, 1971), until what is next on both sides is
    together no nearer than the shortest way found.
    """
    begin(m, source)
    while True:
        if next_length(m, 0) + next_length(m, c.OTHER) >= m[c.SHORTEST]:
            break
        if m[c.SEEN_COUNT] > m[c.FEW] and m[c.HOLDING] == 0 and waiting(m, c.OTHER) < waiting(m, 0):
            turn(m)
        node = following(m)
        if m[node + c.KIND] == c.MENTEE:
            from_mentee(m, node)
        elif m[node + c.KIND] == c.MENTOR:
            from_mentor(m, node)
        elif m[node + c.KIND] == c.CROWD:
            from_crowd(m, node)
        else:
            from_hub(m, node)
    if m[c.BACK] == 1:
        turn(m)
    return one_way(m) if m[c.SHORTEST] < c.FAR else -1


def move_prices(m: Cells) -> None:
    """Move potentials so that the shortest path found costs nothing and no residual step less than nothing.

    With radii r + s = length of the path, whoever is d < r from the source falls by r - d, whoever is e < s from the goals
    rises by s - e. A step from the one ball to the other costs at least (r - d) + (s - e), or there were a shorter path;
    within a ball distances differ by no more than a step costs.
    """
    sign, near = 2 * m[c.AHEAD] - 1, min(next_length(m, 0), m[c.SHORTEST] - m[c.OTHER + c.REACH])
    far = m[c.SHORTEST] - near
    for at in range(m[c.SEEN], m[c.SEEN] + m[c.SEEN_COUNT]):
        node = m[at]
        moved = min(m[node + c.DISTANCE] - near, 0)
        if m[node + c.STAMP] > m[c.SEARCHES]:
            moved += max(far - m[behind(m, node)], 0)
        if moved != 0:
            write(m, node + c.POTENTIAL, m[node + c.POTENTIAL] + sign * moved)
            if node >= m[c.PEOPLE]:
                loosen(m, node)


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
        loosen(m, person)
    elif m[tail + c.KIND] == c.MENTEE:
        touch(m, tail)
        # On a shortest path a step costs nothing: the pair is worth the difference of the prices.
        write(m, tail + c.WORTH, m[tail + c.POTENTIAL] - m[head + c.POTENTIAL])
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
    """Ship an excess to the nearest place that can take it; potentials move so that no step costs less than nothing."""
    m[c.AHEAD] = ahead
    if not room_for(m, (m[c.LATER] - m[c.BLOCKS]) // c.BLOCK_WIDTH):
        return c.FULL
    target = search(m, source)
    if target < 0:
        return c.BLOCKED
    if not room_for(m, 14 * m[c.SEEN_COUNT]):
        return c.FULL
    move_prices(m)
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
