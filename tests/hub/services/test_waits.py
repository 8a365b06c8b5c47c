"""Who waited longer: counted from rounds and questions, decides between rounds that are equally good, and shown to its own."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import Proposal, Round, utcnow
from hub.services import profiles, proposals, waits
from tests.hub.people import coordinator, mentee, mentor, share, today
from tests.hub.rounds import run_round
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
