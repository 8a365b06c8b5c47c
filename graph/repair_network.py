"""The residual network of a round: where flow may still change, and at which reduced cost."""

from array import array
from typing import Any

import numpy as np

from graph.flow import Arcs, IntArray
from graph.repair_mirror import Mirror


class ResidualNetwork:
    """People and hubs with flow and potentials, kept optimal from change to change.

    Hubs (organisations' nodes, bank, gifts) are numbered 0 to ``hubs`` - 1, mentee i is node hubs + 2 i, mentor j node
    hubs + 2 j + 1. A mentee is served by its ``entry`` hub, a mentor's seats drain into its ``exit`` hub; arcs between hubs
    cost nothing. Columns live in arrays with room for ``room`` more people on each side: numpy and Python read the same
    bytes. ``excess`` holds units that arrived at a node and have not left (negative: the other way round) until
    `graph.repair_search.settle` ships them. Every write goes through `write`, so that `undo` can take it back.
    """

    def __init__(self, hubs: int, mentees: int, mentors: int, room: int) -> None:
        self.hubs = hubs
        self.most_mentees, self.most_mentors = mentees + room, mentors + room
        self.potential = array("q", bytes(8 * (hubs + 2 * max(self.most_mentees, self.most_mentors))))
        self.nodes = len(self.potential)
        self.mentor_of, self.entry, self.entered, self.worth_of = (_filled(-1, self.most_mentees) for _ in range(4))
        self.seats, self.taken = (_filled(0, self.most_mentors) for _ in range(2))
        self.exit = _filled(-1, self.most_mentors)
        self.held: list[list[int]] = [[] for _ in range(self.most_mentors)]
        self.rows: dict[int, list[tuple[int, int]]] = {}
        self.columns: dict[int, list[tuple[int, int]]] = {}
        self.later_rows: dict[int, list[tuple[int, int]]] = {}
        self.later_columns: dict[int, list[tuple[int, int]]] = {}
        self.links: list[list[int]] = [[] for _ in range(hubs)]
        self.arc_tail: list[int] = []
        self.arc_head: list[int] = []
        self.lower, self.upper, self.flow = (array("q") for _ in range(3))
        self.arc_of: dict[tuple[int, int], int] = {}
        self.people: dict[int, IntArray] = {}
        self.serves: dict[int, bool] = {}
        self.excess: dict[int, int] = {}
        self.loose: set[int] | None = None
        self.log: list[tuple[Any, Any, Any]] = []
        self.mirror: Mirror | None = None
        self._view()

    def _view(self) -> None:
        self.potentials = np.frombuffer(self.potential, dtype=np.int64)
        self.entries, self.entereds = (np.frombuffer(column, dtype=np.int64) for column in (self.entry, self.entered))
        self.seat_counts, self.taken_counts = (
            np.frombuffer(column, dtype=np.int64) for column in (self.seats, self.taken)
        )

    def pairs(self, mentee: IntArray, mentor: IntArray, worth: IntArray) -> None:
        """Take the eligible pairs, sorted by mentee, then mentor; rows are read out when they are first needed."""
        self._mentor, self._worth = mentor, worth
        self._row_ends = np.searchsorted(mentee, np.arange(self.most_mentees + 1))
        self._by_mentor = np.argsort(mentor, kind="stable")
        self._mentee = mentee
        self._column_ends = np.searchsorted(mentor[self._by_mentor], np.arange(self.most_mentors + 1))

    def row(self, mentee: int) -> list[tuple[int, int]]:
        """The (mentor node, worth) a mentee may have. O(its pairs), once."""
        found = self.rows.get(mentee)
        if found is None:
            part = slice(self._row_ends[mentee], self._row_ends[mentee + 1])
            nodes = (self.hubs + 1 + 2 * self._mentor[part]).tolist()
            found = [*zip(nodes, self._worth[part].tolist(), strict=True), *self.later_rows.get(mentee, ())]
            self.write(self.rows, mentee, found)
        return found

    def column(self, mentor: int) -> list[tuple[int, int]]:
        """The (mentee node, worth) a mentor may have. O(its pairs), once."""
        found = self.columns.get(mentor)
        if found is None:
            part = self._by_mentor[self._column_ends[mentor] : self._column_ends[mentor + 1]]
            nodes = (self.hubs + 2 * self._mentee[part]).tolist()
            found = [*zip(nodes, self._worth[part].tolist(), strict=True), *self.later_columns.get(mentor, ())]
            self.write(self.columns, mentor, found)
        return found

    def add_pair(self, mentee: int, mentor: int, worth: int, *, newcomer_is_mentor: bool) -> None:
        """Let somebody who was here meet a newcomer; what was not read out yet is not read out for that."""
        kept, later, person, other = (
            (self.rows, self.later_rows, mentee, self.hubs + 1 + 2 * mentor)
            if newcomer_is_mentor
            else (self.columns, self.later_columns, mentor, self.hubs + 2 * mentee)
        )
        column = kept if person in kept else later
        self.write(column, person, [*column.get(person, ()), (other, worth)])

    def link(self, tail: int, head: int, lower: int, upper: int, flow: int) -> None:
        """Add an arc between two hubs."""
        arc = len(self.flow)
        self.arc_tail.append(tail)
        self.arc_head.append(head)
        for column, value in ((self.lower, lower), (self.upper, upper), (self.flow, flow)):
            column.append(value)
        self.links[tail].append(arc)
        self.links[head].append(arc)
        self.arc_of[tail, head] = arc

    def write(self, column: Any, key: Any, value: Any) -> None:
        """Write one entry and remember the old one."""
        self.log.append((column, key, column.get(key) if isinstance(column, dict) else column[key]))
        column[key] = value

    def undo(self, mark: int = 0) -> None:
        """Take back every write since the log had ``mark`` entries."""
        while len(self.log) > mark:
            column, key, old = self.log.pop()
            if old is None:
                column.pop(key, None)
            else:
                column[key] = old

    def add(self, node: int, amount: int) -> None:
        """Add to the excess of a node."""
        self.write(self.excess, node, self.excess.get(node, 0) + amount)
        if not self.excess[node]:
            del self.excess[node]

    def assign(self, mentee: int, mentor: int, worth: int) -> None:
        """Let a pair carry flow."""
        self.write(self.mentor_of, mentee, mentor)
        self.write(self.worth_of, mentee, worth)
        self.write(self.held, mentor, [*self.held[mentor], mentee])
        if self.mirror:
            self.mirror.seat(mentee, mentor)
        if self.loose is not None:
            self.loose.add(mentee)

    def part(self, mentee: int) -> int:
        """Take the flow off a mentee's pair; return its mentor."""
        mentor = self.mentor_of[mentee]
        self.write(self.mentor_of, mentee, -1)
        self.write(self.held, mentor, [other for other in self.held[mentor] if other != mentee])
        if self.mirror:
            self.mirror.unseat(mentee, mentor)
        return mentor

    # Neighbours: (node, reduced cost) below the slack, along residual arcs out of a node (ahead) or into it (behind).

    def ahead(self, node: int, slack: int) -> list[tuple[int, int]]:
        """Where one more unit can go from here."""
        potential = self.potential
        here = potential[node]
        if node < self.hubs:
            return self._between(node, slack, here, ahead=True)
        person, is_mentor = divmod(node - self.hubs, 2)
        if not is_mentor:
            mentor = self.mentor_of[person]
            current = self.hubs + 1 + 2 * mentor if mentor >= 0 else -1
            found = [
                (other, cost)
                for other, worth in self.row(person)
                if (cost := here - worth - potential[other]) < slack and other != current
            ]
            if self.entered[person]:
                found.append((self.entry[person], here - potential[self.entry[person]]))
            return found
        found = []
        if self.taken[person] < self.seats[person]:
            found.append((self.exit[person], here - potential[self.exit[person]]))
        for mentee in self.held[person]:
            if self.loose is None or mentee in self.loose:
                other = self.hubs + 2 * mentee
                found.append((other, here + self.worth_of[mentee] - potential[other]))
        return found

    def behind(self, node: int, slack: int) -> list[tuple[int, int]]:
        """Where one more unit can come from."""
        potential = self.potential
        here = potential[node]
        if node < self.hubs:
            return self._between(node, slack, here, ahead=False)
        person, is_mentor = divmod(node - self.hubs, 2)
        if is_mentor:
            held = self.held[person]
            found = [
                (other, cost)
                for other, worth in self.column(person)
                if (cost := potential[other] - worth - here) < slack and (other - self.hubs) // 2 not in held
            ]
            if self.taken[person]:
                found.append((self.exit[person], potential[self.exit[person]] - here))
            return found
        found = []
        mentor = self.mentor_of[person]
        if mentor >= 0 and (self.loose is None or person in self.loose):
            other = self.hubs + 1 + 2 * mentor
            found.append((other, self.worth_of[person] + potential[other] - here))
        if not self.entered[person] and self.entry[person] >= 0:
            found.append((self.entry[person], potential[self.entry[person]] - here))
        return found

    def _between(self, hub: int, slack: int, here: int, *, ahead: bool) -> list[tuple[int, int]]:
        found = []
        for arc in self.links[hub]:
            tail, head = self.arc_tail[arc], self.arc_head[arc]
            leaves = (tail == hub) == ahead
            if self.flow[arc] < self.upper[arc] if leaves else self.flow[arc] > self.lower[arc]:
                other = head if tail == hub else tail
                cost = here - self.potential[other] if ahead else self.potential[other] - here
                if cost < slack:
                    found.append((other, cost))
        return found

    def crowd(self, hub: int, slack: int, *, ahead: bool) -> list[tuple[int, int]]:
        """The people beside a hub, as `ahead` and `behind`. O(its people), in numpy."""
        people = self.people.get(hub)
        if people is None:
            return []
        mentees = self.serves[hub]
        if mentees and not ahead and self.loose is not None:
            people = np.array(sorted(mentee for mentee in self.loose if self.entry[mentee] == hub), dtype=np.int64)
        node = self.hubs + 2 * people + (0 if mentees else 1)
        cost = self.potential[hub] - self.potentials[node] if ahead else self.potentials[node] - self.potential[hub]
        if mentees:
            open_ = (self.entereds[people] == (0 if ahead else 1)) & (self.entries[people] == hub)
        else:
            taken = self.taken_counts[people]
            open_ = taken > 0 if ahead else taken < self.seat_counts[people]
        near = np.flatnonzero(open_ & (cost < slack))
        return list(zip(node[near].tolist(), cost[near].tolist(), strict=True))

    def room(self, tail: int, head: int) -> int:
        """How many units a residual arc takes."""
        if tail >= self.hubs and head >= self.hubs:
            return 1
        if tail < self.hubs and head < self.hubs:
            arc = self.arc_of.get((tail, head))
            if arc is not None and self.flow[arc] < self.upper[arc]:
                return self.upper[arc] - self.flow[arc]
            back = self.arc_of.get((head, tail))
            return 0 if back is None else self.flow[back] - self.lower[back]
        person, is_mentor = divmod(max(tail, head) - self.hubs, 2)
        if not is_mentor:
            return 1
        return self.taken[person] if tail < self.hubs else self.seats[person] - self.taken[person]

    def step(self, tail: int, head: int, amount: int) -> None:
        """Move units along one residual arc."""
        if tail < self.hubs and head < self.hubs:
            arc = self.arc_of.get((tail, head))
            if arc is not None and self.flow[arc] < self.upper[arc]:
                self.write(self.flow, arc, self.flow[arc] + amount)
            else:
                arc = self.arc_of[head, tail]
                self.write(self.flow, arc, self.flow[arc] - amount)
            return
        person, is_mentor = divmod(max(tail, head) - self.hubs, 2)
        if tail >= self.hubs and head >= self.hubs:
            mentee, mentor = (tail, head) if (head - self.hubs) % 2 else (head, tail)
            if mentee == tail:
                worth = self.potential[tail] - self.potential[head]  # on a shortest path a step costs nothing
                self.assign((tail - self.hubs) // 2, (mentor - self.hubs) // 2, worth)
            else:
                self.part((mentee - self.hubs) // 2)
        elif is_mentor:
            self.write(self.taken, person, self.taken[person] + (amount if head < self.hubs else -amount))
        else:
            self.write(self.entered, person, 1 if tail < self.hubs else 0)

    def forbid(self, mentee: int, mentor: int) -> None:
        """Let a pair be no more."""
        person, other = self.hubs + 2 * mentee, self.hubs + 1 + 2 * mentor
        self.write(self.rows, mentee, [pair for pair in self.row(mentee) if pair[0] != other])
        self.write(self.columns, mentor, [pair for pair in self.column(mentor) if pair[0] != person])
        if self.mirror:
            self.mirror.forbid(mentee, mentor)

    def order_of_pairs(self) -> tuple[IntArray, IntArray, IntArray]:
        """The pairs as they were given in order of mentors; where each mentee's begin, and each mentor's in that order."""
        return self._by_mentor, self._row_ends, self._column_ends

    def base_pairs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Mentee, mentor and worth of the pairs as they were given."""
        return self._mentee, self._mentor, self._worth

    def current_pairs(self, mentees: int) -> tuple[IntArray, IntArray, IntArray]:
        """Mentee, mentor and worth of the pairs as they are now. O(pairs), in Python."""
        rows = [(i, (node - self.hubs) // 2, worth) for i in range(mentees) for node, worth in self.row(i)]
        mentee, mentor, worth = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        return mentee, mentor, worth

    def arcs(self, mentees: int, mentors: int, pairs: tuple[IntArray, IntArray, IntArray]) -> tuple[Arcs, IntArray]:
        """Return the whole network and its flow, for a check that shares nothing with the search. O(pairs)."""
        mentee, mentor, worth = pairs
        carries = np.frombuffer(self.mentor_of, dtype=np.int64)[mentee] == mentor
        i = np.flatnonzero(self.entries[:mentees] >= 0)
        exits = np.frombuffer(self.exit, dtype=np.int64)
        j = np.flatnonzero(exits[:mentors] >= 0)
        blocks = (
            (self.arc_tail, self.arc_head, self.lower, self.upper, [0] * len(self.flow), self.flow),
            (self.entries[i], self.hubs + 2 * i, 0 * i, 0 * i + 1, 0 * i, self.entereds[i]),
            (self.hubs + 1 + 2 * j, exits[j], 0 * j, self.seat_counts[j], 0 * j, self.taken_counts[j]),
            (self.hubs + 2 * mentee, self.hubs + 1 + 2 * mentor, 0 * mentee, 0 * mentee + 1, -worth, carries),
        )
        columns = [np.concatenate([np.asarray(part, dtype=np.int64) for part in parts]) for parts in zip(*blocks)]  # noqa: B905
        return Arcs(self.nodes, *columns[:5]), columns[5]


def _filled(value: int, size: int) -> "array[int]":
    return array("q", [value]) * size
