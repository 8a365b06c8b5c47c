"""Heads of the audit chain handed to every organisation: checked, signed, and owed at most once an hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import OKPKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.audit_heads import EVENT, SignedHead, sign_head
from hub.models import AuditHead, Organisation
from hub.services import audit, outbox
from hub.services.audit import Head
from hub.settings import Settings

EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What was found to be handed out: the end of the chain, the head handed out before, and the first entry that breaks."""

    head: Head
    earlier: Head
    broken: int | None


def key_of(settings: Settings) -> OKPKey:
    """Return the hub's key for heads: made from its secret, so it is in no table and one more file need not be kept."""
    seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"passerelle audit heads").derive(settings.secret.encode())
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))


def due(session: Session, now: datetime) -> Due | None:
    """Return what is to be handed out at ``now``; nothing within the hour or while the log stands still.

    Reads the entries since the head handed out before, and checks that it still stands and that they follow it; at the first
    look of a day it reads the whole chain.
    """
    row = session.scalars(select(AuditHead)).one_or_none()
    if row is None or (row.handed_at is not None and now - row.handed_at < EVERY):
        return None
    earlier = Head(row.handed_number, row.handed_hash)
    broken = audit.first_break(session, earlier)
    if broken is None and (row.handed_at is None or row.handed_at.date() != now.date()):
        broken = audit.first_break(session)
    if row.number == earlier.number and broken is None:
        return None
    return Due(Head(row.number, row.entry_hash), earlier, broken)


def hand_out(session: Session, found: Due, settings: Settings, now: datetime) -> int:
    """Owe every organisation the head; return how many heads were handed out: 0 when another worker was first.

    A chain that does not hold is signed by nobody: it is noted for the operator, and said in the log.
    """
    same = AuditHead.handed_number == found.earlier.number
    if found.broken is not None:
        session.execute(update(AuditHead).where(same).values(broken_number=found.broken))
        structlog.get_logger(__name__).error("audit chain breaks", number=found.broken)
        return 0
    handed = {"handed_number": found.head.number, "handed_hash": found.head.entry_hash, "handed_at": now}
    moving = update(AuditHead).where(same).values(**handed, broken_number=None).returning(AuditHead.id)
    if session.scalar(moving) is None:
        return 0
    signed = sign_head(key_of(settings), _signed(found, settings, now))
    everyone = session.scalars(select(Organisation.id)).all()
    outbox.owe(session, everyone, EVENT, f"audit:{found.head.number}", {"signed": signed})
    return 1


def _signed(found: Due, settings: Settings, now: datetime) -> SignedHead:
    head, earlier = found.head, found.earlier
    at = int(now.timestamp())
    return SignedHead(settings.issuer, head.number, head.entry_hash, earlier.number, earlier.entry_hash, at)
