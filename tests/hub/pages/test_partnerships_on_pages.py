"""Partnerships on pages: how long each has run, and the two ways a coordinator ends one."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import OutboxMessage, Partnership
from hub.services import profiles
from tests.hub.pages.conftest import ON_BOTH
from tests.hub.pages.visitor import Page, Visitor
from tests.hub.pages.world import World
from tests.hub.people import system

Visit = Callable[..., Visitor]


def text(page: Page) -> str:
    return page.root.one("main").text


def kept(hub: Database, partnership: str) -> tuple[str, str | None]:
    with hub.reading() as session:
        found = session.get_one(Partnership, partnership)
        return found.state, found.end_reason


def tables(page: Page) -> dict[str, list[str]]:
    """The rows of each table, by its caption."""
    return {
        table.one("caption").text: [row.text for row in table.one("tbody").all("tr")]
        for table in page.root.one("main").all("table")
    }


class TestTheList:
    def test_shows_what_runs_and_for_how_long_then_what_is_over(self, visit: Visit) -> None:
        found = tables(visit("amina").open("/partnerships"))

        assert list(found) == ["Running", "Over"]
        (running,) = found["Running"]
        assert "eriec-mentee-2" in running
        assert "AREC" in running
        assert "0 days" in running
        assert sorted("completed" in row for row in found["Over"]) == [False, True]
        assert all("eriec-mentor-0" in row and "criec-mentee" not in row for row in found["Over"])

    def test_is_in_the_menu_of_who_sees_people_and_of_nobody_else(self, visit: Visit) -> None:
        asked = {name: "/partnerships" in visit(name).open("/").links() for name in ("amina", "aude", "iman", "olga")}

        assert asked == {"amina": True, "aude": True, "iman": True, "olga": False}

    def test_of_others_is_empty_and_says_so(self, visit: Visit) -> None:
        page = visit("bo").open("/partnerships")

        assert "None of your people is in one now." in text(page)
        assert tables(page) == {}

    def test_speaks_french(self, visit: Visit) -> None:
        page = visit("amina").speak("fr").open("/partnerships")

        assert list(tables(page)) == ["En cours", "Terminées"]


class TestOne:
    @ON_BOTH
    @pytest.mark.parametrize("username", ["amina", "hodan"])
    def test_is_completed_by_either_side_and_both_see_it(
        self, visit: Visit, world: World, hub: Database, username: str
    ) -> None:
        address = f"/partnerships/{world.partnerships['running']}"
        by = visit(username)

        page = by.send(by.open(address).form("/complete"))

        assert page.notices[0] == "Completed. Both organisations are told."
        assert page.forms() == [page.form("/sign-out")]
        assert kept(hub, world.partnerships["running"]) == ("completed", None)
        assert "completed" in visit("hodan").open(address).heading
        assert "is in no further round of this kind" in text(visit("amina").open(address))
        assert "is in no further round of this kind" not in text(visit("hodan").open(address))
        with hub.reading() as session:
            ended = select(OutboxMessage.organisation_id).where(OutboxMessage.type == "partnership.completed")
            assert sorted(session.scalars(ended)) == ["arec", "eriec"]

    @ON_BOTH
    def test_ends_early_with_a_reason_of_the_list_that_both_read(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        address, amina = f"/partnerships/{world.partnerships['running']}", visit("amina")
        form = amina.open(address).form("/end")

        refused = amina.send(form, reason="he was rude")
        assert (refused.status, kept(hub, world.partnerships["running"])[0]) == (422, "exploring")
        assert "Choose a reason from the list." in text(refused)
        page = amina.send(form, reason="lost_contact")

        assert page.notices[0] == "Ended early. Both organisations are told, and nobody is at fault."
        assert kept(hub, world.partnerships["running"]) == ("ended_early", "lost_contact")
        assert "Lost contact" in text(visit("hodan").open(address))
        assert "Contact perdu" in text(visit("hodan").speak("fr").open(address))

    def test_that_is_over_is_ended_by_nobody_again(self, visit: Visit, world: World, hub: Database) -> None:
        amina, hodan = visit("amina"), visit("hodan")
        forms = [one.open(f"/partnerships/{world.partnerships['running']}").form("/complete") for one in (amina, hodan)]

        assert amina.send(forms[0]).notices[0] == "Completed. Both organisations are told."
        late = hodan.send(forms[1])
        assert (late.status, "look at how it stands now" in text(late)) == (409, True)

    def test_says_that_its_person_is_gone(self, visit: Visit, world: World, hub: Database) -> None:
        address = f"/partnerships/{world.partnerships['running']}"
        hub.run(lambda session: profiles.withdraw(session, system("eriec"), "eriec-mentee-2"))

        assert "No longer available." in text(visit("amina").open(address))
        assert "No longer available." not in text(visit("hodan").open(address))

    @pytest.mark.parametrize(("username", "forms"), [("amina", 3), ("aude", 1)])
    def test_has_forms_only_for_who_may_end_it(self, visit: Visit, world: World, username: str, forms: int) -> None:
        page = visit(username).open(f"/partnerships/{world.partnerships['running']}")

        assert len(page.forms()) == forms


class TestTheProposal:
    def test_leads_to_what_became_of_it(self, visit: Visit, world: World) -> None:
        address, amina = f"/partnerships/{world.partnerships['running']}", visit("amina")
        before = amina.open(f"/proposals/{world.agreed}")
        amina.send(amina.open(address).form("/complete"))
        after = amina.open(f"/proposals/{world.agreed}")

        assert address in before.links()
        assert "How long it has run" in text(before)
        assert address in after.links()
        assert "See how it ended" in text(after)
        assert address not in amina.open(f"/proposals/{world.open}").links()

    def test_asks_for_no_signature_of_what_is_over(self, visit: Visit, world: World) -> None:
        amina = visit("amina")
        before = text(amina.open(f"/proposals/{world.agreed}"))
        amina.send(amina.open(f"/partnerships/{world.partnerships['running']}").form("/complete"))

        asked = [
            "passerelle connector accept" in one for one in (before, text(amina.open(f"/proposals/{world.agreed}")))
        ]
        assert asked == [True, False]
