"""Journey 5: a plan, a referral to another organisation's program, and a loop that closes on both sides."""

import re
from typing import Any

import pytest

from federation.problems import Problem
from tests.journeys.conftest import Hub

REFERRAL = re.compile(r"^/referrals/[A-Za-z0-9_-]+$")
ORDER = ("language", "credential", "mentor")


def with_a_way(hub: Hub, organisation: str) -> tuple[str, dict[str, Any]]:
    """An own mentee whose plan is language, then certification, then a mentor."""
    client = hub.agency(organisation).client
    for person in hub.own(organisation, "mentee"):
        for plan in client.pathway(person.pseudonym)["plans"]:
            kinds = [step["kind"] for step in plan["steps"]]
            if kinds == sorted(kinds, key=ORDER.index) and set(kinds) == set(ORDER):
                return person.pseudonym, plan
    raise AssertionError("nobody needs language and certification")


def test_a_coordinator_refers_on_a_page_and_the_provider_closes_the_loop_through_the_api(hub: Hub):
    mentee, plan = with_a_way(hub, "lfs")
    browser, provider = hub.browser("lfs"), hub.agency("bvlc").client
    first = plan["steps"][0]

    shown = browser.send(f"/mentees/{mentee}", f"/mentees/{mentee}/refer", program=first["program"], step="language")
    path = shown.url.path
    (received,) = list(provider.referrals())
    for event in ("received", "accepted", "scheduled", "attended", "in_service"):
        provider.referral_event(received["id"], event)
    done = provider.referral_event(received["id"], "completed", outcome="language_level")

    assert REFERRAL.match(path)
    assert path.endswith(received["id"])
    assert mentee not in str(received)
    assert done["state"] == "completed"
    assert "completed" in browser.read(path).lower()


def test_both_sides_see_each_step_and_a_stranger_sees_nothing(hub: Hub):
    mentee, plan = with_a_way(hub, "lfs")
    sender, provider = hub.browser("lfs"), hub.browser("bvlc")
    shown = sender.send(
        f"/mentees/{mentee}", f"/mentees/{mentee}/refer", program=plan["steps"][0]["program"], step="language"
    )
    path = shown.url.path

    provider.send(path, f"{path}/events", event="received")
    provider.send(path, f"{path}/events", event="accepted")

    assert path in sender.read("/referrals")
    assert path in provider.read("/referrals")
    assert mentee not in provider.read(path)
    assert hub.browser("eriec").http.get(path).status_code == 404


def test_a_move_that_the_referral_does_not_allow_changes_nothing(hub: Hub):
    mentee, plan = with_a_way(hub, "lfs")
    client, provider = hub.browser("lfs"), hub.agency("bvlc").client
    client.send(f"/mentees/{mentee}", f"/mentees/{mentee}/refer", program=plan["steps"][0]["program"], step="language")
    (sent,) = list(provider.referrals())

    with pytest.raises(Problem) as refused:
        provider.referral_event(sent["id"], "completed", outcome="language_level")

    assert refused.value.kind == "illegal-move"
    assert provider.referral(sent["id"])["state"] == "sent"
