"""A browser on its way to an identity provider and back: good once, for minutes.

The cookie is 256 random bits; state, nonce and the verifier of the code are made from it, one way each. So what comes back is
this browser's or nobody's, the database holds none of the three, and nothing in an address tells the cookie or the verifier.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from hub.models import ProviderErrand, new_secret, utcnow
from hub.services.clients import hashed

# Some providers ask for a password, a phone and a notice to be read.
LIFE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Errand:
    """What a browser went for, at whose provider, for whom, with which invitation, where to go then, and when it left."""

    errand: str
    organisation_id: str
    target: str = "/"
    coordinator_id: str | None = None
    invitation_hash: str | None = None
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What is sent along to know the answer by (OpenID Connect Core, 3.1.2.1; RFC 7636), 43 characters each."""

    state: str
    nonce: str
    verifier: str


def marks(cookie: str) -> Marks:
    """Return the marks of a browser's errand."""
    return Marks(_mark(cookie, "state"), _mark(cookie, "nonce"), _mark(cookie, "verifier"))


def _mark(cookie: str, name: str) -> str:
    made = hmac.new(cookie.encode(), f"passerelle provider {name}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def begin(session: Session, errand: Errand) -> str:
    """Return the cookie of a fresh errand. What ran out is deleted in passing."""
    now, cookie = utcnow(), new_secret()
    session.execute(delete(ProviderErrand).where(ProviderErrand.ends_at < now))
    session.add(
        ProviderErrand(
            id_hash=hashed(cookie),
            errand=errand.errand,
            organisation_id=errand.organisation_id,
            coordinator_id=errand.coordinator_id,
            invitation_hash=errand.invitation_hash,
            target=errand.target,
            ends_at=now + LIFE,
        )
    )
    return cookie


def take(session: Session, cookie: str, organisation_id: str) -> Errand | None:
    """Use an errand up; nothing when it is unknown, another organisation's, too old or used. The delete decides: one taker."""
    wanted = (ProviderErrand.id_hash == hashed(cookie), ProviderErrand.ends_at > utcnow())
    here = ProviderErrand.organisation_id == organisation_id
    row = session.execute(
        delete(ProviderErrand)
        .where(*wanted, here)
        .returning(
            ProviderErrand.errand,
            ProviderErrand.organisation_id,
            ProviderErrand.target,
            ProviderErrand.coordinator_id,
            ProviderErrand.invitation_hash,
            ProviderErrand.ends_at,
        )
    ).one_or_none()
    return Errand(*row[:-1], began_at=row.ends_at - LIFE) if row else None
