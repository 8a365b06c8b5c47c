"""What a repair did, or why it may not be made."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Method: TypeAlias = Literal["path", "rerun"]


@dataclass(frozen=True)
class Move:
    """One mentee whose mentor changes; -1 is nobody."""

    mentee: int
    before: int
    after: int


@dataclass(frozen=True)
class RepairResult:
    """A round after a change, and how it got there.

    ``moves`` lists every mentee whose mentor differs from before the change, by number, those the change itself parted or
    brought included; ``parted`` are the mentees the change took from their mentor. ``placed`` and ``points`` are totals
    after the repair, started partnerships included; ``left_placed`` and ``left_points`` are those if nobody did anything
    after the change. ``method`` is ``path`` for a search on kept duals, ``rerun`` for a whole new round. ``below`` names
    the organisations that would place fewer mentees than they can alone: the repair is then refused, and moves nobody.
    ``balance_refused``: it is refused because the net balance leaves no way.
    """

    method: Method
    moves: tuple[Move, ...]
    parted: tuple[int, ...]
    placed: int
    points: int
    left_placed: int
    left_points: int
    below: tuple[int, ...] = ()
    balance_refused: bool = False

    @property
    def refused(self) -> bool:
        """True if the repair may not be made."""
        return bool(self.below) or self.balance_refused

    @property
    def gained_placements(self) -> int:
        """Placements gained over doing nothing."""
        return self.placed - self.left_placed

    @property
    def gained_points(self) -> int:
        """Points gained over doing nothing; negative where a guarantee or another placement costs points."""
        return self.points - self.left_points

    @property
    def moved(self) -> tuple[int, ...]:
        """The mentees who lose a mentor they could have kept."""
        return tuple(move.mentee for move in self.moves if move.before >= 0 and move.mentee not in self.parted)
