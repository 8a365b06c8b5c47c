"""Proofs of possession at their edges, read without a door: how long, how old, by which ports and which names."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, request

from hub.access import dpop
from hub.access.context import EXTENSION
from tests.hub.doors import ISSUER, System

PATH = "/api/v1/doors/x"


def read(app: Flask, proof: str, path: str = PATH, token: str | None = None) -> dpop.Proof:
    with app.test_request_context(path, headers={"DPoP": proof}):
        return dpop.read(request, token)


def refusal(app: Flask, proof: str, path: str = PATH) -> str:
    with pytest.raises(dpop.InvalidProof) as refused:
        read(app, proof, path)
    assert str(refused.value) == refused.value.reason
    return refused.value.reason


def test_a_proof_is_to_be_remembered_until_it_would_be_too_old_anyway(hub_app: Flask, eriec: System) -> None:
    issued = int(time.time()) - 7

    proof = read(hub_app, eriec.proof("GET", PATH, iat=issued, jti="remember-me"))

    assert proof.expires_at == datetime.fromtimestamp(issued + 121, UTC)
    assert (proof.thumbprint, proof.jti) == (eriec.proof_key.thumbprint(), "remember-me")


@pytest.mark.parametrize("jti", ["j" * 8, "j" * 200])
def test_the_shortest_and_the_longest_name_hold(hub_app: Flask, eriec: System, jti: str) -> None:
    assert read(hub_app, eriec.proof("GET", PATH, jti=jti)).jti == jti


@pytest.mark.parametrize("jti", ["j" * 7, "j" * 201, ["j"] * 16])
def test_a_name_one_shorter_or_longer_or_no_text_does_not(hub_app: Flask, eriec: System, jti: Any) -> None:
    assert refusal(hub_app, eriec.proof("GET", PATH, jti=jti)) == "jti is not a text of 8 to 200 characters"


def test_a_proof_is_too_old_after_two_minutes_and_too_new_ten_seconds_ahead(hub_app: Flask, eriec: System) -> None:
    # A second may pass between making and reading: what is that near to the edge is not looked at.
    for seconds in (-118, 10):
        read(hub_app, eriec.proof("GET", PATH, iat=int(time.time()) + seconds))
    for seconds in (-121, 13):
        reason = refusal(hub_app, eriec.proof("GET", PATH, iat=int(time.time()) + seconds))
        assert reason == "iat is not within 120 seconds: check the clock"


@pytest.mark.parametrize(
    ("length", "reason"), [(4096, "the DPoP header is not a JWT"), (4097, "one DPoP header with one JWT is needed")]
)
def test_more_than_four_kibibytes_are_not_looked_at(hub_app: Flask, length: int, reason: str) -> None:
    assert refusal(hub_app, "a" * (length - 4) + ".a.a") == reason


@pytest.mark.parametrize(
    ("issuer", "htu", "holds"),
    [
        ("https://hub.example.org", "https://hub.example.org/x", True),
        ("https://hub.example.org", "https://hub.example.org:443/x", True),
        ("https://hub.example.org", "https://hub.example.org:80/x", False),
        ("https://hub.example.org", "https://hub.example.org:444/x", False),
        ("https://hub.example.org:443", "https://hub.example.org/x", True),
        ("http://hub.example.org", "http://hub.example.org:80/x", True),
        ("http://hub.example.org", "https://hub.example.org:80/x", False),
        ("https://hub.example.org", "https://me@hub.example.org/x", False),
        ("https://hub.example.org", "https://@hub.example.org/x", False),
        ("https://hub.example.org", "https://hub.example.org/x/", False),
        ("https://hub.example.org/network", "https://hub.example.org/network/x", True),
        ("https://hub.example.org/network", "https://hub.example.org/x", False),
    ],
)
def test_an_address_is_ours_with_its_own_port_or_with_the_one_that_goes_without_saying(
    hub_app: Flask, eriec: System, issuer: str, htu: str, holds: bool
) -> None:
    proof = eriec.proof("GET", "/x", htu=htu)
    parts = hub_app.extensions[EXTENSION]
    parts["settings"] = replace(parts["settings"], issuer=issuer)

    if holds:
        assert read(hub_app, proof, "/x").thumbprint == eriec.proof_key.thumbprint()
    else:
        assert refusal(hub_app, proof, "/x") == "htu is not the address of this request"


def test_the_first_page_may_be_named_without_its_slash(hub_app: Flask, eriec: System) -> None:
    for htu in (ISSUER, f"{ISSUER}/"):
        read(hub_app, eriec.proof("GET", "/", htu=htu), "/")
