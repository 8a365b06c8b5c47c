"""Who an account is at its organisation's identity provider: bound by its holder or by an invitation, never by a name.

What a provider says beside issuer and subject (e-mail addresses, groups) is not looked at: addresses are given to other people,
and some providers let people write their own. An identity nobody bound is refused, and makes no account.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Coordinator, IdentityProvider, ProviderIdentity, ProviderInvitation, new_secret, utcnow
from hub.services import audit
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at a provider, as a checked token says: nothing of it is kept but a keyed hash."""

    organisation_id: str
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Binding:
    """How an account stands with its organisation's provider; ``possible`` is false where there is none."""

    possible: bool
    bound_at: datetime | None
    used_at: datetime | None


def binding(session: Session, actor: Actor) -> Binding:
    """Return how the acting account stands."""
    possible = session.get(IdentityProvider, actor.organisation_id) is not None if actor.organisation_id else False
    found = session.get(ProviderIdentity, actor.name)
    return Binding(possible, found.bound_at if found else None, found.used_at if found else None)


def invite(session: Session, actor: Actor, organisation_id: str, username: str, life: timedelta) -> str:
    """Return the secret of a link that binds one account, once; an earlier one of that account ends.

    Raises
    ------
    Problem
        ``not-found`` without such an account or provider, ``conflict`` when the account is bound already.
    """
    account = _account(session, organisation_id, username)
    if session.get(IdentityProvider, organisation_id) is None:
        raise Problem("not-found", "Set the organisation's identity provider first.")
    if session.get(ProviderIdentity, account) is not None:
        raise Problem("conflict", "This account is bound already: unbind it first.")
    secret = new_secret()
    session.execute(delete(ProviderInvitation).where(ProviderInvitation.coordinator_id == account))
    session.add(
        ProviderInvitation(
            coordinator_id=account,
            organisation_id=organisation_id,
            link_hash=hashed(secret),
            ends_at=utcnow() + life,
        )
    )
    audit.record(session, actor, "provider.invite", f"coordinator:{account}")
    return secret


def _account(session: Session, organisation_id: str, username: str) -> str:
    own = (Coordinator.username == username, Coordinator.organisation_id == organisation_id)
    account = session.scalar(select(Coordinator.id).where(*own, Coordinator.disabled_at.is_(None)))
    if account is None:
        raise Problem("not-found", "Check the organisation and the user name: there is no such account.")
    return account


def invited(session: Session, secret: str) -> str | None:
    """Return the organisation whose provider a link leads to, or nothing for a link that is unknown, used or too old."""
    good = (ProviderInvitation.link_hash == hashed(secret), ProviderInvitation.ends_at > utcnow())
    return session.scalar(select(ProviderInvitation.organisation_id).where(*good))


def accept(session: Session, invitation_hash: str, identity: Identity, settings: Settings) -> str | None:
    """Bind the account of an invitation and return its id; nothing when the invitation is used, too old or another's.

    The delete decides: of two who hold the link, one is bound.

    Raises
    ------
    Problem
        ``conflict``, and the invitation stays, when the identity or the account is bound already.
    """
    good = (ProviderInvitation.link_hash == invitation_hash, ProviderInvitation.ends_at > utcnow())
    here = ProviderInvitation.organisation_id == identity.organisation_id
    taken = delete(ProviderInvitation).where(*good, here).returning(ProviderInvitation.coordinator_id)
    account = session.scalar(taken)
    if account is None:
        return None
    bind(session, account, identity, settings)
    return account


def bind(session: Session, coordinator_id: str, identity: Identity, settings: Settings) -> None:
    """Bind an account to somebody at its own organisation's provider.

    Raises
    ------
    Problem
        ``conflict`` when either is bound already, ``not-found`` for an account of another organisation or none, or when the
        organisation has another provider by now.
    """
    person, provider = (
        session.get_one(Coordinator, coordinator_id),
        session.get(IdentityProvider, identity.organisation_id),
    )
    other = person.organisation_id != identity.organisation_id or person.disabled_at is not None
    if other or provider is None or provider.issuer != identity.issuer:
        raise Problem("not-found", "This account is not of the organisation whose provider this is.")
    bound = ProviderIdentity(
        coordinator_id=coordinator_id,
        organisation_id=identity.organisation_id,
        identity_hash=_hash(identity, settings),
    )
    try:
        with session.begin_nested():
            session.add(bound)
    except IntegrityError as error:
        raise Problem("conflict", "This account, or this sign-in, is bound already: unbind it first.") from error
    session.execute(delete(ProviderInvitation).where(ProviderInvitation.coordinator_id == coordinator_id))
    actor = Actor(name=coordinator_id, role=person.role, organisation_id=person.organisation_id)
    audit.record(session, actor, "provider.bind", f"coordinator:{coordinator_id}")


def owner(session: Session, identity: Identity, settings: Settings) -> str | None:
    """Return the id of the account bound to somebody, of the provider's organisation, or nothing.

    The row stays locked until the transaction ends: who unbinds it meanwhile finds the session that is opened on it.
    """
    wanted = (
        ProviderIdentity.identity_hash == _hash(identity, settings),
        ProviderIdentity.organisation_id == identity.organisation_id,
    )
    same = select(Coordinator.id).where(Coordinator.organisation_id == identity.organisation_id)
    used = update(ProviderIdentity).where(*wanted, ProviderIdentity.coordinator_id.in_(same)).values(used_at=utcnow())
    return session.scalar(used.returning(ProviderIdentity.coordinator_id).execution_options(synchronize_session=False))


def unbind(session: Session, actor: Actor, coordinator_id: str) -> bool:
    """Let an account go; whether it was bound."""
    gone = delete(ProviderIdentity).where(ProviderIdentity.coordinator_id == coordinator_id)
    found = session.scalar(gone.returning(ProviderIdentity.coordinator_id)) is not None
    if found:
        audit.record(session, actor, "provider.unbind", f"coordinator:{coordinator_id}")
    return found


def unbind_named(session: Session, actor: Actor, organisation_id: str, username: str) -> str:
    """Let an account of an organisation go, with its open invitation; return its id, whose sessions the caller ends.

    Raises
    ------
    Problem
        ``not-found`` without such an account, or when it is neither bound nor invited.
    """
    account = _account(session, organisation_id, username)
    waiting = delete(ProviderInvitation).where(ProviderInvitation.coordinator_id == account)
    invitation = session.scalar(waiting.returning(ProviderInvitation.coordinator_id))
    if not unbind(session, actor, account) and invitation is None:
        raise Problem("not-found", "This account is neither bound nor invited.")
    return account


def delete_expired(session: Session, now: datetime) -> int:
    """Delete invitations that ran out; return how many."""
    expired = delete(ProviderInvitation).where(ProviderInvitation.ends_at <= now)
    return len(session.scalars(expired.returning(ProviderInvitation.coordinator_id)).all())


def _hash(identity: Identity, settings: Settings) -> str:
    # Keyed: a subject that is an address cannot be found by trying addresses.
    said = "\0".join(("provider identity", identity.issuer, identity.subject)).encode()
    return hmac.new(settings.secret.encode(), said, hashlib.sha256).hexdigest()
