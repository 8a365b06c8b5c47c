"""A large pool's mentors sorted so that a search can stop early and still be exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.candidates.alike import Alike
from graph.eligibility import Eligibility
from graph.people import YEARS_BANDS, IntArray
from graph.scoring import COUNTED

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

    def few(self, mentee: int) -> IntArray | None:
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
