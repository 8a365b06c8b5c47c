"""Whatever stands in a proof or beside it, the answer is a refusal and never a fault of ours."""

import json
import string
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from hub.access.policy import Operation, requires
from tests.hub.doors import System, in_base64, signed_compact

FUZZ = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
DOOR = "/api/v1/doors/x"
KEY = ECKey.generate_key("P-256")
PUBLIC = {name: KEY.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
anything = st.text(st.characters(codec="utf-8"), max_size=60)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(anything, inner, max_size=4),
    max_leaves=12,
)
jwks = st.one_of(
    json_values,
    st.fixed_dictionaries(
        {"kty": st.sampled_from(["EC", "OKP", "RSA", "oct", "ec", ""])},
        optional={
            "crv": st.sampled_from(["P-256", "P-384", "Ed25519", "X25519", ""]) | json_values,
            **{name: st.text(string.ascii_letters + "-_=+/ ", max_size=60) | json_values for name in "xyned"},
            **dict.fromkeys(("alg", "use", "kid", "key_ops"), json_values),
        },
    ),
    st.dictionaries(st.sampled_from([*PUBLIC, "alg", "use", "kid", "d", "k"]), json_values, max_size=3).map(
        lambda changes: PUBLIC | changes
    ),
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "typ": st.just("dpop+jwt") | json_values,
        "alg": st.sampled_from(["ES256", "PS256", "EdDSA", "Ed25519", "none", "HS256", "RS256"]) | json_values,
        "jwk": jwks,
        **dict.fromkeys(("crit", "b64", "kid", "jku", "x5c", "zip"), json_values),
    },
)
claims = st.fixed_dictionaries(
    {},
    optional={
        "htm": st.sampled_from(["GET", "POST"]) | json_values,
        "htu": anything
        | anything.map("http://127.0.0.1:8000/{}".format)
        | anything.map("http://{}".format)
        | json_values,
        **dict.fromkeys(("jti", "iat", "ath", "nonce", "exp", "nbf"), json_values),
    },
)
junk = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=200),
    st.lists(
        st.one_of(headers, claims, json_values).map(lambda value: in_base64(json.dumps(value).encode())), max_size=5
    ).map(".".join),
)


@pytest.fixture
def hub_settings(hub_settings: Any) -> Any:
    return replace(hub_settings, requests_per_minute=1_000_000)


@pytest.fixture
def hub_app(hub_app: Flask) -> Flask:
    @requires(Operation.PROFILE_READ)
    def door(identifier: str) -> str:
        return identifier

    hub_app.add_url_rule("/api/v1/doors/<path:identifier>", view_func=door)
    return hub_app


def both_doors(system: System, proof: str) -> list[TestResponse]:
    api = {"Authorization": f"DPoP {system.token()}", "DPoP": proof}
    return [system.ask_token(proof=proof), system.http.get(DOOR, headers=api)]


def check(answers: list[TestResponse]) -> None:
    token, api = answers
    assert (token.status_code, token.get_json()["error"]) == (400, "invalid_dpop_proof")
    assert (api.status_code, api.mimetype) == (401, "application/problem+json")
    assert "\n" not in api.headers["WWW-Authenticate"]


@FUZZ
@given(proof=junk)
def test_no_text_is_a_proof(eriec: System, proof: str) -> None:
    check(both_doors(eriec, proof))


@FUZZ
@given(header=headers, said=claims)
def test_no_header_with_a_signature_that_holds_is_a_fault(
    eriec: System, header: dict[str, Any], said: dict[str, Any]
) -> None:
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": PUBLIC} | header

    check(both_doors(eriec, signed_compact(json.dumps(header), json.dumps(said), KEY)))


@FUZZ
@given(place=st.integers(0, 600), octet=st.characters(max_codepoint=255, exclude_characters="\r\n\0"))
def test_no_proof_holds_after_a_sign_was_changed(eriec: System, place: int, octet: str) -> None:
    proof = eriec.proof("GET", DOOR, eriec.token())
    place %= len(proof)
    changed = proof[:place] + octet + proof[place + 1 :]

    answer = eriec.http.get(DOOR, headers={"Authorization": f"DPoP {eriec.token()}", "DPoP": changed})

    # The last sign of 64 octets in base64 has two bits that mean nothing: four signs are one signature.
    last = place == len(proof) - 1
    assert answer.status_code == (200 if changed == proof else 401) or (last and answer.status_code == 200)


@FUZZ
@given(value=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=80))
def test_no_authorization_is_a_fault(eriec: System, value: str) -> None:
    for sent in (value, f"DPoP {value}", f"Bearer {value}"):
        headers = eriec.signed("GET", DOOR) | {"Authorization": sent}
        assert eriec.http.get(DOOR, headers=headers).status_code == 401


def test_an_address_with_nothing_odd_in_it_is_let_in(eriec: System) -> None:
    """Without this the tests around it would hold for a door that is always shut."""
    assert eriec.http.get(DOOR, headers=eriec.signed("GET", DOOR)).status_code == 200
    assert eriec.ask_token().status_code == 200


@FUZZ
@given(path=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_no_address_is_a_fault(eriec: System, path: str) -> None:
    answer = eriec.http.get(f"/api/v1/doors/{path}", headers=eriec.signed("GET", DOOR))

    assert answer.status_code in {200, 308, 401, 404}
