"""A pool with its rules and weights, asked for the k best mentors of one mentee, or for the pairs of a round."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.candidates.cells import Cells
from graph.candidates.keys import greatest, least
from graph.candidates.pairs import Pairs, joined
from graph.candidates.question import best_of
from graph.eligibility import Eligibility
from graph.knowledge import Knowledge
from graph.people import IntArray, Pool
from graph.rules import Mask
from graph.scoring import ScoringWeights, score_grid

# Below this many mentors looking at everyone is the fastest exact way (docs/benchmarks/candidates.md).
FULL_SCAN_BELOW = 100_000
# Pairs scored at once: their columns fit the processor's cache.
BATCH_PAIRS = 1 << 18


@dataclass(frozen=True)
class Candidate:
    """A mentor's row in the pool and the fit's total."""

    mentor: int
    total: int


@dataclass(frozen=True)
class MentorIndex:
    """A pool with its rules and weights, ready to be asked for one mentee after another.

    From ``scan_below`` mentors they are sorted into cells once, at the first question; below, everyone is looked at. The
    answers are the same. Another pool, another index: columns of mentors who come and go are joined in the hub.
    """

    eligibility: Eligibility
    weights: ScoringWeights
    knowledge: Knowledge
    scan_below: int = FULL_SCAN_BELOW
    batch_pairs: int = BATCH_PAIRS

    @property
    def pool(self) -> Pool:
        """The pool the index was built on."""
        return self.eligibility.pool

    @cached_property
    def open_rows(self) -> Mask:
        """Mentors who can be met at all: not those without a seat, resting, stale, or without consent."""
        return ~self.eligibility.closed[1]

    @cached_property
    def _cells(self) -> Cells:
        return Cells.build(self.eligibility)

    def best(self, mentee: int, k: int) -> list[Candidate]:
        """Return at most k eligible mentors, best first; equal totals in order of the mentors' ids.

        Raises
        ------
        ValueError
            k below 1, or no mentee in that row.
        """
        if k < 1:
            raise ValueError(f"k is {k}: ask for 1 or more")
        if not 0 <= mentee < len(self.pool.mentees):
            raise ValueError(f"there is no mentee in row {mentee}")
        if self.eligibility.closed[0][mentee]:
            return []
        large = len(self.pool.mentors) >= self.scan_below
        rows, totals = best_of(self._cells, mentee, k, self.weights) if large else self._scan(mentee, k)
        return [Candidate(int(row), int(total)) for row, total in zip(rows, totals, strict=True)]

    def _scan(self, mentee: int, k: int) -> tuple[IntArray, IntArray]:
        """Look at every open mentor. O(mentors)."""
        rows = np.flatnonzero(self.open_rows)
        rows = rows[self.eligibility.among(mentee, rows)]
        totals = score_grid(self.pool, np.array([mentee]), rows, self.weights, self.knowledge)[0]
        many = max(len(self.pool.mentors), 1)
        kept = least((100 - totals.astype(np.int64)) * many + rows, k)
        return kept % many, 100 - kept // many

    def round_pairs(self, top: int, own_top: int) -> Pairs:
        """Return for every mentee the ``top`` best mentors, and among the organisation's own the ``own_top`` best.

        O(mentees · mentors) below ``scan_below`` mentors, in batches of ``batch_pairs``; from there on O(one search a
        mentee).
        """
        mentees = np.flatnonzero(~self.eligibility.closed[0])
        if len(self.pool.mentors) >= self.scan_below:
            found = [self._searched(int(mentee), top) for mentee in mentees]
        else:
            found = list(self._grid(mentees, np.flatnonzero(self.open_rows), top))
        found += [pairs for ours, theirs in self._homes() for pairs in self._grid(ours, theirs, own_top)]
        return joined(found, len(self.pool.mentors))

    def own_pairs(self) -> Pairs:
        """Return every eligible pair within one organisation: what each could do alone is matched over all of them."""
        found = [pairs for ours, theirs in self._homes() for pairs in self._grid(ours, theirs, theirs.size)]
        return joined(found, len(self.pool.mentors))

    def _searched(self, mentee: int, k: int) -> Pairs:
        rows, totals = best_of(self._cells, mentee, k, self.weights)
        return Pairs(np.full(rows.size, mentee), rows, totals)

    def _homes(self) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield each organisation's own mentees and own mentors who can be met at all."""
        mentees, mentors = np.flatnonzero(~self.eligibility.closed[0]), np.flatnonzero(self.open_rows)
        home, owner = self.pool.mentee.organisation[mentees], self.pool.mentor.organisation[mentors]
        for number in np.intersect1d(home, owner):
            yield mentees[home == number], mentors[owner == number]

    def _grid(self, mentees: IntArray, mentors: IntArray, k: int) -> Iterator[Pairs]:
        """Yield for batches of mentees the k best of some mentors, ties in order of rows."""
        many, each = mentors.size, max(self.batch_pairs // max(mentors.size, 1), 1)
        if not min(many, k):
            return
        later: NDArray[Any] = np.arange(many, dtype=np.int32 if 101 * many < 2**31 else np.int64)[::-1]
        for first in range(0, mentees.size, each):
            batch = mentees[first : first + each]
            totals = score_grid(self.pool, batch, mentors, self.weights, self.knowledge)
            totals *= self.eligibility.grid(batch, mentors)
            # One number orders by total, then by row; who is not eligible has a total of 0.
            keys = greatest(totals.astype(later.dtype) * later.dtype.type(many) + later, k)
            row, column = np.nonzero(keys >= many)
            kept = keys[row, column].astype(np.int64)
            yield Pairs(batch[row], mentors[many - 1 - kept % many], kept // many)
