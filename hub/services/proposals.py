"""One organisation asks another for one pair; both decide; the second yes takes the seats.

No seat is held by a question. The second yes moves mentee, mentor and proposal by conditional updates in one transaction, so
of two agencies that want one seat in the same second exactly one gets it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import ConsentReceipt, Introduction, Partnership, Profile, Proposal, Recommendation, utcnow
from hub.reach import Reach, widened
from hub.services import audit, guards, matching, outbox, seats, snapshots
from hub.services.actors import Actor
from hub.services.proposal_views import UNFINISHED, ProposalView, Side, allowed_moves, sides_of, view, views

__all__ = ["ProposalView", "accept", "decline", "expire_due", "inbox", "propose", "show", "withdraw"]
INTRODUCTION_DAYS = 14
WORD = {"mentee": Proposal.mentee_side, "mentor": Proposal.mentor_side}


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
    if not snapshots.may_meet(session, mentee.id, mentor.id, utcnow().date(), kept.program):
        # What was shown may be days old: a seat, a consent, an agreement or a suspicion of one person can have changed.
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
            supersede_draft(session, mentee.id, mentor.id)
            session.add(proposal)
            session.flush()
    except IntegrityError as error:
        raise Problem("already-proposed", "This pair is open already: see the proposal inbox.") from error
    _tell(session, actor, proposal, "proposed")
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
        return _sign(session, actor, proposal_id, acceptance)
    proposal, sides = _movable(session, actor, proposal_id, "accept")
    for side in sides:
        _speak(session, proposal, side, acceptance)
    session.refresh(proposal)
    if proposal.mentee_side == proposal.mentor_side == "accepted":
        _agree(session, actor, proposal)
    else:
        _tell(session, actor, proposal, "accepted")
    return view(session, actor, proposal)


def decline(session: Session, actor: Actor, proposal_id: str, reason: str) -> ProposalView:
    """Say no for the actor's side, with a coded reason; the pair is not proposed again during the cool-off.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first.
    """
    proposal, sides = _movable(session, actor, proposal_id, "decline")
    words = {f"{side}_side": "declined" for side in sides}
    # A colleague may have said yes since it was read: her word stands, as it does a minute later.
    unspoken = or_(*(WORD[side] == "waiting" for side in sides))
    _move(session, proposal, "declined", unspoken, decline_reason=reason, **words)
    _tell(session, actor, proposal, "declined")
    return view(session, actor, proposal)


def withdraw(session: Session, actor: Actor, proposal_id: str) -> ProposalView:
    """Take a proposal back before both agreed; the other side hears only that it is gone.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first.
    """
    proposal, _ = _movable(session, actor, proposal_id, "withdraw")
    _move(session, proposal, "withdrawn")
    _tell(session, actor, proposal, "withdrawn")
    return view(session, actor, proposal)


def show(session: Session, actor: Actor, proposal_id: str) -> ProposalView:
    """Return one proposal to a party of it.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    return view(session, actor, _party(session, actor, proposal_id))


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


def _party(session: Session, actor: Actor, proposal_id: str) -> Proposal:
    proposal = session.get(Proposal, proposal_id)
    if proposal is None or proposal.state == "drafted" or not sides_of(actor, proposal):
        raise Problem("not-found", "Check the proposal's id in the inbox.")
    return proposal


def _movable(session: Session, actor: Actor, proposal_id: str, move: str) -> tuple[Proposal, tuple[Side, ...]]:
    proposal = _party(session, actor, proposal_id)
    sides = sides_of(actor, proposal)
    possible = allowed_moves(proposal, sides)
    if move not in possible:
        if proposal.state == "withdrawn":
            raise Problem("no-longer-available", "This pair is no longer available: look for another recommendation.")
        after = f"You may: {', '.join(possible)}." if possible else "Nothing is left to decide here."
        extra = {"state": proposal.state, "allowed": list(possible)}
        raise Problem("illegal-move", f"The proposal is {proposal.state}. {after}", extra=extra)
    return proposal, sides


def _is_open(session: Session, mentee_id: str, mentor_id: str) -> bool:
    pair = (Proposal.mentee_id == mentee_id, Proposal.mentor_id == mentor_id)
    return session.scalar(select(exists().where(*pair, Proposal.state.in_(("proposed", "agreed"))))) is True


def supersede_draft(session: Session, mentee_id: str, mentor_id: str) -> None:
    """Let a person's question go before a draft of the same pair, which nobody has seen and nobody was asked about."""
    same_pair = (Proposal.mentee_id == mentee_id, Proposal.mentor_id == mentor_id, Proposal.state == "drafted")
    # A draft is nobody's yet: only the hub sees it.
    with widened(session, Reach.HUB):
        session.execute(update(Proposal).where(*same_pair).values(state="superseded", updated_at=utcnow()))


def _speak(session: Session, proposal: Proposal, side: Side, acceptance: str | None) -> None:
    """Write one side's yes; refused when that side spoke or the proposal moved meanwhile."""
    still_open = (Proposal.id == proposal.id, Proposal.state == "proposed", WORD[side] == "waiting")
    spoken = {f"{side}_side": "accepted", f"{side}_acceptance": acceptance, "updated_at": utcnow()}
    moved = session.scalars(update(Proposal).where(*still_open).values(**spoken).returning(Proposal.id)).one_or_none()
    if moved is None:
        raise Problem("conflict", "Someone moved this proposal meanwhile: read it again.")


def _sign(session: Session, actor: Actor, proposal_id: str, acceptance: str) -> ProposalView:
    """Put the signature to a yes that has none; refused when it got one meanwhile or the proposal is over."""
    proposal = _party(session, actor, proposal_id)
    (side,) = sides_of(actor, proposal)
    word, signature = (getattr(Proposal, f"{side}_{part}") for part in ("side", "acceptance"))
    unsigned = (Proposal.id == proposal.id, Proposal.state.in_(UNFINISHED), word == "accepted", signature.is_(None))
    values = {f"{side}_acceptance": acceptance, "updated_at": utcnow()}
    if session.scalars(update(Proposal).where(*unsigned).values(**values).returning(Proposal.id)).one_or_none() is None:
        raise Problem("conflict", "Someone moved this proposal meanwhile: read it again.")
    session.refresh(proposal)
    _tell(session, actor, proposal, "signed")
    return view(session, actor, proposal)


def _agree(session: Session, actor: Actor, proposal: Proposal) -> None:
    """Take both seats and move to agreed; raise, and so undo this yes too, when one of them is gone."""
    _take_seats(session, proposal)
    _move(session, proposal, "agreed")
    session.add(Partnership(proposal_id=proposal.id))
    if proposal.mentee_organisation_id != proposal.mentor_organisation_id:
        session.add(
            Introduction(
                proposal_id=proposal.id,
                sender_id=proposal.mentee_organisation_id,
                recipient_id=proposal.mentor_organisation_id,
                expires_at=utcnow() + timedelta(days=INTRODUCTION_DAYS),
            )
        )
    _supersede_others(session, proposal)
    _tell(session, actor, proposal, "agreed")


def _take_seats(session: Session, proposal: Proposal) -> None:
    """Take a seat of both as the program counts them: by lasting seats, by pairs of this program, or both."""
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


def _move(session: Session, proposal: Proposal, target: str, *conditions: ColumnElement[bool], **values: str) -> None:
    still_open = (Proposal.id == proposal.id, Proposal.state == "proposed", *conditions)
    moved = session.scalars(
        update(Proposal).where(*still_open).values(state=target, updated_at=utcnow(), **values).returning(Proposal.id)
    ).one_or_none()
    if moved is None:
        raise Problem("conflict", "Someone moved this proposal meanwhile: read it again.")
    session.refresh(proposal)


def _supersede_others(session: Session, proposal: Proposal) -> None:
    # One meeting leaves the search for a mentor open, and the other way round.
    alike = Proposal.program == "flash" if proposal.program == "flash" else Proposal.program != "flash"
    others = (Proposal.mentee_id == proposal.mentee_id, Proposal.id != proposal.id, alike)
    still_open = (
        update(Proposal)
        .where(*others, Proposal.state.in_(("drafted", "proposed")))
        .values(state="superseded", updated_at=utcnow())
        .returning(Proposal.id, Proposal.mentee_organisation_id, Proposal.mentor_organisation_id)
    )
    # The mentor's side may speak last, and other mentors' organisations were asked about this mentee.
    with widened(session, Reach.HUB):
        ended = session.execute(still_open).all()
    for proposal_id, mentee_side, mentor_side in ended:
        outbox.owe(session, {mentee_side, mentor_side}, "proposal.superseded", f"proposal:{proposal_id}", {})


def _tell(session: Session, actor: Actor, proposal: Proposal, event: str) -> None:
    audit.record(session, actor, f"proposal.{event}", f"proposal:{proposal.id}")
    parties = {proposal.mentee_organisation_id, proposal.mentor_organisation_id}
    outbox.owe(session, parties, f"proposal.{event}", f"proposal:{proposal.id}", {"state": proposal.state})
