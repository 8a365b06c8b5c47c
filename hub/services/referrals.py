"""Send a person to another organisation's program, and learn as facts what happened there."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import FieldError, Problem
from hub.models import (
    ConsentReceipt,
    Intake,
    Profile,
    Program,
    Referral,
    ReferralEvent,
    new_secret,
    utcnow,
)
from hub.services import audit, moves, outbox
from hub.services.actors import Actor
from hub.services.referral_moves import MOVES, SEATED, SILENCE_DAYS, allowed
from hub.services.referral_views import ReferralView, sides_of, view

__all__ = ["ReferralView", "board", "record", "send", "show"]
MOVED: Final = "Someone moved this referral meanwhile: read it again."


def send(session: Session, actor: Actor, pseudonym: str, program_id: str, step: str | None = None) -> ReferralView:
    """Refer one of the actor's own mentees to a program of a member organisation.

    Raises
    ------
    Problem
        ``not-found`` (mentee or program), ``consent-missing`` without a current consent for referral, ``not-allowed``
        when no member answers for the program, ``already-referred`` while an open referral stands.
    """
    mentee = _own_mentee(session, actor, pseudonym)
    _require_consent(session, mentee)
    program = session.get(Program, program_id)
    if program is None:
        raise Problem("not-found", "Choose a program of the catalogue; this one is not there (any more).")
    if program.organisation_id is None:
        raise Problem(
            "not-allowed", "No member answers referrals for this program: phone the provider, note it yourself."
        )
    referral = Referral(
        sender_id=actor.organisation,
        receiver_id=program.organisation_id,
        mentee_id=mentee.id,
        program_id=program.id,
        reference=new_secret(),
        step=step,
        due_at=_due("sent"),
    )
    _insert(session, referral)
    session.add(ReferralEvent(referral_id=referral.id, event="sent", by_organisation_id=actor.organisation))
    _tell(session, actor, referral, "sent")
    return view(session, actor, referral)


def record(
    session: Session, actor: Actor, referral_id: str, event: str, reason: str | None = None, outcome: str | None = None
) -> ReferralView:
    """Assert one fact; the state moves by one conditional update, so of two at once one wins.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move`` naming the state and what is allowed, ``invalid-fields`` when a reason or
        outcome is missing, ``program-full`` when an acceptance finds no seat.
    """
    referral = _party(session, actor, referral_id)
    possible = allowed(referral.state, sides_of(actor, referral))
    if event not in possible:
        none = "Nothing is yours to record now."
        raise moves.illegal("The referral", referral.state, possible, "You may record", none)
    move = MOVES[event]
    if move.needs and not (reason if move.needs == "reason" else outcome):
        error = FieldError(f"/{move.needs}", f"Say the {move.needs} with a code of the vocabulary.")
        raise Problem("invalid-fields", f"A referral is {event} only with its {move.needs}.", errors=[error])
    _move(session, referral, move.target, reason, outcome)
    session.add(ReferralEvent(referral_id=referral.id, event=event, by_organisation_id=actor.organisation))
    _tell(session, actor, referral, event)
    return view(session, actor, referral)


def board(session: Session, actor: Actor) -> list[ReferralView]:
    """Return every referral the actor's organisation sent or received, newest first."""
    mine = or_(Referral.sender_id == actor.organisation, Referral.receiver_id == actor.organisation)
    rows = session.scalars(select(Referral).where(mine).order_by(Referral.created_at.desc(), Referral.id))
    return [view(session, actor, referral) for referral in rows]


def show(session: Session, actor: Actor, referral_id: str) -> ReferralView:
    """Return one referral to a party of it.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    return view(session, actor, _party(session, actor, referral_id))


def _own_mentee(session: Session, actor: Actor, pseudonym: str) -> Profile:
    own = select(Profile).where(
        Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym, Profile.kind == "mentee"
    )
    mentee = session.scalars(own).one_or_none()
    if mentee is None:
        raise Problem("not-found", "Share this mentee first, or check the pseudonym.")
    return mentee


def _require_consent(session: Session, mentee: Profile) -> None:
    receipt = session.get(ConsentReceipt, mentee.id)
    if receipt is None or "referral" not in receipt.purposes or receipt.until < utcnow().date():
        raise Problem(
            "consent-missing", "Ask the person for consent to referral, then share the profile again with it."
        )


def _insert(session: Session, referral: Referral) -> None:
    try:
        with session.begin_nested():
            session.add(referral)
            session.flush()
    except IntegrityError as error:
        raise Problem("already-referred", "An open referral to this program stands: see the referral board.") from error


def _party(session: Session, actor: Actor, referral_id: str) -> Referral:
    referral = session.get(Referral, referral_id)
    if referral is None or actor.organisation not in {referral.sender_id, referral.receiver_id}:
        raise Problem("not-found", "Check the referral's id on the referral board.")
    return referral


def _move(session: Session, referral: Referral, target: str, reason: str | None, outcome: str | None) -> None:
    source = referral.state
    values = {"state": target, "reason": reason, "outcome": outcome, "due_at": _due(target)}
    moves.step(session, referral, Referral.state == source, moved=MOVED, **values)
    _keep_seat(session, referral, source, target)
    session.refresh(referral)


def _keep_seat(session: Session, referral: Referral, source: str, target: str) -> None:
    """Take a seat with an acceptance, give it back when the person does not come: no read before the write."""
    if target in SEATED and source not in SEATED:
        _take_seat(session, referral)
    elif source in SEATED and target not in SEATED and referral.intake_id is not None:
        session.execute(
            update(Intake).where(Intake.id == referral.intake_id, Intake.taken > 0).values(taken=Intake.taken - 1)
        )
        session.execute(update(Referral).where(Referral.id == referral.id).values(intake_id=None))


def _take_seat(session: Session, referral: Referral) -> None:
    ahead = (Intake.program_id == referral.program_id, Intake.starts_on >= utcnow().date())
    intakes = session.scalars(select(Intake.id).where(*ahead).order_by(Intake.starts_on, Intake.id)).all()
    for intake in intakes:
        free = (Intake.id == intake, Intake.taken < Intake.seats)
        taken = session.scalars(
            update(Intake).where(*free).values(taken=Intake.taken + 1).returning(Intake.id)
        ).one_or_none()
        if taken is not None:
            session.execute(update(Referral).where(Referral.id == referral.id).values(intake_id=taken))
            return
    if intakes:
        raise Problem("program-full", "No intake has a seat left: record `waitlisted`, or add an intake first.")


def _due(state: str) -> datetime | None:
    days = SILENCE_DAYS.get(state)
    return utcnow() + timedelta(days=days) if days else None


def _tell(session: Session, actor: Actor, referral: Referral, event: str) -> None:
    audit.record(session, actor, f"referral.{event}", f"referral:{referral.id}")
    parties = {referral.sender_id, referral.receiver_id}
    outbox.owe(session, parties, f"referral.{event}", f"referral:{referral.id}", {"state": referral.state})
