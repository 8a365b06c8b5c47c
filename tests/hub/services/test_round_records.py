"""A round is kept by row numbers, solved again to the same bytes, and compared with other policies."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import select, update

from federation.problems import Problem
from graph.pins import solve_pinned
from graph.rounds import RoundPolicy, RoundProblem, solve_round
from hub.database import Database
from hub.models import Profile, Proposal, Round, RoundInput
from hub.services import profiles, round_records, rounds
from hub.services.round_comparison import NAMES, compare
from tests.hub.people import TESTS, add_members, mentee, mentor, share, system, today
from tests.hub.rounds import run_round


@pytest.fixture
def waiting(database: Database) -> Database:
    """Two organisations with mentees, one mentor each, and a mentor of a professional network."""
    database.run(add_members)
    for home in ("eriec", "criec"):
        share(database, home, f"{home}-mentor", mentor())
        for number in range(2):
            share(database, home, f"{home}-mentee-{number}", mentee())
    share(database, "arec", "arec-mentor", mentor(seats=1))
    return database


def draft(database: Database, policy: RoundPolicy | None = None) -> rounds.RoundView:
    with database.reading() as session:
        solved = rounds.solve(session, policy or RoundPolicy(), today())
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14))


def test_a_round_of_record_is_solved_again_to_the_same_bytes_and_proven(waiting: Database):
    found = draft(waiting)

    with waiting.reading() as session:
        again = round_records.replay(session, found.id)

    assert (again.same_inputs, again.same_outcome, again.faults, again.sources_changed) == (True, True, (), ())
    assert (again.placed, again.points) == (found.placed, found.points) == (3, found.points)


def test_a_withdrawal_after_the_round_changes_nothing_of_its_record(waiting: Database):
    found = draft(waiting)

    waiting.run(lambda session: profiles.withdraw(session, system("eriec"), "eriec-mentee-0"))

    with waiting.reading() as session:
        assert round_records.replay(session, found.id).holds


def test_the_record_holds_nobodys_id(waiting: Database):
    found = draft(waiting)

    with waiting.reading() as session:
        kept = session.get_one(RoundInput, found.id)
        ids = list(session.scalars(select(Profile.id)))
        pseudonyms = list(session.scalars(select(Profile.pseudonym)))
    columns = np.load(io.BytesIO(kept.columns))
    assert all(columns[name].dtype.kind in "iub" for name in columns.files)
    assert not any(text.encode() in kept.columns for text in (*ids, *pseudonyms))


def test_a_round_that_its_certificate_does_not_prove_is_refused_before_anybody_hears_of_it():
    problem = RoundProblem([0, 0, 1], [0, 1, 0], [90, 80, 70], [1, 1], [0, 0], [0, 0])
    proven = solve_round(problem)
    worse = replace(proven, mentor_of=np.array([0, -1]))
    lame = replace(proven, certificate=replace(proven.certificate, potentials=0 * proven.certificate.potentials))

    round_records.demand_proof(problem, RoundPolicy(), proven)
    for doubtful in (worse, lame):
        with pytest.raises(round_records.UnprovenRoundError, match=proven.certificate.engine):
            round_records.demand_proof(problem, RoundPolicy(), doubtful)


@pytest.mark.parametrize("field", ["columns", "outcome", "digest"])
def test_a_record_that_was_touched_does_not_hold(waiting: Database, owned: Database, field: str):
    found = draft(waiting)

    def touch(session) -> None:
        kept = session.get_one(RoundInput, found.id)
        if field == "columns":
            problem = round_records.unpacked(kept.columns)
            kept.columns = round_records.packed(
                RoundProblem(
                    problem.mentee, problem.mentor, np.where(problem.points > 1, problem.points - 1, 2), problem.seats,
                    problem.mentee_organisation, problem.mentor_organisation, organisations=problem.organisations,
                )
            )  # fmt: skip
        elif field == "outcome":
            kept.outcome = "0" * 64
        else:
            session.execute(update(Round).where(Round.id == found.id).values(digest="0" * 64))

    owned.run(touch)

    with waiting.reading() as session:
        assert not round_records.replay(session, found.id).holds


def test_a_round_that_is_not_there_cannot_be_replayed(database: Database):
    with database.reading() as session, pytest.raises(Problem) as refused:
        round_records.replay(session, "nobody")

    assert refused.value.kind == "not-found"


def test_a_later_draft_takes_the_place_of_an_earlier_one(waiting: Database):
    first, second = draft(waiting), draft(waiting, RoundPolicy("total_fit"))

    with pytest.raises(Problem) as refused:
        waiting.run(lambda session: rounds.publish(session, TESTS, first.id))

    assert refused.value.kind == "illegal-move"
    assert "later draft" in refused.value.detail
    assert waiting.run(lambda session: rounds.publish(session, TESTS, second.id)).state == "published"
    with waiting.reading() as session:
        states = set(session.scalars(select(Proposal.state).where(Proposal.round_id == first.id)))
    assert states == {"superseded"}


def test_a_round_shows_every_other_policy_and_the_one_chosen_agrees_with_itself(waiting: Database):
    found = run_round(waiting)

    shown = {other.name: other for other in found.alternatives}

    assert tuple(shown) == tuple(name for name in NAMES if name not in ("hold_back", "no_windows"))
    assert (shown["most_mentees"].placed, shown["most_mentees"].points) == (found.placed, found.points)
    assert shown["most_mentees"].worse_off == shown["total_fit"].worse_off == 0


@settings(deadline=None, max_examples=40)
@given(some.data())
def test_no_policy_places_more_than_most_mentees_nor_scores_more_than_total_fit(data: some.DataObject):
    mentees, mentors = data.draw(some.integers(1, 6)), data.draw(some.integers(1, 5))
    every = [(one, other) for one in range(mentees) for other in range(mentors)]
    pairs = data.draw(some.lists(some.sampled_from(every), unique=True))
    numbers = some.integers(0, 2)
    problem = RoundProblem(
        [one for one, _ in pairs],
        [other for _, other in pairs],
        data.draw(some.lists(some.integers(1, 100), min_size=len(pairs), max_size=len(pairs))),
        data.draw(some.lists(numbers, min_size=mentors, max_size=mentors)),
        data.draw(some.lists(numbers, min_size=mentees, max_size=mentees)),
        data.draw(some.lists(numbers, min_size=mentors, max_size=mentors)),
    )

    far = np.array(data.draw(some.lists(some.booleans(), min_size=len(pairs), max_size=len(pairs))), dtype=np.bool_)
    result = solve_round(problem)
    found = {other.name: other for other in compare(solve_pinned(problem, RoundPolicy(), ()), RoundPolicy(), far)}

    fair = [found[name] for name in ("most_mentees", "total_fit", "even_balance", "even_load", "even_gain")]
    assert found["even_load"].placed == found["even_gain"].placed == found["most_mentees"].placed
    assert found["most_mentees"].placed == max(other.placed for other in found.values())
    assert found["total_fit"].points == max(other.points for other in fair)
    assert all(other.worse_off == 0 for other in fair)
    assert found["local_first"].placed <= found["most_mentees"].placed
    assert found["stable"].placed <= found["most_mentees"].placed
    assert round_records.outcome(solve_round(round_records.unpacked(round_records.packed(problem)))) == (
        round_records.outcome(result)
    )
