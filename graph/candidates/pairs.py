"""Eligible pairs of rows with their points."""

from dataclasses import dataclass

import numpy as np

from graph.people import IntArray


@dataclass(frozen=True)
class Pairs:
    """Eligible pairs of rows with their points, in order of mentee, then mentor."""

    mentee: IntArray
    mentor: IntArray
    points: IntArray


def joined(found: list[Pairs], mentors: int) -> Pairs:
    """Put batches together, each pair once."""
    nobody = np.zeros(0, dtype=np.int64)
    mentee, mentor, points = (
        np.concatenate([nobody, *(getattr(pairs, name) for pairs in found)]) for name in ("mentee", "mentor", "points")
    )
    _, kept = np.unique(mentee * max(mentors, 1) + mentor, return_index=True)
    return Pairs(mentee[kept], mentor[kept], points[kept])
