"""Whatever is sent, the answer is a refusal and never a fault of ours."""

import json
import string
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hub.doors import ASSERTION_TYPE, System

FUZZ = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
PARAMETERS = ["grant_type", "scope", "client_id", "client_assertion", "client_assertion_type", "token", "x"]
anything = st.text(st.characters(codec="utf-8"), max_size=60)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(anything, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def hub_settings(hub_settings: Any) -> Any:
    from dataclasses import replace

    return replace(hub_settings, requests_per_minute=1_000_000)


def segment(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


segments = st.one_of(
    json_values.map(segment),
    st.text(string.ascii_letters + string.digits + "-_", max_size=40),
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "crit", "b64", "sub", "iss", "aud", "exp", "iat", "jti", "nbf"]),
        json_values,
        max_size=6,
    ).map(segment),
)
assertions = st.lists(segments, min_size=1, max_size=4).map(".".join)


@FUZZ
@given(form=st.dictionaries(st.sampled_from(PARAMETERS), anything | assertions, max_size=6))
def test_no_form_is_a_fault_of_the_token_endpoint(http: FlaskClient, form: dict[str, str]) -> None:
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        assert http.post(path, data=form).status_code in {400, 401}


@FUZZ
@given(assertion=assertions)
def test_no_assertion_is_a_fault_of_the_token_endpoint(http: FlaskClient, assertion: str) -> None:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}

    assert http.post("/oauth/token", data=form).status_code == 401


@FUZZ
@given(
    claims=st.dictionaries(
        st.sampled_from(["iss", "sub", "aud", "exp", "iat", "jti", "nbf"]), json_values, min_size=1, max_size=4
    )
)
def test_no_signed_claim_is_a_fault_of_the_token_endpoint(eriec: System, claims: dict[str, Any]) -> None:
    try:
        assertion = eriec.assertion(**claims)
    except (ValueError, TypeError, UnicodeEncodeError):
        return

    assert eriec.ask_token(assertion).status_code in {200, 401}


@FUZZ
@given(body=st.binary(max_size=200), kind=st.sampled_from(["application/x-www-form-urlencoded", "text/plain", ""]))
def test_no_bytes_are_a_fault_of_the_token_endpoint(http: FlaskClient, body: bytes, kind: str) -> None:
    assert 400 <= http.post("/oauth/token", data=body, content_type=kind).status_code < 500


@FUZZ
@given(value=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=80))
def test_no_authorization_header_is_a_fault(http: FlaskClient, value: str) -> None:
    headers = {"Authorization": value}

    assert 400 <= http.post("/oauth/token", data={}, headers=headers).status_code < 500
    assert http.get("/api/v1/absent", headers=headers).status_code == 404


@FUZZ
@given(jwks=json_values)
def test_no_key_set_is_a_fault_of_the_enrolment(http: FlaskClient, jwks: Any) -> None:
    body = json.dumps({"enrolment_token": "t" * 43, "jwks": {"keys": [jwks]}})

    assert 400 <= http.post("/oauth/clients", data=body, content_type="application/json").status_code < 500


@FUZZ
@given(body=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_is_a_fault_of_the_enrolment(http: FlaskClient, body: bytes) -> None:
    assert 400 <= http.post("/oauth/clients", data=body, content_type="application/json").status_code < 500


@settings(FUZZ, max_examples=6)
@given(username=anything, password=anything)
def test_no_sign_in_is_a_fault(http: FlaskClient, username: str, password: str) -> None:
    answer = http.post("/sign-in", data={"username": username, "password": password})

    assert answer.status_code in {401, 429}
