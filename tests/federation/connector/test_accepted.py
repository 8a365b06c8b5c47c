"""What this side said yes to stands, whatever the hub shows later, and as long as the person's consent does."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from federation.connector.accepted import Accepted, agreeing, everything, keep, of_proposal, person_as_agreed
from federation.connector.people import Person
from federation.connector.store import Store
from federation.introductions import hash_consent
from federation.problems import Problem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONSENT = {"purposes": ["share"], "until": "2026-03-02"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "agency")


def amina(store: Store, **consent: Any) -> str:
    """Keep a mentee; return her pseudonym."""
    return store.remember(Person(2, "amina", {"name": "Amina Yusufi"}, {"consent": CONSENT | consent}))


def shown(pseudonym: str, mine: str = "mentee", **changes: Any) -> dict[str, Any]:
    """A proposal as the hub shows it."""
    return {
        "id": "p1",
        "mine": mine,
        "my_pseudonym": pseudonym,
        "mentor_organisation": "criec",
        "mentee_organisation": "eriec",
    } | changes


def said(store: Store, pseudonym: str, mine: str = "mentee") -> Accepted:
    """Our signed yes, kept."""
    yes = replace(of_proposal(store, "p1", shown(pseudonym, mine), NOW), acceptance="signed")
    keep(store, yes)
    return yes


@pytest.mark.parametrize(
    ("mine", "side", "counterpart"),
    [("mentee", "sender", "criec"), ("mentor", "recipient", "eriec"), ("both", "both", "eriec")],
)
def test_a_yes_is_with_the_other_side_and_under_the_consent_of_the_day(
    store: Store, mine: str, side: str, counterpart: str
):
    pseudonym = amina(store)

    yes = of_proposal(store, "p1", shown(pseudonym, mine), NOW)

    assert (yes.side, yes.counterpart, yes.pseudonym) == (side, counterpart, pseudonym)
    assert yes.consent == hash_consent(CONSENT)
    assert (yes.said_at, yes.moved_at, yes.step) == (int(NOW.timestamp()), int(NOW.timestamp()), "said")
    assert everything(store) == {}


@pytest.mark.parametrize(
    "changes", [{"id": "p2"}, {"id": None}, {"mine": None}, {"mine": "auditor"}, {"mentor_organisation": None}], ids=str
)
def test_another_proposal_than_asked_for_is_no_yes(store: Store, changes: dict[str, Any]):
    with pytest.raises(Problem, match="another proposal") as refused:
        of_proposal(store, "p1", shown(amina(store), **changes), NOW)

    assert refused.value.kind == "invalid-signature"


def test_what_was_said_before_comes_back_and_with_other_parties_it_does_not(store: Store):
    pseudonym = amina(store)
    other = store.remember(Person(3, "omar", {"name": "Omar"}, {"consent": CONSENT}))
    yes = said(store, pseudonym)

    assert of_proposal(store, "p1", shown(pseudonym), NOW.replace(hour=10)) == yes
    for changed in (shown(pseudonym, mentor_organisation="triec"), shown(pseudonym, "both"), shown(other)):
        with pytest.raises(Problem, match="other parties"):
            of_proposal(store, "p1", changed, NOW)


@pytest.mark.parametrize("consent", [{"until": "2026-03-01"}, {"purposes": []}, {"purposes": ["research"]}], ids=str)
def test_no_yes_is_said_when_the_consent_to_share_is_over_or_was_never_given(store: Store, consent: dict[str, Any]):
    with pytest.raises(Problem) as refused:
        of_proposal(store, "p1", shown(amina(store, **consent)), NOW)

    assert refused.value.kind == "no-longer-available"


@pytest.mark.parametrize(
    ("mine", "own", "other"), [("mentee", "sender", "recipient"), ("mentor", "recipient", "sender")]
)
def test_an_introduction_that_says_what_we_said_agrees_and_any_other_does_not(
    store: Store, mine: str, own: str, other: str
):
    pseudonym = amina(store)
    yes = said(store, pseudonym, mine)
    introduction = {"proposal": "p1", "mine": own, own: "us", other: yes.counterpart, "my_pseudonym": pseudonym}

    assert agreeing(store, introduction) == yes
    for change in ({"mine": other}, {other: "triec"}, {"my_pseudonym": "another"}, {"my_pseudonym": None}):
        with pytest.raises(Problem, match="another person or organisation"):
            agreeing(store, introduction | change)


def test_to_what_we_said_no_signed_yes_nothing_is_agreed(store: Store):
    pseudonym = amina(store)
    keep(store, replace(said(store, pseudonym), acceptance=None))

    for proposal in ("p1", "p2"):
        with pytest.raises(Problem, match="no signed yes"):
            agreeing(store, {"proposal": proposal})


def test_the_person_goes_under_the_consent_of_the_yes_and_under_no_other(store: Store):
    pseudonym = amina(store)
    yes = said(store, pseudonym)

    assert person_as_agreed(store, yes, NOW)["profile"]["consent"] == CONSENT
    amina(store, until=date(2027, 1, 1).isoformat())
    with pytest.raises(Problem, match="consent changed"):
        person_as_agreed(store, yes, NOW)
