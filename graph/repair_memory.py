"""The array of a repair: laid out once for a round, with room for newcomers, read again by numpy where the whole is wanted."""

import hashlib
import inspect
from collections.abc import Iterable
from functools import cache, partial
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from graph import repair_cells as c
from graph import repair_ends, repair_moves, repair_own, repair_paths, repair_steps
from graph.flow import Arcs, IntArray
from graph.repair_cells import Cells
from graph.round_network import Worth

LEAST_PAIRS = 10_000
"""Smaller rounds are repaired in plain Python, before numba would be loaded. Both take the same steps, byte for byte."""
NEAREST = 4
"""How many points a step may cost to be taken at once: those that cost more wait until they are next, and most never are."""
FEW = 50
"""How many people and hubs a search sees before it goes on from both ends."""
FILES = (c, repair_ends, repair_steps, repair_paths, repair_own, repair_moves)
PLAIN: dict[str, Any] = {name: one for file in FILES for name, one in vars(file).items()}
"""The functions of a repair by name, in plain Python."""


@cache
def compiled() -> dict[str, Any] | None:
    """Return the functions of a repair by name, compiled; None without numba. Compiles for seconds once on a machine."""
    try:
        from numba import njit

        quick: Any = partial(njit, cache=True, _nrt=False)  # nothing is allocated there: no references to count
        own = [one for one in PLAIN.values() if isinstance(one, FunctionType)]
        version = hashlib.sha256("".join(map(inspect.getsource, FILES)).encode()).hexdigest()[:8]
        scope = dict(PLAIN)
        for one in own:
            copy = FunctionType(one.__code__, scope, one.__name__)
            copy.__qualname__ = f"{one.__name__}_{version}"  # what was kept is of no use once either file changed
            scope[one.__name__] = quick(copy)
    except (ImportError, RuntimeError):  # not installed, too new a numpy, or no folder to keep what was compiled
        return None
    return scope


def prepare() -> bool:
    """Compile what large rounds are repaired with, so that none waits for it; return whether there is something to compile."""
    found = compiled()
    if found is None:
        return False
    for name, numbers in (("change", 6), ("find", 2), ("touch", 1), ("undo", 1), ("bound_all", 0)):
        found[name].compile(f"(int64[::1],{numbers * 'int64,'})")
    return True


SPARE_WRITES, LOG_CELLS = 8, 64
"""Writes per node that need no asking; cells of the log per node, two a write. Memory is only taken where it is written."""


class Pairs(NamedTuple):
    """Eligible pairs by mentee, then mentor, with their worth to the round."""

    mentee: IntArray
    mentor: IntArray
    worth: IntArray


class Links(NamedTuple):
    """Arcs between hubs; they cost nothing."""

    tail: IntArray
    head: IntArray
    lower: IntArray
    upper: IntArray
    flow: IntArray


class Memory:
    """The network of a round with flow and potentials, kept the best from change to change, as one array of whole numbers.

    One object whatever the size of the pool, so that nothing is left for the garbage collector. Hubs (organisations' nodes,
    bank, gifts) are records 0 to ``hubs`` - 1, their crowds as many again, then mentee i and mentor j take turns.
    ``room`` more people fit on each side. ``mentees`` and ``mentors`` are the records of each, a row of fields per person.
    """

    def __init__(
        self, hubs: int, mentees: int, mentors: int, room: int, pairs: Pairs, links: Links, worth: Worth
    ) -> None:
        self.hubs, self.pairs, self.links, self.worth = hubs, pairs, links, worth
        self.most_mentees, self.most_mentors = mentees + room, mentors + room
        self.nodes = 2 * hubs + 2 * max(self.most_mentees, self.most_mentors)
        module = compiled() if pairs.mentee.size >= LEAST_PAIRS else None
        self.is_compiled = module is not None
        self.calls: dict[str, Any] = module or PLAIN
        each = 1 + pairs.mentee.size // max(min(mentees, mentors), 1)
        self.sizes = {c.LATER: 12 * room * each, c.INBOX: 64 + 8 * each, c.LOG: LOG_CELLS * self.nodes}
        self._lay_out()
        self._blank()
        self._link()
        self._pair()

    def _lay_out(self) -> None:
        """Find a place for every part, those that can grow behind the rest."""
        nodes, arcs, pairs = self.nodes, self.links.tail.size, self.pairs.mentee.size
        self.people = c.HEADER + 2 * self.hubs * c.WIDTH
        at = self.arcs_at = c.HEADER + nodes * c.WIDTH
        at = self.links_at = at + c.ARC_WIDTH * arcs
        at = self.crowds_at = at + 2 * arcs
        at = self.rows_at = at + nodes
        at = self.columns_at = at + 2 * pairs
        head = {c.PEOPLE: self.people, c.CROWDS: c.HEADER + self.hubs * c.WIDTH, c.ORGANISATIONS: at + 2 * pairs}
        at = head[c.ORGANISATIONS_END] = head[c.ORGANISATIONS] + c.ORGANISATION_WIDTH * self.hubs
        ends = [(end + part, size) for end in (0, c.OTHER) for part, size in ((c.HEAP, 2), (c.QUEUE, 1), (c.INNER, 1))]
        for part, size in (*ends, (c.SEEN, 1), (c.ACTIVES, 1), (c.TOUCHES, 1), (c.LABELS, c.LABEL_WIDTH)):
            head[part], at = at, at + size * nodes
        head[c.BLOCKS] = at
        at += c.BLOCK_WIDTH * (2 * self.hubs + nodes // c.BLOCK_PEOPLE)
        head.update(
            {c.LATER: at, c.LATER_USED: at, c.INBOX: at, c.PLACEMENT: self.worth.placement, c.TIE: self.worth.tie_break}
        )
        head[c.SPARE] = SPARE_WRITES * nodes
        head[c.NEAR], head[c.FEW], head[c.BACK + c.OTHER] = NEAREST * self.worth.tie_break, FEW, 1
        self.m = np.zeros(at, dtype=np.int64)
        self.m[list(head)] = list(head.values())
        self._extend()

    def _extend(self) -> None:
        """Put what can grow behind the rest, with the log empty."""
        later, used, end = (int(self.m[part]) for part in (c.LATER, c.INBOX, c.LOG))
        inbox = later + self.sizes[c.LATER]
        log = inbox + self.sizes[c.INBOX]
        wider = np.zeros(log + self.sizes[c.LOG], dtype=np.int64)
        wider[:used] = self.m[:used]
        wider[inbox : inbox + end - used] = self.m[used:end]
        wider[[c.INBOX, c.LOG, c.LOG_ROOM]] = inbox, log, self.sizes[c.LOG] // 2
        self.m, self.cells = wider, wider.data
        self.records = wider[c.HEADER : self.arcs_at].reshape(self.nodes, c.WIDTH)
        self.mentees, self.mentors = self.records[2 * self.hubs :: 2], self.records[2 * self.hubs + 1 :: 2]

    def grow(self, part: int, least: int = 0) -> None:
        """Make a part larger, between changes; what is kept stays at its place."""
        self.sizes[part] = max(2 * self.sizes[part], least)
        self._extend()

    def _blank(self) -> None:
        for field in (c.MATE, c.HUB, c.NEWEST, c.NEXT, c.BESIDE, c.OWNER, c.OWN):
            self.records[:, field] = -1
        self.mentees[:, c.OWN_NEXT] = -1
        self.records[self.hubs : 2 * self.hubs, c.KIND] = c.CROWD
        self.mentees[:, c.KIND], self.mentors[:, c.KIND] = c.MENTEE, c.MENTOR

    def _link(self) -> None:
        arcs = self.m[self.arcs_at : self.links_at].reshape(-1, c.ARC_WIDTH)
        tail, head, *rest = self.links
        for field, column in enumerate((self.hub(tail), self.hub(head), *rest)):
            arcs[:, field] = column
        ends = np.concatenate((tail, head))
        by_hub = np.argsort(ends, kind="stable")
        self.m[self.links_at : self.crowds_at] = self.arcs_at + c.ARC_WIDTH * (by_hub % max(tail.size, 1))
        _ranges(self.records[: self.hubs], self.links_at, 1, np.bincount(ends, minlength=self.hubs))

    def _pair(self) -> None:
        mentee, mentor, worth = self.pairs
        by_mentor = np.argsort(mentor, kind="stable")
        rows, columns = (self.m[at : at + 2 * mentee.size] for at in (self.rows_at, self.columns_at))
        rows[0::2], rows[1::2] = self.mentor(mentor), worth
        columns[0::2], columns[1::2] = self.mentee(mentee[by_mentor]), worth[by_mentor]
        _ranges(self.mentees, self.rows_at, 2, np.bincount(mentee, minlength=len(self.mentees)))
        _ranges(self.mentors, self.columns_at, 2, np.bincount(mentor, minlength=len(self.mentors)))

    def gather(self, mentee_hub: IntArray, mentor_hub: IntArray) -> None:
        """Say for each person which hub it stands beside, -1 for none."""
        people = np.concatenate((self.mentee(np.arange(mentee_hub.size)), self.mentor(np.arange(mentor_hub.size))))
        hubs = np.concatenate((mentee_hub, mentor_hub))
        for records, hub in ((self.mentees, mentee_hub), (self.mentors, mentor_hub)):
            records[: hub.size, c.HUB] = np.where(hub < 0, -1, self.hub(hub))
        order = np.argsort(hubs, kind="stable")
        order = order[hubs[order] >= 0]
        self.m[self.crowds_at : self.crowds_at + order.size] = people[order]
        counts = np.bincount(hubs[order], minlength=self.hubs)
        crowds = self.records[self.hubs : 2 * self.hubs]
        _ranges(crowds, self.crowds_at, 1, counts)
        blocks = -(-counts // c.BLOCK_PEOPLE)
        crowds[:, c.BLOCK] = self.m[c.BLOCKS] + c.BLOCK_WIDTH * (np.cumsum(blocks) - blocks)
        place = np.arange(order.size) - np.repeat(np.cumsum(counts) - counts, counts)
        of = np.repeat(crowds[:, c.BLOCK], counts) + c.BLOCK_WIDTH * (place // c.BLOCK_PEOPLE)
        self.records[(people[order] - c.HEADER) // c.WIDTH, c.BLOCK] = of

    def match(self, mentee: IntArray, mentor: IntArray, mate: int, after: int) -> None:
        """Begin one of the matchings, each mentee once: mentees know their mentor, mentors the first of a chain."""
        order = np.lexsort((mentee, mentor))
        mentee, mentor = mentee[order], mentor[order]
        self.mentees[mentee, mate] = self.mentor(mentor)
        same = mentor[1:] == mentor[:-1]
        self.mentees[mentee[:-1], after] = np.where(same, self.mentee(mentee[1:]), -1)
        firsts = np.append(mentor[:1] >= 0, ~same)
        self.mentors[mentor[firsts], mate] = self.mentee(mentee[firsts])

    def hub(self, number: Any) -> Any:
        """Where hubs by these numbers are."""
        return c.HEADER + c.WIDTH * number

    def mentee(self, number: Any) -> Any:
        """Where mentees by these numbers are."""
        return self.people + 2 * c.WIDTH * number

    def mentor(self, number: Any) -> Any:
        """Where mentors by these numbers are."""
        return self.people + c.WIDTH + 2 * c.WIDTH * number

    def number(self, place: Any) -> Any:
        """The numbers of the people at these places; below 0 for nobody."""
        return (place - self.people) // (2 * c.WIDTH)

    def call(self, name: str, *arguments: int) -> int:
        """Run one of the functions of a repair on the array."""
        found: int = self.calls[name](self.m if self.is_compiled else self.cells, *arguments)
        return found

    def begin(self, loose: Iterable[int] | None) -> None:
        """Forget how to take back earlier changes; ``loose`` are the only matched mentees who may move (None: all)."""
        cells = self.cells
        cells[c.CHANGES] += 1
        for counter in (c.LOGGED, c.ACTIVE_COUNT, c.TOUCH_COUNT, c.IS_FULL):
            cells[counter] = 0
        cells[c.HOLDING] = int(loose is not None)
        for mentee in loose or ():
            self.call("touch", self.mentee(mentee))

    def current_pairs(self) -> Pairs:
        """The pairs as they are now. O(pairs)."""
        later = self.m[self.m[c.LATER] : self.m[c.LATER_USED]].reshape(-1, 2, 3)
        swapped = (later[:, 0, 0] - self.people) // c.WIDTH % 2 == 1
        ends = [np.where(swapped, later[:, 1 - side, 0], later[:, side, 0]) for side in (0, 1)]
        mentee, mentor = (np.append(base, self.number(end)) for base, end in zip(self.pairs[:2], ends, strict=True))
        worth = np.append(self.m[self.rows_at + 1 : self.columns_at : 2], later[:, 0, 1])
        alive = (worth > c.DEAD) & (self.mentees[mentee, c.HUB] >= 0)
        return Pairs(mentee[alive], mentor[alive], worth[alive])

    def arcs(self, pairs: Pairs) -> tuple[Arcs, IntArray]:
        """Return the whole network and its flow, for a check that shares nothing with the search. O(pairs)."""
        links = self.m[self.arcs_at : self.links_at].reshape(-1, c.ARC_WIDTH).T[:5]
        i, j = (np.flatnonzero(records[:, c.HUB] >= 0) for records in (self.mentees, self.mentors))
        mentee, mentor = self.mentee(pairs.mentee), self.mentor(pairs.mentor)
        mentees, mentors, none = self.mentees[i], self.mentors[j], 0 * mentee
        blocks: tuple[tuple[IntArray, ...], ...] = (
            (links[0], links[1], links[2], links[3], 0 * links[0], links[4]),
            (mentees[:, c.HUB], self.mentee(i), 0 * i, 0 * i + 1, 0 * i, mentees[:, c.ENTERED]),
            (self.mentor(j), mentors[:, c.HUB], 0 * j, mentors[:, c.SEATS], 0 * j, mentors[:, c.TAKEN]),
            (mentee, mentor, none, none + 1, -pairs.worth, self.mentees[pairs.mentee, c.MATE] == mentor),
        )
        tail, head, *rest = (np.concatenate(parts).astype(np.int64) for parts in zip(*blocks, strict=True))
        return Arcs(self.nodes, (tail - c.HEADER) // c.WIDTH, (head - c.HEADER) // c.WIDTH, *rest[:3]), rest[3]


def _ranges(records: Cells, at: int, width: int, counts: IntArray) -> None:
    ends = at + width * np.cumsum(counts)
    records[:, c.FIRST], records[:, c.LAST] = ends - width * counts, ends
