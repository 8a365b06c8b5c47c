"""Groups, pairs and circles on the pages: from a suggestion to everybody's yes, without a script, in both languages."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import Gathering
from hub.services import gathering_signatures, profiles
from tests.hub.gathered import move
from tests.hub.pages.conftest import ON_BOTH
from tests.hub.pages.visitor import Page, Visitor
from tests.hub.pages.world import World
from tests.hub.people import system

Visit = Callable[[str], Visitor]


def state_of(hub: Database, gathering: str) -> str:
    with hub.reading() as session:
        return session.get_one(Gathering, gathering).state


def count(hub: Database) -> int:
    with hub.reading() as session:
        return len(session.scalars(select(Gathering.id)).all())


def text(page: Page) -> str:
    return " ".join(page.root.one("main").text.split())


@ON_BOTH
class TestASuggestion:
    @pytest.mark.parametrize(("address", "which"), [("/peers?look=pairs", "pair"), ("/peers?look=circles", "circle")])
    def test_is_proposed_with_its_button_once(
        self, visit: Visit, hub: Database, address: str, which: str, world: World
    ) -> None:
        amina, before = visit("amina"), count(hub)
        form = amina.open(address).form("/gatherings")

        made, again = amina.send(form), amina.send(form)

        assert made.notices[0] == "Proposed. The others are asked now."
        assert made.address.startswith("/gatherings/")
        assert (again.status, "look again" in text(again)) == (409, True)
        assert count(hub) == before + 1
        with hub.reading() as session:
            assert session.get_one(Gathering, made.address.rpartition("/")[2]).kind == which

    def test_of_a_group_is_proposed_and_shows_others_as_a_number(self, visit: Visit, world: World) -> None:
        claire = visit("claire").speak("en")

        page = claire.send(claire.open("/groups?look=1").form("/gatherings"))

        assert page.heading.startswith("Small group")
        # Of equally good groups any may be the first: there is one stranger in it, or there are several.
        assert re.search(r"\b[1-5] members? of (another organisation|other organisations)\.", text(page))
        assert "eriec-group-" not in page.source


class TestADecision:
    def test_waits_in_the_inbox_of_who_is_asked_and_under_others_for_who_asked(
        self, visit: Visit, world: World
    ) -> None:
        asked, made = (f"/gatherings/{world.gatherings[one]}" for one in ("asked", "proposed"))

        for page in (visit("amina").open("/"), visit("amina").open("/gatherings")):
            assert page.links().index(asked) < page.links().index(made)
        assert "Groups, pairs and circles to decide: ask your people first" in text(visit("amina").open("/"))

    @ON_BOTH
    def test_the_last_yes_agrees_and_the_page_says_where_introductions_stand_and_what_is_to_sign(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina, address = visit("amina"), f"/gatherings/{world.gatherings['asked']}"

        page = amina.send(amina.open(address).form("/accept"))

        assert page.notices[0] == "Agreed. Everybody said yes."
        assert "your people to them: to be sealed their people to you: to be sealed" in text(page)
        assert "Its coordinators arrange the first meeting." in text(page)
        assert f"passerelle connector accept {world.gatherings['asked']}" in text(page)
        assert state_of(hub, world.gatherings["asked"]) == "agreed"

    def test_what_is_signed_is_not_asked_for_again_and_who_has_not_said_yes_signs_nothing(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        made, asked = world.gatherings["proposed"], world.gatherings["asked"]
        assert f"connector accept {made}" in text(visit("amina").open(f"/gatherings/{made}"))
        hub.run(lambda session: gathering_signatures.sign(session, system("eriec"), made, "aaaa.bbbbbbbbbbbb.cccc"))

        assert "connector accept" not in text(visit("amina").open(f"/gatherings/{made}"))
        assert "connector accept" not in text(visit("amina").open(f"/gatherings/{asked}"))

    def test_of_a_group_introductions_are_with_the_mentor_s_organisation_alone(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        address = f"/gatherings/{world.gatherings['agreed']}"
        page, french = visit("amina").open(address), visit("claire").open(address)

        assert "Mentees of different organisations meet at the first meeting." in text(page)
        assert text(page).count("your people to them") == 1
        assert "les vôtres à cet organisme" in text(french)

    def test_a_no_keeps_its_reason_and_a_made_up_one_is_refused(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina, address = visit("amina"), f"/gatherings/{world.gatherings['asked']}"
        form = amina.open(address).form("/decline")

        refused = amina.send(form, reason="she is my cousin")
        assert (refused.status, state_of(hub, world.gatherings["asked"])) == (422, "proposed")
        assert address in refused.links()
        page = amina.send(form, reason="schedule")
        assert page.notices[0] == "Declined. The others hear the reason's code and nothing else."
        assert state_of(hub, world.gatherings["asked"]) == "declined"

    def test_is_taken_back_by_who_proposed_and_ended_by_any_of_them(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina, hodan = visit("amina"), visit("hodan")
        made, agreed = world.gatherings["proposed"], world.gatherings["agreed"]

        assert amina.send(amina.open(f"/gatherings/{made}").form("/withdraw")).notices[0] == "Withdrawn."
        ended = hodan.send(hodan.open(f"/gatherings/{agreed}").form("/end"))
        assert ended.notices[0] == "Ended. The others are told."
        assert (state_of(hub, made), state_of(hub, agreed)) == ("withdrawn", "ended")

    @ON_BOTH
    def test_one_organisation_leaves_with_its_people_and_the_others_go_on(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        address = f"/gatherings/{world.gatherings['agreed']}"
        hodan, amina = visit("hodan"), visit("amina")
        form = hodan.open(address).form("/leave")
        before = text(amina.open(address))

        page, again = hodan.send(form), hodan.send(form)

        assert page.notices[0] == "Your organisation left it. The others are told."
        assert "Your organisation left it: your people are in it no more" in text(page)
        assert page.forms() == [page.form("/sign-out")]
        assert (again.status, "nothing is left to decide" in text(again)) == (409, True)
        assert "in it no more" not in before
        assert re.search(r"\b[1-6] (person is|people are) in it no more\.", text(amina.open(address)))
        assert state_of(hub, world.gatherings["agreed"]) == "agreed"
        assert "départ" in text(visit("claire").open(address))
        assert amina.open(address).form("/leave") is not None

    def test_the_mentors_side_is_told_what_leaving_does(self, visit: Visit, world: World) -> None:
        address = f"/gatherings/{world.gatherings['agreed']}"
        told = "the group says that its mentor is gone"

        assert [told in text(visit(one).open(address)) for one in ("hodan", "amina")] == [True, False]

    def test_what_is_over_has_no_form(self, visit: Visit, world: World) -> None:
        over = visit("amina").open(f"/gatherings/{world.gatherings['declined']}")
        assert over.forms() == [over.form("/sign-out")]

    def test_too_few_are_said_to_be_left(self, visit: Visit, world: World, hub: Database) -> None:
        address = f"/gatherings/{world.gatherings['agreed']}"
        move(hub, "criec", "leave", world.gatherings["agreed"])

        assert "people are in it no more. Too few are left" in text(visit("amina").open(address))
        assert "Il en reste trop peu" in text(visit("amina").speak("fr").open(address))

    def test_a_mentor_who_is_gone_is_missed(self, visit: Visit, world: World, hub: Database) -> None:
        address = f"/gatherings/{world.gatherings['agreed']}"
        assert "no more" not in text(visit("amina").open(address))
        for number in (0, 1):
            hub.run(lambda session, one=number: profiles.withdraw(session, system("arec"), f"arec-group-mentor-{one}"))

        page = visit("amina").open(address)
        assert "1 person is in it no more. Its mentor is gone" in text(page)
        french = visit("claire").open(address)
        assert "Son mentor est parti" in text(french)
