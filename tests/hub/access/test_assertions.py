"""Client assertions at their edges: the last second, the shortest name, and what may be told of a refusal."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from hub.access.assertions import InvalidAssertion, Proven, check, peek
from hub.services.client_keys import read_key
from hub.services.clients import RegisteredClient
from hub.settings import Settings, load_settings
from tests.hub.doors import ISSUER, signed_compact

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY = ECKey.generate_key("P-256")
HEADER = {"alg": "ES256"}
CLAIMS: dict[str, Any] = {"iss": "me", "sub": "me", "aud": ISSUER, "jti": "j" * 16, "iat": AT, "exp": AT + 120}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings under which an assertion lives five minutes, and clocks may differ by ten seconds."""
    folder: Path = tmp_path_factory.mktemp("instance")
    return load_settings(
        {},
        secret="s" * 40,
        issuer=ISSUER,
        instance_folder=str(folder),
        assertion_seconds=300,
        assertion_skew_seconds=10,
    )


def system(*keys: Any) -> RegisteredClient:
    return RegisteredClient(
        "me", "eriec", "pool:search", tuple(read_key(key.as_dict(private=False)) for key in keys or (KEY,)), 1, False
    )


def signed(header: dict[str, Any] | None = None, key: Any = KEY, **changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return jwt.encode(HEADER | (header or {}), claims, key, algorithms=["ES256", "PS256"])


def checked(assertion: str, ours: Settings, client: RegisteredClient | None) -> Proven:
    return check(assertion, peek(assertion), client, ours, NOW)


def refusal(assertion: str, ours: Settings, client: RegisteredClient | None = None) -> InvalidAssertion:
    with pytest.raises(InvalidAssertion) as refused:
        checked(assertion, ours, client or system())
    return refused.value


def test_what_holds_is_remembered_until_it_is_over(ours: Settings) -> None:
    expected = Proven("me", "j" * 16, datetime.fromtimestamp(AT + 120, UTC))

    assert checked(signed(), ours, system()) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": AT + 1, "iat": AT},
        {"exp": AT + 300},
        {"iat": AT + 10, "exp": AT + 310},
        {"iat": AT - 299, "exp": AT + 1},
        {"nbf": AT + 10},
        {"jti": "j" * 8},
        {"jti": "j" * 200},
    ],
    ids=str,
)
def test_the_last_that_is_allowed_is_allowed(ours: Settings, changes: dict[str, Any]) -> None:
    assert checked(signed(**changes), ours, system()).client_id == "me"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": AT, "iat": AT - 1}, "times"),
        ({"exp": AT + 10, "iat": AT + 10}, "times"),
        ({"exp": AT + 301}, "times"),
        ({"iat": AT + 11, "exp": AT + 20}, "times"),
        ({"iat": AT + 10, "exp": AT + 311}, "times"),
        ({"iat": AT - 300, "exp": AT + 1}, "times"),
        ({"iat": None}, "whole seconds"),
        ({"exp": None}, "whole seconds"),
        ({"iat": float(AT)}, "whole seconds"),
        ({"exp": True}, "whole seconds"),
        ({"nbf": AT + 11}, "nbf"),
        ({"nbf": str(AT)}, "nbf"),
        ({"nbf": float(AT)}, "nbf"),
        ({"jti": "j" * 7}, "jti"),
        ({"jti": "j" * 201}, "jti"),
        ({"jti": ["j"] * 16}, "jti"),
        ({"iss": "other"}, "iss and sub"),
        ({"sub": "other"}, "iss and sub"),
        ({"aud": [ISSUER]}, "aud"),
    ],
    ids=str,
)
def test_one_more_is_refused_and_its_signature_is_known_to_hold(
    ours: Settings, changes: dict[str, Any], reason: str
) -> None:
    refused = refusal(signed(**changes), ours)

    assert reason in str(refused)
    assert refused.signed


@pytest.mark.parametrize("key", [ECKey.generate_key("P-256"), RSAKey.generate_key(2048)], ids=["P-256", "RSA"])
def test_by_a_key_that_is_not_registered_nothing_is_known_to_hold(ours: Settings, key: Any) -> None:
    refused = refusal(signed({"alg": "ES256" if isinstance(key, ECKey) else "PS256"}, key), ours)

    assert str(refused) == "signature"
    assert not refused.signed


def test_of_an_unknown_client_nothing_is_known_to_hold(ours: Settings) -> None:
    with pytest.raises(InvalidAssertion) as refused:
        checked(signed(), ours, None)

    assert not refused.value.signed


def test_among_several_keys_the_one_that_is_named_is_asked_and_a_kind_alone_may_name_it(ours: Settings) -> None:
    other, rsa = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)

    assert checked(signed({"kid": KEY.thumbprint()}), ours, system(other, KEY)).client_id == "me"
    assert checked(signed(), ours, system(rsa, KEY)).client_id == "me"
    for header in ({}, {"kid": other.thumbprint()}, {"kid": "x"}):
        assert str(refusal(signed(header), ours, system(KEY, other))) == "signature"


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({"alg": "RS256"}, CLAIMS),
        ({}, CLAIMS),
        ({"alg": "ES256", "kid": 7}, CLAIMS),
        ({"alg": "ES256"}, CLAIMS | {"sub": 7}),
        ({"alg": "ES256"}, {"iss": "me"}),
        ({"alg": "ES256"}, []),
        ({"alg": "ES256"}, "me"),
    ],
)
def test_what_does_not_say_who_it_is_from_is_not_looked_at(header: dict[str, Any], claims: Any) -> None:
    with pytest.raises(InvalidAssertion) as refused:
        peek(signed_compact(json.dumps(header), json.dumps(claims), KEY))

    assert not refused.value.signed


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "é.é.é", "e30.e30", "....", "e30.bm8.AA"])
def test_what_is_no_compact_jws_is_not_looked_at(text: str) -> None:
    with pytest.raises(InvalidAssertion, match=r"^(not a compact JWS|sub, kid or alg)$"):
        peek(text)


@pytest.mark.parametrize(("length", "reason"), [(8192, "not a compact JWS"), (8193, "too long")])
def test_more_than_eight_kibibytes_are_not_looked_at(length: int, reason: str) -> None:
    with pytest.raises(InvalidAssertion, match=reason):
        peek("a" * length)
