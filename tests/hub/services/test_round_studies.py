"""What stands beside a round comes after it: the draft is there first, and nothing is kept beside one that gave way."""

from typing import Any

import pytest
from sqlalchemy import func, select

from federation.problems import Problem
from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Round, RoundAlternative, StandIn
from hub.services import network, profiles, round_runs, round_studies, rounds
from hub.services.rounds import RoundView, SolvedRound
from hub.settings import load_settings
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, system, today
from tests.hub.rounds import run_round
from tests.hub.services.refusals import everything

SETTINGS = load_settings({}, secret="s" * 40)


@pytest.fixture
def waiting(members: Database) -> Database:
    share(members, "arec", "mentor-first", mentor(seats=5))
    share(members, "criec", "mentor-second", mentor(seats=5))
    for number in range(6):
        share(members, "eriec", f"mentee-{number}", mentee())
    return members


def kept(database: Database) -> tuple[RoundView, SolvedRound]:
    with database.reading() as session:
        solved = rounds.solve(session, RoundPolicy(), today())
    return database.run(lambda session: rounds.keep(session, TESTS, solved, 14)), solved


def rows(database: Database) -> tuple[int | None, int | None]:
    with database.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (RoundAlternative, StandIn))


def store(database: Database, found: RoundView, solved: SolvedRound) -> bool:
    study = round_studies.study(solved)
    return database.run(lambda session: round_studies.keep(session, found.id, solved, study))


def test_a_draft_stands_before_anything_is_compared_and_can_be_published_then(waiting: Database):
    found, solved = kept(waiting)
    assert (found.studied, found.alternatives, rows(waiting)) == (False, (), (0, 0))
    assert waiting.run(lambda session: rounds.publish(session, TESTS, found.id)).state == "published"
    with waiting.reading() as session:
        assert network.picture(session, coordinator("criec"), SETTINGS).together == ()

    assert store(waiting, found, solved)

    with waiting.reading() as session:
        later = rounds.show(session, TESTS, found.id)
        assert [one.more for one in network.picture(session, coordinator("criec"), SETTINGS).together] != []
    assert (later.studied, later.state) == (True, "published")
    assert {one.name for one in later.alternatives} >= {"most_mentees", "total_fit", "stable"}
    assert rows(waiting) == (len(later.alternatives), 6)


def test_a_study_is_kept_once(waiting: Database):
    found, solved = kept(waiting)
    assert store(waiting, found, solved)
    before = everything(waiting)

    assert not store(waiting, found, solved)

    assert everything(waiting) == before


def test_nothing_is_kept_beside_a_draft_that_gave_way_meanwhile(waiting: Database):
    first, solved = kept(waiting)
    kept(waiting)
    before = everything(waiting)

    assert not store(waiting, first, solved)

    assert everything(waiting) == before


def test_who_withdrew_meanwhile_has_no_row_in_it(waiting: Database):
    found, solved = kept(waiting)
    waiting.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0"))

    assert store(waiting, found, solved)

    assert rows(waiting)[1] == 5


def test_a_run_broken_off_while_it_compares_leaves_the_draft_and_says_so_before(waiting: Database):
    told: list[RoundView] = []

    def break_off(step: str, done: int, total: int) -> None:
        if step == "compare" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_round(waiting, on_kept=told.append, progress=break_off)

    assert rows(waiting) == (0, 0)
    with waiting.reading() as session:
        left = session.scalars(select(Round)).one()
        assert (left.id, left.state, left.studied_at, left.insights) == (told[0].id, "drafted", None, {})
        assert rounds.show(session, TESTS, left.id).placed == told[0].placed == 6


def test_each_step_is_told_in_order_and_never_beyond_its_whole(waiting: Database):
    told: list[tuple[str, int, int]] = []

    run_round(waiting, progress=lambda *step: told.append(step))

    order: list[str] = []
    for step, done, total in told:
        order += [step] if step not in order else []
        assert 0 <= done <= total
    assert order == ["read", "score", "solve", "explain", "compare", "ask"]
    assert told[-1][1:] == (told[-1][2], told[-1][2])


def test_a_round_that_cannot_be_published_is_not_studied(waiting: Database, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: Any) -> None:
        raise Problem("illegal-move", "somebody ran another round")

    monkeypatch.setattr(rounds, "publish", refuse)

    with pytest.raises(Problem):
        round_runs.run(waiting, TESTS, RoundPolicy(), today(), 14, publish=True)

    assert rows(waiting) == (0, 0)
