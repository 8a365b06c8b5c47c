"""What lies between a password and a session: a step waits for a code or for a passkey's answer, minutes long, once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.models import SignInStep, new_secret, utcnow
from hub.services.clients import hashed

LIFE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken: whose it is (nobody's before a passkey says so) and its random question, 43 characters."""

    coordinator_id: str | None
    challenge: str


def begin(session: Session, purpose: str, coordinator_id: str | None = None) -> tuple[str, str]:
    """Return the id of a fresh step, for the browser's cookie, and its challenge. What ran out is deleted in passing."""
    now = utcnow()
    session.execute(delete(SignInStep).where(SignInStep.ends_at < now))
    step_id, challenge = new_secret(), new_secret()
    session.add(
        SignInStep(
            id_hash=hashed(step_id),
            purpose=purpose,
            coordinator_id=coordinator_id,
            challenge=challenge,
            ends_at=now + LIFE,
        )
    )
    return step_id, challenge


def look(session: Session, step_id: str, purpose: str) -> str | None:
    """Return whose step it is and leave it as it is; nothing when it is unknown, of another purpose or too old."""
    wanted = (SignInStep.id_hash == hashed(step_id), SignInStep.purpose == purpose, SignInStep.ends_at > utcnow())
    return session.scalar(select(SignInStep.coordinator_id).where(*wanted))


def take(session: Session, step_id: str, purpose: str) -> Step | None:
    """Use a step up; nothing when it is unknown, of another purpose, too old or used. The delete decides: one taker."""
    wanted = (SignInStep.id_hash == hashed(step_id), SignInStep.purpose == purpose, SignInStep.ends_at > utcnow())
    row = session.execute(
        delete(SignInStep).where(*wanted).returning(SignInStep.coordinator_id, SignInStep.challenge)
    ).one_or_none()
    return Step(row.coordinator_id, row.challenge) if row else None
