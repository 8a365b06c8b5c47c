"""What a change does to the array of a repair. Compiled or plain, as graph/repair_paths.py."""

# mypy: disable-error-code="no-any-return"

from graph import repair_cells as c
from graph.repair_cells import Cells, add, first_pair, next_pair, part, undo, write
from graph.repair_own import firm, owe, own_forbid, own_leave, own_seats, relax
from graph.repair_paths import settle
from graph.repair_steps import loosen


def lose(m: Cells, mentor: int, lost: int) -> None:
    """A mentor has so many seats fewer."""
    write(m, mentor + c.SEATS, m[mentor + c.SEATS] - lost)
    over = m[mentor + c.TAKEN] - m[mentor + c.SEATS]
    if over > 0:
        write(m, mentor + c.TAKEN, m[mentor + c.SEATS])
        add(m, mentor, over)
        add(m, m[mentor + c.HUB], -over)
    own_seats(m, mentor)


def leave(m: Cells, mentee: int) -> None:
    """A mentee leaves the round, and its pairs with it."""
    hub = m[mentee + c.HUB]
    if m[mentee + c.ENTERED] == 1:
        write(m, mentee + c.ENTERED, 0)
        add(m, part(m, mentee), -1)
        add(m, hub, 1)
    write(m, mentee + c.HUB, -1)
    write(m, mentee + c.LAST, m[mentee + c.FIRST])
    write(m, mentee + c.NEWEST, -1)
    own_leave(m, mentee)


def start(m: Cells, mentee: int) -> None:
    """A pair starts its partnership: mentee and seat leave the round."""
    mentor = m[mentee + c.MATE]
    leave(m, mentee)
    write(m, mentor + c.SEATS, m[mentor + c.SEATS] - 1)
    write(m, mentor + c.TAKEN, m[mentor + c.TAKEN] - 1)
    add(m, mentor, 1)
    add(m, m[mentor + c.HUB], -1)
    own_seats(m, mentor)


def find(m: Cells, person: int, other: int) -> int:
    """A person's pair with another, 0 if there is none."""
    pair = first_pair(m, person)
    while pair >= 0:
        if m[pair] == other and m[pair + c.PAIR_WORTH] > c.DEAD:
            return pair
        pair = next_pair(m, person, pair)
    return 0


def forbid(m: Cells, mentee: int, mentor: int) -> int:
    """A pair is no more. If it was matched: fill the seat as if the mentee had left, then let her come back.

    Two near searches in place of a far one. The way from mentee to seat is only searched as one where a guarantee forbids to
    place one fewer in between.
    """
    write(m, find(m, mentee, mentor) + c.PAIR_WORTH, c.DEAD)
    write(m, find(m, mentor, mentee) + c.PAIR_WORTH, c.DEAD)
    own_forbid(m, mentee, mentor)
    if m[mentee + c.MATE] != mentor:
        return c.DONE
    relax(m)
    part(m, mentee)
    hub, mark = m[mentee + c.HUB], m[c.LOGGED]
    write(m, mentee + c.ENTERED, 0)
    write(m, mentee + c.HUB, -1)
    add(m, mentor, -1)
    add(m, hub, 1)
    found = settle(m)
    if found == c.FULL:
        return c.FULL
    if found == c.BLOCKED:
        undo(m, mark)
        add(m, mentor, -1)
        add(m, mentee, 1)
        return c.DONE
    write(m, mentee + c.HUB, hub)
    if m[mentee + c.POTENTIAL] > m[hub + c.POTENTIAL]:
        write(m, mentee + c.ENTERED, 1)
        add(m, mentee, 1)
        add(m, hub, -1)
    loosen(m, mentee)
    return c.DONE


def meet(m: Cells, person: int, pairs: int) -> None:
    """Read a newcomer's pairs, numbers and points, out of the inbox; both sides know them from now on."""
    base = m[c.PEOPLE] + (c.WIDTH if m[person + c.KIND] == c.MENTEE else 0)
    for number in range(pairs):
        other = base + 2 * c.WIDTH * m[m[c.INBOX] + 2 * number]
        points = m[m[c.INBOX] + 2 * number + 1]
        waited = m[person + c.WAITED] if m[person + c.KIND] == c.MENTEE else m[other + c.WAITED]
        worth = (m[c.PLACEMENT] + points) * m[c.TIE] + waited
        for one, partner in ((person, other), (other, person)):
            pair = m[c.LATER_USED]
            m[pair], m[pair + c.PAIR_WORTH], m[pair + c.EARLIER] = partner, worth, m[one + c.NEWEST]
            write(m, one + c.NEWEST, pair)
            write(m, c.LATER_USED, pair + 3)


def stand(m: Cells, person: int, hub: int, organisation: int) -> None:
    """A newcomer stands beside a hub."""
    crowd = hub + m[c.CROWDS] - c.HEADER
    write(m, person + c.BESIDE, m[crowd + c.NEWEST])
    write(m, crowd + c.NEWEST, person)
    write(m, person + c.HUB, hub)
    write(m, person + c.OWNER, organisation)


def arrive(m: Cells, mentee: int, hub: int, organisation: int, waited: int, pairs: int) -> None:
    """A mentee joins; unplaced, or on the way to a seat if one is worth it at present prices."""
    write(m, mentee + c.WAITED, waited)
    stand(m, mentee, hub, organisation)
    meet(m, mentee, pairs)
    asked = m[hub + c.POTENTIAL] if pairs == 0 else -c.FAR
    pair = first_pair(m, mentee)
    while pair >= 0:
        asked = max(asked, m[m[pair] + c.POTENTIAL] + m[pair + c.PAIR_WORTH])
        pair = m[pair + c.EARLIER]
    write(m, mentee + c.POTENTIAL, asked)
    if asked > m[hub + c.POTENTIAL]:
        write(m, mentee + c.ENTERED, 1)
        add(m, mentee, 1)
        add(m, hub, -1)
    owe(m, organisation, m[c.FAIR], mentee)


def join(m: Cells, mentor: int, hub: int, organisation: int, seats: int, pairs: int) -> None:
    """A mentor joins; its seats are filled if they are worth it at present prices."""
    stand(m, mentor, hub, organisation)
    write(m, mentor + c.SEATS, seats)
    meet(m, mentor, pairs)
    least = m[hub + c.POTENTIAL]
    pair = first_pair(m, mentor)
    while pair >= 0:
        least = min(least, m[m[pair] + c.POTENTIAL] - m[pair + c.PAIR_WORTH])
        pair = m[pair + c.EARLIER]
    write(m, mentor + c.POTENTIAL, least)
    if least < m[hub + c.POTENTIAL] and seats > 0:
        write(m, mentor + c.TAKEN, seats)
        add(m, hub, seats)
        add(m, mentor, -seats)
    owe(m, organisation, m[c.FAIR] * seats, mentor)


def finish(m: Cells, everywhere: int) -> int:
    """Make flow and guarantees agree, so that the round is the best again."""
    relax(m)
    found = settle(m)
    while found == c.DONE and firm(m, everywhere):
        found, everywhere = settle(m), 0
    return c.FULL if m[c.IS_FULL] == 1 else found


LOSES, LEAVES, STARTS, FORBIDS, ARRIVES, JOINS, COUNTS = range(7)


def change(m: Cells, kind: int, who: int, other: int, owner: int, number: int, pairs: int) -> int:
    """Do one change and make the round the best again. ``other`` is the mentor of a pair, or a newcomer's hub.

    ``number``: the seats lost or brought, or the rounds waited. A started partnership leaves the excess for the next change.
    """
    found = c.DONE
    if kind == LOSES:
        lose(m, who, number)
    elif kind == LEAVES:
        leave(m, who)
    elif kind == STARTS:
        start(m, who)
        return c.DONE
    elif kind == FORBIDS:
        found = forbid(m, who, other)
    elif kind == ARRIVES:
        arrive(m, who, other, owner, number, pairs)
    elif kind == JOINS:
        join(m, who, other, owner, number, pairs)
    return finish(m, 1 if kind == COUNTS else 0) if found == c.DONE else found
