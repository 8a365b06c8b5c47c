from copy import deepcopy
from typing import Any

import pytest
from flask import Flask

from hub.api.examples import MENTEE
from hub.app import create_app
from hub.database import Database
from hub.settings import Settings
from tests.hub.doors import empty_database, eriec, http, hub_database, hub_settings, pin

__all__ = ["empty_database", "eriec", "http", "hub_database", "hub_settings", "pin"]


@pytest.fixture
def hub_app(hub_settings: Settings, hub_database: Database) -> Flask:
    return create_app(hub_settings, hub_database)


@pytest.fixture
def mentee() -> dict[str, Any]:
    return deepcopy(MENTEE)


@pytest.fixture
def mentor(mentee: dict[str, Any]) -> dict[str, Any]:
    foreign = ("target_noc", "needs", "readiness", "waiting_since")
    shared = {name: value for name, value in mentee.items() if name not in foreign}
    return shared | {"kind": "mentor", "seats": 2, "strengths": ["networking"]}
