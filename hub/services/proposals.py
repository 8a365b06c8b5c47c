"""One organisation asks another for one pair; both decide; the second yes takes the seats.

No seat is held by a question. The second yes moves mentee, mentor and proposal by conditional updates in one transaction, so
of two agencies that want one seat in the same second exactly one gets it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph.rules import Rule
from hub.models import Profile, Proposal, Recommendation, utcnow
from hub.reach import Reach, widened
from hub.services import guards, outbox, proposal_moves, snapshots
from hub.services.actors import Actor
from hub.services.proposal_views import ProposalView, view, views

__all__ = ["ProposalView", "accept", "decline", "expire_due", "inbox", "propose", "show", "withdraw"]


def propose(
    session: Session,
    actor: Actor,
    pseudonym: str,
    handle: str,
    days: int,
    *,
    per_week: int = guards.PROPOSALS_PER_WEEK,
) -> ProposalView:
    """Ask for the mentor behind a handle, for one of the actor's own mentees.

    Raises
    ------
    Problem
        ``not-found`` for a mentee that is not the actor's own or a handle that is not theirs or expired,
        ``no-longer-available`` when the two may not meet any more,
        ``budget-spent`` when this week's proposals for this mentee are made, ``already-proposed`` while the pair is open.
    """
    kept = session.get(Recommendation, handle)
    if kept is None or kept.organisation_id != actor.organisation or kept.expires_at <= utcnow():
        raise Problem("not-found", "Ask for recommendations again and use a fresh handle.")
    # The mentor is another organisation's: the handle is the right to ask for just this one.
    with widened(session, Reach.NETWORK):
        mentee, mentor = session.get_one(Profile, kept.mentee_id), session.get_one(Profile, kept.mentor_id)
    if mentee.pseudonym != pseudonym:
        raise Problem("not-found", "This handle was shown for another mentee: use one shown for this mentee.")
    if _is_open(session, mentee.id, mentor.id):
        raise Problem("already-proposed", "This pair is open already: see the proposal inbox.")
    if apart := snapshots.why_apart(session, mentee.id, mentor.id, utcnow().date(), kept.program):
        # What was shown may be days old: a seat, a consent, an agreement or a suspicion of one person can have changed.
        if [one.rule for one in apart] == [Rule.LOCAL_WINDOW]:
            raise Problem(
                "no-longer-available",
                "Your organisation looks near first: take a mentor of the province, or wait until the mentee's days are over.",
            )
        raise Problem("no-longer-available", "This pair is no longer available: look for another recommendation.")
    guards.require_proposal_budget(session, mentee.id, per_week, utcnow())
    proposal = Proposal(
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        mentee_organisation_id=mentee.organisation_id,
        mentor_organisation_id=mentor.organisation_id,
        program=kept.program,
        points=kept.points,
        parts=kept.parts,
        reasons=kept.reasons,
        expires_at=utcnow() + timedelta(days=days),
    )
    try:
        with session.begin_nested():
            proposal_moves.supersede_draft(session, mentee.id, mentor.id)
            session.add(proposal)
            session.flush()
    except IntegrityError as error:
        raise Problem("already-proposed", "This pair is open already: see the proposal inbox.") from error
    proposal_moves.tell(session, actor, proposal, "proposed")
    return view(session, actor, proposal)


def accept(session: Session, actor: Actor, proposal_id: str, acceptance: str | None = None) -> ProposalView:
    """Say yes for the actor's side, after asking the person; the second yes makes the match.

    Where one organisation holds both people, its yes counts for both. A side whose yes was said on a page, where nothing can
    sign, adds the signed ``acceptance`` (a compact JWS) by the same call: nothing is decided again.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``no-seat`` (mentor full), ``mentee-taken``, ``no-longer-available`` when a consent
        ended. On each of these nothing changes.
    """
    if acceptance is not None and "sign" in show(session, actor, proposal_id).allowed:
        return proposal_moves.sign(session, actor, proposal_id, acceptance)
    proposal, sides = proposal_moves.movable(session, actor, proposal_id, "accept")
    for side in sides:
        proposal_moves.speak(session, proposal, side, acceptance)
    if proposal.mentee_side == proposal.mentor_side == "accepted":
        proposal_moves.agree(session, actor, proposal)
    else:
        proposal_moves.tell(session, actor, proposal, "accepted")
    return view(session, actor, proposal)


def decline(session: Session, actor: Actor, proposal_id: str, reason: str) -> ProposalView:
    """Say no for the actor's side, with a coded reason; the pair is not proposed again during the cool-off.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first.
    """
    proposal, sides = proposal_moves.movable(session, actor, proposal_id, "decline")
    words = {f"{side}_side": "declined" for side in sides}
    # A colleague may have said yes since it was read: her word stands, as it does a minute later.
    unspoken = or_(*(proposal_moves.WORD[side] == "waiting" for side in sides))
    proposal_moves.move(session, proposal, "declined", unspoken, decline_reason=reason, **words)
    proposal_moves.tell(session, actor, proposal, "declined")
    return view(session, actor, proposal)


def withdraw(session: Session, actor: Actor, proposal_id: str) -> ProposalView:
    """Take a proposal back before both agreed; the other side hears only that it is gone.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first.
    """
    proposal, _ = proposal_moves.movable(session, actor, proposal_id, "withdraw")
    proposal_moves.move(session, proposal, "withdrawn")
    proposal_moves.tell(session, actor, proposal, "withdrawn")
    return view(session, actor, proposal)


def show(session: Session, actor: Actor, proposal_id: str) -> ProposalView:
    """Return one proposal to a party of it.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    return view(session, actor, proposal_moves.party(session, actor, proposal_id))


def inbox(session: Session, actor: Actor, states: Collection[str] | None = None) -> list[ProposalView]:
    """Return the actor's proposals, newest first; drafts of an unpublished round are nobody's yet."""
    mine = or_(
        Proposal.mentee_organisation_id == actor.organisation, Proposal.mentor_organisation_id == actor.organisation
    )
    query = select(Proposal).where(mine, Proposal.state != "drafted")
    if states is not None:
        query = query.where(Proposal.state.in_(states))
    rows = session.scalars(query.order_by(Proposal.created_at.desc(), Proposal.id)).all()
    # Held until the views are made: the session remembers only what somebody holds, and would ask once a person.
    # Each side sees the other's card: one widening for them all.
    with widened(session, Reach.NETWORK):
        people = _people_of(session, rows)
        found = views(session, actor, rows)
    del people
    return found


def _people_of(session: Session, rows: Sequence[Proposal]) -> list[Profile]:
    wanted = {person for row in rows for person in (row.mentee_id, row.mentor_id) if person}
    return list(session.scalars(select(Profile).where(Profile.id.in_(wanted))))


def expire_due(session: Session, now: datetime) -> int:
    """Expire proposals nobody answered in time; tell both sides. Return how many."""
    due = (Proposal.state == "proposed", Proposal.expires_at <= now)
    expired = session.execute(
        update(Proposal)
        .where(*due)
        .values(state="expired", updated_at=now)
        .returning(Proposal.id, Proposal.mentee_organisation_id, Proposal.mentor_organisation_id)
    ).all()
    for proposal_id, mentee_side, mentor_side in expired:
        outbox.owe(session, {mentee_side, mentor_side}, "proposal.expired", f"proposal:{proposal_id}", {})
    return len(expired)


def _is_open(session: Session, mentee_id: str, mentor_id: str) -> bool:
    pair = (Proposal.mentee_id == mentee_id, Proposal.mentor_id == mentor_id)
    return session.scalar(select(exists().where(*pair, Proposal.state.in_(("proposed", "agreed"))))) is True
