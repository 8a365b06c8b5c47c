"""Programs in as Human Services Data Specification: 3.0 as JSON or CSV, and the older Ohana dialect of it.

What HSDS has no field for travels in ``attributes`` whose taxonomy term's code starts with ``passerelle:`` (decision 4):

- ``passerelle:requires``: one OR-group, e.g. ``clb:speaking:6|credential:assessment``; several attributes are an AND;
- ``passerelle:gives``: one item, e.g. ``clb:speaking:7``;
- ``passerelle:intake``: ``2027-01-11;weeks=12;seats=15;cost=0;region=AB-825`` (cost in cents; no region: online);
- ``passerelle:stream``, ``passerelle:weekly_hours``, ``passerelle:name:fr``, ``passerelle:description:fr``.

Contacts are never kept: they are people. What cannot be used is reported with its place; nothing else is lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from federation.hsds_tables import MOST_BYTES, PREFIX, Found, Row, RowError, folder_rows, json_rows
from federation.problems import Problem
from federation.strict_json import load as load_json
from federation.vocabularies import load as load_vocabularies

__all__ = ["HsdsImport", "IntakeRecord", "ProgramRecord", "RowError", "dumps", "read_services", "write_service"]

MOST_LETTERS: Final = {"id": 64, "provider": 200, "url": 500, "source": 200}
SINGLE: Final = frozenset({"stream", "weekly_hours", "name:fr", "description:fr"})
SKILLS: Final = ("listening", "speaking", "reading", "writing")
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


def read_services(path: Path) -> HsdsImport:
    """Read programs from an HSDS JSON file, or from a folder of HSDS or Ohana CSV files.

    Raises
    ------
    Problem
        ``malformed-json``, ``body-too-large`` or ``bad-request`` when the whole file cannot be read.
    """
    if path.is_dir():
        return _collect(path.name, folder_rows(path))
    try:
        body = path.read_bytes()
    except OSError as error:
        raise Problem("bad-request", f"{path.name} cannot be read: {error.strerror}.") from error
    return _collect(path.name, json_rows(path.name, load_json(body, max_bytes=MOST_BYTES)))


def _collect(file: str, found: Found) -> HsdsImport:
    rows, errors = found
    programs: list[ProgramRecord] = []
    seen: set[str] = set()
    if not rows:
        errors = [*errors, RowError(file, None, "", "no service in this file")]
    for row in rows:
        unread = [row.error(column, reason) for column, reason in _faults(row.record, seen)]
        if not unread:
            program, unread = _program(row)
            if program is not None:
                seen.add(program.id)
                programs.append(program)
        errors = [*errors, *unread]
    return HsdsImport(tuple(programs), tuple(errors))


def _faults(row: Any, seen: set[str]) -> list[tuple[str, str]]:
    if not isinstance(row, Mapping):
        return [("", "not an object")]
    faults = [(name, "missing: every service has one") for name in ("id", "name", "status") if not row.get(name)]
    if not faults and not isinstance(row["name"], str):
        faults.append(("name", "not a text"))
    if not faults and len(str(row["id"])) > MOST_LETTERS["id"]:
        faults.append(("id", f"longer than {MOST_LETTERS['id']} characters"))
    if not faults and str(row["id"]) in seen:
        faults.append(("id", "stands twice in this file; the first is kept"))
    status = str(row.get("status") or "")
    if not faults and status not in {"active", "inactive", "defunct", "temporarily closed"}:
        faults.append(("status", f"not an HSDS status: {status[:40]}"))
    if not faults and status != "active":
        faults.append(("status", f"{status}: only active services are offered"))
    return faults


def _program(row: Row) -> tuple[ProgramRecord | None, list[RowError]]:
    """Return the program, and what of its optional parts could not be read.

    Without one of its requirements a program would seem open to all: then there is none.
    """
    ours, unread, open_to_all = _extension(row)
    languages, unspoken = _languages(row)
    record = row.record
    name, description = str(record["name"]), str(record.get("description") or "")
    provider, last_true, url = _provider(record), _last_true(record), _address(record)
    unread += unspoken + [
        row.error(column, reason)
        for column, reason, wrong in (
            ("organization/name", f"longer than {MOST_LETTERS['provider']} characters", provider is None),
            ("assured_date", "not a date", last_true is None and bool(record.get("assured_date"))),
            ("url", "not a web address of at most 500 characters", url is None and bool(_written_address(record))),
        )
        if wrong
    ]
    if open_to_all:
        return None, unread
    program = ProgramRecord(
        id=str(record["id"]),
        provider=provider or "not stated",
        names={"en": name, "fr": ours.get("name:fr", [name])[0]},
        description={"en": description, "fr": ours.get("description:fr", [description])[0]},
        stream=next(iter(ours.get("stream", [])), None),
        url=url,
        requires=tuple(ours.get("requires", [])),
        gives=tuple(item for items in ours.get("gives", []) for item in items),
        weekly_hours=ours.get("weekly_hours", [0])[0],
        languages=languages,
        last_true_on=last_true,
        source=row.file[: MOST_LETTERS["source"]],
        intakes=tuple(ours.get("intake", [])),
    )
    return program, unread


def _provider(record: Mapping[str, Any]) -> str | None:
    """Return the organisation's name, empty when none is given, nothing when it is too long."""
    organisation = record.get("organization")
    name = str(organisation.get("name") or "") if isinstance(organisation, Mapping) else ""
    return name if len(name) <= MOST_LETTERS["provider"] else None


def _last_true(record: Mapping[str, Any]) -> date | None:
    return _day(str(record.get("assured_date") or record.get("last_modified") or "")[:10])


def _written_address(record: Mapping[str, Any]) -> str:
    return str(record.get("url") or record.get("website") or "")


def _address(record: Mapping[str, Any]) -> str | None:
    """Return the address when it can be a link on a page: never a script."""
    address = _written_address(record)
    fits = address.startswith(("http://", "https://")) and len(address) <= MOST_LETTERS["url"]
    return address if fits else None


def _languages(row: Row) -> tuple[tuple[str, ...], list[RowError]]:
    """Read language records (code, else name) or Ohana's names between commas."""
    found: set[str] = set()
    unread: list[RowError] = []
    for part in row.parts("languages"):
        if isinstance(part.record, Mapping):
            asked = [(str(part.record.get("code") or ""), str(part.record.get("name") or ""))]
        else:
            asked = [("", name.strip()) for name in str(part.record).split(",")]
        for code, name in asked:
            known = code if load_vocabularies().has("languages", code) else _by_name().get(name.casefold())
            if known is None:
                unread.append(part.error("code" if code else "", f"not a language we know: {(code or name)[:40]}"))
            else:
                found.add(known)
    return tuple(sorted(found)), unread


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, str]:
    names = load_vocabularies().languages
    return {told.casefold(): code for code, name in names.items() for told in (name.en, name.fr) if told}


def _extension(row: Row) -> tuple[dict[str, list[Any]], list[RowError], bool]:
    """Return our attributes by name, those that cannot be read, and whether a requirement is among them."""
    found: dict[str, list[Any]] = {}
    unread: list[RowError] = []
    open_to_all = False
    for part in row.parts("attributes"):
        term = part.record.get("taxonomy_term") if isinstance(part.record, Mapping) else None
        code = str(term.get("code") or "") if isinstance(term, Mapping) else ""
        if not code.startswith(PREFIX):
            continue
        name, value = code.removeprefix(PREFIX), str(part.record.get("value") or "")
        try:
            _add(found, name, _value(name, value))
        except ValueError as error:
            open_to_all |= name == "requires"
            left_out = "; without it the program would seem open to all: left out" if name == "requires" else ""
            unread.append(part.error("value", f"{error}{left_out}"))
    return found, unread, open_to_all


def _add(found: dict[str, list[Any]], name: str, value: Any) -> None:
    values = found.setdefault(name, [])
    start = [(one.starts_on, one.weeks, one.region) for one in (*values, value)] if name == "intake" else [0]
    if (name in SINGLE and values) or len(set(start)) != len(start):
        raise ValueError(f"{name} stands twice; the first is kept")
    values.append(value)


def _value(name: str, value: str) -> Any:
    if name in {"requires", "gives"}:
        return tuple(_item(part) for part in value.split("|"))
    if name == "intake":
        return _intake(value)
    if name == "weekly_hours":
        return _whole(value, "weekly hours", 0, 168)
    if name == "stream" and not load_vocabularies().has("program_streams", value):
        raise ValueError(f"{value!r} is not a program stream")
    if name not in SINGLE:
        raise ValueError(f"{PREFIX}{name} is not one of ours")
    return value


def _item(text: str) -> dict[str, Any]:
    """Read ``clb:speaking:7`` or ``credential:assessment``."""
    parts = text.split(":")
    if parts[0] == "clb" and len(parts) == 3 and parts[1] in SKILLS:
        return {"kind": "clb", "code": parts[1], "level": _whole(parts[2], "CLB", 1, 12)}
    if parts[0] == "credential" and len(parts) == 2 and parts[1]:
        return {"kind": "credential", "code": parts[1], "level": 0}
    raise ValueError(f"{text!r} is neither clb:<skill>:<level> nor credential:<code>")


def _intake(text: str) -> IntakeRecord:
    first, *rest = text.split(";")
    starts_on = _day(first)
    if starts_on is None:
        raise ValueError(f"{first!r} is not a date")
    given = dict(part.partition("=")[::2] for part in rest)
    region = given.get("region")
    if region is not None and not load_vocabularies().has("region", region):
        raise ValueError(f"{region!r} is not a region")
    return IntakeRecord(
        starts_on=starts_on,
        weeks=_whole(given.get("weeks", ""), "weeks", 1, 520),
        seats=_whole(given.get("seats", ""), "seats", 0, 100_000),
        cost_cents=_whole(given.get("cost", "0"), "cost", 0, 100_000_000),
        region=region,
    )


def _whole(text: str, what: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(f"{what} is {text!r}: a whole number from {least} to {most} is needed")
    return int(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def write_service(program: ProgramRecord) -> dict[str, Any]:
    """Return a program as an HSDS 3.0 service object, our extension in its attributes."""
    terms = [("requires", "|".join(_text(item) for item in group)) for group in program.requires]
    terms += [("gives", _text(item)) for item in program.gives]
    terms += [("intake", _intake_text(intake)) for intake in program.intakes]
    terms += [("name:fr", program.names["fr"]), ("description:fr", program.description["fr"])]
    terms += [("stream", program.stream)] if program.stream else []
    terms += [("weekly_hours", str(program.weekly_hours))] if program.weekly_hours else []
    return {
        "id": program.id,
        "name": program.names["en"],
        "description": program.description["en"],
        "url": program.url,
        "status": "active",
        "assured_date": program.last_true_on.isoformat() if program.last_true_on else None,
        "organization": {"name": program.provider},
        "languages": [
            {"code": code, "name": load_vocabularies().label("languages", code, "en")} for code in program.languages
        ],
        "attributes": [{"value": value, "taxonomy_term": {"code": PREFIX + code}} for code, value in terms],
    }


def _text(item: Mapping[str, Any]) -> str:
    return f"clb:{item['code']}:{item['level']}" if item["kind"] == "clb" else f"credential:{item['code']}"


def _intake_text(intake: IntakeRecord) -> str:
    text = f"{intake.starts_on};weeks={intake.weeks};seats={intake.seats};cost={intake.cost_cents}"
    return text + (f";region={intake.region}" if intake.region else "")


def dumps(programs: tuple[ProgramRecord, ...]) -> str:
    """Return a page of services as HSDS 3.0 JSON."""
    return json.dumps({"contents": [write_service(program) for program in programs]}, ensure_ascii=False, indent=1)
