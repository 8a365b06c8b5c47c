"""A suspended member is out everywhere at once, and back with everything when it is reinstated."""

import pytest

from federation.problems import Problem
from hub.database import Database
from hub.services import organisations, pool, recommendations
from hub.services.pool import PoolCriteria
from hub.settings import load_settings
from tests.hub.people import TESTS, add_members, coordinator, mentee, mentor, share, system

SETTINGS = load_settings({}, secret="s" * 40)


@pytest.fixture
def members(sqlite_database: Database) -> Database:
    sqlite_database.run(add_members)
    for number in range(5):
        share(sqlite_database, "criec", f"mentor-000{number}", mentor())
    share(sqlite_database, "eriec", "mentee-0001", mentee())
    return sqlite_database


def test_a_suspended_members_people_are_neither_searched_nor_matched(members: Database):
    before = seen_by_eriec(members)
    members.run(lambda session: organisations.suspend(session, TESTS, "criec"))
    during = seen_by_eriec(members)
    members.run(lambda session: organisations.reinstate(session, TESTS, "criec"))

    assert (before, during) == ((1, 5), (0, 0))
    assert seen_by_eriec(members) == before


def seen_by_eriec(database: Database) -> tuple[int, int]:
    """Cells that a coordinator of another member sees, and mentors its mentee is recommended."""

    def look(session) -> tuple[int, int]:
        cells = pool.search(session, coordinator("eriec"), PoolCriteria(), 5).cells
        found = recommendations.for_mentee(session, system("eriec"), "mentee-0001", SETTINGS)
        return len(cells), len(found.recommendations)

    return database.run(look)


def test_a_member_is_suspended_once_and_only_if_it_exists(members: Database):
    members.run(lambda session: organisations.suspend(session, TESTS, "criec"))

    for again in ("criec", "nobody"):
        with pytest.raises(Problem) as refused:
            members.run(lambda session, again=again: organisations.suspend(session, TESTS, again))
        assert refused.value.kind == "not-found"


def test_who_is_not_suspended_cannot_be_reinstated(members: Database):
    with pytest.raises(Problem) as refused:
        members.run(lambda session: organisations.reinstate(session, TESTS, "eriec"))

    assert refused.value.kind == "not-found"
