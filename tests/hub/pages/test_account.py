"""What people do to protect their account, form by form, and who is let in afterwards."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from pyotp import TOTP
from sqlalchemy import select, update

from hub.access.context import EXTENSION
from hub.database import Database
from hub.models import AuditEntry, Coordinator, Passkey, RecoveryCode, SignIn, SignInStep, utcnow
from tests.hub.authenticator import Authenticator
from tests.hub.pages.conftest import FOR_ADMINISTRATORS, come_halfway, grow_old
from tests.hub.pages.visitor import Element, Page, Visitor, filled
from tests.hub.pages.world import INVITATION, PASSWORD, World

Visit = Callable[[str], Visitor]
WRONG = "Check the user name, the password and the code, then try again."
CODE = re.compile(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}")
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')


@pytest.fixture
def required(app: Flask) -> Iterator[None]:
    """A network that asks everyone for a second factor."""
    parts = app.extensions[EXTENSION]
    before = parts["settings"]
    parts["settings"] = replace(before, second_factor="required")
    yield
    parts["settings"] = before


def set_up_app(visitor: Visitor) -> tuple[TOTP, list[str]]:
    """From the account page to the recovery codes, as a person does it."""
    page = visitor.send(visitor.open("/account").form("/account/app"))
    app = TOTP(page.root.one("main").all("code")[0].text.replace(" ", ""))
    shown = visitor.send(page.form("/account/app/confirm"), code=app.now())
    assert shown.heading == "Recovery codes"
    return app, [one.text for one in shown.root.one("main").all("code")]


def later(app: TOTP) -> str:
    """The code after the one just used: taken too, for phones that run ahead."""
    return app.at(utcnow() + timedelta(seconds=30))


def asked(visitor: Visitor, form: Element) -> dict[str, object]:
    """What the script gets when it asks for a question."""
    answer = visitor.http.post(form.get("action"), data=filled(form), headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert isinstance(found, dict)
    return found


def set_up_passkey(visitor: Visitor, device: Authenticator) -> Page:
    form = visitor.open("/account").form("/account/passkeys")
    return visitor.send(form, answer=device.create(asked(visitor, form)))


def with_passkey(visitor: Visitor, device: Authenticator, page: Page, ending: str = "/passkey") -> Page:
    form = page.form(ending)
    return visitor.send(form, answer=device.get(asked(visitor, form)))


def removal(page: Page) -> Element:
    """The form that removes the first passkey of a page."""
    return next(form for form in page.forms() if re.fullmatch("/account/passkeys/[^/]+/remove", form.get("action")))


def stored(hub: Database, model: type[object]) -> int:
    with hub.reading() as session:
        return len(session.scalars(select(model)).all())


def cookie(visitor: Visitor, name: str = "passerelle") -> str | None:
    found = visitor.http.get_cookie(name)
    return found.value if found else None


class TestAnAuthenticatorApp:
    def test_is_asked_for_at_the_next_sign_in(self, visit: Visit) -> None:
        amina, again = visit("amina"), visit("")
        app, codes = set_up_app(amina)

        half = again.sign_in("amina", address="/sign-in?next=/proposals")

        assert (half.address, cookie(again)) == ("/sign-in/code", None)
        assert again.open("/proposals").address == "/sign-in"
        assert again.send(half.form("/sign-in/code"), code=later(app)).address == "/proposals"
        assert (len(codes), all(map(CODE.fullmatch, codes))) == (10, True)

    def test_shows_its_secret_as_text_and_as_a_picture(self, visit: Visit) -> None:
        amina = visit("amina")

        page = amina.send(amina.open("/account").form("/account/app"))

        (picture,) = [one for one in page.root.walk() if one.get("class") == "qr"]
        assert (picture.get("role"), len(picture.all("path"))) == ("img", 1)
        assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.root.one("main").one("code").text)

    def test_with_a_wrong_first_code_is_not_in_force(self, visit: Visit) -> None:
        amina = visit("amina")
        page = amina.send(amina.open("/account").form("/account/app"))

        refused = amina.send(page.form("/account/app/confirm"), code="12345")

        assert (refused.status, refused.notices) == (422, ["This code does not fit: type the one the app shows now."])
        assert visit("").sign_in("amina").address == "/"

    def test_code_works_once(self, visit: Visit) -> None:
        app, _ = set_up_app(visit("amina"))
        code, first, second = later(app), visit(""), visit("")
        doors = [(one, one.sign_in("amina").form("/sign-in/code")) for one in (first, second)]

        pages = [one.send(form, code=code) for one, form in doors]

        assert [(page.status, page.address) for page in pages] == [(200, "/"), (401, "/sign-in/code")]

    def test_that_is_removed_is_not_asked_for_any_more(self, visit: Visit, hub: Database) -> None:
        amina = visit("amina")
        set_up_app(amina)

        page = amina.send(amina.open("/account").form("/account/app/remove"))

        assert page.notices == ["The authenticator app is removed."]
        assert visit("").sign_in("amina").address == "/"

    def test_speaks_french(self, visit: Visit) -> None:
        page = visit("amina").speak("fr").open("/account")

        assert page.heading == "Votre compte"
        assert "Ajouter une application" in page.form("/account/app").text


class TestRecoveryCodes:
    def test_let_a_person_in_once_each_and_are_shown_once(self, visit: Visit) -> None:
        amina = visit("amina")
        _, codes = set_up_app(amina)

        for code, address in ((codes[0], "/"), (codes[0], "/sign-in/code"), (codes[1], "/")):
            someone = visit("")
            assert someone.send(someone.sign_in("amina").form("/sign-in/code"), code=code).address == address
        page = amina.open("/account")
        assert "Left: 8" in page.root.one("main").text
        assert not any(code in page.source for code in codes)

    def test_made_anew_replace_the_earlier_ones(self, visit: Visit) -> None:
        amina, other = visit("amina"), visit("")
        _, earlier = set_up_app(amina)

        page = amina.send(amina.open("/account").form("/account/codes"))

        shown = [one.text for one in page.root.one("main").all("code")]
        assert len(set(shown) - set(earlier)) == 10
        half = other.sign_in("amina")
        assert other.send(half.form("/sign-in/code"), code=earlier[0]).status == 401
        assert other.send(other.sign_in("amina").form("/sign-in/code"), code=shown[0]).address == "/"


class TestTheSecondStep:
    def test_says_the_same_of_a_wrong_code_as_the_first_of_a_wrong_name_or_password(self, visit: Visit) -> None:
        set_up_app(visit("amina"))
        half = visit("")
        refused = [
            visit("").sign_in("amina", "wrong password"),
            visit("").sign_in("nobody", "wrong password"),
            half.send(half.sign_in("amina").form("/sign-in/code"), code="000000"),
        ]

        assert [(page.status, page.notices) for page in refused] == [(401, [WRONG])] * 3
        pages = [TOKEN.sub("", page.source).replace("/sign-in/code", "/sign-in") for page in refused]
        assert pages[0] == pages[1] == pages[2]

    def test_takes_one_code_only_and_starts_again(self, app: Flask, visit: Visit, hub: Database) -> None:
        half = come_halfway(app, "karim")
        form = half.open("/sign-in/code").form("/sign-in/code")

        half.send(form, code="000000")

        assert stored(hub, SignInStep) == 0
        with hub.transaction() as session:
            session.execute(update(SignInStep).values(ends_at=utcnow()))
        assert half.send(form, code="000000").notices == [WRONG]

    def test_of_somebody_else_or_made_up_leads_nowhere(self, visit: Visit) -> None:
        app, _ = set_up_app(visit("amina"))
        stranger = visit("")
        half = stranger.sign_in("amina")
        for value in ("x" * 43, "short", ""):
            stranger.http.set_cookie("passerelle-step", value)
            assert stranger.send(half.form("/sign-in/code"), code=later(app)).status == 401
        assert cookie(stranger) is None
        assert stranger.open("/sign-in/code?next=/proposals").full_address == "/sign-in?next=/proposals"

    def test_ends_after_five_minutes(self, visit: Visit, hub: Database) -> None:
        app, _ = set_up_app(visit("amina"))
        amina = visit("")
        half = amina.sign_in("amina")
        with hub.transaction() as session:
            session.execute(update(SignInStep).values(ends_at=utcnow() - timedelta(seconds=1)))

        assert amina.send(half.form("/sign-in/code"), code=later(app)).status == 401

    def test_counts_codes_for_the_account_wherever_they_come_from(self, app: Flask, visit: Visit) -> None:
        _, codes = set_up_app(visit("amina"))
        statuses = []
        for number in range(21):
            elsewhere = {"REMOTE_ADDR": f"192.0.2.{number}"}
            half = come_halfway(app, "amina")
            data = filled(half.open("/sign-in/code").form("/sign-in/code"), code="000000")
            statuses.append(half.http.post("/sign-in/code", data=data, environ_base=elsewhere).status_code)

        assert statuses == [401] * 20 + [429]
        half = come_halfway(app, "amina")
        assert half.send(half.open("/sign-in/code").form("/sign-in/code"), code=codes[0]).status == 429

    def test_lets_nobody_in_whose_account_was_disabled_meanwhile(self, visit: Visit, hub: Database) -> None:
        app, _ = set_up_app(visit("amina"))
        amina = visit("")
        half = amina.sign_in("amina")
        with hub.transaction() as session:
            session.execute(update(Coordinator).where(Coordinator.username == "amina").values(disabled_at=utcnow()))

        assert amina.send(half.form("/sign-in/code"), code=later(app)).status == 401


class TestAPasskey:
    def test_signs_in_alone_and_makes_the_password_ask_for_more(self, visit: Visit, hub: Database) -> None:
        device, amina, again = Authenticator(), visit("amina"), visit("")

        shown = set_up_passkey(amina, device)

        assert shown.notices == ["The passkey is set up. It signs you in without a password."]
        codes = [one.text for one in shown.root.one("main").all("code")]
        inside = with_passkey(again, device, again.open("/sign-in?next=/proposals"))
        assert (inside.address, inside.status) == ("/proposals", 200)
        half = visit("")
        assert half.sign_in("amina").address == "/sign-in/code"
        assert half.send(half.open("/sign-in/code").form("/sign-in/code"), code=codes[0]).address == "/"

    def test_that_is_wrong_is_refused_in_the_same_words_and_its_question_used_up(
        self, visit: Visit, hub: Database
    ) -> None:
        device, stranger = Authenticator(), visit("")
        set_up_passkey(visit("amina"), device)
        form = stranger.open("/sign-in").form("/passkey")
        options = asked(stranger, form)

        for answer in (replace(device, origin="http://evil.example").get(options), device.get(options), "x"):
            page = stranger.send(form, answer=answer)
            assert (page.status, page.notices) == (401, [WRONG])
        assert cookie(stranger) is None

    def test_does_not_answer_a_question_asked_of_another_browser(self, visit: Visit) -> None:
        device, mine, theirs = Authenticator(), visit(""), visit("")
        set_up_passkey(visit("amina"), device)
        options = asked(mine, mine.open("/sign-in").form("/passkey"))

        assert theirs.send(theirs.open("/sign-in").form("/passkey"), answer=device.get(options)).status == 401

    def test_lets_nobody_in_whose_account_was_disabled(self, visit: Visit, hub: Database) -> None:
        device, amina = Authenticator(), visit("")
        set_up_passkey(visit("amina"), device)
        with hub.transaction() as session:
            session.execute(update(Coordinator).where(Coordinator.username == "amina").values(disabled_at=utcnow()))

        assert with_passkey(amina, device, amina.open("/sign-in")).status == 401

    def test_without_a_script_is_explained(self, visit: Visit, hub: Database) -> None:
        stranger, karim = visit(""), visit("karim")
        for visitor, address, ending in (
            (stranger, "/sign-in", "/sign-in/passkey"),
            (karim, "/account/confirm", "/account/confirm/passkey"),
            (karim, "/account", "/account/passkeys"),
        ):
            form = visitor.open(address).form(ending)
            assert "needs JavaScript" in form.text
            page = visitor.send(form)
            assert page.notices[0] == "A passkey needs JavaScript. Without it, sign in with your password and a code."
            assert page.address == address
        assert stored(hub, SignInStep) == 0

    def test_can_be_removed(self, visit: Visit, hub: Database) -> None:
        device, amina = Authenticator(), visit("amina")
        set_up_passkey(amina, device)
        count = stored(hub, Passkey)

        page = amina.send(removal(amina.open("/account")))

        assert page.notices == ["The passkey is removed."]
        assert stored(hub, Passkey) == count - 1
        assert amina.open("/account").form("/account/app").text == "Set up an app"

    def test_of_a_colleague_is_out_of_reach(self, visit: Visit, hub: Database) -> None:
        theirs = removal(visit("karim").open("/account"))
        amina = visit("amina")
        token = filled(amina.open("/account").form("/account/app"))
        count = stored(hub, Passkey)

        assert amina.http.post(theirs.get("action"), data=token).status_code == 404
        assert stored(hub, Passkey) == count

    def test_is_not_offered_where_the_hub_is_reached_by_a_number(self, app: Flask, visit: Visit) -> None:
        parts = app.extensions[EXTENSION]
        before = parts["settings"]
        parts["settings"] = replace(before, issuer="http://127.0.0.1:8000")
        try:
            pages = [
                visit("").open("/sign-in"),
                visit("amina").open("/account"),
                visit("karim").open("/account/confirm"),
            ]
        finally:
            parts["settings"] = before

        assert [form.get("action") for page in pages for form in page.forms() if form.get("data-passkey")] == []
        assert "passkeys need a name" in pages[1].root.one("main").text


class TestBeingSure:
    GUARDED = (
        "/account/password",
        "/account/app",
        "/account/app/confirm",
        "/account/app/remove",
        "/account/passkeys",
        "/account/codes",
    )

    def test_is_asked_again_after_five_minutes_and_nothing_changes_before(
        self, app: Flask, visit: Visit, hub: Database
    ) -> None:
        karim = visit("karim")
        token = filled(karim.open("/account").form("/sign-out"))
        passkey = removal(karim.open("/account")).get("action")
        counts = [stored(hub, model) for model in (Passkey, RecoveryCode, AuditEntry, SignInStep)]
        grow_old(app, karim)

        for address in (*self.GUARDED, passkey):
            answer = karim.http.post(address, data=token)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/account/confirm?next=/account"), address
        assert karim.http.get("/account/app").headers["Location"] == "/account/confirm?next=/account/app"
        assert [stored(hub, model) for model in (Passkey, RecoveryCode, AuditEntry, SignInStep)] == counts
        assert {form.get("action") for form in karim.open("/account").forms()} == {"/sign-out", "/account/sessions/end"}

    def test_renews_the_session_and_the_old_id_is_worth_nothing(self, app: Flask, visit: Visit) -> None:
        amina = visit("amina")
        before = cookie(amina)
        assert before is not None
        grow_old(app, amina)

        page = amina.send(amina.open("/account/confirm?next=/account").form("/account/confirm"), password=PASSWORD)

        after = cookie(amina)
        assert (page.address, before != after) == ("/account", True)
        assert "/account/password" in {form.get("action") for form in page.forms()}
        thief = visit("")
        thief.http.set_cookie("passerelle", before)
        assert thief.open("/account").address == "/sign-in"

    def test_needs_the_code_too_where_there_is_one(self, app: Flask, visit: Visit) -> None:
        amina = visit("amina")
        secret, _ = set_up_app(amina)
        form = amina.open("/account/confirm").form("/account/confirm")
        before = cookie(amina)

        for password, code in ((PASSWORD, "000000"), ("wrong password", later(secret)), (PASSWORD, "")):
            refused = amina.send(form, password=password, code=code)
            assert (refused.status, refused.notices) == (401, ["Check the password and the code, then try again."])
        assert cookie(amina) == before
        assert amina.send(form, password=PASSWORD, code=later(secret)).status == 200
        assert cookie(amina) != before

    def test_takes_a_passkey_of_one_s_own_only(self, visit: Visit) -> None:
        mine, theirs, amina, bo = Authenticator(), Authenticator(), visit("amina"), visit("bo")
        set_up_passkey(amina, mine)
        set_up_passkey(bo, theirs)
        before = cookie(amina)

        assert with_passkey(amina, theirs, amina.open("/account/confirm")).status == 401
        assert cookie(amina) == before
        assert with_passkey(amina, mine, amina.open("/account/confirm?next=/proposals")).address == "/proposals"
        assert cookie(amina) != before

    def test_guesses_are_counted(self, visit: Visit) -> None:
        amina = visit("amina")
        form = amina.open("/account/confirm").form("/account/confirm")

        statuses = [amina.send(form, password="wrong password").status for _ in range(21)]

        assert statuses == [401] * 20 + [429]
        assert amina.send(form, password=PASSWORD).status == 429

    @pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
    def test_never_leads_elsewhere(self, visit: Visit, target: str) -> None:
        amina = visit("amina")
        page = amina.open(f"/account/confirm?next={target}")

        assert amina.send(page.form("/account/confirm"), password=PASSWORD, next=target).address == "/"


class TestAPassword:
    def test_is_changed_and_everyone_else_signed_out(self, visit: Visit, hub: Database) -> None:
        amina, elsewhere = visit("amina"), visit("amina")
        form = amina.open("/account").form("/account/password")

        page = amina.send(form, password="a much longer horse", again="a much longer horse")

        assert page.notices == ["Your password is changed. Everywhere else you are signed out."]
        assert elsewhere.open("/account").address == "/sign-in"
        assert visit("").sign_in("amina").status == 401
        assert visit("").sign_in("amina", "a much longer horse").address == "/"

    @pytest.mark.parametrize(
        ("password", "again", "said"),
        [
            ("short", "short", "Choose a password of 12 to 256 characters."),
            ("x" * 257, "x" * 257, "Choose a password of 12 to 256 characters."),
            ("a much longer horse", "a much longer house", "Type the new password twice the same."),
        ],
    )
    def test_that_cannot_be_is_refused(self, visit: Visit, password: str, again: str, said: str) -> None:
        amina = visit("amina")

        page = amina.send(amina.open("/account").form("/account/password"), password=password, again=again)

        assert (page.status, page.notices) == (422, [said])
        assert visit("").sign_in("amina").address == "/"


class TestSessions:
    def test_are_listed_with_this_one_marked(self, visit: Visit) -> None:
        amina, _ = visit("amina"), visit("amina")

        (table,) = amina.open("/account").root.all("table")

        assert len(table.one("tbody").all("tr")) == 2
        assert table.one("tbody").text.count("(here)") == 1

    def test_of_others_are_not_shown_nor_ended(self, visit: Visit, hub: Database) -> None:
        amina, other, bo = visit("amina"), visit("amina"), visit("bo")

        page = amina.send(amina.open("/account").form("/account/sessions/end"))

        assert (page.address, page.notices) == ("/sign-in", ["You are signed out everywhere."])
        assert [one.open("/account").address for one in (amina, other, bo)] == ["/sign-in", "/sign-in", "/account"]
        assert stored(hub, SignIn) == 1


@pytest.mark.usefixtures("required")
class TestANetworkThatRequiresASecondFactor:
    def test_leads_who_has_none_to_the_account_page_and_nowhere_else(
        self, visit: Visit, addresses: list[str], world: World, hub: Database
    ) -> None:
        amina = visit("")
        page = amina.sign_in("amina", address="/sign-in?next=/proposals")

        assert page.address == "/account"
        assert "asks everyone for a second factor" in page.notices[0]
        # The audit log, colleagues' accounts and operators' pages are not a coordinator's, whatever she has set up.
        hers = [one for one in addresses if one != "/audit" and not one.startswith((FOR_ADMINISTRATORS, "/hub"))]
        opened = {amina.open(address).address for address in hers}
        assert opened == {"/account", "/account/confirm", "/about", "/sign-in", INVITATION}
        token = filled(page.form("/sign-out"))
        answer = amina.http.post(f"/proposals/{world.open}/accept", data=token)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
        assert "proposal.accept" not in self.operations(hub)[-3:]

    def test_lets_them_go_on_once_it_is_set_up(self, visit: Visit) -> None:
        amina, bo = visit("amina"), visit("bo")
        set_up_app(amina)
        set_up_passkey(bo, Authenticator())

        assert [one.open("/proposals").address for one in (amina, bo)] == ["/proposals"] * 2

    @staticmethod
    def operations(hub: Database) -> list[str]:
        with hub.reading() as session:
            return list(session.scalars(select(AuditEntry.operation).order_by(AuditEntry.number)))
