"""The k best mentors for one mentee, and the pairs a round considers. Exact."""

from dataclasses import dataclass

import numpy as np

from graph.eligibility import Eligibility
from graph.knowledge import Knowledge
from graph.people import IntArray, Pool
from graph.scoring import ScoringWeights, score_pairs


@dataclass(frozen=True)
class Candidate:
    """A mentor's row in the pool and the fit's total."""

    mentor: int
    total: int


@dataclass(frozen=True)
class Pairs:
    """Eligible pairs of rows with their points, in order of mentee, then mentor."""

    mentee: IntArray
    mentor: IntArray
    points: IntArray


@dataclass(frozen=True)
class MentorIndex:
    """A pool with its rules and weights, ready to be asked for one mentee after another.

    Every mentor is looked at: below 100,000 rows a full scan is the fastest exact way (matching.md, section 4).
    """

    eligibility: Eligibility
    weights: ScoringWeights
    knowledge: Knowledge

    @property
    def pool(self) -> Pool:
        """The pool the index was built on."""
        return self.eligibility.pool

    def scored(self, mentee: int) -> tuple[IntArray, IntArray]:
        """Return the rows of all eligible mentors and their totals. O(mentors)."""
        rows, _ = self.eligibility.eligible_mentors(mentee)
        totals, _ = score_pairs(self.pool, np.full(rows.size, mentee), rows, self.weights, self.knowledge)
        return rows, totals

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
        rows, totals = self.scored(mentee)
        order = _best(totals, k)
        return [Candidate(int(rows[place]), int(totals[place])) for place in order]

    def round_pairs(self, top: int, own_top: int) -> Pairs:
        """Return for every mentee the ``top`` best mentors, and among the organisation's own the ``own_top`` best."""
        kept: list[tuple[IntArray, IntArray, IntArray]] = []
        owner = self.pool.mentor.organisation
        for mentee in range(len(self.pool.mentees)):
            rows, totals = self.scored(mentee)
            own = np.flatnonzero(owner[rows] == self.pool.mentee.organisation[mentee])
            places = np.union1d(_best(totals, top), own[_best(totals[own], own_top)])
            kept.append((np.full(places.size, mentee), rows[places], totals[places]))
        return _joined(kept)

    def own_pairs(self) -> Pairs:
        """Return every eligible pair within one organisation: what each could do alone is matched over all of them."""
        owner, home = self.pool.mentor.organisation, self.pool.mentee.organisation
        kept = []
        for mentee in range(len(self.pool.mentees)):
            rows, totals = self.scored(mentee)
            own = owner[rows] == home[mentee]
            kept.append((np.full(int(own.sum()), mentee), rows[own], totals[own]))
        return _joined(kept)


def _best(totals: IntArray, k: int) -> IntArray:
    """Return the places of the k greatest totals, greatest first; equal ones in their given order."""
    return np.argsort(-totals, kind="stable")[:k]


def _joined(kept: list[tuple[IntArray, IntArray, IntArray]]) -> Pairs:
    if not kept:
        nobody = np.zeros(0, dtype=np.int64)
        return Pairs(nobody, nobody, nobody)
    mentee, mentor, points = (np.concatenate(column).astype(np.int64) for column in zip(*kept, strict=True))
    order = np.lexsort((mentor, mentee))
    return Pairs(mentee[order], mentor[order], points[order])
