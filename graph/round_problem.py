"""What a round is asked: eligible pairs, seats, owners, and the policy the network chose."""

import operator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray

Objective = Literal["most_mentees", "total_fit"]

MOST_POINTS = 100
LARGEST = 2**31 - 1
MOST_ORGANISATIONS = 1_000_000
"""Results hold one entry per organisation number, so a stray number must not become a huge array."""


@dataclass(frozen=True, eq=False)
class RoundProblem:
    """One round over a pool: who may be paired, how well each pair fits, and who owns whom.

    Parameters
    ----------
    mentee, mentor, points
        One entry per eligible pair: two indices from 0 and the fit, whole points from 1 to 100. A pair left out is never
        proposed. The order of the pairs does not matter; the numbering of the people breaks ties between equal rounds, so
        number them by a key drawn per round if the same names should not win every time.
    seats
        How many mentees each mentor can take, 0 or more.
    mentee_organisation
        The organisation of each mentee, numbered from 0.
    mentor_organisation
        The organisation of each mentor. Donated to the network: -1, or an organisation without mentees in this round.
    donated
        True for each mentor that an organisation with mentees gives to the network all the same. None: no other one.
    rounds_waited
        How many rounds each mentee has waited; breaks ties between equally good rounds. None: nobody is preferred.
    organisations
        How many organisations there are. None: as many as the largest number seen implies.
    promised
        For each organisation, how many of its mentees the guarantee means, where that is not what these pairs let it place
        alone: some of its people were set apart before. None: what it can place alone.
    scarcity
        For each mentor, of the mentees expected in its occupation and region, the whole percent who will find no seat; read
        by a policy that holds back. None: not known, and nobody is held back.

    Raises
    ------
    ValueError
        Naming the first offender: a number out of range or not whole, columns of different lengths, a pair given twice,
        an unknown organisation.

    Notes
    -----
    The columns are copied, then locked. Own pairs left out before the round understate what an organisation can do alone:
    keep at least those that `graph.round_network.witness_pairs` names.

    Examples
    --------
    >>> problem = RoundProblem([0, 1], [0, 0], [90, 40], [1], [0, 0], [0])
    >>> problem.organisations, problem.pairs
    (1, 2)
    """

    mentee: IntArray
    mentor: IntArray
    points: IntArray
    seats: IntArray
    mentee_organisation: IntArray
    mentor_organisation: IntArray
    donated: NDArray[np.bool_] | None = None
    rounds_waited: IntArray | None = None
    organisations: int | None = None
    promised: IntArray | None = None
    scarcity: IntArray | None = None
    _order: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check every column, copy it and lock it."""
        known = _organisation_limit(self.organisations)
        self._keep("seats", whole("seats", self.seats, 0, LARGEST))
        self._keep("mentee_organisation", _organisation("mentee_organisation", self.mentee_organisation, 0, known))
        self._keep("mentor_organisation", _organisation("mentor_organisation", self.mentor_organisation, -1, known))
        same_length("mentor_organisation", self.mentor_organisation, "seats", self.seats)
        self._keep("mentee", whole("mentee", self.mentee, 0, self.mentees - 1))
        self._keep("mentor", whole("mentor", self.mentor, 0, self.mentors - 1))
        self._keep("points", whole("points", self.points, 1, MOST_POINTS))
        same_length("mentor", self.mentor, "mentee", self.mentee)
        same_length("points", self.points, "mentee", self.mentee)
        self._check_options()
        self._sort_pairs()
        if self.organisations is None:
            owners = np.concatenate((self.mentee_organisation, self.mentor_organisation))
            self._keep("organisations", int(owners.max(initial=-1)) + 1)
        if self.promised is not None:
            self._keep("promised", whole("promised", self.promised, 0, LARGEST))
            if self.promised.size != self.organisations:
                raise ValueError(f"promised has {self.promised.size} entries, {self.organisations} organisations")

    def _keep(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check_options(self) -> None:
        if self.donated is not None:
            self._keep("donated", _flags("donated", self.donated))
            same_length("donated", self.donated, "seats", self.seats)
        if self.rounds_waited is not None:
            self._keep("rounds_waited", whole("rounds_waited", self.rounds_waited, 0, LARGEST))
            same_length("rounds_waited", self.rounds_waited, "mentee_organisation", self.mentee_organisation)

        if self.scarcity is not None:
            self._keep("scarcity", whole("scarcity", self.scarcity, 0, 100))
            same_length("scarcity", self.scarcity, "seats", self.seats)

    def _sort_pairs(self) -> None:
        """Sort once, O(pairs log pairs): matching, network and digest all read the pairs in this order."""
        key = self.mentee * max(self.mentors, 1) + self.mentor
        order = np.argsort(key, kind="stable")
        self._keep("_order", locked(order))
        self._refuse_repeated_pairs(order, key[order])

    def _refuse_repeated_pairs(self, order: IntArray, key: IntArray) -> None:
        repeated = order[1:][key[1:] == key[:-1]]
        if repeated.size:
            pair = int(repeated.min())
            raise ValueError(f"pair {pair} (mentee {self.mentee[pair]}, mentor {self.mentor[pair]}) was given before")

    @property
    def mentees(self) -> int:
        """How many mentees the round has, those without any eligible pair included."""
        return int(self.mentee_organisation.size)

    @property
    def mentors(self) -> int:
        """How many mentors the round has."""
        return int(self.seats.size)

    @property
    def pairs(self) -> int:
        """How many eligible pairs the round has."""
        return int(self.mentee.size)

    def canonical_order(self) -> IntArray:
        """Return the indices that sort the pairs by mentee, then mentor. Sorted once, when the problem is made."""
        return self._order

    def home(self) -> IntArray:
        """Return for each mentor the organisation it serves first, or -1 if it is donated to the network."""
        owner = self.mentor_organisation
        served = np.isin(owner, self.mentee_organisation)
        if self.donated is not None:
            served &= ~self.donated
        return np.where(served, owner, -1)


@dataclass(frozen=True)
class RoundPolicy:
    """What the network wants of a round.

    Parameters
    ----------
    objective
        ``most_mentees``: as many placements as possible and, among those, most points. ``total_fit``: most points.
    individual_rationality
        No organisation places fewer of its own mentees than it could alone.
    net_balance
        The most placements by which an organisation's imports and exports may differ. None: no limit. A placement with a
        donated mentor is a gift, credited to the organisation it helps, be it through another: if the gift serves a mentee
        of B and B's own mentor then serves a mentee of A, A may be credited. So no organisation ever gives more than
        ``net_balance`` placements beyond all it gets, and without donated mentors the account is exact.
    longest_wait
        Rounds waited beyond this count no more. The wait only chooses between rounds equal in placements and points.
    hold_back
        The most points, 0 to 100, that a scarce mentor costs mentees of other organisations than its own
        (`graph.hold_back`). 0: nobody is held back.

    Raises
    ------
    ValueError
        An unknown objective, or a number that is not whole or below 0.

    Examples
    --------
    >>> RoundPolicy("total_fit", net_balance=3)
    RoundPolicy(objective='total_fit', individual_rationality=True, net_balance=3, longest_wait=10, hold_back=0)
    """

    objective: Objective = "most_mentees"
    individual_rationality: bool = True
    net_balance: int | None = None
    longest_wait: int = 10
    hold_back: int = 0

    def __post_init__(self) -> None:
        """Refuse a policy that says nothing the round understands."""
        if self.objective not in get_args(Objective):
            raise ValueError(f"objective {self.objective!r}: choose one of {', '.join(get_args(Objective))}")
        if not isinstance(self.individual_rationality, bool):
            raise ValueError(f"individual_rationality is {self.individual_rationality!r}: choose True or False")
        if self.net_balance is not None:
            object.__setattr__(self, "net_balance", whole_number("net_balance", self.net_balance))
        object.__setattr__(self, "longest_wait", whole_number("longest_wait", self.longest_wait))
        object.__setattr__(self, "hold_back", whole_number("hold_back", self.hold_back))
        if self.hold_back > MOST_POINTS:
            raise ValueError(f"hold_back is {self.hold_back}: a whole number from 0 to {MOST_POINTS} is needed")


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


def _organisation_limit(organisations: int | None) -> int:
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


def _organisation(name: str, values: Any, least: int, known: int) -> IntArray:
    column = whole(name, values, -(2**62), 2**62)
    unknown = np.flatnonzero((column < least) | (column >= known))
    if unknown.size:
        entry = int(unknown[0])
        raise ValueError(
            f"{name}[{entry}] is {column[entry]}: unknown organisation, numbers run from {least} to {known - 1}"
        )
    return column


def _flags(name: str, values: Any) -> NDArray[np.bool_]:
    column = np.asarray(values)
    if column.ndim != 1 or (column.size and column.dtype != np.bool_):
        raise ValueError(f"{name} has type {column.dtype}: one column of True and False is needed")
    flags: NDArray[np.bool_] = column.astype(np.bool_)
    flags.flags.writeable = False
    return flags


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
