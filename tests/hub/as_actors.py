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
from hub.reach import THE_HUB, acting_for, declared
from hub.services.actors import Actor

CALLED = "tests_service_called"


def for_session_and_actor() -> Iterator[tuple[ModuleType, str, Callable[..., Any]]]:
    """Every service that acts for somebody."""
    for found in pkgutil.iter_modules(hub.services.__path__, "hub.services."):
        module = import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and [*inspect.signature(function).parameters][:2] == [
                "session",
                "actor",
            ]:
                yield module, name, function


def as_its_actor(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same service, within its actor's reach; what it calls itself stays within that."""

    @wraps(function)
    def called(session: Session, actor: Actor, *args: Any, **named: Any) -> Any:
        if session.info.get(CALLED):
            return function(session, actor, *args, **named)
        acting = THE_HUB if actor.role == "hub" else acting_for(actor.organisation_id)
        session.info[CALLED] = True
        try:
            with declared(session, acting):
                return function(session, actor, *args, **named)
        finally:
            session.info[CALLED] = False

    return called


SERVICES = [
    (module, name, as_its_actor(function))
    for module, name, function in for_session_and_actor()
    if not name.startswith("_")
]


@pytest.fixture(autouse=True)
def services_act_for_their_actors(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, service in SERVICES:
        monkeypatch.setattr(module, name, service)
