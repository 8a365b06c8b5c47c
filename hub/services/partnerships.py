"""Partnerships: what became of an agreed pair, and how either side says that it is over.

Completed or ended early, both seats are free again, and from that moment a mentor's rest counts. An end is nobody's fault: who
said it stands in the audit log alone, and an early one carries a reason of the list or, after a withdrawal, none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from federation.problems import Problem
from hub.models import Organisation, Partnership, Profile, Proposal, utcnow
from hub.models.partnership import RUNNING
from hub.services import audit, introductions, matching, moves, outbox, seats
from hub.services.actors import Actor
from hub.services.proposal_views import sides_of

MOVES: Final = ("complete", "end")
MOVED: Final = "Someone ended this partnership meanwhile: read it again."
MENTEE, MENTOR = aliased(Profile), aliased(Profile)
Found = Row[Partnership, Proposal, str | None, str | None]
"""A partnership, what was agreed, and the pseudonyms of those of its two people who are the reader's own."""


@dataclass(frozen=True, slots=True)
class PartnershipView:
    """A partnership for one of its two organisations; ``my_pseudonyms`` names only the viewer's own people."""

    id: str
    proposal_id: str
    state: str
    program: str
    mine: str
    mentee_organisation_id: str
    mentee_organisation_name: str
    mentor_organisation_id: str
    mentor_organisation_name: str
    my_pseudonyms: dict[str, str]
    days: int
    """For how many whole days it has run, or ran."""
    allowed: tuple[str, ...]
    end_reason: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


def listed(session: Session, actor: Actor) -> list[PartnershipView]:
    """Return the partnerships of the acting organisation's people, newest first. Two queries."""
    found = session.execute(_seen_by(actor).order_by(Partnership.created_at.desc(), Partnership.id))
    names = _names(session)
    return [_view(actor, row, names) for row in found]


def show(session: Session, actor: Actor, partnership_id: str) -> PartnershipView:
    """Return one partnership to a party of it.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    return _view(actor, _party(session, actor, partnership_id), _names(session))


def of_proposal(session: Session, actor: Actor, proposal_id: str) -> PartnershipView | None:
    """Return what became of an agreed proposal, to a party of it; nothing where it is not agreed, or not theirs."""
    found = session.execute(_seen_by(actor).where(Proposal.id == proposal_id)).one_or_none()
    return _view(actor, found, _names(session)) if found else None


def complete(session: Session, actor: Actor, partnership_id: str) -> PartnershipView:
    """Say that the two have done what they set out to do; their seats are free again.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` when it is over; ``conflict`` when someone ended it first. Then nothing changes.
    """
    return _end(session, actor, partnership_id, "complete", state="completed")


def end_early(session: Session, actor: Actor, partnership_id: str, reason: str) -> PartnershipView:
    """Say that the two stop before, with a coded reason; their seats are free again.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` when it is over; ``conflict`` when someone ended it first. Then nothing changes.
    """
    return _end(session, actor, partnership_id, "end", state="ended_early", end_reason=reason)


def _end(session: Session, actor: Actor, partnership_id: str, move: str, **values: str) -> PartnershipView:
    partnership, proposal, *_ = _party(session, actor, partnership_id)
    possible = _allowed(partnership)
    if move not in possible:
        raise moves.illegal("The partnership", partnership.state, possible, "You may", "Nothing is left to end here.")
    moves.step(session, partnership, Partnership.state.in_(RUNNING), moved=MOVED, ended_at=utcnow(), **values)
    if not matching.counts_meetings(proposal.program):
        seats.give_back(session, (proposal.mentee_id, proposal.mentor_id))
    introductions.cancel(session, [proposal.id])
    _tell(session, actor, partnership, proposal)
    return show(session, actor, partnership_id)


def _tell(session: Session, actor: Actor, partnership: Partnership, proposal: Proposal) -> None:
    """Note the end in the log, and owe it to both organisations; the reason is read where the partnership is."""
    event, subject = f"partnership.{partnership.state}", f"partnership:{partnership.id}"
    audit.record(session, actor, event, subject)
    parties = {proposal.mentee_organisation_id, proposal.mentor_organisation_id}
    outbox.owe(session, parties, event, subject, {"state": partnership.state, "proposal": proposal.id})


def _allowed(partnership: Partnership) -> tuple[str, ...]:
    """Return what either side may do now: one table for pages, API and refusals."""
    return MOVES if partnership.state in RUNNING else ()


def _party(session: Session, actor: Actor, partnership_id: str) -> Found:
    found = session.execute(_seen_by(actor).where(Partnership.id == partnership_id)).one_or_none()
    if found is None:
        raise Problem("not-found", "Check the partnership's id in the list of partnerships.")
    return found


def _seen_by(actor: Actor) -> Select[Partnership, Proposal, str | None, str | None]:
    sides = (Proposal.mentee_organisation_id, Proposal.mentor_organisation_id)
    return (
        select(Partnership, Proposal, MENTEE.pseudonym, MENTOR.pseudonym)
        .join(Proposal, Proposal.id == Partnership.proposal_id)
        .outerjoin(MENTEE, and_(MENTEE.id == Proposal.mentee_id, MENTEE.organisation_id == actor.organisation))
        .outerjoin(MENTOR, and_(MENTOR.id == Proposal.mentor_id, MENTOR.organisation_id == actor.organisation))
        .where(or_(*(side == actor.organisation for side in sides)))
    )


def _names(session: Session) -> Mapping[str, str]:
    return {one.id: one.name for one in session.execute(select(Organisation.id, Organisation.name))}


def _view(actor: Actor, found: Found, names: Mapping[str, str]) -> PartnershipView:
    partnership, proposal, mentee, mentor = found
    sides = sides_of(actor, proposal)
    return PartnershipView(
        id=partnership.id,
        proposal_id=proposal.id,
        state=partnership.state,
        program=proposal.program,
        mine="both" if len(sides) == 2 else sides[0],
        mentee_organisation_id=proposal.mentee_organisation_id,
        mentee_organisation_name=names[proposal.mentee_organisation_id],
        mentor_organisation_id=proposal.mentor_organisation_id,
        mentor_organisation_name=names[proposal.mentor_organisation_id],
        my_pseudonyms={side: name for side, name in (("mentee", mentee), ("mentor", mentor)) if name},
        days=((partnership.ended_at or utcnow()) - partnership.created_at).days,
        allowed=_allowed(partnership),
        end_reason=partnership.end_reason,
        created_at=partnership.created_at,
        updated_at=partnership.updated_at,
        ended_at=partnership.ended_at,
    )
