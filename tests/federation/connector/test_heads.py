"""A connector keeps the hub's audit heads, and finds a log that was cut or made anew when it next asks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.audit_heads import EVENT, SignedHead, check_follows, read_head, read_key, sign_head
from federation.client import HubClient
from federation.connector import exchange, heads
from federation.connector.store import Store
from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, AuditHead, utcnow
from hub.services import audit
from hub.settings import load_settings
from hub.worker import hand_out_due
from tests.hub.people import coordinator

HUB = "http://127.0.0.1:8000"
SETTINGS = load_settings({}, secret="s" * 40, issuer=HUB)
OTHER = OKPKey.generate_key("Ed25519")
Side = tuple[Store, HubClient]


@pytest.fixture
def eriec(wire: httpx.Client, enrol: Callable[[str], str], tmp_path: Path) -> Side:
    store = Store.create(tmp_path / "eriec")
    return store, exchange.register(store, "eriec", HUB, enrol("eriec"), utcnow(), wire)


def grow(database: Database, hours: int) -> None:
    """The log grows, and a head is handed out some hours from now."""
    database.run(lambda session: audit.record(session, coordinator("arec"), "test.write", "subject:x"))
    assert hand_out_due(database, SETTINGS, utcnow() + timedelta(hours=hours)) == 1


def poll(side: Side) -> SignedHead | None:
    store, client = side
    seen = int(store.kept("events") or 0)
    events = list(client.all_events(seen))
    found = heads.check(store, client, [event for event in events if event["type"] == EVENT])
    store.keep("events", events[-1]["number"] if events else seen)
    return found


def refused(side: Side) -> Problem:
    with pytest.raises(Problem) as refusal:
        poll(side)
    return refusal.value


def make_anew(session: Session, number: int) -> None:
    """What somebody with the whole database can do: change an entry and chain everything after it again."""
    session.execute(update(AuditEntry).where(AuditEntry.number == number).values(outcome="refused"))
    previous = session.get_one(AuditEntry, number).previous_hash
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.number >= number).order_by(AuditEntry.number)):
        entry.previous_hash = previous
        previous = entry.entry_hash = audit.entry_hash(entry)
        session.flush()
    session.execute(update(AuditHead).values(entry_hash=previous))


def cut(session: Session, number: int) -> None:
    """The end of the log goes, with a head that fits."""
    session.execute(delete(AuditEntry).where(AuditEntry.number >= number))
    last = session.get_one(AuditEntry, number - 1)
    session.execute(update(AuditHead).values(number=last.number, entry_hash=last.entry_hash))


def test_heads_are_kept_while_the_log_only_grows(eriec: Side, hub_people: Database):
    assert poll(eriec) is None
    numbers = []
    for hour in (0, 2, 26):
        grow(hub_people, hour)
        head = poll(eriec)
        assert head is not None
        numbers.append(head.number)

    assert numbers == sorted(set(numbers))
    assert 2 <= len(heads.by_day(eriec[0])) <= 3
    assert list(heads.by_day(eriec[0]).values())[-1] == str(poll(eriec))


@pytest.mark.parametrize("tamper", [make_anew, cut])
def test_a_log_cut_or_made_anew_is_found_at_the_next_look_though_it_holds_by_itself(
    eriec: Side, hub_people: Database, tamper: Callable[[Session, int], None]
):
    grow(hub_people, 0)
    kept = poll(eriec)
    assert kept is not None

    hub_people.run(lambda session: tamper(session, kept.number))

    with hub_people.reading() as session:
        assert audit.first_break(session) is None
    assert refused(eriec).kind == "key-chain-broken"
    assert str(kept) in refused(eriec).detail


def test_after_a_restore_was_told_by_phone_the_folder_starts_anew_and_keeps_the_evidence(
    eriec: Side, hub_people: Database
):
    grow(hub_people, 0)
    kept = poll(eriec)
    assert kept is not None
    hub_people.run(lambda session: cut(session, kept.number))
    hub_people.run(lambda session: session.execute(update(AuditHead).values(handed_number=0, handed_hash="0" * 64)))

    heads.start_anew(eriec[0])

    assert poll(eriec) is None
    grow(hub_people, 30)
    assert poll(eriec) is not None
    assert str(kept) in heads.by_day(eriec[0]).values()


def event(key: OKPKey, head: SignedHead) -> dict[str, Any]:
    return {"type": EVENT, "data": {"signed": sign_head(key, head)}}


def test_a_head_that_the_hub_did_not_sign_is_not_kept(eriec: Side, hub_people: Database):
    grow(hub_people, 0)
    kept = poll(eriec)
    assert kept is not None

    for bad in (event(OTHER, replace(kept, number=99)), {"data": {}}, {"data": {"signed": "a.b.c"}}, {"data": None}):
        with pytest.raises(Problem, match=r"hub|Stop"):
            heads.check(*eriec, [bad])
    assert poll(eriec) == kept


class Shows(HubClient):
    """A hub's answers with another key."""

    def audit_head(self, kept: str | None = None) -> dict[str, Any]:
        return super().audit_head(kept) | {"key": dict(OTHER.as_dict(private=False))}


def test_another_key_of_the_hub_is_a_hard_stop(eriec: Side, hub_people: Database, wire: httpx.Client):
    grow(hub_people, 0)
    store, client = eriec
    poll(eriec)

    with pytest.raises(Problem) as refusal:
        heads.check(store, Shows(HUB, client.client_id, store.keys.client, wire))

    assert refusal.value.kind == "invalid-signature"
    assert "Phone the operator" in refusal.value.detail


KEPT = SignedHead(HUB, 10, "a" * 64, 5, "b" * 64, 0)


@pytest.mark.parametrize(
    ("changes", "follows"),
    [
        ({"number": 10, "entry_hash": "a" * 64}, True),
        ({"number": 12, "entry_hash": "c" * 64, "previous_number": 10, "previous_hash": "a" * 64}, True),
        ({"number": 12, "entry_hash": "c" * 64, "previous_number": 11, "previous_hash": "d" * 64}, True),
        ({"number": 12, "entry_hash": "c" * 64, "previous_number": 10, "previous_hash": "d" * 64}, False),
        ({"number": 10, "entry_hash": "c" * 64}, False),
        ({"number": 9, "entry_hash": "c" * 64}, False),
    ],
)
def test_a_head_follows_only_when_it_says_the_same_where_the_two_meet(changes: dict[str, Any], follows: bool):
    later = replace(KEPT, **changes)
    if follows:
        check_follows(KEPT, later)
    else:
        with pytest.raises(Problem, match="cut or made anew"):
            check_follows(KEPT, later)


@pytest.mark.parametrize("jwk", [None, {}, {"kty": "OKP"}, OTHER.as_dict(private=True), "x"])
def test_a_key_that_is_none_is_refused(jwk: Any):
    with pytest.raises(Problem, match="key for the heads"):
        read_key(jwk)


@pytest.mark.parametrize("changes", [{"number": -1}, {"number": "1"}, {"at": 1.5}, {"entry_hash": 7}])
def test_a_signed_head_that_cannot_be_read_is_refused(changes: dict[str, Any]):
    with pytest.raises(Problem, match="cannot be read"):
        read_head(sign_head(OTHER, replace(KEPT, **changes)), OTHER)
