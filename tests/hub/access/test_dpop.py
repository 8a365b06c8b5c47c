"""Proofs of possession at both doors, token endpoint and API: RFC 9449, 4.3, item by item."""

import json
import time
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from federation.dpop import ProofKey, token_hash
from hub.access.policy import Operation, requires
from hub.database import Database
from hub.models import AccessToken, utcnow
from hub.models.client import UsedProof
from hub.services import tokens
from tests.hub.doors import System, in_base64, signed_compact

DOOR = "/api/v1/doors/x"
TOKEN = "/oauth/token"
OTHER = ECKey.generate_key("P-256")
NOW = int(time.time())
# What may be wrong with a proof that is signed by the right key, and the word by which the reason is told.
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("typ", {"header": {"typ": "JWT"}}),
    ("typ", {"header": {"typ": None}}),
    ("typ", {"header": {"typ": "DPOP+JWT"}}),
    ("jwk", {"header": {"jwk": None}}),
    ("jwk", {"header": {"jwk": "key"}}),
    ("jwk", {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}}),
    ("jwk", {"header": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}}),
    ("signature", {"header": {"jwk": OTHER.as_dict(private=False)}}),
    ("crit", {"header": {"crit": ["exp"], "exp": 1}}),
    ("b64", {"header": {"b64": False}}),
    ("htm", {"htm": "PUT"}),
    ("htm", {"htm": "get"}),
    ("htm", {"htm": None}),
    ("htu", {"htu": "http://127.0.0.1:8000/api/v1/doors/y"}),
    ("htu", {"htu": "http://127.0.0.1:8001/api/v1/doors/x"}),
    ("htu", {"htu": "https://127.0.0.1:8000/api/v1/doors/x"}),
    ("htu", {"htu": "http://hub.example.org/api/v1/doors/x"}),
    ("htu", {"htu": "http://me@127.0.0.1:8000/api/v1/doors/x"}),
    ("htu", {"htu": "/api/v1/doors/x"}),
    ("htu", {"htu": "http://127.0.0.1:port/"}),
    ("htu", {"htu": "http://[/"}),
    ("htu", {"htu": 7}),
    ("htu", {"htu": None}),
    ("jti", {"jti": None}),
    ("jti", {"jti": ""}),
    ("jti", {"jti": 12345678}),
    ("jti", {"jti": "j" * 201}),
    ("iat", {"iat": None}),
    ("iat", {"iat": str(NOW)}),
    ("iat", {"iat": True}),
    # Days and not minutes: NOW is when the tests were collected, and they may take a while.
    ("iat", {"iat": NOW - 86_400}),
    ("iat", {"iat": NOW + 86_400}),
    ("iat", {"iat": 2**62}),
]


@pytest.fixture
def hub_app(hub_app: Flask) -> Flask:
    @requires(Operation.PROFILE_READ)
    def door(identifier: str) -> str:
        return f"inside {identifier}"

    hub_app.add_url_rule("/api/v1/doors/<path:identifier>", view_func=door, methods=["GET", "POST"])
    return hub_app


def knock(system: System, proof: str, token: str | None = None) -> TestResponse:
    headers = {"Authorization": f"DPoP {token or system.token()}", "DPoP": proof}
    return system.http.get(DOOR, headers=headers)


def assert_shut(answer: TestResponse, error: str, reason: str = "") -> None:
    assert (answer.status_code, answer.get_json()["type"]) == (401, "urn:passerelle:problem:not-signed-in")
    said = answer.headers["WWW-Authenticate"]
    assert said.startswith(f'DPoP error="{error}"')
    assert reason in answer.get_json()["detail"]
    assert 'algs="ES256 PS256 EdDSA Ed25519"' in said


class TestATokenRequest:
    def test_with_a_proof_gets_a_token_bound_to_its_key(self, eriec: System, hub_database: Database) -> None:
        answer = eriec.ask_token()

        assert (answer.status_code, answer.get_json()["token_type"]) == (200, "DPoP")
        with hub_database.reading() as session:
            assert session.scalar(select(AccessToken.thumbprint)) == eriec.proof_key.thumbprint()

    def test_without_a_proof_is_refused(self, eriec: System) -> None:
        answer = eriec.http.post(TOKEN, data=eriec.form())

        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_dpop_proof")

    @pytest.mark.parametrize(("word", "wrong"), [(word, wrong) for word, wrong in WRONG if word != "htu"])
    def test_with_a_proof_that_does_not_hold_is_refused(self, eriec: System, word: str, wrong: dict[str, Any]) -> None:
        answer = eriec.ask_token(proof=eriec.proof("POST", TOKEN, **wrong))

        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_dpop_proof")
        assert word in answer.get_json()["error_description"]

    def test_with_a_proof_for_another_address_is_refused(self, eriec: System) -> None:
        answer = eriec.ask_token(proof=eriec.proof("POST", "/oauth/revoke"))

        assert answer.get_json()["error"] == "invalid_dpop_proof"

    def test_uses_its_proof_up(self, eriec: System) -> None:
        proof = eriec.proof("POST", TOKEN)

        assert [eriec.ask_token(proof=proof).status_code for _ in range(2)] == [200, 400]

    def test_of_a_stranger_makes_us_keep_no_proof(self, eriec: System, hub_database: Database) -> None:
        eriec.ask_token(eriec.assertion(key=OTHER))

        with hub_database.reading() as session:
            assert session.scalar(select(func.count()).select_from(UsedProof)) == 0


class TestAKey:
    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [
            (ECKey.generate_key("P-256"), "ES256"),
            (OKPKey.generate_key("Ed25519"), "Ed25519"),
            (RSAKey.generate_key(2048), "PS256"),
            (RSAKey.generate_key(4096), "PS256"),
        ],
        ids=["ES256", "Ed25519", "PS256", "PS256 of 4096 bits"],
    )
    def test_of_each_kind_we_speak_opens(self, eriec: System, key: Any, algorithm: str) -> None:
        header = {"alg": algorithm}
        granted = eriec.ask_token(proof=eriec.proof("POST", TOKEN, header=header, key=key))
        token = granted.get_json()["access_token"]

        assert knock(eriec, eriec.proof("GET", DOOR, token, header, key), token).text == "inside x"

    @pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
    def test_of_ed25519_opens_under_its_older_name(self, eriec: System) -> None:
        key = OKPKey.generate_key("Ed25519")

        assert eriec.ask_token(proof=eriec.proof("POST", TOKEN, header={"alg": "EdDSA"}, key=key)).status_code == 200

    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [
            (RSAKey.generate_key(2048), "RS256"),
            (ECKey.generate_key("P-384"), "ES384"),
            (OctKey.generate_key(256), "HS256"),
        ],
        ids=["RS256", "ES384", "HS256"],
    )
    def test_of_another_kind_is_refused(self, eriec: System, key: Any, algorithm: str) -> None:
        header = {"alg": algorithm, "jwk": key.as_dict()}

        assert_shut(knock(eriec, eriec.proof("GET", DOOR, eriec.token(), header, key)), "invalid_dpop_proof", "alg")

    def test_shown_with_its_private_part_is_refused(self, eriec: System) -> None:
        header = {"jwk": eriec.proof_key.as_dict(private=True)}
        proof = eriec.proof("GET", DOOR, eriec.token(), header)

        assert_shut(knock(eriec, proof), "invalid_dpop_proof", "jwk is not a public key")

    def test_of_a_kind_that_does_not_fit_the_algorithm_is_refused(self, eriec: System) -> None:
        header = {"jwk": RSAKey.generate_key(2048).as_dict(private=False)}

        assert_shut(
            knock(eriec, eriec.proof("GET", DOOR, eriec.token(), header)), "invalid_dpop_proof", "alg does not fit"
        )

    def test_none_at_all_with_alg_none_is_refused(self, eriec: System) -> None:
        _, claims, _ = eriec.proof("GET", DOOR, eriec.token()).split(".")
        header = {"typ": "dpop+jwt", "alg": "none", "jwk": eriec.proof_key.as_dict(private=False)}
        unsigned = in_base64(json.dumps(header).encode())

        for signature in ("", "AA"):
            assert_shut(knock(eriec, f"{unsigned}.{claims}.{signature}"), "invalid_dpop_proof")


class TestACall:
    def test_with_a_token_and_a_proof_gets_in(self, eriec: System) -> None:
        assert eriec.call("GET", DOOR).text == "inside x"

    def test_by_our_own_client_s_proof_gets_in(self, eriec: System) -> None:
        key = ProofKey()
        granted = eriec.ask_token(proof=key.prove("POST", f"http://127.0.0.1:8000{TOKEN}"))
        token = granted.get_json()["access_token"]

        proof = key.prove("GET", f"http://127.0.0.1:8000{DOOR}?noc=21300#here", token)

        assert knock(eriec, proof, token).text == "inside x"

    @pytest.mark.parametrize("scheme", ["dpop", "DPOP"])
    def test_names_its_scheme_in_any_case(self, eriec: System, scheme: str) -> None:
        headers = eriec.signed("GET", DOOR) | {"Authorization": f"{scheme} {eriec.token()}"}

        assert eriec.http.get(DOOR, headers=headers).status_code == 200

    @pytest.mark.parametrize("with_proof", [True, False])
    def test_with_a_bound_token_as_a_bearer_token_is_refused(self, eriec: System, with_proof: bool) -> None:
        headers = eriec.signed("GET", DOOR) if with_proof else {}

        answer = eriec.http.get(DOOR, headers=headers | {"Authorization": f"Bearer {eriec.token()}"})

        assert_shut(answer, "invalid_token", "Authorization: DPoP")

    def test_without_a_proof_is_refused(self, eriec: System) -> None:
        answer = eriec.http.get(DOOR, headers={"Authorization": f"DPoP {eriec.token()}"})

        assert_shut(answer, "invalid_dpop_proof", "missing")

    def test_without_anything_is_told_what_is_needed_and_no_error(self, http: FlaskClient) -> None:
        answer = http.get(DOOR)

        assert answer.status_code == 401
        assert "error=" not in answer.headers["WWW-Authenticate"]
        assert answer.headers["WWW-Authenticate"].startswith("DPoP algs=")

    @pytest.mark.parametrize(("word", "wrong"), WRONG)
    def test_with_a_proof_that_does_not_hold_is_refused(self, eriec: System, word: str, wrong: dict[str, Any]) -> None:
        assert_shut(knock(eriec, eriec.proof("GET", DOOR, eriec.token(), **wrong)), "invalid_dpop_proof", word)

    @pytest.mark.parametrize("ath", [None, "", "x" * 43, 7, token_hash("another")])
    def test_with_a_proof_for_another_token_is_refused(self, eriec: System, ath: Any) -> None:
        proof = eriec.proof("GET", DOOR, eriec.token(), ath=ath)

        assert_shut(knock(eriec, proof), "invalid_dpop_proof", "ath")

    def test_with_a_stolen_token_and_a_key_of_the_thief_s_own_is_refused(self, eriec: System) -> None:
        proof = eriec.proof("GET", DOOR, eriec.token(), key=OTHER)

        assert_shut(knock(eriec, proof), "invalid_token", "with the key you sign proofs with")

    def test_with_a_stolen_token_sounds_the_same_whether_the_token_is_good_or_not(
        self, eriec: System, pin: System
    ) -> None:
        good, bad = pin.token(), "u" * 43

        answers = [knock(eriec, eriec.proof("GET", DOOR, token), token) for token in (good, bad)]

        assert answers[0].get_data() == answers[1].get_data()
        assert answers[0].headers["WWW-Authenticate"] == answers[1].headers["WWW-Authenticate"]

    def test_with_the_token_s_own_key_but_a_token_of_another_system_is_refused(
        self, eriec: System, pin: System
    ) -> None:
        proof = eriec.proof("GET", DOOR, pin.token())

        assert_shut(knock(eriec, proof, pin.token()), "invalid_token")

    def test_with_a_token_that_is_bound_to_no_key_is_refused(self, eriec: System, hub_database: Database) -> None:
        token = hub_database.run(lambda session: tokens.issue(session, eriec.client_id, "profiles:read", 300))

        assert_shut(knock(eriec, eriec.proof("GET", DOOR, token), token), "invalid_token")

    def test_with_two_proofs_is_refused(self, eriec: System) -> None:
        one, other = (eriec.proof("GET", DOOR, eriec.token()) for _ in range(2))
        headers = [("Authorization", f"DPoP {eriec.token()}"), ("DPoP", one), ("DPoP", other)]

        assert_shut(eriec.http.get(DOOR, headers=headers), "invalid_dpop_proof", "one DPoP header")

    def test_with_two_authorizations_is_refused(self, eriec: System) -> None:
        headers = [*eriec.signed("GET", DOOR).items(), ("Authorization", f"Bearer {eriec.token()}")]

        assert eriec.http.get(DOOR, headers=headers).status_code == 401

    @pytest.mark.parametrize(
        "proof",
        ["x", "a.b", "a.b.c", "a.b.c.d", "....", "e30.e30.AA", "é.é.é", "W10.W10.AA", "a" * 5000, "e30.W10. AA"],
    )
    def test_with_a_proof_that_is_no_jwt_is_refused(self, eriec: System, proof: str) -> None:
        assert_shut(knock(eriec, proof.encode().decode("latin-1")), "invalid_dpop_proof")

    @pytest.mark.parametrize("repeated", ['"htm":"GET"', '"jti":"another-one"', '"x":NaN'])
    def test_with_a_claim_said_twice_or_no_number_is_refused(self, eriec: System, repeated: str) -> None:
        header, claims = (decoded(part) for part in eriec.proof("GET", DOOR, eriec.token()).split(".")[:2])

        proof = signed_compact(header, f"{claims[:-1]},{repeated}}}", eriec.proof_key)

        assert_shut(knock(eriec, proof), "invalid_dpop_proof", "not a JWT")

    @pytest.mark.parametrize(
        "htu",
        [
            "HTTP://127.0.0.1:8000/api/v1/doors/x",
            "http://127.0.0.1:8000/api/v1/doors/%78",
            "http://127.0.0.1:8000/api/v1/doors/x?page=2#top",
        ],
    )
    def test_may_write_its_address_in_another_way(self, eriec: System, htu: str) -> None:
        assert knock(eriec, eriec.proof("GET", DOOR, eriec.token(), htu=htu)).status_code == 200

    def test_to_an_address_with_signs_of_another_alphabet_gets_in(self, eriec: System) -> None:
        path = "/api/v1/doors/caf%C3%A9%20a"

        assert eriec.call("GET", path).text == "inside café a"

    @pytest.mark.parametrize(("seconds", "status"), [(-110, 200), (5, 200), (-130, 401), (20, 401)])
    def test_is_forgiven_two_minutes_back_and_ten_seconds_ahead(self, eriec: System, seconds: int, status: int) -> None:
        proof = eriec.proof("GET", DOOR, eriec.token(), iat=int(time.time()) + seconds)

        assert knock(eriec, proof).status_code == status


class TestAProof:
    def test_opens_once(self, eriec: System) -> None:
        proof = eriec.proof("GET", DOOR, eriec.token())

        assert knock(eriec, proof).status_code == 200
        assert_shut(knock(eriec, proof), "invalid_dpop_proof", "used before")

    def test_opens_once_when_sent_by_many_at_the_same_time(self, eriec: System) -> None:
        headers = eriec.signed("GET", DOOR)
        app = eriec.http.application

        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(app.test_client().get, DOOR, headers=headers) for _ in range(16)]
            statuses = sorted(answer.result().status_code for answer in asked)

        assert statuses == [200] + [401] * 15

    def test_of_one_key_takes_no_number_away_from_another(self, eriec: System, pin: System) -> None:
        answers = [
            knock(system, system.proof("GET", DOOR, system.token(), jti="the-same-jti")) for system in (eriec, pin)
        ]

        assert [answer.status_code for answer in answers] == [200, 200]

    def test_with_another_signature_of_the_same_content_is_the_same_proof(self, eriec: System) -> None:
        claims = {"jti": "once-only", "iat": int(time.time())}
        first, second = (eriec.proof("GET", DOOR, eriec.token(), **claims) for _ in range(2))

        assert first != second
        assert [knock(eriec, proof).status_code for proof in (first, second)] == [200, 401]

    def test_that_was_refused_is_not_used_up(self, eriec: System, hub_database: Database) -> None:
        eriec.token()
        before = kept(hub_database)
        knock(eriec, eriec.proof("GET", DOOR, "another-token"))
        knock(eriec, eriec.proof("GET", DOOR, eriec.token(), key=OTHER))

        assert kept(hub_database) == before

    def test_is_kept_as_a_hash_until_it_cannot_be_used_any_more(self, eriec: System, hub_database: Database) -> None:
        knock(eriec, eriec.proof("GET", DOOR, eriec.token(), jti="remember-me"))
        now = utcnow()

        with hub_database.reading() as session:
            used = session.scalars(select(UsedProof)).all()
        assert "remember-me" not in {one.jti_hash for one in used}
        assert all(119 < (one.expires_at - now).total_seconds() < 135 for one in used)

    def test_is_forgotten_when_its_time_is_over(self, eriec: System, hub_database: Database) -> None:
        eriec.call("GET", DOOR)

        hub_database.run(lambda session: tokens.delete_spent(session, utcnow()))
        assert kept(hub_database) == 2
        later = max(expiries(hub_database)).replace(year=2100)
        hub_database.run(lambda session: tokens.delete_spent(session, later))
        assert kept(hub_database) == 0

    def test_is_asked_for_once_a_request_whoever_looks(self, eriec: System, hub_database: Database) -> None:
        eriec.token()
        before = kept(hub_database)

        eriec.call("GET", DOOR)

        assert kept(hub_database) == before + 1


def kept(database: Database) -> int:
    return len(expiries(database))


def expiries(database: Database) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(UsedProof.expires_at)))


def decoded(part: str) -> str:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
