"""The audit log: one line for every change and refusal, chained so that altering or cutting it shows."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import rfc8785
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.models import AuditEntry, AuditHead, utcnow
from hub.services.actors import Actor

GENESIS: Final = "0" * 64


def record(session: Session, actor: Actor, operation: str, subject: str, outcome: str = "done") -> None:
    """Append one entry: ids and codes only, never a value.

    Notes
    -----
    The head row is moved first: its lock makes concurrent writers take turns, so the chain cannot fork.
    """
    number = _next_number(session)
    previous = session.scalars(select(AuditHead.entry_hash)).one()
    entry = AuditEntry(
        number=number,
        at=utcnow(),
        actor=actor.name,
        organisation_id=actor.organisation_id,
        operation=operation,
        subject=subject,
        outcome=outcome,
        previous_hash=previous,
    )
    entry.entry_hash = entry_hash(entry)
    session.add(entry)
    session.execute(update(AuditHead).values(entry_hash=entry.entry_hash))


def _next_number(session: Session) -> int:
    """Move the head; of several first writers one makes it, the others wait and follow."""
    step = update(AuditHead).values(number=AuditHead.number + 1).returning(AuditHead.number)
    number = session.scalar(step)
    if number is None:
        with suppress(IntegrityError), session.begin_nested():
            session.execute(insert(AuditHead).values(id=1, number=0, entry_hash=GENESIS))
        number = session.scalars(step).one()
    return number


def entry_hash(entry: AuditEntry) -> str:
    """Return SHA-256 over the canonical JSON (RFC 8785) of the entry and the hash before it."""
    fields: dict[str, str | int | None] = {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "organisation": entry.organisation_id,
        "operation": entry.operation,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "previous": entry.previous_hash,
    }
    return hashlib.sha256(rfc8785.dumps(fields)).hexdigest()


def first_break(session: Session) -> int | None:
    """Return the number of the first entry that does not follow, or nothing when the whole chain holds.

    Linear in the length of the log.
    """
    expected, previous = 1, GENESIS
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.number)):
        if entry.number != expected or entry.previous_hash != previous or entry.entry_hash != entry_hash(entry):
            return expected
        expected, previous = expected + 1, entry.entry_hash
    # No head stands for a log that never began: with entries, somebody took it away.
    head = session.execute(select(AuditHead.number, AuditHead.entry_hash)).one_or_none() or (0, GENESIS)
    return None if tuple(head) == (expected - 1, previous) else expected


def own_entries(session: Session, actor: Actor, limit: int = 100) -> Sequence[AuditEntry]:
    """Return what the acting organisation did, newest first."""
    mine = AuditEntry.organisation_id == actor.organisation
    return session.scalars(select(AuditEntry).where(mine).order_by(AuditEntry.number.desc()).limit(limit)).all()
