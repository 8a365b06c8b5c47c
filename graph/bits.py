"""Sets of codes as bit words, one row a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Words = NDArray[np.uint64]
Counts = NDArray[np.int16]


@dataclass(frozen=True)
class Bits:
    """One set of codes per person as bit words: ``codes`` gives each bit its meaning, ``words`` has one row a person."""

    codes: tuple[str, ...]
    words: Words

    def shared(self, rows: IntArray, other: "Bits", other_rows: IntArray) -> Counts:
        """Return how many codes each pair has in common. Both sides must have been built together.

        Rows of the two sides broadcast: pairs against pairs, or a column of rows against a row of rows for every pair of
        them.
        """
        words = range(self.words.shape[1])
        common = (self.words[:, word][rows] & other.words[:, word][other_rows] for word in words)
        counted = [np.bitwise_count(word).astype(np.int16) for word in common]
        return reduce(np.add, counted)

    def meets(self, rows: IntArray, other: "Bits", other_rows: IntArray) -> NDArray[np.bool_]:
        """Return for each pair whether they have a code in common; rows broadcast as in :meth:`shared`."""
        words = range(self.words.shape[1])
        common = ((self.words[:, word][rows] & other.words[:, word][other_rows]) != 0 for word in words)
        found: NDArray[np.bool_] = reduce(np.logical_or, common)
        return found

    @cached_property
    def sizes(self) -> Counts:
        """How many codes each person has, counted once."""
        counts: Counts = np.bitwise_count(self.words).sum(axis=1).astype(np.int16)
        return counts

    def rows(self, rows: IntArray) -> "Bits":
        """Return the sets of some people, in the order asked for."""
        return Bits(self.codes, self.words[rows])

    def decoded(self, row: int) -> frozenset[str]:
        """Return one person's set."""
        bits = sum(int(word) << 64 * number for number, word in enumerate(self.words[row]))
        return frozenset(code for number, code in enumerate(self.codes) if bits >> number & 1)

    def holding(self, code: str) -> NDArray[np.bool_]:
        """Return for each person whether the set holds a code; nobody's holds one that no set was built with."""
        if code not in self.codes:
            return np.zeros(len(self.words), dtype=np.bool_)
        word, bit = divmod(self.codes.index(code), 64)
        found: NDArray[np.bool_] = (self.words[:, word] >> np.uint64(bit)) & np.uint64(1) == 1
        return found

    def without(self, code: str, rows: NDArray[np.bool_] | None = None) -> "Bits":
        """Return the sets without one code: everybody's, or only those of the rows marked."""
        if code not in self.codes:
            return self
        word, bit = divmod(self.codes.index(code), 64)
        words = self.words.copy()
        words[slice(None) if rows is None else rows, word] &= ~(np.uint64(1) << np.uint64(bit))
        return Bits(self.codes, words)


def bits_for(*sides: Sequence[frozenset[str]]) -> tuple[Bits, ...]:
    """Write several sides' sets of codes as bit words with one common meaning. O(people · codes of each)."""
    codes = tuple(sorted({code for side in sides for codes in side for code in codes}))
    place = {code: number for number, code in enumerate(codes)}
    width = max(1, -(-len(codes) // 64))
    return tuple(Bits(codes, _words(side, place, width)) for side in sides)


def _words(side: Sequence[frozenset[str]], place: dict[str, int], width: int) -> Words:
    words = np.zeros((len(side), width), dtype=np.uint64)
    for row, codes in enumerate(side):
        for code in codes:
            number = place[code]
            words[row, number // 64] |= np.uint64(1) << np.uint64(number % 64)
    return words
