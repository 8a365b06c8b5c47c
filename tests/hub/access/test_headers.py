from dataclasses import replace

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from hub.access.context import EXTENSION
from hub.access.policy import public
from tests.hub.doors import System

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def hub_app(hub_app: Flask) -> Flask:
    @public("a test")
    def broken() -> str:
        raise ValueError("our own bug")

    @public("a test")
    def answer(status: int) -> tuple[str, int]:
        g.missing_scope = "pool:search"
        return "x", status

    for prefix in ("", "/api/v1"):
        hub_app.add_url_rule(f"{prefix}/answers/<int:status>", f"answer{len(prefix)}", answer)
    hub_app.add_url_rule("/page", view_func=public("a test")(lambda: "page"))
    hub_app.add_url_rule("/broken", view_func=broken)
    return hub_app


@pytest.mark.parametrize("path", ["/page", "/absent", "/broken", "/api/v1/absent", "/oauth/token", "/.well-known/x"])
def test_every_answer_carries_the_headers(http: FlaskClient, path: str) -> None:
    headers = http.get(path).headers

    assert {name: headers[name] for name in FIXED} == FIXED
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_no_policy_lets_anything_inline_or_foreign_in(http: FlaskClient) -> None:
    for path in ("/page", "/api/v1/absent"):
        policy = http.get(path).headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "*" not in policy


def test_pages_take_our_own_files_and_systems_answers_nothing_at_all(http: FlaskClient) -> None:
    assert "; script-src 'self'; " in http.get("/page").headers["Content-Security-Policy"]
    for path in ("/api/v1/absent", "/oauth/token", "/.well-known/x"):
        assert http.get(path).headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("path", "policy"),
    [("/m", "no-referrer"), ("/m/abc", "no-referrer"), ("/me", "same-origin"), ("/page", "same-origin")],
)
def test_from_a_mentee_s_pages_nobody_hears_where_she_came_from(http: FlaskClient, path: str, policy: str) -> None:
    assert http.get(path).headers["Referrer-Policy"] == policy


def test_where_there_is_tls_it_is_promised_for_a_year(hub_app: Flask) -> None:
    parts = hub_app.extensions[EXTENSION]
    parts["settings"] = replace(parts["settings"], issuer="https://hub.example.org")

    promised = hub_app.test_client().get("/page").headers["Strict-Transport-Security"]
    assert promised == "max-age=31536000; includeSubDomains"


def test_a_view_may_keep_its_own_policy(hub_app: Flask) -> None:
    hub_app.add_url_rule(
        "/own", "own", view_func=public("a test")(lambda: ("x", {"Cache-Control": "public, max-age=60"}))
    )

    assert hub_app.test_client().get("/own").headers["Cache-Control"] == "public, max-age=60"


def test_plain_http_on_loopback_promises_no_tls(http: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in http.get("/page").headers


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/answers/200", 200, ""),
        ("/api/v1/answers/404", 404, ""),
        ("/answers/200", 200, ""),
        ("/answers/401", 401, ""),
        ("/answers/403", 403, ""),
        ("/api/v1/answers/401", 401, "DPoP resource_metadata="),
        ("/api/v1/answers/403", 403, 'DPoP error="insufficient_scope", scope="pool:search", resource_metadata='),
    ],
)
def test_how_to_get_in_is_told_where_a_system_was_not_let_in_and_nowhere_else(
    eriec: System, path: str, status: int, said: str
) -> None:
    answered = eriec.http.get(path, headers=eriec.signed("GET", path) if path.startswith("/api/") else {})

    assert answered.status_code == status
    told = answered.headers.get("WWW-Authenticate", "")
    assert told.startswith(said)
    assert bool(told) == bool(said)
