"""What a round is asked: eligible pairs, seats, owners, and the policy the network chose."""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.whole_numbers import (
    LARGEST,
    flags,
    locked,
    organisation_limit,
    organisation_numbers,
    same_length,
    whole,
    whole_number,
)

Objective = Literal["most_mentees", "total_fit"]

MOST_POINTS = 100


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
    carried
        How many mentees each mentor has already, beside those of this round; read by a policy that evens the load. None: none.

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
    carried: IntArray | None = None
    _order: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check every column, copy it and lock it."""
        known = organisation_limit(self.organisations)
        self._keep("seats", whole("seats", self.seats, 0, LARGEST))
        self._keep(
            "mentee_organisation", organisation_numbers("mentee_organisation", self.mentee_organisation, 0, known)
        )
        self._keep(
            "mentor_organisation", organisation_numbers("mentor_organisation", self.mentor_organisation, -1, known)
        )
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
            self._keep("donated", flags("donated", self.donated))
            same_length("donated", self.donated, "seats", self.seats)
        if self.rounds_waited is not None:
            self._keep("rounds_waited", whole("rounds_waited", self.rounds_waited, 0, LARGEST))
            same_length("rounds_waited", self.rounds_waited, "mentee_organisation", self.mentee_organisation)

        if self.scarcity is not None:
            self._keep("scarcity", whole("scarcity", self.scarcity, 0, 100))
            same_length("scarcity", self.scarcity, "seats", self.seats)
        if self.carried is not None:
            self._keep("carried", whole("carried", self.carried, 0, LARGEST))
            same_length("carried", self.carried, "seats", self.seats)

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
    even_load
        The points, 0 to 100, that each further mentee of one mentor costs more than the one before (`graph.even_load`).
        0: a mentor's last seat is as good as the first.
    even_gain
        Promise every organisation the same number of placements beyond what it could do alone, as many as can be kept
        (`graph.even_gain`).

    Raises
    ------
    ValueError
        An unknown objective, a number that is not whole or below 0, or an even gain without the promise it adds to.

    Examples
    --------
    >>> RoundPolicy("total_fit", net_balance=3)  # doctest: +NORMALIZE_WHITESPACE
    RoundPolicy(objective='total_fit', individual_rationality=True, net_balance=3, longest_wait=10, hold_back=0,
     even_load=0, even_gain=False)
    """

    objective: Objective = "most_mentees"
    individual_rationality: bool = True
    net_balance: int | None = None
    longest_wait: int = 10
    hold_back: int = 0
    even_load: int = 0
    even_gain: bool = False

    def __post_init__(self) -> None:
        """Refuse a policy that says nothing the round understands."""
        if self.objective not in get_args(Objective):
            raise ValueError(f"objective {self.objective!r}: choose one of {', '.join(get_args(Objective))}")
        for name in ("individual_rationality", "even_gain"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} is {getattr(self, name)!r}: choose True or False")
        if self.even_gain and not self.individual_rationality:
            raise ValueError("even_gain adds to what each could place alone: it needs individual_rationality")
        if self.net_balance is not None:
            object.__setattr__(self, "net_balance", whole_number("net_balance", self.net_balance))
        object.__setattr__(self, "longest_wait", whole_number("longest_wait", self.longest_wait))
        for name in ("hold_back", "even_load"):
            points = whole_number(name, getattr(self, name))
            object.__setattr__(self, name, points)
            if points > MOST_POINTS:
                raise ValueError(f"{name} is {points}: a whole number from 0 to {MOST_POINTS} is needed")
