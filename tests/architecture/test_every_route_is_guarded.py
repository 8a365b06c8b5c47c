"""The whole application: no door without a lock, and no lock that lets a stranger in."""

from pathlib import Path

import pytest
from flask import Flask

from hub.access.policy import OPERATION_MARK, POLICY, PUBLIC_MARK, Operation, check_every_route
from hub.app import create_app
from hub.database import Database
from hub.migrating import upgrade
from hub.settings import load_settings

# Open to anyone, each for a reason that stands beside its view. A longer list is a decision: make it here too.
OPEN = {
    "/healthz", "/readyz", "/metrics", "/oauth/token", "/oauth/revoke", "/oauth/introspect",
    "/oauth/clients", "/oauth/clients/keys",
    "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource",
    "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/docs/<name>", "/sign-in", "/sign-in/code",
    "/sign-in/passkey", "/sign-in/organisation", "/sign-in/organisation/<organisation_id>/return",
    "/sign-in/invitation/<secret>", "/sign-in/invitation/<secret>/app", "/sign-in/invitation/<secret>/passkey",
    "/sign-in/invitation/<secret>/provider", "/sign-in/joined", "/sign-out", "/about", "/m/<capability>", "/m/leave",
    "/language/<any(en, fr):code>", "/static/bootstrap/<path:filename>", "/static/<path:filename>",
}  # fmt: skip


@pytest.fixture(scope="module")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("guard")
    settings = load_settings({}, secret="s" * 40, instance_folder=str(folder), requests_per_minute=100_000)
    database = Database(f"sqlite:///{Path(folder) / 'guard.sqlite3'}")
    upgrade(database.engine)
    return create_app(settings, database)


def routes(app: Flask) -> list[tuple[str, str]]:
    return [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method not in {"HEAD", "OPTIONS"}
    ]


def address(rule: str) -> str:
    parts = [part if not part.startswith("<") else "x" * 12 for part in rule.split("/")]
    return "/".join(parts)


def test_every_route_has_an_operation_or_a_reason(whole_app: Flask) -> None:
    check_every_route(whole_app)


def test_what_is_open_to_anyone_is_on_the_list(whole_app: Flask) -> None:
    found = {
        rule.rule
        for rule in whole_app.url_map.iter_rules()
        if OPERATION_MARK not in vars(whole_app.view_functions[rule.endpoint]) and not rule.endpoint.endswith("static")
    }

    assert found <= OPEN


def test_no_view_is_both_guarded_and_public(whole_app: Flask) -> None:
    both = [
        name
        for name, view in whole_app.view_functions.items()
        if OPERATION_MARK in vars(view) and PUBLIC_MARK in vars(view)
    ]

    assert both == []


def test_a_stranger_gets_nothing_from_any_guarded_route(whole_app: Flask) -> None:
    http = whole_app.test_client()
    open_rules = {rule for rule, _ in routes(whole_app) if rule in OPEN or rule.endswith("/<path:filename>")}
    for rule, method in routes(whole_app):
        if rule in open_rules:
            continue
        answer = http.open(address(rule), method=method)
        let_in = answer.status_code < 300 or answer.status_code >= 500
        assert not let_in, (rule, method, answer.status_code)
        if answer.status_code == 303:
            assert answer.headers["Location"].startswith("/sign-in?next="), rule


def test_every_operation_is_used_by_a_door(whole_app: Flask) -> None:
    used = {vars(view).get(OPERATION_MARK) for view in whole_app.view_functions.values()}

    assert set(Operation) - used == set()
    assert set(POLICY) == set(Operation)
