"""The audit log: one line for every change and refusal, chained so that altering or cutting it shows.

Whoever can write to the database could make the whole chain anew: only a head kept elsewhere shows that. So every
organisation that reads its entries is given the head, and :func:`holds` says whether one given out earlier still stands.
"""

import hashlib
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final

import rfc8785
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.models import AuditEntry, AuditHead, utcnow
from hub.reach import Reach, widened
from hub.services.actors import Actor

GENESIS: Final = "0" * 64
AT_ONCE: Final = 1000
"""Entries are read this many at a time: a long log need not fit into memory."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at a moment: how many entries, and the hash of the last."""

    number: int
    entry_hash: str


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


def first_break(session: Session, after: Head | None = None) -> int | None:
    """Return the number of the first entry that does not follow, or nothing when the chain holds.

    Linear in the length of the log; with ``after``, a head given out earlier, in what was written since. That head's own number
    is returned when it no longer stands.
    """
    start = after or Head(0, GENESIS)
    last = session.get(AuditEntry, start.number) if start.number else None
    if not holds(session, start) or (last is not None and entry_hash(last) != last.entry_hash):
        return start.number
    expected, previous = start.number + 1, start.entry_hash
    later = select(AuditEntry).where(AuditEntry.number > start.number) if after else select(AuditEntry)
    entries = later.order_by(AuditEntry.number).execution_options(yield_per=AT_ONCE)
    # Closed where the chain breaks: what is left unread would keep a cursor open on the server.
    with closing(session.scalars(entries)) as read:
        for entry in read:
            if entry.number != expected or entry.previous_hash != previous or entry.entry_hash != entry_hash(entry):
                return expected
            expected, previous = expected + 1, entry.entry_hash
    return None if head(session) == Head(expected - 1, previous) else expected


def told(session: Session, number: int) -> str | None:
    """Return what an entry says, for whoever keeps the log; nothing where it is missing."""
    entry = session.get(AuditEntry, number)
    if entry is None:
        return None
    return f"{entry.at.isoformat()} {entry.operation} {entry.subject} by {entry.organisation_id or 'the hub'}"


def head(session: Session) -> Head:
    """Return the end of the chain; a log that never began has number 0 (with entries, somebody took its head away)."""
    found = session.execute(select(AuditHead.number, AuditHead.entry_hash)).one_or_none()
    return Head(*found) if found else Head(0, GENESIS)


def holds(session: Session, earlier: Head) -> bool:
    """Whether a head given out earlier is still a link of the chain; :func:`first_break` says whether the chain holds."""
    if earlier.number == 0:
        return earlier.entry_hash == GENESIS
    # The chain is one for the network: the entry may be anyone's, and only whether its hash is this one is told.
    with widened(session, Reach.NETWORK):
        entry = session.get(AuditEntry, earlier.number)
    return entry is not None and entry.entry_hash == earlier.entry_hash
