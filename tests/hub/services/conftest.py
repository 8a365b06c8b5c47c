"""Services whose rules do not depend on the engine are tested on SQLite alone, to stay quick."""

import pytest

from hub.database import Database
from tests.hub.people import add_members


@pytest.fixture
def members(sqlite_database: Database) -> Database:
    """Four members that share with each other, on SQLite; no people yet."""
    sqlite_database.run(add_members)
    return sqlite_database
