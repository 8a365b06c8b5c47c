"""A mentee's link: made by her coordinator, exchanged once for a session, and the six digits that go beside it.

The link travels by message and may be seen by others; the digits are told apart, and asked before anything that shares
more. Ten wrong ones close the page: guessing reaches one in a hundred thousand, whoever guesses and however slowly.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import MenteeLink, Organisation, Profile, new_secret, utcnow
from hub.reach import Reach, widened
from hub.services import audit
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.settings import Settings

LIFE: Final = timedelta(days=14)
MOST_MISSES: Final = 10
ROLE: Final = "mentee"


@dataclass(frozen=True, slots=True)
class NewLink:
    """What the coordinator is shown once: 256 random bits for the address, six digits to be told apart, the last moment."""

    capability: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkState:
    """How a mentee's link stands: not opened yet, open until it ends, or closed by her (``open`` is then false)."""

    made_at: datetime
    opened_at: datetime | None
    expires_at: datetime
    open: bool


@dataclass(frozen=True, slots=True)
class Mentee:
    """Someone with a running session of a link. ``actor`` has the role mentee and names her profile."""

    actor: Actor
    profile_id: str
    pseudonym: str
    suspended: bool
    expires_at: datetime


def make(session: Session, actor: Actor, pseudonym: str, settings: Settings) -> NewLink:
    """Make a link for one of the actor's own mentees; an earlier link of hers, and what it opened, end.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own mentee.
    """
    # The row is locked: of two links made at once the later one stands, alone.
    profile_id = session.scalar(_own(actor, pseudonym).with_for_update())
    if profile_id is None:
        raise Problem("not-found", "Share this mentee first, or check the pseudonym.")
    made = NewLink(new_secret(), f"{secrets.randbelow(1_000_000):06}", utcnow() + LIFE)
    session.execute(delete(MenteeLink).where(MenteeLink.profile_id == profile_id))
    session.add(
        MenteeLink(
            profile_id=profile_id,
            link_hash=hashed(made.capability),
            code_hash=_code_hash(settings, profile_id, made.code),
            expires_at=made.expires_at,
        )
    )
    audit.record(session, actor, "mentee_link.issue", f"profile:{profile_id}")
    return made


def state(session: Session, actor: Actor, pseudonym: str) -> LinkState | None:
    """Return how the link of one of the actor's own mentees stands; nothing without one that still could be used."""
    query = select(MenteeLink).where(
        MenteeLink.profile_id.in_(_own(actor, pseudonym)), MenteeLink.expires_at > utcnow()
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        return None
    still = found.opened_at is None or found.session_hash is not None
    return LinkState(found.made_at, found.opened_at, found.expires_at, still)


def exchange(session: Session, capability: str) -> tuple[str, datetime] | None:
    """Return the id of a session and its last moment, once; nothing for a link that is unknown, used, too old or stopped.

    The conditional update decides: of two who press at once exactly one comes in. Refused, a link of ours leaves a trace.
    """
    # Whose link it is, nobody knows before its hash is found.
    with widened(session, Reach.HUB):
        return _exchange(session, capability)


def _exchange(session: Session, capability: str) -> tuple[str, datetime] | None:
    now, fresh = utcnow(), new_secret()
    running = select(Profile.id).join(Organisation).where(Organisation.suspended_at.is_(None))
    unused = (MenteeLink.opened_at.is_(None), MenteeLink.expires_at > now, MenteeLink.profile_id.in_(running))
    opened = session.execute(
        update(MenteeLink)
        .where(MenteeLink.link_hash == hashed(capability), *unused)
        .values(opened_at=now, session_hash=hashed(fresh))
        .returning(MenteeLink.profile_id, MenteeLink.expires_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    owner = opened.profile_id if opened else _owner(session, capability)
    if owner is not None:
        outcome = "done" if opened else "refused"
        audit.record(session, _actor(session, owner), "mentee_link.open", f"profile:{owner}", outcome)
    return (fresh, opened.expires_at) if opened else None


def resume(session: Session, session_id: str) -> Mentee | None:
    """Return whose running session it is, or nothing when it ended."""
    query = (
        select(MenteeLink.profile_id, MenteeLink.expires_at, Profile.pseudonym)
        .add_columns(Profile.organisation_id, Organisation.suspended_at)
        .join(Profile, Profile.id == MenteeLink.profile_id)
        .join(Organisation, Organisation.id == Profile.organisation_id)
        .where(MenteeLink.session_hash == hashed(session_id), MenteeLink.expires_at > utcnow())
    )
    # Whose session it is, nobody knows before its hash is found; the guard lets her in for that organisation alone.
    with widened(session, Reach.HUB):
        row = session.execute(query).one_or_none()
    if row is None:
        return None
    actor = Actor(row.profile_id, ROLE, row.organisation_id)
    return Mentee(actor, row.profile_id, row.pseudonym, row.suspended_at is not None, row.expires_at)


def code_fits(session: Session, mentee: Mentee, code: str, settings: Settings) -> bool:
    """Whether the digits are the ones given out beside her link; the tenth wrong ones close the page.

    Never raises: a refusal would undo the count.
    """
    digits = "".join(code.split())
    kept = session.scalar(select(MenteeLink.code_hash).where(MenteeLink.profile_id == mentee.profile_id)) or ""
    if hmac.compare_digest(kept, _code_hash(settings, mentee.profile_id, digits)):
        return True
    own = MenteeLink.profile_id == mentee.profile_id
    missed = update(MenteeLink).where(own).values(misses=MenteeLink.misses + 1).returning(MenteeLink.misses)
    if (session.scalar(missed) or MOST_MISSES) >= MOST_MISSES:
        session.execute(update(MenteeLink).where(own).values(session_hash=None))
    audit.record(session, mentee.actor, "mentee_link.code", f"profile:{mentee.profile_id}", "refused")
    return False


def leave(session: Session, session_id: str) -> None:
    """End a session here and now; one that ended stays so. The link stays used."""
    own = MenteeLink.session_hash == hashed(session_id)
    ended = update(MenteeLink).where(own).values(session_hash=None).returning(MenteeLink.profile_id)
    # As above: the door to leave by is open to anyone.
    with widened(session, Reach.HUB):
        owner = session.scalar(ended)
        if owner is not None:
            audit.record(session, _actor(session, owner), "mentee_link.leave", f"profile:{owner}")


def delete_expired(session: Session, now: datetime) -> int:
    """Delete links that ran out, with their sessions; return how many."""
    expired = delete(MenteeLink).where(MenteeLink.expires_at <= now)
    return len(session.scalars(expired.returning(MenteeLink.profile_id)).all())


def _own(actor: Actor, pseudonym: str) -> Select[str]:
    own = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym, Profile.kind == "mentee")
    return select(Profile.id).where(*own)


def _owner(session: Session, capability: str) -> str | None:
    return session.scalar(select(MenteeLink.profile_id).where(MenteeLink.link_hash == hashed(capability)))


def _actor(session: Session, profile_id: str) -> Actor:
    return Actor(profile_id, ROLE, session.scalar(select(Profile.organisation_id).where(Profile.id == profile_id)))


def _code_hash(settings: Settings, profile_id: str, code: str) -> str:
    # Keyed: a million plain hashes are tried in a second, and a stolen database would tell every code.
    said = "\0".join(("mentee link", profile_id, code)).encode("utf-8", "replace")
    return hmac.new(settings.secret.encode(), said, hashlib.sha256).hexdigest()
