"""The same round under other policies: what each choice costs, before anything is published."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.people import IntArray
from graph.pins import PinnedRound, solve_pinned
from graph.rounds import RoundPolicy, RoundProblem, shares_of
from graph.stable import solve_stable
from hub.services import matching

Mask = NDArray[np.bool_]

OTHERS: Final[dict[str, RoundPolicy]] = {
    "most_mentees": RoundPolicy("most_mentees"),
    "total_fit": RoundPolicy("total_fit"),
    "no_guarantee": RoundPolicy("most_mentees", individual_rationality=False),
    "even_balance": RoundPolicy("most_mentees", net_balance=0),
}
"""What every round is compared with: most people, most fit, no promise to anyone, and nobody giving more than it gets."""
NAMES: Final = (*OTHERS, "local_first", "hold_back", "stable")
"""Beside them: looking near first, holding scarce mentors back where arrivals are known, and a round that no pair would leave
for each other."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A round under one policy, in totals; ``worse_off`` organisations would place fewer of their mentees than alone."""

    name: str
    placed: int
    placed_across: int
    points: int
    worse_off: int


def compare(found: PinnedRound, policy: RoundPolicy, far: Mask) -> tuple[Alternative, ...]:
    """Return the round under each other policy around the same pins, in their order; the one chosen is not solved twice.

    ``far`` marks the pairs of ``found.whole`` that leave both the organisation and the province. Cost: one solve each.
    """
    others = [in_totals(name, found if other == policy else found.under(other)) for name, other in OTHERS.items()]
    return (*others, _local_first(found, policy, far), *_hold_back(found, policy), _stable(found))


def in_totals(name: str, found: PinnedRound) -> Alternative:
    """Return a round in totals of the network; no organisation's own count leaves it."""
    return _totals(name, found.whole, found.mentor_of, found.points)


def _local_first(found: PinnedRound, policy: RoundPolicy, far: Mask) -> Alternative:
    """Return what the round would be if everyone had to look near first: the cost of a local-first window."""
    pinned = np.isin(found.whole.mentee, [mentee for mentee, _ in found.pins])
    kept = ~far | pinned
    near = replace(
        found.whole, mentee=found.whole.mentee[kept], mentor=found.whole.mentor[kept], points=found.whole.points[kept]
    )
    return in_totals("local_first", solve_pinned(near, policy, found.pins))


def _hold_back(found: PinnedRound, policy: RoundPolicy) -> tuple[Alternative, ...]:
    """Return the round that holds scarce mentors back: what waiting for those expected costs those who are here."""
    if found.whole.scarcity is None:
        return ()
    holding = replace(policy, hold_back=matching.hold_back().points)
    return (in_totals("hold_back", found if holding == policy else found.under(holding)),)


def _stable(found: PinnedRound) -> Alternative:
    """Return the round that no mentee and mentor would leave for each other, around the pins."""
    stable = solve_stable(found.problem)
    mentor_of = np.where(found.mentor_of_pins >= 0, found.mentor_of_pins, stable.mentor_of)
    return _totals("stable", found.whole, mentor_of, stable.points + found.points - found.rest.points)


def _totals(name: str, problem: RoundProblem, mentor_of: IntArray, points: int) -> Alternative:
    shares = shares_of(problem, mentor_of)
    worse_off = sum(share.placed < share.placed_alone for share in shares)
    placed = int((mentor_of >= 0).sum())
    return Alternative(name, placed, sum(share.placed_across for share in shares), points, worse_off)
