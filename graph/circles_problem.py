"""What circles are asked: peers with their pairs, who could facilitate, what a circle needs in common, and the policy."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.peers_problem import MOST_POINTS, PeerProblem, whole_number

Table = NDArray[np.bool_]
MOST_PEOPLE: Final = 5_000
"""The points of all pairs are held as one table; beyond this it would not fit in a quarter of a gigabyte."""


@dataclass(frozen=True, eq=False)
class CircleProblem:
    """Peers with their pairs and competitors, who could facilitate, and what a circle needs in common to meet.

    Parameters
    ----------
    peers
        The people, the pairs who may sit in one circle with their points, and who competes with whom.
    facilitates
        True for each person who could facilitate; every circle needs one.
    languages, slots
        People × codes; a circle shares one language and one slot. None: everybody shares one.

    Raises
    ------
    ValueError
        A column or table of another length or type than needed, or more than 5,000 people.
    """

    peers: PeerProblem
    facilitates: Table
    languages: Table | None = None
    slots: Table | None = None

    def __post_init__(self) -> None:
        """Check the columns, copy and lock them."""
        if self.peers.people > MOST_PEOPLE:
            raise ValueError(f"{self.peers.people} people: {MOST_PEOPLE} is the most")
        for name, dimensions in (("facilitates", 1), ("languages", 2), ("slots", 2)):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _flags(name, getattr(self, name), self.peers.people, dimensions))

    def common(self, members: list[int]) -> bool:
        """Do these people share a language and a slot?"""
        tables = [table[members] for table in (self.languages, self.slots) if table is not None]
        return all(bool(table.all(axis=0).any()) for table in tables)


@dataclass(frozen=True)
class CirclePolicy:
    """What the network wants of circles.

    Parameters
    ----------
    smallest, greatest
        The sizes a circle may have, its facilitator included.
    floor
        The least fit of every member, 1 to 100: the mean of the points with each other member, rounded down.
    outlier_gap
        By how many points one member alone may be below the next lowest: a greater gap makes a lone outlier.
    passes
        How often at most every circle is asked again whether a change would help.
    renewals
        How often the weakest circles are opened anew, to see whether others are better.

    Raises
    ------
    ValueError
        Numbers that are not whole or out of order.
    """

    smallest: int = 4
    greatest: int = 6
    floor: int = 40
    outlier_gap: int = 20
    passes: int = 30
    renewals: int = 3

    def __post_init__(self) -> None:
        """Refuse a policy that says nothing."""
        if not 2 <= whole_number("smallest", self.smallest) <= whole_number("greatest", self.greatest):
            raise ValueError(f"circles of {self.smallest} to {self.greatest}: whole numbers from 2 in order are needed")
        if not 1 <= whole_number("floor", self.floor) <= MOST_POINTS:
            raise ValueError(f"floor is {self.floor}: a whole number from 1 to {MOST_POINTS} is needed")
        whole_number("outlier_gap", self.outlier_gap)
        whole_number("passes", self.passes)
        whole_number("renewals", self.renewals)


def _flags(name: str, values: Any, people: int, dimensions: int) -> Table:
    table = np.asarray(values)
    if table.size == 0 and not people:
        table = np.zeros((0, 0) if dimensions == 2 else 0, dtype=np.bool_)
    if table.ndim != dimensions or table.dtype != np.bool_:
        raise ValueError(f"{name} has type {table.dtype} in {table.ndim} dimensions: True and False are needed")
    if len(table) != people:
        raise ValueError(f"{name} has {len(table)} rows for {people} people: they must be as many")
    kept: Table = table.copy()
    kept.flags.writeable = False
    return kept


__all__ = ["CirclePolicy", "CircleProblem", "Table"]
