"""The same request twice has one effect and one answer."""

import hashlib
from typing import Any

from sqlalchemy import String, cast, delete
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import IdempotentAnswer
from hub.services.actors import Actor


def request_digest(method: str, path: str, body: bytes) -> str:
    """Return what makes two requests the same."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def earlier_answer(session: Session, actor: Actor, key: str, digest: str) -> tuple[int, dict[str, Any]] | None:
    """Return status and body already given for this key, or nothing.

    Raises
    ------
    Problem
        ``idempotency-mismatch`` when the key was used for another request.
    """
    answer = session.get(IdempotentAnswer, (actor.organisation, key))
    if answer is None:
        return None
    if answer.request_digest != digest:
        raise Problem("idempotency-mismatch", "This Idempotency-Key stands for another request: choose a fresh one.")
    return answer.status, answer.answer


def keep_answer(session: Session, actor: Actor, key: str, digest: str, status: int, answer: dict[str, Any]) -> None:
    """Store the answer in the same transaction as its effect. Two at once: the second insert fails and is retried."""
    session.add(
        IdempotentAnswer(
            organisation_id=actor.organisation, key=key, request_digest=digest, status=status, answer=answer
        )
    )
    session.flush()


def forget(session: Session, organisation: str, pseudonym: str) -> None:
    """Delete the answers that name one of the organisation's people, who withdrew; sent again, the request finds nobody.

    Reads every kept answer of the organisation.
    """
    named = cast(IdempotentAnswer.answer, String).contains(pseudonym, autoescape=True)
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.organisation_id == organisation, named))
