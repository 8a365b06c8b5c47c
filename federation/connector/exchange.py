"""The agency's side of a match: push, accept, seal, open. Whatever cannot be verified ends with nothing sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from federation import introductions
from federation.client import HubClient
from federation.connector.store import Store
from federation.keys import KeyView, Pins, generate_keys, issue_statement, safety_number, verify_chain
from federation.problems import Problem


@dataclass(frozen=True, slots=True)
class PushReport:
    """How many profiles the hub took, and what it said of those it did not (pseudonym, reason)."""

    taken: int
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExchangeReport:
    """Introductions that went well, by proposal (with the contact, where one was opened), and those that did not."""

    done: Mapping[str, dict[str, str]]
    failed: tuple[tuple[str, str], ...]


def register(
    store: Store, organisation: str, base_url: str, token: str, now: datetime, http: httpx.Client | None = None
) -> HubClient:
    """Make keys, register the client key, publish the next key statement, and keep everything.

    Keys that are here already are used again: another identity would be a hard stop at every organisation that pinned this one.

    Raises
    ------
    Problem
        ``conflict``: this folder belongs to another organisation; or the hub's refusal.
    """
    keys = store.keys if store.kept("keys") else generate_keys(organisation)
    if keys.organisation != organisation:
        raise Problem("conflict", f"This folder belongs to {keys.organisation}: choose another with --folder.")
    # Kept before the hub hears of them: what it registered must not be lost if we stop here.
    store.keep("keys", {"organisation": organisation, "jwks": keys.private_jwks()})
    client = HubClient.register(base_url, token, keys.client, http)
    store.keep("hub", {"base_url": base_url, "client_id": client.client_id})
    client.publish_keys(issue_statement(keys, client.keys(organisation), now))
    return client


def connect(store: Store, http: httpx.Client | None = None) -> HubClient:
    """Return the client of a registered store.

    Raises
    ------
    Problem
        ``bad-request``: not registered yet.
    """
    hub = store.kept("hub")
    if hub is None:
        raise Problem("bad-request", "This folder is not registered at a hub: run passerelle connector register first.")
    return HubClient(hub["base_url"], hub["client_id"], store.keys.client, http)


def push(store: Store, client: HubClient, advance: Callable[[], None] = lambda: None) -> PushReport:
    """Share everyone whose profile is not at the hub as it stands here. Interrupted, it goes on where it stopped."""
    waiting = list(store.waiting())
    taken, refused = 0, []
    for (pseudonym, profile), result in zip(waiting, client.share_profiles(waiting), strict=True):
        advance()
        if "receipt" in result:
            store.mark_pushed(pseudonym, profile)
            taken += 1
        else:
            refused.append((pseudonym, str(result["problem"]["detail"])))
    return PushReport(taken, tuple(refused))


def accept(store: Store, client: HubClient, proposal_id: str, now: datetime) -> dict[str, Any]:
    """Say a signed yes for our side, bound to the consent our person gave."""
    proposal = client.proposal(proposal_id)
    consent = _consent(store, proposal["my_pseudonym"])
    return client.accept(proposal_id, introductions.sign_acceptance(store.keys, proposal_id, consent, now))


def seal_due(store: Store, client: HubClient, now: datetime) -> ExchangeReport:
    """Seal every introduction that is ours to send and due. One that cannot be trusted is told and stops no other.

    Of an introduction that failed nothing was sent.
    """
    due = [
        one
        for one in client.introductions()
        if one["mine"] == "sender" and one["state"] == "due" and one["recipient"] in one["acceptances"]
    ]
    return _each(due, lambda one: _seal(store, client, one, now))


def _seal(store: Store, client: HubClient, due: Mapping[str, Any], now: datetime) -> dict[str, str]:
    person = store.person(due["my_pseudonym"])
    envelope = introductions.seal(
        person["contact"],
        store.keys,
        view_of(store, client, due["recipient"], now),
        due["proposal"],
        due["acceptances"][due["recipient"]],
        introductions.hash_consent(person["profile"]["consent"]),
        now,
    )
    client.put_envelope(due["proposal"], envelope)
    return {}


def open_delivered(store: Store, client: HubClient, now: datetime) -> ExchangeReport:
    """Open every introduction sealed for us and acknowledge it; ``done`` holds the contacts.

    One that cannot be trusted is told, not acknowledged, and stops no other.
    """
    waiting = [
        one for one in client.introductions() if one["mine"] == "recipient" and one["state"] in {"sealed", "delivered"}
    ]
    return _each(waiting, lambda one: _open(store, client, one, now))


def _open(store: Store, client: HubClient, waiting: Mapping[str, Any], now: datetime) -> dict[str, str]:
    proposal, envelope = str(waiting["proposal"]), client.envelope(waiting["proposal"])
    sender = view_of(store, client, waiting["sender"], now)
    own_yes = waiting["acceptances"].get(store.keys.organisation)
    if own_yes is None:
        raise Problem("invalid-signature", "The hub does not show our own signed acceptance: nothing was opened.")
    contact = introductions.open_introduction(envelope, store.keys, sender, proposal, own_yes, now)
    # Kept before it is acknowledged: the hub deletes its copy then, and a contact must not be lost in between.
    store.keep(f"introduction {proposal}", contact)
    client.acknowledge(proposal, introductions.sign_receipt(store.keys, proposal, envelope, now))
    return contact


def _each(found: Iterable[Mapping[str, Any]], act: Callable[[Mapping[str, Any]], dict[str, str]]) -> ExchangeReport:
    done: dict[str, dict[str, str]] = {}
    failed: list[tuple[str, str]] = []
    for one in found:
        try:
            done[str(one["proposal"])] = act(one)
        except Problem as problem:
            failed.append((str(one["proposal"]), problem.detail))
    return ExchangeReport(done, tuple(failed))


def view_of(store: Store, client: HubClient, organisation: str, now: datetime) -> KeyView:
    """Return another organisation's keys, verified along its chain and against the pin; pin it on first contact."""
    view = verify_chain(client.keys(organisation), now, organisation)
    pins: Pins = store.pins
    pins.check(view)
    store.keep("pins", {"identities": pins.identities, "heads": pins.heads})
    return view


def safety_number_with(store: Store, client: HubClient, organisation: str, now: datetime) -> str:
    """Return the number both sides read to each other on the phone."""
    return safety_number(store.keys.identity, view_of(store, client, organisation, now).identity)


def _consent(store: Store, pseudonym: str) -> str:
    return introductions.hash_consent(store.person(pseudonym)["profile"]["consent"])
