"""Replacing a system's keys: authenticated by an old one, which is refused from then on."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import update
from werkzeug.test import TestResponse

from hub.database import Database
from hub.models import AuditEntry, Organisation, utcnow
from hub.services import tokens
from tests.hub.doors import System

PATH = "/oauth/clients/keys"


def replace_keys(system: System, *keys: Any, **changes: Any) -> TestResponse:
    jwks = json.dumps({"keys": [key.as_dict(private=False) for key in keys]})
    return system.http.post(PATH, data=system.form(grant_type=None) | {"jwks": jwks} | changes)


class TestANewKey:
    def test_is_good_from_now_on_and_the_old_one_is_not(self, eriec: System) -> None:
        fresh = OKPKey.generate_key("Ed25519")

        answer = replace_keys(eriec, fresh)

        assert answer.status_code == 200
        assert answer.get_json() == {"client_id": eriec.client_id, "kids": [fresh.thumbprint()]}
        assert eriec.ask_token().status_code == 401
        assert replace(eriec, key=fresh, algorithm="Ed25519").ask_token().status_code == 200

    def test_ends_the_tokens_got_with_the_old_one(self, eriec: System, hub_database: Database) -> None:
        token, fresh = eriec.token(), ECKey.generate_key("P-256")

        replace_keys(eriec, fresh)
        later = replace(eriec, key=fresh, tokens={}).token()

        with hub_database.reading() as session:
            assert tokens.holder(session, token, utcnow()) is None
            assert tokens.holder(session, later, utcnow()) is not None

    def test_may_stand_beside_the_old_one(self, eriec: System) -> None:
        fresh = ECKey.generate_key("P-256")

        assert replace_keys(eriec, eriec.key, fresh).status_code == 200
        for key in (eriec.key, fresh):
            assert eriec.ask_token(eriec.assertion({"kid": key.thumbprint()}, key)).status_code == 200

    def test_leaves_a_trace(self, eriec: System, hub_database: Database) -> None:
        replace_keys(eriec, ECKey.generate_key("P-256"))

        with hub_database.reading() as session:
            last = session.query(AuditEntry).order_by(AuditEntry.number.desc()).first()
        assert last is not None
        assert (last.operation, last.subject) == ("client.keys", f"client:{eriec.client_id}")

    def test_is_one_when_several_are_sent_at_the_same_time(self, eriec: System) -> None:
        app, fresh = eriec.http.application, [ECKey.generate_key("P-256") for _ in range(8)]
        systems = [replace(eriec, http=app.test_client()) for _ in fresh]

        with ThreadPoolExecutor(8) as pool:
            statuses = [answer.status_code for answer in pool.map(replace_keys, systems, fresh)]

        assert sorted(statuses) == [200] + [401] * 7
        good = [replace(eriec, key=key).ask_token().status_code for key in fresh]
        assert good == statuses


class TestARefusal:
    def refused(self, system: System, answer: TestResponse, error: str) -> None:
        assert answer.get_json()["error"] == error
        assert system.ask_token().status_code == 200, "the old key stays"

    def test_of_a_stranger(self, eriec: System, pin: System) -> None:
        stranger = replace(eriec, key=pin.key)

        self.refused(eriec, replace_keys(stranger, pin.key), "invalid_client")

    def test_of_an_assertion_used_before(self, eriec: System) -> None:
        assertion = eriec.assertion()
        eriec.ask_token(assertion)

        self.refused(eriec, replace_keys(eriec, eriec.key, client_assertion=assertion), "invalid_client")

    @pytest.mark.parametrize(
        "jwks", ["", "x", "[]", "{}", '{"keys":[]}', '{"keys":[],"keys":[]}', "\ud800", '{"keys":[{}]}']
    )
    def test_of_what_is_no_key_set(self, eriec: System, jwks: str) -> None:
        data = eriec.form(grant_type=None) | {"jwks": jwks.encode("utf-8", "surrogatepass")}

        self.refused(eriec, eriec.http.post(PATH, data=data), "invalid_request")

    def test_of_a_private_key(self, eriec: System) -> None:
        jwks = json.dumps({"keys": [ECKey.generate_key("P-256").as_dict(private=True)]})

        self.refused(eriec, replace_keys(eriec, jwks=jwks), "invalid_request")

    def test_of_a_suspended_organisation(self, eriec: System, hub_database: Database) -> None:
        with hub_database.transaction() as session:
            session.execute(update(Organisation).values(suspended_at=utcnow()))

        assert replace_keys(eriec, ECKey.generate_key("P-256")).get_json()["error"] == "unauthorized_client"
