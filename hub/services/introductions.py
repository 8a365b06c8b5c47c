"""Carry a sealed introduction from one organisation to the other. The hub sees that it passes, never what it says."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from federation.envelopes import digest
from federation.introductions import verify_receipt
from federation.key_chains import verify_chain
from federation.problems import FieldError, Problem
from hub.models import Introduction, Profile, Proposal, utcnow
from hub.services import audit, key_statements, outbox
from hub.services.actors import Actor

COMPACT_JWE: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){3}\.[A-Za-z0-9_-]+")

OPEN: Final = ("due", "sealed", "delivered")


@dataclass(frozen=True, slots=True)
class IntroductionView:
    """An introduction as a party sees it; ``acceptances`` holds each organisation's signed yes, where it signed one.

    ``receipt`` is the recipient's, once it opened the envelope: the sender checks it, so nobody has to believe the hub.
    """

    proposal: str
    state: str
    sender: str
    recipient: str
    mine: str
    my_pseudonym: str | None
    acceptances: dict[str, str]
    receipt: str | None


def listed(session: Session, actor: Actor) -> list[IntroductionView]:
    """Return the introductions of the acting organisation, newest first."""
    mine = or_(Introduction.sender_id == actor.organisation, Introduction.recipient_id == actor.organisation)
    rows = session.scalars(select(Introduction).where(mine).order_by(Introduction.created_at.desc()))
    return [_view(session, actor, introduction) for introduction in rows]


def put_envelope(session: Session, actor: Actor, proposal_id: str, envelope: str) -> IntroductionView:
    """Take the sender's envelope in: due becomes sealed.

    Raises
    ------
    Problem
        ``not-found`` for anyone but the sender, ``invalid-fields`` for what is not a compact JWE, ``envelope-not-due``.
    """
    require_sealed(envelope)
    found = _of(session, actor, proposal_id, sender=True)
    _move(session, found, ("due",), "sealed", envelope=envelope)
    _tell(session, actor, found, "sealed")
    return _view(session, actor, found)


def require_sealed(envelope: str) -> None:
    """Refuse what is not a compact JWE: a contact put in by mistake is not stored.

    Raises
    ------
    Problem
        ``invalid-fields``.
    """
    if not COMPACT_JWE.fullmatch(envelope):
        error = FieldError("/envelope", "Five base64url segments, joined by dots (RFC 7516).")
        raise Problem(
            "invalid-fields", "Seal the introduction with the connector and send the envelope as it is.", errors=[error]
        )


def take_envelope(session: Session, actor: Actor, proposal_id: str) -> str:
    """Hand the envelope to the recipient: sealed becomes delivered; asking again gives it again until acknowledged.

    Raises
    ------
    Problem
        ``not-found`` for anyone but the recipient, ``envelope-not-due`` when none waits.
    """
    found = _of(session, actor, proposal_id, sender=False)
    if found.state != "delivered":
        _move(session, found, ("sealed",), "delivered")
        _tell(session, actor, found, "delivered")
    if found.envelope is None:
        raise _not_due(found)
    return found.envelope


def acknowledge(session: Session, actor: Actor, proposal_id: str, receipt: str) -> IntroductionView:
    """Keep the recipient's signed receipt and delete the envelope.

    Raises
    ------
    Problem
        ``not-found`` for anyone but the recipient, ``envelope-not-due`` before it was delivered or twice,
        ``invalid-signature`` or ``key-chain-broken`` for a receipt that the recipient's identity in force did not sign over
        this envelope: then the envelope stays.
    """
    found = _of(session, actor, proposal_id, sender=False)
    if found.state != "delivered" or found.envelope is None:
        raise _not_due(found)
    recipient = verify_chain(key_statements.chain(session, actor.organisation), utcnow(), actor.organisation)
    verify_receipt(receipt, recipient, proposal_id, digest(found.envelope))
    _move(session, found, ("delivered",), "acknowledged", envelope=None, receipt=receipt)
    _tell(session, actor, found, "acknowledged")
    return _view(session, actor, found)


def expire_due(session: Session, now: datetime) -> int:
    """Delete envelopes nobody fetched in time and tell both sides. Return how many."""
    due = (Introduction.state.in_(OPEN), Introduction.expires_at <= now)
    ended = session.execute(
        update(Introduction)
        .where(*due)
        .values(state="failed", envelope=None, updated_at=now)
        .returning(Introduction.proposal_id, Introduction.sender_id, Introduction.recipient_id)
    ).all()
    for proposal_id, sender, recipient in ended:
        outbox.owe(session, {sender, recipient}, "introduction.failed", f"proposal:{proposal_id}", {})
    return len(ended)


def cancel(session: Session, proposal_ids: Collection[str]) -> None:
    """Cancel what was not opened yet of pairs that are over, and delete its envelopes."""
    waiting = (Introduction.proposal_id.in_(proposal_ids), Introduction.state.in_(OPEN))
    over = {"state": "cancelled", "envelope": None, "updated_at": utcnow()}
    session.execute(update(Introduction).where(*waiting).values(over))


def _of(session: Session, actor: Actor, proposal_id: str, *, sender: bool) -> Introduction:
    found = session.get(Introduction, proposal_id)
    if found is None or (found.sender_id if sender else found.recipient_id) != actor.organisation:
        raise Problem("not-found", "No introduction of yours has this id: list them first.")
    return found


def _move(session: Session, found: Introduction, sources: tuple[str, ...], target: str, **values: str | None) -> None:
    ready = (Introduction.proposal_id == found.proposal_id, Introduction.state.in_(sources))
    moved = session.scalars(
        update(Introduction)
        .where(*ready)
        .values(state=target, updated_at=utcnow(), **values)
        .returning(Introduction.proposal_id)
    ).one_or_none()
    session.refresh(found)
    if moved is None:
        raise _not_due(found)


def _not_due(found: Introduction) -> Problem:
    return Problem(
        "envelope-not-due", f"The introduction is {found.state}: poll your events.", extra={"state": found.state}
    )


def _tell(session: Session, actor: Actor, found: Introduction, event: str) -> None:
    audit.record(session, actor, f"introduction.{event}", f"proposal:{found.proposal_id}")
    outbox.owe(
        session, {found.sender_id, found.recipient_id}, f"introduction.{event}", f"proposal:{found.proposal_id}", {}
    )


def _view(session: Session, actor: Actor, found: Introduction) -> IntroductionView:
    proposal = session.get_one(Proposal, found.proposal_id)
    sending = found.sender_id == actor.organisation
    own = session.get(Profile, (proposal.mentee_id if sending else proposal.mentor_id) or "")
    signed = {found.sender_id: proposal.mentee_acceptance, found.recipient_id: proposal.mentor_acceptance}
    return IntroductionView(
        proposal=found.proposal_id,
        state=found.state,
        sender=found.sender_id,
        recipient=found.recipient_id,
        mine="sender" if sending else "recipient",
        my_pseudonym=own.pseudonym if own else None,
        acceptances={organisation: jws for organisation, jws in signed.items() if jws},
        receipt=found.receipt,
    )
