"""Services in JSON: one, a page of them, inside organisations or locations, or as tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from federation.hsds.rows import Found, Row
from federation.hsds.tables import TABLES, joined
from federation.problems import Problem


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
        return joined(tables)
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
