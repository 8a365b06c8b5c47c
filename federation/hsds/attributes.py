"""Our extension: attributes whose taxonomy term's code starts with ``passerelle:``, read."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from federation.hsds.records import IntakeRecord
from federation.hsds.rows import Row, RowError
from federation.hsds.tables import PREFIX
from federation.vocabularies import load as load_vocabularies

SINGLE: Final = frozenset({"stream", "weekly_hours", "name:fr", "description:fr"})
SKILLS: Final = ("listening", "speaking", "reading", "writing")


def extension(row: Row) -> tuple[dict[str, list[Any]], list[RowError], bool]:
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
    starts_on = day(first)
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


def day(text: str) -> date | None:
    """Read YYYY-MM-DD; nothing for what is no date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
