"""A mapping file says what each column of an agency's spreadsheet becomes, or that it never leaves.

Every column is named in it: translated to a field, part of the contact that stays here, part of the key that tells people
apart, part of what keyed tokens are made of, or dropped. A column that is not named stops the import: it may hold what
nobody meant to send.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from marshmallow import fields as kinds

from federation.deidentify import MOST_DIGITS
from federation.documents import CLB_SKILLS, ProfileDocument
from federation.problems import Problem

FIELDS: Final = ProfileDocument().fields
# Fields that hold several codes.
LISTS: Final = frozenset(name for name, field in FIELDS.items() if isinstance(field, kinds.List))
# What the connector generalises on the way: see federation.deidentify.
GENERALISED: Final = frozenset({"years", "city", "fsa", "province"})
CONTACT: Final = frozenset({"name", "email", "phone"})
# What keyed tokens are made of (federation.linkage); several columns of a field stand for several names, telephones ...
LINKAGE: Final = frozenset(
    {"given_names", "family_names", "birth_date", "phones", "emails", "street", "locality", "postal_code"}
)
KEYS: Final = frozenset(
    {"kind", "key", "drop", "constants", "consent", "contact", "columns", "linkage", "occupation_digits"}
)
GIVEN_ON: Final = "consent.given_on"
NUMBERS: Final = frozenset({"seats", *(f"readiness.clb.{skill}" for skill in CLB_SKILLS)})
MOST_CONSENT_DAYS: Final = 3 * 366


@dataclass(frozen=True, slots=True)
class Column:
    """What one column becomes: a field (a path such as ``readiness.clb.reading``), split and translated where said.

    Without ``values`` the text itself is the code; with them any other text is a fault of its row.
    """

    field: str
    split: str | None = None
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping file, checked."""

    kind: str
    key: tuple[str, ...]
    contact: Mapping[str, tuple[str, ...]]
    drop: frozenset[str]
    constants: Mapping[str, Any]
    consent: Mapping[str, Any]
    columns: Mapping[str, Column]
    linkage: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    occupation_digits: int = MOST_DIGITS
    """The most digits of an occupation that leave, whatever the hub's programs ask for."""

    def private(self) -> frozenset[str]:
        """Columns that never leave as they are: of those for linkage only a keyed token, or a city's region."""
        generalised = {name for name, column in self.columns.items() if column.field in GENERALISED}
        kept = (column for columns in self.contact.values() for column in columns)
        linked = {column for columns in self.linkage.values() for column in columns}
        return frozenset({*self.key, *self.drop, *kept, *(linked - generalised)})

    def named(self) -> frozenset[str]:
        """Every column the file names."""
        return self.private() | self.columns.keys()


def read_mapping(path: Path) -> ColumnMapping:
    """Read and check a mapping file (TOML).

    Raises
    ------
    Problem
        ``bad-request``: no such file or not TOML; ``invalid-fields``: naming what does not hold.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem("bad-request", f"{path.name} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Problem("bad-request", f"{path.name} is not TOML in UTF-8: {error}.") from error
    _known(said, KEYS, "the mapping")
    if said.get("kind") not in ("mentor", "mentee"):
        raise _refused('say kind = "mentor" or kind = "mentee"')
    mapping = ColumnMapping(
        kind=said["kind"],
        key=tuple(_texts(said.get("key"), "key")),
        contact=_contact(_table(said, "contact")),
        drop=frozenset(_texts(said.get("drop", []), "drop")),
        constants={name: _json(value) for name, value in _table(said, "constants").items()},
        consent=_consent(_table(said, "consent")),
        columns={name: _column(name, column) for name, column in _table(said, "columns").items()},
        linkage=_linkage(_table(said, "linkage")),
        occupation_digits=_digits(said.get("occupation_digits", MOST_DIGITS)),
    )
    _check(mapping)
    return mapping


def _column(name: str, said: Any) -> Column:
    if not isinstance(said, dict) or not isinstance(said.get("field"), str):
        raise _refused(f'the column {name!r} needs field = "..."')
    _known(said, frozenset({"field", "split", "values"}), f"the column {name!r}")
    split, values = said.get("split"), said.get("values")
    if not (split is None or (isinstance(split, str) and split)) or not (values is None or isinstance(values, dict)):
        raise _refused(f"the column {name!r}: split is a text, values a table")
    return Column(said["field"], split, values)


def _contact(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    _known(said, CONTACT, "contact")
    return {name: tuple(_texts(columns, f"contact.{name}")) for name, columns in said.items()}


def _linkage(said: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    _known(said, LINKAGE, "linkage")
    found = {name: tuple(_texts(columns, f"linkage.{name}")) for name, columns in said.items()}
    if len(found.get("birth_date", ("one",))) != 1:
        raise _refused("linkage.birth_date names one column")
    return found


def _digits(said: Any) -> int:
    if type(said) is not int or not 1 <= said <= MOST_DIGITS:
        raise _refused(f"occupation_digits is a whole number from 1 to {MOST_DIGITS}")
    return said


def _consent(said: Mapping[str, Any]) -> dict[str, Any]:
    _known(said, frozenset({"purposes", "notice_version", "days", "given_on"}), "consent")
    if not isinstance(said.get("given_on"), date | None):
        raise _refused("consent.given_on is a date, e.g. 2026-11-01, where one day holds for everybody")
    days = said.get("days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_CONSENT_DAYS:
        raise _refused(f"consent.days is a whole number from 1 to {MOST_CONSENT_DAYS}")
    if not isinstance(said.get("notice_version"), str):
        raise _refused("consent.notice_version is the hash of the notice people were shown")
    return {**said, "purposes": _texts(said.get("purposes"), "consent.purposes")}


def _check(mapping: ColumnMapping) -> None:
    """Refuse fields that profiles do not have, and a column that is private and sent."""
    if not mapping.key:
        raise _refused("key names the columns that tell people apart")
    own = [column.field for column in mapping.columns.values()] + list(mapping.constants)
    unknown = sorted({name for name in own if name.partition(".")[0] not in FIELDS.keys() | GENERALISED})
    if unknown:
        raise _refused(f"a profile has no field {unknown[0]!r}")
    both = sorted(mapping.private() & mapping.columns.keys())
    if both:
        raise _refused(f"the column {both[0]!r} is private and mapped to a field: choose one")
    dated = mapping.consent.get("given_on") or any(column.field == GIVEN_ON for column in mapping.columns.values())
    if not dated:
        raise _refused(
            f"say when consent was given: a column with field = {GIVEN_ON!r}, or consent.given_on for everybody"
        )


def _json(value: Any) -> Any:
    """Return a TOML value as it stands in JSON: dates become texts."""
    return value.isoformat() if isinstance(value, date) else value


def _known(said: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(said.keys() - known)
    if unknown:
        raise _refused(f"unknown key {unknown[0]!r} in {where}; known are {', '.join(sorted(known))}")


def _table(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name, {})
    if not isinstance(found, dict):
        raise _refused(f"{name} is a table")
    return found


def _texts(said: Any, name: str) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(item, str) for item in said):
        raise _refused(f"{name} is a list of texts")
    return said


def _refused(what: str) -> Problem:
    return Problem("invalid-fields", f"Correct the mapping file: {what}.")
