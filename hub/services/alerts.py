"""Alerts: whose questions look like probing for people, told to the organisations whose people were shown, and to operators.

Raised by the worker from what the guards keep anyway: no answer waits for it or takes longer because of it. An alert says that
somebody should ask; it holds no person, no code and no count. Planted profiles are left out on purpose (decision 0034).
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, delete, distinct, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.models import Alert, Exposure, Organisation, Proposal, Round
from hub.reach import Reach, widened
from hub.services import audit, outbox
from hub.services.actors import Actor, hub_itself
from hub.services.guards import KEPT, WEEK
from hub.settings import Settings

EVENT: Final = "alert.raised"
WATCHED: Final = timedelta(days=30)
"""How far back an operator sees."""
COPIED: Final = 2
NEAR: Final = 1
"""Likeness of a mentee and the first mentor of a list: occupation, place and years; occupation and place."""
Cause = tuple[str, str, str]
"""Kind, who looked, whose people."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """What an organisation is told: what kind, who looked at its people that way, and when it was raised."""

    kind: str
    organisation_id: str
    organisation_name: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """What an operator is told: who looked in what way, how many members were told, and when last."""

    kind: str
    organisation_name: str
    told: int
    last_at: datetime


def raise_due(session: Session, settings: Settings, now: datetime) -> int:
    """Raise what the last seven days give cause for; return how many. The same is not raised again within seven days.

    Notes
    -----
    Six grouped queries over a week of exposures and of proposals that ended: O(exposures of a week).
    """
    since = now - WEEK
    raised = select(Alert.kind, Alert.viewer_id, Alert.owner_id).where(Alert.raised_at > since)
    known = {(row.kind, row.viewer_id, row.owner_id) for row in session.execute(raised)}
    new = [cause for cause in sorted(set(_causes(session, settings, since)) - known) if _kept(session, cause, now)]
    for kind, _, owner in new:
        audit.record(session, hub_itself("alerts"), f"alert.{kind}", f"organisation:{owner}")
    outbox.owe_all(session, [(owner, EVENT, f"organisation:{viewer}", {"kind": kind}) for kind, viewer, owner in new])
    return len(new)


def _kept(session: Session, cause: Cause, now: datetime) -> bool:
    """Keep an alert; of two workers that found the same cause one does."""
    kind, viewer, owner = cause
    with suppress(IntegrityError), session.begin_nested():
        session.add(Alert(kind=kind, viewer_id=viewer, owner_id=owner, raised_on=now.date(), raised_at=now))
        session.flush()
        return True
    return False


def _causes(session: Session, settings: Settings, since: datetime) -> Iterator[Cause]:
    week = Exposure.shown_at > since
    copied, near = Exposure.likeness == COPIED, Exposure.likeness >= NEAR
    rules = (
        ("copies", copied, _most(copied, settings.alert_copies_per_week)),
        ("near_copies", near, _most(near, settings.alert_near_copies_per_week)),
        ("many_mentors", week, func.count(distinct(Exposure.mentor_id)) >= settings.alert_mentors_per_week),
    )
    for kind, concerned, many in rules:
        viewers = select(Exposure.viewer_id).where(week).group_by(Exposure.viewer_id).having(many)
        yield from _told(session, kind, _pairs().where(week, concerned, Exposure.viewer_id.in_(viewers)))
    of_one = _pairs().where(week).group_by(Exposure.mentor_id)
    yield from _told(session, "one_mentor", of_one.having(func.count() >= settings.alert_mentor_lists_per_week))
    again = Exposure.changes >= settings.alert_mentee_changes_per_week
    yield from _told(session, "one_mentee", _pairs().where(week, again))
    yield from _told(session, "ended", _ended(since, settings.alert_proposals_ended_per_week))


def _most(alike: ColumnElement[bool], fewest: int) -> ColumnElement[bool]:
    """Whether so many lists are alike, and half of a week's lists at least: a backlog asked for at once is no attack."""
    number = func.count().filter(alike)
    return and_(number >= fewest, 2 * number >= func.count(Exposure.likeness))


def _pairs() -> Select[str, str]:
    return select(Exposure.viewer_id, Exposure.owner_id).group_by(Exposure.viewer_id, Exposure.owner_id)


def _ended(since: datetime, many: int) -> Select[str, str]:
    """Return who proposed to whom so often in vain; what rounds ask does not count, nor what ended because somebody left."""
    published = select(Round.published_at).where(Round.id == Proposal.round_id).scalar_subquery()
    sides = (Proposal.mentee_organisation_id, Proposal.mentor_organisation_id)
    return (
        select(*sides)
        .where(
            Proposal.state.in_(("declined", "withdrawn")),
            Proposal.updated_at > since,
            or_(Proposal.round_id.is_(None), Proposal.created_at > published),
            Proposal.mentee_id.is_not(None),
            Proposal.mentor_id.is_not(None),
            Proposal.mentee_organisation_id != Proposal.mentor_organisation_id,
        )
        .group_by(*sides)
        .having(func.count() >= many)
    )


def _told(session: Session, kind: str, query: Select[str, str]) -> Iterator[Cause]:
    for viewer, owner in session.execute(query):
        yield kind, viewer, owner


def listed(session: Session, actor: Actor) -> tuple[AlertView, ...]:
    """Return the alerts raised for the actor's organisation in the last quarter, newest first."""
    query = (
        select(Alert.kind, Alert.viewer_id, Organisation.name, Alert.raised_at)
        .join(Organisation, Organisation.id == Alert.viewer_id)
        .where(Alert.owner_id == actor.organisation)
        .order_by(Alert.raised_at.desc(), Organisation.name, Alert.kind)
    )
    return tuple(AlertView(*row) for row in session.execute(query))


def watched(session: Session, now: datetime) -> tuple[Watch, ...]:
    """Return what was raised within ``WATCHED``, latest first; for operators, who see no people and no owner's own page."""
    last = func.max(Alert.raised_at)
    query = (
        select(Alert.kind, Organisation.name, func.count(distinct(Alert.owner_id)), last)
        .join(Organisation, Organisation.id == Alert.viewer_id)
        .where(Alert.raised_at > now - WATCHED)
        .group_by(Alert.kind, Organisation.name)
        .order_by(last.desc(), Organisation.name, Alert.kind)
    )
    # An operator's door sees no alert, and is told whom it is about and how many were told.
    with widened(session, Reach.HUB):
        return tuple(Watch(*row) for row in session.execute(query))


def delete_old(session: Session, now: datetime) -> int:
    """Delete alerts nobody looks back on any more, as exposures are; return how many."""
    return len(session.scalars(delete(Alert).where(Alert.raised_at <= now - KEPT).returning(Alert.id)).all())
