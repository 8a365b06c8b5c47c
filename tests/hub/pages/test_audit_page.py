"""The audit log as people read it: every step in words, others by organisation only, and the head to keep."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import hub
from hub.access.policy import Operation
from hub.database import Database
from hub.models import AuditEntry
from hub.models.alert import KINDS
from hub.pages.audit_words import ACTS, NOUNS, deed, outcome
from hub.services import audit, guards, organisations
from hub.services.referral_moves import MOVES
from tests.hub.pages.visitor import Page, Visitor
from tests.hub.pages.world import World
from tests.hub.people import TESTS

Visit = Callable[[str], Visitor]
RECORDED = re.compile(r'audit\.record\(\s*session, [\w.]+, "([a-z]+\.[a-z_]+)"')


def told(page: Page) -> list[str]:
    """Each entry in one line; who was shown one's mentors stands in a table of its own."""
    return [row.text for row in page.root.all("table")[-1].all("tr")[1:]]


def test_an_auditor_reads_what_colleagues_did_and_which_organisation_answered(visit: Visit, world: World) -> None:
    aude = visit("aude")
    newest = aude.open("/audit")
    rows = told(newest) + told(aude.open(next(one for one in newest.links() if "before=" in one)))

    assert any("Referral – sending" in row and world.referral in row and "done" in row for row in rows)
    assert any("AREC" in row and "Proposal – saying yes" in row and world.answered in row for row in rows)
    assert not any("arec-coordinator" in row for row in rows)


def test_an_alert_is_said_in_words_with_who_looked_and_not_to_who_looked(visit: Visit, world: World) -> None:
    (alerts,) = [one for one in visit("aude").open("/audit").root.all("table") if "What was noticed" in one.text]

    assert "One and the same mentor in list after list" in alerts.text
    assert "Calgary Region Immigrant Employment Council (CRIEC)" in alerts.text
    assert "What was noticed" not in visit("aude").open("/audit?before=5").source


def test_whoever_signed_in_is_named_to_colleagues_only(visit: Visit, hub: Database) -> None:
    visit("amina").open("/mentees/nobody")
    page = visit("aude").open("/audit")

    assert any("amina" in row and "There is nothing here for you" in row for row in told(page))
    assert not any(name in page.source for name in ("claire", "hodan"))


def test_the_log_comes_in_pages_that_miss_nothing(visit: Visit, hub: Database) -> None:
    for _ in range(60):
        hub.run(lambda session: organisations.suspend(session, TESTS, "eriec"))
        hub.run(lambda session: organisations.reinstate(session, TESTS, "eriec"))
    aude, numbers, address = visit("aude"), [], "/audit"
    while address:
        page = aude.open(address)
        numbers += [int(row.partition(" ")[0]) for row in told(page)]
        address = next((one for one in page.links() if one.startswith("/audit?before=")), "")

    with hub.reading() as session:
        suspended = select(AuditEntry.number).where(AuditEntry.subject == "organisation:eriec")
        assert set(session.scalars(suspended)) <= set(numbers)
    assert numbers == sorted(set(numbers), reverse=True)


@pytest.mark.parametrize("before", ["x", "-1", "²", "9" * 40])
def test_a_number_that_is_none_asks_for_the_first_page(visit: Visit, before: str) -> None:
    page = visit("aude").open(f"/audit?before={before}")

    assert page.status == 200
    assert len(told(page)) > 10


def test_the_head_on_the_page_is_the_one_of_the_chain(visit: Visit, hub: Database) -> None:
    source = visit("aude").open("/audit").source

    with hub.reading() as session:
        head = audit.head(session)
    assert f"{head.number}:{head.entry_hash}" in source


def test_a_coordinator_reads_no_log_of_colleagues(visit: Visit) -> None:
    assert visit("amina").open("/audit").status == 403


def test_every_step_that_is_recorded_has_words() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(hub.__file__).parent.rglob("*.py"))
    steps = {*RECORDED.findall(sources), *(one.value for one in Operation), *(f"referral.{event}" for event in MOVES)}
    steps |= {guards.LISTED, guards.RENEWED, "peer.list", "group.list", *(f"alert.{kind}" for kind in KINDS)}
    wordless = {
        one for one in steps if one.partition(".")[0] not in NOUNS or not {one, one.partition(".")[2]} & ACTS.keys()
    }

    assert len(steps) > 60
    assert wordless == set()


def test_what_has_no_words_yet_is_shown_as_its_code(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert (deed("moon.read"), deed("profile.fly"), deed("profile")) == ("moon.read", "profile.fly", "profile")
        assert (outcome("new-thing"), outcome("not-found")) == ("new-thing", "Il n'y a rien ici pour vous")
