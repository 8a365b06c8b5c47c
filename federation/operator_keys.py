"""The network operator's own key: it countersigns replacements of lost identity keys, and never lies on the hub's machine.

Members learn it from an announcement, a JWS by the key itself, which comes with the enrolment token; its 60 digits are
compared by phone or on paper before it is pinned. The private half lies in a file under a passphrase, on a machine or a stick
of its own.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from federation.key_chains import statement_hash
from federation.keys import broken, claimed, read_identity, sign, text_number, verify
from federation.problems import Problem

ANNOUNCEMENT: Final = "passerelle-operator-key"
OPERATOR_COUNTERSIGNATURE: Final = "passerelle-operator-countersignature"
SHORTEST_PASSPHRASE: Final = 12


@dataclass(frozen=True)
class Operator:
    """An operator as its announcement says: the network's name, the members it runs itself, and its public key."""

    network: str
    runs: tuple[str, ...]
    key: OKPKey
    announcement: str

    @property
    def number(self) -> str:
        """The 60 digits that the operator prints for every member."""
        return text_number(statement_hash(self.announcement))


def announce(key: OKPKey, network: str, runs: Iterable[str], now: datetime) -> str:
    """Return the announcement of an operator key; ``runs`` are the ids of members that the operator runs itself."""
    payload = {
        "network": network,
        "runs": sorted(set(runs)),
        "key": key.as_dict(private=False),
        "iat": int(now.timestamp()),
    }
    return sign(key, ANNOUNCEMENT, payload)


def read_announcement(text: str) -> Operator:
    """Return the operator an announcement names.

    Raises
    ------
    Problem
        ``invalid-signature``: it is none, or not signed by the key it names.
    """
    text = text.strip()
    payload = verify(text, read_identity(claimed(text)[1].get("key")), ANNOUNCEMENT)
    network, runs = payload.get("network"), payload.get("runs")
    if not isinstance(network, str) or not isinstance(runs, list) or not all(isinstance(one, str) for one in runs):
        raise broken("the operator's announcement cannot be read")
    return Operator(network, tuple(runs), read_identity(payload.get("key")), text)


def keep_private(path: Path, key: OKPKey, passphrase: str) -> None:
    """Write the private half into a new file, under a passphrase (PKCS #8), readable by its owner alone.

    Raises
    ------
    Problem
        ``bad-request``: the passphrase is shorter than 12 characters, or the file cannot be written. ``conflict``: it exists.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Problem("bad-request", f"Choose a passphrase of {SHORTEST_PASSPHRASE} characters or more.")
    sealed = key.private_key.private_bytes(  # type: ignore[union-attr]
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Problem("conflict", f"{path} is there already: a key is not overwritten.") from error
    except OSError as error:
        raise Problem("bad-request", f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)


def read_private(path: Path, passphrase: str) -> OKPKey:
    """Return the private key from its file.

    Raises
    ------
    Problem
        ``bad-request``: no such file, or the passphrase does not fit.
    """
    try:
        opened = load_pem_private_key(path.read_bytes(), passphrase.encode())
        unsealed = opened.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return OKPKey.import_key(unsealed)
    except OSError as error:
        raise Problem("bad-request", f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, JoseError) as error:
        raise Problem("bad-request", f"The passphrase does not open {path}, or it holds no key.") from error
