"""People who work at organisations or operate the network: accounts, what they prove themselves by, signed-in sessions."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow

ROLES = ("operator", "organisation_admin", "coordinator", "auditor")
# What a step is for: a code after the password, a passkey in place of both, the same while signed in, a new passkey, the digits
# that whoever took an invitation up tells their administrator.
PURPOSES = ("code", "passkey_sign_in", "passkey_confirm", "passkey_add", "joined")


class Coordinator(Base):
    """An account. The username is a work name the organisation chose, not a person's name or address.

    It opens nothing before ``confirmed_at``, when somebody made sure whose it is, nor after ``disabled_at``. Of the last
    sign-in only the day is kept.
    """

    __tablename__ = "coordinator"
    __table_args__ = (
        CheckConstraint(one_of("role", ROLES), name="role"),
        CheckConstraint("role = 'operator' OR organisation_id IS NOT NULL", name="belongs"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    username: Mapped[str] = mapped_column(String(80), unique=True)
    # Empty: there is none, and another way in.
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(2), default="en")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    signed_in_on: Mapped[date | None]


class AuthenticatorApp(Base):
    """The secret an account shares with an app that shows codes (RFC 6238), sealed; at most one, and one to be confirmed.

    ``last_step`` is the latest 30-second step a code was taken of: it only grows, so no code is taken twice.
    """

    __tablename__ = "authenticator_app"

    coordinator_id: Mapped[str] = mapped_column(ForeignKey("coordinator.id"), primary_key=True)
    sealed: Mapped[str | None] = mapped_column(String(200))
    pending: Mapped[str | None] = mapped_column(String(200))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of ten ways in when the phone is lost, good once. Only its hash is kept."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    coordinator_id: Mapped[str] = mapped_column(ForeignKey("coordinator.id"), index=True)
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A public key that signs an account in. No name of the device: people write names of people there."""

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    coordinator_id: Mapped[str] = mapped_column(ForeignKey("coordinator.id"), index=True)
    # At most 1023 bytes (WebAuthn, 4), in base64url.
    credential_id: Mapped[str] = mapped_column(String(1364), unique=True)
    public_key: Mapped[str] = mapped_column(String(2000))
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    used_at: Mapped[datetime | None]


class SignInStep(Base):
    """Half a way in, or a question to a passkey: good once, for minutes. Only the hash of its id is kept."""

    __tablename__ = "sign_in_step"
    __table_args__ = (CheckConstraint(one_of("purpose", PURPOSES), name="purpose"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    coordinator_id: Mapped[str | None] = mapped_column(ForeignKey("coordinator.id"), index=True)
    challenge: Mapped[str] = mapped_column(String(43))
    ends_at: Mapped[datetime] = mapped_column(index=True)


class SignIn(Base):
    """A signed-in session. Only the hash of its id is kept: a stolen database signs nobody in."""

    __tablename__ = "sign_in"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    coordinator_id: Mapped[str] = mapped_column(ForeignKey("coordinator.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    # When the person last proved who they are: at sign-in, and again before what endangers others.
    confirmed_at: Mapped[datetime] = mapped_column(default=utcnow)
    ends_at: Mapped[datetime]


class SignInAttempt(Base):
    """How often a name and address pair was tried in one hour. Keyed by hash: it must not become a list of names."""

    __tablename__ = "sign_in_attempt"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
