"""What makes a circle, for many circles at once: who goes together, when all can meet, the floor and the lone outlier.

Circles are rows of people's numbers; -1 is an empty place. Whole numbers only, so every installation answers the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray

EMPTY: Final = -1
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rules:
    """What makes a circle: ``points`` and ``meets`` of everybody, who ``facilitates``, and the policy's numbers.

    The last row of each table (of ``points`` the last column too) stands for the empty place, so that -1 finds it: no
    points, every bit, no facilitator. ``points`` is 0 where two may not sit together, ``apart`` says so without the diagonal.
    ``meets`` has one bit per language and slot: a circle needs one that all have.
    """

    points: NDArray[np.int32]
    apart: Mask
    meets: NDArray[np.uint64]
    facilitates: Mask
    smallest: int
    greatest: int
    floor: int
    outlier_gap: int

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.points) - 1

    def sums(self, circles: IntArray) -> IntArray:
        """Return for each place of some circles (circles × places) the points with all others there."""
        found: IntArray = self.points[circles[:, :, np.newaxis], circles[:, np.newaxis, :]].sum(axis=2)
        return found

    def fits(self, circles: IntArray) -> IntArray:
        """Return each member's fit: the mean of the points with each other member, whole, rounded down."""
        others = (circles != EMPTY).sum(axis=1, keepdims=True) - 1
        found: IntArray = self.sums(circles) // np.maximum(others, 1)
        return found

    def may_meet(self, circles: IntArray) -> Mask:
        """Do all of each circle go together, pair by pair, in one language and slot?"""
        apart = self.apart[circles[:, :, np.newaxis], circles[:, np.newaxis, :]].any(axis=(1, 2))
        found: Mask = ~apart & np.bitwise_and.reduce(self.meets[circles], axis=1).any(axis=1)
        return found

    def values(self, circles: IntArray) -> IntArray:
        """Return the sum of the members' fits of each circle, 0 where a rule is broken: such a circle is not held."""
        size, fits = (circles != EMPTY).sum(axis=1), self.fits(circles)
        ranked = np.sort(np.where(circles == EMPTY, np.iinfo(fits.dtype).max, fits), axis=1)
        holds = (size >= self.smallest) & (size <= self.greatest) & (ranked[:, 0] >= self.floor)
        holds &= ranked[:, 1] - ranked[:, 0] <= self.outlier_gap
        holds &= self.facilitates[circles].any(axis=1) & self.may_meet(circles)
        found: IntArray = np.where(holds, fits.sum(axis=1), 0)
        return found

    def rows(self, circles: Iterable[Iterable[int]], places: int = 0) -> IntArray:
        """Return circles as rows of one length: ``greatest`` places, or ``places`` where that is more."""
        lists = [list(circle) for circle in circles]
        found = np.full((len(lists), max(self.greatest, places)), EMPTY)
        for row, members in enumerate(lists):
            found[row, : len(members)] = members
        return found
