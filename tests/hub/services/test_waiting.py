"""How many others wait is told in fives beside groups, pairs and circles, and nothing an organisation does moves it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import update

from hub.database import Database
from hub.models import Profile
from hub.services import organisations
from hub.services.statistics import Telling
from hub.services.suggestions import Waiting, waiting
from tests.hub.gathered import SETTINGS, SHOWN, SOLVED, peer, propose
from tests.hub.people import TESTS, add_members, coordinator, mentee, share, today

PROGRAMS = {"group": "group", "pair": "peer", "circle": "peer"}


@pytest.fixture
def hub(sqlite_database: Database) -> Database:
    sqlite_database.run(add_members)
    return sqlite_database


def wait(database: Database, organisation: str, number: int) -> None:
    """Let one more of an organisation wait for peers and a group."""
    wanted = peer(number % 2, formats=["one_to_one", "peer", "group"])
    share(database, organisation, f"{organisation}-{number:04}", wanted)


def told(database: Database, kind: str, organisation: str = "eriec") -> Waiting:
    with database.reading() as session:
        solved: Any = SOLVED[kind](session, today())
    shown: Any = database.run(lambda session: SHOWN[kind](session, coordinator(organisation), solved, SETTINGS))
    found: Waiting = shown.waiting
    return found


def others(count: int, program: str) -> int | None:
    return Telling.of(SETTINGS, today()).told(count, "waiting", program)


@pytest.mark.parametrize("kind", PROGRAMS)
def test_own_people_are_counted_and_others_told_in_fives_from_five_on(hub: Database, kind: str):
    wait(hub, "eriec", 0)
    for number in range(9):
        wait(hub, "criec", number)
        found = told(hub, kind)

        assert found == Waiting(1, others(number + 1, PROGRAMS[kind]))
        assert (found.others is None) == (number < 4)
        assert (found.others or 0) % 5 == 0
    assert found.total == 1 + (found.others or 0)


@pytest.mark.parametrize("program", ["peer", "group"])
def test_somebody_who_comes_is_seen_before_and_after_in_one_count_of_five(hub: Database, program: str):
    """Who asks before and after a change learns nothing in four cases of five, whatever the draw."""
    seen = []
    for number in range(20):
        wait(hub, "criec", number)
        with hub.reading() as session:
            seen.append(waiting(session, coordinator("eriec"), program, SETTINGS).others)

    assert sum(before != after for before, after in pairwise(seen[4:])) == 3


@pytest.mark.parametrize("kind", PROGRAMS)
def test_neither_own_people_nor_asking_move_what_is_told_of_others(hub: Database, kind: str):
    """Else a member could add its own, or ask others one by one, until the number jumps, and so count them out."""
    for number in range(8):
        wait(hub, "criec", number)
    before = others(8, PROGRAMS[kind])
    for number in range(6):
        wait(hub, "eriec", number)
        assert told(hub, kind) == Waiting(number + 1, before)
    for _ in range(3):
        propose(hub, "eriec", "pair")
        assert told(hub, kind) == Waiting(6, before)


LEFT: dict[str, Callable[[Database], object]] = {
    "wants something else": lambda database: share(database, "eriec", "eriec-0000", mentee()),
    "has a mentor": lambda database: database.run(lambda session: session.execute(update(Profile).values(taken=1))),
    "is of a suspended member": lambda database: database.run(
        lambda session: organisations.suspend(session, TESTS, "eriec")
    ),
}


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT.keys())
def test_who_does_not_wait_is_not_counted(hub: Database, left: Callable[[Database], object]):
    wait(hub, "eriec", 0)
    left(hub)
    with hub.reading() as session:
        found = waiting(session, coordinator("eriec"), "peer", SETTINGS)

    assert (found, found.total) == (Waiting(0, None), None)
