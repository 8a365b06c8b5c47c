"""Who sits in which circle: the circles so far, what each person would bring to each of them, and how circles grow.

Deterministic: the same people in the same numbering always sit alike. A search, not an optimum: splitting people into
cliques is NP-hard, and no bound is known.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from graph.circles_rules import EMPTY, Mask, Rules
from graph.flow import IntArray

Change = Mapping[int, list[int]]
"""Circles by number as they would be; the number after the last opens a new one."""
NOWHERE: Final = -1


class Seating:
    """Circles in the making. Tables hold a row per circle and, last, one of nobody, which -1 finds: who sits nowhere.

    ``members`` (circles × places), ``sizes``, ``value`` and ``total`` (sum of all its pairs, both ways) of each circle.
    ``sums`` (circles × people): each person's points with its members; ``apart``: with how many of them the person may not
    sit. ``where``: each person's circle, or -1; ``own``: the person's points with the others of it.
    """

    def __init__(self, rules: Rules, circles: Iterable[list[int]] = ()) -> None:
        """Begin with some circles seated."""
        most = rules.people // rules.smallest
        self.rules, self.circles = rules, 0
        self.members = np.full((most + 1, rules.greatest), EMPTY)
        self.sizes = np.zeros(most + 1, dtype=np.int64)
        self.value, self.total = np.zeros(most + 1, dtype=np.int64), np.zeros(most + 1, dtype=np.int64)
        self.sums = np.zeros((most + 1, rules.people), dtype=np.int32)
        self.apart = np.zeros((most + 1, rules.people), dtype=np.int16)
        self.where, self.own = np.full(rules.people, NOWHERE), np.zeros(rules.people, dtype=np.int64)
        for number, members in enumerate(circles):
            self.apply({number: members})

    def circle(self, number: int) -> list[int]:
        """Return the members of a circle."""
        found: list[int] = self.members[number, : self.sizes[number]].tolist()
        return found

    def room(self) -> Mask:
        """Mark the circles with a free seat."""
        found: Mask = (self.sizes > 0) & (self.sizes < self.rules.greatest)
        return found

    def apply(self, change: Change) -> None:
        """Seat some circles as a change says; whoever is in none of them any more sits nowhere. O(people · members)."""
        for number in change:
            left = self.circle(number)
            self.where[left], self.own[left] = NOWHERE, 0
        for number, members in change.items():
            self._seat(number, members)
        self.circles = max(self.circles, *(number + 1 for number in change))

    def _seat(self, number: int, members: list[int]) -> None:
        row, everybody = self.rules.rows([members]), slice(0, self.rules.people)
        self.members[number], self.where[members], self.sizes[number] = row[0], number, len(members)
        self.value[number] = self.rules.values(row)[0]
        self.sums[number] = self.rules.points[members, everybody].sum(axis=0)
        self.apart[number] = self.rules.apart[members, everybody].sum(axis=0)
        self.own[members] = self.sums[number][members]
        self.total[number] = self.own[members].sum()

    def gains(self, changes: list[Change]) -> IntArray:
        """Return what each change would add to the total of all fits; 0 or less where a circle would break a rule."""
        after = self.rules.values(self.rules.rows(circle for change in changes for circle in change.values()))
        before = self.value[[number for change in changes for number in change]]
        starts = np.cumsum([0, *(len(change) for change in changes[:-1])])
        holds = np.minimum.reduceat(after, starts) > 0
        return np.where(holds, np.add.reduceat(after - before, starts), 0)

    def grow(self, seeds: Iterable[int] | None = None) -> None:
        """Open circles until no seed has enough partners left. Seeds: who has fewest options first, or as given."""
        for seed in self._fewest_options() if seeds is None else seeds:
            grown = self.around(seed, lend=False) if self.where[seed] == NOWHERE else []
            if grown:
                self.apply({self.circles: grown[-1]})

    def _fewest_options(self) -> Iterator[int]:
        """Yield everyone not yet seated, each time the one with fewest possible partners among those left."""
        possible = self.rules.points[:-1, :-1] >= self.rules.floor
        free = self.where == NOWHERE
        options, untried = possible[:, free].sum(axis=1), free.copy()
        while (left := np.flatnonzero(free & untried)).size:
            seed = int(left[np.argmin(options[left])])
            untried[seed] = False
            yield seed
            seated = free & (self.where != NOWHERE)
            options -= possible[:, seated].sum(axis=1)
            free &= ~seated

    def around(self, seed: int, *, lend: bool) -> list[list[int]]:
        """Return ever larger circles around a seed that keep the rules, adding who fits those present best.

        ``lend``: circles above the smallest size may lose members to this one, after everyone who sits nowhere.
        """
        members = self._gathered(seed, lend=lend)
        grown = [members[:size] for size in range(self.rules.smallest, len(members) + 1)]
        kept = self.rules.values(self.rules.rows(grown)) > 0
        return [circle for circle, holds in zip(grown, kept.tolist(), strict=True) if holds]

    def _gathered(self, seed: int, *, lend: bool) -> list[int]:
        """Return a seed and who joins one by one, of those who go with all present: first whoever sits nowhere, then best."""
        rules, members, common = self.rules, [seed], self.rules.meets[seed].copy()
        spare = (self.sizes - rules.smallest) * lend
        spare[NOWHERE] = rules.greatest
        left = np.flatnonzero((rules.points[seed, :-1] > 0) & (spare[self.where] > 0))
        sums = rules.points[seed, left]
        while len(members) < rules.greatest and left.size:
            kept = (rules.meets[left] & common).any(axis=1) & (spare[self.where[left]] > 0)
            left, sums = left[kept], sums[kept]
            asked = self._first_asked(left, members)
            if not asked.any():
                break
            person = int(left[np.argmax(np.where(asked, sums, -1))])
            members.append(person)
            spare[self.where[person]] -= 1
            common &= rules.meets[person]
            points = rules.points[person, left]
            left, sums = left[points > 0], (sums + points)[points > 0]
        return members

    def _first_asked(self, left: IntArray, members: list[int]) -> Mask:
        """Mark who is asked next: those who sit nowhere before others; the last one needed facilitates if nobody yet does."""
        asked = np.ones(left.size, dtype=np.bool_)
        if len(members) == self.rules.smallest - 1 and not self.rules.facilitates[members].any():
            asked &= self.rules.facilitates[left]
        nowhere = asked & (self.where[left] == NOWHERE)
        return nowhere if nowhere.any() else asked
