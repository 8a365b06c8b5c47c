"""What peers are asked: who could meet whom as an equal, how well they fit, and who competes with whom."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graph.flow import IntArray
from graph.round_problem import MOST_POINTS
from graph.whole_numbers import LARGEST, locked, same_length, whole, whole_number

Edges = tuple[IntArray, IntArray, IntArray]
"""Pairs of people in order, the lower number first, with their points."""


@dataclass(frozen=True, eq=False)
class PeerProblem:
    """People of one pool, numbered from 0, and the pairs of them who may meet as equals.

    Parameters
    ----------
    people
        How many people there are, those without any pair included.
    one, other, points
        One entry per pair that may meet, in either order, and its fit, whole points from 1 to 100 (`graph.peers.
        similarity_points` makes them of a similarity). A pair left out is never proposed.
    competitors
        Rows of two people who compete for the same business or post: they are never put together, whatever their points.

    Raises
    ------
    ValueError
        Naming the first offender: a number out of range or not whole, a pair of one person, a pair given twice.

    Examples
    --------
    >>> problem = PeerProblem(3, [0, 1, 2], [1, 2, 0], [90, 40, 70], competitors=[[0, 1]])
    >>> [column.tolist() for column in problem.allowed]
    [[0, 1], [2, 2], [70, 40]]
    """

    people: int
    one: IntArray
    other: IntArray
    points: IntArray
    competitors: IntArray = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))

    def __post_init__(self) -> None:
        """Check every column, copy it and lock it."""
        self._keep("people", whole_number("people", self.people))
        self._keep("one", whole("one", self.one, 0, self.people - 1))
        self._keep("other", whole("other", self.other, 0, self.people - 1))
        self._keep("points", whole("points", self.points, 1, MOST_POINTS))
        same_length("other", self.other, "one", self.one)
        same_length("points", self.points, "one", self.one)
        self._keep("competitors", self._rows_of_two())
        self._refuse_odd_pairs()

    def _keep(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _rows_of_two(self) -> IntArray:
        rows = np.asarray(self.competitors)
        if rows.size and (rows.ndim != 2 or rows.shape[1] != 2):
            raise ValueError(f"competitors has shape {rows.shape}: rows of two people are needed")
        return locked(whole("competitors", rows.ravel(), 0, self.people - 1).reshape(-1, 2))

    def _refuse_odd_pairs(self) -> None:
        alone = np.flatnonzero(self.one == self.other)
        if alone.size:
            raise ValueError(f"pair {alone[0]} is person {self.one[alone[0]]} with themselves")
        keys = self._keys(self.one, self.other)
        order = np.argsort(keys, kind="stable")
        repeated = order[1:][keys[order][1:] == keys[order][:-1]]
        if repeated.size:
            pair = int(repeated.min())
            raise ValueError(f"pair {pair} (people {self.one[pair]} and {self.other[pair]}) was given before")

    def _keys(self, one: IntArray, other: IntArray) -> IntArray:
        return np.minimum(one, other) * max(self.people, 1) + np.maximum(one, other)

    @cached_property
    def allowed(self) -> Edges:
        """The pairs that may be put together: sorted, without those who compete. O(pairs log pairs), once."""
        keys = self._keys(self.one, self.other)
        kept = np.flatnonzero(~np.isin(keys, self._keys(self.competitors[:, 0], self.competitors[:, 1])))
        order = kept[np.argsort(keys[kept], kind="stable")]
        return keys[order] // max(self.people, 1), keys[order] % max(self.people, 1), self.points[order]

    def fit(self, one: int, other: int) -> int:
        """Return the points of two people, in either order; 0 where they may not be put together. O(log pairs).

        Examples
        --------
        >>> problem = PeerProblem(3, [0, 2], [1, 1], [90, 40])
        >>> problem.fit(1, 2), problem.fit(0, 2)
        (40, 0)
        """
        first, second, points = self.allowed
        wanted = min(one, other), max(one, other)
        start, end = np.searchsorted(first, [wanted[0], wanted[0] + 1])
        place = int(start + np.searchsorted(second[start:end], wanted[1]))
        return int(points[place]) if place < end and second[place] == wanted[1] else 0


__all__ = ["LARGEST", "MOST_POINTS", "Edges", "PeerProblem", "locked", "same_length", "whole", "whole_number"]
