"""One mentee's k best among sorted mentors: cells in falling order of bounds, until the k-th best beats the next."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.candidates.cells import Cells
from graph.candidates.keys import least
from graph.candidates.reaching import Pieces, Reaching, Runs
from graph.people import YEARS_BANDS, Counts, IntArray
from graph.scoring import ScoringWeights, class_points, most_points, part_points

PointsOf = Callable[[IntArray], Counts]
# Of the best by points, so many times k are asked first whether they may be met: mostly enough of them may.
ASKED_FIRST: Final = 8


def best_of(cells: Cells, mentee: int, k: int, weights: ScoringWeights) -> tuple[IntArray, IntArray]:
    """Return rows and totals of the k best mentors a mentee may meet, equal totals in order of rows."""
    if k == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    question = Question(cells, mentee, k, weights)
    few = cells.few(mentee)
    if few is not None:
        question.look(cells.cell[few], few, np.ones_like(few))
    else:
        occupations = question.occupations()
        while (found := occupations.next(question.wanted)) is not None:
            question.look(found.places, cells.starts.take(found.places), cells.sizes.take(found.places))
    return question.kept % question.many, 100 - question.kept // question.many


class Question:
    """One mentee's k best so far, and what it takes to find better ones."""

    def __init__(self, cells: Cells, mentee: int, k: int, weights: ScoringWeights) -> None:
        """Bound the parts that differ within a cell, and score the kinds of mentors once."""
        self.cells, self.mentee, self.k, self.weights = cells, mentee, k, weights
        self.pool, self.many = cells.rules.pool, max(len(cells.rules.pool.mentors), 1)
        self.reach = cells.rules.within_reach(mentee)
        self.most = most_points(self.pool, mentee, weights)
        self.rest = sum(self.most.values())
        self.parts = self._parts()
        self.kept: IntArray = np.zeros(0, dtype=np.int64)
        """Keys that order by total, then by row, the best first."""

    @property
    def wanted(self) -> int:
        """The total that counts: of equal ones the earlier row does, and a later piece may hold it."""
        return 100 - int(self.kept[-1]) // self.many if self.kept.size == self.k else 1

    def class_points(self, classes: tuple[IntArray, IntArray, IntArray]) -> Counts:
        """Return the points for occupation, place and experience with classes of mentors."""
        ours, row = self.pool.mentee, self.mentee
        asked = (int(ours.noc[row]), int(ours.region[row]), int(ours.years[row]))
        return class_points(asked, classes, self.weights, self.cells.rules.knowledge)

    def occupations(self) -> Pieces:
        """Return the cells of each occupation as runs of equal points, with the most that anybody there can get."""
        kinds = len(self.cells.rules.knowledge.place_rows) * len(YEARS_BANDS)
        anywhere, always = np.divmod(np.arange(kinds), len(YEARS_BANDS))
        beside = self.class_points((np.zeros_like(anywhere), anywhere, always))
        nocs = self.cells.classes[0].take(self.cells.occupations)
        points = self.class_points((nocs, np.zeros_like(nocs), np.zeros_like(nocs)))
        bounds = np.clip(points + (beside.max() - beside[0] + np.int16(self.rest)), 1, 100)
        sizes = np.diff(self.cells.occupations, append=self.cells.starts.size)
        return Pieces(Runs(self.cells.occupations, sizes, points, bounds), 0, self.cells.first_cells)

    def _parts(self) -> list[tuple[int, PointsOf]]:
        """Return the parts that differ within a cell, the cheap ones first, then the weighty: most, and points of places."""
        found: list[tuple[int, PointsOf]] = []
        for part in sorted(self.most, key=lambda part: (self.cells.alike[part] is None, -self.most[part])):
            alike = self.cells.alike[part]
            if alike is None:
                told = partial(part_points, self.pool, part, self.mentee, weights=self.weights)
            else:
                told = partial(alike.told, alike.points(part, self.mentee, self.weights))
            found.append((self.most[part], told))
        return found

    def look(self, cells: NDArray[np.signedinteger[Any]], starts: IntArray, sizes: IntArray) -> None:
        """Look for better ones in runs of places, each of one cell, until nobody who is left can be one."""
        noc, region, years = (rows.take(cells) for rows in self.cells.classes)
        points = self.class_points((noc, region, years))
        bounds = np.clip(points + np.int16(self.rest), 1, 100) * self.reach.take(region)
        pieces = Pieces(Runs(starts, sizes, points, bounds), self.rest, self.cells.first_rows)
        while (found := pieces.next(self.wanted)) is not None:
            wanted = self.wanted
            for most, points_of in self.parts:
                found = found.adding(points_of(found.places), most).at_least(wanted)
                if not found.places.size:
                    break
            else:
                self._keep(found)

    def _keep(self, found: Reaching) -> None:
        """Keep the k best of those kept and of the mentors found whom the mentee may meet."""
        totals = np.maximum(found.points, 1).astype(np.int64)
        keys = (100 - totals) * self.many + self.cells.order[found.places]
        better = np.flatnonzero(keys < self.kept[-1]) if self.kept.size == self.k else np.arange(keys.size)
        first, met = ASKED_FIRST * self.k, better[:0]
        if better.size > 2 * first:
            nearest = better[np.argpartition(keys[better], first)[:first]]
            met = nearest[self.cells.rules.among(self.mentee, found.places[nearest])]
        if met.size < self.k:
            met = better[self.cells.rules.among(self.mentee, found.places[better])]
        self.kept = least(np.concatenate((self.kept, keys[met])), self.k)
