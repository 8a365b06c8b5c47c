"""Where a repair's search can go from a node, ahead or behind. Compiled or plain, as graph/repair_paths.py."""

# mypy: disable-error-code="no-any-return"

from graph import repair_cells as c
from graph.repair_cells import Cells, first_pair, next_pair, write
from graph.repair_ends import bridge, label, lift, met, note, offer, slack, waiting


def window(m: Cells, beyond: int) -> int:
    """How much a step may cost at once; each time somebody comes back five times as far, so that nobody does so often."""
    return m[c.NEAR] + 4 * beyond


def along_pairs(m: Cells, node: int) -> None:
    """From a mentee ahead to the mentors it may have, or from a mentor behind to the mentees that may have it.

    Only those less than `NEAR` further away; where there are others the node waits in the heap until they are next.
    """
    here, mate, sign, known = m[node + c.POTENTIAL], m[node + c.MATE], 2 * m[c.AHEAD] - 1, met(m)
    beyond, most, pair = m[c.REACH] - m[label(m, node)], slack(m), first_pair(m, node)
    near, rest = window(m, beyond), most
    while pair >= 0:
        other = m[pair]
        cost = sign * (here - m[other + c.POTENTIAL]) - m[pair + c.PAIR_WORTH] - beyond
        if (other != mate) if sign > 0 else (m[other + c.MATE] != node):
            if m[other + c.STAMP] >= known:
                bridge(m, node, other, cost)
            if 0 <= cost < rest:
                if cost < near:
                    note(m, node, other, cost)
                else:
                    rest = cost
        pair = next_pair(m, node, pair)
    if rest < most:
        lift(m, node, m[c.REACH] + rest)


def is_held(m: Cells, person: int) -> bool:
    """True if a mentee has to stay where it is, where only those a change parted may move."""
    return m[c.HOLDING] == 1 and m[person + c.KIND] == c.MENTEE and m[person + c.TOUCHED] != m[c.CHANGES]


def from_mentee(m: Cells, node: int) -> None:
    """Ahead to the mentors a mentee may have, or out of the round; behind to its mentor, or into the round."""
    here, mate, hub = m[node + c.POTENTIAL], m[node + c.MATE], m[node + c.HUB]
    if m[c.AHEAD] == 0:
        if mate >= 0 and not is_held(m, node):
            offer(m, node, mate, m[node + c.WORTH] + m[mate + c.POTENTIAL] - here)
        if hub >= 0 and m[node + c.ENTERED] == 0:
            offer(m, node, hub, m[hub + c.POTENTIAL] - here)
        return
    if m[c.REACH] == m[label(m, node)] and m[node + c.ENTERED] == 1:
        offer(m, node, hub, here - m[hub + c.POTENTIAL])
    along_pairs(m, node)


def from_mentor(m: Cells, node: int) -> None:
    """Ahead to the mentees a mentor has, or to a free seat; behind to the mentees it may have, or off a seat."""
    here, hub = m[node + c.POTENTIAL], m[node + c.HUB]
    if m[c.AHEAD] == 1:
        if m[node + c.TAKEN] < m[node + c.SEATS]:
            offer(m, node, hub, here - m[hub + c.POTENTIAL])
        mentee = m[node + c.MATE]
        while mentee >= 0:
            if not is_held(m, mentee):
                offer(m, node, mentee, here + m[mentee + c.WORTH] - m[mentee + c.POTENTIAL])
            mentee = m[mentee + c.NEXT]
        return
    if m[c.REACH] == m[label(m, node)] and m[node + c.TAKEN] > 0:
        offer(m, node, hub, m[hub + c.POTENTIAL] - here)
    along_pairs(m, node)


def from_hub(m: Cells, node: int) -> None:
    """Go to the other hubs; the many people beside a hub wait."""
    here, sign = m[node + c.POTENTIAL], 2 * m[c.AHEAD] - 1
    for at in range(m[node + c.FIRST], m[node + c.LAST]):
        arc = m[at]
        tail, head = m[arc + c.TAIL], m[arc + c.HEAD]
        leaves = (tail == node) == (m[c.AHEAD] == 1)
        if m[arc + c.FLOW] < m[arc + c.UPPER] if leaves else m[arc + c.FLOW] > m[arc + c.LOWER]:
            other = head if tail == node else tail
            m[c.CROSSED] = arc
            if offer(m, node, other, sign * (here - m[other + c.POTENTIAL])):
                m[label(m, other) + c.BY] = arc
    crowd = node + m[c.CROWDS] - c.HEADER
    if m[crowd + c.FIRST] < m[crowd + c.LAST] or m[crowd + c.NEWEST] >= 0:
        at = label(m, crowd)
        m[at], m[at + c.REST], m[at + c.SPOT], m[at + c.CURSOR] = m[c.REACH], c.FAR, -1, m[crowd + c.FIRST]
        lift(m, crowd, m[c.REACH])


def is_open(m: Cells, person: int, ahead: int) -> bool:
    """True if the arc between a person and its hub can change: ahead from the hub to the person, or behind."""
    if m[person + c.KIND] == c.MENTOR:
        return m[person + c.TAKEN] > 0 if ahead == 1 else m[person + c.TAKEN] < m[person + c.SEATS]
    return m[person + c.HUB] >= 0 and m[person + c.ENTERED] == 1 - ahead


def beside(m: Cells, hub: int, person: int, beyond: int, rest: int) -> int:
    """Go from a hub to one person beside it, if that is open and costs little; else return the lesser rest."""
    cost = (2 * m[c.AHEAD] - 1) * (m[hub + c.POTENTIAL] - m[person + c.POTENTIAL]) - beyond
    if cost < 0 or cost >= rest or not is_open(m, person, m[c.AHEAD]):
        return rest
    if m[c.AHEAD] == 0 and is_held(m, person):
        return rest
    if cost >= window(m, beyond):
        return cost
    offer(m, hub, person, cost)
    return rest


def from_crowd(m: Cells, crowd: int) -> None:
    """Go to people beside a hub: to those of the next block where there are any to go to, then the crowd waits again.

    Blocks of which nobody is less than `NEAR` further away are left out, by what is known of their potentials; the crowd
    waits for them in the heap, as a person for its pairs. Nobody is missed where the ends meet: a step between person and hub
    is always taken at once from the person's side.
    """
    hub, at = crowd - m[c.CROWDS] + c.HEADER, label(m, crowd)
    beyond, rest, first, before = m[c.REACH] - m[at], m[at + c.REST], m[at + c.CURSOR], waiting(m, 0)
    block = m[crowd + c.BLOCK] + (first - m[crowd + c.FIRST]) // c.BLOCK_PEOPLE * c.BLOCK_WIDTH
    while first < m[crowd + c.LAST] and waiting(m, 0) == before:
        rest = min(rest, from_block(m, hub, block, first, min(first + c.BLOCK_PEOPLE, m[crowd + c.LAST]), beyond))
        first, block = first + c.BLOCK_PEOPLE, block + c.BLOCK_WIDTH
    if first < m[crowd + c.LAST]:
        m[at + c.REST], m[at + c.CURSOR] = rest, first
        lift(m, crowd, m[c.REACH])
        return
    person = m[crowd + c.NEWEST]
    while person >= 0:
        rest = beside(m, hub, person, beyond, rest)
        person = m[person + c.BESIDE]
    if rest < slack(m):
        m[at + c.REST], m[at + c.CURSOR] = c.FAR, m[crowd + c.FIRST]
        lift(m, crowd, m[c.REACH] + rest)


def from_block(m: Cells, hub: int, block: int, first: int, last: int, beyond: int) -> int:
    """Go to the people of a block less than `NEAR` further away; return how far the next one is at least."""
    bounded = c.MOST if m[c.AHEAD] == 1 else c.LEAST
    least = (2 * m[c.AHEAD] - 1) * (m[hub + c.POTENTIAL] - m[block + bounded]) - beyond
    if least >= min(window(m, beyond), slack(m)) and (m[c.HOLDING] == 0 or m[c.AHEAD] == 1):
        return least  # behind, where nobody may move, it would be of those held
    rest = c.FAR
    for at in range(first, last):
        rest = beside(m, hub, m[at], beyond, rest)
    if m[c.HOLDING] == 0:
        bound(m, block, first, last, m[c.AHEAD])
    return rest


def bound(m: Cells, block: int, first: int, last: int, ahead: int) -> None:
    """Find out the least (or greatest) potential in a block."""
    found = -c.FAR if ahead == 1 else c.FAR
    for at in range(first, last):
        here = m[m[at] + c.POTENTIAL]
        if (here > found if ahead == 1 else here < found) and is_open(m, m[at], ahead):
            found = here
    side = block + (c.MOST if ahead == 1 else c.LEAST)
    if m[side] != found:
        write(m, side, found)


def loosen(m: Cells, person: int) -> None:
    """Let a block's bounds hold again after a person's potential, or arc, has changed."""
    block, here = m[person + c.BLOCK], m[person + c.POTENTIAL]
    if block >= m[c.BLOCKS]:
        if here < m[block + c.LEAST] and is_open(m, person, 0):
            write(m, block + c.LEAST, here)
        if here > m[block + c.MOST] and is_open(m, person, 1):
            write(m, block + c.MOST, here)


def bound_all(m: Cells) -> None:
    """Find out every block's bounds."""
    for crowd in range(m[c.CROWDS], m[c.PEOPLE], c.WIDTH):
        block = m[crowd + c.BLOCK]
        for first in range(m[crowd + c.FIRST], m[crowd + c.LAST], c.BLOCK_PEOPLE):
            for ahead in range(2):
                bound(m, block, first, min(first + c.BLOCK_PEOPLE, m[crowd + c.LAST]), ahead)
            block += c.BLOCK_WIDTH
