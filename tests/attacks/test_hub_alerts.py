"""Probing through lists against budgets and alerts: how many probes a week an attacker gets, and what honest use looks like.

Figures are of 300 mentors of eight agencies, all thresholds as they come. Those of docs/benchmarks/disclosure.md are these.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, repeat
from typing import Any

import pytest
from sqlalchemy import select

from federation.problems import Problem
from hub.database import Database
from hub.models import Alert, Profile, Recommendation, utcnow
from hub.services import alerts, recommendations
from hub.settings import load_settings
from tests.attacks.hub_network import found, join, publish
from tests.attacks.networks import network
from tests.hub.people import coordinator, mentee, share

ATTACKER, HONEST = "attacker", "honest"
POOL = network(300, 8, seed=51, demonstration=True)
MENTEES = network(60, 1, seed=53, demonstration=True)
SETTINGS = load_settings({}, secret="s" * 40)
BANDS = ("0-2", "3-5", "6-10", "11-20", "21+")
Codes = dict[str, Any]


@pytest.fixture
def hub(sqlite_database: Database) -> Database:
    """The mentors, an epoch, an attacker and an honest agency without mentors of their own."""
    found(sqlite_database, POOL, ATTACKER, HONEST)
    sqlite_database.run(lambda session: join(session, POOL.records, POOL.owners))
    sqlite_database.run(publish)
    return sqlite_database


def ask(database: Database, organisation: str, name: str, codes: Codes) -> list[str]:
    """Share a mentee with these codes, or correct one, and ask; return the mentors listed, best first."""
    share(database, organisation, name, mentee(**codes))
    actor = coordinator(organisation)
    try:
        view = database.run(lambda session: recommendations.for_mentee(session, actor, name, SETTINGS))
    except Problem as problem:
        if problem.kind != "budget-spent":
            raise
        return []
    handles = [one.handle for one in view.recommendations]
    with database.reading() as session:
        kept = session.scalars(select(Recommendation).where(Recommendation.handle.in_(handles)))
        mentors = {one.handle: one.mentor_id for one in kept}
    return [mentors[handle] for handle in handles]


def raised(database: Database) -> set[str]:
    """Let the worker come by; return the kinds of all alerts there are."""
    database.run(lambda session: alerts.raise_due(session, SETTINGS, utcnow()))
    with database.reading() as session:
        return set(session.scalars(select(Alert.kind)))


def copy(target: int) -> Codes:
    record = POOL.records[target]
    return {name: record[name] for name in ("noc", "region", "years_band")}


def other_years(target: int) -> Codes:
    """The same, a band of years below, or above where there is none: what somebody does who knows how alerts work."""
    codes = copy(target)
    place = BANDS.index(codes["years_band"])
    return codes | {"years_band": BANDS[place - 1] if place else BANDS[1]}


def elsewhere(number: int) -> Codes:
    """Somebody to hide a probe behind: an ordinary mentee where no mentor is."""
    return {"noc": MENTEES.records[number]["noc"], "region": "NU", "years_band": "0-2"}


def found_first(database: Database, listed: list[str], target: int) -> bool:
    """Whether the first mentor of a list has the target's very codes."""
    with database.reading() as session:
        first = session.get_one(Profile, listed[0])
        return copy(target) == {name: getattr(first, name) for name in copy(target)}


def probe(database: Database, names: Iterator[str], codes: Callable[[int], Codes], most: int) -> tuple[int, int]:
    """Ask for one target after the other until an alert rings; return how many were asked for, and how many found first."""
    hits = 0
    for target in range(most):
        listed = ask(database, ATTACKER, next(names), codes(target))
        hits += bool(listed) and found_first(database, listed, target)
        if raised(database):
            return target + 1, hits
    return most, hits


def names() -> Iterator[str]:
    return (f"invented-{number:04}" for number in count())


def test_hub_copying_mentors_into_ever_new_mentees_rings_with_the_fifth(hub: Database):
    asked, hits = probe(hub, names(), copy, 30)

    assert (asked, raised(hub)) == (5, {"copies"})
    assert hits >= 3


def test_hub_copying_mentors_into_one_mentee_rings_with_the_third_change(hub: Database):
    asked, _ = probe(hub, repeat("invented-0000"), copy, 20)

    assert (asked, raised(hub)) == (4, {"one_mentee"})


def test_hub_copying_all_but_the_years_finds_more_and_rings_later(hub: Database):
    """Who knows how alerts work: stated in docs/benchmarks."""
    asked, hits = probe(hub, names(), other_years, 30)

    assert (20 <= asked <= 25, raised(hub)) == (True, {"near_copies"})
    assert hits / asked > 0.7


def test_hub_probes_hidden_behind_two_other_lists_each_ring_nobody(hub: Database):
    """The attack that still wins: one list is enough for one target, and looks like any other."""
    hidden = names()
    hits = 0
    for target in range(20):
        for number in (2 * target, 2 * target + 1):
            ask(hub, ATTACKER, next(hidden), elsewhere(number))
        hits += found_first(hub, ask(hub, ATTACKER, next(hidden), other_years(target)), target)

    assert raised(hub) == set()
    assert hits > 12


def test_hub_sixty_mentees_of_an_honest_agency_in_one_week_ring_nobody(hub: Database):
    for name, codes in zip(names(), MENTEES.records, strict=False):
        ask(hub, HONEST, name, {one: codes[one] for one in ("noc", "region", "years_band")})

    assert raised(hub) == set()


def test_hub_planted_mentors_would_stand_on_honest_lists_as_often_as_on_probing_ones(hub: Database):
    """Why there are no canaries (decision 34): one mentor in fifteen counts as planted, as like to others as a real one."""
    with hub.reading() as session:
        planted = set(
            session.scalars(select(Profile.id).where(Profile.kind == "mentor").order_by(Profile.id)).all()[::15]
        )
    honest, probing = Counter[bool](), Counter[bool]()
    for target, name in zip(range(1, 31), names(), strict=False):
        codes = MENTEES.records[target]
        listed = ask(hub, HONEST, name, {one: codes[one] for one in ("noc", "region", "years_band")})
        honest[bool(planted & set(listed))] += 1
        probing[bool(planted & set(ask(hub, ATTACKER, name, copy(target))))] += 1

    assert honest[True] >= 8
    assert probing[True] <= 2 * honest[True]
