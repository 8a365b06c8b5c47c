"""Every organisation is given the signed head of the audit chain: hourly at most, the same to all, never of a broken chain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.audit_heads import SignedHead, read_head
from hub.database import Database
from hub.models import AuditEntry, AuditHead, OutboxMessage, utcnow
from hub.services import audit, audit_heads
from hub.services.audit import Head
from hub.settings import load_settings
from hub.worker import hand_out_due
from tests.hub.people import coordinator

SETTINGS = load_settings({}, secret="s" * 40)
MEMBERS = {"arec", "bvlc", "criec", "eriec"}


def write(database: Database, number: int = 1) -> None:
    for _ in range(number):
        database.run(lambda session: audit.record(session, coordinator("eriec"), "test.write", "subject:x"))


def owed(database: Database) -> dict[str, list[SignedHead]]:
    with database.reading() as session:
        found = session.scalars(select(OutboxMessage).where(OutboxMessage.type == "audit.head"))
        heads: dict[str, list[SignedHead]] = {}
        for one in found.all():
            heads.setdefault(one.organisation_id, []).append(
                read_head(one.data["signed"], audit_heads.key_of(SETTINGS))
            )
        return heads


def hand_out(database: Database, *hours: float) -> list[int]:
    start: datetime = utcnow()
    return [hand_out_due(database, SETTINGS, start + timedelta(hours=hour)) for hour in hours]


def head_row(database: Database) -> AuditHead:
    with database.reading() as session:
        return session.scalars(select(AuditHead)).one()


def test_every_member_gets_the_same_head_and_it_stands_on_the_chain(network: Database):
    write(network, 3)

    assert hand_out(network, 0) == [1]

    heads = owed(network)
    assert heads.keys() == MEMBERS
    assert len({str(head) for (head,) in heads.values()}) == 1
    (head,) = heads["eriec"]
    assert head.hub == SETTINGS.issuer
    with network.reading() as session:
        assert audit.head(session) == Head(head.number, head.entry_hash)


def test_a_head_is_handed_out_at_most_hourly_and_only_when_the_log_grew(network: Database):
    write(network)

    assert hand_out(network, 0, 0.5, 0.99) == [1, 0, 0]
    write(network)
    assert hand_out(network, 0.5, 1.01, 1.02, 3) == [0, 1, 0, 0]
    assert {len(heads) for heads in owed(network).values()} == {2}


def test_each_head_names_the_one_handed_out_before(network: Database):
    write(network)
    hand_out(network, 0)
    write(network)
    hand_out(network, 2)

    first, second = owed(network)["arec"]

    assert (first.previous_number, first.previous_hash) == (0, audit.GENESIS)
    assert (second.previous_number, second.previous_hash) == (first.number, first.entry_hash)


def test_of_several_workers_one_hands_it_out(network: Database):
    write(network)
    now = utcnow()
    with ThreadPoolExecutor(4) as pool:
        handed = list(pool.map(lambda _: hand_out_due(network, SETTINGS, now), range(4)))

    assert sum(handed) == 1
    assert {len(heads) for heads in owed(network).values()} == {1}


def alter(session: Session, number: int) -> None:
    session.execute(update(AuditEntry).where(AuditEntry.number == number).values(outcome="refused"))


def cut(session: Session, number: int) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.number >= number))
    last = session.execute(select(AuditEntry.number, AuditEntry.entry_hash).order_by(AuditEntry.number.desc())).first()
    assert last is not None
    session.execute(update(AuditHead).values(number=last.number, entry_hash=last.entry_hash))


Tamper = Callable[[Session, int], Any]


@pytest.mark.parametrize(("tamper", "back"), [(alter, 0), (alter, 2), (cut, 3)])
def test_a_chain_that_does_not_hold_is_not_signed_and_is_noted_for_the_operator(
    network: Database, owned: Database, tamper: Tamper, back: int
):
    write(network, 3)
    hand_out(network, 0)
    handed = head_row(network).number
    write(network, 3)
    number = head_row(network).number - back
    at_or_before = min(number, handed) if tamper is cut else number

    owned.run(lambda session: tamper(session, number))

    assert hand_out(network, 2, 3) == [0, 0]
    assert {len(heads) for heads in owed(network).values()} == {1}
    assert head_row(network).broken_number == at_or_before


def test_a_chain_that_was_mended_is_signed_again_and_the_note_goes(network: Database, owned: Database):
    write(network, 2)
    owned.run(lambda session: alter(session, 1))
    assert hand_out(network, 0) == [0]
    owned.run(lambda session: session.execute(update(AuditEntry).where(AuditEntry.number == 1).values(outcome="done")))

    assert hand_out(network, 0) == [1]
    assert head_row(network).broken_number is None


def test_a_log_that_never_began_is_not_handed_out(sqlite_database: Database):
    assert hand_out(sqlite_database, 0) == [0]


def test_the_key_is_the_secret_s_own_and_stays_the_same():
    other = load_settings({}, secret="t" * 40)

    assert audit_heads.key_of(SETTINGS).thumbprint() == audit_heads.key_of(SETTINGS).thumbprint()
    assert audit_heads.key_of(SETTINGS).thumbprint() != audit_heads.key_of(other).thumbprint()


def test_the_whole_chain_is_read_once_a_day_so_an_old_entry_altered_is_found_too(network: Database, owned: Database):
    write(network, 3)
    noon = (utcnow() + timedelta(days=1)).replace(hour=12)
    assert hand_out_due(network, SETTINGS, noon) == 1
    owned.run(lambda session: alter(session, 2))
    write(network)

    assert hand_out_due(network, SETTINGS, noon + timedelta(hours=2)) == 1
    write(network)
    assert hand_out_due(network, SETTINGS, noon + timedelta(days=1)) == 0
    assert head_row(network).broken_number == 2
