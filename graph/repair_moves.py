"""What a change does to the array of a repair: to the round, and to what each organisation can place alone.

Compiled or plain, as graph/repair_paths.py. What organisations can place alone is a largest matching with seats of their own
people, counted exactly only where it could matter: a change at once drops what it forbids, and the searches that find out by
how much the matching grows again are owed until `resolve`. A path that enlarges it must end at a person whom a change touched
(Berge's theorem), so one search from each of those is enough.
"""

# mypy: disable-error-code="no-any-return"

from graph.repair_paths import (
    BESIDE,
    BLOCKED,
    CROWDS,
    DEAD,
    DONE,
    EARLIER,
    ENTERED,
    EXCESS,
    FAIR,
    FAR,
    FIRST,
    FLOW,
    FULL,
    HEADER,
    HUB,
    INBOX,
    IS_FULL,
    KIND,
    LAST,
    LATER_USED,
    LOGGED,
    LOWER,
    MATE,
    MENTEE,
    NEWEST,
    ORGANISATIONS,
    ORGANISATIONS_END,
    OWED,
    OWN,
    OWN_COUNT,
    OWN_NEXT,
    OWNER,
    PAIR_WORTH,
    PEOPLE,
    PLACEMENT,
    POTENTIAL,
    QUEUE,
    SEARCHES,
    SEATS,
    STAMP,
    TAKEN,
    TIE,
    VIA,
    WAITED,
    WIDTH,
    Cells,
    add,
    bind,
    first_pair,
    next_pair,
    part,
    room_for,
    settle,
    unbind,
    undo,
    write,
)

ORGANISATION_WIDTH = 8
PLACED, SERVED, ARC_OF, ALONE, DEBT, OWING = range(6)
"""An organisation: the hubs of its placements and of its mentees and the arc between them, what it places alone at least, by
how much more that may be, and the first of the people whose searches are owed."""


# What an organisation can place alone


def own_bind(m: Cells, mentee: int, mentor: int) -> None:
    """Join a pair in an organisation's own matching."""
    bind(m, mentee, mentor, OWN, OWN_NEXT)
    write(m, mentor + OWN_COUNT, m[mentor + OWN_COUNT] + 1)


def own_unbind(m: Cells, mentee: int) -> int:
    """Part a pair in an organisation's own matching; return the mentor."""
    mentor = unbind(m, mentee, OWN, OWN_NEXT)
    write(m, mentor + OWN_COUNT, m[mentor + OWN_COUNT] - 1)
    return mentor


def owe(m: Cells, organisation: int, most: int, person: int) -> None:
    """Remember that an organisation may place so many more alone, by a search from this person."""
    if organisation < 0:
        return
    write(m, organisation + DEBT, m[organisation + DEBT] + most)
    if m[person + OWED] == 0:
        write(m, person + OWED, m[organisation + OWING])
        write(m, organisation + OWING, person)


def own_lost(m: Cells, mentee: int) -> int:
    """Part a mentee in its organisation's own matching, which is one smaller now; return the mentor."""
    organisation = m[mentee + OWNER]
    write(m, organisation + ALONE, m[organisation + ALONE] - 1)
    return own_unbind(m, mentee)


def own_leave(m: Cells, mentee: int) -> None:
    """A mentee is gone: its mentor may serve another one."""
    if m[mentee + OWN] >= 0:
        owe(m, m[mentee + OWNER], 1, own_lost(m, mentee))
    write(m, mentee + OWNER, -1)


def own_forbid(m: Cells, mentee: int, mentor: int) -> None:
    """A pair, dead by now, is no more."""
    if m[mentee + OWN] == mentor:
        owe(m, m[mentee + OWNER], 1, mentee)
        owe(m, m[mentee + OWNER], 0, own_lost(m, mentee))


def own_seats(m: Cells, mentor: int) -> None:
    """The mentor's seats, fewer by now, hold only so many."""
    while m[mentor + OWN_COUNT] > m[mentor + SEATS]:
        mentee = m[mentor + OWN]
        own_lost(m, mentee)
        owe(m, m[mentee + OWNER], 1, mentee)


def place(m: Cells, mentee: int) -> bool:
    """Search forward from an unmatched mentee for a free seat; True if the organisation can place one more."""
    organisation, queue, head, tail = m[mentee + OWNER], m[QUEUE], 0, 1
    m[SEARCHES] += 1
    m[queue] = mentee
    while head < tail:
        one = m[queue + head]
        head += 1
        pair = first_pair(m, one)
        while pair >= 0:
            mentor = m[pair]
            if m[pair + PAIR_WORTH] > DEAD and m[mentor + OWNER] == organisation and m[mentor + STAMP] != m[SEARCHES]:
                m[mentor + STAMP], m[mentor + VIA] = m[SEARCHES], one
                if m[mentor + OWN_COUNT] < m[mentor + SEATS]:
                    return shift(m, mentee, mentor, tail)
                other = m[mentor + OWN]
                while other >= 0:
                    m[queue + tail] = other
                    tail, other = tail + 1, m[other + OWN_NEXT]
            pair = next_pair(m, one, pair)
    return False


def shift(m: Cells, mentee: int, mentor: int, seen: int) -> bool:
    """Give everyone on the way from a mentee to a free seat the next seat."""
    organisation = m[mentee + OWNER]
    if not room_for(m, 9 * seen):
        return False
    write(m, organisation + ALONE, m[organisation + ALONE] + 1)
    while True:
        one = m[mentor + VIA]
        before = own_unbind(m, one) if one != mentee else mentor
        own_bind(m, one, mentor)
        if one == mentee:
            return True
        mentor = before


def fill(m: Cells, mentor: int) -> bool:
    """Search backward from a free seat for an unmatched mentee; True if the organisation can place one more."""
    organisation, queue, head, tail = m[mentor + OWNER], m[QUEUE], 0, 1
    if organisation < 0 or m[mentor + OWN_COUNT] >= m[mentor + SEATS]:
        return False
    m[SEARCHES] += 1
    m[queue], m[mentor + STAMP] = mentor, m[SEARCHES]
    while head < tail:
        one = m[queue + head]
        head += 1
        pair = first_pair(m, one)
        while pair >= 0:
            mentee = m[pair]
            if m[pair + PAIR_WORTH] > DEAD and m[mentee + OWNER] == organisation and m[mentee + STAMP] != m[SEARCHES]:
                m[mentee + STAMP], m[mentee + VIA] = m[SEARCHES], one
                before = m[mentee + OWN]
                if before < 0:
                    return pull(m, mentee, mentor, tail)
                if m[before + STAMP] != m[SEARCHES]:
                    m[before + STAMP], m[before + VIA] = m[SEARCHES], mentee
                    m[queue + tail] = before
                    tail += 1
            pair = next_pair(m, one, pair)
    return False


def pull(m: Cells, mentee: int, free: int, seen: int) -> bool:
    """Give everyone on the way from a free seat to an unmatched mentee the seat before."""
    organisation = m[mentee + OWNER]
    if not room_for(m, 9 * seen):
        return False
    write(m, organisation + ALONE, m[organisation + ALONE] + 1)
    while True:
        mentor = m[mentee + VIA]
        following = mentee
        if mentor != free:
            following = m[mentor + VIA]
            own_unbind(m, following)
        own_bind(m, mentee, mentor)
        if mentor == free:
            return True
        mentee = following


def resolve(m: Cells, organisation: int) -> int:
    """Make the searches owed; return how many mentees the organisation can place alone. O(own pairs) per person touched."""
    person = m[organisation + OWING]
    while person >= 0:
        if m[person + KIND] != MENTEE:
            while fill(m, person):
                pass
        elif m[person + OWN] < 0 and m[person + OWNER] == organisation:
            place(m, person)
        following = m[person + OWED]
        write(m, person + OWED, 0)
        person = following
    write(m, organisation + OWING, -1)
    write(m, organisation + DEBT, 0)
    return m[organisation + ALONE]


# The guarantees: lower bounds that follow what organisations can place alone. A bound may stand below the true one as long as
# it has no price and the flow would meet the true one whatever it is.


def limit(m: Cells, organisation: int) -> None:
    """Count exactly and move the lower bound; flow that it forbids, or no longer has to be there, becomes excess."""
    least, arc = resolve(m, organisation), m[organisation + ARC_OF]
    write(m, arc + LOWER, least)
    more = least - m[arc + FLOW]
    if more > 0 or (more < 0 and dear(m, organisation)):
        write(m, arc + FLOW, least)
        add(m, m[organisation + SERVED], more)
        add(m, m[organisation + PLACED], -more)


def dear(m: Cells, organisation: int) -> bool:
    """True if the organisation's guarantee has a price."""
    return m[m[organisation + PLACED] + POTENTIAL] > m[m[organisation + SERVED] + POTENTIAL]


def relax(m: Cells) -> None:
    """Let every lower bound fall to what is surely placed alone; exact at once where the guarantee has a price."""
    for organisation in range(m[ORGANISATIONS], m[ORGANISATIONS_END], ORGANISATION_WIDTH):
        arc = m[organisation + ARC_OF]
        if m[arc + LOWER] > m[organisation + ALONE]:
            if dear(m, organisation):
                limit(m, organisation)
            else:
                write(m, arc + LOWER, m[organisation + ALONE])


def firm(m: Cells, everywhere: int) -> bool:
    """Count exactly wherever a guarantee could bind, or everywhere; True if that made new excess."""
    again = False
    for organisation in range(m[ORGANISATIONS], m[ORGANISATIONS_END], ORGANISATION_WIDTH):
        owed, flow = m[organisation + DEBT], m[m[organisation + ARC_OF] + FLOW]
        doubtful = owed > 0 and (dear(m, organisation) or flow < m[organisation + ALONE] + owed)
        if doubtful or everywhere == 1:
            limit(m, organisation)
            again = again or m[m[organisation + SERVED] + EXCESS] != 0
    return again


# The changes


def lose(m: Cells, mentor: int, lost: int) -> None:
    """A mentor has so many seats fewer."""
    write(m, mentor + SEATS, m[mentor + SEATS] - lost)
    over = m[mentor + TAKEN] - m[mentor + SEATS]
    if over > 0:
        write(m, mentor + TAKEN, m[mentor + SEATS])
        add(m, mentor, over)
        add(m, m[mentor + HUB], -over)
    own_seats(m, mentor)


def leave(m: Cells, mentee: int) -> None:
    """A mentee leaves the round, and its pairs with it."""
    hub = m[mentee + HUB]
    if m[mentee + ENTERED] == 1:
        write(m, mentee + ENTERED, 0)
        add(m, part(m, mentee), -1)
        add(m, hub, 1)
    write(m, mentee + HUB, -1)
    write(m, mentee + LAST, m[mentee + FIRST])
    write(m, mentee + NEWEST, -1)
    own_leave(m, mentee)


def start(m: Cells, mentee: int) -> None:
    """A pair starts its partnership: mentee and seat leave the round."""
    mentor = m[mentee + MATE]
    leave(m, mentee)
    write(m, mentor + SEATS, m[mentor + SEATS] - 1)
    write(m, mentor + TAKEN, m[mentor + TAKEN] - 1)
    add(m, mentor, 1)
    add(m, m[mentor + HUB], -1)
    own_seats(m, mentor)


def find(m: Cells, person: int, other: int) -> int:
    """A person's pair with another, 0 if there is none."""
    pair = first_pair(m, person)
    while pair >= 0:
        if m[pair] == other and m[pair + PAIR_WORTH] > DEAD:
            return pair
        pair = next_pair(m, person, pair)
    return 0


def forbid(m: Cells, mentee: int, mentor: int) -> int:
    """A pair is no more. If it was matched: fill the seat as if the mentee had left, then let her come back.

    Two near searches in place of a far one. The way from mentee to seat is only searched as one where a guarantee forbids to
    place one fewer in between.
    """
    write(m, find(m, mentee, mentor) + PAIR_WORTH, DEAD)
    write(m, find(m, mentor, mentee) + PAIR_WORTH, DEAD)
    own_forbid(m, mentee, mentor)
    if m[mentee + MATE] != mentor:
        return DONE
    relax(m)
    part(m, mentee)
    hub, mark = m[mentee + HUB], m[LOGGED]
    write(m, mentee + ENTERED, 0)
    write(m, mentee + HUB, -1)
    add(m, mentor, -1)
    add(m, hub, 1)
    found = settle(m)
    if found == FULL:
        return FULL
    if found == BLOCKED:
        undo(m, mark)
        add(m, mentor, -1)
        add(m, mentee, 1)
        return DONE
    write(m, mentee + HUB, hub)
    if m[mentee + POTENTIAL] > m[hub + POTENTIAL]:
        write(m, mentee + ENTERED, 1)
        add(m, mentee, 1)
        add(m, hub, -1)
    return DONE


def meet(m: Cells, person: int, pairs: int) -> None:
    """Read a newcomer's pairs, numbers and points, out of the inbox; both sides know them from now on."""
    base = m[PEOPLE] + (WIDTH if m[person + KIND] == MENTEE else 0)
    for number in range(pairs):
        other = base + 2 * WIDTH * m[m[INBOX] + 2 * number]
        points = m[m[INBOX] + 2 * number + 1]
        waited = m[person + WAITED] if m[person + KIND] == MENTEE else m[other + WAITED]
        worth = (m[PLACEMENT] + points) * m[TIE] + waited
        for one, partner in ((person, other), (other, person)):
            pair = m[LATER_USED]
            m[pair], m[pair + PAIR_WORTH], m[pair + EARLIER] = partner, worth, m[one + NEWEST]
            write(m, one + NEWEST, pair)
            write(m, LATER_USED, pair + 3)


def stand(m: Cells, person: int, hub: int, organisation: int) -> None:
    """A newcomer stands beside a hub."""
    crowd = hub + m[CROWDS] - HEADER
    write(m, person + BESIDE, m[crowd + NEWEST])
    write(m, crowd + NEWEST, person)
    write(m, person + HUB, hub)
    write(m, person + OWNER, organisation)


def arrive(m: Cells, mentee: int, hub: int, organisation: int, waited: int, pairs: int) -> None:
    """A mentee joins; unplaced, or on the way to a seat if one is worth it at present prices."""
    write(m, mentee + WAITED, waited)
    stand(m, mentee, hub, organisation)
    meet(m, mentee, pairs)
    asked = m[hub + POTENTIAL] if pairs == 0 else -FAR
    pair = first_pair(m, mentee)
    while pair >= 0:
        asked = max(asked, m[m[pair] + POTENTIAL] + m[pair + PAIR_WORTH])
        pair = m[pair + EARLIER]
    write(m, mentee + POTENTIAL, asked)
    if asked > m[hub + POTENTIAL]:
        write(m, mentee + ENTERED, 1)
        add(m, mentee, 1)
        add(m, hub, -1)
    owe(m, organisation, m[FAIR], mentee)


def join(m: Cells, mentor: int, hub: int, organisation: int, seats: int, pairs: int) -> None:
    """A mentor joins; its seats are filled if they are worth it at present prices."""
    stand(m, mentor, hub, organisation)
    write(m, mentor + SEATS, seats)
    meet(m, mentor, pairs)
    least = m[hub + POTENTIAL]
    pair = first_pair(m, mentor)
    while pair >= 0:
        least = min(least, m[m[pair] + POTENTIAL] - m[pair + PAIR_WORTH])
        pair = m[pair + EARLIER]
    write(m, mentor + POTENTIAL, least)
    if least < m[hub + POTENTIAL] and seats > 0:
        write(m, mentor + TAKEN, seats)
        add(m, hub, seats)
        add(m, mentor, -seats)
    owe(m, organisation, m[FAIR] * seats, mentor)


def finish(m: Cells, everywhere: int) -> int:
    """Make flow and guarantees agree, so that the round is the best again."""
    relax(m)
    found = settle(m)
    while found == DONE and firm(m, everywhere):
        found, everywhere = settle(m), 0
    return FULL if m[IS_FULL] == 1 else found


LOSES, LEAVES, STARTS, FORBIDS, ARRIVES, JOINS, COUNTS = range(7)


def change(m: Cells, kind: int, who: int, other: int, owner: int, number: int, pairs: int) -> int:
    """Do one change and make the round the best again. ``other`` is the mentor of a pair, or a newcomer's hub.

    ``number``: the seats lost or brought, or the rounds waited. A started partnership leaves the excess for the next change.
    """
    found = DONE
    if kind == LOSES:
        lose(m, who, number)
    elif kind == LEAVES:
        leave(m, who)
    elif kind == STARTS:
        start(m, who)
        return DONE
    elif kind == FORBIDS:
        found = forbid(m, who, other)
    elif kind == ARRIVES:
        arrive(m, who, other, owner, number, pairs)
    elif kind == JOINS:
        join(m, who, other, owner, number, pairs)
    return finish(m, 1 if kind == COUNTS else 0) if found == DONE else found
