"""``passerelle round``: a draft asks nobody, publishing asks once, and every refusal is a sentence."""

import re

import pytest
from sqlalchemy import update

from hub.database import Database
from hub.models import Round
from tests.hub.people import mentee, mentor, share


@pytest.fixture
def pool(two_members):
    """One mentee of eriec whom a mentor of arec fits."""
    database = Database(f"sqlite:///{two_members.folder}/passerelle.sqlite3")
    share(database, "arec", "mentor-0001", mentor())
    share(database, "eriec", "mentee-0001", mentee())
    database.close()
    return two_members


def drafted(terminal, *more: str) -> str:
    told = terminal.done("round", "run", *more)
    return re.search(r"Round (\S+) \((?:drafted|published)\)", told).group(1)


def states(terminal) -> list[str]:
    return re.findall(r"'(drafted|proposed|superseded)'", " ".join(terminal.rows()["proposal"]))


def test_a_round_is_a_draft_until_it_is_published_by_its_id(pool):
    identifier = drafted(pool)
    assert states(pool) == ["drafted"]
    assert pool.rows()["outbox_message"] == []
    assert f"{identifier}  drafted  1 of 1 placed" in pool.done("round", "list")

    told = pool.done("round", "publish", identifier)

    assert "(published): 1 of 1 mentees placed" in " ".join(told.split())
    assert states(pool) == ["proposed"]
    assert len(pool.rows()["outbox_message"]) == 2


def test_a_draft_is_looked_at_again_before_somebody_publishes_it(pool):
    identifier = drafted(pool)

    told = " ".join(pool.done("round", "show", identifier).split())

    assert f"Round {identifier} (drafted): 1 of 1 mentees placed" in told
    assert "The same round, other policies" in told
    assert "Check the round's id" in pool.refused("round", "show", "no-such-round")


def test_a_round_that_was_not_studied_says_so(pool):
    identifier = drafted(pool)
    database = Database(f"sqlite:///{pool.folder}/passerelle.sqlite3")
    database.run(lambda session: session.execute(update(Round).values(studied_at=None)))
    database.close()

    assert "Not compared with other policies" in " ".join(pool.done("round", "show", identifier).split())


def test_publishing_twice_or_what_is_not_there_is_refused(pool):
    identifier = drafted(pool, "--publish")
    assert states(pool) == ["proposed"]

    assert "was published before" in pool.refused("round", "publish", identifier)
    assert "Check the round's id" in pool.refused("round", "publish", "no-such-round")


@pytest.mark.parametrize(
    "options",
    [
        ("--objective", "total_fit"),
        ("--net-balance", "0"),
        ("--unfair",),
        ("--net-balance", "3", "--unfair"),
        ("--even-load", "--even-gain", "--net-balance", "3"),
    ],
)
def test_every_policy_can_be_run(pool, options: tuple[str, ...]):
    assert drafted(pool, *options)


def test_holding_back_says_that_no_year_of_arrivals_is_known_yet(pool):
    told = " ".join(pool.done("round", "run", "--hold-back").split())

    assert "no whole year of arrivals" in told
    assert "no whole year of arrivals" not in pool.done("round", "run")


def test_an_even_round_says_its_surplus_and_what_it_means_for_mentors(pool):
    told = " ".join(pool.done("round", "run", "--even-gain", "--even-load").split())

    assert "Every organisation gains 1 placements on what it has alone" in told
    assert "Mentors with more than one mentee: 0 before, 0 with this round." in told
    assert "Every organisation gains" not in pool.done("round", "run")
    assert "even gain" in told


def test_an_even_gain_without_the_promise_it_adds_to_is_refused(pool):
    assert "choose one of them" in pool.type("round", "run", "--even-gain", "--unfair").output
    assert pool.type("round", "run", "--even-gain", "--unfair").exit_code == 2


def test_what_a_no_would_mean_is_told_in_fives_and_not_at_all_of_few(pool):
    assert "If the answer is no" not in pool.done("round", "run")
    database = Database(f"sqlite:///{pool.folder}/passerelle.sqlite3")
    for number in range(2, 10):
        share(database, "eriec", f"mentee-{number:04}", mentee())
    for number in range(2, 4):
        share(database, "arec", f"mentor-{number:04}", mentor(seats=9))
    database.close()

    told = " ".join(pool.done("round", "run", "--publish").split())

    assert re.search(r"another mentor stands by: (5|10); another mentor, if others move: fewer than five;", told)
    assert "nobody yet: fewer than five" in told


def test_a_round_over_nobody_places_nobody(two_members):
    told = " ".join(two_members.done("round", "run").split())

    assert "0 of 0 mentees placed, 0 points" in told


@pytest.mark.parametrize("options", [("--objective", "joy"), ("--net-balance", "-1")])
def test_a_policy_that_does_not_exist_is_refused_as_usage(pool, options: tuple[str, ...]):
    assert pool.type("round", "run", *options).exit_code == 2


@pytest.fixture
def published(pool):
    """The round of the pool, published; then arec's mentor has no seat any more and criec's comes."""
    identifier = drafted(pool, "--publish")
    database = Database(f"sqlite:///{pool.folder}/passerelle.sqlite3")
    share(database, "arec", "mentor-0001", mentor(seats=0))
    share(database, "arec", "mentor-0002", mentor(noc="2111"))
    database.close()
    return identifier


def test_a_repair_is_looked_at_and_nothing_happens(pool, published):
    before = pool.rows()

    told = pool.done("round", "repair", published)

    assert "no_move: +1 placements" in told
    assert "ask eriec -> arec" in told
    assert "mentor-000" not in told
    assert pool.rows() == before


def test_a_repair_is_made_when_the_operator_says_so(pool, published):
    assert "Asked 1 pairs; 1 unanswered" in pool.done("round", "repair", published, "--make", "no_move", "--yes")
    assert sorted(states(pool)) == ["proposed", "superseded"]

    assert "nothing to repair" in pool.refused("round", "repair", published, "--make", "exact", "--yes")


def test_a_repair_is_asked_about_once_more_and_refused_for_a_draft(pool, published):
    assert pool.type("round", "repair", published, "--make", "exact").exit_code == 1
    assert states(pool) == ["proposed"]

    assert "Only a published round" in pool.refused("round", "repair", drafted(pool))
