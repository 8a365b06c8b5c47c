"""A large pool's mentors sorted so that a search can stop early and still be exact."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from graph.eligibility import Eligibility, Mask
from graph.people import YEARS_BANDS, Counts, IntArray
from graph.scoring import ScoringWeights, class_points, most_points, score_grid

# Mentors looked at before the first question whether that was enough; doubled each time.
FIRST_ROWS = 4_096
# A mentee whose languages or agreements leave this few is answered from their lists.
FEW_ROWS = 20_000


@dataclass(frozen=True)
class Cells:
    """Mentors in cells of one occupation, region and years band: sorted by occupation, then region, then years.

    Three parts of the points are the same for a whole cell. With a mentee's most for the others they bound its totals, so
    cells are looked at in groups of equal bound, the greatest first, until the k-th best total beats the next bound.
    """

    rules: Eligibility
    """Over the mentors in sorted order."""
    order: IntArray
    """The pool's row of each sorted place."""
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
        """Sort a pool's mentors. O(mentors log mentors) time, a second copy of their columns in memory."""
        mentor, regions = rules.pool.mentor, len(rules.knowledge.place_rows)
        key = (mentor.noc * regions + mentor.region) * len(YEARS_BANDS) + mentor.years
        order = np.argsort(key, kind="stable")
        sorted_key = key[order]
        starts = np.flatnonzero(np.diff(sorted_key, prepend=-1))
        kept = order[starts]
        moved = rules.reordered(order)
        speakers, owners = moved.pool.mentor.languages, moved.pool.mentor.organisation
        return cls(
            moved,
            order,
            starts,
            np.diff(starts, append=order.size),
            (mentor.noc[kept], mentor.region[kept], mentor.years[kept]),
            tuple(np.flatnonzero(owners == number) for number in range(len(rules.pool.organisations))),
            tuple(np.flatnonzero(speakers.holding(code)) for code in speakers.codes),
        )

    def best(self, mentee: int, k: int, weights: ScoringWeights, open_rows: Mask) -> tuple[IntArray, IntArray]:
        """Return rows and totals of the k best open mentors a mentee may meet, equal totals in order of rows."""
        many, row = self.order.size, np.array([mentee])
        kept = np.zeros(0, dtype=np.int64)
        for places, bound in self._groups(mentee, weights):
            asked = self.rules.among(mentee, places[open_rows[self.order[places]]])
            totals = score_grid(self.rules.pool, row, asked, weights, self.rules.knowledge)[0]
            kept = least(np.concatenate((kept, (100 - totals.astype(np.int64)) * many + self.order[asked])), k)
            # On equality the next group may hold an equal total of an earlier row.
            if kept.size == k and 100 - kept[-1] // many > bound:
                break
        return kept % many, 100 - kept // many

    def _groups(self, mentee: int, weights: ScoringWeights) -> Iterator[tuple[IntArray, int]]:
        """Yield places with the bound of all places still to come; 0 with the last."""
        few = self._few(mentee)
        if few is not None:
            yield few, 0
            return
        bounds = self._bounds(mentee, weights)
        rows = np.bincount(bounds, weights=self.sizes, minlength=101)
        left = np.flatnonzero(rows[1:]) + 1
        wanted, high = self.first_rows, 101
        while left.size:
            enough = np.flatnonzero(np.cumsum(rows[left[::-1]]) >= wanted)
            low = int(left[::-1][enough[0]] if enough.size else left[0])
            left = left[left < low]
            cells = np.flatnonzero((bounds >= low) & (bounds < high))
            yield self._places(cells), int(left[-1]) if left.size else 0
            wanted, high = 2 * wanted, low

    def _bounds(self, mentee: int, weights: ScoringWeights) -> Counts:
        """Return the most any mentor of each cell can have, 1 to 100; 0 for cells out of reach. O(cells)."""
        ours, knowledge = self.rules.pool.mentee, self.rules.knowledge
        row = (int(ours.noc[mentee]), int(ours.region[mentee]), int(ours.years[mentee]))
        most = class_points(row, self.classes, weights, knowledge) + most_points(self.rules.pool, mentee, weights)
        reached = self.rules.within_reach(mentee)[self.classes[1]]
        bounds: Counts = np.clip(most, 1, 100) * reached
        return bounds

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
        return np.unique(np.concatenate((*least_of, np.zeros(0, dtype=np.int64))))


def least(keys: IntArray, k: int) -> IntArray:
    """Return the k least keys in order."""
    return np.sort(np.partition(keys, k - 1)[:k] if keys.size > k else keys)
