"""What people do on the pages, form by form, and what is then in the database."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import select, update

from hub.database import Database
from hub.models import Intake, Introduction, Partnership, PossibleDuplicate, Profile, Proposal, Referral, Round, SignIn
from tests.hub.pages.conftest import ACCOUNT, ON_BOTH, come_by_link, come_halfway
from tests.hub.pages.visitor import Element, Page, Visitor, filled
from tests.hub.pages.world import INVITATION, World

Visit = Callable[[str], Visitor]
T = TypeVar("T")
# It opens without a token, and has tests of its own (test_mentee_links.py).
WAY_OUT = "/m/leave"


def stored(hub: Database, model: type[T], **values: Any) -> list[T]:
    with hub.reading() as session:
        return list(session.scalars(select(model).filter_by(**values)))


def dump(path: Path) -> list[str]:
    """Everything in the file."""
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


@pytest.fixture
def forms(app: Flask, visit: Visit, world: World) -> list[tuple[Visitor, Element]]:
    """Each form that changes something, with the person who has it before them."""
    amina, bo, stranger = visit("amina"), visit("bo"), visit("")
    addresses = [f"/mentees/{world.fresh}", f"/mentees/{world.unready}", f"/proposals/{world.open}", "/duplicates"]
    addresses += [f"/rounds/{world.round}/repair", "/groups?look=1", "/peers?look=pairs", "/peers?look=circles"]
    addresses += ["/", *(f"/gatherings/{one}" for one in world.gatherings.values())]
    addresses += [f"/partnerships/{world.partnerships['running']}"]
    pages = [(amina, amina.open(one)) for one in addresses]
    pages += [(bo, bo.open(f"/referrals/{world.referral}")), (stranger, stranger.open("/sign-in"))]
    halfway, karim = come_halfway(app, "karim"), visit("karim")
    pages += [(halfway, halfway.open("/sign-in/code")), *((karim, karim.open(one)) for one in ACCOUNT)]
    # Aude's account is bound to her organisation's sign-in and has no second factor, Amina's is not bound.
    aude = visit("aude")
    pages += [
        (aude, aude.open("/account/confirm")),
        (amina, amina.open("/account")),
        (stranger, stranger.open(INVITATION)),
    ]
    iman, joiner = visit("iman"), visit("")
    pages += [(iman, iman.open("/colleagues")), (iman, iman.open("/sharing"))]
    pages += [(iman, iman.open(f"/colleagues/{one}")) for one in world.colleagues.values()]
    invited = iman.send(iman.open("/colleagues").form("/colleagues"), username="intake-9", role="auditor", locale="fr")
    link = re.findall(r"/sign-in/invitation/[A-Za-z0-9_-]{43}", invited.source)[0]
    pages += [(joiner, joiner.send(joiner.open(link).form(link)))]
    mentee = come_by_link(app, world)
    pages += [(mentee, mentee.open(one)) for one in world.own.addresses()]
    return [(visitor, form) for visitor, page in pages for form in page.forms()]


class TestAForm:
    def test_is_known_here_for_every_address_that_takes_one(
        self, app: Flask, forms: list[tuple[Visitor, Element]]
    ) -> None:
        with app.test_request_context():
            match = app.url_map.bind("localhost").match
            taken = {match(form.get("action"), method="POST")[0] for _, form in forms}
        wanted = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}

        assert taken == {name for name in wanted if name.startswith("pages.")}

    @pytest.mark.parametrize("token", [None, "", "made-up", "expired"])
    def test_without_our_token_changes_nothing(
        self, forms: list[tuple[Visitor, Element]], hub_file: Path, token: str | None
    ) -> None:
        before = dump(hub_file)

        for visitor, form in forms:
            if form.get("action") == WAY_OUT:
                continue
            sent = filled(form)
            assert len(sent.pop("csrf_token")) > 40
            answer = Page(
                visitor.http.post(form.get("action"), data=sent if token is None else sent | {"csrf_token": token})
            )
            assert answer.status == 400, form.get("action")
            assert "nothing was changed" in answer.root.one("main").text
        assert dump(hub_file) == before

    def test_with_the_token_of_somebody_else_changes_nothing(self, visit: Visit, world: World, hub_file: Path) -> None:
        amina, karim = visit("amina"), visit("karim")
        theirs = karim.open(f"/proposals/{world.open}").form("/accept")
        amina.open("/")
        before = dump(hub_file)

        assert amina.send(theirs).status == 400
        assert dump(hub_file) == before

    def test_sent_after_the_session_ended_says_so_and_changes_nothing(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina = visit("amina")
        form = amina.open(f"/proposals/{world.open}").form("/accept")
        amina.http.delete_cookie("passerelle")

        page = amina.send(form)

        assert (page.status, page.heading) == (401, "You are not signed in (any more)")
        assert stored(hub, Proposal, id=world.open)[0].mentee_side == "waiting"
        (back,) = [link for link in page.links() if link.startswith("/sign-in")]
        assert amina.sign_in("amina", address=back).address == f"/proposals/{world.open}"

    def test_with_a_nul_is_refused_at_the_door(self, forms: list[tuple[Visitor, Element]], hub_file: Path) -> None:
        before = dump(hub_file)

        for visitor, form in forms:
            for name in filled(form).keys() - {"csrf_token"}:
                assert visitor.send(form, **{name: "a\0b"}).status == 400
        assert dump(hub_file) == before

    def test_of_a_role_that_may_only_read_is_not_there_and_refused_when_sent(
        self, visit: Visit, world: World, hub_file: Path
    ) -> None:
        amina, aude = visit("amina"), visit("aude")
        token = filled(aude.open("/").form("/sign-out"))["csrf_token"]
        form = amina.open(f"/proposals/{world.open}").form("/accept")
        form.all("input")[0].attributes["value"] = token

        assert aude.send(form).status == 403
        kept = [line for line in dump(hub_file) if line.startswith('INSERT INTO "proposal"')]
        assert all("accepted" not in line for line in kept if world.open in line)


@ON_BOTH
class TestAProposal:
    def test_accepted_by_one_side_waits_for_the_other_and_by_both_makes_an_introduction_due(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina, hodan = visit("amina"), visit("hodan")

        first = amina.send(amina.open(f"/proposals/{world.open}").form("/accept"))

        assert first.notices == ["Accepted for your side. The other side has still to answer."]
        assert stored(hub, Partnership, proposal_id=world.open) == []
        second = hodan.send(hodan.open(f"/proposals/{world.open}").form("/accept"))
        assert second.notices == ["Agreed. Both said yes."]
        assert f"passerelle connector accept {world.open}" in second.root.one("main").text
        (kept,) = stored(hub, Proposal, id=world.open)
        assert (kept.state, kept.mentee_side, kept.mentor_side) == ("agreed", "accepted", "accepted")
        assert [one.state for one in stored(hub, Introduction, proposal_id=world.open)] == ["due"]
        assert second.forms() == [second.form("/sign-out")]

    def test_declined_keeps_the_reason(self, visit: Visit, world: World, hub: Database) -> None:
        amina = visit("amina")

        page = amina.send(amina.open(f"/proposals/{world.open}").form("/decline"), reason="schedule")

        assert page.notices == ["Declined. The other side hears the reason's code and nothing else."]
        (kept,) = stored(hub, Proposal, id=world.open)
        assert (kept.state, kept.decline_reason) == ("declined", "schedule")

    @pytest.mark.parametrize("reason", ["", "she is my cousin"])
    def test_is_not_declined_without_a_reason_of_the_list(
        self, visit: Visit, world: World, hub: Database, reason: str
    ) -> None:
        amina = visit("amina")

        page = amina.send(amina.open(f"/proposals/{world.open}").form("/decline"), reason=reason)

        assert page.status == 422
        assert "Choose a reason from the list." in page.root.one("main").text
        assert f"/proposals/{world.open}" in page.links()
        assert stored(hub, Proposal, id=world.open)[0].state == "proposed"

    def test_is_made_from_a_recommendation_once(self, visit: Visit, world: World, hub: Database) -> None:
        amina = visit("amina")
        form = amina.open(f"/mentees/{world.fresh}").form("/propose")
        count = len(stored(hub, Proposal))

        made, again = amina.send(form), amina.send(form)

        assert made.address.startswith("/proposals/")
        assert made.notices == ["Proposed. The mentor's organisation asks its mentor; you ask your mentee."]
        assert (again.status, again.heading) == (409, "Already proposed")
        assert len(stored(hub, Proposal)) == count + 1

    def test_can_be_taken_back(self, visit: Visit, world: World, hub: Database) -> None:
        amina = visit("amina")

        page = amina.send(amina.open(f"/proposals/{world.open}").form("/withdraw"))

        assert page.notices == ["Withdrawn."]
        assert stored(hub, Proposal, id=world.open)[0].state == "withdrawn"

    def test_accepted_by_two_colleagues_shows_the_second_how_it_stands(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina, karim = visit("amina"), visit("karim")
        forms = [(one, one.open(f"/proposals/{world.open}").form("/accept")) for one in (amina, karim)]

        pages = [one.send(form) for one, form in forms]

        assert [page.status for page in pages] == [200, 409]
        assert "perhaps by a colleague" in pages[1].root.one("main").text
        assert f"/proposals/{world.open}" in pages[1].links()
        assert stored(hub, Proposal, id=world.open)[0].mentee_side == "accepted"

    @pytest.mark.parametrize(
        ("language", "sentence"),
        [
            ("en", "The mentor's last seat is taken: propose the next recommendation."),
            ("fr", "La dernière place du mentor est prise : proposez la recommandation suivante."),
        ],
    )
    def test_for_a_seat_that_is_gone_says_so_in_the_reader_s_language(
        self, visit: Visit, world: World, hub: Database, language: str, sentence: str
    ) -> None:
        amina = visit("amina").speak(language)
        form = amina.open(f"/proposals/{world.answered}").form("/accept")
        (asked,) = stored(hub, Proposal, id=world.answered)
        with hub.transaction() as session:
            session.execute(update(Profile).where(Profile.id == asked.mentor_id).values(taken=Profile.seats))

        page = amina.send(form)

        assert page.status == 409
        assert sentence in page.root.one("main").text
        (kept,) = stored(hub, Proposal, id=world.answered)
        assert (kept.state, kept.mentee_side) == ("proposed", "waiting")


def yeses(page: Page) -> list[Element]:
    """The buttons that say yes to a repair: free seats first."""
    return [form for form in page.forms() if form.get("action").endswith("/repair")]


@ON_BOTH
class TestARepair:
    def test_is_asked_by_one_button_and_is_then_done(self, visit: Visit, world: World, hub: Database) -> None:
        amina = visit("amina")
        page = amina.open(f"/rounds/{world.round}/repair")
        before = len(stored(hub, Proposal, state="proposed"))

        done = amina.send(yeses(page)[0])

        assert "in their inbox" in done.root.one("main").text
        assert len(stored(hub, Proposal, state="proposed")) > before
        assert "no_move" not in [filled(form)["kind"] for form in yeses(amina.open(f"/rounds/{world.round}/repair"))]

    def test_that_was_seen_before_the_round_changed_is_not_made(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina, colleague = visit("amina"), visit("amina")
        page, same = (one.open(f"/rounds/{world.round}/repair") for one in (amina, colleague))
        colleague.send(yeses(same)[0])
        before = len(stored(hub, Proposal))

        told = amina.send(yeses(page)[0])

        assert told.status == 409
        assert "look at its repair again" in told.root.one("main").text
        assert len(stored(hub, Proposal)) == before

    def test_of_no_kind_we_know_is_refused(self, visit: Visit, world: World) -> None:
        amina = visit("amina")
        form = yeses(amina.open(f"/rounds/{world.round}/repair"))[0]

        assert amina.send(form, kind="all").status == 422

    def test_shows_an_auditor_what_there_is_and_no_button(self, visit: Visit, world: World) -> None:
        page = visit("aude").open(f"/rounds/{world.round}/repair")

        assert page.status == 200
        assert yeses(page) == []


class TestARound:
    @pytest.mark.parametrize(
        ("held", "said"), [("on", "up to 20 points less"), ("not_available", "no whole year"), ("off", "")]
    )
    def test_says_whether_scarce_mentors_were_held_back(
        self, visit: Visit, world: World, hub: Database, held: str, said: str
    ) -> None:
        with hub.transaction() as session:
            row = session.get_one(Round, world.round)
            row.certificate, row.policy = row.certificate | {"hold_back": held}, row.policy | {"hold_back": 20}

        text = visit("amina").open(f"/rounds/{world.round}").root.one("main").text

        assert said in text
        assert ("held back" in text) == bool(said)

    @pytest.mark.parametrize(
        ("policy", "certificate", "said"),
        [
            ({"even_load": 5}, {}, "costs 5 points more"),
            ({}, {"surplus": 1}, "promised 1 placement more"),
            ({}, {"surplus": 12}, "promised 12 placements more"),
        ],
    )
    def test_says_what_was_evened(
        self, visit: Visit, world: World, hub: Database, policy: dict, certificate: dict, said: str
    ) -> None:
        before = visit("amina").open(f"/rounds/{world.round}").root.one("main").text
        with hub.transaction() as session:
            row = session.get_one(Round, world.round)
            row.certificate, row.policy = row.certificate | certificate, row.policy | policy

        text = visit("amina").open(f"/rounds/{world.round}").root.one("main").text

        assert said in text
        assert "evened" not in before.replace("mentors' load evened", "")


@ON_BOTH
class TestAReferral:
    def test_sent_from_the_plan_is_accepted_by_the_provider_and_seen_by_the_sender(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        amina, bo = visit("amina"), visit("bo")

        sent = amina.send(amina.open(f"/mentees/{world.unready}").form("/refer"))

        identifier = sent.address.rpartition("/")[2]
        assert sent.notices == ["Referral sent. You will see here what happens to it."]
        received = bo.open(f"/referrals/{identifier}")
        assert world.unready not in received.source
        accepting = next(form for form in received.forms() if filled(form).get("event") == "accepted")
        assert bo.send(accepting).notices == ["Recorded. The other side sees it now."]
        (kept,) = stored(hub, Referral, id=identifier)
        assert (kept.state, kept.step, kept.sender_id, kept.receiver_id) == ("accepted", "language", "eriec", "bvlc")
        assert [one.taken for one in stored(hub, Intake)] == [1]
        assert "accepted" in amina.open(f"/referrals/{identifier}").heading

    @pytest.mark.parametrize("step", ["call her at 780 555 0100", "x" * 5000])
    def test_carries_a_code_and_never_a_text(self, visit: Visit, world: World, hub: Database, step: str) -> None:
        amina = visit("amina")
        count = len(stored(hub, Referral))

        page = amina.send(amina.open(f"/mentees/{world.unready}").form("/refer"), step=step)

        assert page.status == 400
        assert len(stored(hub, Referral)) == count

    def test_sent_twice_is_refused_with_the_way_to_the_first(self, visit: Visit, world: World, hub: Database) -> None:
        amina = visit("amina")
        form = amina.open(f"/mentees/{world.unready}").form("/refer")
        amina.send(form)
        count = len(stored(hub, Referral))

        page = amina.send(form)

        assert (page.status, page.heading) == (409, "Already referred there")
        assert "see the referral board" in page.root.one("main").text
        assert len(stored(hub, Referral)) == count

    def test_accepted_by_two_at_the_provider_tells_the_second(self, visit: Visit, world: World, hub: Database) -> None:
        bo, other = visit("bo"), visit("bo")
        both = [(one, self.moving(one, world, "accepted")) for one in (bo, other)]

        pages = [one.send(form) for one, form in both]

        assert [page.status for page in pages] == [200, 409]
        assert f"/referrals/{world.referral}" in pages[1].links()
        assert [one.taken for one in stored(hub, Intake)] == [1]

    def test_is_not_declined_without_a_reason(self, visit: Visit, world: World, hub: Database) -> None:
        bo = visit("bo")

        page = bo.send(self.moving(bo, world, "declined"), reason="")

        assert page.status == 422
        assert "choose again" in page.root.one("main").text
        assert stored(hub, Referral, id=world.referral)[0].state == "sent"
        assert bo.send(self.moving(bo, world, "declined"), reason="no_capacity").status == 200
        assert stored(hub, Referral, id=world.referral)[0].state == "declined"

    @staticmethod
    def moving(visitor: Visitor, world: World, event: str) -> Element:
        forms = visitor.open(f"/referrals/{world.referral}").forms()
        return next(form for form in forms if filled(form).get("event") == event)


@ON_BOTH
class TestADuplicate:
    @staticmethod
    def buttons(page: Page) -> list[Element]:
        return [form for form in page.forms() if form.get("action").startswith("/duplicates/")]

    def test_shows_the_organisation_and_never_the_other_s_pseudonym(self, visit: Visit) -> None:
        page = visit("amina").open("/duplicates")

        assert "eriec-mentee-0" in page.source
        assert "criec-mentee" not in page.source
        assert "CRIEC" in page.root.one("main").text
        assert [form.get("action").rpartition("/")[2] for form in self.buttons(page)] == ["confirm", "reject"]

    @pytest.mark.parametrize(("which", "word"), [(0, "confirmed"), (1, "rejected")])
    def test_is_decided_once_for_one_s_side_and_nothing_is_merged(
        self, visit: Visit, hub: Database, which: int, word: str
    ) -> None:
        amina, karim = visit("amina"), visit("karim")
        form, late = (self.buttons(one.open("/duplicates"))[which] for one in (amina, karim))

        page = amina.send(form)

        assert page.address == "/duplicates"
        assert "Nothing was merged" in page.root.one("main").text
        assert self.buttons(page) == []
        assert {(one.a_side, one.b_side) for one in stored(hub, PossibleDuplicate)} >= {
            tuple(word if organisation == "eriec" else "possible" for organisation in self.sides(hub))
        }
        assert karim.send(late).status == 409
        assert len(stored(hub, Profile, pseudonym="eriec-mentee-0")) == 1

    @staticmethod
    def sides(hub: Database) -> tuple[str, str]:
        with hub.reading() as session:
            mine = select(Profile.id).where(Profile.pseudonym == "eriec-mentee-0")
            pair = session.scalars(
                select(PossibleDuplicate).where(PossibleDuplicate.a_id.in_(mine) | PossibleDuplicate.b_id.in_(mine))
            ).one()
            return pair.a_organisation_id, pair.b_organisation_id


@ON_BOTH
class TestSigningIn:
    def test_leaves_one_session_and_signing_out_none(self, visit: Visit, hub: Database) -> None:
        amina = visit("")
        door = amina.sign_in("amina")

        assert (door.address, len(stored(hub, SignIn))) == ("/", 1)
        out = amina.send(door.form("/sign-out"))
        assert (out.address, out.notices) == ("/sign-in", ["You are signed out."])
        assert stored(hub, SignIn) == []
        assert amina.open("/").address == "/sign-in"

    def test_with_a_wrong_password_asks_again_and_remembers_where_to_go(self, visit: Visit, hub: Database) -> None:
        stranger = visit("")

        refused = stranger.sign_in("amina", "wrong password", "/sign-in?next=/proposals")

        assert refused.status == 401
        assert refused.notices == ["Check the user name, the password and the code, then try again."]
        assert stored(hub, SignIn) == []
        right = stranger.send(refused.form("/sign-in"), username="amina", password="correct horse battery")
        assert right.address == "/proposals"

    @pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
    def test_never_leads_elsewhere(self, visit: Visit, target: str) -> None:
        assert visit("").sign_in("amina", address=f"/sign-in?next={target}").address == "/"
        assert visit("").http.get(f"/language/fr?next={target}").headers["Location"] == "/"


class TestTheLanguage:
    def test_switches_by_a_link_that_comes_back_to_the_page(self, visit: Visit) -> None:
        amina = visit("amina")
        page = amina.open("/pool?q=engineer")
        (link,) = [one for one in page.root.all("a") if one.get("hreflang")]

        french = amina.open(link.get("href"))

        assert french.full_address == "/pool?q=engineer"
        assert french.root.one("html").get("lang") == "fr"
        assert amina.open("/proposals").heading == "Propositions"

    def test_is_the_account_s_until_one_chooses(self, visit: Visit) -> None:
        claire = visit("claire")

        assert claire.open("/proposals").heading == "Propositions"
        assert claire.speak("en").open("/proposals").heading == "Proposals"

    @pytest.mark.parametrize(
        ("wished", "heading"), [("fr-CA, en;q=0.5", "Se connecter"), ("de", "Sign in"), ("", "Sign in")]
    )
    def test_is_the_browser_s_before_one_signs_in(self, visit: Visit, wished: str, heading: str) -> None:
        assert Page(visit("").http.get("/sign-in", headers={"Accept-Language": wished})).heading == heading

    def test_that_does_not_exist_is_not_there(self, visit: Visit) -> None:
        assert visit("").open("/language/xx").status == 404
