"""Many bad requests at every door of the whole application: how many are answered by a fault of ours. The aim is none.

``python tests/benchmarks/bench_bad_inputs.py --inputs 200000``. The same seed makes the same kinds in the same order. Answers
are taken in the same process, without a socket; signatures and proofs are real, so that what is wrong is reached.
"""

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import structlog
from flask.testing import FlaskClient
from joserfc.jwk import ECKey
from rich.console import Console
from rich.table import Table
from werkzeug.test import TestResponse

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from hub.api.examples import MENTEE  # noqa: E402
from hub.app import create_app  # noqa: E402
from hub.database import Database  # noqa: E402
from hub.models import Base, Organisation  # noqa: E402
from hub.settings import load_settings  # noqa: E402
from tests.hub.doors import ASSERTION_TYPE, ISSUER, System, in_base64, register_system, signed_compact  # noqa: E402

WORDS = [
    "",
    "x",
    "GET",
    "POST",
    "ES256",
    "none",
    "EdDSA",
    "EC",
    "P-256",
    "dpop+jwt",
    "é阮\u202e",
    "\x00",
    "a" * 300,
    "%00",
    "../..",
]
HEADER_KEYS = ["typ", "alg", "jwk", "kid", "crit", "b64", "zip", "x5c"]
CLAIM_KEYS = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "htm", "htu", "ath", "nonce"]
JWK_KEYS = ["kty", "crv", "x", "y", "n", "e", "d", "k", "alg", "use", "kid"]
PARTS = ["x" * 12, "..", "%00", "é", "a b", "%2F", "\u202e"]
PARAMETERS = ["grant_type", "scope", "client_id", "client_assertion", "client_assertion_type", "token", "jwks", "x"]
NUMBERS = [0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 10**30, 0.5, 1e308, float("nan"), float("inf")]
KINDS = [
    "application/json",
    "application/x-ndjson",
    "application/x-www-form-urlencoded",
    "text/plain",
    "",
    "a/b;charset=x",
]


class Thrower:
    """Draws bad requests of every kind and sends them."""

    def __init__(self, system: System, seed: int) -> None:
        self.system = system
        self.draw = random.Random(seed)
        self.renew = 0.0
        rules = system.http.application.url_map.iter_rules()
        self.routes = [(rule.rule, sorted(rule.methods or {"GET"})) for rule in rules]
        self.kinds: dict[str, Callable[[], TestResponse]] = {
            "form at the token endpoint": self.form,
            "assertion altered": self.altered_assertion,
            "assertion signed, claims wrong": self.signed_assertion,
            "proof altered": self.altered_proof,
            "proof signed, content wrong": self.signed_proof,
            "proof at the token endpoint": self.token_proof,
            "Authorization header": self.authorization,
            "new keys": self.new_keys,
            "enrolment": self.enrolment,
            "body at an operation": self.body,
            "document altered": self.document,
            "address and query": self.address,
        }

    def value(self, depth: int = 3) -> Any:
        kind = self.draw.randrange(7 if depth else 4)
        if kind == 0:
            return self.draw.choice(WORDS)
        if kind == 1:
            return self.draw.choice(NUMBERS)
        if kind == 2:
            return self.draw.choice([None, True, False])
        if kind == 3:
            return self.text(20)
        if kind == 4:
            return [self.value(depth - 1) for _ in range(self.draw.randrange(4))]
        return {self.text(6): self.value(depth - 1) for _ in range(self.draw.randrange(4))}

    def text(self, most: int) -> str:
        return "".join(chr(self.draw.choice([*range(32, 127), 9, 160, 233, 0x2028, 0x1F600])) for _ in range(most))

    def latin(self, most: int) -> str:
        return "".join(
            chr(self.draw.choice([*range(32, 127), *range(160, 256)])) for _ in range(self.draw.randrange(most))
        )

    def changed(self, base: dict[str, Any], keys: list[str]) -> dict[str, Any]:
        made = dict(base)
        for _ in range(self.draw.randint(1, 3)):
            key = self.draw.choice(keys)
            if self.draw.random() < 0.2:
                made.pop(key, None)
            else:
                made[key] = self.value()
        return made

    def altered(self, text: str) -> str:
        octets = bytearray(text.encode("latin-1", "replace"))
        for _ in range(self.draw.randint(1, 4)):
            place = self.draw.randrange(len(octets))
            move = self.draw.randrange(4)
            if move == 0:
                octets[place] = self.draw.choice([*range(32, 127), *range(160, 256)])
            elif move == 1:
                del octets[place]
            elif move == 2:
                octets[place:place] = self.draw.choice([b".", b",", b"=", b" ", b"%00", b"AAAA"])
            else:
                octets = octets[: max(place, 1)]
            octets = octets or bytearray(b".")
        return octets.decode("latin-1")

    def token(self) -> str:
        if time.monotonic() >= self.renew:
            self.system.tokens.clear()
            self.renew = time.monotonic() + 200
        return self.system.token()

    def signed(self, method: str, path: str) -> dict[str, str]:
        token = self.token()
        return {"Authorization": f"DPoP {token}", "DPoP": self.system.proof(method, path, token)}

    def form(self) -> TestResponse:
        path = self.draw.choice(
            ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/clients/keys", "/sign-in"]
        )
        data: Any = {self.draw.choice(PARAMETERS): str(self.value()) for _ in range(self.draw.randrange(6))}
        if self.draw.random() < 0.4:
            data = self.draw.randbytes(self.draw.randrange(200))
        options = {"data": data} if isinstance(data, dict) else {"data": data, "content_type": self.draw.choice(KINDS)}
        return self.system.http.post(path if path != "/sign-in" else "/oauth/token", **options)

    def ask(self, assertion: str, path: str = "/oauth/token", **more: str) -> TestResponse:
        form = {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            "grant_type": "client_credentials",
        }
        return self.system.http.post(path, data=form | more, headers={"DPoP": "x"})

    def altered_assertion(self) -> TestResponse:
        return self.ask(self.altered(self.system.assertion()))

    def signed_assertion(self) -> TestResponse:
        now, name = int(time.time()), self.system.client_id
        claims = {"iss": name, "sub": name, "aud": ISSUER, "jti": self.text(12), "iat": now, "exp": now + 60}
        header = {"alg": "ES256"}
        if self.draw.random() < 0.3:
            header = self.changed(header, HEADER_KEYS)
        return self.ask(
            signed_compact(json.dumps(header), json.dumps(self.changed(claims, CLAIM_KEYS)), self.system.key)
        )

    def proof(self, method: str, path: str) -> str:
        key = self.system.proof_key
        public = {name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
        header: dict[str, Any] = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public}
        claims = {"jti": self.text(12), "htm": method, "htu": ISSUER + path, "iat": int(time.time()), "ath": "x" * 43}
        where = self.draw.randrange(3)
        if where == 0:
            header["jwk"] = self.changed(public, JWK_KEYS)
        elif where == 1:
            header = self.changed(header, HEADER_KEYS)
        else:
            claims = self.changed(claims, CLAIM_KEYS)
        return signed_compact(json.dumps(header), json.dumps(claims), key)

    def knock(self, proof: str) -> TestResponse:
        headers = {"Authorization": f"DPoP {self.token()}", "DPoP": proof}
        return self.system.http.get("/api/v1/organisations", headers=headers)

    def altered_proof(self) -> TestResponse:
        return self.knock(self.altered(self.system.proof("GET", "/api/v1/organisations", self.token())))

    def signed_proof(self) -> TestResponse:
        return self.knock(self.proof("GET", "/api/v1/organisations"))

    def token_proof(self) -> TestResponse:
        proof = self.proof("POST", "/oauth/token") if self.draw.random() < 0.7 else self.latin(120)
        return self.system.ask_token(proof=proof)

    def authorization(self) -> TestResponse:
        value = self.draw.choice(["", "Bearer ", "DPoP ", "Basic ", "dpop"]) + self.latin(80)
        path = self.draw.choice(["/api/v1/organisations", "/oauth/token", "/api/v1/absent"])
        headers = {"Authorization": value, "DPoP": self.latin(60), "Cookie": f"passerelle={self.latin(50)}"}
        return self.system.http.open(path, method="POST" if "oauth" in path else "GET", headers=headers)

    def new_keys(self) -> TestResponse:
        public = ECKey.generate_key("P-256").as_dict(private=False)
        jwks = json.dumps({"keys": [self.changed(dict(public), JWK_KEYS) | {"d": "AA"}]})
        sent = jwks if self.draw.random() < 0.6 else str(self.value())
        return self.ask(self.system.assertion(), "/oauth/clients/keys", jwks=sent)

    def enrolment(self) -> TestResponse:
        public = dict(self.system.key.as_dict(private=False))
        body = {"enrolment_token": self.text(43), "jwks": {"keys": [self.changed(public, JWK_KEYS)]}}
        sent = json.dumps(body if self.draw.random() < 0.6 else self.changed(body, ["enrolment_token", "jwks", "x"]))
        return self.system.http.post("/oauth/clients", data=sent, content_type="application/json")

    def place(self) -> tuple[str, str]:
        rule, methods = self.draw.choice(self.routes)
        while "<" in rule:
            before, _, rest = rule.partition("<")
            rule = before + self.draw.choice(PARTS) + rest.partition(">")[2]
        return self.draw.choice(methods), rule

    def body(self) -> TestResponse:
        method, path = self.place()
        data = (
            json.dumps(self.value()).encode()
            if self.draw.random() < 0.6
            else self.draw.randbytes(self.draw.randrange(99))
        )
        return self.open(method, path, data=data, content_type=self.draw.choice(KINDS))

    def document(self) -> TestResponse:
        changed = json.dumps(self.changed(MENTEE, [*MENTEE, "x"]))
        sent = changed if self.draw.random() < 0.6 else self.altered(changed)
        return self.open("PUT", "/api/v1/profiles/mentee-0001", data=sent.encode(), content_type="application/json")

    def address(self) -> TestResponse:
        method, path = self.place()
        keys = ["noc", "region", "kind", "after", "limit", "language", "next", "x"]
        return self.open(method, path, query_string={self.draw.choice(keys): str(self.value()) for _ in range(3)})

    def open(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = self.signed(method, path) if path.startswith("/api/") else {}
        headers |= {"Idempotency-Key": in_base64(self.draw.randbytes(8))} if self.draw.random() < 0.3 else {}
        return self.system.http.open(path, method=method, headers=headers, **options)


def prepared(folder: Path) -> tuple[FlaskClient, Database]:
    """Make the whole application over an empty database with one organisation."""
    settings = load_settings(
        {}, secret="s" * 40, issuer=ISSUER, instance_folder=str(folder), requests_per_minute=1_000_000
    )
    database = Database(settings.database)
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        session.add(Organisation(id="eriec", name="ERIEC", kind="agency", region="AB-835"))
    http = create_app(settings, database).test_client()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    return http, database


@click.command()
@click.option("--inputs", default=2_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(inputs: int, seed: int) -> None:
    """Throw, count, and fail when one answer was a fault."""
    started, counts, faults = time.monotonic(), Counter[tuple[str, int]](), list[tuple[str, int]]()
    with tempfile.TemporaryDirectory() as folder:
        http, database = prepared(Path(folder))
        thrower = Thrower(register_system(http, database, "eriec"), seed)
        for number in range(inputs):
            name = thrower.draw.choice(list(thrower.kinds))
            answer = thrower.kinds[name]()
            counts[name, answer.status_code // 100] += 1
            if answer.status_code >= 500:
                faults.append((name, number))
            answer.close()
        database.close()
    table = Table("kind", "sent", "2xx", "3xx", "4xx", "5xx", title=f"{inputs} bad inputs, seed {seed}")
    for name in thrower.kinds:
        row = [counts[name, hundred] for hundred in (2, 3, 4, 5)]
        table.add_row(name, str(sum(row)), *map(str, row))
    Console().print(table, f"{time.monotonic() - started:.0f} s; faults: {faults[:10] or 'none'}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
