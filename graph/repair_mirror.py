"""The network of a repair as plain arrays, kept beside it change by change, for the compiled search."""

import importlib
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.repair_columns import FAR, Hubs, Later, Notes, Pairs, People

if TYPE_CHECKING:
    from graph.repair_network import ResidualNetwork

LEAST_PAIRS = 100_000
"""Below, Python has answered before numba is loaded."""
NEAR = 8
"""How many points away a search looks first: most of what a change moves is nearer."""
MENTEES, MENTORS = 1, 2


@cache
def compiled() -> ModuleType | None:
    """Return the compiled search, None without numba. The first use on a machine compiles for seconds, and keeps it."""
    try:
        return importlib.import_module("graph.repair_compiled")
    except (ImportError, RuntimeError):
        return None


class Mirror:
    """Pairs, seats held and hubs of a network as columns; every write goes through the network's log, so `undo` reaches it."""

    def __init__(self, network: "ResidualNetwork", module: ModuleType, point: int) -> None:
        self.network, self.module = network, module
        mentor_of, worth_of, exits = (
            np.frombuffer(column, dtype=np.int64) for column in (network.mentor_of, network.worth_of, network.exit)
        )
        self.people = People(
            network.potentials,
            mentor_of,
            worth_of,
            network.entries,
            network.entereds,
            network.seat_counts,
            network.taken_counts,
            exits,
            np.full(network.most_mentors, -1),
            np.full(network.most_mentees, -1),
        )
        self.pairs = self._pairs()
        self.later = self._later(256)
        self.count = np.zeros(1, dtype=np.int64)
        self.hubs = self._hubs()
        size = network.nodes
        self.notes = Notes(
            np.full(size, FAR),
            np.zeros(size, dtype=np.int32),
            np.zeros(size, dtype=np.int8),
            np.zeros(size, dtype=np.int32),
            np.zeros(4, dtype=np.int64),
            np.array([NEAR * point]),
        )
        for mentor, mentees in enumerate(network.held):
            for mentee in reversed(mentees):
                self.people.held_next[mentee] = self.people.held_first[mentor]
                self.people.held_first[mentor] = mentee

    def _pairs(self) -> Pairs:
        mentee, mentor, worth = self.network.base_pairs()
        by_mentor, rows, columns = self.network.order_of_pairs()
        return Pairs(
            rows.astype(np.int64),
            mentor.astype(np.int32),
            np.ascontiguousarray(worth, dtype=np.int64),
            columns.astype(np.int64),
            mentee[by_mentor].astype(np.int32),
            np.ascontiguousarray(worth[by_mentor], dtype=np.int64),
            by_mentor.astype(np.int32),
            np.zeros(mentee.size, dtype=np.int8),
        )

    def _later(self, size: int) -> Later:
        network = self.network
        return Later(
            np.full(network.most_mentees, -1),
            np.full(network.most_mentors, -1),
            np.zeros(size, dtype=np.int32),
            np.zeros(size, dtype=np.int32),
            np.zeros(size, dtype=np.int64),
            np.zeros(size, dtype=np.int64),
            np.zeros(size, dtype=np.int64),
            np.zeros(size, dtype=np.int8),
        )

    def _hubs(self) -> Hubs:
        network = self.network
        ends = np.concatenate((np.array(network.arc_tail, dtype=np.int64), np.array(network.arc_head, dtype=np.int64)))
        by_hub = np.argsort(ends, kind="stable")
        arcs = max(len(network.arc_tail), 1)
        places = np.arange(network.hubs + 1)
        groups = [network.people.get(hub, np.zeros(0, dtype=np.int64)) for hub in range(network.hubs)]
        serves = {hub: MENTEES if mentees else MENTORS for hub, mentees in network.serves.items()}
        return Hubs(
            np.searchsorted(ends[by_hub], places),
            by_hub % arcs,
            np.array(network.arc_tail, dtype=np.int64),
            np.array(network.arc_head, dtype=np.int64),
            np.frombuffer(network.lower, dtype=np.int64),
            np.frombuffer(network.upper, dtype=np.int64),
            np.frombuffer(network.flow, dtype=np.int64),
            np.concatenate(([0], np.cumsum([group.size for group in groups]))),
            np.concatenate([np.zeros(0, dtype=np.int64), *groups]),
            np.array([serves.get(hub, 0) for hub in range(network.hubs)], dtype=np.int8),
            np.full(network.hubs, -1),
            np.full(2 * max(network.most_mentees, network.most_mentors), -1),
        )

    def search(self, source: int, goals: Iterable[int], *, ahead: bool) -> tuple[list[int], IntArray]:
        """Return the path from the goal found back to the source, and the nodes whose potential moved; see `shortest`."""
        wanted = np.array(sorted(goals), dtype=np.int64)
        path, moved, before = self.module.shortest(
            self.people, self.pairs, self.later, self.hubs, self.notes, source, wanted, int(ahead)
        )
        if path.size and moved.size:
            self.network.log.append((self.network.potentials, moved, before))
        return path.tolist(), moved

    def seat(self, mentee: int, mentor: int) -> None:
        """A pair carries flow."""
        write, people = self.network.write, self.people
        write(people.held_next, mentee, int(people.held_first[mentor]))
        write(people.held_first, mentor, mentee)

    def unseat(self, mentee: int, mentor: int) -> None:
        """A pair carries none any more. O(those the mentor has)."""
        people, after = self.people, int(self.people.held_next[mentee])
        one = int(people.held_first[mentor])
        if one == mentee:
            self.network.write(people.held_first, mentor, after)
            return
        while people.held_next[one] != mentee:
            one = int(people.held_next[one])
        self.network.write(people.held_next, one, after)

    def forbid(self, mentee: int, mentor: int) -> None:
        """A pair is no more. O(the mentee's pairs)."""
        first, last = self.pairs.row_first[mentee : mentee + 2].tolist()
        for at in (first + np.flatnonzero(self.pairs.row_mentor[first:last] == mentor)).tolist():
            self.network.write(self.pairs.dead, at, 1)
        at = int(self.later.row_newest[mentee])
        while at >= 0:
            if self.later.mentor[at] == mentor:
                self.network.write(self.later.dead, at, 1)
            at = int(self.later.row_before[at])

    def make_room(self, pairs: int) -> None:
        """Have place for so many more pairs; before a change, since what is logged points into the columns."""
        used = int(self.count[0])
        if used + pairs > self.later.mentee.size:
            wider = self._later(2 * (used + pairs))
            columns: list[tuple[NDArray[Any], NDArray[Any]]] = list(zip(self.later, wider, strict=True))
            for old, new in columns:
                new[: old.size] = old
            self.later = wider

    def add(self, person: int, others: IntArray, worth: IntArray, *, is_mentor: bool) -> None:
        """A newcomer may meet these others, each once."""
        first = int(self.count[0])
        part = slice(first, first + others.size)
        later, entries = self.later, np.arange(first, first + others.size)
        row, column = (later.row_newest, later.row_before), (later.column_newest, later.column_before)
        mine, theirs = (later.mentor, later.mentee) if is_mentor else (later.mentee, later.mentor)
        (own_newest, own_before), (newest, before) = (column, row) if is_mentor else (row, column)
        mine[part], theirs[part], later.worth[part], later.dead[part] = person, others, worth, 0
        own_before[part], before[part] = entries - 1, newest[others]
        if others.size:
            own_before[first] = -1
            self.network.write(own_newest, person, first + others.size - 1)
        self.network.log.append((newest, others, newest[others]))
        newest[others] = entries
        self.network.write(self.count, 0, first + others.size)

    def stand_beside(self, hub: int, person: int) -> None:
        """A newcomer is served by a hub, or drains into it."""
        place = 2 * person + int(self.hubs.serves[hub]) - 1
        self.network.write(self.hubs.before, place, int(self.hubs.newest[hub]))
        self.network.write(self.hubs.newest, hub, person)
