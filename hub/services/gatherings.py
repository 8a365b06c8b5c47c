"""One organisation invites the others to a suggested group, pair or circle; each answers for its own people.

No seat is held by a question. The last yes takes the mentor's seat and moves the gathering by conditional updates in one
transaction. Whoever is asked or agreed is in no second open gathering of the same kind.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Gathering, GatheringParty, new_id, utcnow
from hub.reach import Reach, widened
from hub.services import (
    gathering_agreements,
    gathering_moves,
    gathering_questions,
    gathering_suggestions,
    guards,
    moves,
)
from hub.services.actors import Actor
from hub.services.gathering_departures import end, leave
from hub.services.gathering_moves import MOVED
from hub.services.gathering_sight import view, views
from hub.services.gathering_views import GatheringView

__all__ = ["GatheringView", "accept", "decline", "end", "expire_due", "inbox", "leave", "propose", "show", "withdraw"]


def propose(
    session: Session,
    actor: Actor,
    kind: str,
    handle: str,
    days: int,
    *,
    per_week: int = guards.PROPOSALS_PER_WEEK,
) -> GatheringView:
    """Invite everybody whose people are in a suggestion; proposing is the actor's own yes.

    The suggestion is looked for again in this transaction, or an earlier look still stands (hub/services/standing_looks.py):
    who may not meet any more, is taken or withdrew is in no suggestion.
    Where all people are the actor's own it is agreed at once.

    Raises
    ------
    Problem
        ``conflict`` for a handle that names no suggestion of today to this organisation, or when somebody was asked meanwhile;
        ``budget-spent`` when this week's proposals for one of the own people are made; ``no-seat``.
    """
    # The whole network's people, to find out who is suggested; shown and kept is what the suggestion showed.
    with widened(session, Reach.NETWORK):
        found = gathering_suggestions.find(session, actor, kind, handle, utcnow().date())
    if found is None or actor.organisation not in found.organisations:
        raise Problem("conflict", gathering_questions.LOOK_AGAIN)
    gathering_questions.require_budget(session, actor, found, per_week)
    gathering = Gathering(
        id=new_id(),
        kind=found.kind,
        proposer_id=actor.organisation,
        waiting=len(found.organisations) - 1,
        noc=found.noc,
        languages=list(found.languages),
        slots=list(found.slots),
        reasons=found.reasons,
        expires_at=utcnow() + timedelta(days=days),
    )
    gathering_questions.keep(session, gathering, found)
    gathering_questions.note_shown(session, found)
    gathering_moves.tell(session, actor, gathering, "proposed")
    if gathering.waiting == 0:
        gathering_moves.hold(session, gathering)
        gathering_moves.agree(session, actor, gathering)
    return view(session, actor, gathering)


def look_first(session: Session, kind: str) -> None:
    """Look for suggestions where nobody waits for it, before `propose` looks again in the transaction that writes."""
    gathering_suggestions.look(session, kind, utcnow().date())


def accept(session: Session, actor: Actor, gathering_id: str) -> GatheringView:
    """Say yes for the actor's own people, after asking them; the last yes makes the gathering.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first, ``no-seat`` when the mentor is full,
        ``no-longer-available`` when a consent of anybody in it ended, or an agreement. On each of these nothing changes.
    """
    gathering = gathering_moves.movable(session, actor, gathering_id, "accept")
    gathering_agreements.demand(session, gathering)
    gathering_moves.hold(session, gathering)
    open_still = (Gathering.state == "proposed", Gathering.waiting > 0)
    moves.step(session, gathering, *open_still, moved=MOVED, waiting=Gathering.waiting - 1)
    gathering_moves.speak(session, actor, gathering, ("waiting",), "accepted")
    if gathering.waiting == 0:
        gathering_moves.agree(session, actor, gathering)
    else:
        gathering_moves.tell(session, actor, gathering, "accepted")
    return view(session, actor, gathering)


def decline(session: Session, actor: Actor, gathering_id: str, reason: str) -> GatheringView:
    """Say no, with a coded reason: it is over for everybody, and the actor's people are not suggested to these others again.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first.
    """
    gathering = gathering_moves.movable(session, actor, gathering_id, "decline")
    gathering_moves.move(session, gathering, "proposed", "declined", decline_reason=reason)
    gathering_moves.speak(session, actor, gathering, ("waiting", "accepted"), "declined")
    return gathering_moves.over(session, actor, gathering, "declined")


def withdraw(session: Session, actor: Actor, gathering_id: str) -> GatheringView:
    """Take back what the actor's organisation proposed, before everybody agreed.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first.
    """
    gathering = gathering_moves.movable(session, actor, gathering_id, "withdraw")
    gathering_moves.move(session, gathering, "proposed", "withdrawn")
    return gathering_moves.over(session, actor, gathering, "withdrawn")


def show(session: Session, actor: Actor, gathering_id: str) -> GatheringView:
    """Return one gathering to an organisation with people in it.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    return view(session, actor, gathering_moves.party(session, actor, gathering_id)[0])


def inbox(session: Session, actor: Actor, states: Collection[str] | None = None) -> list[GatheringView]:
    """Return the gatherings the actor's people are in or were asked to, newest first."""
    mine = (GatheringParty.gathering_id == Gathering.id, GatheringParty.organisation_id == actor.organisation)
    query = select(Gathering).join(GatheringParty, mine[0]).where(mine[1])
    if states is not None:
        query = query.where(Gathering.state.in_(states))
    return views(session, actor, session.scalars(query.order_by(Gathering.created_at.desc(), Gathering.id)).all())


def expire_due(session: Session, now: datetime) -> int:
    """Expire what not everybody answered in time; tell all of them. Return how many."""
    due = (Gathering.state == "proposed", Gathering.expires_at <= now)
    overdue = update(Gathering).where(*due).values(state="expired", updated_at=now)
    expired = session.scalars(overdue.returning(Gathering.id)).all()
    gathering_moves.close(session, expired)
    for gathering_id in expired:
        gathering_moves.tell_all(session, gathering_id, "expired", {})
    return len(expired)
