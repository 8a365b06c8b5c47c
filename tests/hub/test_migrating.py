"""Migrations: both engines end where the models say, from nothing, again, and back."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import inspect, text

from hub import migrating
from hub.database import Database
from hub.models import Base


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, fresh_address: Callable[[str], str]) -> Iterator[Database]:
    found = Database(fresh_address(request.param))
    yield found
    found.close()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_what_the_models_say_and_can_go_back_and_again(migrated: Database):
    assert migrating.differences(migrated.engine) == []
    assert tables(migrated) == set(Base.metadata.tables)

    migrating.downgrade(migrated.engine)
    assert tables(migrated) == set()

    migrating.upgrade(migrated.engine)
    migrating.upgrade(migrated.engine)
    assert migrating.differences(migrated.engine) == []


def test_a_second_upgrade_keeps_what_is_there(sqlite_database: Database):
    insert = "INSERT INTO organisation (id, name, kind, region, created_at, feed_number, local_first_days) "
    insert += "VALUES ('a', 'A', 'pin', 'AB', :at, 0, 0)"
    with sqlite_database.transaction() as session:
        session.execute(text(insert), {"at": "2026-01-01 00:00:00"})

    migrating.upgrade(sqlite_database.engine)

    with sqlite_database.reading() as session:
        assert session.execute(text("SELECT id FROM organisation")).scalars().all() == ["a"]


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE organisation ADD COLUMN colour TEXT", "DROP TABLE round_share", "CREATE TABLE stray (id INT)"],
)
def test_a_difference_from_the_models_is_told(sqlite_database: Database, change: str):
    with sqlite_database.transaction() as session:
        session.execute(text(change))

    assert migrating.differences(sqlite_database.engine)


def test_a_database_that_was_never_migrated_differs(tmp_path):
    empty = Database(f"sqlite:///{tmp_path}/empty.sqlite3")

    assert len(migrating.differences(empty.engine)) >= len(Base.metadata.tables)
    empty.close()
