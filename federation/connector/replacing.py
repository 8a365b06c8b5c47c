"""Another organisation's keys as this folder sees them: in force, or waiting because an identity is to be replaced."""

from dataclasses import dataclass
from datetime import datetime

from joserfc.jwk import OKPKey

from federation.client import HubClient
from federation.connector.store import Store
from federation.key_chains import KeyChain, Reign, read_chain
from federation.keys import same_number
from federation.operator_keys import Operator, read_announcement
from federation.pins import Pins
from federation.problems import Problem
from federation.replacements import Vouched, read_vouched, verify_member, verify_operator


@dataclass(frozen=True)
class Look:
    """A chain that does not contradict the pin, and the pins after it; ``waits``: its newest identity is not taken yet."""

    chain: KeyChain
    pins: Pins
    waits: bool

    @property
    def identity(self) -> OKPKey:
        """The newest identity: whose number is read by phone, also as long as it waits."""
        return self.chain.reigns[-1].identity


def look_at(store: Store, client: HubClient, organisation: str, now: datetime) -> Look:
    """Fetch a chain, check it against the pin and, when it replaces the identity, the countersignatures; keep what was seen.

    The 72 hours run from the first look at a replacement whose countersignatures hold.

    Raises
    ------
    Problem
        As :func:`federation.key_chains.read_chain`, :meth:`federation.pins.Pins.check`,
        :func:`federation.replacements.read_vouched`, :func:`federation.replacements.verify_member`.
    """
    chain, pins = read_chain(client.keys(organisation), organisation), store.pins
    waiting = pins.check(chain)
    if waiting is not None and not pins.is_new(organisation):
        _require_vouched(store, client, pins, waiting, organisation, now)
    pins.follow(chain, waiting, now)
    store.keep_pins(pins)
    return Look(chain, pins, waiting is not None)


def pin_operator(store: Store, announcement: str, heard: str, *, replace: bool = False) -> Operator:
    """Pin the operator's key once its number was heard or read on paper.

    Raises
    ------
    Problem
        ``invalid-signature``: another number. ``conflict``: another key is pinned, and ``replace`` is not said.
    """
    operator, pins = read_announcement(announcement), store.pins
    require_heard(heard, operator.number)
    if pins.operator not in {None, operator.announcement} and not replace:
        raise Problem(
            "conflict", "Another operator key is pinned: phone them; only if they made a new one, use --replace."
        )
    pins.operator = operator.announcement
    store.keep_pins(pins)
    return operator


def operator_of(pins: Pins) -> Operator:
    """Return the operator whose key is pinned.

    Raises
    ------
    Problem
        ``not-found``: none is.
    """
    if pins.operator is None:
        raise Problem(
            "not-found",
            "No operator key is pinned here: get the operator's announcement and its number, not by way of the hub, and run "
            "passerelle connector operator-key FILE --heard NUMBER.",
        )
    return read_announcement(pins.operator)


def require_heard(heard: str, number: str) -> None:
    """Refuse a number that is not the one of the text at hand.

    Raises
    ------
    Problem
        ``invalid-signature``.
    """
    if not same_number(heard, number):
        raise Problem(
            "invalid-signature", "The numbers differ: this is not the text they hold. Nothing was signed or kept."
        )


def _require_vouched(
    store: Store, client: HubClient, pins: Pins, waiting: Reign, organisation: str, now: datetime
) -> None:
    try:
        vouched = read_vouched(str(waiting.replacement))
        operator = operator_of(pins)
        verify_operator(vouched, operator)
        _require_member(store, client, pins, vouched, operator, now)
    except Problem as problem:
        said = f"The hub shows another identity key of {organisation} that is not to be believed. {problem.detail}"
        raise Problem(problem.kind, said) from problem


def _require_member(
    store: Store, client: HubClient, pins: Pins, vouched: Vouched, operator: Operator, now: datetime
) -> None:
    chain = read_chain(client.keys(vouched.by), vouched.by)
    if vouched.by == store.keys.organisation:
        identity = store.keys.identity
    elif vouched.by == vouched.organisation:
        identity = vouched.identity
    else:
        identity = pins.trusted_to_vouch(chain, now)
    verify_member(vouched, chain, identity, operator)
