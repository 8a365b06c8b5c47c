"""What is taught, what a person holds, and which programs can matter for a goal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

MOST_LABELS: Final = 60_000
Kind = Literal["clb", "credential"]


@dataclass(frozen=True, order=True)
class Item:
    """Something held, asked for or given: a CLB skill at a level, or a credential (level 0)."""

    kind: Kind
    code: str
    level: int = 0


@dataclass(frozen=True)
class Intake:
    """One start of a program; weeks count from week 0 of the caller's calendar. No region: online."""

    id: str
    start_week: int
    weeks: int
    seats: int
    cost_cents: int = 0
    region: str | None = None


@dataclass(frozen=True)
class Program:
    """What is taught: ``requires`` is an AND of OR-groups, ``gives`` is added on completion."""

    id: str
    provider: str
    kind: str
    requires: tuple[tuple[Item, ...], ...]
    gives: tuple[Item, ...]
    intakes: tuple[Intake, ...]

    @cached_property
    def assured(self) -> Mapping[str, int]:
        """The level at which whoever may join holds something for certain, whichever way the requirements are met."""
        sure: dict[str, int] = {}
        for group in self.requires:
            for code in {item.code for item in group} if len({item.code for item in group}) == 1 else ():
                sure[code] = max(sure.get(code, -1), min(item.level for item in group))
        return sure

    @cached_property
    def exchange(self) -> tuple[frozenset[frozenset[Item]], frozenset[Item]]:
        """What is asked and what is given, whatever their order: programs alike in both are one step for a plan."""
        return frozenset(map(frozenset, self.requires)), frozenset(self.gives)


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
    in_time = intake.start_week >= week and intake.start_week + intake.weeks <= limits.horizon_weeks
    affordable = limits.cost_cents is None or spent + intake.cost_cents <= limits.cost_cents
    return intake.seats > 0 and in_time and affordable and intake.region in {None, learner.region}


def needs_of(goal: Sequence[Item], catalogue: Sequence[Program]) -> dict[str, int]:
    """Return what a way to the goal can need: each skill up to a level, each credential (level 0).

    Backwards from the goal to a fixed point. A program counts where it gives something needed that it does not itself ask for;
    then everything it asks for is needed too. O(catalogue), and the programs that count once for each level they are needed at.
    """
    giving: dict[str, list[Program]] = {}
    for program in catalogue:
        for item in program.gives:
            giving.setdefault(item.code, []).append(program)
    needs: dict[str, int] = {}
    pending = [(item.code, item.level) for item in goal]
    while pending:
        code, level = pending.pop()
        if level <= needs.get(code, -1):
            continue
        needs[code] = level
        for program in giving.get(code, ()):
            if helps(program, needs):
                pending += [
                    (item.code, item.level)
                    for group in program.requires
                    for item in group
                    if item.level > needs.get(item.code, -1)
                ]
    return needs


def helps(program: Program, needs: Mapping[str, int]) -> bool:
    """Whether a program gives something needed that nobody must hold already to join it."""
    sure = program.assured
    return any(item.code in needs and sure.get(item.code, -1) < needs[item.code] for item in program.gives)
