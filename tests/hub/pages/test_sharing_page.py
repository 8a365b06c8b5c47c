"""The page on which a member says how far its mentees are matched, and ends an agreement."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import Agreement, Organisation, Profile, Proposal
from hub.services import sharing
from tests.hub.pages.conftest import ON_BOTH
from tests.hub.pages.visitor import Page, Visitor
from tests.hub.pages.world import World
from tests.hub.people import coordinator, mentor, share
from tests.hub.rounds import run_round

Visit = Callable[[str], Visitor]


def days(hub: Database) -> int:
    with hub.reading() as session:
        return session.get_one(Organisation, "eriec").local_first_days


def set_days(iman: Visitor, text: str) -> Page:
    return iman.send(iman.open("/sharing").form("/sharing"), local_first_days=text)


@ON_BOTH
def test_an_administrator_sets_the_window_and_it_counts_for_the_next_suggestion(
    visit: Visit, world: World, hub: Database
) -> None:
    with hub.transaction() as session:
        for one in session.scalars(select(Profile).where(Profile.organisation_id == "arec")):
            one.region = "ON-535"
            one.version += 1
    iman = visit("iman")
    assert "Off: the whole network" in iman.open("/sharing").root.text

    after = set_days(iman, "30")

    assert (after.address, days(hub)) == ("/sharing", 30)
    assert "For 30 days from when each of your mentees began to wait" in after.root.text
    assert "open up in 30 days, when the whole network is asked" in iman.open(f"/mentees/{world.fresh}").root.text


@pytest.mark.parametrize("text", ["91", "-1", "", "two", "9999999999999", "1.5", "٣٠٠"])
def test_what_is_no_window_is_said_beside_the_form_and_sets_nothing(visit: Visit, hub: Database, text: str) -> None:
    iman = visit("iman")

    page = set_days(iman, text)

    assert (page.status, days(hub)) == (422, 0)
    assert "A whole number of days from 0 (off) to 90." in page.root.text
    assert page.form("/sharing")


def test_who_may_only_read_sees_no_button_and_is_refused(visit: Visit, hub: Database) -> None:
    amina, iman = visit("amina"), visit("iman")
    forms = [one for one in iman.open("/sharing").forms() if "/sharing" in one.get("action")]

    assert not [one for one in amina.open("/sharing").forms() if "/sharing" in one.get("action")]
    for form in forms:
        assert amina.send(form).status in {400, 403}
    assert days(hub) == 0
    with hub.reading() as session:
        assert not session.scalars(select(Agreement.id).where(Agreement.withdrawn_at.is_not(None))).all()


@ON_BOTH
def test_an_agreement_is_ended_by_its_button_with_what_was_asked_under_it(
    visit: Visit, world: World, hub: Database
) -> None:
    iman = visit("iman")
    with hub.reading() as session:
        pair = (Agreement.sharing_id == "arec", Agreement.receiving_id == "eriec")
        agreement = session.scalars(select(Agreement.id).where(*pair)).one()

    page = iman.send(iman.open("/sharing").form(f"/sharing/agreements/{agreement}/withdraw"))

    assert "The agreement is ended" in page.root.text
    assert "ended early" in page.root.text
    with hub.reading() as session:
        assert session.get_one(Proposal, world.open).state == "withdrawn"


def test_what_windows_cost_the_last_round_is_told_in_totals(visit: Visit, hub: Database) -> None:
    share(hub, "arec", "arec-far", mentor(region="ON-535", seats=20))
    hub.run(lambda session: sharing.look_near_first(session, coordinator("eriec"), "eriec", 60))
    kept = run_round(hub, publish=True)

    page, of_round = visit("iman").open("/sharing"), visit("amina").open(f"/rounds/{kept.id}")

    assert "What it costs, in the round of" in page.root.text
    assert "nobody looks near first" in of_round.root.text
