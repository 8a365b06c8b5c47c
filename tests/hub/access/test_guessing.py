"""Guessing at accounts: nothing tells a name that exists from one that does not, and few guesses are looked at."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from federation.problems import Problem
from hub.access import sessions
from hub.access.context import EXTENSION
from hub.database import Database
from hub.models import AuditEntry, Coordinator, Organisation, SignInAttempt, utcnow
from hub.services import coordinators, second_factors
from hub.settings import Settings
from tests.hub.doors import PASSWORD, add_account

GUESSES = 10_000


@pytest.fixture
def hub_app(hub_app: Flask, hub_database: Database) -> Flask:
    for username, organisation in (("amina", "eriec"), ("farid", "norquest"), ("karim", "eriec"), ("left", "eriec")):
        add_account(hub_database, username, organisation=organisation)
    with hub_database.transaction() as session:
        session.execute(update(Organisation).where(Organisation.id == "norquest").values(suspended_at=utcnow()))
        session.execute(update(Coordinator).where(Coordinator.username == "left").values(disabled_at=utcnow()))
    protect(hub_app, hub_database, "karim")
    return hub_app


def protect(app: Flask, database: Database, username: str) -> TOTP:
    settings: Settings = app.extensions[EXTENSION]["settings"]
    with database.transaction() as session:
        found = coordinators.find_account(session, username)
        assert found is not None
        second_factors.begin_app(session, found.actor, settings)
        new = second_factors.pending_app(session, found.actor, settings)
        assert new is not None
        second_factors.confirm_app(session, found.actor, settings, TOTP(new.secret).now())
    return TOTP(new.secret)


@pytest.fixture
def statements(hub_database: Database) -> Iterator[list[str]]:
    """Everything the database was asked, in order."""
    said: list[str] = []

    def note(*args: object) -> None:
        said.append(str(args[2]))

    event.listen(hub_database.engine, "before_cursor_execute", note)
    yield said
    event.remove(hub_database.engine, "before_cursor_execute", note)


def guess(http: FlaskClient, username: str, password: str = "wrong password") -> TestResponse:
    return http.post("/sign-in", data={"username": username, "password": password})


def test_a_wrong_password_answers_the_same_whether_or_not_the_account_exists_works_or_has_a_second_factor(
    hub_app: Flask, statements: list[str]
) -> None:
    answers = {}
    for username in ("nobody", "amina", "karim", "farid", "left", "some.one-else"):
        for again in ("first", "second"):
            statements.clear()
            answer = guess(hub_app.test_client(), username)
            answers[username, again] = (
                answer.status_code,
                answer.text,
                sorted(answer.headers.keys()),
                list(statements),
            )

    for again in ("first", "second"):
        status, _, headers, asked = answers["nobody", again]
        assert (status, "Set-Cookie" in headers, len(asked) > 5) == (401, False, True)
        assert {
            name for name, when in answers if when == again and answers[name, when] != answers["nobody", again]
        } == set()


@pytest.mark.parametrize("username", ["farid", "left"])
def test_the_right_password_of_an_account_that_is_shut_out_is_a_wrong_one(http: FlaskClient, username: str) -> None:
    answer, wrong = guess(http, username, PASSWORD), guess(http, "nobody")

    assert (answer.status_code, answer.text) == (wrong.status_code, wrong.text) == (401, answer.text)
    assert http.get_cookie("passerelle") is http.get_cookie("passerelle-step") is None


def test_the_right_password_of_an_account_with_a_second_factor_opens_no_session(http: FlaskClient) -> None:
    cookie = guess(http, "karim", PASSWORD).headers["Set-Cookie"]

    assert cookie.startswith("passerelle-step=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=300"} <= set(cookie.split("; "))
    assert http.get_cookie("passerelle") is None


def test_the_cookie_of_a_step_is_bound_to_this_host_and_tls_where_there_is_tls(hub_app: Flask) -> None:
    parts = hub_app.extensions[EXTENSION]
    parts["settings"] = replace(parts["settings"], issuer="https://hub.example.org")

    cookie = guess(hub_app.test_client(), "karim", PASSWORD).headers["Set-Cookie"]

    assert cookie.startswith("__Host-passerelle-step=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("username", ["amina", "nobody"])
def test_of_ten_thousand_guesses_twenty_an_hour_are_looked_at(
    hub_app: Flask, hub_database: Database, username: str
) -> None:
    """Whoever is refused at a password leaves one line in the audit log; whoever waits leaves none."""
    http = hub_app.test_client()
    before = looked_at(hub_database)

    statuses = [guess(http, username).status_code for _ in range(GUESSES)]

    with hub_database.reading() as session:
        hours = session.scalar(select(func.count(SignInAttempt.hour.distinct()))) or 0
    assert 1 <= hours <= 2
    assert looked_at(hub_database) - before == statuses.count(401) == 20 * hours
    assert statuses.count(429) == GUESSES - 20 * hours


def test_the_count_holds_without_the_limit_on_addresses_and_for_the_account_from_everywhere(
    hub_app: Flask, hub_database: Database
) -> None:
    """The limit per minute stands in the memory of one process; this one does not."""
    before = looked_at(hub_database)
    with hub_database.transaction() as session:
        hour = utcnow().replace(minute=0, second=0, microsecond=0)
        settings = hub_app.extensions[EXTENSION]["settings"]
        account = coordinators._key(settings, "account", "amina")
        session.add(SignInAttempt(key_hash=account, hour=hour, count=190))
    refused = 0
    for number in range(40):
        with (
            hub_app.test_request_context(environ_base={"REMOTE_ADDR": f"192.0.2.{number}"}),
            pytest.raises(Problem) as problem,
        ):
            sessions.sign_in("amina", "wrong password")
        refused += problem.value.kind == "too-many-requests"

    assert (refused, looked_at(hub_database) - before) == (30, 10)


def test_codes_are_counted_apart_so_that_a_stranger_s_guesses_at_the_password_lock_no_passkey_out(
    hub_app: Flask, hub_database: Database
) -> None:
    with hub_app.test_request_context(), hub_database.transaction() as session:
        who = coordinators.find_account(session, "karim")
        assert who is not None
        waits = [coordinators.count_code(session, who.coordinator_id, sessions.settings()) for _ in range(21)]
        other = coordinators.count_code(session, "another", sessions.settings())

    assert waits[:20] == [None] * 20
    assert 0 < (waits[20] or 0) <= 3600
    assert other is None


def looked_at(database: Database) -> int:
    """How many passwords were looked at and refused: each leaves one line in the audit log."""
    refused = (AuditEntry.operation == "session.open", AuditEntry.outcome == "refused")
    with database.reading() as session:
        return session.scalar(select(func.count()).where(*refused)) or 0
