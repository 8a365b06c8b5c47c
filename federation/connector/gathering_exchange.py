"""The agency's side of a group, pair or circle: say yes, seal, open. Whatever cannot be verified ends with nothing sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from federation.client import HubClient
from federation.connector import gathered, gathering_following, keyring
from federation.connector.exchange import ExchangeReport, with_missing
from federation.connector.gathered import CONTACT, Carried, Gathered
from federation.connector.store import Store
from federation.envelopes import digest
from federation.gathering_introductions import Occasion, open_gathered, seal_gathered, sign_gathered_receipt
from federation.gathering_yes import introduced_by, meets, sign_yes, verify_yes
from federation.key_chains import KeyView
from federation.problems import Problem

Done = dict[str, dict[str, str]]
Views = dict[str, KeyView]


def accept(store: Store, client: HubClient, gathering_id: str, now: datetime) -> dict[str, Any]:
    """Say a signed yes for our people, bound to every organisation in it and to the consents our people gave.

    What we said yes to is kept before the hub hears of it: sealing and opening go by that, not by what the hub says later.

    Raises
    ------
    Problem
        As :func:`federation.connector.gathered.of_question`; ``key-chain-broken``: the hub shows another chain of ours.
    """
    said = gathered.of_question(store, gathering_id, client.gathering_question(gathering_id), now)
    if said.acceptance is None:
        head = keyring.own_head(store, client)
        said = replace(said, acceptance=sign_yes(store.keys, said.question, said.commitments(), head, now))
        gathered.keep(store, said)
    return client.sign_gathering(gathering_id, str(said.acceptance))


def is_gathering(client: HubClient, identifier: str) -> bool:
    """Whether the hub knows an id as that of a group, pair or circle of ours; a yes to one is none to a proposal."""
    try:
        client.gathering_question(identifier)
    except Problem as problem:
        if problem.kind == "not-found":
            return False
        raise
    return True


def seal_due(store: Store, client: HubClient, now: datetime) -> ExchangeReport:
    """Seal every introduction in groups, pairs and circles that is ours to send and due; ``done`` is by person and recipient.

    One that cannot be trusted is told and stops no other; of it nothing was sent. What went missing on the way is told too.
    """
    shown = gathering_following.shown_to(store, client, "sender")
    verified: dict[str, Views] = {}
    due = (one for one in shown if one["state"] == "due")
    report = _each(due, lambda one: _seal(store, client, one, verified, now))
    return with_missing(report, gathering_following.missing(store, client, shown, "sent", now))


def _seal(store: Store, client: HubClient, due: Mapping[str, Any], verified: dict[str, Views], now: datetime) -> Done:
    said = gathered.agreeing(store, due)
    recipient = str(due["recipient"])
    sent = gathered.carried(store, said, recipient, "sent")
    if sent.step in {"sent", "done"}:
        raise Problem("conflict", "It was sealed and taken already, and the hub asks for it again: phone the operator.")
    people = gathered.people_as_agreed(store, said, now)
    views = verified.setdefault(sent.gathering, {})
    if not views:
        views |= _verified_by_all(store, client, said, due["acceptances"], now)
    if sent.envelope is None:
        occasion = Occasion(said.question, str(said.acceptance), _yes_of(due["acceptances"], recipient))
        salt = said.salts[introduced_by(said.question, store.keys.organisation)]
        envelope = seal_gathered(people, salt, store.keys, views[recipient], occasion, now)
        # Kept before it is sent: if the answer is lost, the same envelope goes again, and never a second one.
        sent = replace(sent, step="sealed", envelope=envelope)
        store.keep_all(gathered.as_kept(sent))
    client.put_gathering_envelope(sent.gathering, recipient, str(sent.envelope))
    store.keep_all(gathered.as_kept(replace(sent, step="sent", moved_at=int(now.timestamp()))))
    return {f"{sent.name} {one.place}": {} for one in people}


def open_delivered(store: Store, client: HubClient, now: datetime) -> ExchangeReport:
    """Open every introduction sealed for us in groups, pairs and circles and acknowledge it; ``done`` holds the contacts.

    One that cannot be trusted is told, not acknowledged, and stops no other. What went missing is told too.
    """
    shown = gathering_following.shown_to(store, client, "recipient")
    waiting = (one for one in shown if one["state"] in {"sealed", "delivered"})
    report = _each(waiting, lambda one: _open(store, client, one, now))
    return with_missing(report, gathering_following.missing(store, client, shown, "received", now))


def _open(store: Store, client: HubClient, waiting: Mapping[str, Any], now: datetime) -> Done:
    said = gathered.agreeing(store, waiting)
    received = gathered.carried(store, said, str(waiting["sender"]), "received")
    sender = _view_of(store, client, said, received.organisation, now)
    envelope = client.gathering_envelope(received.gathering, received.organisation)
    if received.step == "done" or (received.envelope and received.envelope != digest(envelope)):
        raise Problem("conflict", "It was opened already, and the hub sends it or another again. Nothing was shown.")
    if received.envelope:
        contacts = _contacts(store, received)
    else:
        occasion = Occasion(said.question, _yes_of(waiting["acceptances"], received.organisation), str(said.acceptance))
        opened = open_gathered(envelope, store.keys, sender, occasion, now)
        contacts = {f"{received.name} {place}": contact for place, contact in opened.items()}
        received = replace(received, step="opened", envelope=digest(envelope), moved_at=int(now.timestamp()))
        # Kept before it is acknowledged: the hub deletes its copy then, and a contact must not be lost in between.
        kept = {CONTACT + name: contact for name, contact in contacts.items()}
        store.keep_all(kept | gathered.as_kept(received))
    receipt = sign_gathered_receipt(store.keys, received.organisation, received.gathering, envelope, now)
    client.acknowledge_gathering(received.gathering, received.organisation, receipt)
    store.keep_all(gathered.as_kept(replace(received, step="done")))
    return contacts


def _contacts(store: Store, received: Carried) -> Done:
    return {name: one for name, one in gathered.contacts(store).items() if name.startswith(f"{received.name} ")}


def _verified_by_all(
    store: Store, client: HubClient, said: Gathered, acceptances: Mapping[str, Any], now: datetime
) -> Views:
    """Verify the signed yes of every other organisation in it, and return their keys: nothing is sealed before all agreed."""
    views = {}
    for organisation in sorted(set(said.question.organisations) - {store.keys.organisation}):
        views[organisation] = _view_of(store, client, said, organisation, now)
        verify_yes(_yes_of(acceptances, organisation), views[organisation], said.question, now)
    return views


def _view_of(store: Store, client: HubClient, said: Gathered, organisation: str, now: datetime) -> KeyView:
    """Return an organisation's keys: compared by phone where contacts pass between us, as pinned where none do."""
    keyring.require_agreed_since(store, organisation, said.said_at)
    if organisation in meets(said.question, store.keys.organisation):
        return keyring.trusted_view_of(store, client, organisation, now)
    return keyring.view_of(store, client, organisation, now)


def _yes_of(acceptances: Mapping[str, Any], organisation: str) -> str:
    yes = acceptances.get(organisation)
    if not isinstance(yes, str):
        raise Problem("invalid-signature", f"{organisation} has not signed its yes yet: ask them to, then try again.")
    return yes


def _each(found: Iterable[Mapping[str, Any]], act: Callable[[Mapping[str, Any]], Done]) -> ExchangeReport:
    done: Done = {}
    failed: list[tuple[str, str]] = []
    for one in found:
        try:
            done |= act(one)
        except Problem as problem:
            failed.append((f"{one['gathering']} {gathered.other_side(one)}", problem.detail))
    return ExchangeReport(done, tuple(failed))
