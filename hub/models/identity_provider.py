"""Sign-in at an agency's own identity provider (OpenID Connect): the provider, who is bound to it, and ways there."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, one_of, utcnow

# How the hub proves to the provider who it is: a secret both know, or a key of the hub's own for this provider.
AUTHENTICATIONS = ("client_secret", "private_key_jwt")
# What somebody is sent to the provider for: to sign in, to bind their account, to take up an invitation, to confirm.
ERRANDS = ("sign_in", "bind", "invitation", "confirm")


class IdentityProvider(Base):
    """At most one an organisation. ``sealed`` holds the secret, or the private key, of the hub at this provider."""

    __tablename__ = "identity_provider"
    __table_args__ = (CheckConstraint(one_of("authentication", AUTHENTICATIONS), name="authentication"),)

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(400))
    client_id: Mapped[str] = mapped_column(String(400))
    authentication: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[str] = mapped_column(String(2000))
    set_at: Mapped[datetime] = mapped_column(default=utcnow)


class ProviderIdentity(Base):
    """Who an account is at its organisation's provider: at most one, bound by its holder or by an invitation.

    Only a keyed hash of issuer and subject: some providers make the subject of a name or an e-mail address. It opens nothing
    before ``confirmed_at``: bound by an invitation, it waits for who makes sure whose it is.
    """

    __tablename__ = "provider_identity"

    coordinator_id: Mapped[str] = mapped_column(ForeignKey("coordinator.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("identity_provider.organisation_id"), index=True)
    identity_hash: Mapped[str] = mapped_column(String(64), unique=True)
    bound_at: Mapped[datetime] = mapped_column(default=utcnow)
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class ProviderErrand(Base):
    """A browser on its way to a provider and back: good once, for minutes. Only the hash of its cookie is kept.

    State, nonce and code verifier are made from the cookie, so none of them can be read here.
    """

    __tablename__ = "provider_errand"
    __table_args__ = (CheckConstraint(one_of("errand", ERRANDS), name="errand"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    errand: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("identity_provider.organisation_id"), index=True)
    coordinator_id: Mapped[str | None] = mapped_column(ForeignKey("coordinator.id"), index=True)
    invitation_hash: Mapped[str | None] = mapped_column(String(64))
    # Where the person wanted to go; on this site only.
    target: Mapped[str] = mapped_column(String(1000))
    ends_at: Mapped[datetime] = mapped_column(index=True)
