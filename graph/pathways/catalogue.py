"""What is taught: programs and when they start, what each asks and gives, and which can matter for a goal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Kind = Literal["clb", "credential"]


class Item(NamedTuple):
    """Something held, asked for or given: a CLB skill at a level, or a credential (level 0).

    A tuple, since thousands of programs are sorted by what they ask and give: its hash is the interpreter's own.
    """

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


@dataclass(frozen=True)
class Exchange:
    """Programs that ask and give the same, in whatever order: for a plan they are one step, whoever teaches it and when."""

    requires: tuple[tuple[Item, ...], ...]
    gives: tuple[Item, ...]
    programs: list[Program]

    @cached_property
    def assured(self) -> Mapping[str, int]:
        """The level at which whoever may join holds something for certain, whichever way the requirements are met."""
        sure: dict[str, int] = {}
        for group in self.requires:
            for code in {item.code for item in group} if len({item.code for item in group}) == 1 else ():
                sure[code] = max(sure.get(code, -1), min(item.level for item in group))
        return sure


def exchanges(catalogue: Iterable[Program]) -> tuple[Exchange, ...]:
    """Merge programs that ask and give the same. O(catalogue); a catalogue has few kinds of step beside its programs."""
    as_told: dict[tuple[tuple[tuple[Item, ...], ...], tuple[Item, ...]], list[Program]] = {}
    for program in catalogue:
        as_told.setdefault((program.requires, program.gives), []).append(program)
    found: dict[tuple[frozenset[frozenset[Item]], frozenset[Item]], Exchange] = {}
    for (requires, gives), programs in as_told.items():
        key = frozenset(map(frozenset, requires)), frozenset(gives)
        found.setdefault(key, Exchange(requires, gives, [])).programs.extend(programs)
    return tuple(found.values())


def needs_of(goal: Sequence[Item], offered: Sequence[Exchange]) -> dict[str, int]:
    """Return what a way to the goal can need: each skill up to a level, each credential (level 0).

    Backwards from the goal to a fixed point. An exchange counts where it gives something needed that it does not itself ask
    for; then everything it asks for is needed too. O(exchanges), and those that count once for each level they are needed at.
    """
    giving: dict[str, list[Exchange]] = {}
    for exchange in offered:
        for item in exchange.gives:
            giving.setdefault(item.code, []).append(exchange)
    needs: dict[str, int] = {}
    pending = [(item.code, item.level) for item in goal]
    while pending:
        code, level = pending.pop()
        if level <= needs.get(code, -1):
            continue
        needs[code] = level
        for exchange in giving.get(code, ()):
            if helps(exchange, needs):
                pending += [(item.code, item.level) for group in exchange.requires for item in group]
    return needs


def helps(exchange: Exchange, needs: Mapping[str, int]) -> bool:
    """Whether an exchange gives something needed that nobody must hold already to join it."""
    sure = exchange.assured
    return any(item.code in needs and sure.get(item.code, -1) < needs[item.code] for item in exchange.gives)
