from typing import Any

import pytest
from flask import Flask

from hub import api
from tests.hub.doors import empty_database, eriec, http, hub_database, hub_settings, pin
from tests.hub.doors import hub_app as doors_only

__all__ = ["doors_only", "empty_database", "eriec", "http", "hub_database", "hub_settings", "pin"]


@pytest.fixture
def hub_app(doors_only: Flask) -> Flask:
    api.register(doors_only)
    return doors_only


@pytest.fixture
def mentee() -> dict[str, Any]:
    from copy import deepcopy

    from hub.api.examples import MENTEE

    return deepcopy(MENTEE)


@pytest.fixture
def mentor(mentee: dict[str, Any]) -> dict[str, Any]:
    foreign = ("target_noc", "needs", "readiness", "waiting_since")
    shared = {name: value for name, value in mentee.items() if name not in foreign}
    return shared | {"kind": "mentor", "seats": 2, "strengths": ["networking"]}
