"""Who withdrew is named in no table, whatever was asked, answered or refused about them before and after."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from hub.database import Database
from hub.services import mentee_links, mentee_pages, organisations
from hub.settings import Settings
from tests.hub.doors import TESTS, System
from tests.hub.people import coordinator
from tests.hub.services.refusals import everything

HER = "her-own-name-77"
API = "/api/v1"
Withdraw = Callable[[System, Database, Settings], None]


def held(database: Database) -> list[str]:
    """Rows of any table that hold the pseudonym, by table."""
    return [f"{name}: {row}" for name, rows in everything(database).items() for row in rows if HER in row]


@pytest.fixture
def asked(eriec: System, pin: System, hub_database: Database, mentee: dict[str, Any], mentor: dict[str, Any]) -> System:
    """She was shared twice, proposed under an Idempotency-Key, referred to in refusals of every kind."""
    with hub_database.transaction() as session:
        organisations.agree(session, TESTS, "pin-afghan", "eriec", date(2026, 1, 1))
    for _ in range(2):
        eriec.call("PUT", f"{API}/profiles/{HER}", json=mentee)
    lines = b'{"pseudonym": "%s", "profile": {}}' % HER.encode()
    eriec.call("POST", f"{API}/profiles/bulk", data=lines, content_type="application/x-ndjson")
    for number in range(6):
        pin.call("PUT", f"{API}/profiles/mentor-{number:03d}", json=mentor)
    found = eriec.call("GET", f"{API}/mentees/{HER}/recommendations").get_json()["recommendations"]
    body = {"mentee": HER, "handle": found[0]["handle"]}
    made = eriec.call("POST", f"{API}/proposals", json=body, headers={"Idempotency-Key": "k" * 20})
    assert (made.status_code, made.get_json()["my_pseudonym"]) == (201, HER)
    assert pin.call("GET", f"{API}/mentees/{HER}/recommendations").status_code == 404
    assert eriec.call("GET", f"{API}/profiles/{HER}", scope="pool:search").status_code == 403
    return eriec


def by_the_agency(system: System, database: Database, settings: Settings) -> None:
    assert system.call("DELETE", f"{API}/profiles/{HER}").status_code == 204


def by_herself(system: System, database: Database, settings: Settings) -> None:
    def leave(session: Any) -> None:
        made = mentee_links.make(session, coordinator("eriec"), HER, settings)
        opened = mentee_links.exchange(session, made.capability)
        assert opened is not None
        who = mentee_links.resume(session, opened[0])
        assert who is not None
        mentee_pages.withdraw(session, who)

    database.run(leave)


@pytest.mark.parametrize("withdraw", [by_the_agency, by_herself])
def test_no_table_holds_the_pseudonym_after_a_withdrawal(
    asked: System, hub_database: Database, hub_settings: Settings, mentee: dict[str, Any], withdraw: Withdraw
) -> None:
    assert {row.split(":")[0] for row in held(hub_database)} == {"profile", "idempotent_answer"}

    withdraw(asked, hub_database, hub_settings)
    after = [
        asked.call("PUT", f"{API}/profiles/{HER}", json=mentee).status_code,
        asked.call("GET", f"{API}/profiles/{HER}").status_code,
        asked.call("DELETE", f"{API}/profiles/{HER}").status_code,
        asked.call("GET", f"{API}/mentees/{HER}/pathway").status_code,
    ]

    assert after == [409, 404, 404, 404]
    assert held(hub_database) == []


def test_the_receipt_s_reference_is_what_the_event_and_the_log_call_her(
    asked: System, hub_database: Database, hub_settings: Settings, mentee: dict[str, Any]
) -> None:
    reference = asked.call("PUT", f"{API}/profiles/{HER}", json=mentee).get_json()["reference"]
    asked.call("GET", f"{API}/profiles/{HER}", scope="pool:search")

    by_herself(asked, hub_database, hub_settings)

    events = asked.call("GET", f"{API}/events").get_json()["items"]
    entries = asked.call("GET", f"{API}/audit").get_json()["items"]
    assert [one["subject"] for one in events if one["type"] == "mentee.withdrew"] == [f"profile:{reference}"]
    assert {one["subject"] for one in entries if one["outcome"] == "scope-missing"} == {f"profile:{reference}"}


def test_the_same_request_sent_again_after_a_withdrawal_finds_nobody(
    asked: System, hub_database: Database, hub_settings: Settings
) -> None:
    by_the_agency(asked, hub_database, hub_settings)

    body = {"mentee": HER, "handle": "h" * 20}
    again = asked.call("POST", f"{API}/proposals", json=body, headers={"Idempotency-Key": "k" * 20})

    assert again.status_code == 404
