"""Gatherings over the API: proposed by the handle a suggestion carries, decided by each organisation's own system."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from federation.answers.gatherings import GatheringAnswer
from federation.answers.network import EventAnswer
from hub.database import Database
from hub.models import Gathering, Profile
from hub.services import organisations
from tests.hub.doors import TESTS, System

pytestmark = pytest.mark.parametrize("hub_database", ["sqlite", "postgresql"], indirect=True)
ADDRESS = "/api/v1/gatherings"
PEOPLE = re.compile(r"SELECT profile\.id, profile\.organisation_id, .*\sFROM profile JOIN consent_receipt", re.DOTALL)
"""What reads people whole, as only a look does; comparing reads them as texts."""


@pytest.fixture
def handle(eriec: System, pin: System, hub_database: Database, mentee: dict[str, Any]) -> str:
    """The handle under which ERIEC is shown one pair with the network's mentee."""
    with hub_database.transaction() as session:
        for sharing, receiving in (("pin-afghan", "eriec"), ("eriec", "pin-afghan")):
            organisations.agree(session, TESTS, sharing, receiving, date(2026, 1, 1))
    for system, years, need in ((eriec, "3-5", "interview"), (pin, "6-10", "leadership")):
        wanted = {"formats": ["peer"], "years_band": years, "needs": ["resume", need], "slots": ["tue_evening"]}
        person = mentee | wanted
        assert system.call("PUT", "/api/v1/profiles/peer-0001", json=person).status_code == 201
    (pair,) = eriec.call("GET", "/api/v1/peers/pairs").get_json()["pairs"]
    return str(pair["handle"])


def propose(system: System, handle: str, kind: str = "pair", **headers: str) -> Any:
    return system.call("POST", ADDRESS, json={"kind": kind, "handle": handle}, headers=headers)


def test_goes_from_a_suggestion_to_an_agreement_of_two_systems(eriec: System, pin: System, handle: str) -> None:
    made = propose(eriec, handle)
    body = made.get_json()

    assert (made.status_code, made.headers["Location"]) == (201, f"{ADDRESS}/{body['id']}")
    assert GatheringAnswer().validate(body) == {}
    assert (body["state"], body["proposer"], body["allowed"]) == ("proposed", "eriec", ["withdraw"])
    (theirs,) = pin.call("GET", ADDRESS).get_json()["items"]
    assert (theirs["id"], theirs["allowed"]) == (body["id"], ["accept", "decline"])
    assert theirs["others"][0]["card"]["noc"] == "*"
    agreed = pin.call("POST", f"{ADDRESS}/{body['id']}/accept").get_json()
    assert (agreed["state"], {one["word"] for one in agreed["parties"]}) == ("agreed", {"accepted"})
    assert eriec.call("GET", f"{ADDRESS}/{body['id']}").get_json()["state"] == "agreed"
    assert eriec.call("POST", f"{ADDRESS}/{body['id']}/end").get_json()["state"] == "ended"


def test_one_system_leaves_with_its_people_and_the_last_one_ends_it(eriec: System, pin: System, handle: str) -> None:
    address = f"{ADDRESS}/{propose(eriec, handle).get_json()['id']}"
    assert pin.call("POST", f"{address}/accept").get_json()["allowed"] == ["leave", "end"]

    left = pin.call("POST", f"{address}/leave")
    again, last = pin.call("POST", f"{address}/leave"), eriec.call("POST", f"{address}/leave")

    assert (left.status_code, left.get_json()["state"], left.get_json()["others"]) == (200, "left", [])
    assert GatheringAnswer().validate(left.get_json()) == {}
    for refused, state, allowed in ((again, "left", []), (last, "agreed", ["end"])):
        body = refused.get_json()
        assert (refused.status_code, body["type"]) == (409, "urn:passerelle:problem:illegal-move")
        assert (body["state"], body["allowed"]) == (state, allowed)
    seen = eriec.call("GET", address).get_json()
    assert (seen["state"], seen["left"], seen["too_few"]) == ("agreed", 1, True)
    events = eriec.call("GET", "/api/v1/events").get_json()["items"]
    assert (events[-1]["type"], events[-1]["data"]) == ("gathering.left", {"state": "agreed", "kind": "pair"})


def test_events_and_audit_reach_both_and_name_nobody(eriec: System, pin: System, handle: str) -> None:
    identifier = propose(eriec, handle).get_json()["id"]
    pin.call("POST", f"{ADDRESS}/{identifier}/decline", json={"reason": "schedule"})

    for system in (eriec, pin):
        found = system.call("GET", "/api/v1/events").get_json()["items"]
        told = [one for one in found if one["subject"] == f"gathering:{identifier}"]
        assert [one["type"] for one in told] == ["gathering.proposed", "gathering.declined"]
        assert all(EventAnswer().validate(one) == {} for one in told)
        assert told[0]["data"] == {"state": "proposed", "kind": "pair"}
        entries = system.call("GET", "/api/v1/audit").get_json()["items"]
        assert {"gathering.proposed", "gathering.declined"} <= {one["operation"] for one in entries}


def test_the_same_key_has_one_effect_and_a_second_proposal_looks_again(
    eriec: System, hub_database: Database, handle: str
) -> None:
    answers = [propose(eriec, handle, **{"Idempotency-Key": "one"}) for _ in range(2)]
    again = propose(eriec, handle)

    assert answers[0].get_json() == answers[1].get_json()
    assert (again.status_code, again.get_json()["type"]) == (409, "urn:passerelle:problem:conflict")
    assert "look again" in again.get_json()["detail"]
    with hub_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Gathering)) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "choir", "handle": "a" * 64}, "/kind"),
        ({"kind": "pair", "handle": "short"}, "/handle"),
        ({"kind": "pair", "handle": "a" * 64, "people": ["peer-0001"]}, "/people"),
        ({"kind": "pair"}, "/handle"),
    ],
)
def test_people_of_one_s_own_choice_and_garbled_handles_are_refused(
    eriec: System, handle: str, body: dict[str, Any], pointer: str
) -> None:
    answer = eriec.call("POST", ADDRESS, json=body)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]


def test_a_no_needs_a_reason_of_the_list(eriec: System, pin: System, handle: str) -> None:
    identifier = propose(eriec, handle).get_json()["id"]

    for body in ({}, {"reason": "she is my cousin"}):
        assert pin.call("POST", f"{ADDRESS}/{identifier}/decline", json=body).status_code == 422
    assert pin.call("GET", f"{ADDRESS}/{identifier}").get_json()["state"] == "proposed"


def test_people_are_read_for_a_look_before_anybody_has_to_wait_for_it(
    eriec: System, handle: str, hub_database: Database
) -> None:
    """On SQLite one writes at a time: in the transaction that writes, what was just looked for is only compared."""
    # The process looked when the handle was shown; somebody's push since then makes that look an old one.
    with hub_database.transaction() as session:
        session.execute(update(Profile).values(version=Profile.version + 1))
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if PEOPLE.match(statement):
            said.append("people")
        if statement.startswith("INSERT INTO gathering "):
            said.append("gathering")

    event.listen(hub_database.engine, "before_cursor_execute", note)
    event.listen(hub_database.engine, "begin", lambda _: said.append("begin"))
    assert propose(eriec, handle).status_code == 201

    before = said[: said.index("gathering")]
    assert "people" in before
    last_transaction = before[len(before) - before[::-1].index("begin") :]
    assert "people" not in last_transaction
