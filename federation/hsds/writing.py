"""Programs out: HSDS 3.0 services, our extension in their attributes."""

import json
from collections.abc import Mapping
from typing import Any

from federation.hsds.records import IntakeRecord, ProgramRecord
from federation.hsds.tables import PREFIX
from federation.vocabularies import load as load_vocabularies


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
