"""Two agencies with real connectors and a real hub between them, and a third that may be in league with the hub."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from federation.connector.replacing import pin_operator
from federation.operator_keys import read_announcement
from federation.scopes import ALL_SCOPES, format_scope
from hub.app import create_app
from hub.database import Database
from hub.services import clients
from hub.settings import load_settings
from tests.attacks.gatherers import CIRCLE, PAIR, Gatherers, gather
from tests.attacks.lost_identity import ANNOUNCEMENT, Lost, start_over
from tests.attacks.lying_hub import HUB, LyingHub, Member
from tests.attacks.two_agencies import AMINA, BAHAR, OMAR, Agencies
from tests.hub.people import TESTS, add_members, mentee, mentor


@pytest.fixture
def hub_app(sqlite_database: Database, tmp_path: Path) -> Flask:
    sqlite_database.run(add_members)
    settings = load_settings({}, secret="s" * 40, issuer=HUB, instance_folder=str(tmp_path))
    return create_app(settings, sqlite_database)


@pytest.fixture
def join_hub(hub_app: Flask, sqlite_database: Database, tmp_path: Path) -> Callable[[str], Member]:
    """Let an organisation register and publish its keys."""
    scope = format_scope(ALL_SCOPES)

    def join(name: str) -> Member:
        token = sqlite_database.run(lambda session: clients.issue_enrolment(session, TESTS, name, scope, 1))
        return Member.join(name, hub_app, token, tmp_path)

    return join


@pytest.fixture
def strangers(join_hub: Callable[[str], Member]) -> Agencies:
    """Agencies that never looked at each other's keys."""
    eriec, criec = join_hub("eriec"), join_hub("criec")
    criec.share(OMAR, mentor(seats=2))
    amina, bahar = eriec.share(AMINA, mentee()), eriec.share(BAHAR, mentee())
    return Agencies(eriec, criec, amina, bahar, eriec.propose(amina))


@pytest.fixture
def agencies(strangers: Agencies) -> Agencies:
    """Agencies that compared their safety number by phone."""
    strangers.compare()
    return strangers


@pytest.fixture
def lost(
    agencies: Agencies, join_hub: Callable[[str], Member], hub_app: Flask, sqlite_database: Database, tmp_path: Path
) -> Lost:
    """criec lost its identity key, and nobody asked for its replacement yet."""
    agencies.agree()
    arec = join_hub("arec")
    for one, other in ((arec, agencies.eriec), (agencies.eriec, arec)):
        one.reads_to(other)
    for member in (arec, agencies.eriec, agencies.criec):
        pin_operator(member.store, ANNOUNCEMENT, read_announcement(ANNOUNCEMENT).number)
    scope = format_scope(ALL_SCOPES)
    token = sqlite_database.run(lambda session: clients.issue_enrolment(session, TESTS, "criec", scope, 1))
    return Lost(agencies, arec, start_over(agencies.criec, LyingHub(hub_app), token, tmp_path / "criec-anew"))


@pytest.fixture
def pair(sqlite_database: Database, join_hub: Callable[[str], Member]) -> Gatherers:
    """A pair of ERIEC's and CRIEC's, who compared their safety number; nobody said yes yet."""
    found = gather(sqlite_database, {name: join_hub(name) for name in ("eriec", "criec")}, "pair", PAIR)
    found.compare()
    return found


@pytest.fixture
def circle(sqlite_database: Database, join_hub: Callable[[str], Member]) -> Gatherers:
    found = gather(sqlite_database, {name: join_hub(name) for name in ("eriec", "criec", "arec")}, "circle", CIRCLE)
    found.compare()
    return found
