"""A small network for tests of services, on both databases."""

import pytest

from hub.database import Database
from tests.hub.people import add_members


@pytest.fixture
def network(database: Database) -> Database:
    """Four members that share with each other; no people yet."""
    database.run(add_members)
    return database
