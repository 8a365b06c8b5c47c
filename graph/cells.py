"""A large pool's mentors sorted so that a search can stop early and still be exact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.alike import Alike
from graph.eligibility import Eligibility
from graph.people import YEARS_BANDS, Counts, IntArray
from graph.reaching import Pieces, Reaching, Runs
from graph.rules import Mask
from graph.scoring import COUNTED, ScoringWeights, class_points, most_points, part_points

PointsOf = Callable[[IntArray], Counts]
# The columns of mentors that the points of each part read: who is alike in these has the same points.
READS: Final[Mapping[str, tuple[str, ...]]] = {
    "culture": ("origin", "languages"),
    "goals": ("topics", "goals"),
    "language": ("languages",),
    **{part: (name,) for part, (name, _) in COUNTED.items()},
}
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
    of_organisation: tuple[IntArray, ...]
    of_language: tuple[IntArray, ...]
    """Places by organisation, and by language in the order of its bits."""
    alike: Mapping[str, Alike | None]
    """For each part that differs within a cell the kinds of mentors it tells apart; None where there are too many."""
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
            tuple(np.flatnonzero(owners == number) for number in range(len(rules.pool.organisations))),
            tuple(np.flatnonzero(speakers.holding(code)) for code in speakers.codes),
            {part: Alike.within(moved.pool, names) for part, names in READS.items()},
        )

    def best(self, mentee: int, k: int, weights: ScoringWeights, open_rows: Mask) -> tuple[IntArray, IntArray]:
        """Return rows and totals of the k best open mentors a mentee may meet, equal totals in order of rows."""
        many = max(len(self.rules.pool.mentors), 1)
        most = most_points(self.rules.pool, mentee, weights)
        parts = self._parts(mentee, most, weights)
        pieces = Pieces(self._runs(mentee, weights, sum(most.values())), sum(most.values()), self.first_rows)
        kept, wanted = np.zeros(0, dtype=np.int64), 1
        while (found := pieces.next(wanted)) is not None:
            for part, points_of in parts:
                found = found.adding(points_of(found.places), most[part]).at_least(wanted)
                if not found.places.size:
                    break
            else:
                kept = self._better(mentee, found, kept, k, open_rows)
                # Of equal totals the earlier row counts, and a later piece may hold it.
                wanted = 100 - int(kept[-1]) // many if kept.size == k else 1
        return kept % many, 100 - kept // many

    def _parts(self, mentee: int, most: Mapping[str, int], weights: ScoringWeights) -> list[tuple[str, PointsOf]]:
        """Return the parts that differ within a cell with the points of places: the cheap ones first, then the weighty."""
        pool, found = self.rules.pool, list[tuple[str, PointsOf]]()
        for part in sorted(most, key=lambda part: (self.alike[part] is None, -most[part])):
            alike = self.alike[part]
            if alike is None:
                found.append((part, partial(part_points, pool, part, mentee, weights=weights)))
            else:
                found.append((part, partial(alike.told, alike.points(part, mentee, weights))))
        return found

    def _runs(self, mentee: int, weights: ScoringWeights, rest: int) -> Runs:
        """Return every cell, or the few places the mentee may meet at all, with points so far and bounds. O(cells)."""
        ours, few = self.rules.pool.mentee, self._few(mentee)
        row = (int(ours.noc[mentee]), int(ours.region[mentee]), int(ours.years[mentee]))
        points = class_points(row, self.classes, weights, self.rules.knowledge)
        bounds = np.clip(points + np.int16(rest), 1, 100) * self.rules.within_reach(mentee)[self.classes[1]]
        if few is None:
            return Runs(self.starts, self.sizes, points, bounds)
        cells = self.cell[few]
        return Runs(few, np.ones_like(few), points[cells], bounds[cells])

    def _better(self, mentee: int, found: Reaching, kept: IntArray, k: int, open_rows: Mask) -> IntArray:
        """Return the k least keys (total, then row) of those kept and of the open mentors found whom a mentee may meet."""
        rows = self.order[found.places]
        totals = np.maximum(found.points, 1).astype(np.int64)
        keys = (100 - totals) * max(len(self.rules.pool.mentors), 1) + rows
        first = ASKED_FIRST * k
        better = np.flatnonzero(keys < kept[-1]) if kept.size == k else np.arange(keys.size)
        met = better[:0]
        if better.size > 2 * first:
            nearest = better[np.argpartition(keys[better], first)[:first]]
            met = nearest[self._met(mentee, found.places[nearest], rows[nearest], open_rows)]
        if met.size < k:
            met = better[self._met(mentee, found.places[better], rows[better], open_rows)]
        return least(np.concatenate((kept, keys[met])), k)

    def _met(self, mentee: int, places: IntArray, rows: IntArray, open_rows: Mask) -> IntArray:
        """Return which of some places hold open mentors that a mentee may meet."""
        opened = np.flatnonzero(open_rows[rows])
        return opened[self.rules.among(mentee, places[opened])] if opened.size else opened

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


def least(keys: IntArray, k: int) -> IntArray:
    """Return the k least keys in order."""
    return np.sort(np.partition(keys, k - 1)[:k] if keys.size > k else keys)
