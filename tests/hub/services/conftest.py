"""Services whose rules do not depend on the engine are tested on SQLite alone, to stay quick."""

import pytest

from hub.database import Database
from tests.hub.as_actors import services_act_for_their_actors
from tests.hub.people import add_members

__all__ = ["members", "services_act_for_their_actors"]


@pytest.fixture
def members(sqlite_database: Database) -> Database:
    """Four members that share with each other, on SQLite; no people yet."""
    sqlite_database.run(add_members)
    return sqlite_database
