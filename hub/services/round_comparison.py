"""The same round under other policies: what each choice costs, before anything is published."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.people import IntArray
from graph.pins import PinnedRound, PinRefused, solve_pinned
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
NAMES: Final = (*OTHERS, "even_load", "even_gain", "local_first", "no_windows", "hold_back", "stable")
"""Beside them: the round asked for with its mentors' load evened, with the same gain for everyone, with everybody looking near
first, with nobody doing so where somebody does, and with scarce mentors held back where arrivals are known; and a round that no
pair would leave for each other."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A round under one policy, in totals; ``worse_off`` organisations would place fewer of their mentees than alone."""

    name: str
    placed: int
    placed_across: int
    points: int
    worse_off: int


def without_windows(found: PinnedRound, policy: RoundPolicy, wider: RoundProblem) -> tuple[Alternative, ...]:
    """Return the round if no organisation looked near first: what the windows in force cost the network. One solve.

    ``wider`` holds the pairs of ``found.whole`` and those that only a window refuses. Nothing where the policy's promises and
    the pins exclude each other over them.
    """
    kept = _kept("no_windows", partial(solve_pinned, wider, policy, found.pins))
    return () if kept is None else (kept,)


def compare(
    found: PinnedRound, policy: RoundPolicy, far: Mask, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[Alternative, ...]:
    """Return the round under each other policy around the same pins, in their order; the one chosen is not solved twice.

    ``far`` marks the pairs of ``found.whole`` that leave both the organisation and the province. A policy whose promises the
    pins break is left out. Cost: one solve each; ``progress`` is told how many of how many are done.
    """
    asked = {
        "even_load": replace(policy, even_load=matching.even_load()),
        "even_gain": replace(policy, individual_rationality=True, even_gain=True),
        "hold_back": replace(policy, hold_back=matching.hold_back().points),
    }
    if found.whole.scarcity is None:
        del asked["hold_back"]
    rounds = {name: partial(_under, found, policy, other) for name, other in (OTHERS | asked).items()}
    rounds["local_first"] = partial(_local_first, found, policy, far)
    kept: dict[str, Alternative | None] = {}
    for name, solve in rounds.items():
        progress(len(kept), len(rounds) + 1)
        kept[name] = _kept(name, solve)
    progress(len(rounds), len(rounds) + 1)
    kept["stable"] = _stable(found)
    return tuple(one for name in NAMES if (one := kept.get(name)) is not None)


def _under(found: PinnedRound, policy: RoundPolicy, other: RoundPolicy) -> PinnedRound:
    return found if other == policy else found.under(other)


def _kept(name: str, solve: Callable[[], PinnedRound]) -> Alternative | None:
    """Return a round in totals; nothing where its promises and the pins, which the round itself keeps, exclude each other."""
    try:
        return in_totals(name, solve())
    except PinRefused:
        return None


def in_totals(name: str, found: PinnedRound) -> Alternative:
    """Return a round in totals of the network; no organisation's own count leaves it."""
    return _totals(name, found.whole, found.mentor_of, found.points)


def _local_first(found: PinnedRound, policy: RoundPolicy, far: Mask) -> PinnedRound:
    """Return what the round would be if everyone had to look near first: the cost of a local-first window."""
    pinned = np.isin(found.whole.mentee, [mentee for mentee, _ in found.pins])
    kept = ~far | pinned
    near = replace(
        found.whole, mentee=found.whole.mentee[kept], mentor=found.whole.mentor[kept], points=found.whole.points[kept]
    )
    return solve_pinned(near, policy, found.pins)


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
