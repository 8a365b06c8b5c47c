from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import select, update

from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, Coordinator, Organisation, SignIn, SignInAttempt, utcnow
from hub.services import coordinators, tokens
from hub.services.coordinators import Account
from hub.settings import Settings
from tests.hub.doors import PASSWORD, TESTS, add_account, empty_database, hub_database, hub_settings

__all__ = ["empty_database", "hub_database", "hub_settings"]


def account(database: Database, username: str = "amina") -> Account:
    with database.reading() as session:
        found = coordinators.find_account(session, username)
    assert found is not None
    return found


def opened(database: Database, settings: Settings) -> str:
    who = account(database)
    return database.run(lambda session: coordinators.open_session(session, who, settings))


class TestAnAccount:
    def test_keeps_argon2id_and_not_the_password(self, hub_database: Database) -> None:
        add_account(hub_database)

        with hub_database.reading() as session:
            kept = session.scalars(select(Coordinator)).one()
        assert kept.password_hash.startswith("$argon2id$")
        assert PASSWORD not in kept.password_hash

    def test_opens_with_its_password_only(self, hub_database: Database) -> None:
        add_account(hub_database)

        assert coordinators.password_holds(account(hub_database), PASSWORD)
        assert not coordinators.password_holds(account(hub_database), PASSWORD + " ")
        assert not coordinators.password_holds(account(hub_database), "")

    def test_of_a_disabled_person_or_a_suspended_organisation_does_not_open(self, hub_database: Database) -> None:
        add_account(hub_database)
        add_account(hub_database, "farid", organisation="norquest")
        with hub_database.transaction() as session:
            session.execute(update(Coordinator).where(Coordinator.username == "amina").values(disabled_at=utcnow()))
            session.execute(update(Organisation).where(Organisation.id == "norquest").values(suspended_at=utcnow()))

        assert not coordinators.password_holds(account(hub_database, "amina"), PASSWORD)
        assert not coordinators.password_holds(account(hub_database, "farid"), PASSWORD)

    @pytest.mark.parametrize(
        ("username", "password", "role", "organisation"),
        [
            ("Amina", PASSWORD, "coordinator", "eriec"),
            ("a", PASSWORD, "coordinator", "eriec"),
            ("amina@example.org", PASSWORD, "coordinator", "eriec"),
            ("amina\0", PASSWORD, "coordinator", "eriec"),
            ("amina", "short", "coordinator", "eriec"),
            ("amina", "x" * 257, "coordinator", "eriec"),
            ("amina", PASSWORD, "root", "eriec"),
            ("amina", PASSWORD, "coordinator", None),
            ("amina", PASSWORD, "operator", "eriec"),
        ],
    )
    def test_is_refused_with_impossible_fields(
        self, hub_database: Database, username: str, password: str, role: str, organisation: str | None
    ) -> None:
        with pytest.raises(Problem, match="invalid-fields"), hub_database.transaction() as session:
            coordinators.add(session, TESTS, organisation, username, password, role)

    def test_is_refused_when_the_name_is_taken(self, hub_database: Database) -> None:
        add_account(hub_database)

        with pytest.raises(Problem, match="conflict"):
            add_account(hub_database, organisation="norquest")

    def test_is_refused_for_an_organisation_that_does_not_exist(self, hub_database: Database) -> None:
        with pytest.raises(Problem, match="not-found"):
            add_account(hub_database, organisation="nowhere")

    def test_that_does_not_exist_takes_as_long_to_refuse(self, hub_database: Database) -> None:
        add_account(hub_database)
        known = account(hub_database)
        coordinators.password_holds(None, "warm up the hash nobody has")

        wrong = median(timed(known, "wrong password") for _ in range(5))
        absent = median(timed(None, "wrong password") for _ in range(5))

        assert 0.5 < absent / wrong < 2


class TestAttempts:
    def test_are_limited_for_a_pair_without_locking_other_addresses_out(
        self, hub_database: Database, hub_settings: Settings
    ) -> None:
        waits = [attempt(hub_database, hub_settings, "amina", "192.0.2.1") for _ in range(21)]

        assert waits[:20] == [None] * 20
        assert 0 < (waits[20] or 0) <= 3600
        assert attempt(hub_database, hub_settings, "amina", "192.0.2.2") is None

    def test_are_limited_generously_for_an_account_from_everywhere(
        self, hub_database: Database, hub_settings: Settings
    ) -> None:
        waits = [attempt(hub_database, hub_settings, "amina", f"192.0.2.{n % 40}") for n in range(201)]

        assert waits[:200] == [None] * 200
        assert waits[200] is not None

    def test_are_counted_for_names_that_do_not_exist_too(self, hub_database: Database, hub_settings: Settings) -> None:
        waits = [attempt(hub_database, hub_settings, "nobody", "192.0.2.1") for _ in range(21)]

        assert waits[20] is not None

    def test_start_again_with_the_hour(self, hub_database: Database, hub_settings: Settings) -> None:
        for _ in range(21):
            attempt(hub_database, hub_settings, "amina", "192.0.2.1")
        with hub_database.transaction() as session:
            hour = session.scalars(select(SignInAttempt.hour)).first()
            assert hour is not None
            session.execute(update(SignInAttempt).values(hour=hour - timedelta(hours=1)))

        assert attempt(hub_database, hub_settings, "amina", "192.0.2.1") is None

    def test_keep_neither_names_nor_addresses(self, hub_database: Database, hub_settings: Settings) -> None:
        attempt(hub_database, hub_settings, "amina", "192.0.2.1")

        with hub_database.reading() as session:
            keys = session.scalars(select(SignInAttempt.key_hash)).all()
        assert len(keys) == 2
        assert all(len(key) == 64 for key in keys)

    def test_older_than_a_day_are_forgotten(self, hub_database: Database, hub_settings: Settings) -> None:
        attempt(hub_database, hub_settings, "amina", "192.0.2.1")

        deleted = hub_database.run(lambda session: tokens.delete_spent(session, utcnow() + timedelta(days=2)))

        assert deleted == 2


class TestASession:
    @pytest.fixture(autouse=True)
    def one_account(self, hub_database: Database) -> None:
        add_account(hub_database)

    def test_tells_who_is_signed_in(self, hub_database: Database, hub_settings: Settings) -> None:
        person = resumed(hub_database, hub_settings, opened(hub_database, hub_settings))

        assert person is not None
        assert (person.username, person.organisation_name, person.locale) == ("amina", "ERIEC", "en")
        assert (person.actor.role, person.actor.organisation_id) == ("coordinator", "eriec")

    def test_is_kept_as_a_hash(self, hub_database: Database, hub_settings: Settings) -> None:
        identifier = opened(hub_database, hub_settings)

        with hub_database.reading() as session:
            assert session.get(SignIn, identifier) is None
            assert len(session.scalars(select(SignIn)).all()) == 1

    def test_ends_when_idle(self, hub_database: Database, hub_settings: Settings) -> None:
        identifier = opened(hub_database, hub_settings)
        shift(hub_database, seen_at=utcnow() - timedelta(minutes=31))

        assert resumed(hub_database, hub_settings, identifier) is None

    def test_goes_on_while_it_is_used(self, hub_database: Database, hub_settings: Settings) -> None:
        identifier = opened(hub_database, hub_settings)
        shift(hub_database, seen_at=utcnow() - timedelta(minutes=29))
        hub_database.run(lambda session: coordinators.touch(session, identifier, utcnow()))

        person = resumed(hub_database, hub_settings, identifier)

        assert person is not None
        assert utcnow() - person.seen_at < timedelta(minutes=1)

    def test_ends_after_its_hours_whatever_is_done(self, hub_database: Database, hub_settings: Settings) -> None:
        identifier = opened(hub_database, hub_settings)
        shift(hub_database, ends_at=utcnow())

        assert resumed(hub_database, hub_settings, identifier) is None

    def test_ends_with_its_account(self, hub_database: Database, hub_settings: Settings) -> None:
        identifier = opened(hub_database, hub_settings)
        with hub_database.transaction() as session:
            session.execute(update(Coordinator).values(disabled_at=utcnow()))

        assert resumed(hub_database, hub_settings, identifier) is None

    def test_replaces_the_one_before(self, hub_database: Database, hub_settings: Settings) -> None:
        first = opened(hub_database, hub_settings)
        who = account(hub_database)

        second = hub_database.run(lambda session: coordinators.open_session(session, who, hub_settings, first))

        assert resumed(hub_database, hub_settings, first) is None
        assert resumed(hub_database, hub_settings, second) is not None

    def test_is_gone_after_signing_out_and_both_are_audited(
        self, hub_database: Database, hub_settings: Settings
    ) -> None:
        identifier = opened(hub_database, hub_settings)
        hub_database.run(lambda session: coordinators.sign_out(session, identifier))
        hub_database.run(lambda session: coordinators.sign_out(session, identifier))

        assert resumed(hub_database, hub_settings, identifier) is None
        with hub_database.reading() as session:
            operations = session.scalars(select(AuditEntry.operation).order_by(AuditEntry.number)).all()
        assert operations == ["coordinator.add", "session.open", "session.close"]

    def test_that_ended_is_deleted_in_time(self, hub_database: Database, hub_settings: Settings) -> None:
        opened(hub_database, hub_settings)

        assert hub_database.run(lambda session: tokens.delete_spent(session, utcnow() + timedelta(hours=13))) == 1


def attempt(database: Database, settings: Settings, username: str, address: str) -> int | None:
    return database.run(lambda session: coordinators.count_attempt(session, username, address, settings))


def resumed(database: Database, settings: Settings, identifier: str) -> coordinators.SignedIn | None:
    with database.reading() as session:
        return coordinators.resume(session, identifier, settings)


def shift(database: Database, **values: object) -> None:
    with database.transaction() as session:
        session.execute(update(SignIn).values(**values))


def timed(who: Account | None, password: str) -> float:
    start = perf_counter()
    coordinators.password_holds(who, password)
    return perf_counter() - start
