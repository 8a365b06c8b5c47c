"""The array of a repair: what its cells mean, and how they are written. One array of whole numbers holds everything.

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
PEOPLE, CROWDS, ORGANISATIONS, ORGANISATIONS_END, SEEN, ACTIVES, TOUCHES, LATER, INBOX, LOG, LABELS, BLOCKS = range(12)
LATER_USED, SEEN_COUNT, ACTIVE_COUNT, TOUCH_COUNT, LOGGED, LOG_ROOM = range(12, 18)
SEARCHES, CHANGES, NEAR, FEW, HOLDING, FAIR, IS_FULL, PLACEMENT, TIE = range(18, 27)
ALL_PLACED, ALL_POINTS, SPARE, SHORTEST, BEFORE_GAP, BEHIND_GAP, GAP_ARC, CROSSED = range(27, 35)
# A search has two ends. What the one at work needs, and `OTHER` cells behind it the same of the other one.
HEAP, QUEUE, INNER, HEAPED, QUEUED, QUEUE_HEAD, INNER_COUNT, REACH, AHEAD, BACK = range(35, 45)
OTHER = 10

# A record: what a step reads first, then the rest. Mentors have TAKEN, SEATS and OWN_COUNT where mentees have WORTH, ENTERED
# and OWN_NEXT; hubs have the ARC by which a search came; whoever was there from the beginning has a BLOCK where newcomers have
# who is BESIDE the same hub, and crowds have their first.
POTENTIAL, STAMP, EXCESS, KIND, MATE, DISTANCE, VIA, PLACE = range(8)
WORTH, HUB, ENTERED, FIRST, LAST, NEWEST, NEXT, BESIDE = range(8, 16)
ACTIVE, TOUCHED, BEFORE, OWNER, OWN, OWN_NEXT, OWED, WAITED = range(16, 24)
TAKEN, SEATS, OWN_COUNT, ARC, BLOCK = WORTH, ENTERED, OWN_NEXT, WORTH, BESIDE
LABEL, LABEL_WIDTH = DISTANCE, 4
LENGTH, CAME, SPOT, BY = range(4)
REST, CURSOR = CAME, BY
"""What a search notes of a node, as in its record; the end that works backward has its labels in a part apart. Of a crowd: how
far those are whom it passed by, and which of its people are next."""

PAIR_WORTH, EARLIER = 1, 2
"""A pair's entry is (the other, worth); one that came later says also which came before it."""
ARC_WIDTH = 8
TAIL, HEAD, LOWER, UPPER, FLOW = range(5)
BLOCK_PEOPLE, BLOCK_WIDTH = 32, 2
LEAST, MOST = range(2)
"""A block, some of the people beside a hub: no potential of theirs is less (or more) whose arc can change behind (or ahead)."""
ORGANISATION_WIDTH = 8
PLACED, SERVED, ARC_OF, ALONE, DEBT, OWING = range(6)
"""An organisation: the hubs of its placements and of its mentees and the arc between them, what it places alone at least, by
how much more that may be, and the first of the people whose searches are owed."""


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
    """True if so many more writes can be remembered; else the change is taken back and made again with a longer log.

    Asked before whatever grows with a search; ``SPARE`` is for the rest, which no change writes more of than its people and
    organisations.
    """
    if m[LOGGED] + writes + m[SPARE] > m[LOG_ROOM]:
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
