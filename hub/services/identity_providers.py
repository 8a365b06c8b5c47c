"""Agencies' identity providers: set by the operator, one an organisation, and gone with everything bound to it."""

import json
from dataclasses import dataclass
from typing import Any, Final

from joserfc.jwk import ECKey
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import (
    IdentityProvider,
    Invitation,
    Organisation,
    ProviderErrand,
    ProviderIdentity,
    SignIn,
    SignInStep,
    utcnow,
)
from hub.services import audit, sealing
from hub.services.actors import Actor
from hub.settings import Settings

PURPOSE: Final = "passerelle identity provider"
LONGEST: Final = 400
SECRET, KEY = "client_secret", "private_key_jwt"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as signing in needs it. ``secret`` is a shared secret, or the hub's private key as JSON."""

    organisation_id: str
    issuer: str
    client_id: str
    authentication: str
    secret: str

    def __repr__(self) -> str:
        """Never print the secret."""
        return f"Provider(organisation_id={self.organisation_id!r}, issuer={self.issuer!r})"


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider as its operator sees it: how many accounts are bound, and how many invitations are out."""

    organisation_id: str
    issuer: str
    client_id: str
    authentication: str
    bound: int
    invited: int


def put(
    session: Session,
    actor: Actor,
    organisation_id: str,
    issuer: str,
    client_id: str,
    secret: str | None,
    settings: Settings,
) -> dict[str, Any] | None:
    """Set an organisation's provider; without a ``secret`` make a key, and return its public half for the provider.

    Accounts bound to another issuer are let go, and signed out.

    Raises
    ------
    Problem
        ``not-found`` for an unknown organisation, ``invalid-fields`` for what is empty or too long.
    """
    if session.get(Organisation, organisation_id) is None:
        raise Problem("not-found", "Add the organisation first, or check its identifier.")
    if not all(0 < len(text) <= LONGEST for text in (issuer, client_id, secret or "a key")):
        raise Problem("invalid-fields", f"Issuer, client id and secret have 1 to {LONGEST} characters each.")
    earlier = session.get(IdentityProvider, organisation_id)
    if earlier is not None and earlier.issuer != issuer:
        _let_go(session, organisation_id)
    key = ECKey.generate_key("P-256", auto_kid=True) if secret is None else None
    kept = secret or json.dumps(key.as_dict(private=True) if key else {})
    found = earlier or IdentityProvider(organisation_id=organisation_id)
    found.issuer, found.client_id, found.set_at = issuer, client_id, utcnow()
    found.authentication = KEY if key else SECRET
    found.sealed = sealing.seal(kept, PURPOSE, _owner(organisation_id, issuer), settings)
    session.add(found)
    audit.record(session, actor, "provider.set", f"organisation:{organisation_id}")
    return dict(key.as_dict(private=False)) if key else None


def remove(session: Session, actor: Actor, organisation_id: str) -> int:
    """Forget a provider with its bindings and invitations, and sign out everybody bound to it; return how many.

    Raises
    ------
    Problem
        ``not-found`` for an organisation without one.
    """
    if session.get(IdentityProvider, organisation_id) is None:
        raise Problem("not-found", "This organisation has no identity provider.")
    ended = _let_go(session, organisation_id)
    session.execute(delete(IdentityProvider).where(IdentityProvider.organisation_id == organisation_id))
    audit.record(session, actor, "provider.remove", f"organisation:{organisation_id}")
    return ended


def _let_go(session: Session, organisation_id: str) -> int:
    """End what hangs on a provider. Bindings first: a sign-in under way holds its own until its session can be ended."""
    gone = delete(ProviderIdentity).where(ProviderIdentity.organisation_id == organisation_id)
    bound = session.scalars(gone.returning(ProviderIdentity.coordinator_id)).all()
    session.execute(delete(ProviderErrand).where(ProviderErrand.organisation_id == organisation_id))
    through_it = or_(Invitation.purpose == "bind", Invitation.way == "provider")
    session.execute(delete(Invitation).where(Invitation.organisation_id == organisation_id, through_it))
    for door in (SignIn, SignInStep):
        session.execute(delete(door).where(door.coordinator_id.in_(bound)))
    return len(bound)


def everyone(session: Session) -> list[ProviderView]:
    """Return all providers, by organisation."""
    providers = session.scalars(select(IdentityProvider).order_by(IdentityProvider.organisation_id))
    bound = list(session.scalars(select(ProviderIdentity.organisation_id)))
    now = utcnow()
    out = (Invitation.purpose == "bind", Invitation.taken_at.is_(None), Invitation.ends_at > now)
    invited = list(session.scalars(select(Invitation.organisation_id).where(*out)))
    return [
        ProviderView(
            one.organisation_id,
            one.issuer,
            one.client_id,
            one.authentication,
            bound.count(one.organisation_id),
            invited.count(one.organisation_id),
        )
        for one in providers
    ]


def of(session: Session, organisation_id: str, settings: Settings) -> Provider | None:
    """Return the provider of an organisation in good standing; nothing without one, or when its secret opens no more."""
    query = (
        select(IdentityProvider)
        .join(Organisation, Organisation.id == IdentityProvider.organisation_id)
        .where(IdentityProvider.organisation_id == organisation_id, Organisation.suspended_at.is_(None))
    )
    found = session.scalar(query)
    if found is None:
        return None
    secret = sealing.unseal(found.sealed, PURPOSE, _owner(organisation_id, found.issuer), settings)
    if secret is None:
        return None
    return Provider(organisation_id, found.issuer, found.client_id, found.authentication, secret)


def _owner(organisation_id: str, issuer: str) -> str:
    # Bound to the issuer too: whoever changes the address in the database does not get the secret sent there.
    return f"{organisation_id}\0{issuer}"
