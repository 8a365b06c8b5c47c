"""Keyed tokens from contact fields: the fields stay here, the tokens tell organisations with the same key of duplicates.

Whoever holds the key and a list of names can turn tokens back into people, so the key goes from agency to agency by hand,
never to a hub (docs/decisions/0008-linkage-tokens.md).
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from federation.client import HubClient
from federation.connector.exchange import PushReport
from federation.connector.store import Store
from federation.documents import MAX_LINKAGE_TOKENS
from federation.linkage import tokens
from federation.problems import Problem

KEY: Final = "linkage key"
KEY_BYTES: Final = 32
LONGEST_KEY: Final = 1_024
CHECK_DIGITS: Final = 12


def make_key() -> str:
    """Return a fresh key as text: 256 random bits, base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def read_key(text: str) -> bytes:
    """Read a key somebody typed or pasted; spaces and line breaks make no difference.

    Raises
    ------
    Problem
        ``invalid-fields``: not base64url, or fewer than 32 bytes. The text is not repeated.
    """
    plain = "".join(text.split()).rstrip("=")
    try:
        key = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem(
            "invalid-fields", "This is no linkage key: paste it whole, as linkage-key make printed it."
        ) from error
    if not KEY_BYTES <= len(key) <= LONGEST_KEY:
        raise Problem("invalid-fields", f"A linkage key holds at least {KEY_BYTES} bytes: ask for the whole key.")
    return key


def keep_key(store: Store, text: str, *, replace: bool = False) -> str:
    """Keep the key in the encrypted store; return its check, which is the same at every agency that has it.

    Raises
    ------
    Problem
        ``invalid-fields`` for no key; ``conflict`` when another is kept and ``replace`` was not asked for.
    """
    key, held = read_key(text), key_of(store)
    if held is not None and held != key and not replace:
        raise Problem("conflict", "Another linkage key is kept here: say --replace, and all tokens are sent again.")
    store.keep(KEY, base64.b64encode(key).decode())
    return check_of(key)


def key_of(store: Store) -> bytes | None:
    """Return the key, or nothing."""
    kept = store.kept(KEY)
    return None if kept is None else base64.b64decode(kept)


def check_of(key: bytes) -> str:
    """Return what agencies read to each other to see that their keys are the same; it does not give the key away."""
    digits = hmac.new(key, b"passerelle linkage key check", hashlib.sha256).hexdigest()[:CHECK_DIGITS]
    return "-".join(digits[place : place + 4] for place in range(0, CHECK_DIGITS, 4))


def link(store: Store, client: HubClient) -> PushReport:
    """Send the tokens of everyone at the hub whose tokens changed; without a key nothing.

    Of somebody whose fields or mapping went away an empty list goes, and the hub erases. Interrupted, it goes on where it
    stopped.

    Raises
    ------
    Problem
        ``too-many-requests``: run it again in a minute.
    """
    key = key_of(store)
    if key is None:
        return PushReport(0, ())
    taken, refused = 0, []
    for pseudonym, record, sent in store.linkable():
        wire = wire_tokens(record, key)
        now = _digest(wire)
        if now == sent or not (wire or sent):
            continue
        try:
            client.link_profile(pseudonym, wire)
        except Problem as problem:
            if problem.kind == "too-many-requests":
                raise
            refused.append((pseudonym, problem.detail))
            continue
        store.mark_linked(pseudonym, now)
        taken += 1
    return PushReport(taken, tuple(refused))


def wire_tokens(record: Mapping[str, Any], key: bytes) -> list[dict[str, Any]]:
    """Return a record's tokens as they go over the wire; of very many the heaviest."""
    found = sorted(tokens(record, key), key=lambda token: -token.weight)[:MAX_LINKAGE_TOKENS]
    return [{"kind": token.kind, "digest": token.digest.hex(), "weight": token.weight} for token in sorted(found)]


def _digest(wire: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(wire).encode()).hexdigest()
