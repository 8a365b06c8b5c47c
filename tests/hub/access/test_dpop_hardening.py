"""The hardening of the authorisation server, line by line: each line of the decision names tests, and they exist."""

import ast
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.access.policy import Operation, requires
from hub.database import Database
from hub.models import Organisation, utcnow
from hub.services import clients, tokens
from tests.hub.doors import TESTS, System, add_account, signed_in

ROOT = Path(__file__).resolve().parents[3]
DOOR = "/api/v1/doors/x"
RACES = 250
Spend = Callable[[Session, str], bool]


@pytest.fixture
def hub_app(hub_app: Flask) -> Flask:
    @requires(Operation.PROFILE_READ)
    def door(identifier: str = "page") -> str:
        return identifier

    hub_app.add_url_rule("/api/v1/doors/<identifier>", view_func=door)
    hub_app.add_url_rule("/door", endpoint="page", view_func=door)
    return hub_app


def defined(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_line_of_the_decision_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "decisions" / "0005-oauth-server.md").read_text("utf-8")
    rows = re.search(r"\| must \| held by \|\n\|---\|---\|\n((?:\|.*\n)+)", text)
    assert rows is not None
    named = [re.findall(r"`(\w+\.py)::(\w+)`", row) for row in rows[1].splitlines()]
    found = {path.name: defined(path) for path in (ROOT / "tests").rglob("test_*.py")}

    assert len(named) == 14
    assert all(named)
    assert [(file, name) for row in named for file, name in row if name not in found.get(file, set())] == []


def test_the_library_s_own_and_older_signatures_are_never_used() -> None:
    sources = [path.read_text("utf-8") for room in ("hub", "federation") for path in (ROOT / room).rglob("*.py")]

    assert not [text for text in sources if re.search(r"^\s*(from|import) authlib\.jose", text, re.MULTILINE)]


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/par", "/oauth/device", "/oauth/register"])
def test_what_needs_codes_or_open_registration_is_not_there(http: FlaskClient, path: str) -> None:
    assert http.post(path).status_code == 404


def test_neither_token_nor_proof_is_ever_logged_even_at_debug(eriec: System, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sent = eriec.signed("GET", DOOR)
        opened = eriec.http.get(DOOR, headers=sent)
        refused = eriec.http.get(DOOR, headers=sent)

    assert (opened.status_code, refused.status_code) == (200, 401)
    assert eriec.token() not in caplog.text
    assert sent["DPoP"] not in caplog.text


class TestASuspendedOrganisation:
    @pytest.fixture
    def suspend(self, hub_database: Database) -> Callable[[], None]:
        def suspended() -> None:
            with hub_database.transaction() as session:
                session.execute(update(Organisation).where(Organisation.id == "eriec").values(suspended_at=utcnow()))

        return suspended

    def test_is_refused_at_once_at_every_door(
        self, eriec: System, pin: System, hub_database: Database, suspend: Callable[[], None]
    ) -> None:
        add_account(hub_database)
        signed_in(eriec.http)
        permission = hub_database.run(
            lambda session: clients.issue_enrolment(session, TESTS, "eriec", "pool:search", 1)
        )
        keys = {"keys": [eriec.key.as_dict(private=False)]}
        doors: dict[str, Callable[[], int]] = {
            "token": lambda: eriec.ask_token().status_code,
            "call": lambda: eriec.call("GET", DOOR).status_code,
            "page": lambda: eriec.http.get("/door").status_code,
            "revocation": lambda: (
                eriec.http.post(
                    "/oauth/revoke", data=eriec.form(grant_type=None) | {"token": eriec.token()}
                ).status_code
            ),
            "enrolment": lambda: (
                eriec.http.post("/oauth/clients", json={"enrolment_token": permission, "jwks": keys}).status_code
            ),
        }
        assert [doors[name]() for name in ("token", "call", "page")] == [200, 200, 200]

        suspend()

        said = {name: door() for name, door in doors.items()}
        assert said == {"token": 400, "call": 403, "page": 403, "revocation": 400, "enrolment": 422}
        assert pin.call("GET", DOOR).status_code == 200


def assertion(session: Session, jti: str) -> bool:
    return tokens.spend_assertion(session, "client", jti, utcnow() + timedelta(minutes=5))


def proof(session: Session, jti: str) -> bool:
    return tokens.spend_proof(session, "t" * 43, jti, utcnow() + timedelta(minutes=2))


@pytest.mark.parametrize("spend", [assertion, proof])
def test_of_many_who_use_one_number_at_the_same_time_exactly_one_wins(database: Database, spend: Spend) -> None:
    with ThreadPoolExecutor(4) as pool:
        for race in range(RACES):
            tries = pool.map(database.run, [lambda session, jti=f"jti-{race}": spend(session, jti)] * 4)
            assert sorted(tries) == [False, False, False, True]
