"""A large pool's mentors sorted so that a search can stop early and still be exact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.alike import Alike
from graph.eligibility import Eligibility
from graph.people import YEARS_BANDS, Counts, IntArray
from graph.reaching import Pieces, Reaching, Runs
from graph.scoring import COUNTED, ScoringWeights, class_points, most_points, part_points

PointsOf = Callable[[IntArray], Counts]
# The columns of mentors that the points of each part read: who is alike in these has the same points.
READS: Final[Mapping[str, tuple[str, ...]]] = {
    "culture": ("origin", "languages"),
    "goals": ("topics", "goals"),
    "language": ("languages",),
    **{part: (name,) for part, (name, _) in COUNTED.items()},
}
# Cells of the nearest occupations whose bounds are told first; most questions need no others.
FIRST_CELLS: Final = 2_048
# Mentors looked at before anybody is left out; the next pieces are larger.
FIRST_ROWS: Final = 4_096
# A mentee whose languages or agreements leave this few is answered from their lists.
FEW_ROWS: Final = 20_000
# Of the best by points, so many times k are asked first whether they may be met: mostly enough of them may.
ASKED_FIRST: Final = 8


@dataclass(frozen=True)
class Cells:
    """Mentors in cells of one occupation, region and years band: sorted by occupation, then region, then years.

    Three parts of the points are the same for a whole cell. With a mentee's most for the others they bound its totals, so
    cells are looked at in pieces of falling bound, until the k-th best total beats the next bound. Within a piece the other
    parts are added one by one, and who can no longer reach the k-th best is left out at once. Mentors alike in all that a part
    reads are scored once for it. Whether a mentee may meet them is asked of the best first.
    """

    rules: Eligibility
    """Over the mentors in sorted order."""
    order: IntArray
    """The pool's row of each sorted place."""
    cell: NDArray[np.int32]
    """The cell of each place."""
    starts: IntArray
    sizes: IntArray
    classes: tuple[IntArray, IntArray, IntArray]
    """Occupation, region and years band of each cell."""
    occupations: IntArray
    """The first cell of each occupation."""
    of_organisation: tuple[IntArray, ...]
    of_language: tuple[IntArray, ...]
    """Places by organisation, and by language in the order of its bits."""
    alike: Mapping[str, Alike | None]
    """For each part that differs within a cell the kinds of mentors it tells apart; None where there are too many."""
    first_cells: int = FIRST_CELLS
    first_rows: int = FIRST_ROWS
    few_rows: int = FEW_ROWS

    @classmethod
    def build(cls, rules: Eligibility) -> "Cells":
        """Sort the mentors who can be met at all. O(mentors log mentors) time, a second copy of their columns in memory."""
        mentor, regions = rules.pool.mentor, len(rules.knowledge.place_rows)
        key = (mentor.noc * regions + mentor.region) * len(YEARS_BANDS) + mentor.years
        rows = np.flatnonzero(~rules.closed[1])
        order = rows[np.argsort(key[rows], kind="stable")]
        first = np.diff(key[order], prepend=-1) != 0
        starts = np.flatnonzero(first)
        kept = order[starts]
        moved = rules.reordered(order)
        speakers, owners = moved.pool.mentor.languages, moved.pool.mentor.organisation
        return cls(
            moved,
            order,
            (np.cumsum(first) - 1).astype(np.int32),
            starts,
            np.diff(starts, append=order.size),
            (mentor.noc[kept], mentor.region[kept], mentor.years[kept]),
            np.flatnonzero(np.diff(mentor.noc[kept], prepend=-1)),
            tuple(np.flatnonzero(owners == number) for number in range(len(rules.pool.organisations))),
            tuple(np.flatnonzero(speakers.holding(code)) for code in speakers.codes),
            {part: Alike.within(moved.pool, names) for part, names in READS.items()},
        )

    def best(self, mentee: int, k: int, weights: ScoringWeights) -> tuple[IntArray, IntArray]:
        """Return rows and totals of the k best mentors a mentee may meet, equal totals in order of rows."""
        if k == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        question = _Question(self, mentee, k, weights)
        few = self._few(mentee)
        if few is not None:
            question.look(self.cell[few], few, np.ones_like(few))
        else:
            occupations = self._occupations(question)
            while (cells := occupations.next(question.wanted)) is not None:
                question.look(cells.places, self.starts.take(cells.places), self.sizes.take(cells.places))
        return question.kept % question.many, 100 - question.kept // question.many

    def _occupations(self, question: "_Question") -> Pieces:
        """Return the cells of each occupation as runs of equal points, with the most that anybody there can get."""
        kinds = len(self.rules.knowledge.place_rows) * len(YEARS_BANDS)
        anywhere, always = np.divmod(np.arange(kinds), len(YEARS_BANDS))
        beside = question.class_points((np.zeros_like(anywhere), anywhere, always))
        nocs = self.classes[0].take(self.occupations)
        points = question.class_points((nocs, np.zeros_like(nocs), np.zeros_like(nocs)))
        bounds = np.clip(points + (beside.max() - beside[0] + np.int16(question.rest)), 1, 100)
        sizes = np.diff(self.occupations, append=self.starts.size)
        return Pieces(Runs(self.occupations, sizes, points, bounds), 0, self.first_cells)

    def _few(self, mentee: int) -> IntArray | None:
        """Return the places a mentee's languages or agreements leave, where these are few: nobody else can be met."""
        rules = self.rules
        agreed = np.flatnonzero(rules.agreed[rules.pool.mentee.organisation[mentee]])
        spoken = rules.working_languages.decoded(mentee)
        lists = (
            [self.of_organisation[number] for number in agreed],
            [
                places
                for code, places in zip(rules.working_languages.codes, self.of_language, strict=True)
                if code in spoken
            ],
        )
        least_of = min(lists, key=lambda asked: sum(places.size for places in asked))
        if sum(places.size for places in least_of) > self.few_rows:
            return None
        return (
            least_of[0] if len(least_of) == 1 else np.unique(np.concatenate((*least_of, np.zeros(0, dtype=np.int64))))
        )


class _Question:
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


def least(keys: IntArray, k: int) -> IntArray:
    """Return the k least keys in order."""
    return np.sort(np.partition(keys, k - 1)[:k] if keys.size > k else keys)
