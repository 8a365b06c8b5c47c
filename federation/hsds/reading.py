"""Programs in: what can be used of each service, and every place that could not."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from federation.hsds.attributes import day, extension
from federation.hsds.csv_files import folder_rows
from federation.hsds.json_files import json_rows
from federation.hsds.records import HsdsImport, ProgramRecord
from federation.hsds.rows import Found, Row, RowError
from federation.hsds.tables import MOST_BYTES
from federation.problems import Problem
from federation.strict_json import load as load_json
from federation.vocabularies import load as load_vocabularies

MOST_LETTERS: Final = {"id": 64, "provider": 200, "url": 500, "source": 200}


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
    ours, unread, open_to_all = extension(row)
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
    return day(str(record.get("assured_date") or record.get("last_modified") or "")[:10])


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
