"""One record of a file and where it stands, and a place that could not be used."""

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class RowError:
    """One place that could not be used: line and column where the file has them, else a JSON pointer in ``column``."""

    file: str
    line: int | None
    column: str
    reason: str


class Row(NamedTuple):
    """One record and where it stands: the line of a CSV, or a JSON pointer."""

    file: str
    line: int | None
    pointer: str
    record: Any

    def error(self, column: str, reason: str) -> RowError:
        """Say what is wrong with one column of it."""
        place = "/".join(part for part in (self.pointer, column) if part)
        return RowError(
            self.file, self.line, place if self.line or not place else f"/{place.removeprefix('/')}", reason
        )

    def parts(self, name: str) -> list["Row"]:
        """Return the records of a nested list, each with its own place; what is no list is one record."""
        listed = self.record.get(name) or []
        if not isinstance(listed, list):
            return [self._replace(pointer="/".join(filter(None, (self.pointer, name))), record=listed)]
        return [
            item if isinstance(item, Row) else self._replace(pointer=f"{self.pointer}/{name}/{number}", record=item)
            for number, item in enumerate(listed)
        ]


Found = tuple[list[Row], list[RowError]]
