"""The two seats that the second yes takes: the mentor's and the mentee's, whoever else comes at this moment."""

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import ConsentReceipt, Profile, Proposal, utcnow
from hub.reach import Reach, widened
from hub.services import matching, seats


def take(session: Session, proposal: Proposal) -> None:
    """Take a seat of both as the program counts them: by lasting seats, by pairs of this program, or both.

    Raises
    ------
    Problem
        ``no-seat`` (mentor full), ``mentee-taken``, ``no-longer-available`` when a consent ended.
    """
    people = (
        (proposal.mentor_id, "no-seat", "The mentor's last seat is taken: propose the next recommendation."),
        (proposal.mentee_id, "mentee-taken", "This mentee has a mentor already: withdraw this proposal."),
    )
    for person, kind, detail in people:
        if proposal.program != matching.GENERAL:
            # One of the two is the other organisation's, and what counts for them are pairs with everybody.
            with widened(session, Reach.HUB):
                seats.take_meeting(session, person, proposal.program, utcnow().date(), kind, detail)
        if not matching.counts_meetings(proposal.program):
            _take(session, person, kind, detail)


def _take(session: Session, profile_id: str | None, kind: str, detail: str) -> None:
    """Take one seat of a person whose consent is current: one statement decides, whoever else comes at this moment."""
    current = exists().where(ConsentReceipt.profile_id == Profile.id, ConsentReceipt.until >= utcnow().date())
    seat = (
        update(Profile)
        .where(Profile.id == profile_id, Profile.taken < Profile.seats, current)
        .values(taken=Profile.taken + 1)
        .returning(Profile.id)
        .execution_options(synchronize_session=False)
    )
    free = select(Profile.id).where(Profile.id == profile_id, Profile.taken < Profile.seats)
    # One of the two seats is the other organisation's; it said yes, and the second yes takes both.
    with widened(session, Reach.HUB):
        if session.scalars(seat).one_or_none() is not None:
            return
        still_free = session.scalars(free).one_or_none() is not None
    if profile_id is None or still_free:
        raise Problem("no-longer-available", "This pair is no longer available: look for another recommendation.")
    raise Problem(kind, detail)
