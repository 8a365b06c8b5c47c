"""What a withdrawal ends: the question that asked for the person; of what was agreed, only the person's own place."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.models import Gathering, GatheringMember, utcnow
from hub.services import gathering_moves


def leave(session: Session, profile_id: str) -> None:
    """Take a person out of every gathering and erase what was kept of them there; the others hear only that it happened.

    A question ends as withdrawn: it asked for just these people. What was agreed goes on among those who are left, and says so;
    its organisations end it when they wish. Called by the withdrawal, within the hub's reach and after the person's row is
    locked.
    """
    person = GatheringMember.profile_id == profile_id
    open_ones = set(session.scalars(select(GatheringMember.gathering_id).where(person, GatheringMember.open)))
    asked = update(Gathering).where(Gathering.id.in_(open_ones), Gathering.state == "proposed")
    ended = session.scalars(asked.values(state="withdrawn", updated_at=utcnow()).returning(Gathering.id)).all()
    gathering_moves.close(session, ended)
    gone: dict[str, Any] = {"profile_id": None, "open": False, "points": 0, "card": {}, "facilitates": False}
    session.execute(update(GatheringMember).where(person).values(gone).execution_options(synchronize_session=False))
    for gathering_id in sorted(open_ones):
        event = "no_longer_available" if gathering_id in ended else "member_left"
        gathering_moves.tell_all(session, gathering_id, event, {})
