"""Send a person to another organisation's program, and learn as facts what happened there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import FieldError, Problem
from hub.models import (
    ConsentReceipt,
    Intake,
    Organisation,
    Profile,
    Program,
    Referral,
    ReferralEvent,
    new_secret,
    utcnow,
)
from hub.services import audit, outbox
from hub.services.actors import Actor
from hub.services.referral_moves import MOVES, SEATED, SILENCE_DAYS, Side, allowed


@dataclass(frozen=True, slots=True)
class ReferralView:
    """A referral as one party sees it. ``person`` is the sender's pseudonym, or the receiver's one-time reference."""

    id: str
    state: str
    mine: Side
    sender_id: str
    sender_name: str
    receiver_id: str
    receiver_name: str
    program_id: str
    program_names: dict[str, str]
    person: str
    step: str | None
    reason: str | None
    outcome: str | None
    allowed: tuple[str, ...]
    history: tuple[tuple[str, str, datetime], ...]
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None


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
    return _view(session, actor, referral)


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
    possible = allowed(referral.state, _sides(actor, referral))
    if event not in possible:
        raise _illegal(referral.state, possible)
    move = MOVES[event]
    if move.needs and not (reason if move.needs == "reason" else outcome):
        error = FieldError(f"/{move.needs}", f"Say the {move.needs} with a code of the vocabulary.")
        raise Problem("invalid-fields", f"A referral is {event} only with its {move.needs}.", errors=[error])
    _move(session, referral, move.target, reason, outcome)
    session.add(ReferralEvent(referral_id=referral.id, event=event, by_organisation_id=actor.organisation))
    _tell(session, actor, referral, event)
    return _view(session, actor, referral)


def board(session: Session, actor: Actor) -> list[ReferralView]:
    """Return every referral the actor's organisation sent or received, newest first."""
    mine = or_(Referral.sender_id == actor.organisation, Referral.receiver_id == actor.organisation)
    rows = session.scalars(select(Referral).where(mine).order_by(Referral.created_at.desc(), Referral.id))
    return [_view(session, actor, referral) for referral in rows]


def show(session: Session, actor: Actor, referral_id: str) -> ReferralView:
    """Return one referral to a party of it.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    return _view(session, actor, _party(session, actor, referral_id))


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


def _sides(actor: Actor, referral: Referral) -> frozenset[Side]:
    sides: set[Side] = set()
    if actor.organisation == referral.sender_id:
        sides.add("sender")
    if actor.organisation == referral.receiver_id:
        sides.add("receiver")
    return frozenset(sides)


def _illegal(state: str, possible: tuple[str, ...]) -> Problem:
    after = f"You may record: {', '.join(possible)}." if possible else "Nothing is yours to record now."
    return Problem(
        "illegal-move", f"The referral is {state}. {after}", extra={"state": state, "allowed": list(possible)}
    )


def _move(session: Session, referral: Referral, target: str, reason: str | None, outcome: str | None) -> None:
    source = referral.state
    moved = session.scalars(
        update(Referral)
        .where(Referral.id == referral.id, Referral.state == source)
        .values(state=target, reason=reason, outcome=outcome, updated_at=utcnow(), due_at=_due(target))
        .returning(Referral.id)
    ).one_or_none()
    if moved is None:
        raise Problem("conflict", "Someone moved this referral meanwhile: read it again.")
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


def _view(session: Session, actor: Actor, referral: Referral) -> ReferralView:
    sender = session.get_one(Organisation, referral.sender_id)
    receiver = session.get_one(Organisation, referral.receiver_id)
    program = session.get_one(Program, referral.program_id)
    events = select(ReferralEvent).where(ReferralEvent.referral_id == referral.id).order_by(ReferralEvent.at)
    mine: Side = "sender" if actor.organisation == referral.sender_id else "receiver"
    return ReferralView(
        id=referral.id,
        state=referral.state,
        mine=mine,
        sender_id=sender.id,
        sender_name=sender.name,
        receiver_id=receiver.id,
        receiver_name=receiver.name,
        program_id=program.id,
        program_names=dict(program.names),
        person=_person(session, referral, mine),
        step=referral.step,
        reason=referral.reason,
        outcome=referral.outcome,
        allowed=allowed(referral.state, _sides(actor, referral)),
        history=tuple((row.event, row.by_organisation_id, row.at) for row in session.scalars(events)),
        created_at=referral.created_at,
        updated_at=referral.updated_at,
        due_at=referral.due_at,
    )


def _person(session: Session, referral: Referral, mine: Side) -> str:
    if mine == "receiver":
        return referral.reference
    mentee = session.get(Profile, referral.mentee_id) if referral.mentee_id else None
    return mentee.pseudonym if mentee else ""
