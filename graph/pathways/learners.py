"""What a person holds, what she can join, and the plan she follows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from graph.pathways.catalogue import Intake, Item, Program

MOST_LABELS: Final = 60_000


@dataclass(frozen=True)
class Learner:
    """What a person holds, and where she can go in person."""

    clb: Mapping[str, int]
    credentials: frozenset[str]
    region: str

    def lacks(self, wanted: Iterable[Item]) -> tuple[Item, ...]:
        """Return what is wanted and not held."""
        return tuple(item for item in wanted if not holds(self.clb, self.credentials, item))


@dataclass(frozen=True)
class Limits:
    """Bounds of the search: horizon in weeks from week 0, a ceiling on cost, and on work."""

    horizon_weeks: int = 156
    cost_cents: int | None = None
    labels: int = MOST_LABELS


@dataclass(frozen=True)
class Step:
    """Attend one intake."""

    program: Program
    intake: Intake

    @property
    def end_week(self) -> int:
        """The week after the last."""
        return self.intake.start_week + self.intake.weeks


@dataclass(frozen=True)
class Plan:
    """Steps in order; ``weeks`` until the last is done, ``cost_cents`` in all."""

    steps: tuple[Step, ...]
    weeks: int
    cost_cents: int


def holds(clb: Mapping[str, int], credentials: frozenset[str], item: Item) -> bool:
    """Whether a person with these levels and credentials holds an item."""
    return clb.get(item.code, 0) >= item.level if item.kind == "clb" else item.code in credentials


def reachable(learner: Learner, intake: Intake, week: int, limits: Limits, spent: int) -> bool:
    """Whether an intake can still be joined: a seat, in time, affordable, online or in the learner's region."""
    if intake.seats <= 0 or (intake.region is not None and intake.region != learner.region):
        return False
    in_time = intake.start_week >= week and intake.start_week + intake.weeks <= limits.horizon_weeks
    return in_time and (limits.cost_cents is None or spent + intake.cost_cents <= limits.cost_cents)
