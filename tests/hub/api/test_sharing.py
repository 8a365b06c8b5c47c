"""``/sharing``: the window and the agreements of an organisation, by its own system."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import OutboxMessage
from hub.services import organisations
from tests.hub.doors import TESTS, System

SHARING = "/api/v1/sharing"


@pytest.fixture
def agreed(eriec: System, pin: System, hub_database: Database) -> str:
    """The agreement by which the network shares its mentors with eriec."""
    hub_database.run(lambda session: organisations.agree(session, TESTS, "pin-afghan", "eriec", date(2026, 1, 1)))
    (agreement,) = eriec.call("GET", SHARING).get_json()["agreements"]
    return str(agreement["id"])


def test_an_organisation_reads_its_window_and_its_agreements_from_its_side(eriec: System, pin: System, agreed: str):
    mine, theirs = (system.call("GET", SHARING).get_json() for system in (eriec, pin))

    expected: dict[str, Any] = {
        "id": agreed,
        "sharing": "pin-afghan",
        "receiving": "eriec",
        "mine": "receiving",
        "state": "current",
        "starts_on": "2026-01-01",
        "ends_on": None,
        "withdrawn_at": None,
    }
    assert mine == {"local_first_days": 0, "agreements": [expected]}
    assert theirs["agreements"] == [expected | {"mine": "sharing"}]


def test_a_window_is_set_for_oneself(eriec: System, pin: System):
    answer = eriec.call("PUT", SHARING, json={"local_first_days": 14})

    assert (answer.status_code, answer.get_json()["local_first_days"]) == (200, 14)
    assert pin.call("GET", SHARING).get_json()["local_first_days"] == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"local_first_days": 91}, "invalid-fields"),
        ({"local_first_days": -1}, "invalid-fields"),
        ({"local_first_days": "14"}, "invalid-fields"),
        ({}, "invalid-fields"),
        ({"local_first_days": 14, "organisation": "pin-afghan"}, "unknown-field"),
    ],
)
def test_what_is_no_window_is_refused(eriec: System, body: dict[str, Any], kind: str):
    answer = eriec.call("PUT", SHARING, json=body)

    assert (answer.status_code, answer.get_json()["type"].rpartition(":")[2]) == (422, kind)
    assert eriec.call("GET", SHARING).get_json()["local_first_days"] == 0


def test_either_side_ends_an_agreement_and_both_are_told(
    eriec: System, pin: System, agreed: str, hub_database: Database
):
    answer = pin.call("POST", f"{SHARING}/agreements/{agreed}/withdraw", json={})

    (ended,) = answer.get_json()["agreements"]
    assert (answer.status_code, ended["state"]) == (200, "withdrawn")
    with hub_database.reading() as session:
        told = session.scalars(select(OutboxMessage.organisation_id).where(OutboxMessage.type == "agreement.withdrawn"))
        assert sorted(told) == ["eriec", "pin-afghan"]
    again = eriec.call("POST", f"{SHARING}/agreements/{agreed}/withdraw", json={})
    assert (again.status_code, again.get_json()["type"].rpartition(":")[2]) == (409, "illegal-move")
    unknown = eriec.call("POST", f"{SHARING}/agreements/nobodys/withdraw", json={})
    assert unknown.status_code == 404
