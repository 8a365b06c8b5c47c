"""Contacts of groups, pairs and circles, from real connectors through a real hub to real connectors."""

from collections.abc import Callable

import pytest

from hub.database import Database
from tests.attacks.gatherers import CIRCLE, GROUPED, PAIR, Gatherers, gather
from tests.attacks.lying_hub import Member


@pytest.fixture
def joined(join_hub: Callable[[str], Member]) -> dict[str, Member]:
    return {name: join_hub(name) for name in ("eriec", "criec", "arec")}


def test_a_pair_is_introduced_both_ways(sqlite_database: Database, joined: dict[str, Member]):
    del joined["arec"]
    pair = gather(sqlite_database, joined, "pair", PAIR)
    pair.compare()
    pair.accept()

    for name in ("eriec", "criec"):
        assert pair.seal(name).failed == ()
    for name in ("eriec", "criec"):
        assert pair.open(name).failed == ()

    assert pair.heard("eriec") == {"criec": ["Criec A"]}
    assert pair.heard("criec") == {"eriec": ["Eriec A"]}
    assert pair.state("eriec", "criec") == pair.state("criec", "eriec") == "acknowledged"
    for name in ("eriec", "criec"):
        assert pair.seal(name, 30).failed == pair.open(name, 30).failed == ()


def test_a_circle_introduces_everybody_to_everybody(sqlite_database: Database, joined: dict[str, Member]):
    circle = gather(sqlite_database, joined, "circle", CIRCLE)
    circle.compare()
    circle.accept()

    for step in (Gatherers.seal, Gatherers.open):
        for name in joined:
            assert step(circle, name).failed == ()

    for name in joined:
        assert circle.heard(name) == {other: names for other, names in circle.names.items() if other != name}


def test_a_group_introduces_its_mentor_and_each_mentee_and_no_mentees_to_each_other(
    sqlite_database: Database, joined: dict[str, Member]
):
    group = gather(sqlite_database, joined, "group", GROUPED)
    group.compare()
    group.accept()

    for step in (Gatherers.seal, Gatherers.open):
        for name in joined:
            assert step(group, name).failed == ()

    assert group.heard("eriec") == group.heard("criec") == {"arec": group.names["arec"]}
    assert group.heard("arec") == {name: group.names[name] for name in ("eriec", "criec")}
