"""Backups of the whole database: made while the hub runs, checked before they are believed, never written over anything."""

from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url

from hub.backups import postgresql, sqlite
from hub.backups.files import BackupRefused, OnProgress, check, finish, reserve
from hub.settings import Settings

__all__ = ["BackupRefused", "create", "restore"]


class _Way(Protocol):
    """What one kind of database knows of its backups."""

    @property
    def SUFFIX(self) -> str: ...  # noqa: N802

    def create(self, address: str, draft: Path, on_progress: OnProgress) -> None: ...

    def restore(self, address: str, path: Path, on_progress: OnProgress, *, replace: bool) -> str | None: ...


def create(settings: Settings, folder: Path, on_progress: OnProgress) -> Path:
    """Write one backup into ``folder`` with its SHA-256 beside it; return its path.

    The backup is one moment of the database, however long it takes; writers do not wait for it. A withdrawal that is not
    in it is in the withdrawal log.

    Raises
    ------
    BackupRefused
        There is no database, the folder cannot be written, or a tool is missing.
    """
    way = _way(settings)
    draft, path = reserve(folder, way.SUFFIX)
    try:
        way.create(settings.database, draft, on_progress)
        finish(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def restore(settings: Settings, path: Path, on_progress: OnProgress, *, replace: bool) -> str | None:
    """Put a backup in the database's place; return where the earlier one was kept, or nothing where there was none.

    The hub may open only after the withdrawals have been replayed: the caller sees to that.

    Raises
    ------
    BackupRefused
        The file is not whole or not of this kind of database, a hub still uses the database, or there is one and
        ``replace`` was not said.
    """
    way = _way(settings)
    if path.suffix != way.SUFFIX:
        raise BackupRefused(f"{path.name} is no backup of this kind of database: its name should end in {way.SUFFIX}.")
    check(path)
    return way.restore(settings.database, path, on_progress, replace=replace)


def _way(settings: Settings) -> _Way:
    kind = make_url(settings.database).get_backend_name()
    ways: dict[str, _Way] = {"sqlite": sqlite, "postgresql": postgresql}
    if kind not in ways:
        raise BackupRefused(f"There is no backup for {kind}: use its own tools.")
    return ways[kind]
