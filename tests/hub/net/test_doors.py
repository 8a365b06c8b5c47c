"""Behind a real door, a service that forgets the organisation shows nothing of another's: layer 1 bypassed, layer 2 holds."""

from typing import Any

import pytest
from flask import Flask, jsonify
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from hub.access.context import database
from hub.access.policy import Operation, public, requires
from hub.app import create_app
from hub.database import Database
from hub.models import Profile
from hub.reach import NOBODY
from hub.services import profiles
from hub.settings import Settings
from tests.hub.doors import System, empty_database, eriec, http, hub_database, hub_settings, pin
from tests.hub.people import mentee, share, system

__all__ = ["empty_database", "eriec", "http", "hub_database", "hub_settings", "pin"]
pytestmark = pytest.mark.parametrize("hub_database", ["postgresql"], indirect=True)
FORGETFUL = "/api/v1/forgetful"


def everybody(session: Session) -> list[str]:
    return sorted(session.scalars(select(Profile.pseudonym)))


def look() -> Any:
    """Everybody there is, by a query that names no organisation, and by one in plain SQL."""
    with database().reading() as session:
        return jsonify([everybody(session), sorted(session.scalars(text("SELECT pseudonym FROM profile")))])


def change() -> Any:
    """Change everybody."""
    return jsonify(database().run(lambda session: session.execute(update(Profile).values(noc="0000")).rowcount))


def look_for_another() -> Any:
    """What another organisation would see."""
    with database().reading() as session:
        return jsonify([one.pseudonym for one in profiles.own(session, system("pin-afghan"))])


@pytest.fixture
def hub_app(hub_settings: Settings, hub_database: Database) -> Flask:
    app = create_app(hub_settings, hub_database)
    guarded = requires(Operation.PROFILE_READ)
    app.add_url_rule(FORGETFUL, "forgetful", guarded(look))
    app.add_url_rule(FORGETFUL, "careless", guarded(change), methods=["PATCH"])
    app.add_url_rule(f"{FORGETFUL}/confused", "confused", guarded(look_for_another))
    app.add_url_rule("/open", "open", public("tests")(look))
    return app


@pytest.fixture
def two(eriec: System, pin: System, hub_database: Database) -> Database:
    share(hub_database, "eriec", "eriec-one", mentee())
    share(hub_database, "pin-afghan", "pin-one", mentee())
    return hub_database


def test_each_organisation_finds_its_own_only(two: Database, eriec: System, pin: System):
    assert eriec.call("GET", FORGETFUL).get_json() == [["eriec-one"]] * 2
    assert pin.call("GET", FORGETFUL).get_json() == [["pin-one"]] * 2


def test_each_organisation_changes_its_own_only(two: Database, eriec: System):
    assert eriec.call("PATCH", FORGETFUL).get_json() == 1

    with two.reading() as session:
        found = {tuple(row) for row in session.execute(select(Profile.pseudonym, Profile.noc))}
    assert found == {("eriec-one", "0000"), ("pin-one", "2130")}


def test_a_public_door_finds_nobody_even_after_a_guarded_one(two: Database, eriec: System):
    eriec.call("GET", FORGETFUL)

    assert eriec.http.get("/open").get_json() == [[], []]


def test_a_request_leaves_nothing_to_what_comes_after_it(two: Database, eriec: System):
    eriec.call("GET", FORGETFUL)
    two.acting = NOBODY

    with two.reading() as session:
        assert everybody(session) == []


def test_a_service_that_is_handed_another_organisation_finds_nothing(two: Database, eriec: System):
    """The door's word counts, not the argument."""
    assert eriec.call("GET", f"{FORGETFUL}/confused").get_json() == []
