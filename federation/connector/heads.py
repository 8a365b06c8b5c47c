"""The heads of the hub's audit chain that this folder keeps, and whether the hub's log still holds them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from joserfc.jwk import OKPKey

from federation.audit_heads import SignedHead, broken, check_follows, read_head, read_key
from federation.client import HubClient
from federation.connector.store import Store
from federation.problems import Problem

LAST: Final = "audit head"
BY_DAY: Final = "audit head of "
KEY: Final = "hub audit key"


def check(store: Store, client: HubClient, events: Sequence[Any] = ()) -> SignedHead | None:
    """Keep the heads that ``events`` brought, after checking that the log still holds the one kept last; return the last now.

    The last of each day stays kept, about half a kilobyte each.

    Raises
    ------
    Problem
        ``invalid-signature``: the hub's key is another one than before, or did not sign; ``key-chain-broken``: the log was cut
        or made anew. None of the new heads is kept then.
    """
    last = _last(store)
    said = client.audit_head(str(last) if last else None)
    key = _pinned(store, said.get("key"))
    if last and said.get("stands") is not True:
        raise broken(last)
    kept: dict[str, Any] = {}
    for event in events:
        signed = _signed(event)
        head = read_head(signed, key)
        if last:
            check_follows(last, head)
        last = head
        day = datetime.fromtimestamp(head.at, UTC).date().isoformat()
        kept |= {LAST: signed, BY_DAY + day: {"head": str(head), "signed": signed}}
    store.keep_all(kept)
    return last


def by_day(store: Store) -> dict[str, str]:
    """Return the last head kept of each day, NUMBER:HASH, oldest first."""
    return {day: str(kept["head"]) for day, kept in store.kept_under(BY_DAY).items()}


def start_anew(store: Store) -> None:
    """Forget what the next head is held against; what was kept by day stays, as evidence."""
    store.keep_all({LAST: None, KEY: None})


def _last(store: Store) -> SignedHead | None:
    signed = store.kept(LAST)
    return read_head(signed, _key(store)) if signed else None


def _key(store: Store) -> OKPKey:
    return read_key(store.kept(KEY))


def _pinned(store: Store, shown: Any) -> OKPKey:
    """Return the hub's key: the one seen first, or a hard stop."""
    key = read_key(shown)
    if store.kept(KEY) is None:
        store.keep(KEY, dict(key.as_dict(private=False)))
    if _key(store).thumbprint() != key.thumbprint():
        raise Problem(
            "invalid-signature",
            "The key with which the hub signs heads of its audit log changed. Phone the operator and ask whether they changed "
            "the hub's secret; nothing was kept.",
        )
    return key


def _signed(event: Any) -> str:
    data = event.get("data")
    signed = data.get("signed") if isinstance(data, dict) else None
    if not isinstance(signed, str):
        raise Problem("invalid-signature", "The hub sent a head of its audit log without its signature.")
    return signed
