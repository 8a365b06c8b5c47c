"""What would help next: organisations that complete each other, mentors who are missing, and what each gave and got."""

import pytest
from sqlalchemy import update

from hub.database import Database
from hub.models import Round
from hub.services import network, profiles, proposals
from hub.services.round_insights import Insights, MissingMentor, Together
from hub.settings import load_settings
from tests.hub.people import add_members, coordinator, mentee, mentor, share, system
from tests.hub.rounds import insights, run_round

SETTINGS = load_settings({}, secret="s" * 40)


@pytest.fixture
def members(sqlite_database: Database) -> Database:
    sqlite_database.run(add_members)
    return sqlite_database


def published(database: Database) -> Insights:
    found = insights(database, run_round(database, publish=True).id)
    return Insights(
        tuple(Together(**one) for one in found["together"]), tuple(MissingMentor(**one) for one in found["missing"])
    )


def test_two_organisations_that_place_more_together_are_named(members: Database):
    for number in range(6):
        share(members, "eriec", f"mentee-000{number}", mentee())
    share(members, "arec", "mentor-0001", mentor(seats=5))

    found = published(members)

    assert found.together == (Together("arec", "eriec", 5),)
    with members.reading() as session:
        assert network.picture(session, coordinator("criec"), SETTINGS).together == found.together


def test_what_is_told_as_equal_stands_in_the_order_of_names(members: Database):
    published_with = [
        {"first": "criec", "second": "eriec", "more": 11},
        {"first": "arec", "second": "eriec", "more": 10},
        {"first": "arec", "second": "criec", "more": 4},
    ]
    places = [{"noc": noc, "region": "AB", "suits": suits, "places": 2} for noc, suits in (("3110", 11), ("2130", 10))]
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "arec", "mentor-0001", mentor())
    published(members)
    found = {"together": published_with, "missing": places}
    members.run(lambda session: session.execute(update(Round).values(insights=found)))

    for number in range(20):
        drawn = load_settings({}, secret=f"{number:040}")
        with members.reading() as session:
            seen = network.picture(session, coordinator("criec"), drawn)
        told = [(one.more, one.first) for one in seen.together]
        suits = [(one.suits, one.noc) for one in seen.missing]
        assert told in ([(10, "arec"), (10, "criec")], [(15, "criec"), (10, "arec")])
        assert suits in ([(10, "2130"), (10, "3110")], [(15, "3110"), (10, "2130")])


def test_fewer_than_five_more_is_nobodys_business(members: Database):
    for number in range(6):
        share(members, "eriec", f"mentee-000{number}", mentee())
    share(members, "arec", "mentor-0001", mentor(seats=4))

    assert published(members).together == ()


def test_a_kind_of_mentor_that_five_would_need_is_imagined_and_counted(members: Database):
    for number in range(7):
        share(members, "eriec", f"mentee-000{number}", mentee(noc="3110", region="AB-835"))

    found = published(members)

    assert found.missing == (MissingMentor("3110", "AB", suits=7, places=5),)


def test_mentees_whom_no_mentor_could_help_yet_ask_for_none(members: Database):
    low = {"clb": {"language": "en", "listening": 3, "speaking": 3, "reading": 3, "writing": 3}}
    for number in range(7):
        share(members, "eriec", f"mentee-000{number}", mentee(readiness=low))

    assert published(members).missing == ()


def test_the_ledger_counts_agreed_pairs_in_hours_and_hides_small_counts_of_others(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "arec", "mentor-0001", mentor())
    published(members)
    with members.reading() as session:
        (asked,) = proposals.inbox(session, system("eriec"))
    before = ledger_of(members, "eriec")
    members.run(lambda session: proposals.accept(session, system("eriec"), asked.id))
    members.run(lambda session: proposals.accept(session, system("arec"), asked.id))

    assert before == {}
    assert ledger_of(members, "eriec") == {"eriec": (0, 1, 0, 24), "arec": (1, None, 24, None)}
    assert ledger_of(members, "arec")["arec"] == (1, 0, 24, 0)


def test_a_withdrawn_partnership_leaves_the_ledger(members: Database):
    test_the_ledger_counts_agreed_pairs_in_hours_and_hides_small_counts_of_others(members)

    members.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))

    assert ledger_of(members, "eriec") == {}


def ledger_of(database: Database, viewer: str) -> dict[str, tuple[int | None, ...]]:
    with database.reading() as session:
        found = network.picture(session, coordinator(viewer), SETTINGS).ledger
    return {one.id: (one.given, one.received, one.hours_given, one.hours_received) for one in found}
