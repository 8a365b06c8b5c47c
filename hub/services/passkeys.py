"""Passkeys (WebAuthn): a key in the person's device signs our question, for this hub's address only, nobody to phish.

Each question is a step (``hub.services.sign_in_steps``): 256 random bits kept here, good once, for minutes. The device
verifies its user (finger, face, PIN) each time. What devices are made by is not asked (attestation "none").
"""

import json
import re
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import and_, delete, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from federation.problems import Problem
from hub.models import Coordinator, Passkey, utcnow
from hub.services import audit, second_factors, sign_in_steps
from hub.services.actors import Actor
from hub.services.sign_in_steps import Step
from hub.settings import Settings

HUB_NAME: Final = "Passerelle"
MOST_PASSKEYS: Final = 10
CREDENTIAL_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,1364}")
ASKED: Final = UserVerificationRequirement.REQUIRED
# What reading a made-up answer can run into, in the library and below it: bad JSON, base64, CBOR, keys, signatures.
UNREADABLE: Final = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)
Options = dict[str, Any]


def possible(settings: Settings) -> bool:
    """Whether this hub's address can have passkeys: a name, not a number (WebAuthn, 5.1.3)."""
    try:
        ip_address(_host(settings))
    except ValueError:
        return True
    return False


def _host(settings: Settings) -> str:
    return urlsplit(settings.issuer).hostname or ""


def _origin(settings: Settings) -> str:
    address = urlsplit(settings.issuer)
    return f"{address.scheme}://{address.netloc}"


def ask_for_new(session: Session, actor: Actor, settings: Settings) -> tuple[str, Options]:
    """Return a step's id and the options to make a passkey with, for ``navigator.credentials.create``.

    Raises
    ------
    Problem
        ``conflict`` when the account has ten.
    """
    own = session.scalars(select(Passkey.credential_id).where(Passkey.coordinator_id == actor.name)).all()
    if len(own) >= MOST_PASSKEYS:
        raise Problem("conflict", "Remove a passkey first: ten are enough for one account.")
    step_id, challenge = sign_in_steps.begin(session, "passkey_add", actor.name)
    options = generate_registration_options(
        rp_id=_host(settings),
        rp_name=HUB_NAME,
        user_name=session.get_one(Coordinator, actor.name).username,
        user_id=actor.name.encode(),
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=ASKED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in own],
    )
    return step_id, options_to_json_dict(options)


def add(session: Session, actor: Actor, step: Step | None, answer: str, settings: Settings) -> tuple[str, ...]:
    """Keep the passkey a device made; return recovery codes, shown this once, when the account had none.

    Raises
    ------
    Problem
        As :func:`keep`.
    """
    keep(session, actor, step, answer, settings)
    return second_factors.first_codes(session, actor)


def keep(session: Session, actor: Actor, step: Step | None, answer: str, settings: Settings) -> None:
    """Keep the passkey a device made, and make no codes: without a password there is nothing for them to stand beside.

    Raises
    ------
    Problem
        ``invalid-fields`` for an answer that does not fit the step, ``conflict`` for a passkey that is known already.
    """
    found = _read_new(step, answer, settings) if step and step.coordinator_id == actor.name else None
    if found is None:
        raise Problem("invalid-fields", "The passkey could not be set up: try again.")
    found.coordinator_id = actor.name
    try:
        with session.begin_nested():
            session.add(found)
    except IntegrityError as error:
        raise Problem("conflict", "This passkey is set up already.") from error
    audit.record(session, actor, "factor.add", f"coordinator:{actor.name}")


def _read_new(step: Step, answer: str, settings: Settings) -> Passkey | None:
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(step.challenge),
            expected_rp_id=_host(settings),
            expected_origin=_origin(settings),
            require_user_verification=True,
        )
    except UNREADABLE:
        return None
    return Passkey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
    )


def ask(
    session: Session, settings: Settings, purpose: str = "passkey_sign_in", coordinator_id: str | None = None
) -> tuple[str, Options]:
    """Return a step's id and the options for ``navigator.credentials.get``. No passkey is named: the device finds its own."""
    step_id, challenge = sign_in_steps.begin(session, purpose, coordinator_id)
    options = generate_authentication_options(
        rp_id=_host(settings), challenge=base64url_to_bytes(challenge), user_verification=ASKED
    )
    return step_id, options_to_json_dict(options)


def owner(session: Session, step: Step | None, answer: str, settings: Settings) -> str | None:
    """Return the id of the account whose passkey answered a step, or nothing, whatever was wrong.

    The device's count has to grow where it counts at all: a copy of a passkey that lags behind is refused.
    """
    known = _named(session, answer) if step else None
    if step is None or known is None or step.coordinator_id not in {None, known.coordinator_id}:
        return None
    try:
        proved = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(step.challenge),
            expected_rp_id=_host(settings),
            expected_origin=_origin(settings),
            credential_public_key=base64url_to_bytes(known.public_key),
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        return None
    return known.coordinator_id if _count(session, known, proved.new_sign_count) else None


def _named(session: Session, answer: str) -> Passkey | None:
    """Return the passkey an answer names, if it also names its owner (WebAuthn, 7.2, step 6)."""
    try:
        sent = json.loads(answer)
        identifier, handle = str(sent["id"]), base64url_to_bytes(sent["response"]["userHandle"])
    except UNREADABLE:
        return None
    if not CREDENTIAL_ID.fullmatch(identifier):
        return None
    known = session.scalar(select(Passkey).where(Passkey.credential_id == identifier))
    return known if known is not None and handle == known.coordinator_id.encode() else None


def _count(session: Session, known: Passkey, count: int) -> bool:
    grown = or_(Passkey.sign_count < count, and_(Passkey.sign_count == 0, literal(count) == 0))
    moved = update(Passkey).where(Passkey.id == known.id, grown).values(sign_count=count, used_at=utcnow())
    return session.scalar(moved.returning(Passkey.id)) is not None


def remove(session: Session, actor: Actor, passkey_id: str) -> None:
    """Forget one of the actor's own passkeys; with the last factor the recovery codes go too.

    Raises
    ------
    Problem
        ``not-found``.
    """
    own = delete(Passkey).where(Passkey.id == passkey_id, Passkey.coordinator_id == actor.name)
    if session.scalar(own.returning(Passkey.id)) is None:
        raise Problem("not-found", "There is no such passkey, or it was already removed.")
    audit.record(session, actor, "factor.remove", f"coordinator:{actor.name}")
    second_factors.forget_codes_without_factor(session, actor)
