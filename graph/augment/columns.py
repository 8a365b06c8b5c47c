"""The columns a path search reads and writes: plain arrays, so that they compile and need no numba to be named."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]


class World(NamedTuple):
    """What never changes in a run: rows of pairs by mentee, best first; seats by mentor; members by group."""

    first: Longs
    head: Ints
    points: NDArray[np.int16]
    scale: int
    extra: Longs
    group: Ints
    member_first: Longs
    member: Ints
    seat_first: Longs


class Match(NamedTuple):
    """Who sits where, and what each group still needs or can spare."""

    mentor_of: Ints
    seat_of: Ints
    seated: Ints
    taken: Longs
    need: Longs
    spare: Longs


class Levels(NamedTuple):
    """Dual prices: what a mentee's place is worth, what a mentor's seat costs, at what level a group leaves people out."""

    mentee: Longs
    mentor: Longs
    group: Longs
    floor: Longs


class Marks(NamedTuple):
    """The notes of a search, by node; ``pointer`` is where its scan goes on, ``look`` the same for free seats.

    A mentee's scan begins one before its first pair: there it may fall back to its group.
    """

    mark: Ints
    pointer: Longs
    look: Longs
    on_path: NDArray[np.int8]
    path: Ints
    seen: Ints
    forest: Ints
    tally: Longs
