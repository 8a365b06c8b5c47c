"""Where services stand in a file: nested JSON, pages of it, or tables (JSON or CSV, HSDS or Ohana) joined back together."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from federation.problems import Problem

PREFIX: Final = "passerelle:"
MOST_BYTES: Final = 16_777_216
TABLES: Final = ("services", "organizations", "locations", "attributes", "taxonomy_terms", "languages")
# What no text of the network may hold: PostgreSQL cannot keep NUL, and the JSON loader refuses the others as well.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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


def json_rows(file: str, document: Any) -> Found:
    """Return services of a service, a page of services, an organisation, services at locations, or the tabular form.

    Raises
    ------
    Problem
        ``bad-request`` when the document is neither an object nor a list.
    """
    if not isinstance(document, dict | list):
        raise Problem("bad-request", "The file holds neither a service nor a list of services.")
    if isinstance(document, dict) and "services.csv" in document:
        tables = {name: _json_table(file, document, f"{name}.csv") for name in TABLES}
        return _join(tables)
    return list(_nested(Row(file, None, "", document), {})), []


def _json_table(file: str, document: Mapping[str, Any], name: str) -> list[Row]:
    listed = document.get(name)
    return [
        Row(file, None, f"/{name}/{number}", item)
        for number, item in enumerate(listed if isinstance(listed, list) else [])
    ]


def _nested(row: Row, owner: Mapping[str, Any]) -> Iterator[Row]:
    """Walk down to services; those inside an organisation belong to it. Depth is bounded by the JSON loader."""
    value = row.record
    if isinstance(value, Mapping):
        for name in ("contents", "services"):
            if isinstance(value.get(name), list):
                inner = owner if name == "contents" else {"organization": {"name": value.get("name", "")}}
                yield from _nested(Row(row.file, None, f"{row.pointer}/{name}", value[name]), inner)
                return
        if isinstance(value.get("service"), Mapping):
            yield from _nested(Row(row.file, None, f"{row.pointer}/service", value["service"]), owner)
            return
        yield row._replace(record={**owner, **value})
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _nested(Row(row.file, None, f"{row.pointer}/{number}", item), owner)
    else:
        yield row


def folder_rows(folder: Path) -> Found:
    """Return services of a folder of HSDS or Ohana CSV files.

    Raises
    ------
    Problem
        ``bad-request`` without services.csv or when a file is not CSV in UTF-8, ``body-too-large``.
    """
    if not (folder / "services.csv").is_file():
        raise Problem("bad-request", f"{folder.name} has no services.csv.")
    read = {name: _csv_table(folder / f"{name}.csv") for name in TABLES}
    rows, errors = _join({name: rows for name, (rows, _) in read.items()})
    return rows, [error for _, unread in read.values() for error in unread] + errors


def _csv_table(path: Path) -> Found:
    if not path.is_file():
        return [], []
    if path.stat().st_size > MOST_BYTES:
        raise Problem("body-too-large", f"{path.name} is larger than {MOST_BYTES} bytes: split it.")
    try:
        return _csv_rows(path.name, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Problem("bad-request", f"{path.name} is not UTF-8 at byte {error.start}: save it as UTF-8.") from error
    except csv.Error as error:
        raise Problem("bad-request", f"{path.name} is not CSV: {error}.") from error
    except OSError as error:
        raise Problem("bad-request", f"{path.name} cannot be read: {error.strerror}.") from error


def _csv_rows(file: str, text: str) -> Found:
    """Read rows with the line each begins on; a row that does not fit its headings is reported, not guessed at."""
    reader = csv.reader(io.StringIO(text))
    headings = next(reader, [])
    rows: list[Row] = []
    errors: list[RowError] = []
    line = reader.line_num + 1
    for cells in reader:
        row = Row(file, line, "", dict(zip(headings, cells, strict=False)))
        line = reader.line_num + 1
        if len(cells) > len(headings):
            errors.append(row.error("", "more cells than headings"))
        elif any(_CONTROL.search(cell) for cell in cells):
            errors.append(row.error("", "a control character"))
        elif any(cells):
            rows.append(row)
    return rows, errors


def _join(tables: Mapping[str, list[Row]]) -> Found:
    """Give every service its organisation, its languages and our attributes, as the nested form has them."""
    named = _by_id(tables["organizations"], "name")
    placed = _by_id(tables["locations"], "organization_id")
    known = {str(row.record.get("id")) for row in tables["services"] if isinstance(row.record, Mapping)}
    terms = _by_id(tables["taxonomy_terms"], "code")
    ours = [row for row in _mappings(tables["attributes"]) if _term(row, terms).startswith(PREFIX)]
    spoken = [row for row in _mappings(tables["languages"]) if row.record.get("service_id")]
    rows = []
    for row in tables["services"]:
        if isinstance(row.record, Mapping):
            attributes = [
                one._replace(record={"value": one.record.get("value"), "taxonomy_term": {"code": _term(one, terms)}})
                for one in ours
                if one.record.get("link_id") == row.record.get("id")
            ]
            languages = [one for one in spoken if one.record["service_id"] == row.record.get("id")]
            # Ohana's services belong to a location and name their languages, HSDS's belong to an organisation.
            owner = row.record.get("organization_id") or placed.get(str(row.record.get("location_id")), "")
            joined = {"organization": {"name": named.get(str(owner), "")}, "attributes": attributes}
            row = row._replace(record={**row.record, **joined, "languages": languages or row.record.get("languages")})
        rows.append(row)
    lost = [
        row.error("link_id", "no service of this id") for row in ours if str(row.record.get("link_id")) not in known
    ]
    lost += [
        row.error("service_id", "no service of this id") for row in spoken if row.record["service_id"] not in known
    ]
    return rows, lost


def _mappings(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if isinstance(row.record, Mapping))


def _by_id(rows: Iterable[Row], name: str) -> dict[str, str]:
    return {str(row.record.get("id")): str(row.record.get(name) or "") for row in _mappings(rows)}


def _term(row: Row, terms: Mapping[str, str]) -> str:
    return terms.get(str(row.record.get("taxonomy_term_id")), "")
