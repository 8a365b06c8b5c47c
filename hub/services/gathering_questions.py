"""What is written when a suggestion is proposed: within the week's budget, all its people at once, and who is shown to whom."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Exposure, Gathering, GatheringMember, GatheringParty, Profile, new_id, utcnow
from hub.reach import Reach, widened
from hub.services import guards
from hub.services.actors import Actor
from hub.services.gathering_suggestions import Suggestion

LOOK_AGAIN: Final = "This suggestion changed since you looked: look again, then propose what you see."
ENOUGH: Final = "Enough was proposed for one of these people this week: wait for answers, or propose again next week."


def require_budget(session: Session, actor: Actor, found: Suggestion, per_week: int) -> None:
    """Refuse one more proposal for a person than a week allows, counted for each of the actor's own.

    Raises
    ------
    Problem
        ``budget-spent``.
    """
    own = sorted(one.person for one in found.places if one.organisation == actor.organisation)
    session.execute(select(Profile.id).where(Profile.id.in_(own)).order_by(Profile.id).with_for_update())
    made = (Gathering.proposer_id == actor.organisation, Gathering.created_at > utcnow() - guards.WEEK)
    counted = select(func.count()).select_from(GatheringMember).join(Gathering).where(*made)
    most = session.scalars(
        counted.where(GatheringMember.profile_id.in_(own)).group_by(GatheringMember.profile_id)
    ).all()
    if max(most, default=0) >= per_week:
        raise Problem("budget-spent", ENOUGH, retry_after=round(guards.WEEK.total_seconds()))


def keep(session: Session, gathering: Gathering, found: Suggestion) -> None:
    """Write the question with all its people; whoever was asked meanwhile, or withdrew, makes it a changed suggestion.

    Raises
    ------
    Problem
        ``conflict``.
    """
    words = {one: "accepted" if one == gathering.proposer_id else "waiting" for one in found.organisations}
    parties = [GatheringParty(gathering_id=gathering.id, organisation_id=one, word=word) for one, word in words.items()]
    members = [
        GatheringMember(
            gathering_id=gathering.id,
            profile_id=one.person,
            organisation_id=one.organisation,
            kind=found.kind,
            role=one.role,
            facilitates=one.facilitates,
            points=one.points,
            card=one.card,
        )
        # In one order, so that of two that want the same people one waits for the other.
        for one in sorted(found.places, key=lambda place: place.person)
    ]
    try:
        with session.begin_nested():
            session.add(gathering)
            session.flush()
            # The others' people are asked about: the handle is the right to ask for just these.
            with widened(session, Reach.HUB):
                session.add_all([*parties, *members])
    except IntegrityError as error:
        raise Problem("conflict", LOOK_AGAIN) from error


def note_shown(session: Session, found: Suggestion) -> None:
    """Note for the owners who is shown to whom by the invitation; who was shown within the week was noted then."""
    now, shown = utcnow(), [one for one in found.places if one.card]
    wanted = {
        (viewer, one.person): one.organisation
        for viewer in found.organisations
        for one in shown
        if one.organisation != viewer
    }
    recent = (Exposure.shown_at > now - guards.WEEK, Exposure.mentor_id.in_([one.person for one in shown]))
    # Everybody who is invited sees the others: what is noted is not the actor's alone.
    with widened(session, Reach.HUB):
        known = {(row.viewer_id, row.mentor_id) for row in session.scalars(select(Exposure).where(*recent))}
        session.add_all(
            Exposure(id=new_id(), viewer_id=viewer, owner_id=owner, mentor_id=person, shown_at=now)
            for (viewer, person), owner in wanted.items()
            if (viewer, person) not in known
        )
