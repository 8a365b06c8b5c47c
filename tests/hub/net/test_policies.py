"""Row-level security, table by table: what it allows, and that losing or loosening any part of it is noticed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

from hub.models import Base
from hub.reach import DECLARE
from tests.hub.net.matrix import MATRIX, UNGUARDED, expected, probe, rows_as_json
from tests.hub.net.rows import ROWS, plant

COMMANDS = {"r": "select", "a": "insert", "c": "update", "d": "delete"}
# A policy stands for each letter the matrix gives anybody.
POLICIES = [
    (name, command)
    for name in MATRIX
    for letter, command in COMMANDS.items()
    if any(letter in letters for letters in expected(name).values())
]
ROLE = "passerelle hub"
NAMES = [f"{name}_{command}" for name, command in POLICIES]


@pytest.fixture(scope="module")
def planted(module_postgresql: str) -> Iterator[Connection]:
    """A connection of the server's owner to a database with a row of every kind."""
    engine = create_engine(module_postgresql)
    with engine.connect() as connection:
        plant(connection)
        connection.info.update(rows_as_json(connection))
        connection.execute(text('CREATE ROLE "an owner"'))
        connection.commit()
        yield connection
        connection.rollback()
        connection.execute(text('DROP OWNED BY "an owner"'))
        connection.execute(text('DROP ROLE "an owner"'))
        connection.commit()
    engine.dispose()


@pytest.fixture
def undone(planted: Connection) -> Iterator[Connection]:
    """The same, with everything a test does taken back."""
    yield planted
    planted.rollback()


def become(connection: Connection, role: str) -> None:
    connection.execute(text(f'SET LOCAL ROLE "{role}"'))


def as_the_hubs_role(connection: Connection, name: str) -> dict[tuple[str, str], str]:
    become(connection, ROLE)
    return probe(connection, name)


def test_every_table_is_guarded_or_said_not_to_be():
    assert set(Base.metadata.tables) == set(MATRIX) | UNGUARDED
    assert not set(MATRIX) & UNGUARDED
    assert set(ROWS) == set(MATRIX)


def test_the_policies_are_those_tested_here(undone: Connection):
    found = undone.execute(text("SELECT policyname FROM pg_policies")).scalars().all()
    flags = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"

    assert sorted(found) == sorted(NAMES)
    assert set(undone.execute(text(flags)).scalars()) == set(MATRIX)


@pytest.mark.parametrize("name", MATRIX)
def test_each_row_is_shown_and_changed_as_the_matrix_says(undone: Connection, name: str):
    assert as_the_hubs_role(undone, name) == expected(name)


@pytest.mark.parametrize(("name", "command"), POLICIES, ids=NAMES)
def test_a_policy_that_is_gone_is_noticed(undone: Connection, name: str, command: str):
    undone.execute(text(f"DROP POLICY {name}_{command} ON {name}"))

    assert as_the_hubs_role(undone, name) != expected(name)


@pytest.mark.parametrize(("name", "command"), POLICIES, ids=NAMES)
def test_a_policy_that_lets_everybody_in_is_noticed(undone: Connection, name: str, command: str):
    clause = "WITH CHECK" if command == "insert" else "USING"
    undone.execute(text(f"ALTER POLICY {name}_{command} ON {name} {clause} (true)"))

    assert as_the_hubs_role(undone, name) != expected(name)


@pytest.mark.parametrize("name", MATRIX)
def test_a_table_without_its_guard_is_noticed(undone: Connection, name: str):
    undone.execute(text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))

    assert as_the_hubs_role(undone, name) != expected(name)


@pytest.mark.parametrize("name", MATRIX)
def test_the_owner_of_a_table_is_held_too_and_only_by_force(undone: Connection, name: str):
    count = text(f"SELECT count(*) FROM {name}")
    undone.execute(text('GRANT USAGE ON SCHEMA public TO "an owner"'))
    undone.execute(text('GRANT SELECT ON ALL TABLES IN SCHEMA public TO "an owner"'))
    undone.execute(text(f'ALTER TABLE {name} OWNER TO "an owner"'))
    become(undone, "an owner")
    assert undone.execute(count).scalar_one() == 0

    undone.execute(text(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"))
    assert undone.execute(count).scalar_one() == len(ROWS[name])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE profile SET organisation_id = 'b' WHERE id = 'mentee-a'",
        "UPDATE tombstone SET organisation_id = 'b' WHERE trace = 'a'",
        "UPDATE linkage_token SET profile_id = 'mentee-b' WHERE profile_id = 'mentee-a'",
        "UPDATE consent_receipt SET profile_id = 'mentee-b' WHERE profile_id = 'mentee-a'",
        "UPDATE mentee_link SET profile_id = 'mentee-b' WHERE profile_id = 'mentee-a'",
        "UPDATE mentee_word SET profile_id = 'mentee-b' WHERE proposal_id = 'ab'",
        "UPDATE mentee_word SET proposal_id = 'ba' WHERE proposal_id = 'ab'",
        "UPDATE recommendation SET organisation_id = 'b' WHERE handle = 'a'",
        "UPDATE proposal SET mentee_organisation_id = 'c', mentor_organisation_id = 'c' WHERE id = 'ab'",
        "UPDATE gathering_party SET organisation_id = 'c' WHERE gathering_id = 'ab'",
        "UPDATE introduction SET sender_id = 'b' WHERE proposal_id = 'ab'",
        "UPDATE gathering_introduction SET sender_id = 'c' WHERE sender_id = 'a'",
        "UPDATE withdrawal_notice SET told_id = 'c' WHERE id = 'a'",
        "UPDATE referral SET sender_id = 'b' WHERE id = 'ab'",
        "UPDATE possible_duplicate SET a_organisation_id = 'c' WHERE id = 'ab'",
    ],
)
def test_nothing_is_given_away_to_another_organisation(undone: Connection, change: str):
    become(undone, ROLE)
    undone.execute(DECLARE, {"organisation": "a", "reach": "own"})

    with pytest.raises(ProgrammingError, match="row-level security"):
        undone.execute(text(change))
