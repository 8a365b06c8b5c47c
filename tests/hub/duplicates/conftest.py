"""Four members on SQLite; what must hold on either database asks for ``any_network``."""

import pytest

from hub.database import Database
from tests.hub.as_actors import services_act_for_their_actors
from tests.hub.people import add_members

__all__ = ["any_network", "network", "services_act_for_their_actors"]


@pytest.fixture
def network(sqlite_database: Database) -> Database:
    sqlite_database.run(add_members)
    return sqlite_database


@pytest.fixture
def any_network(database: Database) -> Database:
    database.run(add_members)
    return database
