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
from hub.models import Coordinator, IdentityProvider, Invitation, ProviderIdentity, utcnow
from hub.reach import Reach, widened
from hub.services import audit, invitations
from hub.services.actors import Actor
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at a provider, as a checked token says: nothing of it is kept but a keyed hash."""

    organisation_id: str
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Binding:
    """How an account stands with its organisation's provider; ``possible`` is false where there is none.

    Bound by an invitation it is ``waiting`` for the digits, and not bound before.
    """

    possible: bool
    bound_at: datetime | None
    used_at: datetime | None
    waiting: bool


def binding(session: Session, actor: Actor) -> Binding:
    """Return how the acting account stands."""
    possible = session.get(IdentityProvider, actor.organisation_id) is not None if actor.organisation_id else False
    found = session.get(ProviderIdentity, actor.name)
    if found is None or found.confirmed_at is None:
        return Binding(possible, None, None, waiting=found is not None)
    return Binding(possible, found.bound_at, found.used_at, waiting=False)


def invite(session: Session, actor: Actor, organisation_id: str, username: str, life: timedelta) -> str:
    """Return the secret of a link that binds one account that is in use, once; an earlier one of that account ends.

    Raises
    ------
    Problem
        ``not-found`` without such an account or provider, ``conflict`` when the account is bound already.
    """
    account = _account(session, organisation_id, username)
    if session.get(IdentityProvider, organisation_id) is None:
        raise Problem("not-found", "Set the organisation's identity provider first.")
    if session.get(ProviderIdentity, account.id) is not None:
        raise Problem("conflict", "This account is bound already: unbind it first.")
    secret, _ = invitations.make(session, account, "bind", life)
    audit.record(session, actor, "provider.invite", f"coordinator:{account.id}")
    return secret


def _account(session: Session, organisation_id: str, username: str) -> Coordinator:
    own = (Coordinator.username == username, Coordinator.organisation_id == organisation_id)
    in_use = (Coordinator.disabled_at.is_(None), Coordinator.confirmed_at.is_not(None))
    account = session.scalar(select(Coordinator).where(*own, *in_use))
    if account is None:
        raise Problem("not-found", "Check the organisation and the user name: there is no such account.")
    return account


def accept(session: Session, invitation_hash: str, identity: Identity, settings: Settings) -> str | None:
    """Bind the account of an invitation and return its id; nothing when the invitation is used, too old or another's.

    It opens nothing yet: the digits that whoever took it up is shown have to be heard first (:mod:`hub.services.invitations`).

    Raises
    ------
    Problem
        ``conflict``, and the invitation stays, when the identity or the account is bound already.
    """
    taken = invitations.take_up(session, invitation_hash, "provider", identity.organisation_id)
    if taken is None:
        return None
    _keep(session, taken.name, identity, settings, None)
    return taken.name


def bind(session: Session, coordinator_id: str, identity: Identity, settings: Settings) -> None:
    """Bind an account to somebody at its own organisation's provider, for its holder who just proved who they are.

    Raises
    ------
    Problem
        ``conflict`` when either is bound already, ``not-found`` for an account of another organisation or none, or when the
        organisation has another provider by now.
    """
    _keep(session, coordinator_id, identity, settings, utcnow())
    # On the way back from a provider the door lets nobody in: it only looks whose session it is.
    with widened(session, Reach.HUB):
        session.execute(delete(Invitation).where(Invitation.coordinator_id == coordinator_id))


def _keep(
    session: Session, coordinator_id: str, identity: Identity, settings: Settings, confirmed_at: datetime | None
) -> None:
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
        confirmed_at=confirmed_at,
    )
    try:
        with session.begin_nested():
            session.add(bound)
    except IntegrityError as error:
        raise Problem("conflict", "This account, or this sign-in, is bound already: unbind it first.") from error
    actor = Actor(name=coordinator_id, role=person.role, organisation_id=person.organisation_id)
    audit.record(session, actor, "provider.bind", f"coordinator:{coordinator_id}")


def owner(session: Session, identity: Identity, settings: Settings) -> str | None:
    """Return the id of the account bound to somebody for certain, of the provider's organisation, or nothing.

    The row stays locked until the transaction ends: who unbinds it meanwhile finds the session that is opened on it.
    """
    wanted = (
        ProviderIdentity.identity_hash == _hash(identity, settings),
        ProviderIdentity.organisation_id == identity.organisation_id,
        ProviderIdentity.confirmed_at.is_not(None),
    )
    same = select(Coordinator.id).where(Coordinator.organisation_id == identity.organisation_id)
    used = update(ProviderIdentity).where(*wanted, ProviderIdentity.coordinator_id.in_(same)).values(used_at=utcnow())
    return session.scalar(used.returning(ProviderIdentity.coordinator_id).execution_options(synchronize_session=False))


def unbind(session: Session, actor: Actor, coordinator_id: str) -> bool:
    """Let an account go, with what an invitation still waits for; whether it was bound."""
    session.execute(delete(Invitation).where(Invitation.coordinator_id == coordinator_id))
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
    account = _account(session, organisation_id, username).id
    waiting = delete(Invitation).where(Invitation.coordinator_id == account)
    invitation = session.scalar(waiting.returning(Invitation.coordinator_id))
    if not unbind(session, actor, account) and invitation is None:
        raise Problem("not-found", "This account is neither bound nor invited.")
    return account


def _hash(identity: Identity, settings: Settings) -> str:
    # Keyed: a subject that is an address cannot be found by trying addresses.
    said = "\0".join(("provider identity", identity.issuer, identity.subject)).encode()
    return hmac.new(settings.secret.encode(), said, hashlib.sha256).hexdigest()
