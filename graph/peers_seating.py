"""Who sits in which circle: the rules of one circle, how circles grow from those with fewest options, and how they swap.

Deterministic: the same people in the same numbering always sit alike. A search, not an optimum: splitting people into
cliques is NP-hard, and no bound is known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray

CANDIDATES: Final = 12
"""How many of the most promising changes are tried out for one person."""


@dataclass(frozen=True, eq=False)
class Rules:
    """What makes a circle: ``points`` (people × people, 0 where two may not sit together), and the policy's numbers.

    ``meets`` holds for each person one bit per language and slot: a circle needs a bit that all have.
    """

    points: IntArray
    meets: tuple[int, ...]
    facilitates: NDArray[np.bool_]
    smallest: int
    greatest: int
    floor: int
    outlier_gap: int

    def fits(self, members: list[int]) -> list[int]:
        """Return each member's fit: the mean of the points with each other member, whole, rounded down."""
        sums = self.points[np.ix_(members, members)].sum(axis=1)
        return [int(total) // max(len(members) - 1, 1) for total in sums]

    def may_meet(self, members: list[int]) -> bool:
        """Do all of them go together, pair by pair, in one language and slot?"""
        common = self.meets[members[0]]
        for member in members[1:]:
            common &= self.meets[member]
        square = self.points[np.ix_(members, members)]
        return bool(common) and int((square > 0).sum()) == len(members) * (len(members) - 1)

    def outlier(self, fits: list[int]) -> bool:
        """Is one member alone far below all others?"""
        lowest, next_lowest = sorted(fits)[:2]
        return next_lowest - lowest > self.outlier_gap

    def value(self, members: list[int]) -> int:
        """Return the sum of the members' fits, 0 if they break a rule: nobody sits in a circle without value."""
        if not self.smallest <= len(members) <= self.greatest or not self.facilitates[members].any():
            return 0
        fits = self.fits(members)
        return sum(fits) if self.may_meet(members) and min(fits) >= self.floor and not self.outlier(fits) else 0


@dataclass(eq=False)
class Seating:
    """Circles in the making: members per circle, and for each person the circle (-1: none)."""

    rules: Rules
    circles: list[list[int]] = field(default_factory=list)
    where: IntArray = field(init=False)
    own: IntArray = field(init=False)
    """For each person the sum of points with the others of their circle."""

    def __post_init__(self) -> None:
        """Begin with nobody seated, or with the circles given."""
        self.where = np.full(len(self.rules.points), -1)
        self.own = np.zeros(len(self.rules.points), dtype=np.int64)
        for number, members in enumerate(self.circles):
            self._seat(number, members)

    def _seat(self, number: int, members: list[int]) -> None:
        self.where[members] = number
        self.own[members] = self.rules.points[np.ix_(members, members)].sum(axis=1)

    def value(self) -> int:
        """Return the total of all members' fits."""
        return sum(self.rules.value(members) for members in self.circles)

    def grow(self, seeds: Iterable[int] | None = None) -> None:
        """Open circles until no seed has enough partners left. Seeds: who has fewest options first, or as given."""
        for seed in self._fewest_options() if seeds is None else seeds:
            grown = list(self._grown(seed, lend=False)) if self.where[seed] < 0 else []
            if grown:
                self._apply({len(self.circles): grown[-1]})

    def _fewest_options(self) -> Iterator[int]:
        """Yield everyone not yet seated, each time the one with fewest possible partners among those left."""
        tried = np.zeros(self.where.size, dtype=np.bool_)
        while True:
            free = self.where < 0
            left = np.flatnonzero(free & ~tried)
            if not left.size:
                return
            options = (self.rules.points[left][:, free] >= self.rules.floor).sum(axis=1)
            seed = int(left[np.argmin(options)])
            tried[seed] = True
            yield seed

    def _grown(self, seed: int, *, lend: bool) -> Iterator[list[int]]:
        """Yield ever larger circles around a seed that keep the rules, adding who fits those present best.

        ``lend``: circles above the smallest size may lose members to this one, after everyone who sits nowhere.
        """
        rules, members = self.rules, [seed]
        spare = np.array([(len(circle) - rules.smallest) * lend for circle in self.circles] + [rules.greatest])
        together, common, sums = rules.points[seed] > 0, rules.meets[seed], rules.points[seed].copy()
        while len(members) < rules.greatest:
            wanted = together & (spare[self.where] > 0)
            if len(members) == rules.smallest - 1 and not rules.facilitates[members].any():
                wanted &= rules.facilitates
            order = np.flatnonzero(wanted)
            order = order[np.lexsort((-sums[order], self.where[order] >= 0))]
            person = next((one for one in order.tolist() if common & rules.meets[one]), -1)
            if person < 0:
                return
            members.append(person)
            spare[self.where[person]] -= 1
            common &= rules.meets[person]
            together &= rules.points[person] > 0
            sums += rules.points[person]
            if rules.value(members):
                yield list(members)

    def improve(self, passes: int) -> None:
        """Let people join, change places and swap while that raises the total; then try new circles with who is left."""
        for _ in range(passes):
            before = self.value()
            order = np.lexsort((np.arange(self.where.size), self.where >= 0))
            for person in order.tolist():
                self._better_place(person)
            self.grow()
            self._lend()
            if self.value() == before:
                return

    def _lend(self) -> None:
        """Open circles with members of larger ones where that raises the total: eight are two circles of four."""
        for person in np.flatnonzero(self.where < 0).tolist():
            if self.where[person] < 0:
                self._best_of([self._lending(circle) for circle in self._grown(person, lend=True)])

    def _lending(self, circle: list[int]) -> dict[int, list[int]]:
        lenders = {int(number) for number in self.where[circle] if number >= 0}
        left = {number: [one for one in self.circles[number] if one not in circle] for number in sorted(lenders)}
        return {**left, len(self.circles): circle}

    def _better_place(self, person: int) -> None:
        self._best_of([*self._seats(person), *self._swaps(person)])

    def _best_of(self, changes: list[dict[int, list[int]]]) -> None:
        """Make the best of some changes, if it raises the total."""
        gains = [self._gain(change) for change in changes]
        if gains and max(gains) > 0:
            self._apply(changes[gains.index(max(gains))])

    def _seats(self, person: int) -> Iterator[dict[int, list[int]]]:
        """Yield the circles with room as they would be with this person, and the one left as it would be without."""
        home = int(self.where[person])
        left = {home: [one for one in self.circles[home] if one != person]} if home >= 0 else {}
        for number, members in enumerate(self.circles):
            if number != home and len(members) < self.rules.greatest and self.rules.points[person][members].all():
                yield {**left, number: [*members, person]}

    def _swaps(self, person: int) -> Iterator[dict[int, list[int]]]:
        """Yield the most promising exchanges of this person with another one, seated elsewhere or nowhere."""
        others = np.flatnonzero((self.where != self.where[person]) & self._could_swap(person))
        for other in others[np.argsort(-self._promise(person)[others], kind="stable")][:CANDIDATES].tolist():
            change = {}
            for leaves, comes in ((person, other), (other, person)):
                if self.where[leaves] >= 0:
                    number = int(self.where[leaves])
                    change[number] = [comes if one == leaves else one for one in self.circles[number]]
            yield change

    def _could_swap(self, person: int) -> NDArray[np.bool_]:
        """Who goes with all others of this person's circle, while this person goes with all others of theirs?"""
        home, apart = int(self.where[person]), self.rules.points == 0
        here = [one for one in self.circles[home] if one != person] if home >= 0 else []
        theirs = self._per_circle(apart[person]) - apart[person]
        goes = (self.where < 0) | (theirs == 0)
        found: NDArray[np.bool_] = goes & ~apart[:, here].any(axis=1)
        return found

    def _promise(self, person: int) -> IntArray:
        """Return what a swap with each other person would add to the sum of pairs."""
        points, home = self.rules.points, int(self.where[person])
        here = [one for one in self.circles[home] if one != person] if home >= 0 else []
        comes = points[:, here].sum(axis=1) - int(points[person, here].sum())
        goes = self._per_circle(points[person]) - points[person] - self.own
        promise: IntArray = comes + np.where(self.where >= 0, goes, 0)
        return promise

    def _per_circle(self, column: IntArray | NDArray[np.bool_]) -> IntArray:
        """Return for each person the sum of a column over the circle they sit in."""
        sums = np.zeros(len(self.circles) + 1, dtype=np.int64)
        np.add.at(sums, self.where, column.astype(np.int64))
        found: IntArray = sums[self.where]
        return found

    def _gain(self, change: dict[int, list[int]]) -> int:
        after = [self.rules.value(members) for members in change.values()]
        before = sum(self.rules.value(members) for members in self._present(change))
        return sum(after) - before if all(after) else 0

    def _present(self, change: dict[int, list[int]]) -> list[list[int]]:
        """Return the circles of a change as they are now; the one after the last is yet to be opened."""
        return [self.circles[number] for number in change if number < len(self.circles)]

    def _apply(self, change: dict[int, list[int]]) -> None:
        for members in self._present(change):
            self.where[members], self.own[members] = -1, 0
        for number, members in change.items():
            self.circles[number:] = [members, *self.circles[number + 1 :]]
            self._seat(number, members)
