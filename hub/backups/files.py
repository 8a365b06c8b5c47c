"""The files of a backup: named by the moment, readable by their owner alone, checked by SHA-256, never overwritten."""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

OnProgress = Callable[[int, int], None]
"""Told what is done and of how much; 0 of 0 while nobody knows."""
SUM_SUFFIX: Final = ".sha256"


class BackupRefused(Exception):
    """A backup is not made or not restored; the message says why and what to do."""


def stamp() -> str:
    """Return the moment as names of files and databases have it, to the microsecond: no two are alike."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def reserve(folder: Path, suffix: str) -> tuple[Path, Path]:
    """Make an empty draft of mode 0600; return it and the name its backup will have.

    Raises
    ------
    BackupRefused
        The folder cannot be written.
    """
    path = folder / f"passerelle-{stamp()}{suffix}"
    draft = path.with_name(f"{path.name}.part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupRefused(f"Cannot write to {folder}: {error.strerror}. Choose another folder.") from error
    return draft, path


def finish(draft: Path, path: Path) -> None:
    """Put the draft on the disk, give it its name, and write its sum beside it, as ``sha256sum --check`` reads it.

    Raises
    ------
    BackupRefused
        A file of that name exists, or the disk is full.
    """
    try:
        draft.chmod(0o600)
        _sync(draft)
        sidecar = _sidecar(path)
        with os.fdopen(os.open(sidecar, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{digest(draft)}  {path.name}\n")
        _sync(sidecar)
        # A link, not a rename: a rename would write over a file of that name.
        os.link(draft, path)
        _sync(path.parent)
    except OSError as error:
        raise BackupRefused(f"Cannot write {path}: {error.strerror}. Nothing was overwritten.") from error


def check(path: Path) -> None:
    """Compare a backup with the sum beside it. Reads the whole file.

    Raises
    ------
    BackupRefused
        The file or its sum is missing, or they differ: it was cut, edited or mixed up.
    """
    try:
        promised = _sidecar(path).read_text(encoding="utf-8").split()
        found = digest(path)
    except (OSError, UnicodeDecodeError) as error:
        raise BackupRefused(f"{path.name} and {_sidecar(path).name} are both needed, side by side: {error}.") from error
    if promised != [found, path.name]:
        raise BackupRefused(
            f"{path.name} is not the file that was backed up: its SHA-256 is {found[:16]}…, {_sidecar(path).name} says "
            f"otherwise. It was cut, edited or renamed. Nothing was changed; use another backup."
        )


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + SUM_SUFFIX)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
