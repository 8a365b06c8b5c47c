"""Services called as their actor's organisation, as the doors do it: so that row-level security holds while they are tested."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import Session

import hub.services
from hub.reach import A_DOOR, THE_HUB, Acting, acting_for, declared
from hub.services import invitations, mentee_links, provider_identities
from hub.services.actors import Actor
from hub.services.mentee_links import Mentee

CALLED = "tests_service_called"


# Asked before anybody is known, as the first thing a door does.
AT_A_DOOR = (
    *(mentee_links.exchange, mentee_links.resume, mentee_links.leave),
    *(invitations.looked_up, invitations.take_up, invitations.digits),
    *(provider_identities.accept, provider_identities.bind),
)


def for_somebody() -> Iterator[tuple[ModuleType, str, Callable[..., Any]]]:
    """Every service that acts for somebody, or finds out for whom."""
    for found in pkgutil.iter_modules(hub.services.__path__, "hub.services."):
        module = import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            first, second = [*inspect.signature(function).parameters, "", ""][:2]
            if (first == "session" and second in {"actor", "mentee"}) or function in AT_A_DOOR:
                yield module, name, function


def acting(who: Actor | Mentee | str) -> Acting:
    """For whom the door lets this service act."""
    if isinstance(who, str):
        return A_DOOR
    actor = who if isinstance(who, Actor) else who.actor
    return THE_HUB if actor.role == "hub" else acting_for(actor.organisation_id)


def as_its_actor(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same service, within its actor's reach; what it calls itself stays within that."""

    @wraps(function)
    def called(session: Session, who: Actor | Mentee | str, *args: Any, **named: Any) -> Any:
        if session.info.get(CALLED):
            return function(session, who, *args, **named)
        session.info[CALLED] = True
        try:
            with declared(session, acting(who)):
                return function(session, who, *args, **named)
        finally:
            session.info[CALLED] = False

    return called


SERVICES = [(module, name, as_its_actor(function)) for module, name, function in for_somebody()]


@pytest.fixture(autouse=True)
def services_act_for_their_actors(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, service in SERVICES:
        monkeypatch.setattr(module, name, service)
