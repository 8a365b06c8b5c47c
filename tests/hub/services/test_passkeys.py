"""Ceremonies with a real authenticator in software: what signs in, and each single thing that must not."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, Passkey, SignInStep
from hub.services import coordinators, passkeys, second_factors, sign_in_steps
from hub.services.actors import Actor
from hub.settings import load_settings
from tests.hub.authenticator import PRESENT, VERIFIED, Authenticator, encoded
from tests.hub.people import TESTS

SETTINGS = load_settings({}, secret="s" * 40, issuer="http://localhost:8000")
PASSWORD = "correct horse battery"


def account(database: Database, username: str) -> Actor:
    database.run(lambda session: coordinators.add(session, TESTS, None, username, PASSWORD, "operator"))
    with database.reading() as session:
        found = coordinators.find_account(session, username)
    assert found is not None
    return found.actor


@pytest.fixture
def amina(sqlite_database: Database) -> Actor:
    return account(sqlite_database, "amina")


def asked_for_new(database: Database, actor: Actor) -> tuple[sign_in_steps.Step | None, dict[str, Any]]:
    step_id, options = database.run(lambda session: passkeys.ask_for_new(session, actor, SETTINGS))
    return database.run(lambda session: sign_in_steps.take(session, step_id, "passkey_add")), options


def registered(database: Database, actor: Actor, device: Authenticator) -> tuple[str, ...]:
    step, options = asked_for_new(database, actor)
    answer = device.create(options)
    return database.run(lambda session: passkeys.add(session, actor, step, answer, SETTINGS))


def asked(database: Database, purpose: str = "passkey_sign_in", whose: str | None = None) -> tuple[Any, dict[str, Any]]:
    step_id, options = database.run(lambda session: passkeys.ask(session, SETTINGS, purpose, whose))
    return database.run(lambda session: sign_in_steps.take(session, step_id, purpose)), options


def owner(database: Database, step: sign_in_steps.Step | None, answer: str) -> str | None:
    return database.run(lambda session: passkeys.owner(session, step, answer, SETTINGS))


def signed_in(database: Database, device: Authenticator, **client: str) -> str | None:
    step, options = asked(database)
    return owner(database, step, device.get(options, **client))


@pytest.mark.parametrize("counts", [True, False])
def test_a_passkey_signs_its_owner_in_again_and_again(database: Database, counts: bool) -> None:
    amina, device = account(database, "amina"), Authenticator(counts=counts)

    codes = registered(database, amina, device)

    assert len(codes) == 10
    assert [signed_in(database, device) for _ in range(3)] == [amina.name] * 3
    with database.reading() as session:
        kept = session.scalars(select(Passkey)).one()
        (shown,) = second_factors.factors(session, amina).passkeys
    assert (kept.sign_count, shown.id, shown.used_at is not None) == (3 if counts else 0, kept.id, True)


def test_the_question_asks_the_device_to_verify_its_user_and_to_find_the_passkey_itself(
    sqlite_database: Database, amina: Actor
) -> None:
    _, new = asked_for_new(sqlite_database, amina)
    _, known = asked(sqlite_database)

    wished = new["authenticatorSelection"]
    assert (wished["residentKey"], wished["userVerification"], new["attestation"]) == ("required", "required", "none")
    assert (new["rp"]["id"], known["rpId"], known["userVerification"]) == ("localhost", "localhost", "required")
    assert known["allowCredentials"] == []
    assert len(known["challenge"]) == 43


KEY = Authenticator().key
WRONG: dict[str, Callable[[Authenticator], Authenticator]] = {
    "another address": lambda device: replace(device, origin="http://localhost:8001"),
    "a look-alike address": lambda device: replace(device, origin="http://localhost.evil.example"),
    "another hub's id": lambda device: replace(device, rp_id="evil.example"),
    "no user verified": lambda device: replace(device, flags=PRESENT),
    "no user present": lambda device: replace(device, flags=VERIFIED),
    "another key": lambda device: replace(device, key=Authenticator().key),
    "an unknown passkey": lambda device: replace(device, credential_id=b"x" * 32),
    "nobody's handle": lambda device: replace(device, handle=""),
    "another's handle": lambda device: replace(device, handle=encoded(b"somebody else")),
    "a count that stands still": lambda device: replace(device, count=device.count - 1),
    "a count that fell": lambda device: replace(device, count=0),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_passkey_signs_nobody_in_with(sqlite_database: Database, amina: Actor, wrong: str) -> None:
    device = Authenticator(count=5)
    registered(sqlite_database, amina, device)
    assert signed_in(sqlite_database, device) == amina.name

    assert signed_in(sqlite_database, WRONG[wrong](device)) is None
    assert signed_in(sqlite_database, device) == amina.name


@pytest.mark.parametrize("change", [{"type": "webauthn.create"}, {"challenge": "AAAA"}, {"origin": "null"}])
def test_a_signature_over_something_else_signs_nobody_in(
    sqlite_database: Database, amina: Actor, change: dict[str, str]
) -> None:
    device = Authenticator()
    registered(sqlite_database, amina, device)

    assert signed_in(sqlite_database, device, **change) is None


def test_an_answer_is_good_for_its_own_question_once(sqlite_database: Database, amina: Actor) -> None:
    device = Authenticator(counts=False)
    registered(sqlite_database, amina, device)
    step_id, options = sqlite_database.run(lambda session: passkeys.ask(session, SETTINGS))
    answer = device.get(options)

    def sent() -> str | None:
        step = sqlite_database.run(lambda session: sign_in_steps.take(session, step_id, "passkey_sign_in"))
        return owner(sqlite_database, step, answer)

    assert (sent(), sent()) == (amina.name, None)
    other, _ = asked(sqlite_database)
    assert owner(sqlite_database, other, answer) is None
    with sqlite_database.reading() as session:
        assert session.scalars(select(SignInStep)).all() == []


def test_one_s_own_question_is_not_answered_by_another_s_passkey(sqlite_database: Database, amina: Actor) -> None:
    device = Authenticator()
    registered(sqlite_database, account(sqlite_database, "farid"), device)
    step, options = asked(sqlite_database, "passkey_confirm", amina.name)

    assert owner(sqlite_database, step, device.get(options)) is None


class TestSettingUp:
    def test_refuses_what_does_not_fit_the_question(self, sqlite_database: Database, amina: Actor) -> None:
        farid = account(sqlite_database, "farid")
        wrong = [
            Authenticator(origin="http://localhost:8001"),
            Authenticator(rp_id="evil.example"),
            Authenticator(flags=PRESENT),
        ]
        for device in wrong:
            with pytest.raises(Problem, match="invalid-fields"):
                registered(sqlite_database, amina, device)
        step, options = asked_for_new(sqlite_database, farid)
        for whose in (step, None):
            with pytest.raises(Problem, match="invalid-fields"):
                self.add(sqlite_database, amina, whose, Authenticator().create(options))
        with sqlite_database.reading() as session:
            assert session.scalars(select(Passkey)).all() == []

    def test_refuses_a_passkey_that_is_known(self, sqlite_database: Database, amina: Actor) -> None:
        device = Authenticator()
        registered(sqlite_database, amina, device)

        with pytest.raises(Problem, match="conflict"):
            registered(sqlite_database, account(sqlite_database, "farid"), device)
        assert signed_in(sqlite_database, device) is None
        device.handle = encoded(amina.name.encode())
        assert signed_in(sqlite_database, device) == amina.name

    def test_names_those_the_account_has_and_stops_at_ten(self, sqlite_database: Database, amina: Actor) -> None:
        devices = [Authenticator() for _ in range(10)]
        codes = [registered(sqlite_database, amina, device) for device in devices[:9]]
        _, options = asked_for_new(sqlite_database, amina)
        registered(sqlite_database, amina, devices[9])

        assert [len(one) for one in codes] == [10, *[0] * 8]
        assert {one["id"] for one in options["excludeCredentials"]} == {encoded(d.credential_id) for d in devices[:9]}
        with pytest.raises(Problem, match="conflict"):
            asked_for_new(sqlite_database, amina)

    @staticmethod
    def add(database: Database, actor: Actor, step: sign_in_steps.Step | None, answer: str) -> None:
        database.run(lambda session: passkeys.add(session, actor, step, answer, SETTINGS))


class TestRemoving:
    def test_ends_it_and_with_the_last_the_recovery_codes(self, sqlite_database: Database, amina: Actor) -> None:
        one, two = Authenticator(), Authenticator()
        for device in (one, two):
            registered(sqlite_database, amina, device)

        first, second = (found.id for found in self.shown(sqlite_database, amina).passkeys)
        self.remove(sqlite_database, amina, first)
        assert self.shown(sqlite_database, amina).codes_left == 10
        assert (signed_in(sqlite_database, one), signed_in(sqlite_database, two)) == (None, amina.name)
        self.remove(sqlite_database, amina, second)
        assert self.shown(sqlite_database, amina) == second_factors.FactorsView(None, (), 0)

    def test_is_for_one_s_own_only(self, sqlite_database: Database, amina: Actor) -> None:
        farid, device = account(sqlite_database, "farid"), Authenticator()
        registered(sqlite_database, amina, device)
        (mine,) = self.shown(sqlite_database, amina).passkeys

        for whose, identifier in ((farid, mine.id), (amina, "none")):
            with pytest.raises(Problem, match="not-found"):
                self.remove(sqlite_database, whose, identifier)
        assert signed_in(sqlite_database, device) == amina.name
        with sqlite_database.reading() as session:
            operations = session.scalars(select(AuditEntry.operation)).all()
        assert "factor.remove" not in operations

    @staticmethod
    def shown(database: Database, actor: Actor) -> second_factors.FactorsView:
        with database.reading() as session:
            return second_factors.factors(session, actor)

    @staticmethod
    def remove(database: Database, actor: Actor, identifier: str) -> None:
        database.run(lambda session: passkeys.remove(session, actor, identifier))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ASKED = ("id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature", "userHandle")
MADE = ("id", "rawId", "type", "response", "clientDataJSON", "attestationObject")
FUZZED = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
GARBLED = JSON | st.binary(max_size=80).map(encoded)


def garbled(data: st.DataObject, answer: str, names: tuple[str, ...]) -> str:
    """An answer with one part replaced, or hardly an answer."""
    parts, name = json.loads(answer), data.draw(st.sampled_from(names))
    (parts if name in parts else parts["response"])[name] = data.draw(GARBLED)
    return data.draw(st.sampled_from([json.dumps(parts), "", "[" * 2000, "null", json.dumps(parts)[:-9]]))


@FUZZED
@given(data=st.data())
def test_a_garbled_answer_signs_nobody_in_and_is_never_a_fault(
    sqlite_database: Database, amina: Actor, data: st.DataObject
) -> None:
    device = Authenticator(handle=encoded(amina.name.encode()), credential_id=b"amina", counts=False, key=KEY)
    if signed_in(sqlite_database, device) is None:
        registered(sqlite_database, amina, device)
    step, options = asked(sqlite_database)

    assert owner(sqlite_database, step, garbled(data, device.get(options), ASKED)) is None
    assert signed_in(sqlite_database, device) == amina.name


@FUZZED
@given(data=st.data())
def test_a_garbled_new_passkey_is_refused_and_never_a_fault(
    sqlite_database: Database, amina: Actor, data: st.DataObject
) -> None:
    step, options = asked_for_new(sqlite_database, amina)
    answer = garbled(data, Authenticator(key=KEY).create(options), MADE)

    with pytest.raises(Problem, match="invalid-fields"):
        sqlite_database.run(lambda session: passkeys.add(session, amina, step, answer, SETTINGS))


@pytest.mark.parametrize("identifier", ["a\0b", "\ud800", "é", "", "x" * 1365])
def test_an_identifier_no_database_would_take_is_refused(database: Database, identifier: str) -> None:
    step, options = asked(database)
    answer = json.loads(Authenticator(handle="eA").get(options)) | {"id": identifier, "rawId": identifier}

    assert owner(database, step, json.dumps(answer)) is None


@pytest.mark.parametrize(
    ("issuer", "possible"),
    [
        ("https://hub.example.org", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
    ],
)
def test_passkeys_need_a_hub_with_a_name(issuer: str, possible: bool) -> None:
    assert passkeys.possible(load_settings({}, secret="s" * 40, issuer=issuer)) is possible
