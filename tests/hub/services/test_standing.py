"""Mentors kept between questions answer as mentors read anew."""

from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.documents import ProfileDocument, read
from graph.people import Mentee, Mentor
from graph.reasons import next_steps, nobody_because
from hub.database import Database
from hub.models import ConsentReceipt, Organisation, Profile, utcnow
from hub.services import matches, profiles, snapshots, standing
from hub.services.people_of_a_snapshot import STALE_DAYS
from hub.services.snapshots import Snapshot
from hub.services.standing import StandingMentors
from tests.hub.people import MEMBERS, consent, mentee, mentor, share, system, today

LANGUAGES = ("en", "fr", "fil", "hi", "ur", "zh")


def told(snapshot: Snapshot, mentee_id: str) -> dict[str, Any]:
    """All that a page says of one mentee: who is best, who is refused why, and what would help."""
    rules, mentors = snapshot.rules, snapshot.pool.mentors
    row = next(row for row, one in enumerate(snapshot.pool.mentees) if one.id == mentee_id)
    best = snapshot.index.best(row, 20)
    bits = rules.refusals(np.full(len(mentors), row), np.arange(len(mentors)))
    return {
        "mentors": mentors,
        "best": [(mentors[one.mentor].id, one.total) for one in best],
        "reasons": [(match.parts, match.reasons) for match in matches.explain(snapshot, [(row, best[0].mentor)])]
        if best
        else [],
        "refused": dict(zip([one.id for one in mentors], bits.tolist(), strict=True)),
        "nobody": nobody_because(rules, row),
        "steps": next_steps(rules, row),
    }


def assert_as_anew(database: Database) -> None:
    with database.reading() as session:
        anew = snapshots.take(session, today())
        for one in anew.pool.mentees:
            assert told(snapshots.take(session, today(), only_mentee=one.id), one.id) == told(anew, one.id)


def drawn(random: Random) -> dict[str, Any]:
    def some(codes: tuple[str, ...]) -> list[str]:
        return random.sample(codes, random.randint(0, min(3, len(codes))))

    more = some(("origin", "match_across_regions"))
    return {
        "noc": random.choice(("2130", "2131", "31301", "1")),
        "region": random.choice(("AB-835", "AB", "ON-535")),
        "years_band": random.choice(("0-2", "6-10", "21+")),
        "languages": some(LANGUAGES) or ["en"],
        "modes": random.choice((["online"], ["in_person"], ["online", "in_person"])),
        "slots": some(("mon_evening", "tue_evening", "sat_morning")),
        "interests": some(("music", "books", "games")),
        "goals": some(("networking", "resume", "leadership")),
        "consent": consent(purposes=["share", *more]),
        **({"origin": random.choice(("IN", "IR", "PH"))} if "origin" in more else {}),
    }


def withdraw(database: Database, organisation: str, pseudonym: str) -> None:
    database.run(lambda session: profiles.withdraw(session, system(organisation), pseudonym))


@pytest.mark.parametrize("seed", range(4))
def test_after_arrivals_changes_and_withdrawals_the_answer_is_that_of_a_pool_built_anew(members: Database, seed: int):
    random, owner = Random(seed), {}
    for number in range(3):
        share(members, random.choice(MEMBERS)[0], f"mentee-{number:04}", mentee(**drawn(random)))
    for step in range(5):
        for number in range(4):
            pseudonym = f"mentor-{step:02}{number:02}"
            owner[pseudonym] = random.choice(MEMBERS)[0]
            share(members, owner[pseudonym], pseudonym, mentor(seats=random.randint(0, 2), **drawn(random)))
        changed, gone = random.sample(sorted(owner), 2)
        share(members, owner[changed], changed, mentor(**drawn(random)))
        withdraw(members, owner.pop(gone), gone)
        assert_as_anew(members)


@pytest.fixture
def two(members: Database) -> Database:
    """Two mentors and a mentee, asked about once so that all of them are kept."""
    share(members, "arec", "mentor-0001", mentor())
    share(members, "criec", "mentor-0002", mentor(languages=["en", "hi"]))
    share(members, "eriec", "mentee-0001", mentee())
    assert_as_anew(members)
    return members


@pytest.mark.parametrize(
    "change",
    [
        update(Profile).where(Profile.kind == "mentor").values(taken=Profile.seats),
        update(Profile).values(confirmed_on=today() - timedelta(days=STALE_DAYS + 1)),
        update(ConsentReceipt).values(until=today() - timedelta(days=1)),
        update(Organisation).where(Organisation.id == "arec").values(suspended_at=utcnow()),
        update(Profile).where(Profile.pseudonym == "mentor-0001").values(resting_until=today() + timedelta(days=1)),
    ],
    ids=["a seat taken", "not confirmed for a year", "a consent that ended", "a member suspended", "a rest"],
)
def test_what_changes_beside_a_push_counts_at_once(two: Database, change: Any):
    with two.reading() as session:
        before = told(snapshots.take(session, today(), only_mentee=mentee_id(two)), mentee_id(two))
    two.run(lambda session: session.execute(change))

    assert_as_anew(two)
    with two.reading() as session:
        assert told(snapshots.take(session, today(), only_mentee=mentee_id(two)), mentee_id(two)) != before


def mentee_id(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(Profile.id).where(Profile.kind == "mentee")).one()


def test_the_day_alone_ends_a_rest_and_a_window(two: Database):
    far, tomorrow = {"region": "ON-535"}, today() + timedelta(days=1)
    share(two, "arec", "mentor-0001", mentor(**far, resting_until=tomorrow.isoformat()))
    share(two, "criec", "mentor-0002", mentor(**far))
    two.run(lambda session: session.execute(update(Organisation).values(local_first_days=2)))
    asking = mentee_id(two)

    with two.reading() as session:
        found = [
            len(snapshots.take(session, today() + timedelta(days=days), only_mentee=asking).index.best(0, 9))
            for days in (0, 2, 0)
        ]
        resting = [
            snapshots.take(session, day, only_mentee=asking).pool.mentor.resting.tolist() for day in (today(), tomorrow)
        ]

    assert found == [0, 2, 0]
    assert sorted(resting[0]) == [False, True]
    assert resting[1] == [False, False]
    assert_as_anew(two)


def test_a_change_that_was_undone_is_not_remembered(two: Database):
    asking = mentee_id(two)

    def undone() -> None:
        with two.transaction() as session:
            session.execute(update(Profile).where(Profile.kind == "mentor").values(taken=1))
            assert not snapshots.take(session, today(), only_mentee=asking).index.best(0, 2)
            raise KeyError

    with pytest.raises(KeyError):
        undone()

    assert_as_anew(two)
    with two.reading() as session:
        assert len(snapshots.take(session, today(), only_mentee=asking).index.best(0, 2)) == 2


def test_what_a_session_read_before_a_change_is_not_kept_as_its_result(two: Database):
    def taken(session: Session) -> None:
        held = session.scalars(select(Profile).where(Profile.kind == "mentor")).all()
        full = update(Profile).where(Profile.kind == "mentor").values(taken=1)
        session.execute(full, execution_options={"synchronize_session": False})
        assert not snapshots.take(session, today(), only_mentee=asking).index.best(0, 2)
        assert held

    asking = mentee_id(two)
    two.run(taken)

    assert_as_anew(two)


def test_a_push_that_was_undone_is_not_taken_for_the_next_of_the_same_version(two: Database):
    asking, mine = mentee_id(two), system("arec")

    def pushed(session: Session, **changes: Any) -> None:
        document = read(ProfileDocument(), mentor(**changes))
        profiles.share(session, mine, "mentor-0001", document)
        snapshots.take(session, today(), only_mentee=asking)

    def undone() -> None:
        with two.transaction() as session:
            pushed(session, languages=["fr"])
            raise KeyError

    with pytest.raises(KeyError):
        undone()
    two.run(lambda session: pushed(session, languages=["en", "hi"]))

    assert_as_anew(two)


def test_a_code_that_no_vocabulary_holds_changes_no_answer(two: Database):
    odd = update(Profile).where(Profile.pseudonym == "mentor-0002").values(languages=["en", "x-old"], version=7)
    two.run(lambda session: session.execute(odd))
    assert_as_anew(two)
    two.run(lambda session: session.execute(update(Profile).values(languages=["en", "x-older"], version=8)))
    assert_as_anew(two)


def test_both_databases_tell_what_changed(network: Database):
    share(network, "arec", "mentor-0001", mentor())
    share(network, "eriec", "mentee-0001", mentee())
    assert_as_anew(network)
    share(network, "arec", "mentor-0001", mentor(languages=["fr"]))
    share(network, "criec", "mentor-0002", mentor())

    assert_as_anew(network)


def test_a_new_member_changes_no_answer(two: Database):
    two.run(
        lambda session: session.add(Organisation(id="aaa", name="AAA", kind="agency", region="AB-835"))  # first of all
    )
    share(two, "aaa", "mentor-0009", mentor())

    assert_as_anew(two)


def a_person(build: Any, number: str, **changes: Any) -> Any:
    common = {"organisation": "arec", "noc": "2130", "region": "AB-835", "years_band": "6-10"}
    return build(**{"id": number, "languages": frozenset({"en"}), **common, **changes})


def test_only_mentors_whose_stamp_changed_are_read():
    kept, asked = StandingMentors(), []

    def reading(ids: list[str]) -> list[Mentor]:
        asked.append(sorted(ids))
        return [a_person(Mentor, number) for number in ids]

    for stamps in ({"m1": "1", "m2": "1"}, {"m1": "1", "m2": "1"}, {"m1": "2", "m3": "1"}, {"m3": "1"}):
        pool = kept.pool(a_person(Mentee, "e1"), ("arec",), stamps, reading)
        assert pool.mentor_ids.tolist() == sorted(stamps)
        assert [one.id for one in pool.mentees] == ["e1"]

    assert asked == [["m1", "m2"], ["m1", "m3"]]


def test_who_went_between_two_readings_is_asked_for_again():
    kept, there = StandingMentors(), {"m1"}

    def reading(ids: list[str]) -> list[Mentor]:
        return [a_person(Mentor, number) for number in ids if number in there]

    stamps = {"m1": "1", "m2": "1"}
    assert kept.pool(a_person(Mentee, "e1"), ("arec",), stamps, reading).mentor_ids.tolist() == ["m1"]
    there.add("m2")
    assert kept.pool(a_person(Mentee, "e1"), ("arec",), stamps, reading).mentor_ids.tolist() == ["m1", "m2"]


def test_each_database_and_program_has_its_own(sqlite_database: Database):
    mine = standing.of(sqlite_database.engine, "one_to_one")

    assert standing.of(sqlite_database.engine, "one_to_one") is mine
    assert standing.of(sqlite_database.engine, "flash") is not mine
    assert standing.of(Database("sqlite://").engine, "one_to_one") is not mine
