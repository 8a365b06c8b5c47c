"""The agreements a gathering rests on: a question ends with one of them, and what all said yes to stays."""

from itertools import permutations

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from federation.problems import Problem
from hub.models import Agreement, Gathering, GatheringMember, utcnow
from hub.reach import Reach, widened
from hub.services import gathering_moves


def demand(session: Session, gathering: Gathering) -> None:
    """Refuse where an agreement that a gathering rests on ended since it was asked about.

    A group rests on those by which the mentor's organisation shares with each mentee's; a pair or a circle on those of each two
    organisations, both ways.

    Raises
    ------
    Problem
        ``no-longer-available``.
    """
    # Third parties' agreements count as well: their people are in it.
    with widened(session, Reach.NETWORK):
        here = select(GatheringMember.organisation_id, GatheringMember.role)
        people = session.execute(here.where(GatheringMember.gathering_id == gathering.id, GatheringMember.open)).all()
        everybody = {organisation for organisation, _ in people}
        sharing = {one for one, role in people if role == "mentor"} if gathering.kind == "group" else everybody
        needed = {(one, other) for one, other in permutations(everybody, 2) if one in sharing}
        holds = (Agreement.sharing_id.in_(sharing), Agreement.holds_on(utcnow().date()))
        held = session.execute(select(Agreement.sharing_id, Agreement.receiving_id).where(*holds))
        missing = needed - {(one, other) for one, other in held}
    if missing:
        raise Problem("no-longer-available", "Somebody in it is no longer available: look for another suggestion.")


def take_back(session: Session, sharing_id: str, receiving_id: str) -> None:
    """End the questions that rest on what one organisation shared with another, and tell everybody who was asked."""
    shared, other = aliased(GatheringMember), aliased(GatheringMember)
    theirs = (shared.organisation_id == sharing_id, other.organisation_id == receiving_id, shared.open, other.open)
    both = select(shared.gathering_id).join(other, other.gathering_id == shared.gathering_id).where(*theirs)
    resting = Gathering.id.in_(both.where(or_(Gathering.kind != "group", shared.role == "mentor")).correlate(Gathering))
    ended = update(Gathering).where(resting, Gathering.state == "proposed")
    # A question is every organisation's in it, and ends for all of them.
    with widened(session, Reach.HUB):
        values = ended.values(state="withdrawn", updated_at=utcnow()).returning(Gathering.id)
        found = session.scalars(values.execution_options(synchronize_session=False)).all()
    gathering_moves.close(session, found)
    for gathering_id in sorted(found):
        gathering_moves.tell_all(session, gathering_id, "no_longer_available", {})
