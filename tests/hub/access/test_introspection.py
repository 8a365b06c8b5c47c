"""Introspection (RFC 7662): a peer enrolled for it learns whether a token is good and whose; all else is not active."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from federation.scopes import INTROSPECT
from hub.database import Database
from hub.models import AccessToken, AuditEntry, Client, Organisation, utcnow
from hub.services import clients, tokens
from tests.hub.doors import ISSUER, TESTS, System, register_system

NOT_ACTIVE = {"active": False}


@pytest.fixture
def peer(http: FlaskClient, hub_database: Database) -> System:
    """A resource server of the other organisation that may introspect and do nothing else."""
    return register_system(http, hub_database, "pin-afghan", scope=INTROSPECT)


def ask(system: System, token: str | None, assertion: str | None = None, **changes: Any) -> TestResponse:
    form = system.form(assertion, grant_type=None, token=token) | changes
    return system.http.post("/oauth/introspect", data=form)


class TestAGoodToken:
    def test_is_told_with_its_holder_its_end_and_the_key_it_is_bound_to(self, eriec: System, peer: System) -> None:
        token = eriec.token("profiles:read pool:search")

        answer = ask(peer, token)

        said = answer.get_json()
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert said.pop("cnf") == {"jkt": eriec.proof_key.thumbprint()}
        assert said.pop("exp") - said.pop("iat") == 300
        assert said == {
            "active": True,
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": eriec.client_id,
            "client_id": eriec.client_id,
            "organisation": "eriec",
            "scope": "pool:search profiles:read",
            "token_type": "DPoP",
        }

    def test_stays_good_however_often_it_is_asked_about(self, eriec: System, peer: System) -> None:
        token = eriec.token()

        assert [ask(peer, token).get_json()["active"] for _ in range(3)] == [True] * 3
        assert ask(peer, token, token_type_hint="refresh_token").get_json()["active"]

    def test_is_never_logged_even_at_debug(self, eriec: System, peer: System, caplog: pytest.LogCaptureFixture) -> None:
        token = eriec.token()
        with caplog.at_level(logging.DEBUG):
            ask(peer, token)

        assert token not in caplog.text


def expire(database: Database, eriec: System) -> None:
    with database.transaction() as session:
        session.execute(update(AccessToken).values(expires_at=utcnow() - timedelta(seconds=1)))


def revoke(database: Database, eriec: System) -> None:
    database.run(lambda session: tokens.revoke(session, eriec.client_id, eriec.token()))


def shut_out(database: Database, eriec: System) -> None:
    database.run(lambda session: clients.revoke(session, TESTS, eriec.client_id))


def change_keys(database: Database, eriec: System) -> None:
    with database.transaction() as session:
        session.execute(update(Client).where(Client.id == eriec.client_id).values(keys_number=2))


def suspend(database: Database, eriec: System) -> None:
    with database.transaction() as session:
        session.execute(update(Organisation).where(Organisation.id == "eriec").values(suspended_at=utcnow()))


class TestNotActive:
    @pytest.mark.parametrize("end", [expire, revoke, shut_out, change_keys, suspend])
    def test_is_every_token_that_ended_and_no_reason_is_given(
        self, eriec: System, peer: System, hub_database: Database, end: Callable[[Database, System], None]
    ) -> None:
        token = eriec.token()
        assert ask(peer, token).get_json()["active"] is True

        end(hub_database, eriec)

        answer = ask(peer, token)
        assert (answer.status_code, answer.get_json()) == (200, NOT_ACTIVE)

    @pytest.mark.parametrize("token", ["u" * 43, "é", "\x00", "a.b.c", "t" * 4000], ids=ascii)
    def test_is_what_was_never_a_token(self, peer: System, token: str) -> None:
        answer = ask(peer, token)

        assert (answer.status_code, answer.get_json()) == (200, NOT_ACTIVE)

    def test_is_a_token_bound_to_no_key(self, eriec: System, peer: System, hub_database: Database) -> None:
        token = hub_database.run(lambda session: tokens.issue(session, eriec.client_id, "pool:search", 300))

        assert ask(peer, token).get_json() == NOT_ACTIVE


class TestWhoMayAsk:
    def test_is_only_who_was_enrolled_for_it_and_the_refusal_is_written_down(
        self, eriec: System, hub_database: Database
    ) -> None:
        answer = ask(eriec, eriec.token())

        assert (answer.status_code, answer.get_json()["error"]) == (400, "unauthorized_client")
        with hub_database.reading() as session:
            entry = select(AuditEntry.outcome).where(AuditEntry.operation == "token.introspect")
            assert session.scalars(entry).all() == ["not-allowed"]

    def test_is_nobody_of_a_suspended_organisation(self, eriec: System, peer: System, hub_database: Database) -> None:
        with hub_database.transaction() as session:
            session.execute(update(Organisation).where(Organisation.id == "pin-afghan").values(suspended_at=utcnow()))

        answer = ask(peer, eriec.token())

        assert (answer.status_code, answer.get_json()["error"]) == (400, "unauthorized_client")

    def test_gets_no_token_that_would_open_nothing(self, peer: System, hub_database: Database) -> None:
        for scope in (None, INTROSPECT, "pool:search"):
            answer = peer.ask_token(scope=scope)
            assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")
        with hub_database.reading() as session:
            assert session.scalar(select(func.count()).select_from(AccessToken)) == 0

    def test_gets_its_other_scopes_and_never_this_one_in_a_token(
        self, http: FlaskClient, hub_database: Database
    ) -> None:
        both = register_system(http, hub_database, "pin-afghan", scope=f"events:read {INTROSPECT}")

        assert both.ask_token().get_json()["scope"] == "events:read"

    def test_asks_with_an_assertion_that_is_used_up(self, eriec: System, peer: System) -> None:
        assertion, token = peer.assertion(), eriec.token()

        assert ask(peer, token, assertion).status_code == 200
        assert ask(peer, token, assertion).status_code == 401
        assert peer.ask_token(assertion).status_code == 401

    @pytest.mark.parametrize(
        "changes",
        [{"aud": f"{ISSUER}/oauth/introspect"}, {"aud": [ISSUER]}, {"exp": int(time.time()) + 3600}, {"jti": None}],
        ids=["its own address", "a list", "an hour", "no number"],
    )
    def test_asks_under_the_rules_of_the_token_endpoint(
        self, eriec: System, peer: System, changes: dict[str, Any]
    ) -> None:
        assert ask(peer, eriec.token(), peer.assertion(**changes)).status_code == 401

    def test_is_refused_with_another_key_no_assertion_or_a_second_method(self, eriec: System, peer: System) -> None:
        token = eriec.token()

        assert ask(peer, token, peer.assertion(key=ECKey.generate_key("P-256"))).status_code == 401
        assert peer.http.post("/oauth/introspect", data={"token": token}).status_code == 401
        form, header = peer.form(grant_type=None) | {"token": token}, {"Authorization": "Basic eDp5"}
        assert peer.http.post("/oauth/introspect", data=form, headers=header).status_code == 401
        assert peer.http.post("/oauth/introspect", data=form | {"client_id": eriec.client_id}).status_code == 401

    @pytest.mark.parametrize("token", [None, ""])
    def test_names_the_token(self, peer: System, token: str | None) -> None:
        answer = ask(peer, token)

        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")

    def test_sends_each_parameter_once_and_in_the_body(self, eriec: System, peer: System) -> None:
        form = [*peer.form(grant_type=None).items(), ("token", eriec.token()), ("token", "x")]
        body = "&".join(f"{name}={value}" for name, value in form)
        kind = "application/x-www-form-urlencoded"

        assert peer.http.post("/oauth/introspect", data=body, content_type=kind).status_code == 400
        assert peer.http.post("/oauth/introspect?token=x", data=peer.form(grant_type=None)).status_code == 400
