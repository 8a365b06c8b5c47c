"""Scarce mentors are held back for who is expected, once a year of arrivals is known; until then a round says that none is."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Profile, Round, utcnow
from hub.services import arrivals, matching, repairs, round_records, rounds, snapshots
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, today

EXPECTED = 20
HOLDING = RoundPolicy("total_fit", hold_back=100)


def came(database: Database, days_ago: int, *pseudonyms: str) -> None:
    at = utcnow() - timedelta(days=days_ago)
    with database.transaction() as session:
        session.execute(update(Profile).where(Profile.pseudonym.in_(pseudonyms)).values(created_at=at))


def solve(database: Database, policy: RoundPolicy) -> rounds.SolvedRound:
    with database.reading() as session:
        return rounds.solve(session, policy, today())


def keep(database: Database, solved: rounds.SolvedRound) -> rounds.RoundView:
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14))


@pytest.fixture
def young(network: Database) -> Database:
    """ERIEC's one engineer, and many mentees of ERIEC of her profession who have no seat; CRIEC's mentee would meet her."""
    share(network, "eriec", "engineer", mentor())
    for number in range(EXPECTED):
        share(network, "eriec", f"expected-{number}", mentee(modes=["in_person"]))
    share(network, "criec", "stranger", mentee(years_band="21+", needs=["leadership"]))
    return network


@pytest.fixture
def old(young: Database) -> Database:
    """The same hub, which has known mentees for more than a year."""
    came(young, 400, "expected-0")
    came(young, 200, *(f"expected-{number}" for number in range(1, EXPECTED)))
    return young


def test_before_a_year_of_arrivals_nobody_is_held_back_and_the_round_says_so(young: Database):
    found = keep(young, solve(young, HOLDING))

    assert found.certificate["hold_back"] == "not_available"
    assert (found.placed, found.policy["hold_back"]) == (1, 100)
    assert "hold_back" not in [one.name for one in found.alternatives]


def test_a_scarce_mentor_is_held_back_from_others_mentees_once_a_year_is_known(old: Database):
    plain, held = solve(old, RoundPolicy("total_fit")), solve(old, HOLDING)

    # All but the first, and the stranger, came in the last year: one seat for five in a quarter.
    assert held.round.problem.scarcity is not None
    assert held.round.problem.scarcity.tolist() == [100 * (EXPECTED * 90 - 365) // (EXPECTED * 90)]
    assert plain.round.placed == 1
    assert held.round.placed == 0
    assert keep(old, held).certificate["hold_back"] == "on"
    assert keep(old, plain).certificate["hold_back"] == "off"


def test_what_holding_back_costs_stands_beside_the_other_policies(old: Database):
    found = keep(old, solve(old, RoundPolicy("total_fit")))

    shown = {one.name: one for one in found.alternatives}
    assert (found.placed, shown["total_fit"].placed) == (1, 1)
    assert shown["hold_back"].placed in {0, 1}
    assert shown["hold_back"].points <= shown["total_fit"].points
    chosen = keep(old, solve(old, RoundPolicy("total_fit", hold_back=matching.hold_back().points)))
    again = {one.name: one for one in chosen.alternatives}
    assert again["hold_back"] == shown["hold_back"]
    assert (chosen.placed, chosen.points) == (again["hold_back"].placed, again["hold_back"].points)


@pytest.mark.parametrize("policy", [HOLDING, RoundPolicy(hold_back=50), RoundPolicy()])
def test_a_round_that_held_back_is_replayed_to_the_same_bytes(old: Database, policy: RoundPolicy):
    found = keep(old, solve(old, policy))
    came(old, 10, "expected-0")

    with old.reading() as session:
        again = round_records.replay(session, found.id)

    assert again.holds
    assert (again.placed, again.points) == (found.placed, found.points)


def test_a_round_of_record_from_before_hold_back_was_known_still_holds(old: Database):
    found = keep(old, solve(old, RoundPolicy()))
    with old.transaction() as session:
        row = session.get_one(Round, found.id)
        row.policy = {name: value for name, value in row.policy.items() if name != "hold_back"}
        row.certificate = {name: value for name, value in row.certificate.items() if name != "hold_back"}

    with old.reading() as session:
        assert round_records.replay(session, found.id).holds
        assert rounds.show(session, TESTS, found.id).state == "drafted"


def test_a_repair_holds_back_as_its_round_did(old: Database):
    share(old, "criec", "stranger", mentee(years_band="21+", needs=["leadership"], modes=["in_person"]))
    kept = keep(old, solve(old, HOLDING))
    old.run(lambda session: rounds.publish(session, TESTS, kept.id))
    share(old, "criec", "stranger", mentee(years_band="21+", needs=["leadership"]))

    with old.reading() as session:
        found = repairs.look(session, coordinator("criec"), kept.id, today())

    assert [one.asked for one in found.offers] == [(), ()]


def test_arrivals_are_counted_by_what_mentees_aim_at_and_where_within_the_year(old: Database):
    share(old, "criec", "nurse", mentee(noc="2130", target_noc="31301", region="ON-535"))
    share(old, "criec", "far-back", mentee())
    came(old, 366, "far-back")

    with old.reading() as session:
        found = arrivals.of_a_year(session, today())
        pool = snapshots.take(session, today()).pool

    assert found == {("213", "AB"): EXPECTED, ("313", "ON"): 1}
    assert arrivals.scarcity_of(pool, {}).tolist() == [0]
    assert arrivals.scarcity_of(pool, {("213", "AB"): 10_000}).tolist() == [99]


def test_a_year_is_known_when_somebody_came_before_it_and_not_from_an_empty_hub(network: Database):
    with network.reading() as session:
        assert arrivals.of_a_year(session, today()) is None
    share(network, "eriec", "first", mentee())
    for days, known in ((364, False), (367, True)):
        came(network, days, "first")
        with network.reading() as session:
            assert (arrivals.of_a_year(session, today()) is not None) == known
            assert session.scalars(select(Profile.kind)).all() == ["mentee"]


def test_one_mentee_s_recommendations_ask_nothing_of_arrivals(old: Database):
    with old.reading() as session:
        one = session.scalars(select(Profile.id).where(Profile.pseudonym == "stranger")).one()

        assert snapshots.take(session, today(), only_mentee=one).arrivals is None
