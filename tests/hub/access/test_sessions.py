from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import select, update

from federation.problems import Problem
from hub.access import identity, sessions
from hub.access.context import EXTENSION
from hub.access.policy import Operation, requires
from hub.database import Database
from hub.models import AuditEntry, Coordinator, SignIn, utcnow
from hub.services import coordinators, second_factors
from tests.hub.doors import PASSWORD, add_account, signed_in

WRONG = ["amina", "nobody", "", "x" * 500, "amina\0", "Ámina", "AMINA "]


@pytest.fixture
def hub_app(hub_app: Flask, hub_database: Database) -> Flask:
    add_account(hub_database)

    @requires(Operation.PROGRAM_READ)
    def door() -> str:
        return "inside"

    hub_app.add_url_rule("/door", view_func=door)
    return hub_app


def test_signing_in_opens_the_pages(http: FlaskClient) -> None:
    signed_in(http)

    assert http.get("/door").text == "inside"


def test_the_name_may_be_typed_with_capitals_and_spaces(http: FlaskClient) -> None:
    signed_in(http, " Amina ")

    assert http.get("/door").text == "inside"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(http: FlaskClient) -> None:
    cookie = http.post("/sign-in", data={"username": "amina", "password": PASSWORD}).headers["Set-Cookie"]

    assert cookie.startswith("passerelle=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_the_cookie_is_bound_to_this_host_and_tls_where_there_is_tls(hub_app: Flask) -> None:
    parts = hub_app.extensions[EXTENSION]
    parts["settings"] = replace(parts["settings"], issuer="https://hub.example.org")

    answer = hub_app.test_client().post("/sign-in", data={"username": "amina", "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-passerelle=")
    assert "Secure" in cookie.split("; ")
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("username", WRONG)
def test_every_wrong_sign_in_is_refused_in_the_same_words(http: FlaskClient, username: str) -> None:
    answer = http.post("/sign-in", data={"username": username, "password": "wrong password"})

    assert answer.status_code == 401
    assert answer.text == "Check the user name, the password and the code, then try again."
    assert "Set-Cookie" not in answer.headers


def test_every_wrong_sign_in_leaves_one_trace_without_the_name(http: FlaskClient, hub_database: Database) -> None:
    for username in ("amina", "nobody"):
        http.post("/sign-in", data={"username": username, "password": "wrong password"})

    with hub_database.reading() as session:
        refused = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "refused")).all()
        known = session.scalars(select(Coordinator.id)).one()
    assert {entry.subject for entry in refused} == {f"coordinator:{known}", "coordinator:nobody"}


def test_too_many_guesses_wait_even_with_the_right_password(hub_app: Flask) -> None:
    parts = hub_app.extensions[EXTENSION]
    parts["settings"] = replace(parts["settings"], sign_in_attempts_per_hour=2)
    http = hub_app.test_client()
    for _ in range(2):
        http.post("/sign-in", data={"username": "amina", "password": "wrong password"})

    answer = http.post("/sign-in", data={"username": "amina", "password": PASSWORD})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    right = {"username": "amina", "password": PASSWORD}
    assert http.post("/sign-in", data=right, environ_base=elsewhere).status_code == 200


def test_a_session_id_known_before_is_worth_nothing_after_signing_in(http: FlaskClient, hub_database: Database) -> None:
    signed_in(http)
    before = http.get_cookie("passerelle")
    signed_in(http)
    after = http.get_cookie("passerelle")

    assert before is not None
    assert after is not None
    assert before.value != after.value
    http.set_cookie("passerelle", before.value)
    assert http.get("/door").status_code == 303


def test_a_planted_session_id_is_not_adopted(http: FlaskClient) -> None:
    http.set_cookie("passerelle", "p" * 43)
    signed_in(http)

    cookie = http.get_cookie("passerelle")
    assert cookie is not None
    assert cookie.value != "p" * 43


def knock(app: Flask, cookie: str) -> int:
    """Ask for a page with this very cookie: a client that keeps cookies would leave it out."""
    http = app.test_client(use_cookies=False)
    return http.get("/door", headers={"Cookie": f"passerelle={cookie}"}).status_code


@pytest.mark.parametrize("value", ["", "x", "p" * 43, "é" * 43, "../../etc"])
def test_a_made_up_cookie_opens_nothing(hub_app: Flask, value: str) -> None:
    assert knock(hub_app, value) == 303


@pytest.mark.parametrize(
    ("path", "known"), [("/door", True), ("/api/v1/people", False), ("/m", False), ("/m/x", False)]
)
def test_a_session_is_read_on_people_s_own_pages_and_nowhere_else(
    hub_app: Flask, http: FlaskClient, path: str, known: bool
) -> None:
    signed_in(http)
    cookie = http.get_cookie("passerelle")
    assert cookie is not None

    with hub_app.test_request_context(path, headers={"Cookie": f"passerelle={cookie.value}"}):
        assert (identity.person_if_any() is not None) == known


def test_signing_out_ends_the_session_on_the_server(http: FlaskClient, hub_database: Database) -> None:
    signed_in(http)
    cookie = http.get_cookie("passerelle")
    assert cookie is not None

    http.post("/sign-out")

    assert http.get_cookie("passerelle") is None
    http.set_cookie("passerelle", cookie.value)
    assert http.get("/door").status_code == 303


def test_reading_pages_keeps_a_session_alive_and_writes_once_a_minute(
    http: FlaskClient, hub_database: Database
) -> None:
    signed_in(http)
    start = utcnow().replace(microsecond=0)
    with hub_database.transaction() as session:
        session.execute(update(SignIn).values(seen_at=start.replace(year=start.year - 1)))
    assert http.get("/door").status_code == 303

    signed_in(http)
    before = seen(hub_database)
    http.get("/door")
    assert seen(hub_database) == before


@pytest.mark.parametrize(("seconds", "written"), [(50, False), (70, True)])
def test_a_session_is_noted_as_used_after_a_minute_and_not_before(
    http: FlaskClient, hub_database: Database, seconds: int, written: bool
) -> None:
    signed_in(http)
    with hub_database.transaction() as session:
        session.execute(update(SignIn).values(seen_at=utcnow() - timedelta(seconds=seconds)))
    before = seen(hub_database)

    assert http.get("/door").status_code == 200

    assert (seen(hub_database) != before) == written


@pytest.fixture
def codes(hub_app: Flask, hub_database: Database) -> tuple[str, ...]:
    """Amina's recovery codes, once her authenticator app is set up."""
    settings = hub_app.extensions[EXTENSION]["settings"]
    with hub_database.transaction() as session:
        amina = coordinators.find_account(session, "amina")
        assert amina is not None
        second_factors.begin_app(session, amina.actor, settings)
        new = second_factors.pending_app(session, amina.actor, settings)
        assert new is not None
        return second_factors.confirm_app(session, amina.actor, settings, TOTP(new.secret).now())


def finished(app: Flask, step: str, code: str) -> sessions.Entry | None:
    """Type a code at a step; return what it opens, or nothing when it is refused in the words of a wrong password."""
    with app.test_request_context("/sign-in/code", headers={"Cookie": f"passerelle-step={step}"}):
        try:
            return sessions.finish_with_code(code)
        except Problem as problem:
            assert (problem.kind, "then try again" in problem.detail) == ("not-signed-in", True)  # noqa: PT017
            return None


def begun(app: Flask) -> str:
    """The step after the right password."""
    with app.test_request_context():
        entry = sessions.sign_in("amina", PASSWORD)
    assert not entry.complete
    return entry.identifier


def test_a_right_code_after_the_right_password_opens_a_session_once(hub_app: Flask, codes: tuple[str, ...]) -> None:
    step = begun(hub_app)
    opened = finished(hub_app, step, codes[0])

    assert opened is not None
    assert opened.complete
    assert knock(hub_app, opened.identifier) == 200
    assert finished(hub_app, step, codes[1]) is None, "a step is good for one code"
    assert finished(hub_app, begun(hub_app), codes[0]) is None, "a code is good for one session"


@pytest.mark.parametrize("step", ["", "x", "p" * 43])
def test_a_right_code_at_no_step_opens_nothing(hub_app: Flask, codes: tuple[str, ...], step: str) -> None:
    assert finished(hub_app, step, codes[0]) is None


def test_a_wrong_code_uses_the_step_up(hub_app: Flask, codes: tuple[str, ...]) -> None:
    step = begun(hub_app)

    assert finished(hub_app, step, "000000") is None
    assert finished(hub_app, step, codes[0]) is None


def test_a_right_code_of_an_account_that_was_shut_out_meanwhile_opens_nothing(
    hub_app: Flask, hub_database: Database, codes: tuple[str, ...]
) -> None:
    step = begun(hub_app)
    with hub_database.transaction() as session:
        session.execute(update(Coordinator).values(disabled_at=utcnow()))

    assert finished(hub_app, step, codes[0]) is None


def test_the_cookie_of_a_step_lasts_five_minutes_and_goes_when_a_session_begins(hub_app: Flask) -> None:
    with hub_app.test_request_context(headers={"Cookie": "passerelle-step=x"}):
        step, begins = Response(), Response()
        sessions.start_session(step, sessions.Entry("s" * 43, complete=False))
        sessions.start_session(begins, sessions.Entry("s" * 43, complete=True))

    assert step.headers.getlist("Set-Cookie")[0].startswith("passerelle-step=" + "s" * 43)
    assert "Max-Age=300" in step.headers["Set-Cookie"]
    gone, given = begins.headers.getlist("Set-Cookie")
    assert gone.startswith("passerelle-step=;")
    assert "Max-Age=0" in gone
    assert given.startswith("passerelle=" + "s" * 43)
    assert "Max-Age" not in given


def test_answers_for_people_are_never_kept(http: FlaskClient) -> None:
    signed_in(http)

    assert http.get("/door").headers["Cache-Control"] == "no-store"


def seen(database: Database) -> list[object]:
    with database.reading() as session:
        return list(session.scalars(select(SignIn.seen_at).order_by(SignIn.created_at)))
