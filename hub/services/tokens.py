"""Access tokens, used assertions and proofs: issued, found, revoked, forgotten. Only hashes are kept."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.models import AccessToken, Client, Organisation, SignIn, SignInAttempt, UsedAssertion, new_secret, utcnow
from hub.models.client import UsedProof
from hub.services.actors import Actor
from hub.services.clients import hashed


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Who a valid access token speaks for, what it permits, until when, and bound to which key (``cnf.jkt``, RFC 9449, 6)."""

    actor: Actor
    scope: frozenset[str]
    suspended: bool
    thumbprint: str | None
    issued_at: datetime
    expires_at: datetime


def issue(
    session: Session, client_id: str, scope: str, seconds: int, thumbprint: str | None = None, keys_number: int = 1
) -> str:
    """Return a fresh opaque token that lives for ``seconds``.

    Parameters
    ----------
    thumbprint
        Of the key the token is bound to; a token bound to none opens nothing on the API.
    keys_number
        Of the client's keys by which it was recognised; the token ends when they are replaced.
    """
    token = new_secret()
    now = utcnow()
    session.add(
        AccessToken(
            token_hash=hashed(token),
            client_id=client_id,
            scope=scope,
            thumbprint=thumbprint,
            keys_number=keys_number,
            issued_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
    )
    return token


def holder(session: Session, token: str, now: datetime) -> TokenHolder | None:
    """Return who holds a token, or nothing: unknown, revoked, too old, got with keys replaced since, or of a revoked system."""
    query = (
        select(AccessToken, Client.id, Client.organisation_id, Organisation.suspended_at)
        .join(Client, Client.id == AccessToken.client_id)
        .join(Organisation, Organisation.id == Client.organisation_id)
        .where(AccessToken.token_hash == hashed(token), AccessToken.expires_at > now)
        .where(AccessToken.revoked_at.is_(None), Client.revoked_at.is_(None))
        .where(AccessToken.keys_number == Client.keys_number)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    actor = Actor(name=row.id, role="system", organisation_id=row.organisation_id)
    found: AccessToken = row.AccessToken
    scope, suspended = frozenset(found.scope.split()), row.suspended_at is not None
    return TokenHolder(actor, scope, suspended, found.thumbprint, found.issued_at, found.expires_at)


def revoke(session: Session, client_id: str, token: str) -> bool:
    """End one of the client's own tokens; whether there was one to end. Others' tokens are left alone."""
    own = (
        AccessToken.token_hash == hashed(token),
        AccessToken.client_id == client_id,
        AccessToken.revoked_at.is_(None),
    )
    ended = session.scalar(update(AccessToken).where(*own).values(revoked_at=utcnow()).returning(AccessToken.client_id))
    return ended is not None


def spend_assertion(session: Session, client_id: str, jti: str, expires_at: datetime) -> bool:
    """Remember that a client's assertion was used; False when it was used before.

    The insert decides, not a look beforehand: of two workers with the same assertion, one sees True.
    """
    return _first(session, UsedAssertion(client_id=client_id, jti_hash=_digest(jti), expires_at=expires_at))


def spend_proof(session: Session, thumbprint: str, jti: str, expires_at: datetime) -> bool:
    """Remember that a DPoP proof of a key was used; False when it was used before. The insert decides."""
    return _first(session, UsedProof(thumbprint=thumbprint, jti_hash=_digest(jti), expires_at=expires_at))


def _first(session: Session, used: UsedAssertion | UsedProof) -> bool:
    try:
        with session.begin_nested():
            session.add(used)
    except IntegrityError:
        return False
    return True


def _digest(jti: str) -> str:
    return hashlib.sha256(jti.encode()).hexdigest()


def delete_spent(session: Session, now: datetime) -> int:
    """Delete what has run out, and counts of attempts to sign in older than a day. Return how many rows."""
    day = now - timedelta(days=1)
    statements = (
        delete(AccessToken).where(AccessToken.expires_at < now).returning(AccessToken.client_id),
        delete(UsedAssertion).where(UsedAssertion.expires_at < now).returning(UsedAssertion.client_id),
        delete(UsedProof).where(UsedProof.expires_at < now).returning(UsedProof.thumbprint),
        delete(SignIn).where(SignIn.ends_at < now).returning(SignIn.coordinator_id),
        delete(SignInAttempt).where(SignInAttempt.hour < day).returning(SignInAttempt.count),
    )
    return sum(len(session.execute(statement).all()) for statement in statements)
