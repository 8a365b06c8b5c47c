"""Whole numbers and flags from outside: checked, the first offender named, copied and locked."""

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray

LARGEST = 2**31 - 1
MOST_ORGANISATIONS = 1_000_000
"""Results hold one entry per organisation number, so a stray number must not become a huge array."""


def whole_number(name: str, value: Any) -> int:
    """Return one whole number from 0 to :data:`LARGEST`.

    Raises
    ------
    ValueError
        Naming it: not whole, or out of range.

    Examples
    --------
    >>> whole_number("floor", 40)
    40
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} is {value!r}: a whole number is needed") from None
    if isinstance(value, bool) or not 0 <= number <= LARGEST:
        raise ValueError(f"{name} is {value!r}: a whole number from 0 to {LARGEST} is needed")
    return number


def organisation_limit(organisations: int | None) -> int:
    """Return how many organisations there are, at most :data:`MOST_ORGANISATIONS`: that many where it is not said.

    Raises
    ------
    ValueError
        Not a whole number, or more than the most.
    """
    if organisations is None:
        return MOST_ORGANISATIONS
    if whole_number("organisations", organisations) > MOST_ORGANISATIONS:
        raise ValueError(f"organisations is {organisations}: {MOST_ORGANISATIONS} is the most")
    return organisations


def whole(name: str, values: Any, least: int, most: int) -> IntArray:
    """Return a locked copy of one column of whole numbers from ``least`` to ``most``. O(entries).

    Raises
    ------
    ValueError
        Naming the first entry that is not a whole number in range.

    Examples
    --------
    >>> whole("points", [1, 100], 1, 100).tolist()
    [1, 100]
    """
    column = np.asarray(values)
    if column.ndim != 1:
        raise ValueError(f"{name} has {column.ndim} dimensions: one column is needed")
    if column.size == 0:
        column = column.astype(np.int64)
    if column.dtype.kind not in "iu":
        raise ValueError(_not_whole(name, column))
    outside = np.flatnonzero((column < least) | (column > most))
    if outside.size:
        entry = int(outside[0])
        if most < least:
            raise ValueError(f"{name}[{entry}] is {column[entry]}: there is nobody by that number")
        raise ValueError(f"{name}[{entry}] is {column[entry]}: a whole number from {least} to {most} is needed")
    return locked(column.astype(np.int64))


def _not_whole(name: str, column: NDArray[Any]) -> str:
    """Say which entry keeps a column from being whole numbers; if each is whole, that the column is not integers."""
    for entry, value in enumerate(column.tolist()):
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return f"{name}[{entry}] is {value}: overflow, it does not fit in 64 bits"
        if not (isinstance(value, int | float) and value == value // 1):
            return f"{name}[{entry}] is {value!r}: a whole number is needed"
    return f"{name}[0] is {column.tolist()[0]!r}: a column of integers is needed, not of {column.dtype}"


def organisation_numbers(name: str, values: Any, least: int, known: int) -> IntArray:
    """Return a locked copy of one column of organisation numbers from ``least`` to ``known`` - 1. O(entries).

    Raises
    ------
    ValueError
        Naming the first entry that is not a whole number, or of an unknown organisation.
    """
    column = whole(name, values, -(2**62), 2**62)
    unknown = np.flatnonzero((column < least) | (column >= known))
    if unknown.size:
        entry = int(unknown[0])
        raise ValueError(
            f"{name}[{entry}] is {column[entry]}: unknown organisation, numbers run from {least} to {known - 1}"
        )
    return column


def flags(name: str, values: Any) -> NDArray[np.bool_]:
    """Return a locked copy of one column of True and False. O(entries).

    Raises
    ------
    ValueError
        Naming a column of anything else.
    """
    column = np.asarray(values)
    if column.ndim != 1 or (column.size and column.dtype != np.bool_):
        raise ValueError(f"{name} has type {column.dtype}: one column of True and False is needed")
    found: NDArray[np.bool_] = column.astype(np.bool_)
    found.flags.writeable = False
    return found


def locked(column: IntArray) -> IntArray:
    """Return the column itself, which nobody can write to any more."""
    column.flags.writeable = False
    return column


def same_length(name: str, column: NDArray[Any], other: str, against: NDArray[Any]) -> None:
    """Refuse two columns of different lengths.

    Raises
    ------
    ValueError
        Naming both, with their lengths.
    """
    if column.size != against.size:
        raise ValueError(f"{name} has {column.size} entries, {other} has {against.size}: they must be as many")
