"""Accounts as people keep and take them up, form by form: the administrator's pages, the invitation, and who is refused."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from pyotp import TOTP
from sqlalchemy import select, update

from hub.database import Database
from hub.models import AuditEntry, AuthenticatorApp, Coordinator, Invitation, Passkey, SignIn
from hub.services import identity_providers
from tests.hub.authenticator import Authenticator
from tests.hub.pages.conftest import ON_BOTH, grow_old
from tests.hub.pages.test_account import asked
from tests.hub.pages.trips import DEAD, House, Trip, come_back, digits_of, house, leave, signed_in
from tests.hub.pages.visitor import Element, Page, Visitor
from tests.hub.pages.world import World
from tests.hub.people import TESTS

__all__ = ["house"]
Visit = Callable[[str], Visitor]
PASSWORD = "a few words to remember"
LINK = re.compile(r"http://localhost:8000(/sign-in/invitation/[A-Za-z0-9_-]{43})\b")
LAST = "You are the last administrator: make a colleague one first."


def invited(visitor: Visitor, username: str = "intake-2", role: str = "coordinator", **more: str) -> Page:
    form = visitor.open("/colleagues").form("/colleagues")
    return visitor.send(form, username=username, role=role, locale="en", **more)


def link_on(page: Page) -> str:
    (link,) = LINK.findall(page.source)
    return str(link)


def choices(visitor: Visitor, link: str) -> Page:
    return visitor.send(visitor.open(link).form(link))


def join_with_app(visitor: Visitor, link: str, page: Page | None = None, **typed: str) -> Page:
    """Fill in the form of a password and an app as a person does, looking at the page."""
    page = page or choices(visitor, link)
    secret = page.root.one("main").all("code")[-1].text.replace(" ", "")
    return visitor.send(
        page.form("/app"), **{"password": PASSWORD, "again": PASSWORD, "code": TOTP(secret).now()} | typed
    )


def page_of(visitor: Visitor, username: str) -> Page:
    """The page of one account, from the list."""
    found = visitor.open("/colleagues")
    (address,) = [one.get("href") for one in found.root.all("a") if one.text == username]
    return visitor.open(address)


def confirm(visitor: Visitor, username: str, digits: str) -> Page:
    return visitor.send(page_of(visitor, username).form("/confirm"), digits=digits)


def confirm_at(visitor: Visitor, page: Page, digits: str) -> Page:
    """Type digits where no form asks for them."""
    token = page.form("/end").all("input")[0].get("value")
    address = f"{page.form('/end').get('action').removesuffix('/end')}/confirm"
    return Page(visitor.http.post(address, data={"csrf_token": token, "digits": digits}))


def rows(hub: Database, model: type[object]) -> int:
    with hub.reading() as session:
        return len(session.scalars(select(model)).all())


@pytest.fixture
def iman(visit: Visit) -> Visitor:
    return visit("iman")


@ON_BOTH
class TestJoining:
    def test_with_a_password_and_an_app_opens_once_the_digits_were_heard(
        self, iman: Visitor, visit: Visit, hub: Database
    ) -> None:
        shown = invited(iman)
        newcomer, early, later = visit(""), visit(""), visit("")

        joined = join_with_app(newcomer, link_on(shown))
        refused = early.sign_in("intake-2.eriec", PASSWORD)
        confirmed = confirm(iman, "intake-2.eriec", digits_of(joined))
        half = later.sign_in("intake-2.eriec", PASSWORD)

        assert (joined.address, signed_in(newcomer)) == ("/sign-in/joined", False)
        assert (refused.status, early.http.get_cookie("passerelle")) == (401, None)
        assert confirmed.notices == ["Confirmed. Your colleague can sign in now."]
        assert half.address == "/sign-in/code"

    def test_with_a_passkey_needs_no_password_ever(self, iman: Visitor, visit: Visit, hub: Database) -> None:
        link, newcomer, device = link_on(invited(iman)), visit(""), Authenticator()
        form = choices(newcomer, link).form("/passkey")

        joined = newcomer.send(form, answer=device.create(asked(newcomer, form)))
        early = newcomer.send(door(newcomer), answer=device.get(asked(newcomer, door(newcomer))))
        confirm(iman, "intake-2.eriec", digits_of(joined))
        form = door(newcomer)
        entered = newcomer.send(form, answer=device.get(asked(newcomer, form)))

        assert early.status == 401
        assert entered.address == "/"
        with hub.reading() as session:
            (kept,) = session.scalars(select(Coordinator).where(Coordinator.username == "intake-2.eriec"))
        assert kept.password_hash is None

    def test_with_the_organisation_s_provider_binds_and_opens_once_the_digits_were_heard(
        self, iman: Visitor, visit: Visit, house: House
    ) -> None:
        link, newcomer = link_on(invited(iman)), visit("")
        trip = Trip(newcomer, newcomer.send(choices(newcomer, link).form("/provider")))

        joined = come_back(trip)
        early = come_back(leave(newcomer))
        confirm(iman, "intake-2.eriec", digits_of(joined))

        assert (joined.address, early.address) == ("/sign-in/joined", "/sign-in")
        assert come_back(leave(newcomer)).address == "/"

    def test_by_a_stolen_link_opens_nothing_and_a_new_one_takes_it_all(
        self, iman: Visitor, visit: Visit, hub: Database
    ) -> None:
        link, thief, owner = link_on(invited(iman)), visit(""), visit("")
        stolen = join_with_app(thief, link)
        dead = owner.send(owner.open(link).form(link))

        again = iman.send(page_of(iman, "intake-2.eriec").form("/invitation"))

        assert (dead.status, DEAD in dead.source) == (404, True)
        assert link_on(again) != link
        assert visit("").sign_in("intake-2.eriec", PASSWORD).status == 401
        assert (rows(hub, AuthenticatorApp), thief.open("/sign-in/joined").address) == (1, "/sign-in")
        refused = confirm_at(iman, page_of(iman, "intake-2.eriec"), digits_of(stolen))
        assert refused.status == 409


def door(visitor: Visitor) -> Element:
    return visitor.open("/sign-in").form("/sign-in/passkey")


class TestTheLink:
    def test_is_shown_once_and_kept_nowhere(self, iman: Visitor, hub: Database) -> None:
        secret = link_on(invited(iman)).rpartition("/")[2]

        with hub.reading() as session:
            kept = str(session.execute(select(Invitation.link_hash)).all())
            logged = str(session.execute(select(AuditEntry.operation, AuditEntry.subject)).all())
        assert secret not in kept + logged
        assert secret not in iman.open("/colleagues").source + page_of(iman, "intake-2.eriec").source

    def test_opened_by_a_program_is_not_used_up(self, iman: Visitor, visit: Visit) -> None:
        link = link_on(invited(iman))
        before = [visit("").open(link).heading for _ in range(2)]

        assert before == ["Your invitation"] * 2
        assert join_with_app(visit(""), link).heading == "One step is left"

    @pytest.mark.parametrize("ending", ["", "/app", "/passkey", "/provider"])
    @pytest.mark.parametrize("secret", ["A" * 43, "short", "é" * 43])
    def test_that_is_none_leads_nowhere_in_the_same_words(self, visit: Visit, secret: str, ending: str) -> None:
        stranger = visit("")
        token = stranger.open("/sign-in").form("/sign-in").all("input")[0].get("value")

        answer = stranger.http.post(f"/sign-in/invitation/{secret}{ending}", data={"csrf_token": token})

        assert (answer.status_code, DEAD in answer.text) == (404, True)

    def test_to_bind_an_account_lets_nobody_set_up_a_password(self, house: House, visit: Visit) -> None:
        link, stranger = house.invite("amina"), visit("")
        token = stranger.open("/sign-in").form("/sign-in").all("input")[0].get("value")

        answers = [
            stranger.http.post(f"{link}/{way}", data={"csrf_token": token}).status_code for way in ("app", "passkey")
        ]

        assert answers == [404, 404]

    def test_without_a_form_of_ours_is_refused(self, iman: Visitor, visit: Visit) -> None:
        link = link_on(invited(iman))

        answers = [
            visit("").http.post(f"{link}{ending}").status_code for ending in ("", "/app", "/passkey", "/provider")
        ]

        assert answers == [400] * 4

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"code": "000000"}, "This code does not fit"),
            ({"password": "short", "again": "short"}, "12 to 256 characters"),
            ({"again": "another few words"}, "twice the same"),
        ],
    )
    def test_stays_good_after_a_slip(self, iman: Visitor, visit: Visit, typed: dict[str, str], said: str) -> None:
        link, newcomer = link_on(invited(iman)), visit("")

        slip = join_with_app(newcomer, link, **typed)

        assert (slip.status, said in slip.notices[0]) == (422, True)
        assert join_with_app(newcomer, link, slip).heading == "One step is left"

    def test_of_a_page_made_up_takes_no_secret_but_one_that_was_offered(self, iman: Visitor, visit: Visit) -> None:
        link, newcomer = link_on(invited(iman)), visit("")
        other = choices(visit(""), link)
        sealed = [*("made up", "", "é", "A" * 88), other.form("/app").all("input")[1].get("value")]

        found = [join_with_app(newcomer, link, app=one).status for one in sealed]

        # What was offered for this account elsewhere is sealed as well, and the code is another secret's.
        assert found == [422] * 5

    def test_offers_another_secret_to_everybody_who_opens_it(self, iman: Visitor, visit: Visit) -> None:
        link = link_on(invited(iman))

        shown = {choices(visit(""), link).root.one("main").all("code")[-1].text for _ in range(2)}

        assert len(shown) == 2

    def test_offers_the_provider_where_there_is_one(self, iman: Visitor, visit: Visit, hub: Database) -> None:
        link = link_on(invited(iman))
        with_it = "/provider" in choices(visit(""), link).source
        hub.run(lambda session: identity_providers.remove(session, TESTS, "eriec"))

        assert (with_it, "/provider" in choices(visit(""), link).source) == (True, False)

    def test_says_its_page_in_french(self, iman: Visitor, visit: Visit) -> None:
        page = choices(visit("").speak("fr"), link_on(invited(iman)))

        assert page.heading == "Comment vous allez vous connecter"
        assert "Choose" not in page.root.one("main").text

    def test_digits_are_for_the_browser_that_took_it_up(self, iman: Visitor, visit: Visit) -> None:
        newcomer = visit("")
        joined = join_with_app(newcomer, link_on(invited(iman)))

        assert digits_of(newcomer.speak("fr").open("/language/en?next=/sign-in/joined")) == digits_of(joined)
        assert visit("").open("/sign-in/joined").address == "/sign-in"


class TestTheAdministrator:
    def test_types_wrong_digits_and_nothing_is_confirmed(self, iman: Visitor, visit: Visit) -> None:
        join_with_app(visit(""), link_on(invited(iman)))

        page = confirm(iman, "intake-2.eriec", "not these")

        assert (page.status, "not the digits" in page.notices[0]) == (422, True)
        assert visit("").sign_in("intake-2.eriec", PASSWORD).status == 401

    def test_gives_a_role_and_the_colleague_is_signed_out(self, iman: Visitor, visit: Visit) -> None:
        amina = visit("amina")

        page = iman.send(page_of(iman, "amina").form("/role"), role="auditor")

        assert (page.notices, signed_in(amina)) == (["The role is changed. It holds from the next sign-in."], False)
        assert visit("amina").open("/mentees").status == 403

    def test_ends_an_access_at_once(self, iman: Visitor, visit: Visit, hub: Database) -> None:
        karim = visit("karim")

        iman.send(page_of(iman, "karim").form("/end"))

        assert not signed_in(karim)
        assert (rows(hub, Passkey), rows(hub, AuthenticatorApp)) == (0, 0)
        assert visit("").sign_in("karim").status == 401

    @pytest.mark.parametrize(("ending", "typed"), [("/end", {}), ("/role", {"role": "coordinator"})])
    def test_who_is_the_last_stays_one(self, iman: Visitor, ending: str, typed: dict[str, str]) -> None:
        page = iman.send(page_of(iman, "iman").form(ending), **typed)

        assert (page.status, LAST in page.source, signed_in(iman)) == (409, True, True)

    def test_who_is_not_the_last_ends_herself_and_is_signed_out(self, iman: Visitor) -> None:
        iman.send(page_of(iman, "amina").form("/role"), role="organisation_admin")

        page = iman.send(page_of(iman, "iman").form("/end"))

        assert (page.address, signed_in(iman)) == ("/sign-in", False)

    def test_is_offered_no_invitation_to_herself(self, iman: Visitor) -> None:
        assert [one for one in page_of(iman, "iman").forms() if one.get("action").endswith("/invitation")] == []

    @pytest.mark.parametrize("username", ["", "a b", "not@mail"])
    def test_is_told_what_a_user_name_is(self, iman: Visitor, hub: Database, username: str) -> None:
        before = rows(hub, Coordinator)

        page = invited(iman, username)

        assert (page.status, "Choose a user name" in page.notices[0], rows(hub, Coordinator)) == (422, True, before)

    def test_is_told_that_a_name_is_taken(self, iman: Visitor) -> None:
        invited(iman)

        page = invited(iman)

        assert (page.status, page.notices) == (409, ["Choose another user name: this one is taken."])

    def test_does_not_invite_for_another_organisation(self, iman: Visitor, hub: Database) -> None:
        form = iman.open("/colleagues").form("/colleagues")
        sent = {"organisation": "criec", "username": "spy", "role": "organisation_admin", "locale": "en"}
        token = form.all("input")[0].get("value")

        iman.http.post("/colleagues", data={"csrf_token": token, **sent})

        with hub.reading() as session:
            (made,) = session.scalars(select(Coordinator).where(Coordinator.username.startswith("spy")))
        assert (made.organisation_id, made.username) == ("eriec", "spy.eriec")

    @pytest.mark.parametrize("ending", ["", "/end", "/role", "/invitation", "/confirm"])
    def test_proves_who_she_is_before_anything_is_changed(
        self, app: Flask, iman: Visitor, world: World, hub: Database, ending: str
    ) -> None:
        address = f"/colleagues/{world.colleagues['invited']}{ending}" if ending else "/colleagues"
        token = iman.open("/colleagues").form("/colleagues").all("input")[0].get("value")
        grow_old(app, iman)
        before = rows(hub, AuditEntry)

        answer = iman.http.post(address, data={"csrf_token": token, "username": "new", "role": "auditor"})

        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/confirm?next=/colleagues")
        assert rows(hub, AuditEntry) == before

    def test_sees_no_form_before_she_proved_it(self, app: Flask, iman: Visitor, world: World) -> None:
        grow_old(app, iman)
        pages = [iman.open(one) for one in ("/colleagues", f"/colleagues/{world.colleagues['joined']}")]

        assert [form.get("action") for page in pages for form in page.forms()] == ["/sign-out"] * 2
        assert all("/account/confirm?next=/colleagues" in page.source for page in pages)

    def test_reads_of_it_in_the_audit_log(self, iman: Visitor) -> None:
        invited(iman)

        assert "Colleague's account – inviting" in iman.open("/audit").root.one("main").text


class TestTheOperator:
    def test_invites_confirms_and_ends_an_administrator(self, visit: Visit, hub: Database) -> None:
        olga = visit("olga")
        shown = invited(olga, "second", "organisation_admin", organisation="criec")
        joined = join_with_app(visit(""), link_on(shown))

        confirm(olga, "second.criec", digits_of(joined))
        half = visit("").sign_in("second.criec", PASSWORD)
        ended = olga.send(page_of(olga, "second.criec").form("/end"))

        assert half.address == "/sign-in/code"
        assert ended.address == "/colleagues"
        assert visit("").sign_in("second.criec", PASSWORD).status == 401

    def test_is_offered_no_other_role_and_changes_none(self, visit: Visit) -> None:
        page = page_of(visit("olga"), "iman")

        assert [form for form in page.forms() if form.get("action").endswith("/role")] == []


def test_a_session_that_ran_while_the_role_was_taken_opens_nothing_of_it(iman: Visitor, hub: Database) -> None:
    with hub.transaction() as session:
        session.execute(update(Coordinator).where(Coordinator.username == "iman").values(role="coordinator"))

    assert iman.open("/colleagues").status == 403
    assert rows(hub, SignIn) == 1
