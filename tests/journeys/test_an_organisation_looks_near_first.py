"""Scenario 3: Lethbridge keeps its people local while it can; where nobody is near, the network is asked after the window."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.models import Profile, Recommendation
from hub.reach import Reach, widened
from tests.journeys.conftest import Agency, Hub

DAYS = 21


@pytest.fixture
def lethbridge(hub: Hub) -> Agency:
    """Lethbridge's system, after its administrator set the window."""
    told = hub.browser("lfs", role="organisation_admin").send("/sharing", "/sharing", local_first_days=str(DAYS))
    assert f"For {DAYS} days from when each of your mentees began to wait" in told.text
    return hub.agency("lfs")


def a_mentee(hub: Hub, waited: int) -> dict[str, Any]:
    """Somebody of Lethbridge for whom Toronto has a mentor, waiting for some days."""
    mentor = next(one for one in hub.own("jvs", "mentor") if one.profile["seats"]).profile
    ready = {"clb": None, "certification": "not_needed", "documents": "complete", "commitment": "confirmed"}
    clb = {"language": "en", "listening": 9, "speaking": 9, "reading": 9, "writing": 9}
    since = datetime.now(UTC).date() - timedelta(days=waited)
    return {
        "kind": "mentee",
        "noc": mentor["noc"],
        "target_noc": mentor["noc"],
        "years_band": "3-5",
        "region": "AB-810",
        "languages": mentor["languages"],
        "formats": ["one_to_one"],
        "modes": ["online"],
        "needs": mentor["strengths"],
        "readiness": ready | {"clb": clb},
        "waiting_since": since.isoformat(),
        "consent": mentor["consent"] | {"purposes": ["share", "match_across_regions"]},
        "confirmed_on": mentor["confirmed_on"],
    }


def provinces(hub: Hub, agency: Agency, pseudonym: str) -> set[tuple[str, bool]]:
    """Of each mentor recommended, the province, and whether they are Lethbridge's own: cards do not always tell."""
    handles = [one["handle"] for one in agency.client.recommendations(pseudonym)["recommendations"]]
    with hub.database.reading() as session, widened(session, Reach.HUB):
        people = select(Profile.region, Profile.organisation_id).join(
            Recommendation, Recommendation.mentor_id == Profile.id
        )
        found = session.execute(people.where(Recommendation.handle.in_(handles)))
        return {(region[:2], owner == "lfs") for region, owner in found}


def test_in_the_window_nobody_far_is_recommended_and_after_it_the_network_is(hub: Hub, lethbridge: Agency):
    for pseudonym, waited in (("lfs-new-arrival", 2), ("lfs-waiting-long", DAYS)):
        lethbridge.client.share_profile(pseudonym, a_mentee(hub, waited))

    near, everybody = (provinces(hub, lethbridge, one) for one in ("lfs-new-arrival", "lfs-waiting-long"))

    assert all(province == "AB" or own for province, own in near)
    assert ("ON", False) in everybody
    steps = lethbridge.client.recommendations("lfs-new-arrival")["next_steps"]["en"]
    assert any(f"in {DAYS - 2} days, when the whole network is asked" in one for one in steps)


@pytest.mark.usefixtures("lethbridge")
def test_others_are_asked_as_ever(hub: Hub):
    calgary = hub.agency("criec")
    calgary.client.share_profile("criec-arrival-1", a_mentee(hub, 2) | {"region": "AB-825"})

    assert ("ON", False) in provinces(hub, calgary, "criec-arrival-1")


@pytest.mark.usefixtures("lethbridge")
def test_the_page_tells_a_coordinator_of_the_window(hub: Hub):
    assert f"For {DAYS} days from when each of your mentees began to wait" in hub.browser("lfs").read("/sharing")
    assert "Pendant 21 jours" in hub.browser("lfs", "fr").read("/sharing")
