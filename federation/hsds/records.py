"""Programs as the network uses them, and what a file of them gave."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from federation.hsds.rows import RowError

Items = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class IntakeRecord:
    """One start of a program; cost in cents; no region: online."""

    starts_on: date
    weeks: int
    seats: int
    cost_cents: int
    region: str | None


@dataclass(frozen=True, slots=True)
class ProgramRecord:
    """A program as the network uses it."""

    id: str
    provider: str
    names: dict[str, str]
    description: dict[str, str]
    stream: str | None
    url: str | None
    requires: tuple[Items, ...]
    gives: Items
    weekly_hours: int
    languages: tuple[str, ...]
    last_true_on: date | None
    source: str
    intakes: tuple[IntakeRecord, ...]


@dataclass(frozen=True, slots=True)
class HsdsImport:
    """Programs that can be used, and every place that could not."""

    programs: tuple[ProgramRecord, ...]
    errors: tuple[RowError, ...]
