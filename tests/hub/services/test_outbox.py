"""Events owed: kept with the change they tell of, numbered without gaps, read by their owner alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from hub.database import Database
from hub.models import OutboxMessage
from hub.services import outbox
from hub.services.actors import hub_itself
from tests.hub.people import coordinator
from tests.hub.services.refusals import everything, refused


def owe(database: Database, *organisations: str, subject: str = "proposal:1") -> None:
    database.run(
        lambda session: outbox.owe(session, organisations, "proposal.proposed", subject, {"state": "proposed"})
    )


def feed(database: Database, organisation: str, after: int = 0, limit: int = 50) -> list[tuple[int, str]]:
    with database.reading() as session:
        found = outbox.feed(session, coordinator(organisation), after, limit)
        return [(message.number, message.subject) for message in found]


def test_each_organisation_gets_an_event_once_under_numbers_of_its_own(members: Database):
    owe(members, "eriec", "arec", "eriec", subject="a")
    owe(members, "eriec", subject="b")

    assert feed(members, "eriec") == [(1, "a"), (2, "b")]
    assert feed(members, "arec") == [(1, "a")]
    assert feed(members, "criec") == []


def test_many_events_are_numbered_in_their_order_for_each_organisation(members: Database):
    owe(members, "eriec", subject="before")
    owed = [("eriec", "t", "a", {}), ("arec", "t", "a", {}), ("eriec", "t", "b", {})]

    members.run(lambda session: outbox.owe_all(session, owed))

    assert feed(members, "eriec") == [(1, "before"), (2, "a"), (3, "b")]
    assert feed(members, "arec") == [(1, "a")]


def test_a_feed_goes_on_after_the_last_number_read(members: Database):
    for number in range(5):
        owe(members, "eriec", subject=str(number))

    assert feed(members, "eriec", after=0, limit=2) == [(1, "0"), (2, "1")]
    assert feed(members, "eriec", after=2, limit=2) == [(3, "2"), (4, "3")]
    assert feed(members, "eriec", after=5) == []


def test_an_event_is_undone_with_its_change_and_leaves_no_gap(members: Database):
    def broken(session) -> None:
        outbox.owe(session, {"eriec"}, "proposal.proposed", "lost", {})
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        members.run(broken)
    owe(members, "eriec", subject="kept")

    assert feed(members, "eriec") == [(1, "kept")]


def test_writers_at_the_same_moment_neither_deadlock_nor_leave_gaps(network: Database):
    pairs = [("eriec", "arec"), ("arec", "eriec"), ("criec", "eriec"), ("arec", "criec")]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: owe(network, *pairs[number % 4], subject=str(number)), range(16)))

    assert [number for number, _ in feed(network, "eriec")] == list(range(1, 13))
    assert [number for number, _ in feed(network, "arec")] == list(range(1, 13))
    with network.reading() as session:
        assert len(set(session.scalars(select(OutboxMessage.id)))) == 32


def test_an_event_for_nobody_that_exists_is_our_own_mistake_and_keeps_nothing(members: Database):
    before = everything(members)

    with pytest.raises(NoResultFound):
        owe(members, "arec", "nobody")

    assert everything(members) == before


def test_who_belongs_to_no_organisation_has_no_feed(members: Database):
    with refused(members, "not-allowed"), members.reading() as session:
        outbox.feed(session, hub_itself("tests"), 0, 1)
