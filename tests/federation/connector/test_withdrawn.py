"""When somebody withdrew, the other agency's folder loses the contact, and the hub is told that it did."""

from pathlib import Path
from typing import Any

import pytest

from federation.connector import accepted, exchange, withdrawn
from federation.connector.store import CONTACT, Store
from federation.problems import Problem
from hub.models import utcnow
from tests.federation.connector.test_exchange import AMINA, OMAR, Side, agreed, compare, criec, eriec, join

__all__ = ["agreed", "compare", "criec", "eriec", "join"]


@pytest.fixture
def opened(eriec: Side, criec: Side, agreed: str) -> str:
    """CRIEC holds Amina's contact, and ERIEC withdraws her."""
    exchange.seal_due(*eriec, utcnow())
    assert exchange.open_delivered(*criec, utcnow()).done == {agreed: AMINA}
    eriec[1].withdraw(next(iter(eriec[1].profiles()))["pseudonym"])
    return agreed


def heard(side: Side) -> dict[str, Any]:
    (event,) = [one for one in side[1].all_events() if one["type"] == withdrawn.EVENT]
    return event


def test_the_contact_goes_and_the_owner_sees_the_word(eriec: Side, criec: Side, opened: str):
    event = heard(criec)

    assert withdrawn.delete(criec[0], event) == [opened]
    withdrawn.confirm(criec[1], event)

    assert criec[0].contacts() == {}
    (told,) = eriec[1].withdrawals()
    assert (told["told"], told["acknowledged_by"]) == ("criec", "system")
    assert told["acknowledged_at"] is not None


def test_again_is_harmless_and_the_first_word_stands(criec: Side, opened: str):
    event = heard(criec)
    withdrawn.delete(criec[0], event)
    withdrawn.confirm(criec[1], event)
    before = criec[1].withdrawals()

    assert withdrawn.delete(criec[0], event) == []
    withdrawn.confirm(criec[1], event)

    assert criec[1].withdrawals() == before


def test_nothing_more_is_opened_or_asked_after(criec: Side, opened: str):
    withdrawn.delete(criec[0], heard(criec))

    assert accepted.everything(criec[0])[opened].step == "done"
    assert exchange.open_delivered(*criec, utcnow()).failed == ()


def test_other_contacts_stay(criec: Side, opened: str):
    criec[0].keep(CONTACT + "another", OMAR)

    withdrawn.delete(criec[0], heard(criec))

    assert criec[0].contacts() == {"another": OMAR}


def test_a_notice_the_hub_knows_no_more_needs_no_word(criec: Side):
    withdrawn.confirm(criec[1], {"subject": "withdrawal:of-long-ago"})


@pytest.mark.parametrize("data", [None, {}, {"proposals": "all"}, {"proposals": [{"id": "x"}]}])
def test_an_event_that_cannot_be_read_deletes_nothing(criec: Side, data: object):
    criec[0].keep(CONTACT + "another", OMAR)

    with pytest.raises(Problem, match="phone the operator"):
        withdrawn.delete(criec[0], {"subject": "withdrawal:x", "data": data})

    assert criec[0].contacts() == {"another": OMAR}


def test_what_is_forgotten_is_gone_from_the_pages_of_the_file(tmp_path: Path):
    store, names = Store.create(tmp_path / "agency"), [f"{CONTACT}{number}" for number in range(20)]
    for name in names:
        store.keep(name, AMINA)

    store.forget(names)

    assert CONTACT.encode() not in (tmp_path / "agency" / "store.sqlite3").read_bytes()
