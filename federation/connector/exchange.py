"""The agency's side of a match: push, accept, seal, open. Whatever cannot be verified ends with nothing sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import httpx

from federation import introductions
from federation.client import HubClient, HubUnreachable
from federation.connector import accepted, following, keyring
from federation.connector.precision import Precision, read_precision
from federation.connector.store import CONTACT, Store
from federation.envelopes import digest
from federation.keys import generate_keys
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

    def __add__(self, other: "ExchangeReport") -> "ExchangeReport":
        """Return both in one."""
        return ExchangeReport({**self.done, **other.done}, (*self.failed, *other.failed))


def register(
    store: Store, organisation: str, base_url: str, token: str, now: datetime, http: httpx.Client | None = None
) -> HubClient:
    """Make keys, register the client key, publish the next key statement, and keep everything.

    Keys that are here already are used again: another identity would be a hard stop at every organisation that pinned this one.

    Raises
    ------
    Problem
        ``conflict``: this folder belongs to another organisation; ``key-chain-broken``: the organisation published keys that
        this folder does not know; or the hub's refusal.
    """
    keys = store.keys if store.kept("keys") else generate_keys(organisation)
    if keys.organisation != organisation:
        raise Problem("conflict", f"This folder belongs to {keys.organisation}: choose another with --folder.")
    # Kept before the hub hears of them: what it registered must not be lost if we stop here.
    keyring.keep_keys(store, keys)
    client = HubClient.register(base_url, token, keys.client, http)
    store.keep("hub", {"base_url": base_url, "client_id": client.client_id})
    keyring.publish_next(store, client, keys, now)
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


def precision(store: Store, http: httpx.Client | None = None) -> Precision:
    """Return how many digits the hub's programs need, as it says now or said last; four as long as it was never asked."""
    try:
        with connect(store, http) as client:
            found = read_precision(client.resource_metadata())
    except (HubUnreachable, Problem):
        return Precision(store.kept("occupation digits") or {})
    store.keep("occupation digits", dict(found.digits))
    return found


def push(store: Store, client: HubClient, advance: Callable[[], None] = lambda: None) -> PushReport:
    """Share everyone whose profile is not at the hub as it stands here. Interrupted, it goes on where it stopped."""
    waiting = list(store.waiting())
    taken, refused = 0, []
    for (pseudonym, profile), result in zip(waiting, client.share_profiles(waiting), strict=True):
        advance()
        if "receipt" in result:
            store.mark_pushed(pseudonym, profile, result["receipt"].get("reference"))
            taken += 1
        else:
            refused.append((pseudonym, str(result["problem"]["detail"])))
    return PushReport(taken, tuple(refused))


def accept(store: Store, client: HubClient, proposal_id: str, now: datetime) -> dict[str, Any]:
    """Say a signed yes for our side, bound to the other organisation and to the consent our person gave.

    What we said yes to is kept before the hub hears of it: sealing and opening go by that, not by what the hub says later.

    Raises
    ------
    Problem
        ``invalid-signature``: the hub shows another proposal than was asked for, or than we said yes to before.
        ``key-chain-broken``: it shows another chain of ours. ``no-longer-available``: the consent is over.
    """
    proposal = client.proposal(proposal_id)
    said = accepted.of_proposal(store, proposal_id, proposal, now)
    if said.acceptance is None:
        yes = introductions.sign_acceptance(
            store.keys, said.counterpart, proposal_id, said.consent, keyring.own_head(store, client), now
        )
        said = replace(said, acceptance=yes)
        accepted.keep(store, said)
    return client.accept(proposal_id, said.acceptance)


def seal_due(store: Store, client: HubClient, now: datetime) -> ExchangeReport:
    """Seal every introduction that is ours to send and due. One that cannot be trusted is told and stops no other.

    Of an introduction that failed nothing was sent. Introductions that went missing on the way are told too.
    """
    shown = following.shown_to(store, client, "sender")
    report = _each((one for one in shown if one["state"] == "due"), lambda one: _seal(store, client, one, now))
    return with_missing(report, following.missing_of_sender(store, client, shown, now))


def _seal(store: Store, client: HubClient, due: Mapping[str, Any], now: datetime) -> dict[str, str]:
    said = accepted.agreeing(store, due)
    if said.step == "sent":
        raise Problem("conflict", "It was sealed and taken already, and the hub asks for it again: phone the operator.")
    person = accepted.person_as_agreed(store, said, now)
    recipient = keyring.trusted_view_of(store, client, said.counterpart, now)
    keyring.require_agreed_since(store, said.counterpart, said.said_at)
    yes = due["acceptances"].get(said.counterpart)
    if yes is None:
        raise Problem(
            "invalid-signature", f"{said.counterpart} has not signed its yes yet: ask them to, then try again."
        )
    introductions.verify_acceptance(yes, recipient, said.proposal, store.keys.organisation, now)
    if said.envelope is None:
        envelope = introductions.seal(person["contact"], store.keys, recipient, said.proposal, yes, said.consent, now)
        # Kept before it is sent: if the answer is lost, the same envelope goes again, and never a second one.
        said = replace(said, step="sealed", envelope=envelope)
        accepted.keep(store, said)
    client.put_envelope(said.proposal, str(said.envelope))
    accepted.keep(store, replace(said, step="sent", moved_at=int(now.timestamp())))
    return {}


def open_delivered(store: Store, client: HubClient, now: datetime) -> ExchangeReport:
    """Open every introduction sealed for us and acknowledge it; ``done`` holds the contacts.

    One that cannot be trusted is told, not acknowledged, and stops no other. Introductions that went missing are told too.
    """
    shown = following.shown_to(store, client, "recipient")
    waiting = (one for one in shown if one["state"] in {"sealed", "delivered"})
    report = _each(waiting, lambda one: _open(store, client, one, now))
    return with_missing(report, following.missing_of_recipient(store, client, shown, now))


def _open(store: Store, client: HubClient, waiting: Mapping[str, Any], now: datetime) -> dict[str, str]:
    said = accepted.agreeing(store, waiting)
    sender = keyring.trusted_view_of(store, client, said.counterpart, now)
    keyring.require_agreed_since(store, said.counterpart, said.said_at)
    envelope = client.envelope(said.proposal)
    if said.step == "done" or (said.envelope and said.envelope != digest(envelope)):
        raise Problem("conflict", "It was opened already, and the hub sends it or another again. Nothing was shown.")
    if said.envelope:
        contact = store.contacts()[said.proposal]
    else:
        own_yes = str(said.acceptance)
        contact = introductions.open_introduction(envelope, store.keys, sender, said.proposal, own_yes, now)
        said = replace(said, step="opened", envelope=digest(envelope), moved_at=int(now.timestamp()))
        # Kept before it is acknowledged: the hub deletes its copy then, and a contact must not be lost in between.
        store.keep_all({CONTACT + said.proposal: contact, **accepted.as_kept(said)})
    client.acknowledge(said.proposal, introductions.sign_receipt(store.keys, said.proposal, envelope, now))
    accepted.keep(store, replace(said, step="done"))
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


def with_missing(report: ExchangeReport, missing: list[tuple[str, str]]) -> ExchangeReport:
    """Add what is missing; of an introduction that failed already once is enough."""
    told = {proposal for proposal, _ in report.failed}
    return ExchangeReport(report.done, (*report.failed, *(one for one in missing if one[0] not in told)))
