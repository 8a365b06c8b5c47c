"""Small HSDS files, good and easy to change, and what reading them tells."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from federation.hsds import HsdsImport, read_services
from federation.problems import Problem

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
codes = st.text("abcdefghij-", min_size=1, max_size=12)
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


def read(tmp_path: Path, document: Any) -> HsdsImport:
    path = tmp_path / "programs.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_services(path)


def told(found: HsdsImport) -> list[tuple[str, str]]:
    return [(error.column, error.reason) for error in found.errors]


def refusal(path: Path) -> Problem:
    with pytest.raises(Problem) as problem:
        read_services(path)
    return problem.value
