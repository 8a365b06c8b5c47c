"""The hub serves as a role that row-level security holds, or not at all; and what that role may."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from federation.command_line import build
from hub import roles
from hub.app import create_served_app
from hub.database import Database
from hub.settings import Settings, UnsafeSettings, load_settings

ROLE = "passerelle hub"


def settings_of(**changes: object) -> Settings:
    return load_settings({}, secret="s" * 40, **changes)


@pytest.fixture
def address(fresh_address: Callable[[str], str]) -> str:
    return fresh_address("postgresql")


@pytest.fixture
def owner(address: str) -> Iterator[Engine]:
    engine = create_engine(address)
    yield engine
    engine.dispose()


@pytest.fixture
def another_role(owner: Engine) -> Iterator[Callable[[str], str]]:
    """Make a role, and take it away with everything it was given."""
    made: list[str] = []

    def make(how: str) -> str:
        made.append(f"another {len(made)}")
        with owner.begin() as connection:
            connection.execute(text(f'CREATE ROLE "{made[-1]}" LOGIN {how}'))
        return made[-1]

    yield make
    with owner.begin() as connection:
        for role in made:
            connection.execute(text(f'DROP OWNED BY "{role}"'))
            connection.execute(text(f'DROP ROLE "{role}"'))


@pytest.fixture
def opened_as(address: str, postgresql_role: Callable[..., str]) -> Iterator[Callable[[str], Engine]]:
    engines: list[Engine] = []

    def connect(role: str) -> Engine:
        engines.append(create_engine(postgresql_role(address, role)))
        return engines[-1]

    yield connect
    for engine in engines:
        engine.dispose()


def test_the_hubs_own_role_may_serve(opened_as):
    roles.refuse_powerful(opened_as(ROLE), settings_of())


def test_a_superuser_may_not_but_in_a_trial(owner: Engine):
    with pytest.raises(UnsafeSettings, match="row-level security"):
        roles.refuse_powerful(owner, settings_of())
    roles.refuse_powerful(owner, settings_of(allow_owner_role=True))


def test_a_role_that_bypasses_row_level_security_may_not(opened_as, another_role):
    with pytest.raises(UnsafeSettings):
        roles.refuse_powerful(opened_as(another_role("BYPASSRLS")), settings_of())


def test_an_owner_of_one_table_may_not_nor_who_may_become_it(owner: Engine, opened_as, another_role):
    role = another_role("")
    member = another_role(f'NOINHERIT IN ROLE "{role}"')
    roles.refuse_powerful(opened_as(member), settings_of())
    with owner.begin() as connection:
        connection.execute(text(f'ALTER TABLE intake OWNER TO "{role}"'))

    for one in (role, member):
        with pytest.raises(UnsafeSettings):
            roles.refuse_powerful(opened_as(one), settings_of())
    with owner.begin() as connection:
        connection.execute(text(f'REASSIGN OWNED BY "{role}" TO CURRENT_USER'))


def test_on_sqlite_there_is_no_role_to_ask_for(sqlite_database: Database):
    roles.grant(sqlite_database.engine, "anybody")
    roles.refuse_powerful(sqlite_database.engine, settings_of())


def test_a_role_is_let_in_by_the_grant_and_only_then(owner: Engine, opened_as, another_role):
    role = another_role("")
    count = text("SELECT count(*) FROM organisation")
    with opened_as(role).connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(count)

    roles.grant(owner, role)
    roles.grant(owner, role)

    with opened_as(role).connect() as connection:
        assert connection.execute(count).scalar_one() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET outcome = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE profile CASCADE",
        "UPDATE alembic_version SET version_num = '0'",
        "ALTER TABLE profile DISABLE ROW LEVEL SECURITY",
        "DROP POLICY profile_select ON profile",
        "SET row_security = off; SELECT * FROM profile",
    ],
)
def test_the_hubs_role_cannot_lift_the_net_nor_rewrite_the_log(opened_as, statement: str):
    with opened_as(ROLE).connect() as connection:
        connection.execute(text("SELECT set_config('passerelle.reach', 'hub', true)"))
        with pytest.raises(ProgrammingError):
            connection.exec_driver_sql(statement)


def test_a_role_that_is_not_there_is_told(owner: Engine):
    with pytest.raises(ProgrammingError, match="does not exist"):
        roles.grant(owner, "nobody made me")


@pytest.fixture
def as_owner(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The environment of a terminal of whoever owns the tables."""
    for name, value in (("DATABASE_URL", address), ("SECRET", "s" * 40), ("INSTANCE_FOLDER", str(tmp_path))):
        monkeypatch.setenv(f"PASSERELLE_{name}", value)
    return monkeypatch


def test_db_upgrade_lets_the_named_role_in(as_owner: pytest.MonkeyPatch, opened_as, another_role):
    role = another_role("")
    as_owner.setenv("PASSERELLE_DATABASE_ROLE", role)

    done = CliRunner().invoke(build(), ["db", "upgrade"])

    assert done.exit_code == 0, done.output
    with opened_as(role).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM profile")).scalar_one() == 0


@pytest.mark.parametrize("command", [("worker", "--once"), ("serve", "--port", "0")])
def test_a_command_that_serves_refuses_the_owner_in_words(as_owner: pytest.MonkeyPatch, command: tuple[str, ...]):
    refused = CliRunner().invoke(build(), command)

    assert refused.exit_code == 1
    assert "database_role" in refused.output


def test_a_server_process_does_not_start_as_the_owner(as_owner: pytest.MonkeyPatch):
    with pytest.raises(UnsafeSettings, match="database_role"):
        create_served_app()
