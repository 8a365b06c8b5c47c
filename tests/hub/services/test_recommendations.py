"""Recommendations: whole, explained, by a handle of this viewer's own; or why there is nobody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import Agreement, ConsentReceipt, Recommendation, utcnow
from hub.services import recommendations
from hub.services.actors import hub_itself
from tests.hub.people import consent, mentee, mentor, owner_behind, share, today
from tests.hub.services.matches import SETTINGS, recommended
from tests.hub.services.refusals import refused


@pytest.fixture
def pool(members: Database) -> Database:
    share(members, "arec", "mentor-0001", mentor())
    share(members, "criec", "mentor-0002", mentor(years_band="21+", strengths=[]))
    share(members, "eriec", "mentee-0001", mentee())
    return members


def handles(database: Database, organisation: str = "eriec", pseudonym: str = "mentee-0001") -> list[str]:
    return [one.handle for one in recommended(database, organisation, pseudonym).recommendations]


def test_the_best_comes_first_with_points_that_are_the_sum_of_its_parts(pool: Database):
    found = recommended(pool)

    assert [owner_behind(pool, one.handle) for one in found.recommendations] == ["arec", "criec"]
    assert found.mentee.pseudonym == "mentee-0001"
    for one in found.recommendations:
        assert one.points == sum(part["points"] for part in one.parts.values())
        assert all(0 <= part["points"] <= part["maximum"] for part in one.parts.values())
        assert one.band in {"strong", "good", "possible"}
        assert one.reasons["en"]
        assert len(one.reasons["en"]) == len(one.reasons["fr"])
    points = [one.points for one in found.recommendations]
    assert points == sorted(points, reverse=True)


def test_no_pseudonym_of_another_member_is_in_the_answer(pool: Database):
    share(pool, "arec", "mentor-0003", mentor(noc="21301"))

    told = str(recommended(pool).recommendations)

    assert "mentor-000" not in told


def test_the_same_viewer_keeps_the_same_handle_until_it_expires(pool: Database):
    first = handles(pool)
    assert handles(pool) == first

    expired = update(Recommendation).values(expires_at=utcnow() - timedelta(seconds=1))
    pool.run(lambda session: session.execute(expired))

    assert not set(handles(pool)) & set(first)


def test_no_two_viewers_or_pairs_share_a_handle(pool: Database):
    share(pool, "eriec", "mentee-0002", mentee())
    share(pool, "criec", "mentee-0003", mentee())

    everyone = handles(pool) + handles(pool, pseudonym="mentee-0002") + handles(pool, "criec", "mentee-0003")

    assert len(set(everyone)) == len(everyone) == 6
    with pool.reading() as session:
        assert set(session.scalars(select(Recommendation.handle))) == set(everyone)


def test_a_handle_lives_as_many_days_as_the_settings_say(pool: Database):
    before = utcnow()
    handles(pool)

    with pool.reading() as session:
        ends = session.scalars(select(Recommendation.expires_at)).all()
    days = timedelta(days=SETTINGS.handle_days)
    assert all(before + days <= end <= utcnow() + days for end in ends)


@pytest.mark.parametrize(
    "changes",
    [
        {"seats": 0},
        {"languages": ["fr"]},
        {"formats": ["group"]},
        {"modes": ["in_person"], "region": "ON-535"},
        {"consent": consent(purposes=["share"]), "region": "ON-535"},
    ],
)
def test_a_mentor_who_may_not_be_matched_is_not_recommended_and_it_is_said_why(
    members: Database, changes: dict[str, Any]
):
    share(members, "arec", "mentor-0001", mentor(**changes))
    share(members, "eriec", "mentee-0001", mentee())

    found = recommended(members)

    assert found.recommendations == ()
    assert found.nobody_because["en"]
    assert len(found.nobody_because["en"]) == len(found.nobody_because["fr"])
    assert len(found.next_steps["en"]) == len(found.next_steps["fr"])


def test_an_empty_pool_says_so(members: Database):
    share(members, "eriec", "mentee-0001", mentee())

    found = recommended(members)

    assert (found.recommendations, len(found.nobody_because["en"])) == ((), 1)


def test_who_does_not_share_or_no_longer_consents_is_not_recommended(pool: Database):
    yesterday = today() - timedelta(days=1)
    pool.run(lambda session: session.execute(update(Agreement).where(Agreement.sharing_id == "arec").values(
        ends_on=yesterday)))  # fmt: skip
    assert [owner_behind(pool, one.handle) for one in recommended(pool).recommendations] == ["criec"]

    pool.run(lambda session: session.execute(update(ConsentReceipt).values(until=yesterday)))
    assert recommended(pool).recommendations == ()


def test_who_is_not_ones_own_mentee_is_not_found(pool: Database):
    for organisation, pseudonym in (("arec", "mentee-0001"), ("arec", "mentor-0001"), ("eriec", "nobody-0001")):
        with refused(pool, "not-found"):
            recommended(pool, organisation, pseudonym)


def test_who_belongs_to_no_organisation_sees_no_people(pool: Database):
    with refused(pool, "not-allowed"):
        pool.run(lambda session: recommendations.for_mentee(session, hub_itself("tests"), "mentee-0001", SETTINGS))
