"""What each organisation can place alone, and the guarantees that follow it. Compiled or plain, as graph/repair_paths.py.

A largest matching with seats of every organisation's own people, counted exactly only where it could matter: a change at once
drops what it forbids, and the searches that find out by how much the matching grows again are owed until `resolve`. A path
that enlarges it must end at a person whom a change touched (Berge's theorem), so one search from each of those is enough.
"""

# mypy: disable-error-code="no-any-return"

from graph import repair_cells as c
from graph.repair_cells import Cells, add, bind, first_pair, next_pair, room_for, unbind, write


def own_bind(m: Cells, mentee: int, mentor: int) -> None:
    """Join a pair in an organisation's own matching."""
    bind(m, mentee, mentor, c.OWN, c.OWN_NEXT)
    write(m, mentor + c.OWN_COUNT, m[mentor + c.OWN_COUNT] + 1)


def own_unbind(m: Cells, mentee: int) -> int:
    """Part a pair in an organisation's own matching; return the mentor."""
    mentor = unbind(m, mentee, c.OWN, c.OWN_NEXT)
    write(m, mentor + c.OWN_COUNT, m[mentor + c.OWN_COUNT] - 1)
    return mentor


def owe(m: Cells, organisation: int, most: int, person: int) -> None:
    """Remember that an organisation may place so many more alone, by a search from this person."""
    if organisation < 0:
        return
    write(m, organisation + c.DEBT, m[organisation + c.DEBT] + most)
    if m[person + c.OWED] == 0:
        write(m, person + c.OWED, m[organisation + c.OWING])
        write(m, organisation + c.OWING, person)


def own_lost(m: Cells, mentee: int) -> int:
    """Part a mentee in its organisation's own matching, which is one smaller now; return the mentor."""
    organisation = m[mentee + c.OWNER]
    write(m, organisation + c.ALONE, m[organisation + c.ALONE] - 1)
    return own_unbind(m, mentee)


def own_leave(m: Cells, mentee: int) -> None:
    """A mentee is gone: its mentor may serve another one."""
    if m[mentee + c.OWN] >= 0:
        owe(m, m[mentee + c.OWNER], 1, own_lost(m, mentee))
    write(m, mentee + c.OWNER, -1)


def own_forbid(m: Cells, mentee: int, mentor: int) -> None:
    """A pair, dead by now, is no more."""
    if m[mentee + c.OWN] == mentor:
        owe(m, m[mentee + c.OWNER], 1, mentee)
        owe(m, m[mentee + c.OWNER], 0, own_lost(m, mentee))


def own_seats(m: Cells, mentor: int) -> None:
    """The mentor's seats, fewer by now, hold only so many."""
    while m[mentor + c.OWN_COUNT] > m[mentor + c.SEATS]:
        mentee = m[mentor + c.OWN]
        own_lost(m, mentee)
        owe(m, m[mentee + c.OWNER], 1, mentee)


def place(m: Cells, mentee: int) -> bool:
    """Search forward from an unmatched mentee for a free seat; True if the organisation can place one more."""
    organisation, queue, head, tail = m[mentee + c.OWNER], m[c.QUEUE], 0, 1
    m[c.SEARCHES] += 2
    m[queue] = mentee
    while head < tail:
        one = m[queue + head]
        head += 1
        pair = first_pair(m, one)
        while pair >= 0:
            mentor = m[pair]
            if (
                m[pair + c.PAIR_WORTH] > c.DEAD
                and m[mentor + c.OWNER] == organisation
                and m[mentor + c.STAMP] != m[c.SEARCHES]
            ):
                m[mentor + c.STAMP], m[mentor + c.VIA] = m[c.SEARCHES], one
                if m[mentor + c.OWN_COUNT] < m[mentor + c.SEATS]:
                    return shift(m, mentee, mentor, tail)
                other = m[mentor + c.OWN]
                while other >= 0:
                    m[queue + tail] = other
                    tail, other = tail + 1, m[other + c.OWN_NEXT]
            pair = next_pair(m, one, pair)
    return False


def shift(m: Cells, mentee: int, mentor: int, seen: int) -> bool:
    """Give everyone on the way from a mentee to a free seat the next seat."""
    organisation = m[mentee + c.OWNER]
    if not room_for(m, 9 * seen):
        return False
    write(m, organisation + c.ALONE, m[organisation + c.ALONE] + 1)
    while True:
        one = m[mentor + c.VIA]
        before = own_unbind(m, one) if one != mentee else mentor
        own_bind(m, one, mentor)
        if one == mentee:
            return True
        mentor = before


def fill(m: Cells, mentor: int) -> bool:
    """Search backward from a free seat for an unmatched mentee; True if the organisation can place one more."""
    organisation, queue, head, tail = m[mentor + c.OWNER], m[c.QUEUE], 0, 1
    if organisation < 0 or m[mentor + c.OWN_COUNT] >= m[mentor + c.SEATS]:
        return False
    m[c.SEARCHES] += 2
    m[queue], m[mentor + c.STAMP] = mentor, m[c.SEARCHES]
    while head < tail:
        one = m[queue + head]
        head += 1
        pair = first_pair(m, one)
        while pair >= 0:
            mentee = m[pair]
            if (
                m[pair + c.PAIR_WORTH] > c.DEAD
                and m[mentee + c.OWNER] == organisation
                and m[mentee + c.STAMP] != m[c.SEARCHES]
            ):
                m[mentee + c.STAMP], m[mentee + c.VIA] = m[c.SEARCHES], one
                before = m[mentee + c.OWN]
                if before < 0:
                    return pull(m, mentee, mentor, tail)
                if m[before + c.STAMP] != m[c.SEARCHES]:
                    m[before + c.STAMP], m[before + c.VIA] = m[c.SEARCHES], mentee
                    m[queue + tail] = before
                    tail += 1
            pair = next_pair(m, one, pair)
    return False


def pull(m: Cells, mentee: int, free: int, seen: int) -> bool:
    """Give everyone on the way from a free seat to an unmatched mentee the seat before."""
    organisation = m[mentee + c.OWNER]
    if not room_for(m, 9 * seen):
        return False
    write(m, organisation + c.ALONE, m[organisation + c.ALONE] + 1)
    while True:
        mentor = m[mentee + c.VIA]
        following = mentee
        if mentor != free:
            following = m[mentor + c.VIA]
            own_unbind(m, following)
        own_bind(m, mentee, mentor)
        if mentor == free:
            return True
        mentee = following


def resolve(m: Cells, organisation: int) -> int:
    """Make the searches owed; return how many mentees the organisation can place alone. O(own pairs) per person touched."""
    person = m[organisation + c.OWING]
    while person >= 0:
        if m[person + c.KIND] != c.MENTEE:
            while fill(m, person):
                pass
        elif m[person + c.OWN] < 0 and m[person + c.OWNER] == organisation:
            place(m, person)
        following = m[person + c.OWED]
        write(m, person + c.OWED, 0)
        person = following
    write(m, organisation + c.OWING, -1)
    write(m, organisation + c.DEBT, 0)
    return m[organisation + c.ALONE]


# The guarantees: lower bounds that follow what organisations can place alone. A bound may stand below the true one as long as
# it has no price and the flow would meet the true one whatever it is.


def limit(m: Cells, organisation: int) -> None:
    """Count exactly and move the lower bound; flow that it forbids, or no longer has to be there, becomes excess."""
    least, arc = resolve(m, organisation), m[organisation + c.ARC_OF]
    write(m, arc + c.LOWER, least)
    more = least - m[arc + c.FLOW]
    if more > 0 or (more < 0 and dear(m, organisation)):
        write(m, arc + c.FLOW, least)
        add(m, m[organisation + c.SERVED], more)
        add(m, m[organisation + c.PLACED], -more)


def dear(m: Cells, organisation: int) -> bool:
    """True if the organisation's guarantee has a price."""
    return m[m[organisation + c.PLACED] + c.POTENTIAL] > m[m[organisation + c.SERVED] + c.POTENTIAL]


def relax(m: Cells) -> None:
    """Let every lower bound fall to what is surely placed alone; exact at once where the guarantee has a price."""
    for organisation in range(m[c.ORGANISATIONS], m[c.ORGANISATIONS_END], c.ORGANISATION_WIDTH):
        arc = m[organisation + c.ARC_OF]
        if m[arc + c.LOWER] > m[organisation + c.ALONE]:
            if dear(m, organisation):
                limit(m, organisation)
            else:
                write(m, arc + c.LOWER, m[organisation + c.ALONE])


def firm(m: Cells, everywhere: int) -> bool:
    """Count exactly wherever a guarantee could bind, or everywhere; True if that made new excess."""
    again = False
    for organisation in range(m[c.ORGANISATIONS], m[c.ORGANISATIONS_END], c.ORGANISATION_WIDTH):
        owed, flow = m[organisation + c.DEBT], m[m[organisation + c.ARC_OF] + c.FLOW]
        doubtful = owed > 0 and (dear(m, organisation) or flow < m[organisation + c.ALONE] + owed)
        if doubtful or everywhere == 1:
            limit(m, organisation)
            again = again or m[m[organisation + c.SERVED] + c.EXCESS] != 0
    return again
