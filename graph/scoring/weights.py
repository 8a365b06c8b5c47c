"""What each part is worth at most, and the points that makes of a level."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graph.people import Counts, IntArray
from graph.scoring.levels import PARTS
from graph.weights import check_weights


@dataclass(frozen=True)
class ScoringWeights:
    """Most points of each part; they sum to 100.

    Raises
    ------
    ValueError
        A part missing or unknown, a weight that is not a whole number from 0, or a sum other than 100.
    """

    points: Mapping[str, int]

    def __post_init__(self) -> None:
        """Refuse weights that do not sum to 100."""
        check_weights(self.points, PARTS)

    def array(self) -> IntArray:
        """Return the weights in the order of the parts."""
        return np.array([self.points[part] for part in PARTS], dtype=np.int64)


def points_of_parts(levels: IntArray, weights: ScoringWeights) -> IntArray:
    """Return the points of each part: weight times level, rounded half up."""
    points: IntArray = (levels * weights.array() + 50) // 100
    return points


def points_of(level: Counts, weight: int) -> Counts:
    """Return weight times level, rounded half up: at most 100 · 100 + 50, which 16 bits hold."""
    points: Counts = (level * np.int16(weight) + np.int16(50)) // np.int16(100)
    return points
