"""People of an agency's spreadsheet: what stays, what would leave, and every row that cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from federation.connector.mapping import GIVEN_ON, LISTS, NUMBERS, Column, ColumnMapping
from federation.connector.precision import COARSE, Precision
from federation.connector.spreadsheet import read_rows
from federation.deidentify import generalise
from federation.documents import ProfileDocument, read
from federation.linkage.traits import LISTS as LINKAGE_LISTS
from federation.problems import Problem


@dataclass(frozen=True, slots=True)
class Person:
    """One usable row: the agency's own key, the contact that stays, the profile that would leave.

    ``linkage`` stays too: keyed tokens are made of it (federation.connector.linkage).
    """

    line: int
    key: str
    contact: dict[str, str]
    profile: dict[str, Any]
    linkage: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowError:
    """One value that cannot be used. The value itself is not repeated: reports get mailed around."""

    line: int
    column: str
    reason: str


def read_people(
    path: Path, mapping: ColumnMapping, today: date, precision: Precision = COARSE
) -> tuple[list[Person], list[RowError]]:
    """Return usable people and every fault, row by row; occupations as precise as their programs need.

    Raises
    ------
    Problem
        ``invalid-fields`` naming a column the mapping does not: then nothing is read at all; or the file is unreadable.
    """
    people: list[Person] = []
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    for line, row in read_rows(path):
        _refuse_unnamed(path, mapping, row)
        person, faults = _person(line, row, mapping, today, precision)
        if person and person.key in seen:
            faults = [RowError(line, " + ".join(mapping.key), f"the same person stands on line {seen[person.key]}")]
        if faults or person is None:
            errors += faults
            continue
        seen[person.key] = line
        people.append(person)
    return people, errors


def _refuse_unnamed(path: Path, mapping: ColumnMapping, row: Mapping[str, str]) -> None:
    unnamed = sorted(set(row) - mapping.named())
    if unnamed:
        raise Problem(
            "invalid-fields",
            f"{path.name} has a column {unnamed[0]!r} that the mapping does not name: map it, keep it as contact, or drop it.",
        )


def _person(
    line: int, row: Mapping[str, str], mapping: ColumnMapping, today: date, precision: Precision
) -> tuple[Person | None, list[RowError]]:
    key = "\0".join(row.get(column, "") for column in mapping.key).casefold()
    if not key.strip("\0"):
        return None, [RowError(line, " + ".join(mapping.key), "empty: it tells people apart")]
    fields, faults = _fields(line, row, mapping)
    if faults:
        return None, faults
    record = {"kind": mapping.kind, "confirmed_on": today.isoformat()} | dict(mapping.constants) | fields
    try:
        profile = generalise(record, min(mapping.occupation_digits, precision.of(record.get("formats", ()))))
    except ValueError:
        return None, [RowError(line, _column_of(mapping, "/years"), "not a whole number of years, 0 or more")]
    given_on = _given_on(profile.pop("consent", {}), mapping)
    if given_on is None:
        return None, [RowError(line, _column_of(mapping, "/" + GIVEN_ON), "not a date such as 2026-11-01")]
    profile["consent"] = _consent(mapping, given_on)
    try:
        read(ProfileDocument(), profile)
    except Problem as problem:
        return None, [RowError(line, _column_of(mapping, error.pointer), error.detail) for error in problem.errors]
    contact = {name: " ".join(row.get(column, "") for column in columns) for name, columns in mapping.contact.items()}
    linkage = _linkage(row, mapping)
    if not _is_day(linkage.get("birth_date", "2000-01-02")):
        return None, [RowError(line, mapping.linkage["birth_date"][0], "not a date such as 1988-05-17")]
    return Person(line, key, contact, profile, linkage), []


def _linkage(row: Mapping[str, str], mapping: ColumnMapping) -> dict[str, Any]:
    """Return what tokens are made of, without what is empty."""
    said = {name: [row[column] for column in columns if row.get(column)] for name, columns in mapping.linkage.items()}
    return {name: cells if name in LINKAGE_LISTS else " ".join(cells) for name, cells in said.items() if cells}


def _is_day(text: str) -> bool:
    """Whether a text is a date written YYYY-MM-DD; Python reads other forms too."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _fields(line: int, row: Mapping[str, str], mapping: ColumnMapping) -> tuple[dict[str, Any], list[RowError]]:
    fields: dict[str, Any] = {}
    faults: list[RowError] = []
    for name, column in mapping.columns.items():
        text = row.get(name, "")
        if not text:
            continue
        parts = [part.strip() for part in text.split(column.split)] if column.split else [text]
        known = [part for part in parts if column.values is None or part in column.values]
        if len(known) < len(parts):
            faults.append(RowError(line, name, "a value the mapping does not translate"))
            continue
        values = [part if column.values is None else column.values[part] for part in known]
        if column.field in NUMBERS and column.values is None:
            if not text.isdecimal() or len(text) > 3:
                faults.append(RowError(line, name, "not a whole number"))
                continue
            values = [int(text)]
        _fill(fields, column, values)
    return fields, faults


def _fill(fields: dict[str, Any], column: Column, values: list[Any]) -> None:
    """Put values where the field's path says: ``readiness.clb.speaking`` nests."""
    *path, last = column.field.split(".")
    for step in path:
        fields = fields.setdefault(step, {})
    fields[last] = sorted(set(values)) if column.field in LISTS else values[0]


def _given_on(said: Mapping[str, Any], mapping: ColumnMapping) -> date | None:
    """Return the day of a person's own consent, or the day the mapping says for everybody."""
    text = said.get("given_on")
    if text is None:
        given: date | None = mapping.consent.get("given_on")
        return given
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _consent(mapping: ColumnMapping, given_on: date) -> dict[str, Any]:
    """Return the receipt: the same at every import, since acceptances and introductions are bound to its hash."""
    return {
        "purposes": list(mapping.consent["purposes"]),
        "notice_version": mapping.consent["notice_version"],
        "given_on": given_on.isoformat(),
        "until": (given_on + timedelta(days=int(mapping.consent["days"]))).isoformat(),
    }


def _column_of(mapping: ColumnMapping, pointer: str) -> str:
    """Name the column behind a field's JSON pointer; the field itself where no column fills it."""
    field = pointer.strip("/").replace("/", ".")
    for name, column in mapping.columns.items():
        if field == column.field or field.startswith(column.field + "."):
            return name
    return field
