"""What our own client signs, read as any other implementation would read it."""

import hashlib
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from federation.dpop import ASSERTION_SECONDS, ProofKey, assert_identity, public_jwk, token_hash

URL = "https://hub.example.org/api/v1/profiles/mentor-0001"


@pytest.fixture(scope="module")
def key() -> ProofKey:
    return ProofKey()


def header_of(proof: str) -> dict[str, Any]:
    part = proof.split(".")[0]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def read(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    token = jwt.decode(proof, ECKey.import_key(header_of(proof)["jwk"]), algorithms=["ES256"])
    return dict(token.header), dict(token.claims)


class TestAProof:
    def test_is_signed_by_the_public_key_it_carries_and_carries_nothing_private(self, key: ProofKey):
        header, _ = read(key.prove("GET", URL))

        assert header.keys() == {"typ", "alg", "jwk"}
        assert (header["typ"], header["alg"]) == ("dpop+jwt", "ES256")
        assert header["jwk"].keys() == {"kty", "crv", "x", "y"}

    def test_names_method_address_and_time(self, key: ProofKey):
        _, claims = read(key.prove("PUT", URL))

        assert (claims["htm"], claims["htu"]) == ("PUT", URL)
        assert abs(claims["iat"] - time.time()) < 5
        assert "ath" not in claims

    @pytest.mark.parametrize("tail", ["?a=1", "#top", "?a=1&b=/#x?y"])
    def test_leaves_query_and_fragment_out(self, key: ProofKey, tail: str):
        assert read(key.prove("GET", URL + tail))[1]["htu"] == URL

    def test_names_the_token_it_goes_with(self, key: ProofKey):
        _, claims = read(key.prove("GET", URL, "a-token"))

        assert claims["ath"] == urlsafe_b64encode(hashlib.sha256(b"a-token").digest()).decode().rstrip("=")

    def test_is_never_made_twice(self, key: ProofKey):
        numbers = {read(key.prove("GET", URL))[1]["jti"] for _ in range(50)}

        assert len(numbers) == 50
        assert {len(number) for number in numbers} == {22}, "128 random bits; 96 at least (RFC 9449, 4.2)"

    def test_of_two_processes_is_of_two_keys(self, key: ProofKey):
        assert key.thumbprint() != ProofKey().thumbprint()
        assert key.thumbprint() == ECKey.import_key(header_of(key.prove("GET", URL))["jwk"]).thumbprint()


@settings(deadline=None, max_examples=60)
@given(token=st.text("abcXYZ019-_.~+/=", max_size=80))
def test_the_hash_of_a_token_is_43_signs_that_travel_in_a_header(token: str):
    assert len(token_hash(token)) == 43
    assert token_hash(token).replace("-", "").replace("_", "").isalnum()


def test_the_hash_is_that_of_the_standard():
    # RFC 9449, 7.1.
    said = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"

    assert token_hash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU") == said


def test_an_assertion_is_for_one_hub_once_and_for_two_minutes():
    key = ECKey.generate_key("P-256")

    one, other = (jwt.decode(assert_identity(key, "me", "https://hub.example.org"), key).claims for _ in range(2))

    assert (one["iss"], one["sub"], one["aud"]) == ("me", "me", "https://hub.example.org")
    assert one["exp"] - one["iat"] == ASSERTION_SECONDS == 120
    assert one["jti"] != other["jti"]
    assert len(one["jti"]) == 22, "128 random bits"


def test_the_public_half_of_a_key_holds_nothing_private_and_is_named_by_its_thumbprint():
    key = ECKey.generate_key("P-256")

    assert public_jwk(key).keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert public_jwk(key)["kid"] == key.thumbprint()
