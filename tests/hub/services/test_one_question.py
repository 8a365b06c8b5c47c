"""A later round asks about nobody twice: who waits for an answer is left out, and so is the seat that is waited at."""

import pytest

from hub.database import Database
from hub.services import proposals, round_wishes
from hub.services.rounds import RoundView
from tests.hub.people import coordinator, mentee, mentor, share
from tests.hub.rounds import run_round
from tests.hub.services.matches import recommended
from tests.hub.services.test_repairs import accept, decline, pairs

AREC, ERIEC = coordinator("arec"), coordinator("eriec")


@pytest.fixture
def asked(members: Database) -> Database:
    """ERIEC's mentee is asked about AREC's one seat; CRIEC's mentor, farther from her work, has one too."""
    share(members, "arec", "mentor-first", mentor())
    share(members, "eriec", "mentee-one", mentee())
    run_round(members, publish=True)
    share(members, "criec", "mentor-second", mentor(noc="2111"))
    return members


def published(database: Database, **how: str) -> RoundView:
    return run_round(database, publish=True, **how)


def test_a_mentee_about_whom_a_question_waits_is_asked_about_no_second_mentor(asked: Database):
    found = published(asked)

    assert (found.mentees, found.placed) == (0, 0)
    assert pairs(asked) == {("mentee-one", "mentor-first")}


def test_the_seat_a_question_waits_at_is_given_to_nobody_else(asked: Database):
    share(asked, "eriec", "mentee-two", mentee())

    found = published(asked)

    assert (found.mentees, found.placed) == (1, 1)
    assert pairs(asked) == {("mentee-one", "mentor-first"), ("mentee-two", "mentor-second")}


def test_a_mentor_with_two_seats_and_one_question_is_asked_once_more_and_not_twice(members: Database):
    share(members, "arec", "mentor-first", mentor(seats=2))
    share(members, "eriec", "mentee-one", mentee())
    published(members)
    for name in ("mentee-two", "mentee-three"):
        share(members, "eriec", name, mentee())

    assert published(members).placed == 1
    assert {mentor_ for _, mentor_ in pairs(members)} == {"mentor-first"}
    assert len(pairs(members)) == 2


def test_after_a_no_both_are_in_the_next_round_again(asked: Database):
    share(asked, "eriec", "mentee-two", mentee())
    decline(asked, AREC, "mentee-one")

    assert published(asked).placed == 2
    assert pairs(asked) == {("mentee-one", "mentor-second"), ("mentee-two", "mentor-first")}


def test_after_both_said_yes_the_pair_is_in_no_round(asked: Database):
    for actor in (ERIEC, AREC):
        accept(asked, actor, "mentee-one")

    assert published(asked).placed == 0
    assert pairs(asked, "agreed") == {("mentee-one", "mentor-first")}


def test_a_question_of_one_program_is_none_of_another(members: Database):
    share(members, "arec", "mentor-both", mentor(formats=["one_to_one", "flash"]))
    share(members, "eriec", "mentee-both", mentee(formats=["one_to_one", "flash"]))
    published(members)
    share(members, "criec", "mentor-flash", mentor(formats=["flash"]))

    assert published(members, program="flash").placed == 1
    assert published(members, program="flash").placed == 0


def test_what_a_coordinator_asked_by_hand_counts_as_well(members: Database):
    share(members, "arec", "mentor-first", mentor())
    share(members, "criec", "mentor-second", mentor(noc="2111"))
    share(members, "eriec", "mentee-one", mentee())
    handle = recommended(members, "eriec", "mentee-one").recommendations[0].handle
    members.run(lambda session: proposals.propose(session, ERIEC, "mentee-one", handle, 14))

    assert published(members).mentees == 0


def test_a_draft_asks_nobody_and_keeps_nobody_from_the_next_one(members: Database):
    share(members, "arec", "mentor-first", mentor())
    share(members, "eriec", "mentee-one", mentee())

    assert run_round(members).placed == run_round(members).placed == 1


def test_a_pin_waits_until_the_open_question_is_answered(asked: Database):
    handle = recommended(asked, "eriec", "mentee-one").recommendations[0].handle
    asked.run(lambda session: round_wishes.wish(session, ERIEC, "mentee-one", handle, "pin"))
    assert published(asked).pinned == 0
    decline(asked, AREC, "mentee-one")

    assert published(asked).pinned == 1
    assert pairs(asked) == {("mentee-one", "mentor-second")}
