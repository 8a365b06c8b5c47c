"""Codes beside the password: an authenticator app (RFC 6238), and ten recovery codes for the day the phone is lost.

The app's secret has to be read to check a code, so it is kept sealed (``hub.services.sealing``): a copy of the database
alone makes no codes. Recovery codes are random and kept as hashes.
"""

import hashlib
import hmac
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import AuthenticatorApp, Coordinator, Passkey, RecoveryCode, utcnow
from hub.services import audit, sealing
from hub.services.actors import Actor
from hub.settings import Settings

STEP_SECONDS: Final = 30
# The code before and the one after are taken too: clocks of phones differ (RFC 6238, 5.2).
DRIFT_STEPS: Final = (-1, 0, 1)
APP_CODE: Final = re.compile(r"[0-9]{6}")
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
NOBODY: Final = "nobody"
ISSUER_NAME: Final = "Passerelle"
PURPOSE: Final = "passerelle authenticator app"


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """One passkey, told apart by its dates."""

    id: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class FactorsView:
    """What an account has beside its password."""

    app_since: datetime | None
    passkeys: tuple[PasskeyView, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether signing in with the password asks for more."""
        return self.app_since is not None or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class NewApp:
    """What a person copies into the app, as text or by its camera (``uri``, otpauth)."""

    secret: str
    uri: str


def factors(session: Session, actor: Actor) -> FactorsView:
    """Return what the acting account has."""
    since = session.scalar(select(AuthenticatorApp.confirmed_at).where(AuthenticatorApp.coordinator_id == actor.name))
    passkeys = session.scalars(select(Passkey).where(Passkey.coordinator_id == actor.name).order_by(Passkey.created_at))
    left = session.scalar(
        select(func.count()).where(RecoveryCode.coordinator_id == actor.name, RecoveryCode.used_at.is_(None))
    )
    shown = tuple(PasskeyView(one.id, one.created_at, one.used_at) for one in passkeys)
    return FactorsView(since, shown, left or 0)


def begin_app(session: Session, actor: Actor, settings: Settings) -> None:
    """Make a secret that counts once a first code confirms it; an app in force stays so until then."""
    app = session.get(AuthenticatorApp, actor.name)
    if app is None:
        app = AuthenticatorApp(coordinator_id=actor.name)
        session.add(app)
    app.pending = seal(pyotp.random_base32(), actor.name, settings)


def pending_app(session: Session, actor: Actor, settings: Settings) -> NewApp | None:
    """Return the secret that waits for its first code, or nothing."""
    row = session.execute(
        select(AuthenticatorApp.pending, Coordinator.username)
        .join(Coordinator, Coordinator.id == AuthenticatorApp.coordinator_id)
        .where(AuthenticatorApp.coordinator_id == actor.name, AuthenticatorApp.pending.is_not(None))
    ).one_or_none()
    secret = unseal(row.pending, actor.name, settings) if row else None
    if row is None or secret is None:
        return None
    return _new_app(secret, row.username)


def offer_app(owner: str, username: str, settings: Settings) -> tuple[NewApp, str]:
    """Return a secret for an account's first app and, to be sent back with its first code, the same sealed.

    Nothing is kept here before: who else holds the same invitation is offered another secret.
    """
    secret = pyotp.random_base32()
    return _new_app(secret, username), seal(secret, _offered(owner), settings)


def offered_app(sealed: str, owner: str, username: str, settings: Settings) -> NewApp | None:
    """Return what was offered to an account, or nothing when it was not."""
    secret = unseal(sealed, _offered(owner), settings)
    return _new_app(secret, username) if secret else None


def take_app(session: Session, actor: Actor, offered: NewApp | None, code: str, settings: Settings) -> None:
    """Put the offered app of an account without any in force by its first code.

    Raises
    ------
    Problem
        ``invalid-fields`` for a wrong code.
    """
    step = matching_step(offered.secret if offered else "", _digits(code), utcnow())
    if offered is None or step is None:
        raise Problem("invalid-fields", "This code does not fit: type the one the app shows now.")
    sealed = seal(offered.secret, actor.name, settings)
    session.add(AuthenticatorApp(coordinator_id=actor.name, sealed=sealed, last_step=step, confirmed_at=utcnow()))
    audit.record(session, actor, "factor.add", f"coordinator:{actor.name}")


def _offered(owner: str) -> str:
    return f"{owner}\0offered"


def _new_app(secret: str, username: str) -> NewApp:
    return NewApp(secret, pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER_NAME))


def confirm_app(session: Session, actor: Actor, settings: Settings, code: str) -> tuple[str, ...]:
    """Put the waiting secret in force by its first code; return ten recovery codes, shown this once, or none if some are left.

    Raises
    ------
    Problem
        ``not-found`` when nothing waits, ``invalid-fields`` for a wrong code. Nothing is changed then.
    """
    app = session.get(AuthenticatorApp, actor.name)
    if app is None or app.pending is None:
        raise Problem("not-found", "Set up the authenticator app first.")
    step = matching_step(unseal(app.pending, actor.name, settings) or "", _digits(code), utcnow())
    if step is None:
        raise Problem("invalid-fields", "This code does not fit: type the one the app shows now.")
    app.sealed, app.pending, app.last_step, app.confirmed_at = app.pending, None, step, utcnow()
    audit.record(session, actor, "factor.add", f"coordinator:{actor.name}")
    return first_codes(session, actor)


def remove_app(session: Session, actor: Actor) -> None:
    """Forget the app; with the last factor the recovery codes go too."""
    gone = delete(AuthenticatorApp).where(AuthenticatorApp.coordinator_id == actor.name)
    if session.scalar(gone.returning(AuthenticatorApp.coordinator_id)) is not None:
        audit.record(session, actor, "factor.remove", f"coordinator:{actor.name}")
    forget_codes_without_factor(session, actor)


def forget_codes_without_factor(session: Session, actor: Actor) -> None:
    """Delete the recovery codes of an account that has nothing left to recover."""
    if not factors(session, actor).any:
        session.execute(delete(RecoveryCode).where(RecoveryCode.coordinator_id == actor.name))


def first_codes(session: Session, actor: Actor) -> tuple[str, ...]:
    """Return ten fresh recovery codes for an account that has none left, else none."""
    session.flush()
    return () if factors(session, actor).codes_left else new_codes(session, actor)


def new_codes(session: Session, actor: Actor) -> tuple[str, ...]:
    """Return ten recovery codes of 80 random bits, to be shown once; earlier ones end.

    Raises
    ------
    Problem
        ``not-found`` for an account without a factor to recover.
    """
    if not factors(session, actor).any:
        raise Problem("not-found", "Set up an authenticator app or a passkey first.")
    session.execute(delete(RecoveryCode).where(RecoveryCode.coordinator_id == actor.name))
    codes = tuple(b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(code_hash=_hash(actor.name, code), coordinator_id=actor.name) for code in codes)
    audit.record(session, actor, "factor.codes", f"coordinator:{actor.name}")
    return tuple("-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes)


def spend_code(session: Session, coordinator_id: str | None, code: str, settings: Settings) -> bool:
    """Whether a code of the app or a recovery code is right; it is used up, and refused for ever after.

    Without an account the same is computed and asked of nobody's.
    """
    owner = coordinator_id or NOBODY
    app = session.scalar(select(AuthenticatorApp.sealed).where(AuthenticatorApp.coordinator_id == owner))
    secret = unseal(app or _nobodys(settings), owner if app else NOBODY, settings) or ""
    step = matching_step(secret, _digits(code), utcnow())
    by_app = _spend_step(session, owner, step if app else None)
    by_recovery = _spend_recovery(session, owner, code)
    return by_app or by_recovery


def _spend_step(session: Session, owner: str, step: int | None) -> bool:
    """Move the account past a step. One statement decides: of two who send the same code, one is let in."""
    later = (AuthenticatorApp.coordinator_id == owner, AuthenticatorApp.last_step < (step or 0))
    moved = update(AuthenticatorApp).where(*later).values(last_step=step or 0)
    return session.scalar(moved.returning(AuthenticatorApp.coordinator_id)) is not None


def _spend_recovery(session: Session, owner: str, code: str) -> bool:
    typed = re.sub(r"[\s-]", "", code).lower()
    unused = (
        RecoveryCode.code_hash == _hash(owner, typed),
        RecoveryCode.coordinator_id == owner,
        RecoveryCode.used_at.is_(None),
    )
    spent = update(RecoveryCode).where(*unused).values(used_at=utcnow()).returning(RecoveryCode.code_hash)
    return session.scalar(spent) is not None


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the 30-second step a code belongs to, of the one now and its neighbours, or nothing. All are compared."""
    if not secret:
        return None
    current, found = int(now.timestamp()) // STEP_SECONDS, None
    generator = pyotp.TOTP(secret)
    for step in (current + drift for drift in DRIFT_STEPS):
        if hmac.compare_digest(generator.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def _digits(code: str) -> str:
    """Six digits as typed, blanks apart; else a text that is never a code."""
    typed = "".join(code.split())
    return typed if APP_CODE.fullmatch(typed) else "none"


def _hash(owner: str, code: str) -> str:
    return hashlib.sha256(f"{owner}\0{code}".encode("utf-8", "replace")).hexdigest()


def seal(secret: str, owner: str, settings: Settings) -> str:
    """Return an app's secret as it is stored, bound to the account."""
    return sealing.seal(secret, PURPOSE, owner, settings)


def unseal(sealed: str, owner: str, settings: Settings) -> str | None:
    """Return an app's secret, or nothing when it was sealed with another key or for another account."""
    return sealing.unseal(sealed, PURPOSE, owner, settings)


@cache
def _nobodys(settings: Settings) -> str:
    return seal(pyotp.random_base32(), NOBODY, settings)
