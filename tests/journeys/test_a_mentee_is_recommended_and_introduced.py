"""Journey 3: recommendations with reasons, two organisations say yes, the introduction is sealed between their systems."""

import html
import re
from collections.abc import Callable

import pytest

from federation.problems import Problem
from hub.commands.demonstration.agency import Agency
from tests.journeys.conftest import Browser, Hub

PROPOSAL = re.compile(r"/proposals/([A-Za-z0-9_-]+)$")


def mentee_with_help_elsewhere(agency: Agency, elsewhere: str) -> tuple[str, dict[str, object]]:
    """An own mentee whose list holds a mentor of the other organisation, and that recommendation."""
    for profile in agency.client.profiles():
        if profile["kind"] == "mentee":
            for found in agency.client.recommendations(profile["pseudonym"])["recommendations"]:
                if found["organisation"] == elsewhere:
                    return profile["pseudonym"], found
    raise AssertionError(f"nobody at {elsewhere} fits")


@pytest.fixture
def agencies(hub: Hub) -> tuple[Agency, Agency]:
    """Two connectors whose stores know their own people's contacts, as after a push."""
    return hub.pushing("eriec"), hub.pushing("criec")


def test_a_mentees_page_says_in_both_languages_why_each_mentor_fits(hub: Hub, agencies: tuple[Agency, Agency]):
    mentee, found = mentee_with_help_elsewhere(agencies[0], "criec")
    reasons = found["reasons"]
    assert isinstance(reasons, dict)

    english = _read(hub.browser("eriec"), mentee)
    french = _read(hub.browser("eriec", "fr"), mentee)

    assert all(sentence in english for sentence in reasons["en"])
    assert all(sentence in french for sentence in reasons["fr"])


def test_two_yeses_lead_to_a_sealed_introduction_that_the_hub_cannot_read(
    hub: Hub, agencies: tuple[Agency, Agency], files_holding: Callable[[str], list[str]]
):
    eriec, criec = agencies
    mentee, found = mentee_with_help_elsewhere(eriec, "criec")

    proposal = eriec.client.propose(mentee, str(found["handle"]))["id"]
    eriec.compare(criec)
    eriec.accept(proposal)
    agreed = criec.accept(proposal)
    eriec.seal(proposal)
    held = [one["state"] for one in criec.client.introductions() if one["proposal"] == proposal]
    contact = criec.open(proposal)

    assert (agreed["state"], held) == ("agreed", ["sealed"])
    assert contact == eriec.store.person(mentee)["contact"]
    assert [one["state"] for one in eriec.client.introductions()] == ["acknowledged"]
    assert [files_holding(text) for text in contact.values()] == [[]] * len(contact)


def test_a_coordinator_proposes_and_another_declines_on_their_pages(hub: Hub, agencies: tuple[Agency, Agency]):
    sender, receiver = hub.browser("eriec"), hub.browser("criec")
    mentee, found = mentee_with_help_elsewhere(agencies[0], "criec")

    shown = sender.send(f"/mentees/{mentee}", f"/mentees/{mentee}/propose", handle=str(found["handle"]))
    path = shown.url.path
    declined = receiver.send(path, f"{path}/decline", reason="no_capacity")

    assert PROPOSAL.match(path)
    assert declined.status_code == 200
    assert f"{path}/accept" not in sender.read(path)
    late = receiver.http.get(path)
    assert f"{path}/accept" not in late.text


def test_a_pair_proposed_twice_a_second_word_and_a_strangers_look_are_refused(
    hub: Hub, agencies: tuple[Agency, Agency]
):
    eriec, criec = agencies
    mentee, found = mentee_with_help_elsewhere(eriec, "criec")
    proposal = eriec.client.propose(mentee, str(found["handle"]))["id"]
    eriec.accept(proposal)
    criec.accept(proposal)

    for again, kind in (
        (lambda: criec.client.decline(proposal, "no_capacity"), "illegal-move"),
        (lambda: eriec.client.propose(mentee, str(found["handle"])), "already-proposed"),
        (lambda: hub.agency("triec").client.proposal(proposal), "not-found"),
    ):
        with pytest.raises(Problem) as refused:
            again()
        assert refused.value.kind == kind, refused.value.detail


def _read(browser: Browser, mentee: str) -> str:
    """What the page says; it keeps a French colon on the line of its word, the API does not."""
    return html.unescape(browser.read(f"/mentees/{mentee}")).replace("\N{NO-BREAK SPACE}:", " :")
