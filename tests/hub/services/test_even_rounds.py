"""Even load and even gain through the hub: who carries already counts, what they cost is shown, records hold."""

import numpy as np
import pytest
from sqlalchemy import update

from graph.pins import solve_pinned
from graph.rounds import RoundPolicy, RoundProblem
from hub.database import Database
from hub.models import Profile, Proposal, Round
from hub.services import matching, proposals, repairs, round_records, rounds, snapshots, standing_rounds
from hub.services.actors import Actor
from hub.services.round_comparison import compare
from tests.hub.people import TESTS, add_members, coordinator, mentee, mentor, share, system, today
from tests.hub.rounds import run_round

LOAD, GAIN = RoundPolicy(even_load=100), RoundPolicy(even_gain=True)
POLICIES = (LOAD, GAIN, RoundPolicy("total_fit", even_load=100, even_gain=True), RoundPolicy())


@pytest.fixture
def two_mentors(database: Database) -> Database:
    """ERIEC's two mentees; AREC's engineer has two more seats and fits both best, CRIEC's geologist has one."""
    database.run(add_members)
    share(database, "arec", "engineer", mentor(seats=3))
    share(database, "criec", "geologist", mentor(noc="2111"))
    for number in range(2):
        share(database, "eriec", f"mentee-{number}", mentee())
    return database


@pytest.fixture
def carrying(two_mentors: Database, owned: Database) -> Database:
    """The same, and the engineer has a mentee already."""
    owned.run(lambda session: session.execute(update(Profile).where(Profile.pseudonym == "engineer").values(taken=1)))
    return two_mentors


def solve(database: Database, policy: RoundPolicy) -> rounds.SolvedRound:
    with database.reading() as session:
        return rounds.solve(session, policy, today())


def keep(database: Database, solved: rounds.SolvedRound) -> rounds.RoundView:
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14))


def owners(solved: rounds.SolvedRound) -> list[str]:
    return sorted(match.mentor.organisation for match in solved.matches)


def test_without_it_the_best_fit_takes_every_mentee_and_with_it_each_mentor_one(two_mentors: Database):
    assert owners(solve(two_mentors, RoundPolicy())) == ["arec", "arec"]
    assert owners(solve(two_mentors, LOAD)) == ["arec", "criec"]


def test_mentees_of_earlier_rounds_count_in_the_load(carrying: Database):
    with carrying.reading() as session:
        problem = snapshots.round_problem(snapshots.take(session, today()))

    assert sorted(problem.carried.tolist()) == [0, 1]
    found = keep(carrying, solve(carrying, RoundPolicy()))
    assert found.certificate["carrying_several"] == {"before": 0, "after": 1}
    evened = keep(carrying, solve(carrying, LOAD))
    assert (evened.placed, evened.certificate["carrying_several"]) == (2, {"before": 0, "after": 1})


def test_what_each_would_cost_stands_beside_every_round_and_agrees_with_it(two_mentors: Database):
    plain = {one.name: one for one in run_round(two_mentors).alternatives}

    for name, policy in (("even_load", RoundPolicy(even_load=matching.even_load())), ("even_gain", GAIN)):
        found = run_round(two_mentors, policy)
        row = {one.name: one for one in found.alternatives}[name]
        assert (row.placed, row.points, row.worse_off) == (found.placed, found.points, 0)
        assert row == plain[name]
        assert row.placed == plain["most_mentees"].placed


def test_the_surplus_stands_in_the_record_and_who_carries_several_is_for_who_runs_the_network(two_mentors: Database):
    kept = keep(two_mentors, solve(two_mentors, GAIN))
    two_mentors.run(lambda session: rounds.publish(session, TESTS, kept.id))

    assert kept.certificate["surplus"] == 2
    with two_mentors.reading() as session:
        member = rounds.show(session, coordinator("arec"), kept.id).certificate
        operator = rounds.show(session, Actor("olga", "operator", None), kept.id).certificate
    assert "carrying_several" not in member
    assert operator["carrying_several"] == {"before": 0, "after": 1}
    assert member["surplus"] == operator["surplus"] == 2


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_an_even_round_is_replayed_to_the_same_bytes(carrying: Database, policy: RoundPolicy):
    found = keep(carrying, solve(carrying, policy))

    with carrying.reading() as session:
        again = round_records.replay(session, found.id)

    assert again.holds
    assert (again.placed, again.points) == (found.placed, found.points)


def test_a_round_of_record_from_before_even_rounds_still_holds(two_mentors: Database, owned: Database):
    found = keep(two_mentors, solve(two_mentors, RoundPolicy()))
    later = {"even_load", "even_gain", "surplus", "carrying_several"}

    def as_before(session) -> None:
        row = session.get_one(Round, found.id)
        row.policy = {name: value for name, value in row.policy.items() if name not in later}
        row.certificate = {name: value for name, value in row.certificate.items() if name not in later}

    owned.run(as_before)

    with two_mentors.reading() as session:
        assert round_records.replay(session, found.id).holds
        assert rounds.show(session, TESTS, found.id).placed == 2


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_an_even_round_is_repaired_as_it_was_made_and_a_first_yes_counts_in_the_load(
    two_mentors: Database, policy: RoundPolicy
):
    kept = keep(two_mentors, solve(two_mentors, policy))
    two_mentors.run(lambda session: rounds.publish(session, TESTS, kept.id))
    with two_mentors.reading() as session:
        asked = next(one for one in proposals.inbox(session, system("arec")) if one.state == "proposed")
    two_mentors.run(lambda session: proposals.accept(session, system("arec"), asked.id))

    with two_mentors.reading() as session:
        stands = standing_rounds.stand(session, kept.id, today())
        found = repairs.look(session, TESTS, kept.id, today())

    assert stands.policy == policy
    assert sorted(stands.problem.carried.tolist()) == [0, 1]
    assert [offer.refused for offer in found.offers] == [False, False]


def test_a_policy_that_the_pins_break_is_left_out_of_the_comparison():
    # The pin gives organisation 0's one seat to a mentee of 1; only a round without the promise can keep it.
    problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])
    unfair = RoundPolicy(individual_rationality=False)

    found = compare(solve_pinned(problem, unfair, [(1, 0)]), unfair, np.zeros(2, dtype=np.bool_))

    assert [one.name for one in found] == ["no_guarantee", "even_load", "local_first", "stable"]


def test_a_draft_asks_only_those_the_even_round_placed(carrying: Database):
    found = keep(carrying, solve(carrying, LOAD))

    with carrying.reading() as session:
        drafted = session.query(Proposal).where(Proposal.round_id == found.id).count()
    assert drafted == found.placed
