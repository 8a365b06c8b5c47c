"""People who sign in: accounts, counted attempts, server-side sessions.

Signing in takes four steps, in transactions of their own (``hub.access.sessions.sign_in`` takes them): count the attempt,
read the account, check the password outside any transaction (it takes tens of milliseconds on purpose, and must not hold
the database's write lock), open the session or note the refusal. A refusal in one transaction would undo its own count.
Who has a second factor gets a step instead of a session, and the session for the right code (``hub.services.second_factors``).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import FieldError, Problem
from hub.models import (
    AuthenticatorApp,
    Coordinator,
    Organisation,
    Passkey,
    SignIn,
    SignInAttempt,
    new_secret,
    utcnow,
)
from hub.models.coordinator import ROLES
from hub.services import audit
from hub.services.actors import Actor
from hub.services.clients import hashed
from hub.settings import Settings

USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 256
# One account is guessed at from many addresses: generous, so that a stranger's guesses do not lock the owner out.
ACCOUNT_FACTOR: Final = 10
LOCALES: Final = ("en", "fr")
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
# argon2id with the library's parameters (RFC 9106, second recommended option).
HASHER: Final = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in is checked against."""

    coordinator_id: str
    password_hash: str | None
    organisation_id: str | None
    role: str
    usable: bool
    second_factor: bool

    @property
    def actor(self) -> Actor:
        """The account as the audit log names it."""
        return Actor(name=self.coordinator_id, role=self.role, organisation_id=self.organisation_id)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Someone with a running session; ``organisation_name`` is empty for operators.

    ``confirmed_at`` is when they last proved who they are, ``second_factor`` whether they have an app or a passkey.
    """

    actor: Actor
    username: str
    organisation_name: str
    locale: str
    seen_at: datetime
    suspended: bool
    confirmed_at: datetime
    second_factor: bool


def add(
    session: Session,
    actor: Actor,
    organisation_id: str | None,
    username: str,
    password: str,
    role: str,
    locale: str = "en",
) -> None:
    """Add an account.

    Raises
    ------
    Problem
        ``invalid-fields``, ``not-found`` (organisation), ``conflict`` when the name is taken.
    """
    _check_account(organisation_id, username, password, role, locale)
    if organisation_id is not None and session.get(Organisation, organisation_id) is None:
        raise Problem("not-found", "Add the organisation first, or check its identifier.")
    account = Coordinator(
        organisation_id=organisation_id,
        username=username,
        password_hash=HASHER.hash(password),
        role=role,
        locale=locale,
        # Whoever adds it hands the password to its holder.
        confirmed_at=utcnow(),
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise Problem("conflict", "Choose another user name: this one is taken.") from error
    audit.record(session, actor, "coordinator.add", f"coordinator:{account.id}")


def password_fits(password: str) -> bool:
    """Whether a password may be set: 12 to 256 characters, whatever they are (NIST SP 800-63B, 5.1.1.2)."""
    return SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD


def _check_account(organisation_id: str | None, username: str, password: str, role: str, locale: str) -> None:
    faults = {
        "username": not USERNAME.fullmatch(username),
        "password": not password_fits(password),
        "role": role not in ROLES,
        "locale": locale not in LOCALES,
        "organisation_id": (organisation_id is None) != (role == "operator"),
    }
    cures = {
        "username": "2 to 80 of: a-z 0-9 . _ -",
        "password": f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
        "role": "one of: " + ", ".join(ROLES),
        "locale": "en or fr",
        "organisation_id": "every account but an operator's belongs to an organisation",
    }
    errors = [FieldError(f"/{name}", cures[name]) for name, wrong in faults.items() if wrong]
    if errors:
        listed = "; ".join(f"{error.pointer[1:]}: {error.detail}" for error in errors)
        raise Problem("invalid-fields", f"Correct and try again. {listed}.", errors=errors)


def count_attempt(session: Session, username: str, address: str, settings: Settings) -> int | None:
    """Count one attempt before it is looked at; return the seconds to wait when there were too many this hour.

    The pair of account and address has a tight limit, the account alone a generous one.
    """
    now = utcnow()
    hour = _hour(now)
    pair = _add_one(session, _key(settings, "pair", username, address), hour)
    account = _add_one(session, _key(settings, "account", username), hour)
    most = settings.sign_in_attempts_per_hour
    if pair <= most and account <= most * ACCOUNT_FACTOR:
        return None
    return _seconds_left(now)


def count_code(session: Session, coordinator_id: str, settings: Settings) -> int | None:
    """Count one second factor before it is looked at, like :func:`count_attempt`.

    Tight for the account wherever it comes from: only who knows the password gets as far, so no stranger locks anyone out.
    """
    now = utcnow()
    count = _add_one(session, _key(settings, "code", coordinator_id), _hour(now))
    return None if count <= settings.sign_in_attempts_per_hour else _seconds_left(now)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _seconds_left(now: datetime) -> int:
    return int((_hour(now) + timedelta(hours=1) - now).total_seconds()) + 1


def _key(settings: Settings, *parts: str) -> str:
    # Keyed: without the hub's secret the table cannot be searched for names or addresses.
    return hmac.new(settings.secret.encode(), "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _add_one(session: Session, key: str, hour: datetime) -> int:
    same = (SignInAttempt.key_hash == key, SignInAttempt.hour == hour)
    more = update(SignInAttempt).where(*same).values(count=SignInAttempt.count + 1).returning(SignInAttempt.count)
    count = session.scalar(more)
    if count is not None:
        return count
    try:
        with session.begin_nested():
            session.add(SignInAttempt(key_hash=key, hour=hour, count=1))
    except IntegrityError:
        return session.scalars(more).one()
    return 1


def find_account(session: Session, username: str) -> Account | None:
    """Return the account of a user name, or nothing.

    ``usable`` is false when it was ended or not confirmed yet, or its organisation is shut out.
    """
    return _account(session, Coordinator.username == username) if USERNAME.fullmatch(username) else None


def account_of(session: Session, coordinator_id: str) -> Account | None:
    """Return the account with an id, or nothing; like :func:`find_account`."""
    return _account(session, Coordinator.id == coordinator_id)


def _account(session: Session, wanted: ColumnElement[bool]) -> Account | None:
    query = select(Coordinator, Organisation.suspended_at, has_factor()).outerjoin(
        Organisation, Organisation.id == Coordinator.organisation_id
    )
    row = session.execute(query.where(wanted)).one_or_none()
    if row is None:
        return None
    found, suspended_at, second_factor = row
    usable = found.confirmed_at is not None and found.disabled_at is None and suspended_at is None
    return Account(found.id, found.password_hash, found.organisation_id, found.role, usable, second_factor)


def has_factor() -> ColumnElement[bool]:
    """Return the condition that an account has an app in force or a passkey."""
    app = exists().where(AuthenticatorApp.coordinator_id == Coordinator.id, AuthenticatorApp.confirmed_at.is_not(None))
    return or_(app, exists().where(Passkey.coordinator_id == Coordinator.id))


def password_holds(account: Account | None, password: str) -> bool:
    """Check a password; without an account, or for one without a password, spend the same time on one nobody has."""
    stored = (account.password_hash if account else None) or _nobodys_hash()
    try:
        HASHER.verify(stored, password[:LONGEST_PASSWORD].encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False
    return account is not None and account.usable and len(password) <= LONGEST_PASSWORD


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(new_secret())


def open_session(
    session: Session, account: Account, settings: Settings, replaces: str | None = None, *, proved: bool = True
) -> str:
    """Return the id of a new session, ending the one it ``replaces``: an id known before sign-in is worth nothing after.

    ``proved`` is false when nobody typed, touched or showed anything just now: the session then is not fresh.

    Raises
    ------
    Problem
        ``not-signed-in`` when the account's access was taken since it was looked at.
    """
    _note_day(session, account)
    if replaces:
        session.execute(delete(SignIn).where(SignIn.id_hash == hashed(replaces)))
    session_id = new_secret()
    ends_at = utcnow() + timedelta(hours=settings.session_absolute_hours)
    opened = SignIn(id_hash=hashed(session_id), coordinator_id=account.coordinator_id, ends_at=ends_at)
    opened.confirmed_at = utcnow() if proved else NEVER
    session.add(opened)
    audit.record(session, account.actor, "session.open", f"coordinator:{account.coordinator_id}")
    return session_id


def _note_day(session: Session, account: Account) -> None:
    """Keep the day of a sign-in, while the account opens anything. Its row is locked: who ends the access ends the session."""
    in_force = (Coordinator.confirmed_at.is_not(None), Coordinator.disabled_at.is_(None))
    own = update(Coordinator).where(Coordinator.id == account.coordinator_id, *in_force)
    signed = own.values(signed_in_on=utcnow().date()).execution_options(synchronize_session=False)
    if session.scalar(signed.returning(Coordinator.id)) is None:
        raise Problem("not-signed-in", "Check the user name, the password and the code, then try again.")


def note_refusal(session: Session, account: Account | None) -> None:
    """Leave a trace of a refused sign-in; the same work whether or not the account exists."""
    actor = account.actor if account else Actor(name="nobody", role="nobody")
    audit.record(session, actor, "session.open", f"coordinator:{actor.name}", "refused")


def resume(session: Session, session_id: str, settings: Settings) -> SignedIn | None:
    """Return who a running session belongs to, or nothing when it ended, went idle, or the account's access was taken."""
    now = utcnow()
    query = (
        select(SignIn, Coordinator, Organisation.name, Organisation.suspended_at, has_factor())
        .join(Coordinator, Coordinator.id == SignIn.coordinator_id)
        .outerjoin(Organisation, Organisation.id == Coordinator.organisation_id)
        .where(SignIn.id_hash == hashed(session_id), SignIn.ends_at > now)
        .where(Coordinator.confirmed_at.is_not(None), Coordinator.disabled_at.is_(None))
        .where(SignIn.seen_at > now - timedelta(minutes=settings.session_idle_minutes))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    running, person, name, suspended_at, second_factor = row
    return SignedIn(
        Actor(name=person.id, role=person.role, organisation_id=person.organisation_id),
        person.username,
        name or "",
        person.locale,
        running.seen_at.astimezone(UTC),
        suspended_at is not None,
        running.confirmed_at,
        second_factor,
    )


def touch(session: Session, session_id: str, now: datetime) -> None:
    """Note that a session was used, so that it does not go idle."""
    session.execute(update(SignIn).where(SignIn.id_hash == hashed(session_id)).values(seen_at=now))


def sign_out(session: Session, session_id: str) -> None:
    """End a session; a session that already ended stays so."""
    owner = session.scalar(delete(SignIn).where(SignIn.id_hash == hashed(session_id)).returning(SignIn.coordinator_id))
    if owner is not None:
        person = session.get_one(Coordinator, owner)
        actor = Actor(name=person.id, role=person.role, organisation_id=person.organisation_id)
        audit.record(session, actor, "session.close", f"coordinator:{person.id}")
