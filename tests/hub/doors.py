"""What tests of the doors share: an application over a database of its own, organisations, real keys, real tokens."""

import json
import shutil
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from werkzeug.test import TestResponse

from federation.scopes import ALL_SCOPES, format_scope
from hub import access, errors
from hub.access import sessions
from hub.access.policy import public
from hub.database import Database
from hub.models import Base, Organisation
from hub.reach import THE_HUB
from hub.services import clients, coordinators
from hub.services.actors import hub_itself
from hub.settings import Settings, load_settings

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
TESTS = hub_itself("tests")
SigningKey = ECKey | OKPKey | RSAKey


def signed_compact(header: str, payload: str, key: Any, algorithm: str = "ES256") -> str:
    """A compact JWS over these very texts, whatever stands in them: what no library would let us send."""
    body = f"{in_base64(header.encode())}.{in_base64(payload.encode())}"
    return f"{body}.{in_base64(jws.JWSRegistry.algorithms[algorithm].sign(body.encode(), key))}"


def in_base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("doors") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    database.close()
    return path


@pytest.fixture
def hub_settings(tmp_path: Path) -> Settings:
    return load_settings({}, secret="s" * 40, issuer=ISSUER, instance_folder=str(tmp_path))


@pytest.fixture
def hub_database(request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path) -> Iterator[Database]:
    """SQLite; with the parameter ``postgresql``, PostgreSQL as the role that row-level security holds."""
    if getattr(request, "param", "sqlite") == "postgresql":
        make, as_role = request.getfixturevalue("fresh_address"), request.getfixturevalue("postgresql_role")
        database = Database(as_role(make("postgresql")), tmp_path, acting=THE_HUB)
    else:
        path = tmp_path / "hub.sqlite3"
        shutil.copy(empty_database, path)
        database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        for name in ("eriec", "pin-afghan", "norquest"):
            session.add(Organisation(id=name, name=name.upper(), kind="agency", region="AB-835"))
    yield database
    database.close()


def sign_in_view() -> Response:
    """What the page does, without its looks."""
    response = Response("signed in")
    sessions.start_session(response, sessions.sign_in(request.form["username"], request.form["password"]))
    return response


def sign_out_view() -> Response:
    response = Response("signed out")
    sessions.sign_out()
    sessions.end_session(response)
    return response


@pytest.fixture
def hub_app(hub_settings: Settings, hub_database: Database) -> Flask:
    app = Flask("hub", static_folder=None)
    app.config.update(SECRET_KEY=hub_settings.secret, MAX_CONTENT_LENGTH=hub_settings.bulk_body_bytes)
    app.extensions["passerelle"] = {"settings": hub_settings, "database": hub_database}
    access.register(app)
    app.add_url_rule("/sign-in", view_func=public("tests")(sign_in_view), methods=["POST"])
    app.add_url_rule("/sign-out", view_func=public("tests")(sign_out_view), methods=["POST"])
    errors.register(app, lambda problem: problem.detail)
    return app


@pytest.fixture
def http(hub_app: Flask) -> FlaskClient:
    return hub_app.test_client()


@dataclass
class System:
    """An organisation's system as it stands outside: its key, its client id, the key it proves requests with."""

    http: FlaskClient
    organisation: str
    client_id: str
    key: SigningKey
    algorithm: str = "ES256"
    tokens: dict[str, str] = field(default_factory=dict)
    proof_key: SigningKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    def assertion(self, header: dict[str, Any] | None = None, key: SigningKey | None = None, **changes: Any) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 120,
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        protected = {"alg": self.algorithm} | (header or {})
        return jwt.encode(protected, claims, key or self.key, algorithms=[str(protected["alg"])])

    def form(self, assertion: str | None = None, **changes: Any) -> dict[str, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
        }
        return {name: value for name, value in (form | changes).items() if value is not None}

    def proof(
        self,
        method: str,
        path: str,
        token: str | None = None,
        header: dict[str, Any] | None = None,
        key: SigningKey | None = None,
        **changes: Any,
    ) -> str:
        """A DPoP proof, written from RFC 9449 and not from our own client, so that the two check each other."""
        key = key or self.proof_key
        address = urlsplit(ISSUER + path)
        claims: dict[str, Any] = {
            "jti": uuid4().hex,
            "htm": method,
            "htu": f"{address.scheme}://{address.netloc}{address.path}",
            "iat": int(time.time()),
        }
        if token is not None:
            claims["ath"] = in_base64(sha256(token.encode()).digest())
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        protected = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)} | (header or {})
        protected = {name: value for name, value in protected.items() if value is not None}
        return signed_compact(json.dumps(protected), json.dumps(claims), key, str(protected.get("alg")))

    def ask_token(self, assertion: str | None = None, proof: str | None = None, **changes: Any) -> TestResponse:
        headers = {"DPoP": self.proof("POST", "/oauth/token") if proof is None else proof}
        return self.http.post("/oauth/token", data=self.form(assertion, **changes), headers=headers)

    def token(self, scope: str | None = None) -> str:
        if (scope or "") not in self.tokens:
            answer = self.ask_token(scope=scope)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            self.tokens[scope or ""] = answer.get_json()["access_token"]
        return self.tokens[scope or ""]

    def signed(self, method: str, path: str, scope: str | None = None) -> dict[str, str]:
        """The two headers of one request: the token, and a proof that is good once."""
        token = self.token(scope)
        return {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, path, token)}

    def call(self, method: str, path: str, *, scope: str | None = None, **options: Any) -> TestResponse:
        headers = self.signed(method, path, scope) | options.pop("headers", {})
        return self.http.open(path, method=method, headers=headers, **options)


def register_system(
    http: FlaskClient,
    database: Database,
    organisation: str,
    *,
    key: SigningKey | None = None,
    algorithm: str = "ES256",
    scope: str = format_scope(ALL_SCOPES),
) -> System:
    """Enrol a system as an operator and an agency would: token on the command line, keys over HTTP."""
    key = key or ECKey.generate_key("P-256")
    token = database.run(lambda session: clients.issue_enrolment(session, TESTS, organisation, scope, 1))
    answer = http.post(
        "/oauth/clients", json={"enrolment_token": token, "jwks": {"keys": [key.as_dict(private=False)]}}
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return System(http, organisation, answer.get_json()["client_id"], key, algorithm)


def add_account(
    database: Database, username: str = "amina", role: str = "coordinator", organisation: str | None = "eriec"
) -> None:
    database.run(lambda session: coordinators.add(session, TESTS, organisation, username, PASSWORD, role))


def signed_in(http: FlaskClient, username: str = "amina") -> None:
    answer = http.post("/sign-in", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 200, answer.get_data(as_text=True)


@pytest.fixture
def eriec(http: FlaskClient, hub_database: Database) -> System:
    return register_system(http, hub_database, "eriec")


@pytest.fixture
def pin(http: FlaskClient, hub_database: Database) -> System:
    return register_system(http, hub_database, "pin-afghan")
