"""Somebody withdrew whose record this organisation saw: delete the contact that an introduction brought, then say so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from federation.client import HubClient
from federation.connector import accepted
from federation.connector.store import CONTACT, Store
from federation.problems import Problem

EVENT: Final = "profile.withdrawn"


def delete(store: Store, event: Mapping[str, Any]) -> list[str]:
    """Delete the contact of every proposal an event names; return the proposals that had one. Again, there are none left.

    Raises
    ------
    Problem
        ``bad-request``: the event cannot be read.
    """
    named = (event.get("data") or {}).get("proposals")
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise Problem("bad-request", "The hub's event of a withdrawal cannot be read: phone the operator.")
    held, said = store.contacts(), accepted.everything(store)
    found = [proposal for proposal in named if proposal in held]
    # A yes whose person is gone is over: nothing more is sealed, opened or asked after.
    over = [replace(said[one], step="done", envelope=None) for one in named if one in said]
    store.keep_all({name: kept for one in over for name, kept in accepted.as_kept(one).items()})
    store.forget([CONTACT + proposal for proposal in found])
    return found


def confirm(client: HubClient, event: Mapping[str, Any]) -> None:
    """Say that nothing is left, once it is deleted. Again is harmless: the hub keeps the first word.

    A notice the hub knows no more, since it lasts 90 days, needs none.

    Raises
    ------
    Problem
        ``scope-missing``: this system may not confirm.
    """
    try:
        client.acknowledge_withdrawal(str(event["subject"]).partition(":")[2])
    except Problem as problem:
        if problem.kind != "not-found":
            raise
