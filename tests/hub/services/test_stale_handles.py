"""A handle may be days old: what changed since is found before anybody is asked."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select

from federation.problems import Problem
from hub.database import Database
from hub.models import Agreement, Profile, Proposal
from hub.services import organisations, proposals, recommendations
from hub.settings import load_settings
from tests.hub.people import TESTS, add_members, consent, coordinator, mentee, mentor, share

SETTINGS = load_settings({}, secret="s" * 40)
ERIEC = coordinator("eriec")
Change = Callable[[Database], object]


def no_agreement(database: Database) -> None:
    database.run(lambda session: session.execute(delete(Agreement)))


def suspended(database: Database) -> None:
    database.run(lambda session: organisations.suspend(session, TESTS, "criec"))


CHANGES: dict[str, Change] = {
    "no seat": lambda database: share(database, "criec", "mentor-0001", mentor(seats=0)),
    "no common language": lambda database: share(database, "criec", "mentor-0001", mentor(languages=["fr"])),
    "no longer ready": lambda database: share(
        database, "eriec", "mentee-0001", mentee(readiness={"documents": "missing"})
    ),
    "no agreement": no_agreement,
    "suspended": suspended,
    "no consent elsewhere": lambda database: share(
        database, "criec", "mentor-0001", mentor(region="ON-535", consent=consent(purposes=["share"]))
    ),
}


@pytest.fixture
def handle(sqlite_database: Database) -> str:
    sqlite_database.run(add_members)
    share(sqlite_database, "criec", "mentor-0001", mentor())
    share(sqlite_database, "eriec", "mentee-0001", mentee())
    found = sqlite_database.run(lambda session: recommendations.for_mentee(session, ERIEC, "mentee-0001", SETTINGS))
    return found.recommendations[0].handle


def propose(database: Database, handle: str) -> proposals.ProposalView:
    return database.run(lambda session: proposals.propose(session, ERIEC, "mentee-0001", handle, 14))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_two_who_may_not_meet_any_more_are_not_proposed(sqlite_database: Database, handle: str, change: Change):
    change(sqlite_database)

    with pytest.raises(Problem) as refused:
        propose(sqlite_database, handle)

    assert refused.value.kind == "no-longer-available"
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Proposal)) == 0
        assert set(session.scalars(select(Profile.taken))) == {0}


def test_what_did_not_change_is_proposed(sqlite_database: Database, handle: str):
    assert propose(sqlite_database, handle).state == "proposed"
