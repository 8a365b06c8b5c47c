from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from hub.access import limits
from hub.access.limits import SIGN_INS_PER_MINUTE
from hub.access.policy import Operation, public, requires
from hub.database import Database
from hub.models import Organisation, utcnow
from hub.settings import Settings, load_settings
from tests.hub.doors import ISSUER, System


@pytest.fixture
def hub_settings(tmp_path: Path) -> Settings:
    return load_settings({}, secret="s" * 40, issuer=ISSUER, instance_folder=str(tmp_path), requests_per_minute=6)


@pytest.fixture
def hub_app(hub_app: Flask) -> Flask:
    @requires(Operation.PROGRAM_READ)
    def door(**_: str) -> str:
        return "inside"

    hub_app.add_url_rule("/api/v1/doors/<identifier>", view_func=door)
    hub_app.add_url_rule("/page", view_func=public("a test")(lambda: "page"))
    return hub_app


def test_a_system_has_one_budget_for_all_its_calls_and_others_keep_theirs(eriec: System, pin: System) -> None:
    eriec.token(), pin.token()
    statuses = [eriec.call("GET", f"/api/v1/doors/{n}").status_code for n in range(7)]

    assert statuses == [200] * 6 + [429]
    assert pin.call("GET", "/api/v1/doors/1").status_code == 200


def test_a_fresh_token_is_no_fresh_budget(eriec: System) -> None:
    eriec.token(), eriec.token("programs:read")
    for _ in range(6):
        eriec.call("GET", "/api/v1/doors/1")

    assert eriec.call("GET", "/api/v1/doors/1", scope="programs:read").status_code == 429


@pytest.mark.parametrize(
    ("asked", "who", "how_often"),
    [
        ("POST /sign-in", "sign-in:192.0.2.7", "120 per minute"),
        ("POST /sign-in/code", "sign-in:192.0.2.7", "120 per minute"),
        ("GET /sign-in/organisation/eriec", "sign-in:192.0.2.7", "120 per minute"),
        ("POST /m/abc", "sign-in:192.0.2.7", "120 per minute"),
        ("POST /oauth/token", "address:192.0.2.7", "6 per minute"),
        ("GET /api/v1/openapi.json", "address:192.0.2.7", "6 per minute"),
        ("GET /api/v1/docs", "address:192.0.2.7", "6 per minute"),
        ("GET /sign-in", "address:192.0.2.7", "unlimited"),
        ("GET /m/abc", "address:192.0.2.7", "unlimited"),
        ("POST /m/leave", "address:192.0.2.7", "unlimited"),
        ("POST /people", "address:192.0.2.7", "unlimited"),
        ("GET /static/style.css", "address:192.0.2.7", "unlimited"),
    ],
)
def test_who_pays_and_how_much_goes_by_the_address_that_is_asked(
    hub_app: Flask, asked: str, who: str, how_often: str
) -> None:
    method, path = asked.split()

    with hub_app.test_request_context(path, method=method, environ_base={"REMOTE_ADDR": "192.0.2.7"}):
        assert limits.caller() == who
        assert ("unlimited" if limits.is_unlimited() else limits.budget()) == how_often


def test_a_suspended_system_pays_for_its_refusals_and_a_stranger_pays_nothing_in_its_name(
    eriec: System, hub_database: Database
) -> None:
    eriec.token()
    with hub_database.transaction() as session:
        session.execute(update(Organisation).values(suspended_at=utcnow()))

    statuses = [eriec.call("GET", "/api/v1/doors/1").status_code for _ in range(7)]
    stranger = eriec.http.get("/api/v1/doors/1").status_code

    assert statuses == [403] * 6 + [429]
    assert stranger == 401


def test_too_many_requests_are_told_when_to_come_back(eriec: System) -> None:
    answer = [eriec.call("GET", "/api/v1/doors/1") for _ in range(7)][-1]

    assert answer.mimetype == "application/problem+json"
    assert 0 < int(answer.headers["Retry-After"]) <= 61


def test_strangers_share_the_budget_of_their_address(hub_app: Flask) -> None:
    http = hub_app.test_client()
    statuses = [http.post("/oauth/token", data={}).status_code for _ in range(7)]

    assert statuses[-1] == 429
    assert 429 not in statuses[:-1]


def test_pages_are_not_counted(hub_app: Flask) -> None:
    http = hub_app.test_client()

    assert {http.get("/page").status_code for _ in range(20)} == {200}


def test_trying_to_sign_in_is_counted_and_looking_at_the_door_is_not(hub_app: Flask) -> None:
    http = hub_app.test_client()

    looked = [http.get("/sign-in").status_code for _ in range(SIGN_INS_PER_MINUTE + 1)]
    tried = [http.post("/sign-in", data={}).status_code for _ in range(SIGN_INS_PER_MINUTE + 1)]

    assert 429 not in looked
    assert 429 not in tried[:-1]
    assert tried[-1] == 429
