"""Cancel introductions of a gathering that were not opened, when it ends or somebody goes; their envelopes are deleted."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from federation.gathering_yes import introduced_by
from hub.models import Gathering, GatheringIntroduction, GatheringMember, utcnow
from hub.reach import Reach, widened
from hub.services import gathering_terms
from hub.services.gathering_introductions import LIVE


def cancel(session: Session, gathering_ids: Collection[str]) -> None:
    """Cancel what was not opened of gatherings that are over, and delete its envelopes."""
    _cancel(session, GatheringIntroduction.gathering_id.in_(gathering_ids))


def cancel_of(session: Session, gathering_id: str, organisation: str) -> None:
    """Cancel what was not opened from and to an organisation that left a gathering."""
    sides = (GatheringIntroduction.sender_id == organisation, GatheringIntroduction.recipient_id == organisation)
    _cancel(session, (GatheringIntroduction.gathering_id == gathering_id) & or_(*sides))


def cancel_for(session: Session, profile_id: str) -> None:
    """Cancel what was not opened of a person who withdraws: whatever holds the contact, and what comes for nobody else.

    What other people of the organisation are given by others goes on. Before the person is taken out.
    """
    here = (GatheringMember.profile_id == profile_id, GatheringMember.open)
    for member in session.scalars(select(GatheringMember).where(*here).order_by(GatheringMember.gathering_id)).all():
        question = gathering_terms.question_of(session, session.get_one(Gathering, member.gathering_id))
        if member.role != introduced_by(question, member.organisation_id):
            continue
        of_theirs = (
            GatheringMember.gathering_id == member.gathering_id,
            GatheringMember.organisation_id == member.organisation_id,
            GatheringMember.role == member.role,
            GatheringMember.open,
            GatheringMember.profile_id != profile_id,
        )
        if session.scalars(select(GatheringMember.id).where(*of_theirs).limit(1)).first() is None:
            cancel_of(session, member.gathering_id, member.organisation_id)
        else:
            from_them = GatheringIntroduction.sender_id == member.organisation_id
            _cancel(session, (GatheringIntroduction.gathering_id == member.gathering_id) & from_them)


def _cancel(session: Session, which: ColumnElement[bool]) -> None:
    over = update(GatheringIntroduction).where(which, GatheringIntroduction.state.in_(LIVE))
    values = {"state": "cancelled", "envelope": None, "updated_at": utcnow()}
    # Between other organisations too, whoever ended it.
    with widened(session, Reach.HUB):
        session.execute(over.values(values).execution_options(synchronize_session=False))
