"""A withdrawn consent stops everything: hidden, erased, told, and remembered as a keyed trace without fields."""

from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import (
    Intake,
    Partnership,
    Profile,
    Proposal,
    Referral,
    Tombstone,
    WithdrawalCount,
    utcnow,
)
from hub.models.partnership import RUNNING
from hub.models.referral import CLOSED
from hub.reach import Reach, widened
from hub.services import (
    audit,
    duplicates,
    gathering_departures,
    idempotency,
    introductions,
    outbox,
    seats,
    withdrawal_notices,
)
from hub.services.actors import Actor
from hub.withdrawal_log import WithdrawalLog

TOMBSTONE_DAYS = 90


def withdraw(session: Session, actor: Actor, pseudonym: str) -> None:
    """Withdraw one of the actor's own people in one transaction.

    The profile is deleted with its consent, recommendations, keyed tokens and possible duplicates; open proposals and
    referrals are withdrawn and sealed introductions cancelled with their envelopes; seats go back to the other person and
    to the intake. The other side hears "no longer available", and whoever saw the person that somebody withdrew. It wins its
    race against an acceptance: both need the profile's row, and an acceptance without it finds no seat.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own; ``busy`` while the withdrawal log cannot be written.
    """
    own = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym)
    profile_id = session.scalars(select(Profile.id).where(*own).with_for_update()).one_or_none()
    if profile_id is None:
        raise Problem("not-found", "Check the pseudonym: this person is not shared.")
    now, trace = utcnow(), trace_of(session, actor.organisation, pseudonym)
    erase(session, profile_id, now)
    remember(session, actor.organisation, trace, now)
    session.flush()
    session.expire_all()
    _log(session, actor.organisation, trace, now)
    audit.record(session, actor, "profile.withdraw", f"profile:{profile_id}")


def refuse_withdrawn(session: Session, actor: Actor, pseudonym: str) -> None:
    """Refuse a late push of a person who withdrew.

    Raises
    ------
    Problem
        ``withdrawn`` while the trace lives.
    """
    trace = session.get(Tombstone, trace_of(session, actor.organisation, pseudonym))
    if trace is not None and trace.expires_at > utcnow():
        raise Problem("withdrawn", "This person withdrew. If they consent anew, share them under a new pseudonym.")


def trace_of(session: Session, organisation: str, pseudonym: str) -> str:
    """Return the keyed trace of one pseudonym: without the key, which is not in the database, it names nobody."""
    return log_of(session).trace(organisation, pseudonym)


def log_of(session: Session) -> WithdrawalLog:
    """Return the log of the hub whose database this is.

    Raises
    ------
    RuntimeError
        The database was opened without its folder.
    """
    log = session.info["withdrawal_log"]
    if not isinstance(log, WithdrawalLog):
        raise RuntimeError("this database was opened without the folder of its withdrawal log")
    return log


def erase(session: Session, profile_id: str, at: datetime) -> None:
    """Tell who saw a person, end everything that was going on with them, and delete what the hub holds of them."""
    withdrawal_notices.tell(session, profile_id, at)
    # The other person's seat goes back, and drafts and partnerships end, whoever they belong to.
    with widened(session, Reach.HUB):
        _end_proposals(session, profile_id)
        gathering_departures.forget(session, profile_id)
    _end_referrals(session, profile_id)
    duplicates.drop(session, duplicates.concerning([profile_id]))
    gone = delete(Profile).where(Profile.id == profile_id).returning(Profile.organisation_id, Profile.pseudonym)
    for organisation, pseudonym in session.execute(gone).all():
        idempotency.forget(session, organisation, pseudonym)


def remember(session: Session, organisation: str, trace: str, at: datetime) -> None:
    """Keep the trace for its days, counted from the withdrawal."""
    expires = at + timedelta(days=TOMBSTONE_DAYS)
    session.merge(Tombstone(trace=trace, organisation_id=organisation, withdrawn_at=at, expires_at=expires))


def delete_expired(session: Session, now: datetime) -> int:
    """Delete the traces whose days are over; return how many."""
    return len(session.scalars(delete(Tombstone).where(Tombstone.expires_at < now).returning(Tombstone.trace)).all())


def forget_lines(log: WithdrawalLog | None, now: datetime) -> int:
    """Leave out of the log who withdrew so long ago that their trace is over too; return how many.

    A backup that is older than that can no longer be restored: nobody could say who has to be erased from it.
    """
    return log.forget(now - timedelta(days=TOMBSTONE_DAYS)) if log else 0


def count_to(session: Session, number: int) -> None:
    """Say that the database holds all withdrawals up to ``number``; it never counts backwards."""
    _moved(session, WithdrawalCount.number + 0)
    session.execute(update(WithdrawalCount).where(WithdrawalCount.number < number).values(number=number))


def _moved(session: Session, following: ColumnElement[int]) -> int:
    """Move the count; return it. Its lock makes withdrawals take turns, so the log has them in the database's order."""
    key = log_of(session).key_id
    moving = update(WithdrawalCount).where(WithdrawalCount.key == key).values(number=following)
    moving_on = moving.returning(WithdrawalCount.number)
    number = session.scalar(moving_on)
    if number is None:
        with suppress(IntegrityError), session.begin_nested():
            session.execute(insert(WithdrawalCount).values(id=1, number=0, key=key))
        number = session.scalar(moving_on)
    if number is None:
        raise RuntimeError("the key of the withdrawal log is not the one this database was written with")
    return number


def _log(session: Session, organisation: str, trace: str, at: datetime) -> None:
    """Put the withdrawal on the disk before the database has it: a backup taken between the two is caught up by the log."""
    log, number = log_of(session), _moved(session, WithdrawalCount.number + 1)
    try:
        line = log.append(number, at, organisation, trace)
    except OSError as error:
        structlog.get_logger(__name__).error("withdrawal log cannot be written", error=error.strerror)
        detail = "The withdrawal could not be kept safely. Nothing was changed; send it again."
        raise Problem("busy", detail, retry_after=30) from error
    session.info["on_failure"].append(lambda: log.undo(line))


def _end_proposals(session: Session, profile_id: str) -> None:
    concerns = or_(Proposal.mentee_id == profile_id, Proposal.mentor_id == profile_id)
    # Nobody was told of a draft yet, so nobody is told of its end.
    drafts = update(Proposal).where(concerns, Proposal.state == "drafted")
    session.execute(drafts.values(state="superseded", updated_at=utcnow()))
    ended = session.execute(
        update(Proposal)
        .where(concerns, Proposal.state.in_(("proposed", "agreed")))
        .values(state="withdrawn", updated_at=utcnow())
        .returning(Proposal.id, Proposal.mentee_organisation_id, Proposal.mentor_organisation_id, Proposal.state)
    ).all()
    ids = [proposal_id for proposal_id, *_ in ended]
    _give_seats_back(session, profile_id, ids)
    introductions.cancel(session, ids)
    for proposal_id, mentee_side, mentor_side, _ in ended:
        outbox.owe(session, {mentee_side, mentor_side}, "proposal.no_longer_available", f"proposal:{proposal_id}", {})


def _give_seats_back(session: Session, profile_id: str, proposal_ids: list[str]) -> None:
    """End the partnerships that still ran, and free the seat the other person had in each."""
    running = (Partnership.proposal_id.in_(proposal_ids), Partnership.state.in_(RUNNING))
    ended = {"state": "ended_early", "ended_at": utcnow(), "updated_at": utcnow()}
    broken = session.scalars(update(Partnership).where(*running).values(ended).returning(Partnership.proposal_id)).all()
    # A flash meeting took no lasting seat.
    lasting = (Proposal.id.in_(broken), Proposal.program != "flash")
    pairs = session.execute(select(Proposal.mentee_id, Proposal.mentor_id).where(*lasting)).all()
    seats.give_back(session, (person for pair in pairs for person in pair if person != profile_id))


def _end_referrals(session: Session, profile_id: str) -> None:
    ended = session.execute(
        update(Referral)
        .where(Referral.mentee_id == profile_id, Referral.state.not_in(CLOSED))
        .values(state="withdrawn", updated_at=utcnow(), due_at=None)
        .returning(Referral.id, Referral.sender_id, Referral.receiver_id, Referral.intake_id)
    ).all()
    for referral_id, sender, receiver, intake_id in ended:
        session.execute(update(Intake).where(Intake.id == intake_id, Intake.taken > 0).values(taken=Intake.taken - 1))
        session.execute(update(Referral).where(Referral.id == referral_id).values(intake_id=None))
        outbox.owe(session, {sender, receiver}, "referral.withdrawn", f"referral:{referral_id}", {"state": "withdrawn"})
