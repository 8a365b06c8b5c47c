"""PostgreSQL: its own pg_dump and pg_restore, which have to be of the server's version or a newer one."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from hub.backups.files import BackupRefused, OnProgress, stamp

SUFFIX: Final = ".pgdump"
INSTALL: Final = (
    "Install PostgreSQL's client programs, of the server's version or a newer one, and put them on the PATH "
    "(Debian and Ubuntu: apt-get install postgresql-client)."
)
MAINTENANCE: Final = "postgres"
LOOK_SECONDS: Final = 0.2


def create(address: str, draft: Path, on_progress: OnProgress) -> None:
    """Dump the database into ``draft``, as of one moment.

    Raises
    ------
    BackupRefused
        pg_dump is missing, older than the server, or refused.
    """
    command = (
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--enable-row-security",
        f"--file={draft}",
    )
    _run(command, make_url(address), lambda: on_progress(draft.stat().st_size, 0))


def restore(address: str, path: Path, on_progress: OnProgress, *, replace: bool) -> str | None:
    """Restore into an empty database, or beside one that holds tables and then change their names.

    Raises
    ------
    BackupRefused
        pg_restore is missing or refused, a hub is connected, or there are tables and ``replace`` was not said. The
        earlier database is then as it was.
    """
    url = make_url(address)
    if not _has_tables(url):
        _restore_into(url, path, on_progress)
        return None
    if not replace:
        raise BackupRefused(f"Database {url.database} holds tables. Say --replace to put it aside; it is kept renamed.")
    return _replace(url, path, on_progress)


def _replace(url: URL, path: Path, on_progress: OnProgress) -> str:
    name, moment = str(url.database), stamp()
    fresh, aside = f"{name}_restoring_{moment}", f"{name}_before_{moment}"
    with _administration(url) as execute:
        execute("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", fresh)
        try:
            _restore_into(url.set(database=fresh), path, on_progress)
            # The server refuses this while anybody is connected: so a running hub is told.
            execute("ALTER DATABASE {} RENAME TO {}", name, aside)
        except (BackupRefused, DBAPIError):
            execute("DROP DATABASE {}", fresh)
            raise
        execute("ALTER DATABASE {} RENAME TO {}", fresh, name)
    return aside


def _restore_into(url: URL, path: Path, on_progress: OnProgress) -> None:
    command = ("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(path))
    _run(command, url, lambda: on_progress(0, 0))


@contextmanager
def _administration(url: URL) -> Iterator[Callable[..., None]]:
    """Yield a way to change databases by name, from outside of them."""
    engine = create_engine(url.set(database=MAINTENANCE), isolation_level="AUTOCOMMIT")
    quoted = engine.dialect.identifier_preparer.quote
    try:
        with engine.connect() as connection:

            def execute(statement: str, *names: str) -> None:
                connection.execute(text(statement.format(*map(quoted, names))))

            yield execute
    except DBAPIError as error:
        raise BackupRefused(
            f"The server refused: {_first_line(error.orig)}. Nothing was changed. Stop the hub and its worker first; the "
            f"role has to own {url.database} and needs CREATEDB."
        ) from error
    finally:
        engine.dispose()


def _has_tables(url: URL) -> bool:
    engine = create_engine(url)
    try:
        return bool(inspect(engine).get_table_names())
    except DBAPIError as error:
        raise BackupRefused(f"The database does not answer: {_first_line(error.orig)}.") from error
    finally:
        engine.dispose()


def _run(command: Sequence[str], url: URL, look: Callable[[], None]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where other users do not see it."""
    program = shutil.which(command[0])
    if program is None:
        raise BackupRefused(f"{command[0]} is not on the PATH. {INSTALL}")
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    # Row-level security holds the owner too: a dump says that it is the hub's own, and misses no row.
    secret = {"PGOPTIONS": "-c passerelle.reach=hub"} | ({"PGPASSWORD": url.password} if url.password else {})
    arguments = [program, *command[1:], f"--dbname={address.render_as_string()}"]
    # No shell, and no argument but our own settings.
    with subprocess.Popen(arguments, env=os.environ | secret, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        said = _waited(process, look)
    if process.returncode:
        hint = f" {INSTALL}" if "version" in said else ""
        raise BackupRefused(f"{command[0]} refused: {_first_line(said or 'it said nothing')}.{hint}")


def _waited(process: "subprocess.Popen[str]", look: Callable[[], None]) -> str:
    while True:
        try:
            return process.communicate(timeout=LOOK_SECONDS)[1]
        except subprocess.TimeoutExpired:
            look()


def _first_line(said: object) -> str:
    return str(said).strip().splitlines()[0]
