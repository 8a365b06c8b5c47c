"""The same round under other policies: what each choice costs, before anything is published."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from graph.rounds import RoundPolicy, RoundProblem, RoundResult, solve_round

OTHERS: Final[dict[str, RoundPolicy]] = {
    "most_mentees": RoundPolicy("most_mentees"),
    "total_fit": RoundPolicy("total_fit"),
    "no_guarantee": RoundPolicy("most_mentees", individual_rationality=False),
    "even_balance": RoundPolicy("most_mentees", net_balance=0),
}
"""What every round is compared with: most people, most fit, no promise to anyone, and nobody giving more than it gets."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A round under one policy, in totals; ``worse_off`` organisations would place fewer of their mentees than alone."""

    name: str
    placed: int
    placed_across: int
    points: int
    worse_off: int


def compare(problem: RoundProblem, policy: RoundPolicy, result: RoundResult) -> tuple[Alternative, ...]:
    """Return the round under each other policy, in their order; the one chosen is not solved twice.

    Cost: one solve each.
    """
    return tuple(
        in_totals(name, result if other == policy else solve_round(problem, other)) for name, other in OTHERS.items()
    )


def in_totals(name: str, result: RoundResult) -> Alternative:
    """Return a result in totals of the network; no organisation's own count leaves it."""
    worse_off = int(np.count_nonzero(result.placed_by < result.placed_alone))
    return Alternative(name, result.placed, int(result.placed_across.sum()), result.points, worse_off)
