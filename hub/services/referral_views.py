"""A referral as one party may see it: the sender by its own pseudonym, the receiver by a one-time reference."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Organisation, Profile, Program, Referral, ReferralEvent
from hub.services.actors import Actor
from hub.services.referral_moves import Side, allowed


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


def sides_of(actor: Actor, referral: Referral) -> frozenset[Side]:
    """Return the sides the acting organisation speaks for: one, both, or none."""
    sides: set[Side] = set()
    if actor.organisation == referral.sender_id:
        sides.add("sender")
    if actor.organisation == referral.receiver_id:
        sides.add("receiver")
    return frozenset(sides)


def view(session: Session, actor: Actor, referral: Referral) -> ReferralView:
    """Return the acting party's view."""
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
        allowed=allowed(referral.state, sides_of(actor, referral)),
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
