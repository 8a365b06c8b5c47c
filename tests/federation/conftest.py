"""A real hub in the same process: what clients and connectors are tested against. No socket, no stand-in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from federation.client import HubClient
from federation.keys import OrganisationKeys, generate_keys
from federation.problems import Problem
from federation.scopes import ALL_SCOPES, format_scope
from hub.app import create_app
from hub.database import Database
from hub.services import clients
from hub.settings import load_settings
from tests.hub.people import TESTS, add_members

HUB = "http://127.0.0.1:8000"
Enrol = Callable[[str], str]


@pytest.fixture
def hub_people(sqlite_database: Database) -> Database:
    """The hub's database with four members that share with each other, and nobody in the pool yet."""
    sqlite_database.run(add_members)
    return sqlite_database


@pytest.fixture
def wire(hub_people: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """HTTP to that hub."""
    settings = load_settings({}, secret="s" * 40, issuer=HUB, instance_folder=str(tmp_path))
    with httpx.Client(transport=httpx.WSGITransport(app=create_app(settings, hub_people))) as http:
        yield http


@pytest.fixture
def enrol(hub_people: Database) -> Enrol:
    """Give a single-use enrolment token, as the operator would."""
    scope = format_scope(ALL_SCOPES)
    return lambda organisation: hub_people.run(
        lambda session: clients.issue_enrolment(session, TESTS, organisation, scope, 1)
    )


@pytest.fixture
def keys() -> OrganisationKeys:
    return generate_keys("eriec")


@pytest.fixture
def eriec(wire: httpx.Client, enrol: Callable[[str], str], keys: OrganisationKeys) -> HubClient:
    return HubClient.register(HUB, enrol("eriec"), keys.client, wire)


@pytest.fixture
def criec(wire: httpx.Client, enrol: Callable[[str], str]) -> HubClient:
    return HubClient.register(HUB, enrol("criec"), generate_keys("criec").client, wire)


def kind_of(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as refused:
        action()
    return refused.value.kind
