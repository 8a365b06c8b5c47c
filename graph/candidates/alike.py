"""Mentors alike in all that one part of the points reads: each kind is scored once, and told to everyone of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.people import Bits, Counts, IntArray, Pool
from graph.scoring import ScoringWeights, part_points

# More kinds than this take longer to score than the mentors a search looks at; two bytes tell so many apart.
MOST_KINDS: Final = 16_384


@dataclass(frozen=True)
class Alike:
    """The kind of each mentor, and a pool with one mentor of each kind."""

    kind: NDArray[np.uint16]
    examples: Pool
    everyone: IntArray
    """The rows of the examples."""

    @classmethod
    def within(cls, pool: Pool, names: Sequence[str], most: int = MOST_KINDS) -> "Alike | None":
        """Tell mentors apart by some columns; none where that makes too many kinds. O(mentors log mentors) at most."""
        rows = int(pool.mentor.noc.size)
        kind, kinds = np.zeros(rows, dtype=np.int64), 1
        for values in _plain(getattr(pool.mentor, name) for name in names):
            told, count = _numbered(values)
            kind, kinds = _numbered(kind * count + told)
            if kinds > most:
                return None
        if not rows:
            return None
        example = np.zeros(kinds, dtype=np.int64)
        example[kind] = np.arange(rows)
        # Rows of their own, side by side in memory: reading the examples where they stand takes longer than scoring them.
        return cls(kind.astype(np.uint16), replace(pool, mentor=pool.mentor.rows(example)), np.arange(kinds))

    def points(self, part: str, mentee: int, weights: ScoringWeights) -> Counts:
        """Return the points one mentee has with each kind for a part. O(kinds)."""
        return part_points(self.examples, part, mentee, self.everyone, weights)

    def told(self, points: Counts, mentors: IntArray) -> Counts:
        """Return what each kind was given for some mentors."""
        return points.take(self.kind.take(mentors))


def _plain(columns: Iterable[Bits | NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """Yield columns of numbers, the words of sets one by one."""
    for column in columns:
        yield from column.words.T if isinstance(column, Bits) else (column,)


def _numbered(values: NDArray[Any]) -> tuple[IntArray, int]:
    """Return values as numbers from 0 without gaps, and how many there are. O(values) where they are small."""
    least = values.min() if values.size else 0
    if values.size and int(values.max()) - int(least) <= 8 * values.size:
        offset = (values - least).astype(np.int64)
        present = np.zeros(int(offset.max()) + 1, dtype=np.bool_)
        present[offset] = True
        return (np.cumsum(present) - 1)[offset], int(np.count_nonzero(present))
    different, told = np.unique(values, return_inverse=True)
    return told, int(different.size)
