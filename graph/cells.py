"""A large pool's mentors sorted so that a search can stop early and still be exact."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.eligibility import Eligibility
from graph.people import YEARS_BANDS, Counts, IntArray
from graph.rules import Mask
from graph.scoring import ScoringWeights, class_points, most_points, part_points

# Mentors looked at before the first question whether that was enough; doubled each time.
FIRST_ROWS = 4_096
# A mentee whose languages or agreements leave this few is answered from their lists.
FEW_ROWS = 20_000


@dataclass(frozen=True)
class Cells:
    """Mentors in cells of one occupation, region and years band: sorted by occupation, then region, then years.

    Three parts of the points are the same for a whole cell. With a mentee's most for the others they bound its totals, so
    cells are looked at in groups of equal bound, the greatest first, until the k-th best total beats the next bound. Within
    a group the other parts are added one by one, and who can no longer reach the k-th best is left out at once.
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
        )

    def best(self, mentee: int, k: int, weights: ScoringWeights, open_rows: Mask) -> tuple[IntArray, IntArray]:
        """Return rows and totals of the k best open mentors a mentee may meet, equal totals in order of rows."""
        pool, many = self.rules.pool, max(len(self.rules.pool.mentors), 1)
        ours, most = pool.mentee, most_points(pool, mentee, weights)
        row = (int(ours.noc[mentee]), int(ours.region[mentee]), int(ours.years[mentee]))
        exact = class_points(row, self.classes, weights, self.rules.knowledge)
        kept = np.zeros(0, dtype=np.int64)
        for places, bound in self._groups(mentee, exact + sum(most.values())):
            wanted = 100 - int(kept[-1]) // many if kept.size == k else 1
            reaching = _Reaching(places, exact[self.cell[places]], sum(most.values())).at_least(wanted)
            for part in sorted(most, key=lambda part: -most[part]):
                reaching = reaching.adding(part_points(pool, part, mentee, reaching.places, weights), most[part])
                reaching = reaching.at_least(wanted)
            open_ones = reaching.among(np.flatnonzero(open_rows[self.order[reaching.places]]))
            found = open_ones.among(self.rules.among(mentee, open_ones.places))
            totals = np.maximum(found.points, 1).astype(np.int64)
            kept = least(np.concatenate((kept, (100 - totals) * many + self.order[found.places])), k)
            # On equality the next group may hold an equal total of an earlier row.
            if kept.size == k and 100 - kept[-1] // many > bound:
                break
        return kept % many, 100 - kept // many

    def _groups(self, mentee: int, most: Counts) -> Iterator[tuple[IntArray, int]]:
        """Yield places with the bound of all places still to come; 0 with the last. ``most``: of each cell."""
        few = self._few(mentee)
        bounds = np.clip(most, 1, 100) * self.rules.within_reach(mentee)[self.classes[1]]
        if few is not None:
            bounds = bounds[self.cell[few]]
        rows = np.bincount(bounds, weights=self.sizes if few is None else None, minlength=101)
        left = np.flatnonzero(rows[1:]) + 1
        wanted, high = self.first_rows, 101
        while left.size:
            enough = np.flatnonzero(np.cumsum(rows[left[::-1]]) >= wanted)
            low = int(left[::-1][enough[0]] if enough.size else left[0])
            left = left[left < low]
            group = np.flatnonzero((bounds >= low) & (bounds < high))
            yield self._places(group) if few is None else few[group], int(left[-1]) if left.size else 0
            wanted, high = 2 * wanted, low

    def _places(self, cells: IntArray) -> IntArray:
        """Return the places of all mentors of some cells."""
        sizes = self.sizes[cells]
        before = np.cumsum(sizes) - sizes
        return np.repeat(self.starts[cells] - before, sizes) + np.arange(int(sizes.sum()))

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


@dataclass(frozen=True)
class _Reaching:
    """Places with the points counted so far, and the most that the parts not yet counted can add."""

    places: IntArray
    points: Counts
    rest: int

    def among(self, kept: IntArray) -> "_Reaching":
        return _Reaching(self.places.take(kept), self.points.take(kept), self.rest)

    def at_least(self, wanted: int) -> "_Reaching":
        """Leave out who cannot reach a total, when they are enough to be worth a copy; everybody has at least 1."""
        reach = self.points + np.int16(self.rest) >= wanted
        if wanted <= 1 or (self.rest and 8 * int(np.count_nonzero(reach)) > 7 * reach.size):
            return self
        return self.among(np.flatnonzero(reach))

    def adding(self, points: Counts, most: int) -> "_Reaching":
        return _Reaching(self.places, self.points + points, self.rest - most)


def least(keys: IntArray, k: int) -> IntArray:
    """Return the k least keys in order."""
    return np.sort(np.partition(keys, k - 1)[:k] if keys.size > k else keys)
