"""Pass an envelope of a gathering on: from its sender to its recipient, once, and gone when it was opened or is too old."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from federation.envelopes import digest
from federation.gathering_introductions import verify_gathered_receipt
from federation.key_chains import verify_chain
from federation.problems import Problem
from hub.models import GatheringIntroduction, utcnow
from hub.services import audit, key_statements, outbox
from hub.services.actors import Actor
from hub.services.gathering_introductions import LIVE, GatheringIntroductionView, views
from hub.services.introductions import require_sealed


def put_envelope(
    session: Session, actor: Actor, gathering_id: str, recipient: str, envelope: str
) -> GatheringIntroductionView:
    """Take the acting organisation's envelope to one recipient in: due becomes sealed.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's to send, ``invalid-fields`` for what is not a compact JWE,
        ``envelope-not-due``.
    """
    require_sealed(envelope)
    found = _of(session, gathering_id, actor.organisation, recipient)
    _move(session, found, ("due",), "sealed", envelope=envelope)
    _tell(session, actor, found)
    return _view(session, actor, found)


def take_envelope(session: Session, actor: Actor, gathering_id: str, sender: str) -> str:
    """Hand one sender's envelope to the acting organisation: sealed becomes delivered; again until acknowledged.

    Raises
    ------
    Problem
        ``not-found`` for what is not sent to the actor, ``envelope-not-due`` when none waits.
    """
    found = _of(session, gathering_id, sender, actor.organisation)
    if found.state != "delivered":
        _move(session, found, ("sealed",), "delivered")
        _tell(session, actor, found)
    if found.envelope is None:
        raise _not_due(found)
    return found.envelope


def acknowledge(
    session: Session, actor: Actor, gathering_id: str, sender: str, receipt: str
) -> GatheringIntroductionView:
    """Keep the acting organisation's signed receipt for one sender's envelope and delete the envelope.

    Raises
    ------
    Problem
        ``not-found``, ``envelope-not-due`` before it was delivered or twice, ``invalid-signature`` or ``key-chain-broken`` for
        a receipt that the actor's identity in force did not sign over this envelope: then the envelope stays.
    """
    found = _of(session, gathering_id, sender, actor.organisation)
    if found.state != "delivered" or found.envelope is None:
        raise _not_due(found)
    recipient = verify_chain(key_statements.chain(session, actor.organisation), utcnow(), actor.organisation)
    verify_gathered_receipt(receipt, recipient, sender, gathering_id, digest(found.envelope))
    _move(session, found, ("delivered",), "acknowledged", envelope=None, receipt=receipt)
    _tell(session, actor, found)
    return _view(session, actor, found)


def expire_due(session: Session, now: datetime) -> int:
    """Delete envelopes nobody fetched in time and tell both sides. Return how many."""
    overdue = (GatheringIntroduction.state.in_(LIVE), GatheringIntroduction.expires_at <= now)
    ended = update(GatheringIntroduction).where(*overdue).values(state="failed", envelope=None, updated_at=now)
    rows = session.execute(
        ended.returning(
            GatheringIntroduction.gathering_id, GatheringIntroduction.sender_id, GatheringIntroduction.recipient_id
        )
    ).all()
    for gathering_id, sender, recipient in sorted(rows):
        _owe(session, gathering_id, sender, recipient, "failed")
    return len(rows)


def _of(session: Session, gathering_id: str, sender: str, recipient: str) -> GatheringIntroduction:
    found = session.get(GatheringIntroduction, (gathering_id, sender, recipient))
    if found is None:
        raise Problem("not-found", "No introduction of yours has this id and organisation: list them first.")
    return found


def _move(
    session: Session, found: GatheringIntroduction, sources: tuple[str, ...], target: str, **values: str | None
) -> None:
    this = (
        GatheringIntroduction.gathering_id == found.gathering_id,
        GatheringIntroduction.sender_id == found.sender_id,
        GatheringIntroduction.recipient_id == found.recipient_id,
    )
    moved = session.scalars(
        update(GatheringIntroduction)
        .where(*this, GatheringIntroduction.state.in_(sources))
        .values(state=target, updated_at=utcnow(), **values)
        .returning(GatheringIntroduction.state)
    ).one_or_none()
    session.refresh(found)
    if moved is None:
        raise _not_due(found)


def _not_due(found: GatheringIntroduction) -> Problem:
    return Problem(
        "envelope-not-due", f"The introduction is {found.state}: poll your events.", extra={"state": found.state}
    )


def _tell(session: Session, actor: Actor, found: GatheringIntroduction) -> None:
    audit.record(session, actor, f"introduction.{found.state}", f"gathering:{found.gathering_id}")
    _owe(session, found.gathering_id, found.sender_id, found.recipient_id, found.state)


def _owe(session: Session, gathering_id: str, sender: str, recipient: str, event: str) -> None:
    sides = {"sender": sender, "recipient": recipient}
    outbox.owe(session, sides.values(), f"introduction.{event}", f"gathering:{gathering_id}", sides)


def _view(session: Session, actor: Actor, found: GatheringIntroduction) -> GatheringIntroductionView:
    (view,) = views(session, actor, [found])
    return view
