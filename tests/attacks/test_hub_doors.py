"""The door to people under attack: an organisation with as many mentees as it likes asks for mentors, again and again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.problems import Problem
from hub.database import Database
from hub.models import Exposure, Profile
from hub.services import proposals, recommendations
from hub.services.recommendations import RecommendationView
from hub.settings import Settings, load_settings
from tests.attacks.hub_network import found, join
from tests.attacks.networks import network
from tests.hub.people import coordinator, mentee, share

ATTACKER = "attacker"
POOL = network(300, 8, seed=51, demonstration=True)
ARRIVALS = network(50, 8, seed=52, demonstration=True)
SETTINGS = load_settings({}, secret="s" * 40)


@pytest.fixture
def hub(sqlite_database: Database) -> Database:
    """300 mentors of eight agencies, and an attacker whose mentees are whoever it says."""
    found(sqlite_database, POOL, ATTACKER)
    sqlite_database.run(lambda session: join(session, POOL.records, POOL.owners))
    return sqlite_database


def invent(database: Database, name: str, target: int, **changes: Any) -> None:
    """Share a mentee who is looking for somebody just like the target."""
    record = POOL.records[target]
    codes = {"noc": record["noc"][:4], "region": record["region"], "years_band": record["years_band"]}
    share(database, ATTACKER, name, mentee(**(codes | changes)))


def ask(database: Database, name: str, settings: Settings = SETTINGS) -> tuple[RecommendationView, ...]:
    """What the attacker is shown; nothing where a guard refuses."""
    actor = coordinator(ATTACKER)
    try:
        return database.run(lambda session: recommendations.for_mentee(session, actor, name, settings)).recommendations
    except Problem as problem:
        if problem.kind != "budget-spent":
            raise
        return ()


def shown(database: Database) -> dict[str, int]:
    """In how many lists each mentor was shown to the attacker."""
    with database.reading() as session:
        query = select(Exposure.mentor_id, func.count().label("number")).group_by(Exposure.mentor_id)
        return {row.mentor_id: row.number for row in session.execute(query)}


def variants() -> Iterator[dict[str, Any]]:
    """One mentee in ever new clothes: each asks for another reading of the same mentors' points."""
    topics = ("job_search", "resume", "interview", "networking", "licensure", "leadership")
    for first in topics:
        for second in topics[:3]:
            yield {"needs": sorted({first, second}), "interests": ["music"]}


def test_hub_listing_the_pool_with_ever_more_mentees_stops_at_the_weeks_budget(hub: Database):
    settings = replace(SETTINGS, organisation_mentors_per_week=60)
    for number in range(25):
        invent(hub, f"invented-{number:04}", number)
        ask(hub, f"invented-{number:04}", settings)

    assert len(shown(hub)) == 60


def test_hub_without_that_budget_forty_mentees_list_half_of_a_pool_of_300(hub: Database):
    settings = replace(SETTINGS, organisation_mentors_per_week=1_000_000)
    for number in range(40):
        invent(hub, f"invented-{number:04}", number)
        ask(hub, f"invented-{number:04}", settings)

    assert len(shown(hub)) > 150


def test_hub_weighing_mentors_with_variants_of_one_mentee_stops_after_three_lists(hub: Database):
    for changes in variants():
        invent(hub, "invented-0001", 7, **changes)
        ask(hub, "invented-0001")

    readings = shown(hub)
    assert max(readings.values()) <= SETTINGS.mentor_lists_per_week
    assert len(readings) <= SETTINGS.mentee_mentors_per_week


def test_hub_weighing_mentors_with_variants_under_many_names_stops_at_the_mentors_budget(hub: Database):
    for number, changes in enumerate(variants()):
        invent(hub, f"invented-{number:04}", 7, **changes)
        ask(hub, f"invented-{number:04}")

    assert max(shown(hub).values()) == SETTINGS.mentor_lists_per_week


def test_hub_asking_again_while_newcomers_join_shows_none_of_them(hub: Database):
    invent(hub, "invented-0001", 7)
    first = ask(hub, "invented-0001")
    target = POOL.records[7]

    came = []
    for number in range(10):
        like_her = [ARRIVALS.records[number] | {name: target[name] for name in ("noc", "region", "years_band")}]
        came += hub.run(lambda session, new=like_her, place=number: join(session, new, [ARRIVALS.owners[place]]))
        assert ask(hub, "invented-0001") == first

    assert not shown(hub).keys() & set(came)


def test_hub_proposals_for_one_mentee_meet_no_more_people_than_the_weeks_cap(hub: Database):
    """Each proposal shows its parties each other's codes, taken back or not."""
    invent(hub, "invented-0001", 7)
    actor, met, refused = coordinator(ATTACKER), 0, 0
    for _ in range(3):
        for handle in [one.handle for one in ask(hub, "invented-0001")]:
            try:
                made = hub.run(
                    lambda session, handle=handle: proposals.propose(session, actor, "invented-0001", handle, 14)
                )
            except Problem as problem:
                refused += problem.kind == "budget-spent"
            else:
                met += 1
                hub.run(lambda session, made=made: proposals.withdraw(session, actor, made.id))

    assert (met, refused) == (SETTINGS.mentee_proposals_per_week, 3 * 8 - SETTINGS.mentee_proposals_per_week)


def test_hub_card_of_a_suggestion_still_shows_a_mentors_own_codes(hub: Database):
    """The attack that still wins, within the budgets: who knows a mentor's codes knows which handle is hers."""
    with hub.reading() as session:
        columns = (Profile.organisation_id, Profile.noc, Profile.region, Profile.years_band)
        everyone = [tuple(row) for row in session.execute(select(*columns).where(Profile.kind == "mentor"))]
    alone = recognised = 0
    for number in range(20):
        invent(hub, f"invented-{number:04}", number)
        for one in ask(hub, f"invented-{number:04}"):
            alone += everyone.count((one.organisation_id, one.noc, one.region, one.years_band)) == 1
            recognised += 1

    assert alone / recognised > 0.8
