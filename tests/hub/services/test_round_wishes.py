"""A coordinator's wish is kept where it can be, given up with its reason where not, and overrules nobody's no."""

import pytest
from sqlalchemy import func, select

from federation.problems import Problem
from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import RoundWish
from hub.services import proposals, recommendations, round_records, round_wishes, rounds
from hub.settings import load_settings
from tests.hub.people import add_members, coordinator, mentee, mentor, owner_behind, share, system, today
from tests.hub.rounds import run_round

SETTINGS = load_settings({}, secret="s" * 40)
ERIEC = coordinator("eriec")


@pytest.fixture
def members(database: Database) -> Database:
    """ERIEC has two mentees; CRIEC's engineer with one seat fits both better than AREC's geologist does."""
    database.run(add_members)
    share(database, "eriec", "mentee-good", mentee())
    share(database, "eriec", "mentee-poor", mentee(years_band="21+", needs=["leadership"]))
    share(database, "criec", "mentor-engineer", mentor())
    share(database, "arec", "mentor-geologist", mentor(noc="2111"))
    return database


def handle(database: Database, pseudonym: str, organisation: str) -> str:
    found = database.run(lambda session: recommendations.for_mentee(session, ERIEC, pseudonym, SETTINGS))
    return next(one.handle for one in found.recommendations if owner_behind(database, one.handle) == organisation)


def wish(database: Database, pseudonym: str, organisation: str, kind: round_wishes.Kind) -> round_wishes.WishView:
    shown = handle(database, pseudonym, organisation)
    return database.run(lambda session: round_wishes.wish(session, ERIEC, pseudonym, shown, kind))


def asked(database: Database) -> dict[str, str]:
    """Whom the published round proposes to each of ERIEC's mentees."""
    with database.reading() as session:
        found = proposals.inbox(session, system("eriec"))
    return {one.my_pseudonyms["mentee"]: one.mentor_organisation_id for one in found if one.state == "proposed"}


def refusal(database: Database, action) -> str:
    before = counted(database)
    with pytest.raises(Problem) as refused:
        database.run(action)
    assert counted(database) == before
    return refused.value.kind


def counted(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(RoundWish)) or 0


def test_a_pinned_pair_is_in_the_round_and_the_rest_is_solved_around_it(members: Database):
    plain = {"mentee-good": "criec", "mentee-poor": "arec"}
    other = {"mentee-good": "arec", "mentee-poor": "criec"}
    with members.reading() as session:
        rounds.solve(session, RoundPolicy(), today())
    wish(members, "mentee-poor", "criec", "pin")

    found = run_round(members, publish=True)

    assert asked(members) == other != plain
    assert (found.placed, found.pinned) == (2, 1)
    with members.reading() as session:
        assert round_records.replay(session, found.id).holds


def test_a_forbidden_pair_is_left_out_of_this_round_and_the_next(members: Database):
    wish(members, "mentee-good", "criec", "forbid")

    run_round(members, publish=True)

    assert asked(members)["mentee-good"] == "arec"
    with members.reading() as session:
        assert [one.kind for one in round_wishes.listed(session, ERIEC, "mentee-good")] == ["forbid"]


def test_a_pin_that_may_not_be_kept_is_left_out_with_its_reason_and_stops_nothing(members: Database):
    wish(members, "mentee-poor", "criec", "pin")
    share(members, "criec", "mentor-engineer", mentor(seats=0))

    found = run_round(members)

    assert (found.placed, found.pinned) == (1, 0)
    with members.reading() as session:
        assert [one.not_kept for one in round_wishes.listed(session, ERIEC, "mentee-poor")] == ["not_eligible"]


def test_of_two_pins_for_one_seat_the_later_gives_way(members: Database):
    wish(members, "mentee-good", "criec", "pin")
    wish(members, "mentee-poor", "criec", "pin")

    found = run_round(members, publish=True)

    assert (asked(members)["mentee-good"], found.pinned) == ("criec", 1)
    with members.reading() as session:
        assert [one.not_kept for one in round_wishes.listed(session, ERIEC, "mentee-poor")] == ["no_seat"]


def test_a_pin_that_would_leave_another_organisation_worse_off_gives_way(members: Database):
    wish(members, "mentee-good", "criec", "pin")
    share(members, "criec", "mentee-own", mentee())
    share(members, "arec", "mentor-geologist", mentor(noc="2111", seats=0))

    found = run_round(members, publish=True)

    assert found.pinned == 0
    with members.reading() as session:
        assert [one.not_kept for one in round_wishes.listed(session, ERIEC, "mentee-good")] == ["worse_off"]


def test_a_pin_is_fulfilled_when_it_is_asked_so_a_no_is_not_overruled(members: Database):
    wish(members, "mentee-good", "criec", "pin")
    run_round(members, publish=True)
    with members.reading() as session:
        (proposal,) = proposals.inbox(session, system("criec"))
    members.run(lambda session: proposals.decline(session, system("criec"), proposal.id, "no_capacity"))

    run_round(members, publish=True)

    assert "criec" not in asked(members).values()
    assert counted(members) == 0


def test_one_mentee_is_pinned_once_and_one_pair_wished_once(members: Database):
    wish(members, "mentee-good", "criec", "pin")
    same, other = handle(members, "mentee-good", "criec"), handle(members, "mentee-good", "arec")

    for shown, kind in ((same, "forbid"), (other, "pin")):
        assert (
            refusal(members, lambda s, h=shown, k=kind: round_wishes.wish(s, ERIEC, "mentee-good", h, k)) == "conflict"
        )


def test_a_wish_needs_ones_own_mentee_and_a_handle_shown_for_it(members: Database):
    shown = handle(members, "mentee-good", "criec")
    criec = coordinator("criec")

    for who, whom, what in (
        (ERIEC, "mentee-good", "no-such-handle"),
        (ERIEC, "mentee-poor", shown),
        (criec, "mentee-good", shown),
    ):
        assert refusal(members, lambda s, a=who, p=whom, h=what: round_wishes.wish(s, a, p, h, "pin")) == "not-found"


def test_a_wish_is_taken_back_once_and_by_its_own_organisation(members: Database):
    made = wish(members, "mentee-good", "criec", "pin")

    assert (
        refusal(members, lambda session: round_wishes.take_back(session, coordinator("criec"), made.id)) == "not-found"
    )
    members.run(lambda session: round_wishes.take_back(session, ERIEC, made.id))
    assert refusal(members, lambda session: round_wishes.take_back(session, ERIEC, made.id)) == "not-found"
    assert counted(members) == 0
