"""Counts of other organisations' people as they may be told: none below five, others rounded to fives.

Who joins or leaves could be read off two exact counts, one before and one after. So a count is rounded up or down by a draw
that stays the same for a table's cell and a month: asking again tells nothing new, and on average nothing is lost. One's own
people are never in what is rounded, or adding some would feel for the place where it jumps. The draw does not depend on who
asks: members who put their tables together learn one rounding, not many.

Sources: random rounding to base 5, as Statistics Canada does with census tables; the kept draw after the ABS's cell keys.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from hub.settings import Settings

SMALLEST_TOLD: Final = 5
BASE: Final = 5


@dataclass(frozen=True, slots=True)
class Telling:
    """How counts are told in one period."""

    key: bytes
    period: str

    @classmethod
    def of(cls, settings: Settings, today: date) -> Self:
        """Return how this hub tells counts in the month of ``today``."""
        return cls(settings.secret.encode(), f"{today:%Y-%m}")

    def told(self, count: int, *cell: str) -> int | None:
        """Return a count of others as a multiple of five, at most four away; None for fewer than five.

        ``cell`` names the table, row and column: the same count in the same cell is told the same all month. A greater count is
        never told as less.
        """
        if count < SMALLEST_TOLD:
            return None
        said = "\0".join(("passerelle count", self.period, *cell)).encode()
        # Up in as many of five draws as the remainder has ones: the mean over cells is the count itself.
        draw = int.from_bytes(hmac.digest(self.key, said, hashlib.sha256)[:8]) % BASE
        return (count + draw) // BASE * BASE

    def with_own(self, own: int, others: int, *cell: str) -> int | None:
        """Return own people, exactly, and others as they may be told; None where both are too few to tell of together.

        Others that are too few count as none: the sum is then of one's own alone.
        """
        told = self.told(others, *cell)
        return own + (told or 0) if own or told is not None else None
