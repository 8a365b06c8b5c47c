"""One hub of either kind as its operator has it: people in it, a folder for backups, a withdrawal log."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import Profile
from hub.services import withdrawals
from tests.hub.people import coordinator

sqlite_only = pytest.mark.parametrize("hub", ["sqlite"], indirect=True)


class Hub:
    """One hub as its operator has it: commands, and a database of either kind."""

    def __init__(self, terminal: Any, address: str, backups: Path) -> None:
        self.terminal, self.address, self.backups = terminal, address, backups
        self.log = terminal.folder / "withdrawals.log"

    def open(self) -> Database:
        return Database(self.address, self.terminal.folder)

    def run(self, unit: Callable[[Database], object]) -> object:
        database = self.open()
        try:
            return unit(database)
        finally:
            database.close()

    def withdraw(self, pseudonym: str, organisation: str = "eriec") -> None:
        def unit(session: object) -> None:
            withdrawals.withdraw(session, coordinator(organisation), pseudonym)  # type: ignore[arg-type]

        self.run(lambda database: database.run(unit))

    def people(self) -> set[str]:
        def unit(database: Database) -> set[str]:
            with database.reading() as session:
                return set(session.scalars(select(Profile.pseudonym)))

        return self.run(unit)  # type: ignore[return-value]

    def backup(self) -> Path:
        before = set(self.backups.glob("passerelle-*"))
        self.terminal.done("backup", "create", str(self.backups))
        new = set(self.backups.glob("passerelle-*")) - before
        return next(path for path in new if path.suffix != ".sha256")

    def restore(self, path: Path) -> str:
        return " ".join(self.terminal.done("backup", "restore", str(path), "--replace").split())

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
