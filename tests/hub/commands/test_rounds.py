"""``passerelle round``: a draft asks nobody, publishing asks once, and every refusal is a sentence."""

import re

import pytest

from hub.database import Database
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


def test_publishing_twice_or_what_is_not_there_is_refused(pool):
    identifier = drafted(pool, "--publish")
    assert states(pool) == ["proposed"]

    assert "was published before" in pool.refused("round", "publish", identifier)
    assert "Check the round's id" in pool.refused("round", "publish", "no-such-round")


@pytest.mark.parametrize(
    "options", [("--objective", "total_fit"), ("--net-balance", "0"), ("--unfair",), ("--net-balance", "3", "--unfair")]
)
def test_every_policy_can_be_run(pool, options: tuple[str, ...]):
    assert drafted(pool, *options)


def test_a_round_over_nobody_places_nobody(two_members):
    told = " ".join(two_members.done("round", "run").split())

    assert "0 of 0 mentees placed, 0 points" in told


@pytest.mark.parametrize("options", [("--objective", "joy"), ("--net-balance", "-1")])
def test_a_policy_that_does_not_exist_is_refused_as_usage(pool, options: tuple[str, ...]):
    assert pool.type("round", "run", *options).exit_code == 2
