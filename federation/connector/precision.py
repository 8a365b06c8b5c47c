"""How many digits of an occupation leave: four, or five where the hub's programs match by the whole occupation.

A person's own programs decide: who takes part in none that asks for five sends four. An agency may hold everyone at fewer
digits in its mapping; no hub can ask for more than that (trust.md, section 1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from federation.deidentify import HELD_DIGITS, MOST_DIGITS
from federation.problems import Problem

MEMBER: Final = "passerelle_occupation_digits"
"""Member of the hub's metadata (RFC 9728, section 2: further members are allowed): program to digits."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Digits that programs ask for, by program; a program that is not named asks for four."""

    digits: Mapping[str, int] = field(default_factory=dict)

    def of(self, formats: Iterable[str]) -> int:
        """Return how many digits of a person's occupations leave, by the programs the person takes part in."""
        return max((self.digits.get(program, HELD_DIGITS) for program in formats), default=HELD_DIGITS)

    def full(self) -> tuple[str, ...]:
        """Return the programs that ask for the whole occupation."""
        return tuple(sorted(program for program, digits in self.digits.items() if digits > HELD_DIGITS))


COARSE: Final = Precision()
"""What holds as long as no hub said otherwise: four digits."""


def read_precision(metadata: Mapping[str, Any]) -> Precision:
    """Return what a hub's programs need, from its metadata; a hub that does not say needs four digits.

    Raises
    ------
    Problem
        ``bad-request``: it names no numbers from 1 to 5.
    """
    said: Any = metadata.get(MEMBER, {})
    if not isinstance(said, dict) or not all(type(one) is int and 1 <= one <= MOST_DIGITS for one in said.values()):
        raise Problem("bad-request", f"The hub's metadata says nothing sensible of {MEMBER}: ask its operator.")
    return Precision({str(program): digits for program, digits in said.items()})


def words(precision: Precision, most: int) -> str:
    """Say at which precision fields leave, and why; ``most`` is the mapping's own limit in digits."""
    programs = ", ".join(precision.full())
    if most < MOST_DIGITS:
        occupation = f"Occupations leave with at most {most} digits: the mapping says so."
    elif programs:
        occupation = (
            f"Occupations leave with 5 digits for people in {programs}, which the hub says is matched by the whole "
            "occupation; with 4 for anyone else. Before both sides said yes, nobody is shown more than 4."
        )
    else:
        occupation = "Occupations leave with 4 digits: no program of the hub is known to need the fifth."
    return f"{occupation} Years leave as a band, places as a metropolitan area or a province."
