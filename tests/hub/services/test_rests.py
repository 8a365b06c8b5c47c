"""A mentor who rests is not matched: until the day their organisation said, or some days after mentoring ended."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Gathering, GatheringMember, Partnership, Profile, Proposal, utcnow
from hub.services import partnerships, profiles, rounds, snapshots
from tests.hub.people import mentee, mentor, share, system, today
from tests.hub.services.matches import agree, ask, recommended

REST = 30


def day(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def resting(database: Database, when: date | None = None) -> list[bool]:
    with database.reading() as session:
        pool = snapshots.take(session, when or today()).pool
    return [one.resting for one in pool.mentors]


@pytest.mark.parametrize(("days", "rests"), [(1, True), (0, False), (-1, False)])
def test_a_mentor_rests_until_the_day_and_not_on_it(members: Database, days: int, rests: bool):
    share(members, "arec", "mentor-0001", mentor(resting_until=day(days)))
    share(members, "eriec", "mentee-0001", mentee())

    found = recommended(members)

    assert resting(members) == [rests]
    assert (found.recommendations == ()) == rests
    if rests:
        assert found.nobody_because["en"] == ("The mentor is resting between mentees.",)
        assert found.next_steps["fr"] == ("Un autre mentor convient après une pause.",)


def test_a_round_leaves_who_rests_alone(members: Database):
    share(members, "arec", "mentor-0001", mentor(resting_until=day(1)))
    share(members, "eriec", "mentee-0001", mentee())

    def placed(when: date) -> int:
        with members.reading() as session:
            return rounds.solve(session, RoundPolicy(), when).round.placed

    assert placed(today()) == 0
    assert placed(today() + timedelta(days=1)) == 1


def test_the_owner_sees_the_day_and_a_push_without_it_ends_the_rest(members: Database):
    def shown() -> date | None:
        with members.reading() as session:
            return profiles.show(session, system("arec"), "mentor-0001").resting_until

    share(members, "arec", "mentor-0001", mentor(resting_until=day(9)))
    assert shown() == today() + timedelta(days=9)

    share(members, "arec", "mentor-0001", mentor())
    assert shown() is None
    assert resting(members) == [False]


def test_the_database_lets_no_mentee_rest(members: Database):
    share(members, "eriec", "mentee-0001", mentee())

    with pytest.raises(IntegrityError, match="only_mentors_rest"):
        members.run(lambda session: session.execute(update(Profile).values(resting_until=today())))


@pytest.fixture
def rested(database: Database) -> Iterator[Database]:
    """The same database under a hub that lets mentors rest."""
    address = database.engine.url.render_as_string(hide_password=False)
    found = Database(address, _folder(database), acting=database.acting, mentor_rest_days=REST)
    yield found
    found.close()


def _folder(database: Database) -> Any:
    log = database.withdrawal_log
    return log.path.parent if log else None


def ended(database: Database) -> None:
    """A partnership of arec's mentor that ended today: the mentee withdrew."""
    agree(database, ask(database))
    database.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))


def test_a_mentor_rests_after_a_partnership_ended_and_not_longer(network: Database, rested: Database):
    ended(network)

    assert resting(network) == [False]
    for days, rests in ((0, True), (REST - 1, True), (REST, False)):
        assert resting(rested, today() + timedelta(days=days)) == [rests]


def test_a_completed_partnership_is_a_reason_and_frees_the_seat_all_the_same(network: Database, rested: Database):
    agree(network, ask(network))
    with network.reading() as session:
        (running,) = partnerships.listed(session, system("arec"))
    network.run(lambda session: partnerships.complete(session, system("arec"), running.id))

    assert (resting(network), resting(rested)) == ([False], [True])


def test_what_is_kept_between_questions_knows_of_the_rest(network: Database, rested: Database):
    agree(network, ask(network))
    share(network, "eriec", "mentee-0002", mentee())
    with rested.reading() as session:
        asking = session.scalars(select(Profile.id).where(Profile.pseudonym == "mentee-0002")).one()

    def rests(days: int) -> list[bool]:
        with rested.reading() as session:
            pool = snapshots.take(session, today() + timedelta(days=days), only_mentee=asking).pool
            return pool.mentor.resting.tolist()

    assert rests(0) == [False]
    network.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))
    assert (rests(0), rests(REST)) == ([True], [False])


def test_a_running_partnership_and_a_flash_meeting_are_no_reason(network: Database, rested: Database):
    agree(network, ask(network))
    assert resting(rested) == [False]

    network.run(lambda session: session.execute(update(Proposal).values(program="flash")))
    network.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))
    assert resting(rested) == [False]


def test_a_group_that_ended_is_a_reason(network: Database, rested: Database):
    share(network, "arec", "mentor-0001", mentor())
    share(network, "arec", "mentor-0002", mentor())

    def group(session: Any) -> None:
        of_arec = {
            one.pseudonym: one.id for one in session.scalars(select(Profile).where(Profile.organisation_id == "arec"))
        }
        session.add(
            Gathering(
                id="group", kind="group", proposer_id="arec", state="ended", waiting=0, languages=[], slots=[],
                reasons={}, expires_at=utcnow(),
            )
        )  # fmt: skip
        session.flush()
        for name, role in (("mentor-0001", "mentor"), ("mentor-0002", "member")):
            session.add(
                GatheringMember(
                    gathering_id="group", profile_id=of_arec[name], organisation_id="arec", kind="group", role=role,
                    open=False, points=1, card={},
                )
            )  # fmt: skip

    network.run(group)

    assert sorted(resting(rested)) == [False, True]


def test_the_database_asks_when_a_partnership_ended(members: Database):
    agree(members, ask(members))

    for wrong in ({"state": "completed"}, {"ended_at": utcnow()}):
        with pytest.raises(IntegrityError, match="ended_with_its_day"):
            members.run(lambda session, values=wrong: session.execute(update(Partnership).values(values)))
