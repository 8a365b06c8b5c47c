"""Organisations' systems: an operator permits one, it registers its public keys, and is known from then on."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import AccessToken, Client, Enrolment, Organisation, new_secret, utcnow
from hub.services import audit, client_keys
from hub.services.actors import Actor


@dataclass(frozen=True, slots=True)
class ClientView:
    """A registered system, as it is told about itself."""

    client_id: str
    organisation: str
    scope: str


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A registered system with what the token endpoint needs to recognise it."""

    client_id: str
    organisation: str
    scope: str
    keys: tuple[dict[str, Any], ...]
    keys_number: int
    suspended: bool


def hashed(secret: str) -> str:
    """Return the form in which the hub keeps a secret it gave out: SHA-256, for secrets of 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_enrolment(session: Session, actor: Actor, organisation_id: str, scope: str, hours: int) -> str:
    """Return a token with which one system of the organisation can register once, within ``hours``.

    Raises
    ------
    Problem
        ``not-found`` when there is no such organisation.
    """
    if session.get(Organisation, organisation_id) is None:
        raise Problem("not-found", "Add the organisation first, or check its identifier.")
    token = new_secret()
    expires_at = utcnow() + timedelta(hours=hours)
    session.add(
        Enrolment(token_hash=hashed(token), organisation_id=organisation_id, scope=scope, expires_at=expires_at)
    )
    audit.record(session, actor, "client.permit", f"organisation:{organisation_id}")
    return token


def enrol(session: Session, token: str, jwks: Mapping[str, Any]) -> ClientView:
    """Register a system's public keys and spend the enrolment token.

    Raises
    ------
    Problem
        ``enrolment-refused`` for keys we do not take (the token stays good), or a token that is unknown, spent or too old:
        all three look the same.
    """
    keys = client_keys.read_jwks(jwks)
    now = utcnow()
    # One statement decides: of two systems with the same token, one registers.
    spent = session.execute(
        update(Enrolment)
        .where(Enrolment.token_hash == hashed(token), Enrolment.used_at.is_(None), Enrolment.expires_at > now)
        .values(used_at=now)
        .returning(Enrolment.organisation_id, Enrolment.scope)
    ).one_or_none()
    if spent is None or _suspended(session, spent.organisation_id):
        raise Problem("enrolment-refused", "Ask the network operator for a fresh enrolment token: each works once.")
    client = Client(organisation_id=spent.organisation_id, scope=spent.scope, jwks=keys)
    session.add(client)
    session.flush()
    actor = Actor(name=client.id, role="system", organisation_id=client.organisation_id)
    audit.record(session, actor, "client.enrol", f"client:{client.id}")
    return ClientView(client.id, client.organisation_id, client.scope)


def known(session: Session, client_id: str) -> RegisteredClient | None:
    """Return a registered system, or nothing when it is unknown or revoked."""
    query = select(Client, Organisation.suspended_at).join(Organisation, Organisation.id == Client.organisation_id)
    row = session.execute(query.where(Client.id == client_id, Client.revoked_at.is_(None))).one_or_none()
    if row is None:
        return None
    client, suspended_at = row
    keys = tuple(client.jwks["keys"])
    return RegisteredClient(
        client.id, client.organisation_id, client.scope, keys, client.keys_number, suspended_at is not None
    )


def replace_keys(session: Session, client: RegisteredClient, keys: dict[str, Any]) -> bool:
    """Put a client's new keys, read by ``client_keys.read_jwks``, in the place of those it was recognised by.

    False when they were replaced meanwhile: then who asks has an old key. Tokens got with the old keys end with them,
    whichever of the two was written first: ``tokens.holder`` compares the numbers.
    """
    replaced = session.scalar(
        update(Client)
        .where(Client.id == client.client_id, Client.keys_number == client.keys_number, Client.revoked_at.is_(None))
        .values(jwks=keys, keys_number=client.keys_number + 1)
        .returning(Client.id)
    )
    if replaced is None:
        return False
    actor = Actor(name=client.client_id, role="system", organisation_id=client.organisation)
    audit.record(session, actor, "client.keys", f"client:{client.client_id}")
    return True


def revoke(session: Session, actor: Actor, client_id: str) -> None:
    """Shut one system out at once: no new tokens, and the ones it holds end.

    Raises
    ------
    Problem
        ``not-found`` when it is unknown or already revoked.
    """
    now = utcnow()
    gone = session.scalar(
        update(Client)
        .where(Client.id == client_id, Client.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(Client.id)
    )
    if gone is None:
        raise Problem("not-found", "There is no such system, or it was already revoked.")
    open_tokens = (AccessToken.client_id == client_id, AccessToken.revoked_at.is_(None))
    session.execute(update(AccessToken).where(*open_tokens).values(revoked_at=now))
    audit.record(session, actor, "client.revoke", f"client:{client_id}")


def _suspended(session: Session, organisation_id: str) -> bool:
    found = session.scalar(select(Organisation.suspended_at).where(Organisation.id == organisation_id))
    return found is not None
