"""SQLite: its online backup, one moment of the file while writers go on writing."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from hub.backups.files import BackupRefused, OnProgress, stamp

SUFFIX: Final = ".sqlite3"
PAGES_AT_ONCE: Final = 2_000
WAIT_SECONDS: Final = 1.0
"""A hub that has the file open for longer than this is running."""


def create(address: str, draft: Path, on_progress: OnProgress) -> None:
    """Copy the database into ``draft``. About 1 s for 500 MB.

    Raises
    ------
    BackupRefused
        There is no database, it is damaged, or the disk is full.
    """
    source = _file(address)
    if not source.exists():
        raise BackupRefused(f"There is no database at {source}.")
    with _refused_in_words(source), closing(_open(source)) as original, closing(_open(draft)) as copy:
        # The copy is of this transaction's moment; without one, each writer in between would start it again.
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_master").fetchone()
        original.backup(
            copy, pages=PAGES_AT_ONCE, sleep=0, progress=lambda _, left, total: on_progress(total - left, total)
        )
        # One file and no second one beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def restore(address: str, path: Path, on_progress: OnProgress, *, replace: bool) -> str | None:
    """Put a copy of the backup where the database is; the earlier one stays beside it under another name.

    Raises
    ------
    BackupRefused
        The backup is damaged, a hub has the database open, or there is one and ``replace`` was not said.
    """
    target = _file(address)
    with _refused_in_words(path):
        _look_through(path)
    draft = target.with_name(f"{target.name}.restoring")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with _refused_in_words(target):
        shutil.copyfile(path, draft)
        aside = _put_aside(target, replace=replace)
        draft.replace(target)
    on_progress(1, 1)
    return str(aside) if aside else None


def _put_aside(target: Path, *, replace: bool) -> Path | None:
    aside = target.with_name(f"{target.stem}-before-{stamp()}{target.suffix}")
    if target.exists():
        if not replace:
            raise BackupRefused(f"{target} exists. Say --replace to put it aside; it is kept under another name.")
        _close_for_good(target)
    # What a database that is gone left beside it would be read as part of the restored one.
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{target}{suffix}").rename(f"{aside}{suffix}")
    return target.rename(aside) if target.exists() else None


def _close_for_good(target: Path) -> None:
    """Write everything into the one file, which succeeds only where nobody else has it open."""
    with closing(_open(target)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise BackupRefused(f"Something has {target} open: stop the hub and its worker first.") from error


def _look_through(path: Path) -> None:
    """Read the backup without writing to it.

    Raises
    ------
    BackupRefused
        SQLite finds it damaged.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        raise BackupRefused(f"{path.name} is damaged: {found}. Nothing was changed; use another backup.")


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)


def _file(address: str) -> Path:
    return Path(str(make_url(address).database))


@contextmanager
def _refused_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise BackupRefused(f"{path}: {error}. Nothing was changed.") from error
