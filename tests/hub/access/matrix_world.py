"""A furnished hub in which everybody can ask for everything, and a trap on every table that tells what a request touched."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from federation.scopes import ALL_SCOPES
from hub.api.examples import LINKAGE
from hub.app import create_app
from hub.database import Database
from hub.models import Base, SignIn, utcnow
from hub.settings import load_settings
from tests.hub.access.matrix import Cell
from tests.hub.access.matrix_things import ENVELOPE, MEMBERS, Named, accounts, foreign_ids, furnish_everything, username
from tests.hub.doors import System, register_system
from tests.hub.pages.conftest import session_of
from tests.hub.people import mentee

# What every request may write besides its own work: proofs used up, sessions seen, and the log of it all.
BOOKKEEPING: Final = frozenset({"used_proof", "sign_in", "audit_entry", "audit_head"})
CSRF: Final = re.compile(r'name="csrf_token" value="([^"]+)"')
# What an earlier request of the same person left to be said.
NOTICE: Final = re.compile(r'<p class="notice"[^>]*>[^<]*</p>')
CHANGING: Final = frozenset({"x-request-id", "content-length", "set-cookie", "date"})


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one request: ``touched`` tables besides the bookkeeping, ``audited`` pairs of operation and outcome."""

    status: int
    text: str
    headers: dict[str, str]
    touched: frozenset[str]
    audited: tuple[tuple[str, str, str], ...]
    named: Named
    seconds: float

    @property
    def plain(self) -> tuple[object, ...]:
        """The whole answer without what is of this one request: its ids, and the number the hub gave it."""
        text = NOTICE.sub("", CSRF.sub("", re.sub(r'"instance":\s*"[0-9a-f]{32}"', "", self.text)))
        for value in sorted(self.named.values(), key=len, reverse=True):
            text = text.replace(value, "NAMED")
        return self.status, text, tuple(sorted(self.headers.items()))


@dataclass
class Arena:
    """The hub, everybody who can come to it, and the things they can name by how they stand to them."""

    app: Flask
    path: Path
    bases: dict[str, sqlite3.Connection]
    things: dict[str, dict[str, tuple[str, Named]]]
    foreign: dict[str, frozenset[str]]
    systems: dict[str, System]
    people: dict[str, tuple[FlaskClient, str]]
    """Each account's browser, and the session it signed in to."""
    nobody: FlaskClient
    state: str = "whole"
    forms: dict[int, str] = field(default_factory=dict)

    def ask(self, cell: Cell) -> Told:
        """Make the request of a cell in the hub as it was furnished, and see what it did."""
        relation = "own" if cell.relation == "suspended" else cell.relation
        organisation, named = self.things[cell.row.thing][relation]
        named = {name: value.format(account=username(organisation, cell.role)) for name, value in named.items()}
        self.stand("suspended" if cell.relation == "suspended" else "whole")
        with sqlite3.connect(self.path) as watching:
            before = _marks(watching)
            began = time.perf_counter()
            answer = self._send(cell, organisation, named)
            seconds = time.perf_counter() - began
            touched, audited = _since(watching, before)
        watching.close()
        if touched - BOOKKEEPING or cell.row.own_account:
            self.state = "touched"
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in CHANGING}
        return Told(answer.status_code, answer.text, headers, touched - BOOKKEEPING, audited, named, seconds)

    def stand(self, state: str) -> None:
        """Put the furnished hub back where something touched it."""
        if self.state != state:
            with sqlite3.connect(self.path) as target:
                self.bases[state].backup(target)
            target.close()
            self.state = state

    def _send(self, cell: Cell, organisation: str, named: Named) -> TestResponse:
        row = cell.row
        path = re.sub(r"<any\([^>]+>", row.fill, row.rule)
        path = path.replace("<name:organisation>", named.get("organisation", "<name:organisation>"))
        path = re.sub(r"<[^>]+>", named.get("id", ""), path)
        body = _body(row.door, cell.relation, named)
        if cell.role.startswith("system"):
            system = self.systems[organisation]
            scope = row.scope if cell.role == "system" else " ".join(sorted(ALL_SCOPES - {row.scope or ""}))
            headers = system.signed(row.method, path, scope or None)
            return self._open(system.http, row.method, path, body, headers, on_the_api=row.on_the_api)
        http = self.nobody
        if cell.role != "nobody":
            http, signed_in = self.people[username(organisation, cell.role)]
            http.set_cookie("passerelle", signed_in)
        return self._open(http, row.method, path, body, {}, on_the_api=row.on_the_api)

    def _open(
        self, http: FlaskClient, method: str, path: str, body: Any, headers: dict[str, str], *, on_the_api: bool
    ) -> TestResponse:
        if on_the_api:
            if isinstance(body, bytes):
                headers = headers | {"Content-Type": "application/x-ndjson"}
                return http.open(path, method=method, headers=headers, data=body)
            return http.open(path, method=method, headers=headers, json=body)
        if method == "GET":
            return http.get(path, headers=headers)
        return http.post(path, headers=headers, data={"csrf_token": self._form_token(http), **(body or {})})

    def _form_token(self, http: FlaskClient) -> str:
        if id(http) not in self.forms:
            page = http.get("/sign-in").text
            self.forms[id(http)] = CSRF.findall(page)[0]
        return self.forms[id(http)]


THERE: Final = "/api/v1/gathering-introductions/<name:gathering>/<name:organisation>"
SIGNED: Final = "aaaa.bbbbbbbbbbbbbbbbbb.cccc"


def _body(door: str, relation: str, named: Named) -> Any:
    """What is sent through a door; the same for everybody."""
    bodies: dict[str, Any] = {
        "PUT /api/v1/profiles/<name:pseudonym>": mentee(),
        "POST /api/v1/profiles/bulk": json.dumps({"pseudonym": "eriec-bulk-1", "profile": mentee()}).encode(),
        "PUT /api/v1/profiles/<name:pseudonym>/linkage": LINKAGE,
        "POST /api/v1/mentees/<name:pseudonym>/wishes": {"kind": "forbid", "handle": named.get("handle")},
        "POST /api/v1/proposals": {"mentee": named.get("id"), "handle": named.get("handle")},
        "POST /api/v1/proposals/<name:proposal>/accept": {},
        "POST /api/v1/proposals/<name:proposal>/decline": {"reason": "no_capacity"},
        "POST /api/v1/partnerships/<name:partnership>/end": {"reason": "schedule"},
        "POST /api/v1/gatherings": {"kind": named.get("kind"), "handle": named.get("handle")},
        "POST /api/v1/gatherings/<name:gathering>/decline": {"reason": "no_capacity"},
        "POST /api/v1/rounds/<name:round_id>/repair": {"kind": named.get("kind"), "picture": named.get("picture")},
        "PUT /api/v1/sharing": {"local_first_days": 7},
        "PUT /api/v1/keys": {"statement": named.get("statement")},
        "POST /api/v1/gatherings/<name:gathering>/sign": {"acceptance": SIGNED},
        "PUT /api/v1/introductions/<name:proposal>/envelope": {"envelope": ENVELOPE},
        "POST /api/v1/introductions/<name:proposal>/acknowledge": {"receipt": SIGNED},
        f"PUT {THERE}/envelope": {"envelope": ENVELOPE},
        f"POST {THERE}/acknowledge": {"receipt": SIGNED},
        "POST /api/v1/referrals": {"mentee": named.get("id"), "program": "course"},
        "POST /api/v1/referrals/<name:referral>/events": {
            "event": "received" if relation == "counterpart" else "withdrawn"
        },
    }
    forms = {"reason": "schedule", "program": "course", "event": bodies.get(door, {}), **named}
    forms["event"] = "received" if relation == "counterpart" else "withdrawn"
    return bodies.get(door) if "/api/" in door else {name: forms[name] for name in forms if name != "id"}


def _marks(watching: sqlite3.Connection) -> tuple[int, int]:
    touched = watching.execute("SELECT coalesce(max(rowid), 0) FROM touched").fetchone()[0]
    return touched, watching.execute("SELECT coalesce(max(number), 0) FROM audit_entry").fetchone()[0]


def _since(
    watching: sqlite3.Connection, marks: tuple[int, int]
) -> tuple[frozenset[str], tuple[tuple[str, str, str], ...]]:
    touched = {row[0] for row in watching.execute("SELECT name FROM touched WHERE rowid > ?", marks[:1])}
    entries = watching.execute(
        "SELECT operation, outcome, organisation_id FROM audit_entry WHERE number > ?", marks[1:]
    ).fetchall()
    return frozenset(touched), tuple(entries)


@pytest.fixture(scope="session")
def arena(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """Furnish once; about five seconds."""
    folder = tmp_path_factory.mktemp("matrix")
    path = folder / "hub.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    # Every cell of the matrix is asked with the same tokens: on a busy machine that takes more than their usual five minutes.
    patient = {"requests_per_minute": 1_000_000, "access_token_seconds": 3_600}
    settings = load_settings({}, secret="s" * 40, instance_folder=str(folder), **patient)
    app = create_app(settings, database)
    made = furnish_everything(database, settings)
    systems = {name: register_system(app.test_client(), database, name) for name in MEMBERS}
    for system in systems.values():
        for scope in ALL_SCOPES:
            system.token(scope)
            system.token(" ".join(sorted(ALL_SCOPES - {scope})))
        system.token(None)
    people = {name: (app.test_client(), session_of(app, name)) for name in accounts(database)}
    with database.transaction() as session:
        # However long the tests take: that one has to prove anew who one is, is tested with the account.
        session.execute(update(SignIn).values(confirmed_at=utcnow() + timedelta(days=1)))
    with database.reading() as session:
        foreign = {name: frozenset(foreign_ids(session, name)) for name in (*MEMBERS, "")}
    database.close()
    bases = {"whole": _trapped(path), "suspended": _suspended(path)}
    found = Arena(app, path, bases, made, foreign, systems, people, app.test_client(), state="fresh")
    yield found
    database.close()
    for base in bases.values():
        base.close()


def _trapped(path: Path) -> sqlite3.Connection:
    """A copy in memory with a trap on every table."""
    with sqlite3.connect(path) as source:
        source.execute("CREATE TABLE touched (name TEXT NOT NULL)")
        for table in Base.metadata.tables:
            for move in ("INSERT", "UPDATE", "DELETE"):
                source.execute(
                    f"CREATE TRIGGER trap_{table}_{move} AFTER {move} ON {table} "
                    f"BEGIN INSERT INTO touched VALUES ('{table}{' (deleted)' if move == 'DELETE' else ''}'); END"
                )
        source.commit()
        base = sqlite3.connect(":memory:", check_same_thread=False)
        source.backup(base)
    source.close()
    return base


def _suspended(path: Path) -> sqlite3.Connection:
    """The same, with every member suspended."""
    base = sqlite3.connect(":memory:", check_same_thread=False)
    with sqlite3.connect(path) as source:
        source.backup(base)
    source.close()
    base.execute("UPDATE organisation SET suspended_at = ?", (utcnow().replace(tzinfo=None).isoformat(" "),))
    base.commit()
    return base
