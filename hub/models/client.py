"""An organisation's system: enrolment, registered keys, tokens, used assertions and proofs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, utcnow


class Client(Base):
    """A system that signs its own token requests (private_key_jwt); the hub holds public keys only."""

    __tablename__ = "client"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    scope: Mapped[str] = mapped_column(String(600))
    jwks: Mapped[dict[str, Any]]
    # Grows with each replacement of the keys: of two at the same time, one finds the number it read, and a token got with
    # earlier keys carries an earlier number.
    keys_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    revoked_at: Mapped[datetime | None]


class Enrolment(Base):
    """An operator's single-use permission to register one client."""

    __tablename__ = "enrolment"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    scope: Mapped[str] = mapped_column(String(600))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccessToken(Base):
    """An opaque access token, stored as SHA-256, bound to a key by its thumbprint; without one it opens nothing."""

    __tablename__ = "access_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.id"), index=True)
    scope: Mapped[str] = mapped_column(String(600))
    thumbprint: Mapped[str | None] = mapped_column(String(43))
    keys_number: Mapped[int] = mapped_column(default=1)
    issued_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class UsedAssertion(Base):
    """A client assertion seen once. The primary key makes the second insert fail, whichever worker sees it."""

    __tablename__ = "used_assertion"

    client_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UsedProof(Base):
    """A DPoP proof seen once (RFC 9449, 11.1), by the key that signed it."""

    __tablename__ = "used_proof"

    thumbprint: Mapped[str] = mapped_column(String(43), primary_key=True)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
