"""Whose keys an agency trusts, and its own: what the hub shows is checked against what this folder remembers."""

from datetime import datetime

from federation.client import HubClient
from federation.connector.replacing import look_at
from federation.connector.store import Store
from federation.key_chains import KeyView, issue_statement, read_chain, statement_hash, verify_chain
from federation.keys import OrganisationKeys, safety_number, same_number
from federation.problems import Problem


def keep_keys(store: Store, keys: OrganisationKeys) -> None:
    """Keep our private keys, those given up included."""
    store.keep("keys", _keys_as_kept(keys))


def publish_next(store: Store, client: HubClient, keys: OrganisationKeys, now: datetime) -> None:
    """Sign the next statement of our chain for these keys, keep both, then publish.

    Kept first: stopped in between, :func:`own_chain` publishes it the next time.

    Raises
    ------
    Problem
        ``key-chain-broken``: the hub shows another chain of ours than we published.
    """
    earlier = own_chain(store, client)
    statements = [*earlier, issue_statement(keys, earlier, now)]
    store.keep_all({"keys": _keys_as_kept(keys), "statements": statements})
    client.publish_keys(statements[-1])


def rotate(store: Store, client: HubClient, now: datetime) -> KeyView:
    """Take a fresh encryption key, publish it, and return what others see; the old key opens what is under way.

    Raises
    ------
    Problem
        ``key-chain-broken``: the hub shows another chain of ours than we published.
    """
    publish_next(store, client, store.keys.rotated(now), now)
    return verify_chain(own_chain(store, client), now, store.keys.organisation)


def days_left(store: Store, now: datetime) -> int | None:
    """Return how many whole days others still take our keys, by our newest statement; below 0 they are refused already.

    Nothing when no statement was published yet.
    """
    own: list[str] = store.kept("statements") or []
    if not own:
        return None
    ends = read_chain(own, store.keys.organisation).reigns[-1].dates[1]
    return int(ends - now.timestamp()) // 86_400


def own_chain(store: Store, client: HubClient) -> list[str]:
    """Return our key statements as this folder remembers them, once the hub shows the same.

    The hub's word is not enough to go on from: on a chain that it cut short we would sign a fork, and each half would look
    genuine to somebody.

    Raises
    ------
    Problem
        ``key-chain-broken``.
    """
    own: list[str] = store.kept("statements") or []
    shown = client.keys(store.keys.organisation)
    if own and shown == own[:-1]:
        client.publish_keys(own[-1])
    elif own and shown != own and shown[: len(own)] == own:
        raise Problem(
            "key-chain-broken",
            "The hub shows a statement of ours that this folder did not make. If it replaces our identity key and nobody here "
            "lost it: passerelle connector lost-key object, within 72 hours, and phone the operator and every organisation you "
            "exchange with. Else this is not the newest copy of the folder.",
        )
    elif shown != own:
        raise Problem(
            "key-chain-broken",
            "The hub does not show our key statements as this folder published them. Stop, and phone the operator: either "
            "the hub changed them, or this is not the newest copy of the folder, or its identity key is a new one because the "
            "old one is lost: passerelle connector lost-key start",
        )
    return own


def own_head(store: Store, client: HubClient) -> str:
    """Return the hash of our newest statement, to name in an acceptance.

    Raises
    ------
    Problem
        ``key-chain-broken``: the hub shows another chain, or there is none.
    """
    chain = own_chain(store, client)
    if not chain:
        raise Problem("key-chain-broken", "This folder published no keys yet: run passerelle connector rotate-keys.")
    return statement_hash(chain[-1])


def view_of(store: Store, client: HubClient, organisation: str, now: datetime) -> KeyView:
    """Return another organisation's keys, verified along its chain and against the pin; pin it on first contact.

    Raises
    ------
    Problem
        ``key-chain-broken``: its identity key is to be replaced, and nobody confirmed the new one yet.
    """
    look = look_at(store, client, organisation, now)
    if look.waits:
        raise Problem("key-chain-broken", look.pins.words(organisation))
    return look.chain.view(now)


def trusted_view_of(store: Store, client: HubClient, organisation: str, now: datetime) -> KeyView:
    """Return the keys of an organisation whose safety number was compared: the only ones to seal for or to open from."""
    view = view_of(store, client, organisation, now)
    store.pins.require_compared(view)
    return view


def require_agreed_since(store: Store, organisation: str, said_at: int) -> None:
    """Refuse what was agreed under keys that were lost and replaced since: nothing under way moves to the new ones.

    Raises
    ------
    Problem
        ``no-longer-available``.
    """
    if said_at < store.pins.moved.get(organisation, 0):
        raise Problem(
            "no-longer-available",
            f"This side said yes before {organisation} replaced its lost identity key: withdraw the proposal, and ask again.",
        )


def safety_number_with(store: Store, client: HubClient, organisation: str, now: datetime) -> str:
    """Return the number both sides read to each other on the phone; with the new identity, as soon as one waits."""
    return safety_number(store.keys.identity, look_at(store, client, organisation, now).identity)


def confirm_safety_number(store: Store, client: HubClient, organisation: str, heard: str, now: datetime) -> None:
    """Note that the other side read the same number to us; spaces do not count. A pin moves here, and nowhere else.

    Raises
    ------
    Problem
        ``invalid-signature``: it is another number, and nothing is noted. ``illegal-move``: it is the number of a new identity
        that was first seen here less than 72 hours ago.
    """
    look = look_at(store, client, organisation, now)
    if not same_number(heard, safety_number(store.keys.identity, look.identity)):
        raise Problem(
            "invalid-signature",
            f"The numbers differ. Read them once more; if they still differ, somebody swapped a key between you and "
            f"{organisation}: send nothing over this hub, and tell the operator and them.",
        )
    look.pins.confirm(organisation, look.identity, now)
    store.keep_pins(look.pins)


def _keys_as_kept(keys: OrganisationKeys) -> dict[str, object]:
    return {"organisation": keys.organisation, "jwks": keys.private_jwks(), "retired": keys.retired_jwks()}
