"""Who waits, and who waited longer: counted from rounds and questions, and told to her own organisation."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import Proposal, Round, utcnow
from hub.services import partnerships, profiles, proposals, repairs, waits
from tests.hub.people import coordinator, mentee, mentor, share, today
from tests.hub.rounds import run_round
from tests.hub.services.matches import recommended
from tests.hub.services.test_repairs import accept, decline, pairs

AREC, ERIEC = coordinator("arec"), coordinator("eriec")


def waited(database: Database, pseudonym: str) -> int:
    with database.reading() as session:
        one = profiles.show(session, ERIEC, pseudonym).rounds_waited
        listed = {each.pseudonym: each.rounds_waited for each in profiles.own(session, ERIEC)}
        assert listed[pseudonym] == one
        return one


def rounds_pass(database: Database, number: int = 1, program: str = "one_to_one") -> None:
    for _ in range(number):
        run_round(database, publish=True, program=program)


def test_rounds_that_somebody_published_are_counted_from_the_day_she_was_shared(network: Database):
    rounds_pass(network)
    share(network, "eriec", "mentee-one", mentee())
    assert waited(network, "mentee-one") == 0
    run_round(network)
    assert waited(network, "mentee-one") == 0

    rounds_pass(network, 2)

    assert waited(network, "mentee-one") == 2
    share(network, "eriec", "mentee-one", mentee(years_band="21+"))
    assert waited(network, "mentee-one") == 2


def test_rounds_of_another_program_are_none_of_hers_and_a_mentor_waits_for_nothing(members: Database):
    share(members, "eriec", "mentee-one", mentee())
    share(members, "eriec", "mentor-one", mentor(languages=["uk"]))

    rounds_pass(members, 2, "flash")
    assert waited(members, "mentee-one") == 0
    rounds_pass(members)
    assert (waited(members, "mentee-one"), waited(members, "mentor-one")) == (1, 0)


def test_while_a_question_is_open_or_a_partnership_lasts_she_waits_for_nothing(network: Database):
    share(network, "eriec", "mentee-one", mentee())
    rounds_pass(network)
    share(network, "arec", "mentor-first", mentor())
    rounds_pass(network, 2)
    assert pairs(network) == {("mentee-one", "mentor-first")}
    assert waited(network, "mentee-one") == 0

    for actor in (ERIEC, AREC):
        accept(network, actor, "mentee-one")
    rounds_pass(network, 2)

    assert waited(network, "mentee-one") == 0


@pytest.mark.parametrize("how", ["declined", "expired"])
def test_after_a_no_or_a_silence_she_waits_anew(members: Database, how: str):
    share(members, "eriec", "mentee-one", mentee())
    rounds_pass(members)
    share(members, "arec", "mentor-first", mentor())
    rounds_pass(members)
    if how == "declined":
        decline(members, AREC, "mentee-one")
    else:
        members.run(lambda session: session.execute(update(Proposal).values(expires_at=utcnow() - timedelta(days=1))))
        members.run(lambda session: proposals.expire_due(session, utcnow()))
    assert waited(members, "mentee-one") == 0
    share(members, "arec", "mentor-first", mentor(seats=0))

    rounds_pass(members)

    assert waited(members, "mentee-one") == 1


def test_what_nobody_answered_ends_no_wait(members: Database):
    share(members, "eriec", "mentee-one", mentee())
    rounds_pass(members)
    share(members, "arec", "mentor-first", mentor())
    run_round(members)
    run_round(members)
    with members.reading() as session:
        assert set(session.scalars(select(Proposal.state))) == {"drafted", "superseded"}

    assert waited(members, "mentee-one") == 1


def test_an_agency_may_say_that_she_waits_from_a_later_day(members: Database):
    share(members, "eriec", "mentee-one", mentee())
    rounds_pass(members)
    long_ago = utcnow() - timedelta(days=40)
    members.run(lambda session: session.execute(update(Round).values(created_at=long_ago)))
    assert waited(members, "mentee-one") == 0
    rounds_pass(members)

    share(members, "eriec", "mentee-one", mentee(waiting_since=today().isoformat()))
    assert waited(members, "mentee-one") == 1
    members.run(lambda session: session.execute(update(Round).values(created_at=utcnow() - timedelta(days=1))))
    assert waited(members, "mentee-one") == 0


@pytest.mark.parametrize("first", ["mentee-a", "mentee-b"])
def test_of_two_who_fit_equally_well_the_next_round_places_who_waited_longer(network: Database, first: str):
    share(network, "eriec", first, mentee())
    rounds_pass(network, 2)
    (other,) = {"mentee-a", "mentee-b"} - {first}
    share(network, "eriec", other, mentee())
    share(network, "arec", "mentor-first", mentor())

    found = run_round(network, publish=True)

    assert found.placed == 1
    assert pairs(network) == {(first, "mentor-first")}


class TestCompleted:
    """ERIEC's mentee completed a partnership with AREC's mentor; CRIEC's mentor is free."""

    @pytest.fixture
    def after(self, network: Database) -> Database:
        share(network, "arec", "mentor-first", mentor())
        share(network, "eriec", "mentee-one", mentee())
        rounds_pass(network)
        for actor in (ERIEC, AREC):
            accept(network, actor, "mentee-one")
        share(network, "criec", "mentor-second", mentor())
        return network

    @pytest.fixture
    def completed(self, after: Database) -> Database:
        end(after, "complete")
        return after

    def test_she_is_in_no_further_round_and_no_repair_but_in_lists(self, completed: Database):
        first = run_round(completed, publish=True)
        with completed.reading() as session:
            repair = repairs.look(session, ERIEC, first.id, today())

        assert (first.mentees, first.placed) == (0, 0)
        assert repair.standing.open_rows() == []
        assert len(recommended(completed, "eriec", "mentee-one").recommendations) == 1
        assert waited(completed, "mentee-one") == 0

    def test_she_is_in_the_next_one_when_her_organisation_says_that_she_waits_again(self, completed: Database):
        for day, placed in ((today() - timedelta(days=1), 0), (today(), 1)):
            share(completed, "eriec", "mentee-one", mentee(waiting_since=day.isoformat()))
            assert run_round(completed).placed == placed

    def test_after_an_early_end_she_waits_at_once(self, after: Database):
        end(after, "end_early", "schedule")

        assert run_round(after).placed == 1

    def test_it_is_of_one_program(self, completed: Database):
        share(completed, "eriec", "mentee-one", mentee(formats=["one_to_one", "flash"]))
        share(completed, "criec", "mentor-second", mentor(formats=["one_to_one", "flash"]))

        assert run_round(completed, program="flash").placed == 1

    def test_a_meeting_completes_nothing(self, members: Database):
        share(members, "arec", "mentor-first", mentor(formats=["flash"]))
        share(members, "eriec", "mentee-one", mentee(formats=["flash"]))
        rounds_pass(members, 1, "flash")
        for actor in (ERIEC, AREC):
            accept(members, actor, "mentee-one")
        end(members, "complete")

        with members.reading() as session:
            assert waits.read(session, "flash").completed == {}


def end(database: Database, move: str, *reason: str) -> None:
    """AREC says that the one partnership is over."""
    with database.reading() as session:
        (running,) = partnerships.listed(session, AREC)
    database.run(lambda session: getattr(partnerships, move)(session, AREC, running.id, *reason))


def test_waits_of_some_are_read_as_those_of_all(network: Database):
    for number in range(3):
        share(network, "eriec", f"mentee-{number}", mentee())
    share(network, "arec", "mentor-first", mentor())
    rounds_pass(network)

    with network.reading() as session:
        everybody = waits.read(session, "one_to_one")
        assert len(everybody.last_asked) == len(everybody.rounds) == 1
        (asked,) = everybody.last_asked
        some, nobody = (waits.read(session, "one_to_one", ids) for ids in ([asked], []))
    assert set(some.last_asked) == {asked}
    assert (some.rounds, nobody.rounds, dict(nobody.last_asked)) == (everybody.rounds, everybody.rounds, {})
