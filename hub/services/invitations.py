"""Invitations to an account: a link that is taken up once, and six digits that come back by voice before it opens anything.

Links travel by message and are forwarded, read by others and opened by programs. So the link alone opens nothing: whoever takes
it up is shown six digits, tells them to the administrator, and the administrator types them. A thief would have to be heard.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.models import Coordinator, Invitation, Organisation, ProviderIdentity, new_secret, utcnow
from hub.reach import Reach, widened
from hub.services import audit
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.settings import Settings

LIFE: Final = timedelta(hours=72)
HEARD_WITHIN: Final = timedelta(days=7)
"""How long an invitation that was taken up waits for its digits."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Whose account a good link leads to. ``purpose``: join, or bind."""

    actor: Actor
    username: str
    organisation_id: str
    purpose: str


def make(session: Session, account: Coordinator, purpose: str, life: timedelta = LIFE) -> tuple[str, datetime]:
    """Return the secret of a fresh link and its last moment; an earlier link of the account ends."""
    secret, ends_at = new_secret(), utcnow() + life
    session.execute(delete(Invitation).where(Invitation.coordinator_id == account.id))
    session.add(
        Invitation(
            coordinator_id=account.id,
            organisation_id=account.organisation_id,
            purpose=purpose,
            link_hash=hashed(secret),
            ends_at=ends_at,
        )
    )
    return secret, ends_at


def looked_up(session: Session, secret: str) -> Invited | None:
    """Return what a link leads to, or nothing when it is unknown, taken up, too old, or its organisation is suspended."""
    query = (
        select(Coordinator, Invitation.organisation_id, Invitation.purpose)
        .join(Coordinator, Coordinator.id == Invitation.coordinator_id)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(Invitation.link_hash == hashed(secret), Invitation.taken_at.is_(None), Invitation.ends_at > utcnow())
        .where(Organisation.suspended_at.is_(None))
    )
    # Whose link it is, nobody knows before its hash is found.
    with widened(session, Reach.HUB):
        row = session.execute(query).one_or_none()
    if row is None:
        return None
    return Invited(_actor(row.Coordinator), row.Coordinator.username, row.organisation_id, row.purpose)


def take_up(session: Session, link_hash: str, way: str, organisation_id: str | None = None) -> Actor | None:
    """Use a link up; return whose account it is, or nothing when it is not good (any more) for this way or organisation.

    The conditional update decides: of two who hold the link, one takes it up. What else the caller writes for the account
    belongs in the same transaction.
    """
    now, running = utcnow(), select(Organisation.id).where(Organisation.suspended_at.is_(None))
    good = [Invitation.link_hash == link_hash, Invitation.taken_at.is_(None), Invitation.ends_at > now]
    good.append(Invitation.organisation_id.in_(running))
    if organisation_id is not None:
        good.append(Invitation.organisation_id == organisation_id)
    if way != "provider":
        good.append(Invitation.purpose == "join")
    taken = (
        update(Invitation)
        .where(*good)
        .values(taken_at=now, way=way, ends_at=now + HEARD_WITHIN)
        .returning(Invitation.coordinator_id)
        .execution_options(synchronize_session=False)
    )
    # As above: who comes with a link is nobody yet.
    with widened(session, Reach.HUB):
        owner = session.scalar(taken)
        if owner is None:
            return None
        actor = _actor(session.get_one(Coordinator, owner))
        audit.record(session, actor, "coordinator.join", f"coordinator:{owner}")
    return actor


def digits(session: Session, coordinator_id: str, settings: Settings) -> str | None:
    """Return the six digits that whoever took an invitation up tells, or nothing where none waits for them."""
    # Asked for by a browser that is nobody yet; its step says for whom.
    with widened(session, Reach.HUB):
        found = session.get(Invitation, coordinator_id)
        return _digits(found, settings) if found is not None and found.taken_at is not None else None


def hear(session: Session, coordinator_id: str, typed: str, settings: Settings) -> bool | None:
    """Whether the digits typed are the ones shown to whoever took the invitation up; nothing where none waits for them.

    The right ones put the account in force, or what it was bound to; the delete decides, once.
    """
    now = utcnow()
    found = session.get(Invitation, coordinator_id, populate_existing=True)
    if found is None or found.taken_at is None or found.ends_at <= now:
        return None
    said = "".join(typed.split()).encode("utf-8", "replace")
    if not hmac.compare_digest(said, _digits(found, settings).encode()):
        return False
    session.execute(delete(Invitation).where(Invitation.coordinator_id == coordinator_id))
    bound = update(ProviderIdentity).where(ProviderIdentity.coordinator_id == coordinator_id)
    session.execute(bound.values(confirmed_at=now))
    if found.purpose == "join":
        session.execute(update(Coordinator).where(Coordinator.id == coordinator_id).values(confirmed_at=now))
    return True


def delete_expired(session: Session, now: datetime) -> int:
    """Delete invitations that ran out, taken up or not; return how many. The accounts stay without access."""
    expired = delete(Invitation).where(Invitation.ends_at <= now)
    return len(session.scalars(expired.returning(Invitation.coordinator_id)).all())


def _digits(found: Invitation, settings: Settings) -> str:
    # Made from the link and the moment it was taken up: kept nowhere, and with the hub's secret alone to be known.
    said = "\0".join(("invitation", found.coordinator_id, found.link_hash, str(found.taken_at)))
    made = hmac.new(settings.secret.encode(), said.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made) % 1_000_000:06}"


def _actor(account: Coordinator) -> Actor:
    return Actor(account.id, account.role, account.organisation_id)
