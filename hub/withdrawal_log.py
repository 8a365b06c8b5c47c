"""The withdrawal log: every withdrawal as one line of a file beside the database, so that no restore revives a consent.

A line holds a number, a moment, the organisation and a keyed trace of the person: no field of anybody. The key lies in a
file of its own beside the log and never in the database, so neither the log nor a backup alone tells a guess from a hit.
Every process of one hub shares one instance folder; appending takes turns by a lock on the file.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Final

LOG_NAME: Final = "withdrawals.log"
KEY_NAME: Final = "withdrawals.key"
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Line:
    """One withdrawal; ``number`` counts them as the database does. ``key`` names the key, ``seal`` shows an edited line.

    ``state`` is ``withdrawn``; ``undone`` for one whose transaction did not end well after it was logged; ``before`` for
    the line that stands for all up to its number, which were forgotten after their days or lost.
    """

    number: int
    at: str
    organisation: str
    trace: str
    key: str
    state: str = "withdrawn"
    seal: str = ""

    @property
    def moment(self) -> datetime:
        """When, in UTC."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Reading:
    """A log as it stands: its lines, oldest first, and how many could not be read (a torn line: a write broken off)."""

    lines: tuple[Line, ...] = ()
    unreadable: int = 0

    @property
    def forgotten(self) -> int:
        """Number up to which the log holds no withdrawal any more."""
        return max((line.number for line in self.lines if line.state == "before"), default=0)

    @property
    def highest(self) -> int:
        """Number of the last withdrawal that may have been written."""
        return max((line.number for line in self.lines), default=0)

    @property
    def settled(self) -> int:
        """Number of the last withdrawal that the log does not call undone."""
        standing: dict[int, int] = {}
        for line in self.lines:
            standing[line.number] = standing.get(line.number, 0) + (-1 if line.state == "undone" else 1)
        return max((number for number, times in standing.items() if times > 0), default=0)

    @property
    def withdrawals(self) -> tuple[Line, ...]:
        """The lines that tell of a person."""
        return tuple(line for line in self.lines if line.state == "withdrawn")

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers between two lines that no line has: damage, for a line is on the disk before its database row."""
        known = {line.number for line in self.lines}
        return tuple(number for number in range(self.forgotten + 1, self.highest) if number not in known)


class WithdrawalLog:
    """The log and its key in one folder; neither is made before it is needed."""

    def __init__(self, folder: Path) -> None:
        """Remember where; touch nothing."""
        self.path = folder / LOG_NAME
        self.key_path = folder / KEY_NAME
        self._kept: tuple[tuple[int, int, int], Reading] | None = None

    @cached_property
    def key(self) -> bytes:
        """The key of all traces: 32 random bytes, written once with mode 0600."""
        if not self.key_path.exists():
            _write_once(self.key_path, secrets.token_hex(KEY_BYTES) + "\n")
        return bytes.fromhex(self.key_path.read_text(encoding="ascii").strip())

    @property
    def key_id(self) -> str:
        """A name of the key that does not tell it."""
        return hmac.digest(self.key, b"name of this key", "sha256").hex()[:16]

    def trace(self, organisation: str, pseudonym: str) -> str:
        """Return the keyed trace of one pseudonym: 64 hex digits that nobody without the key can compare with a guess."""
        return hmac.digest(self.key, f"{organisation}\0{pseudonym}".encode(), "sha256").hex()

    def append(self, number: int, at: datetime, organisation: str, trace: str, state: str = "withdrawn") -> Line:
        """Write one line, on the disk when this returns. About one ``fsync``."""
        line = self._sealed(Line(number, at.isoformat(), organisation, trace, self.key_id, state))
        with self._locked() as file:
            # A line that a crash tore is closed first, so that it spoils no second one.
            is_new = not file.seek(0, os.SEEK_END)
            _write(file, (b"" if _ends_whole(file) else b"\n") + _encoded(line))
        if is_new:
            _sync_folder(self.path.parent)
        return line

    def undo(self, line: Line) -> None:
        """Say that the transaction of a line did not end well; replaying still honours what was asked for."""
        self.append(line.number, line.moment, line.organisation, line.trace, "undone")

    def read(self) -> Reading:
        """Return what the log holds; read again only when the file changed. Linear in its length."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return Reading()
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._kept is None or self._kept[0] != mark:
            self._kept = (mark, self._reading(self.path.read_bytes()))
        return self._kept[1]

    def forget(self, before: datetime) -> int:
        """Leave out lines older than ``before``, and keep in one line up to which number; return how many went."""
        if not any(line.moment < before for line in self.read().withdrawals):
            return 0
        with self._locked() as file:
            lines = self._reading(self.path.read_bytes()).lines
            old = [line for line in lines if line.moment < before]
            if old:
                last = max(old, key=lambda line: line.number)
                self._replace(file, last.number, last.moment, tuple(line for line in lines if line.moment >= before))
        return sum(line.state == "withdrawn" for line in old)

    def begin_anew(self, number: int, at: datetime) -> None:
        """Go on at a number although lines up to it are lost: an operator's word, never done by itself."""
        self.append(max(number, self.read().highest), at, "", "", "before")

    def _replace(self, file: IO[bytes], number: int, at: datetime, lines: tuple[Line, ...]) -> None:
        """Put a shorter log in place, whole or not at all; whoever waits for the lock looks for the new file."""
        first = self._sealed(Line(number, at.isoformat(), "", "", self.key_id, "before"))
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            _write(new, b"".join(map(_encoded, (first, *lines))))
        fresh.replace(self.path)
        _sync_folder(self.path.parent)

    def _reading(self, content: bytes) -> Reading:
        texts = [text for text in content.split(b"\n") if text]
        lines = [line for line in map(self._decoded, texts) if line]
        return Reading(tuple(lines), len(texts) - len(lines))

    def _decoded(self, text: bytes) -> Line | None:
        """Return a line that is whole: of this key with its right seal, or of another key, whose seal nobody can check."""
        try:
            found = Line(**json.loads(text))
            named_otherwise = found.key != self.key_id
            return found if (named_otherwise or self._sealed(found) == found) and found.moment.tzinfo else None
        except (ValueError, TypeError, AttributeError):
            return None

    def _sealed(self, line: Line) -> Line:
        told = asdict(line) | {"seal": ""}
        seal = hmac.digest(self.key, json.dumps(told, sort_keys=True).encode(), hashlib.sha256).hex()[:32]
        return Line(**(told | {"seal": seal}))

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        """Open the log for appending, alone; again when somebody put another file in its place meanwhile."""
        while True:
            with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if _same_file(file, self.path):
                    yield file
                    return


def _encoded(line: Line) -> bytes:
    return json.dumps(asdict(line), separators=(",", ":")).encode() + b"\n"


def _write(file: IO[Any], content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def _ends_whole(file: IO[bytes]) -> bool:
    if not file.seek(0, os.SEEK_END):
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _same_file(file: IO[bytes], path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def _write_once(path: Path, text: str) -> None:
    """Write a file that must come whole: of several who try at once, the first one's stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        _write(file, text.encode())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
