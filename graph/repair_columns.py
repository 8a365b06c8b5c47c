"""The columns the compiled search of a repair reads: plain arrays, so that they compile and need no numba to be named."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Flags = NDArray[np.int8]

FAR = 2**62
REACH, BOUND, FOUND, SEEN = range(4)
"""Entries of a search's tally: how far it is, beyond what it need not look, the goal it found, how many nodes it saw."""


class People(NamedTuple):
    """Who is where: the very bytes of `graph.repair_network.ResidualNetwork`, and who sits with a mentor as a chain."""

    potential: Longs
    mentor_of: Longs
    worth_of: Longs
    entry: Longs
    entered: Longs
    seats: Longs
    taken: Longs
    exit: Longs
    held_first: Longs
    held_next: Longs


class Pairs(NamedTuple):
    """Who may meet whom: rows by mentee, columns by mentor, ``dead`` by row entry; later pairs as chains behind them."""

    row_first: Longs
    row_mentor: Ints
    row_worth: Longs
    column_first: Longs
    column_mentee: Ints
    column_worth: Longs
    column_row: Ints
    dead: Flags


class Later(NamedTuple):
    """Pairs that came with somebody new: for each person the newest, for each pair the one before it."""

    row_newest: Longs
    column_newest: Longs
    mentee: Ints
    mentor: Ints
    worth: Longs
    row_before: Longs
    column_before: Longs
    dead: Flags


class Hubs(NamedTuple):
    """Arcs between hubs, by hub; the people beside each hub, newcomers as a chain. ``serves``: 1 mentees, 2 mentors.

    ``before`` has two entries for each number, the mentee's and the mentor's.
    """

    link_first: Longs
    link: Longs
    tail: Longs
    head: Longs
    lower: Longs
    upper: Longs
    flow: Longs
    beside_first: Longs
    beside: Longs
    serves: Flags
    newest: Longs
    before: Longs


class Notes(NamedTuple):
    """The notes of one search by node, kept until the next begins; ``near``: how far it looks first."""

    distance: Longs
    via: Ints
    goal: Flags
    seen: Ints
    tally: Longs
    near: Longs
