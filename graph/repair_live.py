"""A round that lives on: each change done to its network, its organisations' own matchings, its totals."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graph.flow import IntArray
from graph.repair_alone import OwnMatching
from graph.repair_build import repairable
from graph.repair_changes import (
    Change,
    Declined,
    MenteeArrives,
    MenteeLeaves,
    MentorJoins,
    MentorLeaves,
    SeatLost,
    Tally,
    checked,
)
from graph.repair_guarantees import Guarantees
from graph.repair_search import BlockedError, settle
from graph.round_network import witness_pairs
from graph.round_problem import RoundPolicy, RoundProblem
from graph.rounds import RoundResult


@dataclass(frozen=True)
class Mark:
    """Where a change began, so that it can be measured and taken back."""

    mentees: int
    mentors: int
    placed: int
    points: int
    all_seats: int


class LiveRound:
    """The network of a round with what each organisation can place alone, under one change after another.

    `apply` leaves the round optimal again, or raises `graph.repair_network.BlockedError`; `take_back` undoes the last
    change. ``gone`` are the mentees and mentors who left.
    """

    def __init__(self, problem: RoundProblem, policy: RoundPolicy, result: RoundResult) -> None:
        self.policy = policy
        self.network, self.room, self.ends = repairable(problem, policy, result)
        self.mentees, self.mentors, self.organisations = problem.mentees, problem.mentors, problem.organisations or 0
        self.placed, self.points, self.all_seats = result.placed, result.points, int(problem.seats.sum())
        waited = np.zeros(self.mentees, dtype=np.int64) if problem.rounds_waited is None else problem.rounds_waited
        self.waits = np.minimum(waited, policy.longest_wait).tolist()
        self.gone: tuple[set[int], set[int]] = (set(), set())
        home = problem.home().tolist()
        exits = zip(home, self.network.exit, strict=False)
        self.exit_of_home = {where: hub for where, hub in exits if hub >= 0}
        self.own = OwnMatching(self.network, problem.mentee_organisation.tolist(), home, self.organisations)
        self.guarantees = Guarantees(self.network, self.own, self.ends)
        if policy.individual_rationality:
            own = witness_pairs(problem)
            self.own.start(zip(problem.mentee[own].tolist(), problem.mentor[own].tolist(), strict=True))

    def mentor_of(self) -> IntArray:
        """A mentor for each mentee, -1 for unplaced; a copy."""
        return np.frombuffer(self.network.mentor_of, dtype=np.int64)[: self.mentees].copy()

    def check(self, change: Change) -> None:
        """Refuse what is impossible now, as `graph.repair_changes.checked`, and pairs that are not eligible."""
        checked(change, Tally(self.mentees, self.mentors, self.organisations, self.network.seats, *self.gone))
        if isinstance(change, Declined):
            node = self.network.hubs + 1 + 2 * change.mentor
            if all(other != node for other, _ in self.network.row(change.mentee)):
                raise ValueError(f"pair (mentee {change.mentee}, mentor {change.mentor}) is not eligible")

    def fits(self, change: Change) -> bool:
        """True if the network has a place for the newcomer; else the round must be made anew."""
        network = self.network
        if isinstance(change, MenteeArrives):
            return (
                self.mentees < network.most_mentees
                and change.organisation in self.ends
                and min(change.rounds_waited, self.policy.longest_wait) <= self.room.longest
                and min(self.mentees + 1, self.all_seats) <= self.room.most_placed
                and all(network.exit[mentor] >= 0 for mentor, _ in change.pairs)
            )
        if isinstance(change, MentorJoins):
            return (
                self.mentors < network.most_mentors
                and self._home(change) in self.exit_of_home
                and min(self.mentees, self.all_seats + change.seats) <= self.room.most_placed
            )
        return True

    def _home(self, change: MentorJoins) -> int:
        return change.organisation if change.organisation in self.ends and not change.donated else -1

    def parted(self, change: Change) -> tuple[int, ...]:
        """The mentees a change takes from their mentor whatever is done next; for a lost seat, those it may be."""
        network = self.network
        match change:
            case MentorLeaves(mentor):
                return tuple(sorted(network.held[mentor]))
            case SeatLost(mentor):
                return tuple(sorted(network.held[mentor])) if network.taken[mentor] == network.seats[mentor] else ()
            case MenteeLeaves(mentee):
                return (mentee,) if network.mentor_of[mentee] >= 0 else ()
            case Declined(mentee, mentor):
                return (mentee,) if network.mentor_of[mentee] == mentor else ()
        return ()

    def fit_of(self, worth: int) -> int:
        """The points of a pair, from what it is worth to the round."""
        return worth // self.room.worth.tie_break - self.room.worth.placement

    def begin(self, change: Change, *, loose: Iterable[int] | None) -> Mark:
        """Forget how to take back earlier changes; ``loose`` are the only placed mentees who may move (None: all)."""
        self.network.log.clear()
        if self.network.mirror and isinstance(change, MenteeArrives | MentorJoins):
            self.network.mirror.make_room(len(change.pairs))
        self.network.loose = None if loose is None else set(loose)
        return Mark(self.mentees, self.mentors, self.placed, self.points, self.all_seats)

    def take_back(self, mark: Mark) -> None:
        """Undo everything since the mark."""
        self.network.undo()
        self.network.loose = None
        self.mentees, self.mentors, self.placed, self.points = mark.mentees, mark.mentors, mark.placed, mark.points
        self.all_seats = mark.all_seats
        del self.own.organisation[mark.mentees :], self.waits[mark.mentees :], self.own.home[mark.mentors :]

    def touched(self) -> dict[int, tuple[int, int]]:
        """For each mentee whose pair was written since the mark: mentor and points before."""
        found: dict[int, tuple[int, int]] = {}
        mentors, worths = dict[int, int](), dict[int, int]()
        for column, key, old in self.network.log:
            if column is self.network.mentor_of:
                mentors.setdefault(key, old)
            elif column is self.network.worth_of:
                worths.setdefault(key, old)
        for mentee, mentor in mentors.items():
            worth = worths.get(mentee, self.network.worth_of[mentee])
            found[mentee] = (mentor, self.fit_of(worth) if mentor >= 0 else 0)
        return found

    def apply(self, change: Change) -> None:
        """Do a change and make the round optimal again."""
        match change:
            case MentorLeaves(mentor):
                self._lose_seats(mentor, self.network.seats[mentor])
            case SeatLost(mentor):
                self._lose_seats(mentor, 1)
            case MenteeLeaves(mentee):
                self._leave(mentee)
            case Declined(mentee, mentor):
                self._forbid(mentee, mentor)
            case MenteeArrives():
                self._arrive(change)
            case MentorJoins():
                self._join(change)
        self._settle()

    def _settle(self) -> None:
        """Make flow and guarantees agree, then count what changed."""
        network = self.network
        self.guarantees.relax()
        settle(network)
        while self.guarantees.firm():
            settle(network)
        for mentee, (mentor, points) in self.touched().items():
            now = network.mentor_of[mentee]
            self.placed += (now >= 0) - (mentor >= 0)
            self.points += (self.fit_of(network.worth_of[mentee]) if now >= 0 else 0) - points

    def _lose_seats(self, mentor: int, lost: int) -> None:
        network = self.network
        network.write(network.seats, mentor, network.seats[mentor] - lost)
        over = network.taken[mentor] - network.seats[mentor]
        if over > 0:
            network.write(network.taken, mentor, network.seats[mentor])
            network.add(network.hubs + 1 + 2 * mentor, over)
            network.add(network.exit[mentor], -over)
        self.own.lose_seats(mentor)

    def _leave(self, mentee: int) -> None:
        network, hub = self.network, self.network.entry[mentee]
        if network.entered[mentee]:
            network.write(network.entered, mentee, 0)
            network.add(network.hubs + 1 + 2 * network.part(mentee), -1)
            network.add(hub, 1)
        network.write(network.entry, mentee, -1)
        network.row(mentee)
        network.write(network.rows, mentee, [])
        self.own.take_out(mentee)

    def _forbid(self, mentee: int, mentor: int) -> None:
        network = self.network
        person, other = network.hubs + 2 * mentee, network.hubs + 1 + 2 * mentor
        network.forbid(mentee, mentor)
        self.own.forbid(mentee, mentor)
        if network.mentor_of[mentee] == mentor:
            self.guarantees.relax()
            network.part(mentee)
            self._swap(mentee, person, other)

    def _swap(self, mentee: int, person: int, seat: int) -> None:
        """Fill the seat as if the mentee had left, then let her come back: two near searches in place of a far one.

        The way from mentee to seat is only searched as one where a guarantee forbids to place one fewer in between.
        """
        network, hub, mark = self.network, self.network.entry[mentee], len(self.network.log)
        network.write(network.entered, mentee, 0)
        network.write(network.entry, mentee, -1)
        network.add(seat, -1)
        network.add(hub, 1)
        try:
            settle(network)
        except BlockedError:
            network.undo(mark)
            network.add(seat, -1)
            network.add(person, 1)
            return
        network.write(network.entry, mentee, hub)
        if network.potential[person] > network.potential[hub]:
            network.write(network.entered, mentee, 1)
            network.add(person, 1)
            network.add(hub, -1)

    def _arrive(self, change: MenteeArrives) -> None:
        network, mentee, hub = self.network, self.mentees, self.ends[change.organisation][1]
        self.mentees += 1
        node, waited = network.hubs + 2 * mentee, min(change.rounds_waited, self.policy.longest_wait)
        scale = self.room.worth
        row = [
            (network.hubs + 1 + 2 * mentor, (scale.placement + points) * scale.tie_break + waited)
            for mentor, points in sorted(change.pairs)
        ]
        for (mentor, _), (_, worth) in zip(sorted(change.pairs), row, strict=True):
            network.add_pair(mentee, mentor, worth, newcomer_is_mentor=False)
        network.write(network.rows, mentee, row)
        self._mirrored(mentee, row, is_mentor=False)
        network.write(network.entry, mentee, hub)
        network.write(network.entered, mentee, 0)
        self._beside(hub, mentee)
        self.own.organisation.append(change.organisation)
        self.waits.append(waited)
        asked = max((network.potential[other] + worth for other, worth in row), default=network.potential[hub])
        network.write(network.potential, node, asked)
        if asked > network.potential[hub]:
            network.write(network.entered, mentee, 1)
            network.add(node, 1)
            network.add(hub, -1)
        if self.policy.individual_rationality:
            self.own.owe(change.organisation, 1, mentees=(mentee,))

    def _join(self, change: MentorJoins) -> None:
        network, mentor, home = self.network, self.mentors, self._home(change)
        hub = self.exit_of_home[home]
        self.mentors += 1
        self.all_seats += change.seats
        node, scale = network.hubs + 1 + 2 * mentor, self.room.worth
        column = []
        for mentee, points in sorted(change.pairs):
            worth = (scale.placement + points) * scale.tie_break + self.waits[mentee]
            column.append((network.hubs + 2 * mentee, worth))
            network.add_pair(mentee, mentor, worth, newcomer_is_mentor=True)
        network.write(network.columns, mentor, column)
        self._mirrored(mentor, column, is_mentor=True)
        network.write(network.seats, mentor, change.seats)
        network.write(network.exit, mentor, hub)
        self._beside(hub, mentor)
        self.own.home.append(home)
        least = min((network.potential[other] - worth for other, worth in column), default=network.potential[hub])
        network.write(network.potential, node, min(least, network.potential[hub]))
        if least < network.potential[hub] and change.seats:
            network.write(network.taken, mentor, change.seats)
            network.add(hub, change.seats)
            network.add(node, -change.seats)
        if self.policy.individual_rationality:
            self.own.owe(home, change.seats, mentors=(mentor,))

    def _beside(self, hub: int, person: int) -> None:
        people = self.network.people.get(hub, np.zeros(0, dtype=np.int64))
        self.network.write(self.network.people, hub, np.append(people, person))
        if self.network.mirror:
            self.network.mirror.stand_beside(hub, person)

    def _mirrored(self, person: int, pairs: list[tuple[int, int]], *, is_mentor: bool) -> None:
        if self.network.mirror:
            node, worth = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
            self.network.mirror.add(person, (node - self.network.hubs) // 2, worth, is_mentor=is_mentor)

    def freeze(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Take started partnerships out, mentee and seat; what is left is made optimal again."""
        network, seats = self.network, Counter[int]()
        for mentee, mentor in pairs:
            hub = network.entry[mentee]
            network.part(mentee)
            network.write(network.entered, mentee, 0)
            network.write(network.entry, mentee, -1)
            network.row(mentee)
            network.write(network.rows, mentee, [])
            network.write(network.seats, mentor, network.seats[mentor] - 1)
            network.write(network.taken, mentor, network.taken[mentor] - 1)
            network.add(hub, 1)
            network.add(network.exit[mentor], -1)
            seats[mentor] += 1
            self.gone[0].add(mentee)
            self.own.take_out(mentee)
        for mentor in seats:
            self.own.lose_seats(mentor)
        self._settle()
