"""Sessions and passwords on both databases: who stays signed in, under which id, and who does not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select, update

from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, AuthenticatorApp, Organisation, Passkey, RecoveryCode, SignIn, SignInStep, utcnow
from hub.services import coordinators, own_sessions, passkeys, second_factors, sign_in_steps
from hub.services.coordinators import Account, SignedIn
from hub.settings import load_settings
from tests.hub.authenticator import Authenticator
from tests.hub.people import TESTS

SETTINGS = load_settings({}, secret="s" * 40, issuer="http://localhost:8000")
PASSWORD = "correct horse battery"


def find(database: Database, username: str = "amina") -> Account:
    with database.reading() as session:
        found = coordinators.find_account(session, username)
    assert found is not None
    return found


@pytest.fixture
def amina(database: Database) -> Account:
    with database.transaction() as session:
        session.add(Organisation(id="eriec", name="ERIEC", kind="agency", region="AB-835"))
        session.flush()
        for username in ("amina", "farid"):
            coordinators.add(session, TESTS, "eriec", username, PASSWORD, "coordinator")
    return find(database)


def opened(database: Database, account: Account) -> str:
    return database.run(lambda session: coordinators.open_session(session, account, SETTINGS))


def resumed(database: Database, session_id: str) -> SignedIn | None:
    with database.reading() as session:
        return coordinators.resume(session, session_id, SETTINGS)


def test_a_confirmed_session_goes_on_under_a_new_id_to_the_same_last_hour(database: Database, amina: Account) -> None:
    old = opened(database, amina)
    with database.transaction() as session:
        session.execute(update(SignIn).values(confirmed_at=utcnow() - timedelta(hours=1)))
        (before,) = session.scalars(select(SignIn.ends_at)).all()

    new = database.run(lambda session: own_sessions.confirm(session, amina.actor, old))

    assert new is not None
    assert resumed(database, old) is None
    person = resumed(database, new)
    assert person is not None
    assert utcnow() - person.confirmed_at < timedelta(minutes=1)
    with database.reading() as session:
        assert session.scalars(select(SignIn.ends_at)).all() == [before]


def test_a_session_confirmed_by_many_at_once_goes_on_under_one_id(database: Database, amina: Account) -> None:
    old = opened(database, amina)

    with ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda _: database.run(lambda s: own_sessions.confirm(s, amina.actor, old)), range(12))

    assert len([one for one in made if one]) == 1


def test_nobody_confirms_the_session_of_somebody_else(database: Database, amina: Account) -> None:
    mine = opened(database, amina)
    farid = find(database, "farid").actor

    assert database.run(lambda session: own_sessions.confirm(session, farid, mine)) is None
    assert resumed(database, mine) is not None


def test_one_s_own_sessions_are_listed_and_ended_but_for_the_one_to_keep(database: Database, amina: Account) -> None:
    farid = find(database, "farid")
    here, there, theirs = opened(database, amina), opened(database, amina), opened(database, farid)

    with database.reading() as session:
        found = own_sessions.running(session, amina.actor, here)
    assert sorted(one.mine for one in found) == [False, True]
    assert database.run(lambda session: own_sessions.end_all(session, amina.actor, keep=here)) == 1
    assert [resumed(database, one) is not None for one in (here, there, theirs)] == [True, False, True]
    assert database.run(lambda session: own_sessions.end_all(session, amina.actor)) == 1
    assert resumed(database, here) is None


def test_a_changed_password_is_the_only_one_that_holds(database: Database, amina: Account) -> None:
    here, there = opened(database, amina), opened(database, amina)
    stored = own_sessions.hash_password("a much longer horse")

    database.run(lambda session: own_sessions.change_password(session, amina.actor, stored, here))

    assert coordinators.password_holds(find(database), "a much longer horse")
    assert not coordinators.password_holds(find(database), PASSWORD)
    assert [resumed(database, one) is not None for one in (here, there)] == [True, False]
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry.operation).order_by(AuditEntry.number)).all()
    assert entries[-2:] == ["password.change", "session.close"]


def test_an_account_that_starts_over_has_nothing_left_but_its_new_password(database: Database, amina: Account) -> None:
    actor, stored = amina.actor, own_sessions.hash_password("a much longer horse")
    session_id = opened(database, amina)
    with database.transaction() as session:
        second_factors.begin_app(session, actor, SETTINGS)
        new = second_factors.pending_app(session, actor, SETTINGS)
        assert new is not None
        second_factors.confirm_app(session, actor, SETTINGS, pyotp.TOTP(new.secret).now())
        step, options = passkeys.ask_for_new(session, actor, SETTINGS)
        taken = sign_in_steps.take(session, step, "passkey_add")
        passkeys.add(session, actor, taken, Authenticator().create(options), SETTINGS)
        sign_in_steps.begin(session, "code", actor.name)
    assert find(database).second_factor

    database.run(lambda session: own_sessions.start_over(session, TESTS, "eriec", "amina", stored))

    account = find(database)
    assert (account.second_factor, coordinators.password_holds(account, "a much longer horse")) == (False, True)
    assert resumed(database, session_id) is None
    with database.reading() as session:
        tables = (AuthenticatorApp, Passkey, RecoveryCode, SignIn, SignInStep)
        assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == [0] * 5


@pytest.mark.parametrize(("organisation", "username"), [("eriec", "nobody"), ("arec", "amina")])
def test_an_account_of_nobody_or_of_another_organisation_cannot_start_over(
    database: Database, amina: Account, organisation: str, username: str
) -> None:
    with pytest.raises(Problem, match="not-found"):
        database.run(lambda session: own_sessions.start_over(session, TESTS, organisation, username, "x"))
    assert coordinators.password_holds(find(database), PASSWORD)
