"""A lost identity key: ask for its replacement, vouch for another's, object to one of our own, and watch for them."""

from datetime import datetime
from typing import Final

from federation.client import HubClient
from federation.connector import keyring
from federation.connector.replacing import look_at, operator_of, require_heard
from federation.connector.store import Store
from federation.key_chains import JOINED, read_chain
from federation.problems import Problem
from federation.replacements import (
    countersign,
    issue_objection,
    issue_replacement,
    read_replacement,
    read_vouched,
    replacement_number,
    verify_member,
    verify_operator,
)

ASKED: Final = "replacement"


def start(store: Store, client: HubClient, now: datetime, *, instead: bool = False) -> str:
    """Sign a replacement of our identity at the hub by the one of this folder, keep it and return it, to be countersigned.

    ``instead``: of another replacement that ends our chain and is not ours.

    Raises
    ------
    Problem
        ``conflict``: there is nothing to replace.
    """
    text = issue_replacement(store.keys, client.keys(store.keys.organisation), now, instead=instead)
    store.keep(ASKED, text)
    return text


def vouch(store: Store, client: HubClient, text: str, heard: str, now: datetime) -> str:
    """Return another member's replacement with our countersignature.

    Raises
    ------
    Problem
        ``invalid-signature``: its number was not heard, or it contradicts our pin. ``key-chain-broken``: it does not follow
        the chain that the hub shows. ``not-allowed``: it is our own.
    """
    require_heard(heard, replacement_number(text))
    organisation = str(read_replacement(text).get("organisation"))
    if organisation == store.keys.organisation:
        raise Problem("not-allowed", "An organisation does not countersign its own replacement: ask another member.")
    signed = countersign(store.keys, text, keyring.own_head(store, client), now)
    store.pins.check(read_chain([*client.keys(organisation), text], organisation))
    return signed


def publish(store: Store, client: HubClient, text: str) -> None:
    """Publish our replacement with its countersignatures, after checking them as others will.

    Raises
    ------
    Problem
        ``bad-request``: it is not the one this folder signed; ``not-found``: no operator key is pinned; or what is wrong with a
        countersignature.
    """
    if text.partition(JOINED)[0] != store.kept(ASKED):
        raise Problem("bad-request", "This is not the replacement that this folder signed last: start again.")
    vouched, operator = read_vouched(text), operator_of(store.pins)
    verify_operator(vouched, operator)
    countersigner = read_chain(client.keys(vouched.by), vouched.by)
    verify_member(vouched, countersigner, countersigner.reigns[-1].identity, operator)
    shown = client.keys(store.keys.organisation)
    read_chain([*shown, text], store.keys.organisation)
    # Kept first: stopped in between, keyring.own_chain publishes it the next time.
    store.keep("statements", [*shown, text])
    client.publish_keys(text)


def object_to(store: Store, client: HubClient, now: datetime) -> None:
    """End a replacement of our identity that we did not ask for, by a statement under the identity of this folder.

    Raises
    ------
    Problem
        ``not-found``: there is none. ``key-chain-broken``: the hub shows another chain of ours than we published.
        ``illegal-move``: the hub says that the 72 hours are over; others may have confirmed it by phone.
    """
    own: list[str] = store.kept("statements") or []
    shown = client.keys(store.keys.organisation)
    if shown[: len(own)] != own:
        keyring.own_chain(store, client)
    objection = issue_objection(store.keys, shown, now)
    # Kept first: stopped in between, keyring.own_chain publishes it the next time.
    store.keep("statements", [*shown, objection])
    try:
        client.publish_keys(objection)
    except Problem:
        store.keep("statements", own)
        raise


def watch(store: Store, client: HubClient, now: datetime) -> list[str]:
    """Look at our own chain and at that of everyone whose identity is pinned; return what somebody has to know or do.

    Cost: one request each.
    """
    said = []
    try:
        keyring.own_chain(store, client)
    except Problem as problem:
        if problem.kind == "scope-missing":
            return ["The key statements were not looked at: this system has not the scope organisations:read."]
        said.append(problem.detail)
    for organisation in sorted(store.pins.identities):
        said.extend(_watch_one(store, client, organisation, now))
    return said


def _watch_one(store: Store, client: HubClient, organisation: str, now: datetime) -> list[str]:
    waited = organisation in store.pins.seen
    try:
        look = look_at(store, client, organisation, now)
    except Problem as problem:
        return [f"{organisation}: {problem.detail}"]
    if look.waits:
        return [look.pins.words(organisation)]
    if waited:
        return [
            f"{organisation} objected to the replacement of its identity key: the old one stays in force. Phone them."
        ]
    return []
