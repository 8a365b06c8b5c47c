"""The audit log: one chain, and whatever is altered, cut or forged in it shows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from hub.database import Database
from hub.models import AuditEntry, AuditHead
from hub.services import audit
from hub.services.actors import Actor
from tests.hub.people import coordinator


def write(database: Database, number: int, actor: Actor | None = None) -> None:
    who = actor or coordinator("eriec")
    database.run(lambda session: audit.record(session, who, "test.write", f"subject:{number}"))


def first_break(database: Database) -> int | None:
    with database.reading() as session:
        return audit.first_break(session)


@pytest.fixture
def log(sqlite_database: Database) -> Database:
    for number in range(1, 6):
        write(sqlite_database, number)
    return sqlite_database


def test_an_empty_log_holds(sqlite_database: Database):
    assert first_break(sqlite_database) is None


def test_a_log_holds_as_it_was_written(log: Database):
    assert first_break(log) is None
    with log.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
        assert [entry.previous_hash for entry in entries] == [audit.GENESIS, *(one.entry_hash for one in entries[:-1])]


@pytest.mark.parametrize("number", [1, 3, 5])
@pytest.mark.parametrize(
    "column", ["actor", "organisation_id", "operation", "subject", "outcome", "previous_hash", "entry_hash"]
)
def test_a_changed_word_shows_where_it_was_changed(log: Database, number: int, column: str):
    log.run(
        lambda session: session.execute(update(AuditEntry).where(AuditEntry.number == number).values({column: "x"}))
    )

    assert first_break(log) == number


def test_a_changed_moment_shows(log: Database):
    with log.reading() as session:
        moment = session.scalars(select(AuditEntry.at).where(AuditEntry.number == 2)).one()
    change = update(AuditEntry).where(AuditEntry.number == 2).values(at=moment + timedelta(microseconds=1))
    log.run(lambda session: session.execute(change))

    assert first_break(log) == 2


@pytest.mark.parametrize(("cut", "shown"), [(1, 1), (3, 3), (5, 5)])
def test_a_missing_entry_shows(log: Database, cut: int, shown: int):
    log.run(lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number == cut)))

    assert first_break(log) == shown


def test_a_log_whose_end_was_cut_or_whose_head_was_taken_shows(log: Database):
    log.run(lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number > 3)))
    assert first_break(log) == 4

    log.run(lambda session: session.execute(delete(AuditHead)))
    assert first_break(log) == 4


def test_a_forged_entry_with_a_good_hash_of_its_own_shows(log: Database):
    def forge(session) -> None:
        entry = session.get_one(AuditEntry, 2)
        entry.outcome = "refused"
        entry.entry_hash = audit.entry_hash(entry)

    log.run(forge)

    assert first_break(log) == 3


def test_a_change_that_is_undone_takes_its_line_with_it(log: Database):
    def broken(session) -> None:
        audit.record(session, coordinator("eriec"), "test.write", "subject:lost")
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.run(broken)
    write(log, 6)

    assert first_break(log) is None
    with log.reading() as session:
        assert session.scalars(select(AuditEntry.subject).where(AuditEntry.number == 6)).one() == "subject:6"


def test_writers_at_the_same_moment_take_turns_from_the_very_first_line(database: Database):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(database, number), range(16)))

    assert first_break(database) is None
    with database.reading() as session:
        assert set(session.scalars(select(AuditEntry.subject))) == {f"subject:{number}" for number in range(16)}
