"""What never leaves the agency: names and contacts, private keys, pins; encrypted at rest in a folder of its own.

Values are sealed with AES-256-GCM under a key file that only its owner may read. Whoever holds folder and key file holds the
people: back both up apart, and keep the folder off shared drives.
"""

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from federation.connector.people import Person
from federation.keys import OrganisationKeys
from federation.pins import Pins
from federation.problems import Problem

CONTACT: Final = "introduction "
"""Under this name and the proposal's id stands the contact that an introduction brought."""
TABLES: Final = """
CREATE TABLE IF NOT EXISTS person (
    key_hash TEXT PRIMARY KEY, pseudonym TEXT NOT NULL UNIQUE, sealed BLOB NOT NULL, pushed TEXT
);
CREATE TABLE IF NOT EXISTS linked (pseudonym TEXT PRIMARY KEY, sent TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS referenced (reference TEXT PRIMARY KEY, pseudonym TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, sealed BLOB NOT NULL);
"""


class Store:
    """One agency's store."""

    def __init__(self, folder: Path) -> None:
        """Open an existing store.

        Raises
        ------
        Problem
            ``bad-request``: there is none, or its key does not fit.
        """
        self.folder = folder
        key = folder / "store.key"
        if not key.is_file():
            raise Problem("bad-request", f"{folder} is no connector folder: run passerelle connector init first.")
        self._key = key.read_bytes()
        self._cipher = AESGCM(self._key)
        self._path = folder / "store.sqlite3"
        with self._open() as connection:
            connection.executescript(TABLES)

    @classmethod
    def create(cls, folder: Path) -> "Store":
        """Make a folder with a fresh key; refuse to overwrite one.

        Raises
        ------
        Problem
            ``conflict``: a store is there; ``bad-request``: the folder cannot be written.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            descriptor = os.open(folder / "store.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise Problem("conflict", f"{folder} holds a store already: use it, or choose another folder.") from error
        except OSError as error:
            raise Problem("bad-request", f"{folder} cannot be written: {error.strerror}.") from error
        with os.fdopen(descriptor, "wb") as key:
            key.write(AESGCM.generate_key(256))
        return cls(folder)

    def keep(self, name: str, value: Any) -> None:
        """Seal and keep one value under a name."""
        self.keep_all({name: value})

    def keep_all(self, values: Mapping[str, Any]) -> None:
        """Seal and keep several values: all of them or, when we are stopped, none."""
        with self._open() as connection:
            sealed = [(name, self._seal(value)) for name, value in values.items()]
            connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", sealed)

    def kept(self, name: str) -> Any:
        """Return a kept value, or nothing."""
        with self._open() as connection:
            row = connection.execute("SELECT sealed FROM kept WHERE name = ?", (name,)).fetchone()
        return self._unseal(row[0]) if row else None

    def forget(self, names: Iterable[str]) -> None:
        """Delete values kept under these names, also from the pages of the file; what is not there needs no deleting."""
        with self._open() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.executemany("DELETE FROM kept WHERE name = ?", [(name,) for name in names])

    @property
    def keys(self) -> OrganisationKeys:
        """The organisation's private keys."""
        stored = self.kept("keys")
        return OrganisationKeys.from_jwks(stored["organisation"], stored["jwks"], stored.get("retired", ()))

    @property
    def pins(self) -> Pins:
        """Identities seen first, statements seen last, identities compared by phone, replacements that wait."""
        return Pins.from_kept(self.kept("pins") or {})

    def keep_pins(self, pins: Pins) -> None:
        """Keep what was pinned and compared."""
        self.keep("pins", pins.as_kept())

    def remember(self, person: Person) -> str:
        """Keep a person's contact, profile and fields for linkage; return the pseudonym, the same at every run."""
        # Keyed: a plain digest of an e-mail address would be found by whoever has a list of addresses.
        key_hash = hmac.digest(self._key, person.key.encode(), "sha256").hex()
        linkage = {"linkage": person.linkage} if person.linkage else {}
        sealed = self._seal({"contact": person.contact, "profile": person.profile} | linkage)
        with self._open() as connection:
            row = connection.execute("SELECT pseudonym FROM person WHERE key_hash = ?", (key_hash,)).fetchone()
            pseudonym = str(row[0]) if row else secrets.token_urlsafe(15)
            connection.execute(
                "INSERT INTO person (key_hash, pseudonym, sealed) VALUES (?, ?, ?) "
                "ON CONFLICT (key_hash) DO UPDATE SET sealed = excluded.sealed",
                (key_hash, pseudonym, sealed),
            )
        return pseudonym

    def contacts(self) -> dict[str, dict[str, str]]:
        """Return every contact that an introduction brought, by proposal."""
        return self.kept_under(CONTACT)

    def kept_under(self, prefix: str) -> dict[str, Any]:
        """Return every value kept under a name that begins so, by the rest of the name."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT name, sealed FROM kept WHERE substr(name, 1, ?) = ? ORDER BY name", (len(prefix), prefix)
            ).fetchall()
        return {str(name).removeprefix(prefix): self._unseal(sealed) for name, sealed in rows}

    def waiting(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (pseudonym, profile) of everyone whose profile is not at the hub as it stands here."""
        with self._open() as connection:
            rows = connection.execute("SELECT pseudonym, sealed, pushed FROM person ORDER BY pseudonym").fetchall()
        for pseudonym, sealed, pushed in rows:
            profile = self._unseal(sealed)["profile"]
            if pushed != digest(profile):
                yield pseudonym, profile

    def mark_pushed(self, pseudonym: str, profile: Mapping[str, Any], reference: str | None = None) -> None:
        """Note that the hub acknowledged this profile, and what it calls it: an interrupted push goes on from here."""
        with self._open() as connection:
            connection.execute("UPDATE person SET pushed = ? WHERE pseudonym = ?", (digest(profile), pseudonym))
            if reference:
                connection.execute("INSERT OR REPLACE INTO referenced VALUES (?, ?)", (reference, pseudonym))

    def pseudonym_of(self, reference: str) -> str | None:
        """Return whom of ours the hub calls so, or nothing."""
        with self._open() as connection:
            query = "SELECT pseudonym FROM referenced WHERE reference = ?"
            row = connection.execute(query, (reference,)).fetchone()
        return str(row[0]) if row else None

    def linkable(self) -> Iterator[tuple[str, dict[str, Any], str | None]]:
        """Yield (pseudonym, fields for linkage, what :meth:`mark_linked` noted) of everyone who is at the hub."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT pseudonym, sealed, sent FROM person LEFT JOIN linked USING (pseudonym) "
                "WHERE pushed IS NOT NULL ORDER BY pseudonym"
            ).fetchall()
        for pseudonym, sealed, sent in rows:
            yield pseudonym, self._unseal(sealed).get("linkage", {}), sent

    def mark_linked(self, pseudonym: str, sent: str) -> None:
        """Note which tokens the hub took: a digest of them, and they are keyed."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO linked VALUES (?, ?)", (pseudonym, sent))

    def person(self, pseudonym: str) -> dict[str, Any]:
        """Return a person's contact and profile.

        Raises
        ------
        Problem
            ``not-found``.
        """
        with self._open() as connection:
            row = connection.execute("SELECT sealed FROM person WHERE pseudonym = ?", (pseudonym,)).fetchone()
        if row is None:
            raise Problem("not-found", f"Nobody here has the pseudonym {pseudonym}.")
        found: dict[str, Any] = self._unseal(row[0])
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path)
        self._path.chmod(0o600)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def _seal(self, value: Any) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + self._cipher.encrypt(nonce, json.dumps(value).encode(), None)

    def _unseal(self, sealed: bytes) -> Any:
        try:
            return json.loads(self._cipher.decrypt(sealed[:12], sealed[12:], None))
        except InvalidTag as error:
            raise Problem("bad-request", "store.key does not fit this store: restore the two together.") from error


def digest(profile: Mapping[str, Any]) -> str:
    """Return what tells two versions of a profile apart.

    The day of confirmation counts by its month: a push each day sends nothing new, and a monthly one keeps profiles fresh.
    """
    steady = dict(profile) | {"confirmed_on": str(profile.get("confirmed_on", ""))[:7]}
    return hashlib.sha256(json.dumps(steady, sort_keys=True).encode()).hexdigest()
