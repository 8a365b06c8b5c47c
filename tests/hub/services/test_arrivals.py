"""Scarce mentors are held back for who is expected, once a year of arrivals is known; until then a round says that none is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.documents import ProfileDocument, read
from federation.problems import Problem
from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import ArrivalCount, Profile, Round
from hub.reach import Reach, widened
from hub.services import arrivals, matching, profiles, repairs, round_records, rounds, snapshots
from hub.services.round_views import AlternativeView
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, system, today
from tests.hub.rounds import run_round

EXPECTED = 20
HOLDING = RoundPolicy("total_fit", hold_back=100)


def month(before: int) -> date:
    """The first day of the month so many months ago."""
    first = today().replace(day=1)
    for _ in range(before):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def counted(database: Database) -> dict[tuple[date, str, str], int]:
    with database.reading() as session, widened(session, Reach.HUB):
        rows = session.scalars(select(ArrivalCount)).all()
        return {(one.month, one.noc, one.province): one.number for one in rows}


def came(database: Database, before: int, number: int = 1, noc: str = "213", province: str = "AB") -> None:
    """So many mentees came in the month so many months ago, and withdrew since."""
    with database.transaction() as session:
        session.merge(ArrivalCount(month=month(before), noc=noc, province=province, number=number))


def expected(database: Database) -> dict[tuple[str, str], int] | None:
    with database.reading() as session:
        return arrivals.of_a_year(session, today())


def solve(database: Database, policy: RoundPolicy) -> rounds.SolvedRound:
    with database.reading() as session:
        return rounds.solve(session, policy, today())


def keep(database: Database, solved: rounds.SolvedRound) -> rounds.RoundView:
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14))


def studied(database: Database, policy: RoundPolicy) -> tuple[rounds.RoundView, dict[str, AlternativeView]]:
    found = run_round(database, policy)
    return found, {one.name: one for one in found.alternatives}


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
    came(young, 13)
    came(young, 6, EXPECTED)
    return young


def test_before_a_year_of_arrivals_nobody_is_held_back_and_the_round_says_so(young: Database):
    found, shown = studied(young, HOLDING)

    assert found.certificate["hold_back"] == "not_available"
    assert (found.placed, found.policy["hold_back"]) == (1, 100)
    assert "total_fit" in shown
    assert "hold_back" not in shown


def test_a_scarce_mentor_is_held_back_from_others_mentees_once_a_year_is_known(old: Database):
    plain, held = solve(old, RoundPolicy("total_fit")), solve(old, HOLDING)

    # One seat for five in a quarter: neither the first, a month too early, nor those of the running month count.
    assert held.round.problem.scarcity is not None
    assert held.round.problem.scarcity.tolist() == [100 * (EXPECTED * 90 - 365) // (EXPECTED * 90)]
    assert plain.round.placed == 1
    assert held.round.placed == 0
    assert keep(old, held).certificate["hold_back"] == "on"
    assert keep(old, plain).certificate["hold_back"] == "off"


def test_what_holding_back_costs_stands_beside_the_other_policies(old: Database):
    found, shown = studied(old, RoundPolicy("total_fit"))

    assert (found.placed, shown["total_fit"].placed) == (1, 1)
    assert shown["hold_back"].placed in {0, 1}
    assert shown["hold_back"].points <= shown["total_fit"].points
    chosen, again = studied(old, RoundPolicy("total_fit", hold_back=matching.hold_back().points))
    assert again["hold_back"] == shown["hold_back"]
    assert (chosen.placed, chosen.points) == (again["hold_back"].placed, again["hold_back"].points)


@pytest.mark.parametrize("policy", [HOLDING, RoundPolicy(hold_back=50), RoundPolicy()])
def test_a_round_that_held_back_is_replayed_to_the_same_bytes(old: Database, policy: RoundPolicy):
    found = keep(old, solve(old, policy))
    came(old, 3, 10_000)

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
    came(old, 1, 7, "313", "ON")
    came(old, 12, 6, "313", "ON")
    came(old, 13, 100, "313", "ON")
    came(old, 0, 100, "313", "ON")

    with old.reading() as session:
        pool = snapshots.take(session, today()).pool

    assert expected(old) == {("213", "AB"): EXPECTED, ("313", "ON"): 13}
    assert arrivals.scarcity_of(pool, {}).tolist() == [0]
    assert arrivals.scarcity_of(pool, {("213", "AB"): 10_000}).tolist() == [99]


def test_a_year_is_known_when_somebody_came_before_it_and_not_from_an_empty_hub(network: Database):
    assert expected(network) is None

    came(network, 12)
    assert expected(network) is None

    came(network, 13)
    assert expected(network) == {}


@pytest.mark.parametrize(("number", "shown"), [(4, {}), (5, {("313", "ON"): 5})])
def test_fewer_than_five_of_a_cell_and_year_never_leave(network: Database, number: int, shown: dict):
    came(network, 13)
    came(network, 1, 2, "313", "ON")
    came(network, 2, number - 2, "313", "ON")

    assert expected(network) == shown


class TestTheCounter:
    def test_a_mentee_counts_once_when_first_shared_by_aim_and_province(self, network: Database):
        share(network, "eriec", "nurse-to-be", mentee(target_noc="31301", region="ON-535"))
        share(network, "eriec", "nurse-to-be", mentee(target_noc="31301", region="ON-535", needs=["resume"]))
        share(network, "criec", "engineer", mentee())
        share(network, "eriec", "another", mentee(region="AB"))
        share(network, "eriec", "a-mentor", mentor())

        assert counted(network) == {(month(0), "313", "ON"): 1, (month(0), "213", "AB"): 2}

    def test_a_withdrawal_leaves_the_number_and_nobody_in_it(self, network: Database):
        share(network, "eriec", "who-leaves", mentee())
        before = counted(network)
        network.run(lambda session: profiles.withdraw(session, system("eriec"), "who-leaves"))

        assert counted(network) == before == {(month(0), "213", "AB"): 1}
        assert {one.name for one in ArrivalCount.__table__.columns} == {"month", "noc", "province", "number"}

    def test_a_share_that_is_undone_was_none(self, network: Database):
        def undone(session: Session) -> None:
            profiles.share(session, system("eriec"), "nobody-yet", read(ProfileDocument(), mentee()))
            raise Problem("conflict", "x")

        with pytest.raises(Problem):
            network.run(undone)

        assert counted(network) == {}

    def test_who_withdrew_is_expected_again(self, network: Database):
        """The same hub twice: what a round expects does not depend on who left."""
        came(network, 13)
        for number in range(6):
            share(network, "eriec", f"expected-{number}", mentee())
        with network.transaction() as session:
            session.execute(update(ArrivalCount).where(ArrivalCount.month == month(0)).values(month=month(2)))
        stayed = expected(network)
        for number in range(6):
            network.run(lambda session, who=f"expected-{number}": profiles.withdraw(session, system("eriec"), who))

        assert expected(network) == stayed == {("213", "AB"): 6}


def test_one_mentee_s_recommendations_ask_nothing_of_arrivals(old: Database):
    with old.reading() as session:
        one = session.scalars(select(Profile.id).where(Profile.pseudonym == "stranger")).one()

        assert snapshots.take(session, today(), only_mentee=one).arrivals is None
