"""Who can still be among the best: places of a sorted pool, looked at in pieces of falling bound."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.people import Counts, IntArray

# Each piece is so many times the one before: the first few thousand say what the others have to reach.
GROWTH: Final = 16


@dataclass(frozen=True)
class Reaching:
    """Places with the points counted so far, and the most that the parts not yet counted can add."""

    places: IntArray
    points: Counts
    rest: int

    def at_least(self, wanted: int) -> "Reaching":
        """Leave out who cannot reach a total, when they are enough to be worth a copy; everybody has at least 1."""
        reach = self.points + np.int16(self.rest) >= wanted
        if wanted <= 1 or (self.rest and 8 * int(np.count_nonzero(reach)) > 7 * reach.size):
            return self
        kept = np.flatnonzero(reach)
        return Reaching(self.places.take(kept), self.points.take(kept), self.rest)

    def adding(self, points: Counts, most: int) -> "Reaching":
        """Count one part more."""
        return Reaching(self.places, self.points + points, self.rest - most)


@dataclass(frozen=True)
class Runs:
    """Runs of places that have the same points so far, of any length."""

    starts: IntArray
    sizes: IntArray
    points: Counts
    bounds: Counts
    """The most that anybody of a run can get in all, 1 to 100; 0: nobody of it can be met."""


class Pieces:
    """Runs in order of falling bound, some thousand places at a time."""

    def __init__(self, runs: Runs, rest: int, first_places: int) -> None:
        """Sort the runs: one byte a bound, which sorts in one pass. ``rest``: most points still to come. O(runs)."""
        self.runs, self.rest, self.wanted_places = runs, rest, first_places
        falling: NDArray[np.int8] = (-runs.bounds).astype(np.int8)
        self.order = np.argsort(falling, kind="stable")
        self.falling = falling.take(self.order)
        self.ends = np.cumsum(runs.sizes.take(self.order))
        self.taken = 0

    def next(self, wanted: int) -> Reaching | None:
        """Return the next piece of those who may reach a total; None: nobody is left who could."""
        last = int(np.searchsorted(self.falling, np.int8(-wanted), side="right"))
        if self.taken >= last:
            return None
        before = int(self.ends[self.taken - 1]) if self.taken else 0
        end = min(int(np.searchsorted(self.ends, before + self.wanted_places)) + 1, last)
        runs = self.order[self.taken : end]
        self.taken, self.wanted_places = end, GROWTH * self.wanted_places
        return self._places(runs)

    def _places(self, runs: IntArray) -> Reaching:
        sizes = self.runs.sizes.take(runs)
        first = np.cumsum(sizes) - sizes
        places = np.repeat(self.runs.starts.take(runs) - first, sizes) + np.arange(int(sizes.sum()))
        return Reaching(places, np.repeat(self.runs.points.take(runs), sizes), self.rest)
