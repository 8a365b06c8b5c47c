"""Follow up the introductions of groups, pairs and circles: a hub that keeps silent about one is not believed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from federation.client import HubClient
from federation.connector import gathered, keyring
from federation.connector.following import lateness
from federation.connector.gathered import Carried, Gathered
from federation.connector.store import Store
from federation.envelopes import digest
from federation.gathering_introductions import verify_gathered_receipt
from federation.gathering_yes import meets
from federation.problems import Problem

OVER: Final = frozenset({"declined", "withdrawn", "expired", "ended"})
TEXTS: Final = ("gathering", "state", "sender", "recipient", "mine")
Shown = Mapping[str, Any]


def shown_to(store: Store, client: HubClient, side: str) -> list[Shown]:
    """Return the introductions in gatherings the hub shows us on one side ("sender" or "recipient").

    None from a hub that does not know of any: what we agreed on is missed then.

    Raises
    ------
    Problem
        ``bad-request``: what it shows cannot be read, or shows another organisation's as ours.
    """
    try:
        shown = client.gathering_introductions()
    except Problem as problem:
        if problem.kind != "not-found":
            raise
        return []
    for one in shown:
        if not _is_ours(one, store.keys.organisation):
            raise Problem("bad-request", "The hub's list of introductions cannot be read: phone the operator.")
    return [one for one in shown if one["mine"] == side]


def _is_ours(one: Shown, organisation: str) -> bool:
    readable = all(isinstance(one.get(name), str) for name in TEXTS) and isinstance(one.get("acceptances"), dict)
    return readable and one["mine"] in {"sender", "recipient"} and one[one["mine"]] == organisation


def missing(store: Store, client: HubClient, shown: Sequence[Shown], way: str, now: datetime) -> list[tuple[str, str]]:
    """Return (introduction, what is missing) of what we send or receive: not shown, not answered in time, without a receipt."""
    by_name = {(one["gathering"], gathered.other_side(one)): one for one in shown}
    found = []
    for said in gathered.everything(store).values():
        for organisation in meets(said.question, store.keys.organisation):
            one = gathered.carried(store, said, organisation, way)
            if one.step == "done":
                continue
            try:
                what = _follow(store, client, said, one, by_name.get((one.gathering, organisation)), now)
            except Problem as problem:
                what = problem.detail
            if what:
                found.append((one.name, what))
    return found


def _follow(
    store: Store, client: HubClient, said: Gathered, one: Carried, shown: Shown | None, now: datetime
) -> str | None:
    if said.said_at < store.pins.moved.get(one.organisation, 0):
        return _end(store, one, _overtaken(one))
    if shown is None:
        return _follow_gathering(store, client, one, now)
    if shown["state"] in {"failed", "cancelled"}:
        return _end(
            store, one, f"The introduction with {one.organisation} is {shown['state']}: ring them to arrange it."
        )
    if one.way == "sent":
        return _follow_sent(store, client, one, shown, now)
    if shown["state"] != "acknowledged":
        return lateness(one.moved_at, f"{one.organisation} has sealed nothing that opens here", now)
    if one.step == "said":
        return f"The hub says that we opened the introduction from {one.organisation}; we never did. Phone both."
    return _end(store, one, None)


def _follow_sent(store: Store, client: HubClient, one: Carried, shown: Shown, now: datetime) -> str | None:
    """Believe that it arrived only if the recipient itself signed for what we sealed."""
    if shown["state"] != "acknowledged":
        late = f"{one.organisation} has not confirmed that it opened the introduction"
        return None if one.step == "said" else lateness(one.moved_at, late, now)
    receipt = shown.get("receipt")
    if not isinstance(receipt, str) or one.envelope is None:
        return (
            f"The hub says that {one.organisation} opened the introduction, and shows no receipt of theirs. Phone both."
        )
    recipient = keyring.trusted_view_of(store, client, one.organisation, now)
    verify_gathered_receipt(receipt, recipient, store.keys.organisation, one.gathering, digest(one.envelope))
    return _end(store, one, None)


def _follow_gathering(store: Store, client: HubClient, one: Carried, now: datetime) -> str | None:
    """Look why there is no introduction: not agreed yet, over, or the hub hides it."""
    state = client.gathering_question(one.gathering).get("state")
    if one.step != "said" or state not in OVER | {"proposed"}:
        return f"The hub says {state}, and shows no introduction with {one.organisation}. Phone both."
    if state in OVER:
        return _end(store, one, None)
    return lateness(one.moved_at, "Not everybody has answered", now)


def _overtaken(one: Carried) -> str:
    return (
        f"{one.organisation} replaced its lost identity key while this was under way: ask them whether it arrived, and if "
        "not, end it and propose it anew."
    )


def _end(store: Store, one: Carried, what: str | None) -> str | None:
    store.keep_all(gathered.as_kept(replace(one, step="done", envelope=None)))
    return what
