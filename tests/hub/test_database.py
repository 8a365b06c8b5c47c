"""Writing whole or not at all, taking turns, and leaving nothing behind."""

import sqlite3
import stat
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError, StatementError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.database import ATTEMPTS, Database, is_contention, make_engine
from hub.models import Organisation


def member(name: str) -> Organisation:
    return Organisation(id=name, name=name, kind="agency", region="AB")


def members(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(text("SELECT id FROM organisation")))


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database):
    def broken(session: Session) -> None:
        session.add(member("c"))
        session.flush()
        raise ZeroDivisionError

    database.run(lambda session: session.add_all([member("a"), member("b")]))
    with pytest.raises(ZeroDivisionError):
        database.run(broken)
    with pytest.raises(IntegrityError):
        database.run(lambda session: session.add_all([member("d"), member("a")]))

    assert members(database) == {"a", "b"}


def test_reading_keeps_nothing(sqlite_database: Database):
    with sqlite_database.reading() as session:
        session.add(member("a"))
        session.flush()

    assert members(sqlite_database) == set()


def test_a_unit_is_run_once_and_answers(sqlite_database: Database):
    runs: list[int] = []

    assert sqlite_database.run(lambda session: runs.append(1) or "done") == "done"
    assert runs == [1]


def test_a_fault_that_is_no_contention_is_not_tried_again(database: Database):
    runs: list[int] = []

    def unit(session: Session) -> None:
        runs.append(1)
        session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises((OperationalError, ProgrammingError)):
        database.run(unit)
    assert runs == [1]


class TestContention:
    """PostgreSQL says so by a state, SQLite in words: both are asked for real."""

    @pytest.fixture
    def server(self, fresh_address) -> Database:
        found = Database(fresh_address("postgresql"))
        yield found
        found.close()

    @pytest.mark.parametrize("state", ["40001", "40P01"])
    def test_what_postgresql_asks_to_try_again_is_tried_again_from_the_start(self, server: Database, state: str):
        runs: list[int] = []

        def unit(session: Session) -> str:
            session.add(member(f"run-{len(runs)}"))
            session.flush()
            runs.append(1)
            if len(runs) < 3:
                session.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))
            return "done"

        assert server.run(unit) == "done"
        assert members(server) == {"run-2"}

    def test_when_it_stays_contended_the_caller_hears_busy_and_nothing_changed(self, server: Database):
        runs: list[int] = []

        def unit(session: Session) -> None:
            runs.append(1)
            session.add(member("a"))
            session.flush()
            session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))

        with pytest.raises(Problem) as busy:
            server.run(unit)
        assert (busy.value.kind, busy.value.retry_after) == ("busy", 2)
        assert len(runs) == ATTEMPTS
        assert members(server) == set()

    def test_another_state_is_no_contention(self, server: Database):
        with pytest.raises(DBAPIError) as error:
            server.run(lambda session: session.execute(text("DO $$ BEGIN RAISE SQLSTATE '22000'; END $$")))
        assert not is_contention(error.value)

    def test_a_locked_file_is_contention(self, fresh_address):
        address = fresh_address("sqlite")
        holding, waiting = Database(address), make_engine(address)
        with holding.transaction() as session, waiting.connect() as connection:
            session.add(member("a"))
            session.flush()
            connection.exec_driver_sql("PRAGMA busy_timeout = 0")
            with pytest.raises(OperationalError) as error:
                connection.exec_driver_sql("INSERT INTO organisation (id) VALUES ('b')")
        assert is_contention(error.value)
        waiting.dispose()
        holding.close()

    def test_a_reader_does_not_wait_for_a_writer(self, database: Database):
        with database.transaction() as writing:
            writing.add(member("a"))
            writing.flush()
            assert members(database) == set()
        assert members(database) == {"a"}


class TestSqlite:
    @pytest.fixture
    def path(self, sqlite_database: Database) -> Path:
        return Path(str(sqlite_database.engine.url.database))

    @pytest.mark.parametrize(
        ("pragma", "value"),
        [
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("secure_delete", 1),
            ("busy_timeout", 10000),
        ],
    )
    def test_every_connection_is_set_up(self, sqlite_database: Database, pragma: str, value: object):
        with sqlite_database.reading() as session:
            assert session.execute(text(f"PRAGMA {pragma}")).scalar() == value

    def test_foreign_keys_hold(self, sqlite_database: Database):
        with pytest.raises(IntegrityError):
            sqlite_database.run(
                lambda session: session.execute(
                    text("INSERT INTO round_share VALUES ('no-round', 'nobody', 1, 0, 0, 0, 0, 0)")
                )
            )

    def test_what_was_deleted_is_not_in_the_file_any_more(self, sqlite_database: Database, path: Path):
        trace = "trace-of-a-person-" + "x" * 60
        person = Organisation(id="a", name=trace, kind="agency", region="AB")
        sqlite_database.run(lambda session: session.add(person))
        with sqlite3.connect(path) as plain:
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        plain.close()
        assert trace.encode() in path.read_bytes()

        sqlite_database.run(lambda session: session.execute(text("DELETE FROM organisation")))
        sqlite_database.close()

        left = b"".join(one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name))
        assert trace.encode() not in left

    def test_a_new_folder_is_its_owners_alone(self, tmp_path: Path):
        engine = make_engine(f"sqlite:///{tmp_path}/inner/hub.sqlite3")
        with engine.connect():
            mode = stat.S_IMODE((tmp_path / "inner").stat().st_mode)
        engine.dispose()

        assert mode == 0o700


def test_a_moment_without_a_zone_is_refused(sqlite_database: Database):
    naive = datetime(2026, 1, 1)  # noqa: DTZ001

    with pytest.raises(StatementError, match="a moment needs a zone"):
        sqlite_database.run(lambda session: session.execute(update(Organisation).values(created_at=naive)))
