"""A mentee's own page over HTTP: the link, the page, her answer, stopping, the way out, and what nobody learns of it."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from hub.access import limits
from hub.access.context import EXTENSION
from hub.database import Database
from hub.models import AuditEntry, MenteeLink, MenteeWord, Profile, Proposal, utcnow
from hub.pages.mentee_links import ELSEWHERE
from hub.services import organisations
from tests.hub.pages.conftest import CUT_SHORT, ON_BOTH, come_by_link, is_own_page
from tests.hub.pages.test_flows import dump
from tests.hub.pages.visitor import Page, Visitor, filled
from tests.hub.pages.world import MEMBERS, World
from tests.hub.people import TESTS

Visit = Callable[[str], Visitor]
LINK: Final = re.compile(r"http://localhost:8000(/m/[A-Za-z0-9_-]{43})")
DEAD: Final = "This link no longer works, or is not whole: ask for a new one."
CLOSED: Final = "This page is closed: ask for a new link."
# What would tell somebody who looks over her shoulder what this is, or who she is.
TELLING: Final = re.compile(
    r"immigra|newcomer|refugee|settlement|nouve\w+ arrivant|réfugié|établissement", re.IGNORECASE
)


@pytest.fixture
def her(app: Flask, world: World) -> Visitor:
    """The mentee whom the open proposal asks, on her phone."""
    return come_by_link(app, world)


@pytest.fixture
def phone(app: Flask) -> Visitor:
    """A phone that nobody used yet."""
    return Visitor(app.test_client())


@pytest.fixture
def logged(app: Flask, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """What the hub and its libraries wrote to their logs during this test; afterwards they write where they did."""
    before, written = structlog.get_config(), StringIO()
    structlog.configure(**before | {"logger_factory": structlog.PrintLoggerFactory(written)})
    with caplog.at_level(logging.DEBUG):
        yield lambda: written.getvalue() + caplog.text
    structlog.configure(**before)


def make(visitor: Visitor, pseudonym: str) -> Page:
    return visitor.send(visitor.open(f"/mentees/{pseudonym}").form("/link"))


def made(page: Page) -> tuple[str, str]:
    """Address and digits of the link just made."""
    link, code = (one.text for one in page.root.one("dl").all("code"))
    found = LINK.fullmatch(link)
    assert found
    return found[1], code


def press(visitor: Visitor, address: str) -> TestResponse:
    """Press the button of a link's page, without following on."""
    form = visitor.open(address).form(address)
    return visitor.http.post(address, data=filled(form))


def answer(visitor: Visitor, world: World, word: str, code: str, **more: str) -> Page:
    form = next(one for one in visitor.open("/m").forms() if filled(one).get("word") == word)
    return visitor.send(form, code=code, **more)


def words(hub: Database) -> list[tuple[str, str, str | None]]:
    with hub.reading() as session:
        return [(one.proposal_id, one.word, one.reason) for one in session.scalars(select(MenteeWord))]


def audited(hub: Database) -> list[tuple[str, str, str]]:
    with hub.reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.number))
        return [(one.operation, one.subject, one.outcome) for one in rows]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


class TestMakingALink:
    def test_shows_link_and_digits_once(self, visit: Visit, world: World, hub_file: Path) -> None:
        amina = visit("amina")

        page = make(amina, world.fresh)

        address, code = made(page)
        assert page.status == 200
        assert re.fullmatch(r"[0-9]{6}", code)
        assert page.headers["Cache-Control"] == "no-store"
        again = amina.open(f"/mentees/{world.fresh}")
        assert address not in again.source
        assert code not in again.root.one("main").text
        assert address.removeprefix("/m/") not in "\n".join(dump(hub_file))
        assert "not opened yet" in again.root.one("main").text

    @ON_BOTH
    def test_is_for_coordinators_of_the_mentee_s_organisation(self, visit: Visit, world: World, hub: Database) -> None:
        amina, claire, aude = visit("amina"), visit("claire"), visit("aude")
        form = amina.open(f"/mentees/{world.fresh}").form("/link")
        refused = []
        for visitor in (claire, aude, visit("olga")):
            token = filled(visitor.open("/account").form("/sign-out"))["csrf_token"]
            refused.append(visitor.http.post(form.get("action"), data={"csrf_token": token}).status_code)

        assert refused == [404, 403, 403]
        refusals = [subject for deed, subject, how in audited(hub) if (deed, how) == ("mentee_link.issue", "not-found")]
        assert len(refusals) == 1
        assert world.fresh not in refusals[0]

    def test_of_a_mentor_or_nobody_is_refused(self, visit: Visit) -> None:
        amina = visit("amina")
        token = filled(amina.open("/account").form("/sign-out"))["csrf_token"]

        for pseudonym in ("eriec-mentor-0", "nobody"):
            assert amina.http.post(f"/mentees/{pseudonym}/link", data={"csrf_token": token}).status_code == 404

    def test_keeps_another_language_from_losing_it(self, visit: Visit, world: World) -> None:
        page = make(visit("amina"), world.alone)

        assert f"/language/fr?next=/mentees/{world.alone}" in page.links()


class TestTheLink:
    def test_changes_nothing_however_often_it_is_looked_at(self, phone: Visitor, world: World, hub_file: Path) -> None:
        before, address = dump(hub_file), f"/m/{world.own.unused}"

        pages = [phone.open(address) for _ in range(3)]
        phone.http.head(address)

        assert [one.status for one in pages] == [200] * 3
        assert pages[0].heading == "This link is for you alone"
        assert [form.get("action") for form in pages[0].forms()] == ["/m/leave", address]
        assert dump(hub_file) == before

    def test_tells_nobody_whether_it_is_one(self, phone: Visitor, world: World) -> None:
        real, forged = (phone.open(f"/m/{one}") for one in (world.own.unused, "A" * 43))

        assert (real.status, real.root.one("main").text) == (forged.status, forged.root.one("main").text)

    @ON_BOTH
    def test_opens_a_session_of_its_own_kept_to_her_pages(self, phone: Visitor, world: World) -> None:
        entered = press(phone, f"/m/{world.own.unused}")

        assert (entered.status_code, entered.headers["Location"]) == (303, "/m")
        (cookie,) = [one for one in entered.headers.getlist("Set-Cookie") if one.startswith("passerelle-m=")]
        assert {"HttpOnly", "Path=/m", "SameSite=Lax"} <= set(cookie.split("; "))
        assert 13 * 86_400 < int(re.findall(r"Max-Age=(\d+)", cookie)[0]) <= 14 * 86_400
        assert phone.open("/m").heading == "Where things stand"

    def test_is_dead_once_it_was_opened_also_for_whoever_opened_it(
        self, phone: Visitor, app: Flask, world: World, hub_file: Path
    ) -> None:
        address, other = f"/m/{world.own.unused}", Visitor(app.test_client())
        press(phone, address)

        for visitor in (phone, other):
            refused = Page(press(visitor, address))
            assert (refused.status, refused.heading, DEAD in refused.source) == (404, "This page is closed", True)
        assert phone.open("/m").status == 200
        assert other.open("/m").status == 401

    @pytest.mark.parametrize("change", ["forged", "old", "suspended"])
    def test_refuses_in_the_same_words_whatever_is_wrong(
        self, phone: Visitor, world: World, hub: Database, change: str
    ) -> None:
        address = f"/m/{'A' * 43 if change == 'forged' else world.own.unused}"
        if change == "old":
            with hub.transaction() as session:
                session.execute(update(MenteeLink).values(expires_at=utcnow()))
        if change == "suspended":
            hub.run(lambda session: organisations.suspend(session, TESTS, "eriec"))

        page = Page(press(phone, address))

        assert (page.status, page.root.one("main").text) == (404, f"This page is closed {DEAD}")
        assert "Set-Cookie" not in {name for name, value in page.headers if "passerelle-m" in value}

    @pytest.mark.parametrize("cut", [0, 1, 20, 42, 44])
    def test_that_is_not_whole_says_so_before_a_button_is_pressed(
        self, phone: Visitor, world: World, hub_file: Path, cut: int
    ) -> None:
        before, address = dump(hub_file), f"/m/{(world.own.unused + 'A')[:cut]}" if cut else CUT_SHORT
        token = filled(phone.open(f"/m/{world.own.unused}").form("/leave"))["csrf_token"]

        for page in (phone.open(address), Page(phone.http.post(address, data={"csrf_token": token}))):
            assert (page.status, DEAD in page.source) == (404, True)
        assert dump(hub_file) == before

    def test_is_neither_logged_nor_audited(
        self, phone: Visitor, world: World, hub: Database, logged: Callable[[], str]
    ) -> None:
        address = f"/m/{world.own.unused}"
        for _ in range(2):
            press(phone, address)

        said = logged()
        assert "/m/<capability>" in said
        assert world.own.unused not in said
        assert world.own.unused not in str(audited(hub))
        assert [one for one in audited(hub) if one[0] == "mentee_link.open"][-1][2] == "refused"

    def test_is_not_logged_when_something_breaks_on_our_side(
        self, phone: Visitor, app: Flask, world: World, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = phone.open(f"/m/{world.own.unused}").forms()[1]
        monkeypatch.setitem(app.extensions[EXTENSION], "database", None)

        page = phone.send(form)

        assert (page.status, '"fault"' in logged()) == (500, True)
        assert world.own.unused not in logged()

    def test_is_counted_with_the_tries_of_passwords_and_the_way_out_is_not(self, app: Flask) -> None:
        counted = {}
        for method, path in (("POST", "/m/x"), ("GET", "/m/x"), ("POST", "/m/leave"), ("POST", "/mentees/x/link")):
            with app.test_request_context(path, method=method):
                counted[method, path] = limits.is_sign_in()

        assert [one for one, is_counted in counted.items() if is_counted] == [("POST", "/m/x")]


class TestHerPage:
    @ON_BOTH
    def test_says_where_things_stand_and_asks(self, her: Visitor) -> None:
        page = her.open("/m")

        (here,) = [one.text for one in page.root.walk() if one.get("aria-current") == "step"]
        assert here == "A mentor was found and both sides are asked"
        assert "Would you like to meet this mentor?" in page.root.one("main").text

    @ON_BOTH
    def test_shows_the_way_there_with_dates(self, visit: Visit, phone: Visitor, world: World) -> None:
        address, _ = made(make(visit("amina"), world.unready))
        press(phone, address)

        (steps,) = [one for one in phone.open("/m").root.all("ol") if one.get("class") == "steps panel"]
        first, last = (one.text for one in steps.all("li"))
        assert re.fullmatch(r"A language course \w+ \d+, \d{4} to \w+ \d+, \d{4}", first)
        assert re.fullmatch(r"Meeting a mentor from \w+ \d+, \d{4}", last)

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_tells_nobody_who_looks_over_her_shoulder_what_it_is(
        self, her: Visitor, world: World, language: str
    ) -> None:
        her.speak(language)
        for address in world.own.addresses():
            page = her.open(address)
            assert TELLING.findall(page.source) == []
            assert "passerelle" not in page.title.casefold()
            shown = " ".join(page.root.texts())
            for word in ("Passerelle", world.own.pseudonym, *(name for _, name, _ in MEMBERS)):
                assert word not in shown, (address, word)

    @pytest.mark.parametrize("path", ["/m", "/m/stop", "/m/leave", CUT_SHORT, "/m/" + "A" * 43])
    def test_leaves_no_address_and_no_copy_behind(self, her: Visitor, phone: Visitor, path: str) -> None:
        for visitor in (her, phone):
            for found in (visitor.http.get(path), visitor.http.post(path)):
                assert found.headers["Referrer-Policy"] == "no-referrer"
                assert found.headers["Cache-Control"] == "no-store"

    def test_is_closed_to_whoever_has_no_session_of_a_link(self, visit: Visit, app: Flask, world: World) -> None:
        rules = [rule for rule in app.url_map.iter_rules() if is_own_page(rule.rule)]
        assert len(rules) == 7
        amina = visit("amina")
        token = filled(amina.open("/account").form("/sign-out"))["csrf_token"]

        pages = [amina.open(one) for one in ("/m", "/m/stop")]
        for path in ("/m/stop", f"/m/proposals/{world.open}"):
            pages.append(Page(amina.http.post(path, data={"csrf_token": token})))
        assert [(one.status, CLOSED in one.source) for one in pages] == [(401, True)] * 4

    def test_opens_nothing_of_a_coordinator(self, app: Flask, world: World, addresses: list[str]) -> None:
        """Her session is not even sent there; sent in the coordinators' cookie, it is none."""
        thief: FlaskClient = app.test_client()
        for name in ("passerelle", "passerelle-m", "passerelle-step"):
            thief.set_cookie(name, world.own.session)
        opened = {one for one in addresses if thief.get(one).status_code == 200}

        # An invitation shows its form to whoever holds the address, and does nothing before it is sent.
        assert {one.partition("/invitation/")[0] for one in opened} <= {"/about", "/sign-in", "/sign-in/code"}

    @pytest.mark.parametrize("session", ["", "A" * 43, "short", "é" * 43, "cut"])
    def test_knows_no_made_up_session(self, phone: Visitor, world: World, session: str) -> None:
        phone.http.set_cookie("passerelle-m", world.own.session[:-1] if session == "cut" else session, path="/m")

        assert phone.open("/m").status == 401

    def test_closes_when_her_fourteen_days_are_over(self, her: Visitor, hub: Database) -> None:
        with hub.transaction() as session:
            session.execute(update(MenteeLink).values(expires_at=utcnow() - timedelta(seconds=1)))

        assert her.open("/m").status == 401

    @ON_BOTH
    def test_closes_while_her_organisation_is_suspended(self, her: Visitor, world: World, hub: Database) -> None:
        page = her.open("/m")
        hub.run(lambda session: organisations.suspend(session, TESTS, "eriec"))

        refused = [her.open("/m"), her.open("/m/stop"), her.send(page.form(world.open), code=world.own.code)]
        assert [(one.status, CLOSED in one.source) for one in refused] == [(403, True)] * 3
        assert words(hub) == []
        assert ("mentee_page.read", "mentee_page:-", "organisation-suspended") in audited(hub)

    def test_is_protected_by_the_token_alone_under_tls_where_no_referrer_is_sent(
        self, app: Flask, world: World
    ) -> None:
        http, address, secure = app.test_client(), f"/m/{world.own.unused}", "https://localhost"
        form = Page(http.get(address, base_url=secure)).form(address)

        refused = http.post(address, base_url=secure, data={"csrf_token": "made-up"})
        opened = http.post(address, base_url=secure, data=filled(form))

        assert (refused.status_code, opened.status_code) == (400, 303)

    def test_has_a_cookie_for_tls_alone_where_the_hub_is_served_so(
        self, phone: Visitor, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parts = app.extensions[EXTENSION]
        monkeypatch.setitem(parts, "settings", replace(parts["settings"], issuer="https://localhost"))

        (cookie,) = [
            one for one in press(phone, f"/m/{world.own.unused}").headers.getlist("Set-Cookie") if "-m=" in one
        ]
        assert cookie.startswith("__Secure-passerelle-m=")
        assert "Secure" in cookie.split("; ")


@ON_BOTH
class TestHerAnswer:
    def test_is_shown_to_her_coordinator_and_not_to_the_other_side(
        self, her: Visitor, visit: Visit, world: World, hub: Database
    ) -> None:
        page = answer(her, world, "yes", world.own.code)

        assert (page.address, page.notices) == ("/m", ["Thank you. Your answer was passed on."])
        assert "You said yes." in page.root.one("main").text
        assert words(hub) == [(world.open, "yes", None)]
        amina, hodan = visit("amina"), visit("hodan")
        assert "Your mentee said yes on" in amina.open(f"/proposals/{world.open}").root.one("main").text
        assert f"{world.own.pseudonym} said yes" in amina.open("/").root.one("main").text
        assert "said yes on" not in hodan.open(f"/proposals/{world.open}").root.one("main").text
        assert "What your mentees said" not in hodan.open("/").source
        with hub.reading() as session:
            assert session.get_one(Proposal, world.open).mentee_side == "waiting"

    def test_no_comes_with_its_reason(self, her: Visitor, visit: Visit, world: World, hub: Database) -> None:
        answer(her, world, "no", world.own.code, reason="schedule")

        assert words(hub) == [(world.open, "no", "schedule")]
        assert re.search(r"said no on .* Reason: Schedule", visit("amina").open(f"/proposals/{world.open}").root.text)

    @pytest.mark.parametrize("reason", ["", "no_capacity", "because she said so"])
    def test_no_without_a_reason_of_hers_is_refused(
        self, her: Visitor, world: World, hub: Database, reason: str
    ) -> None:
        page = answer(her, world, "no", world.own.code, reason=reason)

        assert (page.status, page.links()[-1]) == (422, "/m")
        assert words(hub) == []

    @pytest.mark.parametrize("code", ["", "12", "abcdef"])
    def test_needs_the_digits(self, her: Visitor, world: World, hub: Database, code: str) -> None:
        page = answer(her, world, "yes", code)

        assert (page.status, page.notices) == (422, ["These digits do not fit. Your answer was not sent: try again."])
        assert words(hub) == []

    def test_is_not_taken_after_ten_wrong_codes_and_the_page_closes(
        self, her: Visitor, world: World, hub: Database
    ) -> None:
        form, guess = her.open("/m").form(world.open), wrong(world.own.code)

        statuses = [her.send(form, code=guess).status for _ in range(10)]
        after = her.send(form, code=world.own.code)

        assert statuses == [422] * 9 + [401]
        assert (after.status, CLOSED in after.source, words(hub)) == (401, True, [])

    def test_has_few_tries_an_hour(
        self, her: Visitor, app: Flask, world: World, hub: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parts = app.extensions[EXTENSION]
        monkeypatch.setitem(parts, "settings", replace(parts["settings"], sign_in_attempts_per_hour=2))
        form = her.open("/m").form(world.open)

        statuses = [her.send(form, code=one).status for one in (wrong(world.own.code),) * 2 + (world.own.code,)]

        assert statuses == [422, 422, 429]
        assert words(hub) == []

    def test_to_another_s_question_is_refused_like_one_that_is_not_there(
        self, her: Visitor, world: World, hub: Database
    ) -> None:
        form = her.open("/m").form(world.open)
        pages = []
        for proposal in (world.agreed, world.answered, "none"):
            form.attributes["action"] = f"/m/proposals/{proposal}"
            pages.append(her.send(form, code=world.own.code))

        assert [one.status for one in pages] == [404] * 3
        assert len({one.root.one("main").text for one in pages}) == 1
        assert ("mentee_word.say", f"mentee_word:{world.agreed}", "not-found") in audited(hub)
        assert words(hub) == []

    def test_comes_too_late_once_the_question_is_closed(
        self, her: Visitor, visit: Visit, world: World, hub: Database
    ) -> None:
        form, hodan = her.open("/m").form(world.open), visit("hodan")
        hodan.send(hodan.open(f"/proposals/{world.open}").form("/decline"), reason="no_capacity")

        assert her.send(form, code=world.own.code).status == 409
        assert words(hub) == []


class TestStopping:
    def test_says_first_what_it_means_and_changes_nothing(self, her: Visitor, hub_file: Path) -> None:
        before = dump(hub_file)
        page = her.open("/m/stop")

        assert "Your coordinator is told that you stopped" in page.root.one("main").text
        assert "/m" in page.links()
        assert dump(hub_file) == before

    @ON_BOTH
    def test_erases_at_once_ends_the_page_and_tells_her_coordinator(
        self, her: Visitor, visit: Visit, world: World, hub: Database
    ) -> None:
        page = her.send(her.open("/m/stop").form("/m/stop"))

        assert (page.status, page.heading) == (200, "It is done")
        assert her.http.get_cookie("passerelle-m", path="/m") is None
        with hub.reading() as session:
            assert session.scalar(select(Profile).where(Profile.pseudonym == world.own.pseudonym)) is None
            assert session.get_one(Proposal, world.open).state == "withdrawn"
        assert her.open("/m").status == 401
        inbox = visit("amina").open("/").root.one("main").text
        assert "A mentee withdrew. Everything shared was erased, her pseudonym too" in inbox
        assert world.own.pseudonym not in inbox
        theirs = visit("hodan").open("/").root.one("main").text
        assert "A mentee withdrew" not in theirs
        assert world.own.pseudonym not in theirs

    def test_twice_is_refused_and_leaves_things_as_they_are(self, her: Visitor, world: World, hub_file: Path) -> None:
        form = her.open("/m/stop").form("/m/stop")
        her.send(form)
        her.http.set_cookie("passerelle-m", world.own.session, path="/m")
        before = dump(hub_file)

        assert her.send(form).status == 401
        assert dump(hub_file) == before


class TestTheWayOut:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_ends_the_session_and_leads_to_the_weather_in_place_of_the_page(
        self, her: Visitor, app: Flask, world: World, language: str
    ) -> None:
        left = her.speak(language).send(her.open("/m").form("/m/leave"))

        assert left.headers["Refresh"] == f"0; url={ELSEWHERE[language]}"
        assert left.headers["Clear-Site-Data"] == '"cache"'
        assert left.links()[-1] == ELSEWHERE[language]
        assert her.http.get_cookie("passerelle-m", path="/m") is None
        assert come_by_link(app, world).open("/m").status == 401

    @pytest.mark.parametrize("token", [None, "", "made-up", "expired"])
    def test_opens_whatever_the_form_is_like(self, her: Visitor, app: Flask, world: World, token: str | None) -> None:
        left = her.http.post("/m/leave", data={} if token is None else {"csrf_token": token})

        assert (left.status_code, left.headers["Refresh"]) == (200, f"0; url={ELSEWHERE['en']}")
        assert come_by_link(app, world).open("/m").status == 401

    def test_opens_without_a_session_too_and_changes_nothing(self, phone: Visitor, hub_file: Path) -> None:
        before = dump(hub_file)

        assert phone.http.post("/m/leave").status_code == 200
        assert dump(hub_file) == before

    def test_stands_first_on_each_of_her_pages(self, her: Visitor, world: World) -> None:
        for address in world.own.addresses():
            first = her.open(address).forms()[0]
            assert (first.get("action"), first.inside("header")) == ("/m/leave", True)

    @ON_BOTH
    def test_is_audited(self, her: Visitor, hub: Database) -> None:
        her.http.post("/m/leave")

        assert audited(hub)[-1][0] == "mentee_link.leave"


def test_every_page_of_hers_has_an_example_in_the_world(app: Flask, world: World) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if is_own_page(rule.rule) and "GET" in (rule.methods or ())}

    with app.test_request_context():
        match = app.url_map.bind("localhost").match
        seen = {str(match(one, return_rule=True)[0]) for one in world.own.addresses()}
    assert seen == rules
