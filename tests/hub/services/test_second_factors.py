"""Codes beside the password: taken once, kept sealed, the same work for accounts that do not exist. On both databases."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, AuthenticatorApp, RecoveryCode, SignInStep, utcnow
from hub.services import coordinators, second_factors, sign_in_steps
from hub.services.actors import Actor
from hub.services.second_factors import matching_step
from hub.settings import Settings, load_settings
from tests.hub.people import TESTS

SETTINGS = load_settings({}, secret="s" * 40)
PASSWORD = "correct horse battery"


def account(database: Database, username: str) -> Actor:
    """An operator's account: it needs no organisation."""
    database.run(lambda session: coordinators.add(session, TESTS, None, username, PASSWORD, "operator"))
    with database.reading() as session:
        found = coordinators.find_account(session, username)
    assert found is not None
    return found.actor


@pytest.fixture
def amina(database: Database) -> Actor:
    return account(database, "amina")


def enrolled(database: Database, actor: Actor) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """An app in force as if it had been confirmed long ago, and the recovery codes."""
    app = begun(database, actor)
    codes = database.run(lambda session: second_factors.confirm_app(session, actor, SETTINGS, app.now()))
    with database.transaction() as session:
        session.execute(update(AuthenticatorApp).values(last_step=0))
    return app, codes


def begun(database: Database, actor: Actor) -> pyotp.TOTP:
    database.run(lambda session: second_factors.begin_app(session, actor, SETTINGS))
    with database.reading() as session:
        waiting = second_factors.pending_app(session, actor, SETTINGS)
    assert waiting is not None
    app = pyotp.parse_uri(waiting.uri)
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.issuer, app.name) == (waiting.secret, "Passerelle", "amina")
    return app


def spent(database: Database, actor: Actor | None, code: str, settings: Settings = SETTINGS) -> bool:
    name = actor.name if actor else None
    return database.run(lambda session: second_factors.spend_code(session, name, code, settings))


def shown(database: Database, actor: Actor) -> second_factors.FactorsView:
    with database.reading() as session:
        return second_factors.factors(session, actor)


class TestAnApp:
    def test_counts_only_once_a_first_code_confirmed_it(self, database: Database, amina: Actor) -> None:
        app = begun(database, amina)

        assert not shown(database, amina).any
        assert not spent(database, amina, app.now())
        with pytest.raises(Problem, match="invalid-fields"):
            database.run(lambda session: second_factors.confirm_app(session, amina, SETTINGS, "000000x"))
        assert not shown(database, amina).any

    def test_lets_a_code_in_once_and_never_an_earlier_one(self, database: Database, amina: Actor) -> None:
        app, _ = enrolled(database, amina)
        now = utcnow()

        assert spent(database, amina, f" {app.at(now)[:3]} {app.at(now)[3:]} ")
        assert not spent(database, amina, app.at(now))
        assert not spent(database, amina, app.at(now - timedelta(seconds=30)))
        assert spent(database, amina, app.at(now + timedelta(seconds=30)))

    def test_never_takes_the_code_that_confirmed_it(self, database: Database, amina: Actor) -> None:
        app = begun(database, amina)
        code = app.now()
        database.run(lambda session: second_factors.confirm_app(session, amina, SETTINGS, code))

        assert not spent(database, amina, code)

    def test_lets_exactly_one_of_many_at_once_in(self, database: Database, amina: Actor) -> None:
        app, _ = enrolled(database, amina)
        code = app.now()

        with ThreadPoolExecutor(8) as pool:
            let_in = list(pool.map(lambda _: spent(database, amina, code), range(16)))

        assert sum(let_in) == 1

    def test_is_kept_sealed_for_its_account_and_this_hub(self, database: Database, amina: Actor) -> None:
        app, _ = enrolled(database, amina)
        with database.reading() as session:
            sealed = session.scalars(select(AuthenticatorApp.sealed)).one()

        assert sealed is not None
        assert app.secret not in sealed
        assert second_factors.unseal(sealed, amina.name, SETTINGS) == app.secret
        assert second_factors.unseal(sealed, "somebody else", SETTINGS) is None
        assert second_factors.unseal(sealed, amina.name, load_settings({}, secret="t" * 40)) is None

    def test_that_is_set_up_anew_stays_in_force_until_the_new_one_is_confirmed(
        self, database: Database, amina: Actor
    ) -> None:
        old, codes = enrolled(database, amina)
        new = begun(database, amina)

        assert spent(database, amina, old.now())
        again = new.at(utcnow() + timedelta(seconds=30))
        assert database.run(lambda session: second_factors.confirm_app(session, amina, SETTINGS, again)) == ()
        assert not spent(database, amina, old.at(utcnow() + timedelta(seconds=30)))
        assert spent(database, amina, codes[0])

    def test_removed_takes_the_recovery_codes_along(self, database: Database, amina: Actor) -> None:
        app, codes = enrolled(database, amina)

        database.run(lambda session: second_factors.remove_app(session, amina))

        assert shown(database, amina) == second_factors.FactorsView(None, (), 0)
        assert not spent(database, amina, app.now())
        assert not spent(database, amina, codes[0])

    def test_leaves_traces_without_a_code_or_secret(self, database: Database, amina: Actor) -> None:
        enrolled(database, amina)
        database.run(lambda session: second_factors.remove_app(session, amina))

        with database.reading() as session:
            entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert [entry.operation for entry in entries[1:]] == ["factor.add", "factor.codes", "factor.remove"]
        assert {entry.subject for entry in entries} == {f"coordinator:{amina.name}"}


class TestARecoveryCode:
    def test_works_once_however_it_is_typed(self, database: Database, amina: Actor) -> None:
        _, codes = enrolled(database, amina)

        assert len(set(codes)) == 10
        assert spent(database, amina, codes[0])
        assert not spent(database, amina, codes[0])
        assert spent(database, amina, f" {codes[1].upper().replace('-', ' ')} ")
        assert shown(database, amina).codes_left == 8

    def test_lets_exactly_one_of_many_at_once_in(self, database: Database, amina: Actor) -> None:
        _, codes = enrolled(database, amina)

        with ThreadPoolExecutor(8) as pool:
            let_in = list(pool.map(lambda _: spent(database, amina, codes[3]), range(16)))

        assert sum(let_in) == 1

    def test_is_one_account_s_and_kept_as_a_hash(self, database: Database, amina: Actor) -> None:
        _, codes = enrolled(database, amina)
        farid = account(database, "farid")

        assert not spent(database, farid, codes[0])
        assert not spent(database, None, codes[0])
        with database.reading() as session:
            kept = session.scalars(select(RecoveryCode.code_hash)).all()
        assert all(len(one) == 64 for one in kept)

    def test_of_an_earlier_set_is_worth_nothing(self, database: Database, amina: Actor) -> None:
        _, earlier = enrolled(database, amina)

        later = database.run(lambda session: second_factors.new_codes(session, amina))

        assert not spent(database, amina, earlier[0])
        assert spent(database, amina, later[0])

    def test_needs_something_to_recover(self, database: Database, amina: Actor) -> None:
        with pytest.raises(Problem, match="not-found"):
            database.run(lambda session: second_factors.new_codes(session, amina))


@pytest.mark.parametrize("code", ["", "000000", "é" * 6, "١٢٣٤٥٦", "\ud800", "x" * 5000, "none", "-"])
def test_what_is_no_code_opens_nothing(database: Database, amina: Actor, code: str) -> None:
    enrolled(database, amina)

    assert not spent(database, amina, code)


def test_a_code_is_looked_at_with_the_same_statements_for_anyone(sqlite_database: Database) -> None:
    known = account(sqlite_database, "amina")
    enrolled(sqlite_database, known)
    bare = account(sqlite_database, "bare")
    said: list[str] = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))

    def statements(who: Actor | None) -> list[str]:
        said.clear()
        assert not spent(sqlite_database, who, "no code")
        return list(said)

    assert statements(known) == statements(bare) == statements(None)
    assert len(said) >= 3


def test_a_copy_of_the_database_holds_no_secret_of_an_app(tmp_path: Path, sqlite_database: Database) -> None:
    app, codes = enrolled(sqlite_database, account(sqlite_database, "amina"))
    path = sqlite_database.engine.url.database
    assert path is not None

    dumped = "\n".join(sqlite3.connect(path).iterdump())

    assert "authenticator_app" in dumped
    assert app.secret not in dumped
    assert not any(code.replace("-", "") in dumped or code in dumped for code in codes)


@settings(deadline=None, max_examples=60)
@given(st.integers(10**6, 2 * 10**9), st.integers(-90, 90))
def test_a_code_holds_for_its_half_minute_and_its_neighbours(at: int, late: int) -> None:
    generator = pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    made, looked_at = datetime.fromtimestamp(at + 90, UTC), datetime.fromtimestamp(at + 90 + late, UTC)
    apart = abs((at + 90 + late) // 30 - (at + 90) // 30)

    found = matching_step(generator.secret, generator.at(made), looked_at)

    assert found == (at + 90) // 30 if apart <= 1 else found != (at + 90) // 30


class TestAStep:
    def test_is_taken_once_and_for_its_purpose_only(self, database: Database, amina: Actor) -> None:
        step, challenge = database.run(lambda session: sign_in_steps.begin(session, "code", amina.name))

        def take(purpose: str) -> sign_in_steps.Step | None:
            return database.run(lambda session: sign_in_steps.take(session, step, purpose))

        assert take("passkey_sign_in") is None
        with ThreadPoolExecutor(8) as pool:
            taken = [one for one in pool.map(lambda _: take("code"), range(16)) if one]
        assert taken == [sign_in_steps.Step(amina.name, challenge)]

    def test_ends_by_itself_and_is_deleted_with_the_next(self, database: Database) -> None:
        step, _ = database.run(lambda session: sign_in_steps.begin(session, "passkey_sign_in"))
        with database.transaction() as session:
            session.execute(update(SignInStep).values(ends_at=utcnow() - timedelta(seconds=1)))

        assert database.run(lambda session: sign_in_steps.take(session, step, "passkey_sign_in")) is None
        database.run(lambda session: sign_in_steps.begin(session, "passkey_sign_in"))
        with database.reading() as session:
            (kept,) = session.scalars(select(SignInStep)).all()
        assert step not in (kept.id_hash, kept.challenge)
