"""Programs in as Human Services Data Specification: 3.0 as JSON or CSV, and the older Ohana dialect of it.

What HSDS has no field for travels in ``attributes`` whose taxonomy term's code starts with ``passerelle:`` (decision 4):

- ``passerelle:requires``: one OR-group, e.g. ``clb:speaking:6|credential:assessment``; several attributes are an AND;
- ``passerelle:gives``: one item, e.g. ``clb:speaking:7``;
- ``passerelle:intake``: ``2027-01-11;weeks=12;seats=15;cost=0;region=AB-825`` (cost in cents; no region: online);
- ``passerelle:stream``, ``passerelle:weekly_hours``, ``passerelle:name:fr``, ``passerelle:description:fr``.

Contacts are never kept: they are people. What cannot be used is reported with its place; nothing else is lost.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from federation.problems import Problem
from federation.strict_json import load as load_json
from federation.vocabularies import load as load_vocabularies

PREFIX: Final = "passerelle:"
MOST_BYTES: Final = 16_777_216
SKILLS: Final = ("listening", "speaking", "reading", "writing")
Items = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """One place that could not be used: line and column where the file has them, else a JSON pointer in ``column``."""

    file: str
    line: int | None
    column: str
    reason: str


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
        return _read_folder(path)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise Problem("bad-request", f"{path.name} cannot be read: {error.strerror}.") from error
    return _collect(path.name, _json_services(load_json(body, max_bytes=MOST_BYTES)))


Row = tuple[int | None, str, Mapping[str, Any]]
"""Line (or nothing), JSON pointer (or empty), and the service."""


def _json_services(document: Any) -> list[Row]:
    """Return services of a service, a page of services, an organisation, a service at location, or the tabular form."""
    if isinstance(document, list):
        return [(None, f"/{number}", item) for number, item in enumerate(document)]
    if not isinstance(document, dict):
        raise Problem("bad-request", "The file holds neither a service nor a list of services.")
    if "services.csv" in document:
        rows = document["services.csv"]
        return [(None, f"/services.csv/{number}", item) for number, item in enumerate(rows)]
    if "contents" in document:
        return [(None, f"/contents/{number}", item) for number, item in enumerate(document["contents"])]
    if isinstance(document.get("service"), dict):
        return [(None, "/service", document["service"])]
    if "services" in document:
        owner = {"name": document.get("name", "")}
        services = document["services"]
        return [
            (None, f"/services/{number}", {"organization": owner} | item if isinstance(item, dict) else item)
            for number, item in enumerate(services)
        ]
    return [(None, "", document)]


def _read_folder(folder: Path) -> HsdsImport:
    services = folder / "services.csv"
    if not services.is_file():
        raise Problem("bad-request", f"{folder.name} has no services.csv.")
    owners = {row["id"]: row.get("name", "") for _, row in _csv_rows(folder / "organizations.csv")}
    places = {row["id"]: row.get("organization_id", "") for _, row in _csv_rows(folder / "locations.csv")}
    rows: list[Row] = []
    for line, row in _csv_rows(services):
        # Ohana's services belong to a location, HSDS's to an organisation.
        owner = row.get("organization_id") or places.get(row.get("location_id", ""), "")
        rows.append((line, "", row | {"organization": {"name": owners.get(owner, "")}}))
    return _collect("services.csv", rows)


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    if not path.is_file():
        return
    if path.stat().st_size > MOST_BYTES:
        raise Problem("body-too-large", f"{path.name} is larger than {MOST_BYTES} bytes: split it.")
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    for row in reader:
        yield reader.line_num, {str(key): value or "" for key, value in row.items() if key}


def _collect(file: str, rows: list[Row]) -> HsdsImport:
    programs: list[ProgramRecord] = []
    errors: list[RowError] = []
    seen: set[str] = set()
    if not rows:
        errors.append(RowError(file, None, "", "no service in this file"))
    for line, pointer, row in rows:
        faults = _faults(row, seen)
        if faults:
            errors += [
                RowError(file, line, f"{pointer}/{column}" if pointer else column, reason) for column, reason in faults
            ]
            continue
        program, unread = _program(file, row)
        seen.add(str(row["id"]))
        programs.append(program)
        errors += [
            RowError(file, line, f"{pointer}/{column}" if pointer else column, reason) for column, reason in unread
        ]
    return HsdsImport(tuple(programs), tuple(errors))


def _faults(row: Any, seen: set[str]) -> list[tuple[str, str]]:
    if not isinstance(row, Mapping):
        return [("", "not an object")]
    faults = [(name, "missing: every service has one") for name in ("id", "name", "status") if not row.get(name)]
    if not faults and not isinstance(row["name"], str):
        faults.append(("name", "not a text"))
    if not faults and len(str(row["id"])) > 64:
        faults.append(("id", "longer than 64 characters"))
    if not faults and str(row["id"]) in seen:
        faults.append(("id", "stands twice in this file; the first is kept"))
    status = str(row.get("status") or "")
    if not faults and status not in {"active", "inactive", "defunct", "temporarily closed"}:
        faults.append(("status", f"not an HSDS status: {status[:40]}"))
    if not faults and status != "active":
        faults.append(("status", f"{status}: only active services are offered"))
    return faults


def _program(file: str, row: Mapping[str, Any]) -> tuple[ProgramRecord, list[tuple[str, str]]]:
    """Return the program, and what of its optional parts could not be read."""
    ours, unread = _extension(row)
    name, description = str(row["name"]), str(row.get("description") or "")
    last_true = _day(str(row.get("assured_date") or row.get("last_modified") or "")[:10])
    organisation = row.get("organization") or {}
    program = ProgramRecord(
        id=str(row["id"]),
        provider=str(organisation.get("name") or "") or "not stated",
        names={"en": name, "fr": ours.get("name:fr", [name])[0]},
        description={"en": description, "fr": ours.get("description:fr", [description])[0]},
        stream=next(iter(ours.get("stream", [])), None),
        url=str(row.get("url") or row.get("website") or "") or None,
        requires=tuple(ours.get("requires", [])),
        gives=tuple(item for items in ours.get("gives", []) for item in items),
        weekly_hours=ours.get("weekly_hours", [0])[0],
        languages=_languages(row),
        last_true_on=last_true,
        source=file,
        intakes=tuple(ours.get("intake", [])),
    )
    return program, unread


def _languages(row: Mapping[str, Any]) -> tuple[str, ...]:
    listed = row.get("languages") or []
    if not isinstance(listed, list):
        return ()
    found = {str(item.get("code")) for item in listed if isinstance(item, Mapping)}
    return tuple(sorted(code for code in found if load_vocabularies().has("languages", code)))


def _extension(row: Mapping[str, Any]) -> tuple[dict[str, list[Any]], list[tuple[str, str]]]:
    found: dict[str, list[Any]] = {}
    unread: list[tuple[str, str]] = []
    attributes = row.get("attributes") or []
    for number, attribute in enumerate(attributes if isinstance(attributes, list) else []):
        term = attribute.get("taxonomy_term") if isinstance(attribute, Mapping) else None
        code = str((term or {}).get("code") or "")
        if not code.startswith(PREFIX):
            continue
        name, value = code.removeprefix(PREFIX), str(attribute.get("value") or "")
        try:
            found.setdefault(name, []).append(_value(name, value))
        except ValueError as error:
            unread.append((f"attributes/{number}/value", str(error)))
    return found, unread


def _value(name: str, value: str) -> Any:
    if name in {"requires", "gives"}:
        return tuple(_item(part) for part in value.split("|"))
    if name == "intake":
        return _intake(value)
    if name == "weekly_hours":
        return _whole(value, "weekly hours", 0, 168)
    if name == "stream" and not load_vocabularies().has("program_streams", value):
        raise ValueError(f"{value!r} is not a program stream")
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
