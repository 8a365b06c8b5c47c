"""Partnerships at the API's door: one effect under one key, a coded reason and nothing else."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from hub.database import Database
from hub.services import organisations
from tests.hub.doors import TESTS, System

ADDRESS = "/api/v1/partnerships"


@pytest.fixture
def running(
    eriec: System, pin: System, hub_database: Database, mentee: dict[str, Any], mentor: dict[str, Any]
) -> dict[str, Any]:
    """What both sides of one pair said yes to, as ERIEC reads it."""
    with hub_database.transaction() as session:
        organisations.agree(session, TESTS, "pin-afghan", "eriec", date(2026, 1, 1))
    eriec.call("PUT", "/api/v1/profiles/mentee-001", json=mentee)
    pin.call("PUT", "/api/v1/profiles/mentor-001", json=mentor)
    shown = eriec.call("GET", "/api/v1/mentees/mentee-001/recommendations").get_json()["recommendations"]
    asked = {"mentee": "mentee-001", "handle": shown[0]["handle"]}
    proposal = eriec.call("POST", "/api/v1/proposals", json=asked).get_json()["id"]
    for one in (eriec, pin):
        one.call("POST", f"/api/v1/proposals/{proposal}/accept")
    page = eriec.call("GET", ADDRESS).get_json()
    assert page["next"] is None
    (found,) = page["items"]
    assert found["proposal"] == proposal
    return dict(found)


def test_each_side_reads_its_own_pseudonym_and_the_other_s_organisation(
    eriec: System, pin: System, running: dict[str, Any]
) -> None:
    theirs = pin.call("GET", f"{ADDRESS}/{running['id']}").get_json()

    assert (running["my_pseudonyms"], theirs["my_pseudonyms"]) == ({"mentee": "mentee-001"}, {"mentor": "mentor-001"})
    for one in (running, theirs):
        assert (one["state"], one["format"], one["ended_at"]) == ("exploring", "one_to_one", None)
        assert (one["mentee_organisation"], one["mentor_organisation"]) == ("eriec", "pin-afghan")
    assert "mentor-001" not in str(running)


def test_completing_twice_under_one_key_has_one_effect_and_one_answer(pin: System, running: dict[str, Any]) -> None:
    address, key = f"{ADDRESS}/{running['id']}/complete", {"Idempotency-Key": str(uuid4())}

    first = pin.call("POST", address, headers=key)
    again = pin.call("POST", address, headers=key)
    other = pin.call("POST", address)

    assert (first.status_code, again.status_code, first.get_json()) == (200, 200, again.get_json())
    assert first.get_json()["state"] == "completed"
    assert (other.status_code, other.get_json()["state"], other.get_json()["allowed"]) == (409, "completed", [])
    ended = [one for one in pin.call("GET", "/api/v1/events").get_json()["items"] if "partnership" in one["type"]]
    assert [(one["type"], one["subject"]) for one in ended] == [
        ("partnership.completed", f"partnership:{running['id']}")
    ]
    assert ended[0]["data"] == {"state": "completed", "proposal": running["proposal"]}


def test_it_ends_early_with_a_code_that_the_other_side_reads(
    eriec: System, pin: System, running: dict[str, Any]
) -> None:
    over = eriec.call("POST", f"{ADDRESS}/{running['id']}/end", json={"reason": "lost_contact"}).get_json()

    assert (over["state"], over["end_reason"], over["allowed"]) == ("ended_early", "lost_contact", [])
    assert pin.call("GET", f"{ADDRESS}/{running['id']}").get_json()["end_reason"] == "lost_contact"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "invalid-fields"),
        ({"reason": "she was late again"}, "invalid-fields"),
        ({"reason": "no_capacity"}, "invalid-fields"),
        ({"reason": "schedule", "note": "she was late again"}, "unknown-field"),
    ],
)
def test_a_reason_is_of_its_list_and_nothing_is_said_beside_it(
    eriec: System, running: dict[str, Any], body: dict[str, str], kind: str
) -> None:
    refused = eriec.call("POST", f"{ADDRESS}/{running['id']}/end", json=body)

    assert (refused.status_code, refused.get_json()["type"].rpartition(":")[2]) == (422, kind)
    assert "late again" not in refused.text
    assert eriec.call("GET", f"{ADDRESS}/{running['id']}").get_json()["state"] == "exploring"
