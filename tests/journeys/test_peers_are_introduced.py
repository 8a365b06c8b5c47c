"""A pair and a circle of two agencies' mentees: everybody signs, the contacts pass sealed, and the hub holds none of them."""

from collections.abc import Callable

import pytest

from hub.commands.demonstration.agency import Agency
from tests.journeys.conftest import Hub


@pytest.fixture
def agencies(hub: Hub) -> tuple[Agency, Agency]:
    """Two connectors whose people knew each other's number, by phone."""
    one, other = hub.pushing("eriec"), hub.pushing("criec")
    one.compare(other)
    return one, other


def paired(one: Agency, other: Agency) -> str:
    """A suggested pair of the two, proposed by one."""
    pairs = [found for found in one.client.peer_pairs() if found["partner"]]
    handle = next(found["handle"] for found in pairs if found["partner"]["organisation"] == other.organisation)
    return str(one.client.propose_gathering("pair", handle)["id"])


def test_a_pair_said_yes_to_on_pages_is_signed_sealed_and_opened_by_the_connectors(
    hub: Hub, agencies: tuple[Agency, Agency], files_holding: Callable[[str], list[str]]
):
    eriec, criec = agencies
    gathering = paired(eriec, criec)
    address, browser = f"/gatherings/{gathering}", hub.browser("criec")

    agreed = browser.send(address, f"{address}/accept")
    before = browser.read(address)
    eriec.accept_gathering(gathering)
    criec.accept_gathering(gathering)
    signed = browser.read(address)
    sealed = [agency.seal_gathered() for agency in agencies]
    (theirs,), (ours,) = (agency.open_gathered() for agency in agencies)
    after = browser.read(address)

    assert agreed.status_code == 200
    assert f"passerelle connector accept {gathering}" in before
    assert "passerelle connector accept" not in signed
    assert sealed == [1, 1]
    people = [agency.client.gathering_question(gathering)["mine"][0]["pseudonym"] for agency in agencies]
    assert ours == eriec.store.person(people[0])["contact"]
    assert theirs == criec.store.person(people[1])["contact"]
    assert after.count("state-acknowledged") == 2
    assert [files_holding(text) for text in (*ours.values(), *theirs.values())] == [[]] * (len(ours) + len(theirs))


def test_whoever_withdraws_before_it_was_opened_is_introduced_to_nobody(agencies: tuple[Agency, Agency]):
    eriec, criec = agencies
    gathering = paired(eriec, criec)
    eriec.accept_gathering(gathering)
    criec.accept_gathering(gathering)
    eriec.seal_gathered()

    eriec.client.withdraw(eriec.client.gathering_question(gathering)["mine"][0]["pseudonym"])

    states = {one["sender"]: one["state"] for one in criec.client.gathering_introductions()}
    assert states == {"eriec": "cancelled", "criec": "cancelled"}
