"""Follow up what we said yes to: a hub that drops a message cannot be stopped, and is not believed when it keeps silent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from federation.client import HubClient
from federation.connector import accepted, keyring
from federation.connector.accepted import Accepted
from federation.connector.store import Store
from federation.envelopes import digest
from federation.introductions import verify_receipt
from federation.problems import Problem

# How long the other side may take before somebody should phone.
PATIENCE: Final = timedelta(days=7)
OVER: Final = frozenset({"declined", "withdrawn", "expired", "superseded"})
TEXTS: Final = ("proposal", "state", "sender", "recipient", "mine")


def shown_to(store: Store, client: HubClient, side: str) -> list[Mapping[str, Any]]:
    """Return the introductions the hub shows us on one side ("sender" or "recipient").

    Raises
    ------
    Problem
        ``bad-request``: what it shows cannot be read, or shows another organisation's as ours.
    """
    shown = client.introductions()
    for one in shown:
        if not _is_ours(one, store.keys.organisation):
            raise Problem("bad-request", "The hub's list of introductions cannot be read: phone the operator.")
    return [one for one in shown if one["mine"] == side]


def _is_ours(one: Mapping[str, Any], organisation: str) -> bool:
    readable = all(isinstance(one.get(name), str) for name in TEXTS) and isinstance(one.get("acceptances"), dict)
    return readable and one["mine"] in {"sender", "recipient"} and one[one["mine"]] == organisation


def missing_of_sender(
    store: Store, client: HubClient, shown: Sequence[Mapping[str, Any]], now: datetime
) -> list[tuple[str, str]]:
    """Return (proposal, what is missing) of what we seal: it is not shown, not answered in time, or without a receipt."""
    return _missing(store, shown, "sender", lambda said, one: _follow_sent(store, client, said, one, now))


def missing_of_recipient(
    store: Store, client: HubClient, shown: Sequence[Mapping[str, Any]], now: datetime
) -> list[tuple[str, str]]:
    """Return (proposal, what is missing) of what we open."""
    return _missing(store, shown, "recipient", lambda said, one: _follow_awaited(store, client, said, one, now))


def _missing(
    store: Store,
    shown: Sequence[Mapping[str, Any]],
    side: str,
    follow: Callable[[Accepted, Mapping[str, Any] | None], str | None],
) -> list[tuple[str, str]]:
    by_proposal = {one["proposal"]: one for one in shown}
    moved = store.pins.moved
    found = []
    for said in accepted.everything(store).values():
        if said.side != side or said.step == "done":
            continue
        if said.said_at < moved.get(said.counterpart, 0):
            found.append((said.proposal, str(_end(store, said, _overtaken(said)))))
            continue
        try:
            what = follow(said, by_proposal.get(said.proposal))
        except Problem as problem:
            what = problem.detail
        if what:
            found.append((said.proposal, what))
    return found


def _follow_sent(
    store: Store, client: HubClient, said: Accepted, one: Mapping[str, Any] | None, now: datetime
) -> str | None:
    if one is None:
        return _follow_proposal(store, client, said, now)
    if one["state"] == "acknowledged":
        return _check_receipt(store, client, said, one, now)
    if one["state"] in {"failed", "cancelled"}:
        return _end(store, said, f"The introduction to {said.counterpart} is {one['state']}: nobody opened it.")
    if said.step == "said":
        return None
    return lateness(said.moved_at, f"{said.counterpart} has not confirmed that it opened the introduction", now)


def _follow_awaited(
    store: Store, client: HubClient, said: Accepted, one: Mapping[str, Any] | None, now: datetime
) -> str | None:
    if one is None:
        return _follow_proposal(store, client, said, now)
    if one["state"] == "acknowledged":
        if said.step == "said":
            return f"The hub says that we opened the introduction from {said.counterpart}; we never did. Phone both."
        return _end(store, said, None)
    if one["state"] in {"failed", "cancelled"}:
        return _end(store, said, f"The introduction from {said.counterpart} is {one['state']}: nothing came.")
    return lateness(said.moved_at, f"{said.counterpart} has sealed nothing that opens here", now)


def _follow_proposal(store: Store, client: HubClient, said: Accepted, now: datetime) -> str | None:
    """Look why there is no introduction: not agreed yet, over, or the hub hides it."""
    state = client.proposal(said.proposal).get("state")
    if said.step != "said" or state not in OVER | {"proposed"}:
        return f"The hub says {state}, and shows no introduction with {said.counterpart}. Phone both."
    if state in OVER:
        return _end(store, said, None)
    return lateness(said.moved_at, f"{said.counterpart} has not answered", now)


def _check_receipt(
    store: Store, client: HubClient, said: Accepted, one: Mapping[str, Any], now: datetime
) -> str | None:
    """Believe that it arrived only if the recipient itself signed for what we sealed."""
    receipt = one.get("receipt")
    if not isinstance(receipt, str) or said.envelope is None:
        return (
            f"The hub says that {said.counterpart} opened the introduction, and shows no receipt of theirs. Phone both."
        )
    recipient = keyring.trusted_view_of(store, client, said.counterpart, now)
    verify_receipt(receipt, recipient, said.proposal, digest(said.envelope))
    return _end(store, said, None)


def _overtaken(said: Accepted) -> str:
    return (
        f"{said.counterpart} replaced its lost identity key while this was under way: ask them whether it arrived, and if "
        "not, withdraw the proposal and ask again."
    )


def lateness(moved_at: int, what: str, now: datetime) -> str | None:
    """Return that somebody should phone, when nothing moved for :data:`PATIENCE` since ``moved_at`` (seconds since 1970)."""
    if now.timestamp() - moved_at < PATIENCE.total_seconds():
        return None
    return f"{what} for {PATIENCE.days} days: phone them. The hub may have dropped it."


def _end(store: Store, said: Accepted, what: str | None) -> str | None:
    accepted.keep(store, replace(said, step="done", envelope=None))
    return what
