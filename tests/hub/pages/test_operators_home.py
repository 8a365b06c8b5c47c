"""An operator who signs in sees the network: what waits, who is a member, who met a guard, how the audit chain stands."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import AuditEntry, utcnow
from hub.services import audit, organisations, rounds
from hub.settings import load_settings
from hub.worker import hand_out_due
from tests.hub.pages.visitor import Visitor
from tests.hub.people import TESTS, coordinator, today

Visit = Callable[[str], Visitor]
SETTINGS = load_settings({}, secret="s" * 40)


def draft(database: Database) -> str:
    with database.reading() as session:
        solved = rounds.solve(session, RoundPolicy(), today())
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14)).id


def test_her_first_page_is_hers_and_the_menu_calls_it_so(visit: Visit) -> None:
    page = visit("olga").open("/")

    (nav,) = page.root.all("nav")
    assert (page.status, page.heading) == (200, "The hub")
    assert nav.all("a")[0].text == "The hub"
    assert visit("amina").open("/").root.all("nav")[0].all("a")[0].text == "Inbox"


def test_a_draft_is_hers_to_publish_and_no_member_finds_it(visit: Visit, hub: Database) -> None:
    olga, amina = visit("olga"), visit("amina")
    assert "No round waits to be published" in olga.open("/").source

    waiting = draft(hub)

    assert f"passerelle round publish {waiting}" in olga.open("/").source
    assert waiting not in amina.open("/rounds").source
    assert amina.open(f"/rounds/{waiting}").status == amina.open("/rounds/none").status == 404


def test_members_are_told_by_their_state_and_people_by_nothing(visit: Visit, hub: Database) -> None:
    hub.run(lambda session: organisations.suspend(session, TESTS, "criec"))

    source = visit("olga").open("/").source

    assert "suspended" in source
    assert "no system registered" in source
    assert not [name for name in ("eriec-mentee", "arec-mentor", "amina") if name in source]


def test_an_alert_is_said_with_who_looked_and_how_many_were_told(visit: Visit, hub: Database) -> None:
    (alerts,) = [one for one in visit("olga").open("/").root.all("table") if "What was noticed" in one.text]

    assert "Calgary Region Immigrant Employment Council (CRIEC)" in alerts.text
    assert "One and the same mentor in list after list 1" in alerts.text


def test_who_met_a_guard_is_named(visit: Visit, hub: Database) -> None:
    assert "No organisation met a weekly budget" in visit("olga").open("/").source
    actor = coordinator("arec")
    hub.run(lambda session: audit.record(session, actor, "recommendation.read", "recommendation:-", "budget-spent"))

    assert "Who met a budget within 30 days" in visit("olga").open("/").source


def test_the_audit_chain_is_told_before_and_after_a_head_was_handed_out_and_when_it_breaks(
    visit: Visit, hub: Database
) -> None:
    olga = visit("olga")
    assert "is the worker running?" in olga.open("/").source

    hand_out_due(hub, SETTINGS, utcnow())
    assert "The last head was handed to the members" in olga.open("/").source

    hub.run(lambda session: session.execute(update(AuditEntry).where(AuditEntry.number == 3).values(outcome="refused")))
    hand_out_due(hub, SETTINGS, utcnow() + timedelta(days=1))
    assert "The chain breaks at entry 3." in olga.open("/").source
