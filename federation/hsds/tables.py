"""Tables of services joined back together, as the nested form has them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from federation.hsds.rows import Found, Row

PREFIX: Final = "passerelle:"
MOST_BYTES: Final = 16_777_216
TABLES: Final = ("services", "organizations", "locations", "attributes", "taxonomy_terms", "languages")


def joined(tables: Mapping[str, list[Row]]) -> Found:
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
