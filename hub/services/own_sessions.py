"""Sessions and passwords of people: look, end, prove again who they are, choose another password, start over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import (
    AuthenticatorApp,
    Coordinator,
    Invitation,
    Passkey,
    ProviderErrand,
    ProviderIdentity,
    RecoveryCode,
    SignIn,
    SignInStep,
    new_secret,
    utcnow,
)
from hub.services import audit
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.services.coordinators import HASHER, password_fits


@dataclass(frozen=True, slots=True)
class SessionView:
    """One running session. Neither address nor browser is kept: they would tell where a person is."""

    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    mine: bool


def running(session: Session, actor: Actor, session_id: str) -> tuple[SessionView, ...]:
    """Return the actor's sessions that have not reached their last hour, the latest used first; ``mine`` is this one."""
    own = select(SignIn).where(SignIn.coordinator_id == actor.name, SignIn.ends_at > utcnow())
    found = session.scalars(own.order_by(SignIn.seen_at.desc(), SignIn.created_at.desc()))
    here = hashed(session_id)
    return tuple(SessionView(one.created_at, one.seen_at, one.ends_at, one.id_hash == here) for one in found)


def confirm(session: Session, actor: Actor, session_id: str) -> str | None:
    """Return a new id for a session whose owner just proved who they are; the old id is worth nothing from now on.

    The last hour stays what it was. Nothing when the session ended meanwhile.
    """
    fresh = new_secret()
    own = (SignIn.id_hash == hashed(session_id), SignIn.coordinator_id == actor.name)
    moved = update(SignIn).where(*own).values(id_hash=hashed(fresh), confirmed_at=utcnow(), seen_at=utcnow())
    if session.scalar(moved.returning(SignIn.coordinator_id)) is None:
        return None
    audit.record(session, actor, "session.confirm", f"coordinator:{actor.name}")
    return fresh


def end_all(session: Session, actor: Actor, keep: str | None = None) -> int:
    """End every session of the actor, but for the one to ``keep``; return how many."""
    own = [SignIn.coordinator_id == actor.name]
    if keep is not None:
        own.append(SignIn.id_hash != hashed(keep))
    ended = session.scalars(delete(SignIn).where(*own).returning(SignIn.id_hash)).all()
    audit.record(session, actor, "session.close", f"coordinator:{actor.name}", "everywhere")
    return len(ended)


def check_password(password: str, again: str) -> None:
    """Refuse a password that cannot be chosen, before the time is spent to hash it.

    Raises
    ------
    Problem
        ``invalid-fields``.
    """
    if not password_fits(password):
        raise Problem("invalid-fields", "Choose a password of 12 to 256 characters.")
    if password != again:
        raise Problem("invalid-fields", "Type the new password twice the same.")


def hash_password(password: str) -> str:
    """Return argon2id of a password: tens of milliseconds, to be spent outside any transaction."""
    return HASHER.hash(password.encode("utf-8", "replace"))


def set_password(session: Session, actor: Actor, password_hash: str) -> None:
    """Give an account without a password its first one."""
    session.execute(update(Coordinator).where(Coordinator.id == actor.name).values(password_hash=password_hash))


def change_password(session: Session, actor: Actor, password_hash: str, session_id: str) -> None:
    """Put another password in force; every other session of the account ends."""
    set_password(session, actor, password_hash)
    audit.record(session, actor, "password.change", f"coordinator:{actor.name}")
    end_all(session, actor, keep=session_id)


def start_over(session: Session, actor: Actor, organisation_id: str | None, username: str, password_hash: str) -> None:
    """Give an account another first password, and take factors, bindings and sessions away: phone, codes or password are lost.

    For operators, who first make sure whom they speak to; afterwards the account is as if it were new. An operator's own
    account belongs to no organisation.

    Raises
    ------
    Problem
        ``not-found`` when the organisation has no such account, or its access was ended.
    """
    own = (Coordinator.username == username, Coordinator.organisation_id == organisation_id)
    found = select(Coordinator.id).where(*own, Coordinator.disabled_at.is_(None))
    account = session.scalar(found)
    if account is None:
        raise Problem("not-found", "Check the organisation and the user name: there is no such account.")
    take_everything(session, account)
    given = update(Coordinator).where(Coordinator.id == account)
    session.execute(given.values(password_hash=password_hash, confirmed_at=utcnow()))
    audit.record(session, actor, "coordinator.reset", f"coordinator:{account}")


def take_everything(session: Session, coordinator_id: str) -> None:
    """Take every way in from an account, and end its sessions; it opens nothing until it is confirmed anew.

    The invitation comes first and the account's row next: whoever takes the link up or signs in at this moment is waited for,
    and what they got is taken too.
    """
    session.execute(delete(Invitation).where(Invitation.coordinator_id == coordinator_id))
    own = update(Coordinator).where(Coordinator.id == coordinator_id)
    session.execute(own.values(password_hash=None, confirmed_at=None))
    ways_in = (AuthenticatorApp, Passkey, RecoveryCode, ProviderIdentity, ProviderErrand)
    for kept in (*ways_in, SignIn, SignInStep):
        session.execute(delete(kept).where(kept.coordinator_id == coordinator_id))
