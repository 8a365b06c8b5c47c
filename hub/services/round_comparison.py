"""The same round under other policies: what each choice costs, before anything is published."""

from dataclasses import dataclass
from typing import Final

from graph.pins import PinnedRound
from graph.rounds import RoundPolicy

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


def compare(found: PinnedRound, policy: RoundPolicy) -> tuple[Alternative, ...]:
    """Return the round under each other policy around the same pins, in their order; the one chosen is not solved twice.

    Cost: one solve each.
    """
    return tuple(in_totals(name, found if other == policy else found.under(other)) for name, other in OTHERS.items())


def in_totals(name: str, found: PinnedRound) -> Alternative:
    """Return a round in totals of the network; no organisation's own count leaves it."""
    worse_off = sum(share.placed < share.placed_alone for share in found.shares)
    return Alternative(name, found.placed, sum(share.placed_across for share in found.shares), found.points, worse_off)
