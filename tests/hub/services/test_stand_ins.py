"""If the answer is no: told to the mentee's own organisation of its own, kept from the mentor's side, totals in fives."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Proposal, Round, StandIn
from hub.services import profiles, proposals, round_records, rounds, stand_ins
from hub.services.rounds import RoundView
from hub.settings import load_settings
from tests.hub.people import TESTS, add_members, coordinator, mentee, mentor, share, system, today
from tests.hub.rounds import insights, run_round

SETTINGS = load_settings({}, secret="s" * 40)


@pytest.fixture
def members(sqlite_database: Database) -> Database:
    sqlite_database.run(add_members)
    return sqlite_database


def published(database: Database) -> RoundView:
    return run_round(database, publish=True)


def seen_by(database: Database, organisation: str) -> set[tuple[str, str | None]]:
    """Of each proposal in an inbox, the own people's pseudonyms and the stand-in; each page must say the same."""
    with database.reading() as session:
        actor = coordinator(organisation)
        found = proposals.inbox(session, actor)
        assert [proposals.show(session, actor, one.id).stand_in for one in found] == [one.stand_in for one in found]
        return {("/".join(sorted(one.my_pseudonyms.values())), one.stand_in) for one in found}


def test_an_own_mentee_has_somebody_standing_by_or_nobody_and_the_mentor_s_side_is_not_told(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "arec", "mentor-0001", mentor(seats=1))
    published(members)
    assert seen_by(members, "eriec") == {("mentee-0001", "nobody")}
    assert seen_by(members, "arec") == {("mentor-0001", None)}

    share(members, "criec", "mentor-0002", mentor(seats=1))
    members.run(lambda session: session.execute(update(Proposal).values(state="expired")))
    published(members)

    assert seen_by(members, "eriec") == {("mentee-0001", "nobody"), ("mentee-0001", "free")}
    assert {one for _, one in seen_by(members, "arec") | seen_by(members, "criec")} == {None}


def test_a_mentee_who_needs_others_to_move_is_said_to(members: Database):
    """CRIEC's mentor, farther away, has a free seat, but speaks French alone: only who has one of AREC's could."""
    share(members, "eriec", "both", mentee(languages=["en", "fr"]))
    share(members, "eriec", "english", mentee(languages=["en"]))
    share(members, "arec", "english-1", mentor(seats=1, languages=["en"]))
    share(members, "arec", "english-2", mentor(seats=1, languages=["en"]))
    share(members, "criec", "french", mentor(seats=1, languages=["fr"], region="AB-825"))

    assert published(members).placed == 2
    assert seen_by(members, "eriec") == {("both", "free"), ("english", "moving")}


def test_whoever_holds_both_people_is_told(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "eriec", "mentor-0001", mentor(seats=1))
    published(members)

    assert seen_by(members, "eriec") == {("mentee-0001/mentor-0001", "nobody")}


def test_it_goes_when_the_mentee_withdraws(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "arec", "mentor-0001", mentor())
    published(members)

    members.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))

    with members.reading() as session:
        assert session.scalars(select(StandIn)).all() == []
        assert session.scalars(select(Proposal)).one().mentee_id is None


def test_a_round_that_was_not_studied_knows_of_none_and_what_a_person_proposes_has_none(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "arec", "mentor-0001", mentor())
    with members.reading() as session:
        solved = rounds.solve(session, RoundPolicy(), today())
    identifier = members.run(lambda session: rounds.keep(session, TESTS, solved, 14)).id
    members.run(lambda session: rounds.publish(session, TESTS, identifier))

    assert seen_by(members, "eriec") == {("mentee-0001", None)}
    with members.reading() as session:
        assert stand_ins.told(session, identifier, SETTINGS) == ()


def test_totals_are_told_in_fives_and_never_of_fewer_than_five(members: Database):
    for number in range(7):
        share(members, "eriec", f"mentee-000{number}", mentee())
    share(members, "arec", "mentor-0001", mentor(seats=7))
    share(members, "arec", "mentor-0002", mentor(seats=7))
    identifier = published(members).id
    found = {"free": 7, "moving": None, "nobody": None, "leaning": None}
    assert insights(members, identifier)["stand_ins"] == found

    with members.reading() as session:
        first, again = (stand_ins.told(session, identifier, SETTINGS) for _ in range(2))
        assert first == again
        told = dict(first)

    assert told.pop("free") in {5, 10}
    assert set(told.values()) == {None}


def test_of_few_mentees_no_total_is_told(members: Database):
    for number in range(4):
        share(members, "eriec", f"mentee-000{number}", mentee())
    share(members, "arec", "mentor-0001", mentor(seats=4))
    identifier = published(members).id

    with members.reading() as session:
        assert set(session.get_one(Round, identifier).insights["stand_ins"].values()) == {None}
        assert stand_ins.told(session, identifier, SETTINGS) == ()


def test_a_round_with_stand_ins_is_replayed_byte_for_byte(members: Database):
    for number in range(3):
        share(members, "eriec", f"mentee-000{number}", mentee())
    share(members, "arec", "mentor-0001", mentor(seats=2))
    identifier = published(members).id

    with members.reading() as session:
        assert round_records.replay(session, identifier).holds


def test_the_database_holds_nothing_but_the_three_words(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "arec", "mentor-0001", mentor())
    published(members)

    with pytest.raises(IntegrityError, match="ck_stand_in_kind"):
        members.run(lambda session: session.execute(update(StandIn).values(kind="maybe")))
