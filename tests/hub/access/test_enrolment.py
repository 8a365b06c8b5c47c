from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from sqlalchemy import select

from hub.database import Database
from hub.models import Client, Enrolment, Organisation, utcnow
from hub.services import clients
from tests.hub.doors import TESTS, register_system


@pytest.fixture
def permission(hub_database: Database) -> str:
    return hub_database.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", "pool:search", 1))


def enrol(http: FlaskClient, token: str, *keys: Any) -> Any:
    return http.post("/oauth/clients", json={"enrolment_token": token, "jwks": {"keys": list(keys)}})


def public(key: Any = None) -> dict[str, Any]:
    return dict((key or ECKey.generate_key("P-256")).as_dict(private=False))


def test_a_system_registers_its_public_key_and_is_told_where_to_go(http: FlaskClient, permission: str) -> None:
    answer = enrol(http, permission, public())

    said = answer.get_json()
    assert answer.status_code == 201
    assert said.keys() == {"client_id", "organisation", "scope", "token_endpoint", "issuer"}
    assert (said["organisation"], said["scope"]) == ("eriec", "pool:search")


def test_an_enrolment_token_works_once(http: FlaskClient, permission: str) -> None:
    assert enrol(http, permission, public()).status_code == 201

    assert_refused(enrol(http, permission, public()))


def test_an_enrolment_token_works_once_for_many_at_the_same_time(http: FlaskClient, permission: str) -> None:
    app = http.application

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(enrol, app.test_client(), permission, public()) for _ in range(12)]
        statuses = sorted(answer.result().status_code for answer in asked)

    assert statuses == [201] + [422] * 11


def test_an_enrolment_token_that_is_too_old_is_refused(http: FlaskClient, hub_database: Database) -> None:
    token = hub_database.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", "pool:search", -1))

    assert_refused(enrol(http, token, public()))


def test_an_unknown_token_looks_like_a_spent_one(http: FlaskClient, permission: str) -> None:
    enrol(http, permission, public())
    spent, unknown = enrol(http, permission, public()), enrol(http, "u" * 43, public())

    assert spent.get_data() == unknown.get_data()


def test_a_suspended_organisation_cannot_enrol(http: FlaskClient, permission: str, hub_database: Database) -> None:
    with hub_database.transaction() as session:
        session.get_one(Organisation, "eriec").suspended_at = utcnow()

    assert_refused(enrol(http, permission, public()))
    with hub_database.transaction() as session:
        session.get_one(Organisation, "eriec").suspended_at = None
    assert enrol(http, permission, public()).status_code == 201


def test_enrolment_tokens_are_kept_as_hashes(permission: str, hub_database: Database) -> None:
    with hub_database.reading() as session:
        assert session.scalars(select(Enrolment.token_hash)).one() == clients.hashed(permission)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(ECKey.generate_key("P-256").as_dict(private=True), id="private"),
        pytest.param(OctKey.generate_key(256).as_dict(private=False), id="symmetric"),
        pytest.param(public(ECKey.generate_key("P-384")), id="P-384"),
        pytest.param(public(OKPKey.generate_key("X25519")), id="X25519"),
        pytest.param(public() | {"alg": "RS256"}, id="another algorithm"),
        pytest.param(public() | {"use": "enc"}, id="for encryption"),
        pytest.param(public() | {"x": "AAAA"}, id="off the curve"),
        pytest.param(public() | {"x": 7}, id="x is a number"),
        pytest.param(public() | {"kid": ""}, id="empty kid"),
        pytest.param(public() | {"kid": 7}, id="kid is a number"),
        pytest.param({"kty": "EC", "crv": "P-256"}, id="no point"),
        pytest.param({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, id="RSA of 24 bits"),
        pytest.param({"kty": "RSA", "n": "é", "e": "AQAB"}, id="RSA beyond ASCII"),
        pytest.param(public(RSAKey.generate_key(2048)) | {"e": "Aw"}, id="RSA with exponent 3"),
        pytest.param({"kty": ["EC"], "crv": "P-256"}, id="kty is a list"),
        pytest.param("key", id="text"),
        pytest.param(None, id="nothing"),
    ],
)
def test_a_key_we_do_not_take_is_refused_and_the_token_stays_good(http: FlaskClient, permission: str, key: Any) -> None:
    assert_refused(enrol(http, permission, key))
    assert enrol(http, permission, public()).status_code == 201


def test_between_one_and_five_keys_are_taken(http: FlaskClient, permission: str) -> None:
    assert_refused(enrol(http, permission))
    assert_refused(enrol(http, permission, *(public() for _ in range(6))))
    assert enrol(http, permission, *(public() for _ in range(5))).status_code == 201


def test_two_keys_with_one_name_are_refused(http: FlaskClient, permission: str) -> None:
    assert_refused(enrol(http, permission, public() | {"kid": "a"}, public() | {"kid": "a"}))
    assert enrol(http, permission, public() | {"kid": "a"}, public() | {"kid": "b"}).status_code == 201


def test_nothing_but_public_members_is_kept(http: FlaskClient, permission: str, hub_database: Database) -> None:
    enrol(http, permission, public() | {"x5u": "https://example.org", "owner": "Amina"})

    with hub_database.reading() as session:
        kept = session.scalars(select(Client)).one().jwks["keys"][0]
    assert kept.keys() == {"kty", "crv", "x", "y", "kid"}


def test_another_media_type_is_refused(http: FlaskClient) -> None:
    answer = http.post("/oauth/clients", data={"enrolment_token": "x"})

    assert answer.status_code == 415
    assert answer.mimetype == "application/problem+json"


def test_a_large_body_is_refused(http: FlaskClient) -> None:
    answer = http.post("/oauth/clients", data=b"x" * 20_000, content_type="application/json")

    assert answer.status_code == 413


def test_a_revoked_system_gets_no_token_and_its_tokens_end(http: FlaskClient, hub_database: Database) -> None:
    system = register_system(http, hub_database, "eriec")
    system.token()

    hub_database.run(lambda session: clients.revoke(session, TESTS, system.client_id))

    assert system.ask_token().status_code == 401
    with hub_database.reading() as session:
        assert clients.known(session, system.client_id) is None


def assert_refused(answer: Any) -> None:
    assert answer.status_code == 422
    assert answer.get_json()["type"] == "urn:passerelle:problem:enrolment-refused"
