"""A round that lives on: each change checked, done to its array, counted."""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

import numpy as np

from graph import repair_cells as c
from graph import repair_moves
from graph.flow import IntArray
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
from graph.round_problem import RoundPolicy, RoundProblem
from graph.rounds import RoundResult


class Mark(NamedTuple):
    """Where a change began, so that it can be measured and taken back."""

    mentees: int
    mentors: int
    all_seats: int
    placed: int
    points: int


class LiveRound:
    """The array of a round under one change after another, and its totals.

    `apply` leaves the round the best again, or says that no way is left; `take_back` undoes the last change. ``gone`` are the
    mentees and mentors who left, ``aside`` the mentors whom nobody could meet when the array was laid out.
    """

    def __init__(self, problem: RoundProblem, policy: RoundPolicy, result: RoundResult) -> None:
        self.policy = policy
        self.memory, self.room, self.places, exits = repairable(problem, policy, result)
        self.aside = set(np.flatnonzero(self.memory.mentors[: problem.mentors, c.HUB] < 0).tolist())
        self.exits = {home: self.memory.hub(hub) for home, hub in exits.items()}
        self.mentees, self.mentors, self.organisations = problem.mentees, problem.mentors, problem.organisations or 0
        self.all_seats = int(problem.seats.sum())
        self.gone: tuple[set[int], set[int]] = (set(), set())

    def mentor_of(self) -> IntArray:
        """A mentor for each mentee, -1 for unplaced; a copy."""
        places = self.memory.mentees[: self.mentees, c.MATE]
        found: IntArray = np.where(places < 0, -1, self.memory.number(places))
        return found

    def totals(self) -> tuple[int, int]:
        """Placements and points now."""
        return self.memory.cells[c.ALL_PLACED], self.memory.cells[c.ALL_POINTS]

    def check(self, change: Change) -> None:
        """Refuse what is impossible now, as `graph.repair_changes.checked`, and pairs that are not eligible."""
        checked(
            change,
            Tally(self.mentees, self.mentors, self.organisations, self.memory.mentors[:, c.SEATS], *self.gone),
        )
        if isinstance(change, Declined):
            memory = self.memory
            if not memory.call("find", memory.mentee(change.mentee), memory.mentor(change.mentor)):
                raise ValueError(f"pair (mentee {change.mentee}, mentor {change.mentor}) is not eligible")

    def fits(self, change: Change) -> bool:
        """True if the array has a place for the newcomer; else the round must be made anew."""
        memory = self.memory
        if isinstance(change, MenteeArrives):
            return (
                self.mentees < memory.most_mentees
                and change.organisation in self.places
                and min(change.rounds_waited, self.policy.longest_wait) <= self.room.longest
                and min(self.mentees + 1, self.all_seats) <= self.room.most_placed
                and (not self.aside or self.aside.isdisjoint(mentor for mentor, _ in change.pairs))
            )
        if isinstance(change, MentorJoins):
            return (
                self.mentors < memory.most_mentors
                and self._home(change) in self.exits
                and min(self.mentees, self.all_seats + change.seats) <= self.room.most_placed
            )
        return True

    def _home(self, change: MentorJoins) -> int:
        return change.organisation if change.organisation in self.places and not change.donated else -1

    def parted(self, change: Change) -> dict[int, tuple[int, int]]:
        """Mentor and points of the mentees a change takes from their mentor; for a lost seat, of those it may be."""
        get, memory = self.memory.cells, self.memory
        match change:
            case MentorLeaves(mentor):
                return self._of(memory.mentor(mentor))
            case SeatLost(mentor):
                place = memory.mentor(mentor)
                return self._of(place) if get[place + c.TAKEN] == get[place + c.SEATS] else {}
            case MenteeLeaves(mentee) | Declined(mentee):
                place = memory.mentee(mentee)
                mate = get[place + c.MATE]
                if mate < 0 or (isinstance(change, Declined) and mate != memory.mentor(change.mentor)):
                    return {}
                return {mentee: (memory.number(mate), self.fit_of(get[place + c.WORTH]))}
        return {}

    def _of(self, mentor: int) -> dict[int, tuple[int, int]]:
        """A mentor's mentees, by number."""
        get, number, found = self.memory.cells, self.memory.number, {}
        mentee = get[mentor + c.MATE]
        while mentee >= 0:
            found[number(mentee)] = (number(mentor), self.fit_of(get[mentee + c.WORTH]))
            mentee = get[mentee + c.NEXT]
        return dict(sorted(found.items()))

    def fit_of(self, worth: int) -> int:
        """The points of a pair, from what it is worth to the round."""
        return worth // self.room.worth.tie_break - self.room.worth.placement

    def seen(self) -> int:
        """How many people and hubs the last search went through."""
        found: int = self.memory.cells[c.SEEN_COUNT]
        return found

    def mark(self) -> Mark:
        """Where the round stands now."""
        return Mark(self.mentees, self.mentors, self.all_seats, *self.totals())

    def take_back(self, mark: Mark) -> None:
        """Undo everything since the mark, which was set before the last change."""
        self.memory.call("undo", 0)
        self.mentees, self.mentors, self.all_seats = mark.mentees, mark.mentors, mark.all_seats

    def moved(self) -> list[tuple[int, int, int]]:
        """Mentee, mentor before and mentor now, -1 for nobody, of everyone whose pair the last change touched."""
        get, base, width = self.memory.cells, self.memory.people, 2 * c.WIDTH
        first = get[c.TOUCHES]
        return [
            (
                (one - base) // width,
                max((get[one + c.BEFORE] - base) // width, -1),
                max((get[one + c.MATE] - base) // width, -1),
            )
            for one in sorted(get[first : first + get[c.TOUCH_COUNT]])
        ]

    def apply(self, change: Change, loose: Iterable[int] | None = None) -> bool:
        """Do a change and make the round the best again; False if no way is left, and the change is still to be taken back.

        ``loose`` are the only placed mentees who may move (None: all).
        """
        request = self._request(change)
        self._write_pairs(change)
        if not self._run([request], loose):
            return False
        if isinstance(change, MenteeArrives):
            self.mentees += 1
        if isinstance(change, MentorJoins):
            self.mentors, self.all_seats = self.mentors + 1, self.all_seats + change.seats
        return True

    def _run(self, requests: list[tuple[int, ...]], loose: Iterable[int] | None = None) -> bool:
        """Make changes as one, with a longer log where it has to be."""
        memory = self.memory
        while True:
            memory.begin(loose)
            for request in requests:
                found = memory.call("change", *request)
            if found != c.FULL:
                break
            memory.call("undo", 0)
            memory.grow(c.LOG)
        return found == c.DONE

    def _request(self, change: Change) -> tuple[int, ...]:
        """What a change says, in places of the array: kind, who, other, owner, number, pairs."""
        memory = self.memory
        match change:
            case MentorLeaves(mentor):
                place = memory.mentor(mentor)
                return (repair_moves.LOSES, place, 0, 0, memory.cells[place + c.SEATS], 0)
            case SeatLost(mentor):
                return (repair_moves.LOSES, memory.mentor(mentor), 0, 0, 1, 0)
            case MenteeLeaves(mentee):
                return (repair_moves.LEAVES, memory.mentee(mentee), 0, 0, 0, 0)
            case Declined(mentee, mentor):
                return (repair_moves.FORBIDS, memory.mentee(mentee), memory.mentor(mentor), 0, 0, 0)
            case MenteeArrives(organisation, pairs, rounds):
                place, waited = self.places[organisation], min(rounds, self.policy.longest_wait)
                hub = memory.cells[place + c.SERVED]
                return (
                    repair_moves.ARRIVES,
                    memory.mentee(self.mentees),
                    hub,
                    self._owner(organisation),
                    waited,
                    len(pairs),
                )
            case MentorJoins(_, seats, pairs):
                home = self._home(change)
                return (
                    repair_moves.JOINS,
                    memory.mentor(self.mentors),
                    self.exits[home],
                    self._owner(home),
                    seats,
                    len(pairs),
                )

    def _owner(self, organisation: int) -> int:
        return self.places.get(organisation, -1) if self.policy.individual_rationality else -1

    def _write_pairs(self, change: Change) -> None:
        if not isinstance(change, MenteeArrives | MentorJoins):
            return
        memory, pairs = self.memory, change.pairs
        if 2 * len(pairs) > memory.sizes[c.INBOX]:
            memory.grow(c.INBOX, 2 * len(pairs))
        if memory.cells[c.LATER_USED] + 6 * len(pairs) > memory.cells[c.INBOX]:
            memory.grow(c.LATER, 2 * memory.sizes[c.LATER] + 6 * len(pairs))
        inbox = memory.cells[c.INBOX]
        memory.m[inbox : inbox + 2 * len(pairs)] = list(chain.from_iterable(pairs))

    def freeze(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Take started partnerships out, mentee and seat; what is left is made the best again."""
        mentees = [mentee for mentee, _ in pairs]
        if mentees:
            starts = [(repair_moves.STARTS, self.memory.mentee(mentee), 0, 0, 0, 0) for mentee in mentees]
            self._run([*starts, (repair_moves.LOSES, self.memory.mentor(0), 0, 0, 0, 0)])
            self.gone[0].update(mentees)

    def settle_debts(self) -> None:
        """Count exactly what every organisation can place alone, and write it into the array."""
        if self.policy.individual_rationality:
            self._run([(repair_moves.COUNTS, 0, 0, 0, 0, 0)])

    def in_the_way(self) -> list[int]:
        """After a change that found no way: the organisations whose own mentees must stay placed for it to end there."""
        get = self.memory.cells
        ends = (c.PLACED, c.SERVED) if get[c.AHEAD] else (c.SERVED, c.PLACED)
        reached = {
            organisation: [
                get[get[place + end] + c.STAMP] >= get[c.SEARCHES] and get[get[place + end] + c.DISTANCE] < c.FAR
                for end in ends
            ]
            for organisation, place in sorted(self.places.items())
        }
        return [organisation for organisation, (first, second) in reached.items() if second and not first]
