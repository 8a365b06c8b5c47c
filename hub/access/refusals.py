"""Refusals leave a trace in the audit log, in a transaction of their own: what was refused is rolled back, the trace stays."""

import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from flask import g
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.access.context import database
from hub.services import audit, profiles
from hub.services.actors import Actor

# 403: not allowed. 404: not there, or not yours; the two look the same to the caller and to us.
AUDITED: Final = frozenset({403, 404})
# Guards of the door to people: who meets them often may be probing.
GUARDS: Final = frozenset({"budget-spent"})
IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
log = structlog.get_logger(__name__)


def record(operation: str, problem: Problem, address: Mapping[str, Any]) -> None:
    """Note a refusal by someone we know; without a name only the log has it, so that strangers cannot fill the audit log."""
    if problem.status not in AUDITED and problem.kind not in GUARDS:
        return
    actor = _known_actor()
    if actor is None:
        log.info("refused", operation=operation, outcome=problem.kind)
        return

    def note(session: Session) -> None:
        subject = _subject(session, actor, operation, address)
        audit.record(session, actor, operation, subject, problem.kind)

    database().run(note)


def _known_actor() -> Actor | None:
    holder = g.get("token_holder") or g.get("mentee") or g.get("signed_in")
    return holder.actor if holder is not None else None


def _subject(session: Session, actor: Actor, operation: str, address: Mapping[str, Any]) -> str:
    noun = operation.partition(".")[0]
    # The log cannot be erased, so it never holds a pseudonym: she may withdraw, or may have done so.
    if "pseudonym" in address:
        return f"{noun}:{profiles.reference_of(session, actor, str(address['pseudonym'])) or '-'}"
    named = next((str(value) for value in address.values()), "-")
    return f"{noun}:{named if IDENTIFIER.fullmatch(named) else '-'}"
