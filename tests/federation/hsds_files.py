"""Small HSDS files, good and easy to change."""

from pathlib import Path
from typing import Any

CSV_FILES = {
    "services": ["id,organization_id,name,status", "s1,o1,Course,active"],
    "organizations": ["id,name", "o1,School"],
    "attributes": ["id,link_id,taxonomy_term_id,value", "a1,s1,t1,clb:speaking:7"],
    "taxonomy_terms": ["id,code", "t1,passerelle:gives"],
    "languages": ["id,service_id,name,code", "l1,s1,French,fr"],
}


def attribute(name: str, value: str) -> dict[str, Any]:
    return {"value": value, "taxonomy_term": {"code": f"passerelle:{name}"}}


def service(*attributes: Any) -> dict[str, Any]:
    return {"id": "s1", "name": "Course", "status": "active", "attributes": list(attributes)}


def write_csv(folder: Path, **changes: list[str]) -> None:
    for name, lines in (CSV_FILES | changes).items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
