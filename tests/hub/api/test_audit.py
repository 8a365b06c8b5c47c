"""Who was shown one's people, and the trace that a guard leaves."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from federation.answers.profiles import ShownPage
from hub.database import Database
from hub.models import AuditEntry
from hub.services import organisations
from tests.hub.doors import TESTS, System

SHOWN = "/api/v1/audit/shown"
RECOMMENDATIONS = "/api/v1/mentees/mentee-001/recommendations"


@pytest.fixture
def shared(eriec: System, pin: System, hub_database: Database, mentee: dict[str, Any], mentor: dict[str, Any]) -> None:
    """A mentee at ERIEC, six alike mentors at the network, shared with ERIEC."""
    with hub_database.transaction() as session:
        organisations.agree(session, TESTS, "pin-afghan", "eriec", date(2026, 1, 1))
    eriec.call("PUT", "/api/v1/profiles/mentee-001", json=mentee)
    for number in range(6):
        pin.call("PUT", f"/api/v1/profiles/mentor-{number:03d}", json=mentor)


class TestWhoWasShown:
    def test_is_said_to_the_owner_in_counts_by_organisation_and_week(
        self, eriec: System, pin: System, shared: None
    ) -> None:
        eriec.call("GET", RECOMMENDATIONS)

        body = pin.call("GET", SHOWN).get_json()

        assert ShownPage().validate(body) == {}
        (row,) = body["items"]
        assert (row["organisation"], row["mentors"], row["times"]) == ("eriec", 6, 6)
        assert date.fromisoformat(row["week"]).weekday() == 0
        assert "mentee-001" not in str(body)

    def test_is_nothing_to_anybody_else(self, eriec: System, shared: None) -> None:
        eriec.call("GET", RECOMMENDATIONS)

        assert eriec.call("GET", SHOWN).get_json() == {"items": [], "next": None}

    def test_needs_the_scope_to_read_profiles(self, pin: System) -> None:
        assert pin.call("GET", SHOWN, scope="pool:search").status_code == 403


class TestTheBudgetOfProposals:
    def test_refuses_the_sixth_with_the_time_to_wait_and_leaves_a_trace(
        self, eriec: System, hub_database: Database, shared: None
    ) -> None:
        handles = [one["handle"] for one in eriec.call("GET", RECOMMENDATIONS).get_json()["recommendations"]]
        bodies = [{"mentee": "mentee-001", "handle": handle} for handle in handles]
        assert [eriec.call("POST", "/api/v1/proposals", json=body).status_code for body in bodies[:5]] == [201] * 5

        answer = eriec.call("POST", "/api/v1/proposals", json=bodies[5])

        assert (answer.status_code, answer.get_json()["type"]) == (429, "urn:passerelle:problem:budget-spent")
        assert 6 * 86_400 < int(answer.headers["Retry-After"]) <= 7 * 86_400
        with hub_database.reading() as session:
            traces = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "budget-spent")).all()
        assert [(trace.operation, trace.organisation_id) for trace in traces] == [("proposal.make", "eriec")]
