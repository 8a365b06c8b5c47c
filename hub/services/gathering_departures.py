"""Who goes from an agreed gathering: all of it at its end, one organisation with its people, or one person by a withdrawal."""

from typing import Any, Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Gathering, GatheringMember, Profile, utcnow
from hub.reach import Reach, widened
from hub.services import gathering_cancellations, gathering_moves
from hub.services.actors import Actor
from hub.services.gathering_moves import MOVED
from hub.services.gathering_sight import view
from hub.services.gathering_views import GatheringView

EMPTIED: Final[dict[str, Any]] = {"open": False, "points": 0, "card": {}, "facilitates": False}
"""What is left of a place whose person went: that somebody was there, and of whom."""


def end(session: Session, actor: Actor, gathering_id: str) -> GatheringView:
    """End an agreed gathering, whoever of its organisations says so; the mentor has the seat again.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first.
    """
    gathering = gathering_moves.movable(session, actor, gathering_id, "end")
    gathering_moves.move(session, gathering, "agreed", "ended")
    _free_seat(session, gathering)
    return gathering_moves.over(session, actor, gathering, "ended")


def leave(session: Session, actor: Actor, gathering_id: str) -> GatheringView:
    """Take the actor's own people out of an agreed gathering; it goes on among the others, who are told.

    Points and cards of those who left are erased. They may be suggested to anybody again, these others included: leaving is
    nobody's fault. A mentor among them has the seat again. Who is the last with people in it cannot leave: it ends it.

    Raises
    ------
    Problem
        ``not-found``, ``illegal-move``, ``conflict`` when someone moved first: ended it, or left it.
    """
    gathering = gathering_moves.movable(session, actor, gathering_id, "leave")
    # Its row first: of two that leave at once the second waits here, and then counts without the first.
    gathering_moves.move(session, gathering, "agreed", "agreed")
    here = gathering_moves.organisations_in(session, gathering.id)
    if actor.organisation not in here or len(here) == 1:
        raise Problem("conflict", MOVED)
    own = GatheringMember.organisation_id == actor.organisation
    _free_seat(session, gathering, own)
    # Told before the word is written: afterwards the actor's own systems would not hear of it.
    gathering_moves.tell(session, actor, gathering, "left")
    gathering_moves.speak(session, actor, gathering, ("accepted",), "left")
    out = update(GatheringMember).where(GatheringMember.gathering_id == gathering.id, own).values(EMPTIED)
    # Places are written by the hub alone: an organisation's own are changed only with its word.
    with widened(session, Reach.HUB):
        session.execute(out.execution_options(synchronize_session=False))
    gathering_cancellations.cancel_of(session, gathering.id, actor.organisation)
    return view(session, actor, gathering)


def forget(session: Session, profile_id: str) -> None:
    """Take a person out of every gathering and erase what was kept of them there; the others hear only that it happened.

    A question ends as withdrawn: it asked for just these people. What was agreed goes on among those who are left, and says so;
    its organisations end it when they wish. Called by the withdrawal, within the hub's reach and after the person's row is
    locked.
    """
    gathering_cancellations.cancel_for(session, profile_id)
    person = GatheringMember.profile_id == profile_id
    open_ones = set(session.scalars(select(GatheringMember.gathering_id).where(person, GatheringMember.open)))
    asked = update(Gathering).where(Gathering.id.in_(open_ones), Gathering.state == "proposed")
    ended = session.scalars(asked.values(state="withdrawn", updated_at=utcnow()).returning(Gathering.id)).all()
    gathering_moves.close(session, ended)
    gone = update(GatheringMember).where(person).values(EMPTIED | {"profile_id": None})
    session.execute(gone.execution_options(synchronize_session=False))
    for gathering_id in sorted(open_ones):
        event = "no_longer_available" if gathering_id in ended else "member_left"
        gathering_moves.tell_all(session, gathering_id, event, {})


def _free_seat(session: Session, gathering: Gathering, *whose: ColumnElement[bool]) -> None:
    """Give a group's mentor, where one is in it still, the seat back."""
    here = gathering_moves.members_of(gathering.id).where(GatheringMember.role == "mentor", *whose)
    seated = update(Profile).where(Profile.id == here.scalar_subquery(), Profile.taken > 0)
    # The mentor may be another organisation's.
    with widened(session, Reach.HUB):
        session.execute(seated.values(taken=Profile.taken - 1).execution_options(synchronize_session=False))
