"""A small identity provider: what an agency's would do, written from the specifications and not from our own code.

It answers over real HTTP with real signatures. Its public fields are what attackers and careless operators change.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote_plus, urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

Key = ECKey | OKPKey | RSAKey
ADDRESS = "amina@agency.example"


def in_base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class IdentityProvider:
    """One provider with one client, and whoever is signed in at it in every browser that comes."""

    def __init__(self, client_id: str = "passerelle", secret: str = "a b+c%d/é") -> None:
        self.client_id, self.secret = client_id, secret
        self.issuer = ""
        self.subject = "00u-amina"
        self.key: Key = ECKey.generate_key("P-256", {"kid": "first"})
        self.algorithm = "ES256"
        self.published: list[Key] = [self.key]
        self.document: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.grant: dict[str, Any] = {}
        self.answer: dict[str, str] = {}
        self.token_status = 200
        self.make_token: Callable[[dict[str, Any], dict[str, Any]], str] = self.sign
        self.client_key: dict[str, Any] | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.calls: list[str] = []
        self.auth_time: int | None = None

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode(header, claims, self.key, algorithms=[str(header["alg"])])

    def discovery(self) -> Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=agency",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "authorization_response_iss_parameter_supported": True,
        }
        return jsonify(found | self.document)

    def keys(self) -> Response:
        return jsonify({"keys": [key.as_dict(private=False) for key in self.published]})

    def authorize(self) -> Any:
        """The person agrees at once."""
        asked = request.args.to_dict()
        self.asked.append(asked)
        assert (asked["client_id"], asked["response_type"]) == (self.client_id, "code")
        assert (asked["scope"], asked["tenant"], asked["code_challenge_method"]) == ("openid", "agency", "S256")
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer} | self.answer
        sent = {name: value for name, value in answer.items() if value}
        return redirect(f"{asked['redirect_uri']}?{urlencode(sent)}", 302)

    def token(self) -> Any:
        """A code is good once, for who asked for it, with the verifier behind its challenge."""
        if self.token_status != 200:
            return "out of order", self.token_status
        form = request.form.to_dict()
        asked = self.codes.pop(form["code"], None)
        made = in_base64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["redirect_uri"] != form["redirect_uri"] or asked["code_challenge"] != made:
            return jsonify(error="invalid_grant"), 400
        if not self.knows_client(form):
            return jsonify(error="invalid_client"), 401
        access_token = secrets.token_urlsafe(24)
        token = self.make_token({"alg": self.algorithm, "kid": self.key.kid} | self.header, self.said(asked))
        return jsonify({"access_token": access_token, "token_type": "Bearer", "id_token": token} | self.grant)

    def said(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": ADDRESS,
            "email_verified": True,
            "amr": ["mfa"],
        }
        if "max_age" in asked:
            claims["auth_time"] = now if self.auth_time is None else self.auth_time
        return {name: value for name, value in (claims | self.claims).items() if value is not None}

    def knows_client(self, form: dict[str, str]) -> bool:
        if self.client_key is not None:
            claims = jwt.decode(form["client_assertion"], ECKey.import_key(self.client_key)).claims
            return claims["iss"] == claims["sub"] == self.client_id and claims["aud"] == f"{self.issuer}/token"
        sent = request.headers.get("Authorization", "")
        if not sent:
            return (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.secret)
        name, _, secret = base64.b64decode(sent.removeprefix("Basic ")).decode().partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (self.client_id, self.secret)

    def app(self) -> Flask:
        app = Flask("provider", static_folder=None)
        views: dict[str, Callable[[], Any]] = {
            "/.well-known/openid-configuration": self.discovery,
            "/authorize": self.authorize,
            "/token": self.token,
            "/keys": self.keys,
        }
        for path, view in views.items():
            app.add_url_rule(path, path, view, methods=["GET", "POST"])

        @app.before_request
        def count() -> None:
            self.calls.append(request.path)

        return app

    @contextmanager
    def running(self) -> Iterator["IdentityProvider"]:
        server = make_server("127.0.0.1", 0, self.app(), threaded=True, request_handler=Quiet)
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token that says of itself that nobody signed it."""
    parts = [in_base64(json.dumps(part).encode()) for part in (header | {"alg": "none"}, claims)]
    return ".".join([*parts, ""])
