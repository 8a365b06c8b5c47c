"""Mentors who rest after mentoring: for how long is this hub's setting, from when is what ended last."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Gathering, GatheringMember, Partnership, Proposal
from hub.reach import Reach, widened


def after_mentoring(session: Session, today: date) -> frozenset[str]:
    """Return who rests today because a partnership or group of theirs ended fewer days ago than a rest lasts (profile ids).

    A flash meeting is one hour of one month, and no reason to rest. Cost: two queries; none where the setting is 0.
    """
    days: int = session.info["mentor_rest_days"]
    if not days:
        return frozenset()
    since = datetime.combine(today - timedelta(days=days - 1), time.min, UTC)
    pairs = (
        select(Proposal.mentor_id)
        .join(Partnership, Partnership.proposal_id == Proposal.id)
        .where(Partnership.ended_at >= since, Proposal.program != "flash")
    )
    # Nothing moves a gathering that ended, so its last change is its end.
    groups = (
        select(GatheringMember.profile_id)
        .join(Gathering, Gathering.id == GatheringMember.gathering_id)
        .where(GatheringMember.role == "mentor", Gathering.state == "ended", Gathering.updated_at >= since)
    )
    # Whom a mentor mentored is others' too; only that they rest leaves here.
    with widened(session, Reach.HUB):
        found = [*session.scalars(pairs), *session.scalars(groups)]
    return frozenset(one for one in found if one)
