"""Somebody withdrew whose record this organisation saw: delete the contact that an introduction brought, then say so."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeGuard

from federation.client import HubClient
from federation.connector import accepted, gathered
from federation.connector.store import CONTACT, Store
from federation.problems import Problem

EVENT: Final = "profile.withdrawn"


def delete(store: Store, event: Mapping[str, Any]) -> list[str]:
    """Delete the contact of every proposal and of every place an event names; return the names contacts had here.

    Again, there are none left.

    Raises
    ------
    Problem
        ``bad-request``: the event cannot be read.
    """
    data = event.get("data") or {}
    # A hub that knows of no introductions in gatherings names no places.
    named, places = data.get("proposals"), data.get("places", [])
    if not (_is_names(named) and _is_names(places)):
        raise Problem("bad-request", "The hub's event of a withdrawal cannot be read: phone the operator.")
    held, said = store.contacts(), accepted.everything(store)
    found = [proposal for proposal in named if proposal in held]
    # A yes whose person is gone is over: nothing more is sealed, opened or asked after.
    over = [replace(said[one], step="done", envelope=None) for one in named if one in said]
    store.keep_all({name: kept for one in over for name, kept in accepted.as_kept(one).items()})
    # The last part of a contact's name is its place (federation.connector.gathered).
    gone = [name for name in gathered.contacts(store) if name.rpartition(" ")[2] in places]
    store.forget([*(CONTACT + proposal for proposal in found), *(gathered.CONTACT + name for name in gone)])
    return found + gone


def _is_names(some: Any) -> TypeGuard[list[str]]:
    return isinstance(some, list) and all(isinstance(one, str) for one in some)


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
