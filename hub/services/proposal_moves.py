"""The steps a proposal's moves are made of: each side's yes and its signature, the agreement, and who is told."""

from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Agreement, Introduction, Partnership, Proposal, utcnow
from hub.reach import Reach, widened
from hub.services import audit, moves, outbox, proposal_seats
from hub.services.actors import Actor
from hub.services.proposal_views import UNFINISHED, ProposalView, Side, allowed_moves, sides_of, view

INTRODUCTION_DAYS: Final = 14
MOVED: Final = "Someone moved this proposal meanwhile: read it again."
WORD: Final = {"mentee": Proposal.mentee_side, "mentor": Proposal.mentor_side}


def party(session: Session, actor: Actor, proposal_id: str) -> Proposal:
    """Return a proposal of the acting organisation.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others and for drafts.
    """
    proposal = session.get(Proposal, proposal_id)
    if proposal is None or proposal.state == "drafted" or not sides_of(actor, proposal):
        raise Problem("not-found", "Check the proposal's id in the inbox.")
    return proposal


def movable(session: Session, actor: Actor, proposal_id: str, move: str) -> tuple[Proposal, tuple[Side, ...]]:
    """Return a proposal that the acting organisation may move so, with its sides.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` with the state and what is allowed; ``no-longer-available`` for one taken back.
    """
    proposal = party(session, actor, proposal_id)
    sides = sides_of(actor, proposal)
    possible = allowed_moves(proposal, sides)
    if move not in possible:
        if proposal.state == "withdrawn":
            raise Problem("no-longer-available", "This pair is no longer available: look for another recommendation.")
        raise moves.illegal("The proposal", proposal.state, possible, "You may", "Nothing is left to decide here.")
    return proposal, sides


def speak(session: Session, proposal: Proposal, side: Side, acceptance: str | None) -> None:
    """Write one side's yes; refused when that side spoke or the proposal moved meanwhile."""
    spoken = {f"{side}_side": "accepted", f"{side}_acceptance": acceptance}
    moves.step(session, proposal, Proposal.state == "proposed", WORD[side] == "waiting", moved=MOVED, **spoken)


def sign(session: Session, actor: Actor, proposal_id: str, acceptance: str) -> ProposalView:
    """Put the signature to a yes that has none; refused when it got one meanwhile or the proposal is over."""
    proposal = party(session, actor, proposal_id)
    (side,) = sides_of(actor, proposal)
    word, signature = (getattr(Proposal, f"{side}_{part}") for part in ("side", "acceptance"))
    unsigned = (Proposal.state.in_(UNFINISHED), word == "accepted", signature.is_(None))
    moves.step(session, proposal, *unsigned, moved=MOVED, **{f"{side}_acceptance": acceptance})
    tell(session, actor, proposal, "signed")
    return view(session, actor, proposal)


def agree(session: Session, actor: Actor, proposal: Proposal) -> None:
    """Take both seats and move to agreed; raise, and so undo this yes too, when one of them is gone."""
    _demand_agreement(session, proposal)
    proposal_seats.take(session, proposal)
    move(session, proposal, "agreed")
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
    tell(session, actor, proposal, "agreed")


def _demand_agreement(session: Session, proposal: Proposal) -> None:
    """Refuse where the sharing agreement ended since the pair was asked about: it ends at once."""
    sides = (proposal.mentor_organisation_id, proposal.mentee_organisation_id)
    holds = (Agreement.sharing_id == sides[0], Agreement.receiving_id == sides[1], Agreement.holds_on(utcnow().date()))
    if sides[0] != sides[1] and not session.scalar(select(exists().where(*holds))):
        raise Problem("no-longer-available", "This pair is no longer available: look for another recommendation.")


def move(session: Session, proposal: Proposal, target: str, *conditions: ColumnElement[bool], **values: str) -> None:
    """Move a question on; refused when it was answered by now, or where one of the conditions holds no more."""
    moves.step(session, proposal, Proposal.state == "proposed", *conditions, moved=MOVED, state=target, **values)


def supersede_draft(session: Session, mentee_id: str, mentor_id: str) -> None:
    """Let a person's question go before a draft of the same pair, which nobody has seen and nobody was asked about."""
    same_pair = (Proposal.mentee_id == mentee_id, Proposal.mentor_id == mentor_id, Proposal.state == "drafted")
    # A draft is nobody's yet: only the hub sees it.
    with widened(session, Reach.HUB):
        session.execute(update(Proposal).where(*same_pair).values(state="superseded", updated_at=utcnow()))


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


def tell(session: Session, actor: Actor, proposal: Proposal, event: str) -> None:
    """Note a move in the log, and owe it to both organisations."""
    audit.record(session, actor, f"proposal.{event}", f"proposal:{proposal.id}")
    parties = {proposal.mentee_organisation_id, proposal.mentor_organisation_id}
    outbox.owe(session, parties, f"proposal.{event}", f"proposal:{proposal.id}", {"state": proposal.state})
