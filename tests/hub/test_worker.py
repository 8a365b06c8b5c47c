"""The worker: everything due is done once, nothing else is touched, both sides hear of it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import Introduction, OutboxMessage, Proposal, utcnow
from hub.services import introductions, proposals, recommendations
from hub.settings import load_settings
from hub.worker import do_what_is_due
from tests.hub.people import add_members, coordinator, mentee, mentor, share

SETTINGS = load_settings({}, secret="s" * 40)
NOTHING: dict[str, int] = {}
OF_THE_POOL = {"epochs published", "exposures deleted", "audit heads handed out"}


@pytest.fixture
def asked(sqlite_database: Database) -> Database:
    """One proposal both may still answer."""
    sqlite_database.run(add_members)
    share(sqlite_database, "arec", "mentor-0001", mentor())
    share(sqlite_database, "eriec", "mentee-0001", mentee())
    actor = coordinator("eriec")
    found = sqlite_database.run(
        lambda session: recommendations.for_mentee(session, actor, "mentee-0001", SETTINGS)
    ).recommendations[0]
    sqlite_database.run(lambda session: proposals.propose(session, actor, "mentee-0001", found.handle, 14))
    return sqlite_database


def agree(database: Database) -> str:
    with database.reading() as session:
        proposal = session.scalars(select(Proposal.id)).one()
    for organisation in ("eriec", "arec"):
        database.run(lambda session, who=organisation: proposals.accept(session, coordinator(who), proposal))
    return proposal


def told(database: Database, kind: str) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(OutboxMessage.organisation_id).where(OutboxMessage.type == kind)))


def due(database: Database, days: int) -> dict[str, int]:
    """Return what was done, of kinds of which something was; the pool and the heads have tests of their own."""
    moment: datetime = utcnow() + timedelta(days=days)
    done = do_what_is_due(database, SETTINGS, moment)
    return {kind: number for kind, number in done.items() if number and kind not in OF_THE_POOL}


def test_nothing_due_is_nothing_done(asked: Database):
    assert due(asked, 13) == NOTHING
    assert told(asked, "proposal.expired") == set()


def test_an_unanswered_proposal_expires_once_and_both_hear_of_it(asked: Database):
    assert due(asked, 15) == NOTHING | {"proposals expired": 1}
    assert due(asked, 15) == NOTHING
    assert told(asked, "proposal.expired") == {"eriec", "arec"}
    with asked.reading() as session:
        assert session.scalars(select(Proposal.state)).one() == "expired"


def test_what_both_agreed_does_not_expire_but_its_introduction_does(asked: Database):
    proposal = agree(asked)
    sealed = ".".join(["abcd"] * 5)
    asked.run(lambda session: introductions.put_envelope(session, coordinator("eriec"), proposal, sealed))

    assert due(asked, 15) == NOTHING | {"introductions expired": 1}
    assert due(asked, 15) == NOTHING
    with asked.reading() as session:
        assert session.scalars(select(Proposal.state)).one() == "agreed"
        assert session.execute(select(Introduction.state, Introduction.envelope)).one() == ("failed", None)
    assert told(asked, "introduction.failed") == {"eriec", "arec"}


def test_an_acknowledged_introduction_is_over_and_never_fails(asked: Database):
    agree(asked)
    asked.run(lambda session: session.execute(update(Introduction).values(state="acknowledged")))

    assert due(asked, 900) == NOTHING


def test_the_pool_is_published_once_an_epoch(asked: Database):
    def published(days: int) -> int:
        return do_what_is_due(asked, SETTINGS, utcnow() + timedelta(days=days))["epochs published"]

    # The first list of recommendations published the first one.
    assert [published(days) for days in (0, 1, 6, 8, 9, 16)] == [0, 0, 0, 1, 0, 1]


def test_who_was_shown_to_whom_is_kept_for_a_quarter(asked: Database):
    def deleted(days: int) -> int:
        return do_what_is_due(asked, SETTINGS, utcnow() + timedelta(days=days))["exposures deleted"]

    assert [deleted(days) for days in (0, 90, 92, 92)] == [0, 0, 1, 0]
