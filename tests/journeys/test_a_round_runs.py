"""Journey 4: the operator runs and publishes a round; both organisations see theirs, and nobody is worse off."""

import os
import re
import subprocess
import sys

import pytest

from tests.journeys.conftest import Hub

ROUND = re.compile(r"Round (\S+) \((\w+)\)")


@pytest.fixture
def operate(hub: Hub):
    """Type a ``passerelle`` command in the operator's shell."""

    def run(*words: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "federation.command_line", *words],
            env=os.environ | hub.environment() | {"COLUMNS": "160"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


def test_a_draft_asks_nobody_and_a_published_round_asks_both_sides(hub: Hub, operate):
    browser, client = hub.browser("triec"), hub.agency("triec").client

    draft = ROUND.search(operate("round", "run"))
    assert draft is not None
    asked_before = list(client.proposals())
    operate("round", "publish", draft[1])

    assert draft[2] == "drafted"
    assert asked_before == []
    proposals = list(client.proposals())
    assert proposals
    page = browser.read("/proposals")
    assert all(f"/proposals/{one['id']}" in page for one in proposals if one["state"] == "proposed")


def test_nobody_is_worse_off_and_each_sees_the_same_digest(hub: Hub, operate):
    operate("round", "run", "--publish")

    seen = {name: hub.agency(name).client.rounds()[0] for name in ("jvs", "triec", "arec")}

    assert len({one["digest"] for one in seen.values()}) == 1
    for name, one in seen.items():
        (mine,) = [share for share in one["shares"] if share["organisation"] == name]
        assert mine["placed"] >= mine["placed_alone"]
    assert any(one["placed_across"] for one in seen.values())


def test_a_rounds_page_shows_before_and_after_in_both_languages(hub: Hub, operate):
    found = ROUND.search(operate("round", "run", "--publish"))
    assert found is not None

    for locale in ("en", "fr"):
        page = hub.browser("triec", locale).read(f"/rounds/{found[1]}")
        assert "TRIEC" in page
        assert "<table" in page


def test_small_counts_of_others_are_not_shown(hub: Hub, operate):
    operate("round", "run", "--publish")

    shares = hub.agency("triec").client.rounds()[0]["shares"]

    others = [share for share in shares if share["organisation"] != "triec"]
    counts = [share[name] for share in others for name in ("mentees", "placed", "placed_across")]
    assert others
    assert all(count is None or count == 0 or count >= 5 for count in counts)
