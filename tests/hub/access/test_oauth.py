import base64
import hmac
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select, update

from hub.database import Database
from hub.models import AccessToken, AuditEntry, Organisation, UsedAssertion, utcnow
from hub.services import clients, tokens
from tests.hub.doors import ISSUER, TESTS, System, register_system

BAD = {"error": "invalid_client", "error_description": "The client assertion was not accepted."}


def suspend(database: Database, organisation: str) -> None:
    with database.transaction() as session:
        session.execute(update(Organisation).where(Organisation.id == organisation).values(suspended_at=utcnow()))


class TestAToken:
    def test_is_opaque_and_lives_five_minutes(self, eriec: System) -> None:
        answer = eriec.ask_token(scope="profiles:read pool:search")

        body = answer.get_json()
        assert answer.status_code == 200
        assert body["token_type"] == "DPoP"
        assert body["expires_in"] == 300
        assert body["scope"] == "pool:search profiles:read"
        assert body.keys() == {"access_token", "token_type", "expires_in", "scope"}
        assert answer.headers["Cache-Control"] == "no-store"

    def test_is_kept_as_a_hash_only(self, eriec: System, hub_database: Database) -> None:
        token = eriec.token()

        with hub_database.reading() as session:
            kept = session.scalars(select(AccessToken)).one()
        assert kept.token_hash == clients.hashed(token)
        assert timedelta(seconds=299) < kept.expires_at - utcnow() <= timedelta(seconds=300)

    def test_is_never_logged_even_at_debug(self, eriec: System, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            assertion = eriec.assertion()
            token = eriec.ask_token(assertion).get_json()["access_token"]

        assert token not in caplog.text
        assert assertion not in caplog.text

    def test_carries_all_of_the_clients_scope_when_none_is_asked(
        self, http: FlaskClient, hub_database: Database
    ) -> None:
        system = register_system(http, hub_database, "eriec", scope="events:read pool:search")

        assert system.ask_token().get_json()["scope"] == "events:read pool:search"

    @pytest.mark.parametrize("scope", ["profiles:delete", "profiles:read admin", "", " ", "pool:search"])
    def test_is_refused_for_a_scope_that_is_unknown_or_not_the_clients(
        self, http: FlaskClient, hub_database: Database, scope: str
    ) -> None:
        system = register_system(http, hub_database, "eriec", scope="profiles:read")

        answer = system.ask_token(scope=scope)

        assert answer.status_code == 400
        assert answer.get_json()["error"] == "invalid_scope"


class TestAnAssertion:
    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [
            (ECKey.generate_key("P-256"), "ES256"),
            (OKPKey.generate_key("Ed25519"), "Ed25519"),
            (RSAKey.generate_key(2048), "PS256"),
        ],
        ids=["ES256", "Ed25519", "PS256"],
    )
    def test_is_accepted_with_the_algorithms_we_speak(
        self, http: FlaskClient, hub_database: Database, key: Any, algorithm: str
    ) -> None:
        system = register_system(http, hub_database, "eriec", key=key, algorithm=algorithm)

        assert system.ask_token().status_code == 200

    @pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
    def test_is_accepted_under_the_older_name_of_ed25519(self, http: FlaskClient, hub_database: Database) -> None:
        system = register_system(http, hub_database, "eriec", key=OKPKey.generate_key("Ed25519"), algorithm="EdDSA")

        assert system.ask_token().status_code == 200

    def test_is_refused_with_rs256(self, http: FlaskClient, hub_database: Database) -> None:
        system = register_system(http, hub_database, "eriec", key=RSAKey.generate_key(2048), algorithm="RS256")

        assert_not_recognised(system.ask_token())

    def test_is_refused_unsigned(self, eriec: System) -> None:
        assert_not_recognised(eriec.ask_token(forged(eriec, "none", b"")))

    def test_is_refused_when_signed_with_the_public_key_as_a_password(self, eriec: System) -> None:
        assert_not_recognised(eriec.ask_token(forged(eriec, "HS256", eriec.key.as_pem(private=False))))

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": [ISSUER]},
            {"aud": f"{ISSUER}/oauth/token"},
            {"aud": ISSUER + "/"},
            {"aud": None},
            {"iss": "someone-else"},
            {"iss": None},
            {"sub": None},
            {"sub": 7},
            {"jti": None},
            {"jti": ""},
            {"jti": 12345678},
            {"jti": "j" * 201},
            {"iat": None},
            {"exp": None},
            {"exp": True},
        ],
        ids=str,
    )
    def test_is_refused_for_claims_outside_the_profile(self, eriec: System, changes: dict[str, Any]) -> None:
        assert_not_recognised(eriec.ask_token(eriec.assertion(**changes)))

    @pytest.mark.parametrize(
        "times",
        [
            lambda now: {"exp": now - 1},
            lambda now: {"exp": now + 10 * 365 * 86400},
            lambda now: {"exp": str(now + 60)},
            lambda now: {"iat": now + 60, "exp": now + 120},
            lambda now: {"iat": now - 400, "exp": now + 60},
            lambda now: {"nbf": now + 60},
            lambda now: {"iat": float(now)},
        ],
        ids=["over", "ten years", "a text", "not yet", "too long ago", "not before a minute", "not whole"],
    )
    def test_is_refused_for_times_outside_the_profile(
        self, eriec: System, times: Callable[[int], dict[str, Any]]
    ) -> None:
        # Told when the test runs: collecting and running may lie many minutes apart.
        assert_not_recognised(eriec.ask_token(eriec.assertion(**times(int(time.time())))))

    def test_is_forgiven_ten_seconds_of_clock(self, eriec: System) -> None:
        now = int(time.time())

        assert eriec.ask_token(eriec.assertion(iat=now + 5, exp=now + 300)).status_code == 200

    def test_is_refused_from_an_unknown_client_in_the_same_words_as_with_a_wrong_key(self, eriec: System) -> None:
        stranger = System(eriec.http, "eriec", "0b1f6d3e-0000-4000-8000-000000000000", eriec.key)

        unknown = stranger.ask_token()
        wrong_key = eriec.ask_token(eriec.assertion(key=ECKey.generate_key("P-256")))

        assert unknown.get_data() == wrong_key.get_data()
        assert unknown.status_code == wrong_key.status_code == 401
        assert_not_recognised(unknown)

    def test_is_used_once(self, eriec: System, hub_database: Database) -> None:
        assertion = eriec.assertion()
        eriec.ask_token(assertion)

        assert_not_recognised(eriec.ask_token(assertion))
        with hub_database.reading() as session:
            assert len(session.scalars(select(UsedAssertion)).all()) == 1

    def test_is_used_once_by_many_at_the_same_time(self, eriec: System) -> None:
        form = eriec.form()
        app = eriec.http.application
        proofs = [{"DPoP": eriec.proof("POST", "/oauth/token")} for _ in range(16)]

        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(app.test_client().post, "/oauth/token", data=form, headers=proof) for proof in proofs]
            statuses = sorted(answer.result().status_code for answer in asked)

        assert statuses == [200] + [401] * 15

    def test_with_a_foreign_client_id_beside_it_is_refused(self, eriec: System, pin: System) -> None:
        assert_not_recognised(eriec.ask_token(client_id=pin.client_id))
        assert eriec.ask_token(client_id=eriec.client_id).status_code == 200

    def test_names_its_key_where_it_has_several(self, http: FlaskClient, hub_database: Database) -> None:
        first, second = (ECKey.generate_key("P-256", {"kid": name}) for name in ("one", "two"))
        token = hub_database.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", "pool:search", 1))
        jwks = {"keys": [first.as_dict(private=False), second.as_dict(private=False)]}
        enrolled = http.post("/oauth/clients", json={"enrolment_token": token, "jwks": jwks}).get_json()
        system = System(http, "eriec", enrolled["client_id"], second)

        assert system.ask_token(system.assertion({"kid": "two"})).status_code == 200
        assert_not_recognised(system.ask_token(system.assertion({"kid": "one"})))
        assert_not_recognised(system.ask_token(system.assertion()))


class TestATokenRequest:
    def test_repeating_a_parameter_is_refused(self, eriec: System) -> None:
        answer = eriec.ask_token(scope=["profiles:read", "profiles:read"])

        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")

    def test_in_another_media_type_is_refused(self, eriec: System) -> None:
        answer = eriec.http.post("/oauth/token", json=eriec.form())

        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")

    def test_in_the_address_is_refused(self, eriec: System) -> None:
        answer = eriec.http.post("/oauth/token", query_string={"scope": "pool:search"}, data=eriec.form())

        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")

    def test_over_sixteen_kibibytes_is_refused(self, eriec: System) -> None:
        answer = eriec.ask_token(padding="x" * 16_384)

        assert (answer.status_code, answer.get_json()["error"]) == (413, "invalid_request")

    @pytest.mark.parametrize("value", ["Basic", "Basic !!!", "Basic /////w==", "Basic eDp5", "Bearer x", "Basic \xff"])
    def test_with_a_second_way_to_authenticate_is_refused(self, eriec: System, value: str) -> None:
        answer = eriec.http.post("/oauth/token", data=eriec.form(), headers={"Authorization": value})

        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")

    @pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", ""])
    def test_for_another_grant_is_refused(self, eriec: System, grant: str) -> None:
        answer = eriec.ask_token(grant_type=grant)

        assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")

    @pytest.mark.parametrize("missing", ["client_assertion", "client_assertion_type"])
    def test_without_an_assertion_is_refused(self, eriec: System, missing: str) -> None:
        assert_not_recognised(
            eriec.ask_token(**{missing: None}) if missing != "client_assertion" else post_without(eriec)
        )

    def test_with_get_is_not_spoken(self, http: FlaskClient) -> None:
        answer = http.get("/oauth/token")

        assert answer.status_code == 405
        assert answer.mimetype == "application/problem+json"


class TestASuspendedOrganisation:
    def test_gets_no_token(self, eriec: System, hub_database: Database) -> None:
        suspend(hub_database, "eriec")

        answer = eriec.ask_token()

        assert (answer.status_code, answer.get_json()["error"]) == (400, "unauthorized_client")

    def test_leaves_a_trace_of_the_refusal(self, eriec: System, hub_database: Database) -> None:
        suspend(hub_database, "eriec")
        eriec.ask_token()

        assert ("token.issue", f"client:{eriec.client_id}", "organisation-suspended") in entries(hub_database)


class TestRevocation:
    def revoke(self, system: System, token: str, **changes: Any) -> Any:
        form = system.form(grant_type=None) | {"token": token} | changes
        return system.http.post("/oauth/revoke", data=form)

    def test_ends_the_clients_own_token(self, eriec: System, hub_database: Database) -> None:
        token = eriec.token()

        assert self.revoke(eriec, token, token_type_hint="access_token").status_code == 200
        with hub_database.reading() as session:
            assert tokens.holder(session, token, utcnow()) is None

    def test_leaves_foreign_tokens_alone_and_says_the_same(
        self, eriec: System, pin: System, hub_database: Database
    ) -> None:
        token = eriec.token()

        foreign, unknown = self.revoke(pin, token), self.revoke(pin, "u" * 43)

        assert foreign.status_code == unknown.status_code == 200
        assert foreign.get_data() == unknown.get_data()
        with hub_database.reading() as session:
            assert tokens.holder(session, token, utcnow()) is not None

    def test_leaves_a_trace_where_it_ended_a_token_and_only_there(
        self, eriec: System, pin: System, hub_database: Database
    ) -> None:
        token = eriec.token()
        self.revoke(pin, token)
        assert "token.revoke" not in {operation for operation, _, _ in entries(hub_database)}

        self.revoke(eriec, token)
        traces = {entry for entry in entries(hub_database) if entry[0] == "token.revoke"}
        assert traces == {("token.revoke", f"client:{eriec.client_id}", "done")}

    def test_needs_an_assertion(self, eriec: System) -> None:
        answer = eriec.http.post("/oauth/revoke", data={"token": eriec.token()})

        assert_not_recognised(answer)

    def test_needs_a_token(self, eriec: System) -> None:
        answer = eriec.http.post("/oauth/revoke", data=eriec.form(grant_type=None))

        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


class TestMetadata:
    def test_promises_what_is_spoken_and_nothing_else(self, http: FlaskClient) -> None:
        said = http.get("/.well-known/oauth-authorization-server").get_json()

        assert said["issuer"] == ISSUER
        assert said["grant_types_supported"] == ["client_credentials"]
        assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
        assert said["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA", "Ed25519"]
        assert not [name for name in said if "jwks" in name or "authorization_endpoint" in name]

    def test_of_the_resource_names_its_server(self, http: FlaskClient) -> None:
        said = http.get("/.well-known/oauth-protected-resource").get_json()

        assert said["authorization_servers"] == [ISSUER]
        assert said["bearer_methods_supported"] == []
        assert said["dpop_bound_access_tokens_required"] is True

    def test_of_the_resource_says_how_precise_its_programs_need_occupations(self, http: FlaskClient) -> None:
        said = http.get("/.well-known/oauth-protected-resource").get_json()["passerelle_occupation_digits"]

        assert (said["one_to_one"], said["group"]) == (5, 4)

    def test_addresses_answer(self, http: FlaskClient) -> None:
        said = http.get("/.well-known/oauth-authorization-server").get_json()

        for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
            assert http.post(said[name].removeprefix(ISSUER)).status_code == 400


def test_a_refused_replay_leaves_a_trace_without_the_assertion(eriec: System, hub_database: Database) -> None:
    assertion = eriec.assertion()
    eriec.ask_token(assertion)
    eriec.ask_token(assertion)

    assert ("token.issue", f"client:{eriec.client_id}", "refused") in entries(hub_database)


def test_a_stranger_cannot_write_into_the_audit_log(eriec: System, hub_database: Database) -> None:
    before = entries(hub_database)

    eriec.ask_token(eriec.assertion(key=ECKey.generate_key("P-256")))
    System(eriec.http, "x", "unknown", eriec.key).ask_token()

    assert entries(hub_database) == before


def forged(system: System, algorithm: str, secret: bytes) -> str:
    """Return an assertion with a fresh body that is signed with a shared secret, or with nothing."""
    claims = system.assertion().split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).decode().rstrip("=")
    tag = hmac.new(secret, f"{header}.{claims}".encode(), "sha256").digest() if secret else b""
    return f"{header}.{claims}." + base64.urlsafe_b64encode(tag).decode().rstrip("=")


def post_without(system: System) -> Any:
    form = system.form()
    del form["client_assertion"]
    return system.http.post("/oauth/token", data=form)


def assert_not_recognised(answer: Any) -> None:
    assert answer.status_code == 401
    assert answer.get_json() == BAD


def entries(database: Database) -> set[tuple[str, str, str]]:
    with database.reading() as session:
        return {(entry.operation, entry.subject, entry.outcome) for entry in session.scalars(select(AuditEntry))}
