"""Guards of the door to people: how many mentors one may be shown in a week, and how often one may ask.

Whoever may ask for mentors with real mentees can list the pool by asking with many, and weigh one mentor by asking with many
variants of one (trust.md, section 2). Budgets bound both. Own mentors cost nothing: an organisation knows them.
"""

from collections import Counter
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import AuditEntry, Exposure, Organisation, Profile, Proposal, Recommendation, Round, new_id, utcnow
from hub.services.actors import Actor
from hub.settings import Settings

WEEK: Final = timedelta(days=7)
# Weeks of exposures an owner can look back on; then they are deleted.
KEPT: Final = timedelta(weeks=13)
PROPOSALS_PER_WEEK: Final = 5
LISTED: Final = "recommendation.list"
RENEWED: Final = "recommendation.renew"
"""A list made anew within a week because the mentee changed."""
LISTS_SPENT: Final = (
    "This week's budget of mentors shown is spent: propose one already shown, or ask again when it renews."
)
PROPOSALS_SPENT: Final = "Enough was proposed for this mentee this week: wait for answers, or propose again next week."


@dataclass(slots=True)
class Budget:
    """What may still be shown to one organisation for one mentee this week."""

    viewer: str
    lists_each: int
    mentors_for_mentee: int
    mentors_for_organisation: int
    lists: Counter[str]
    """Lists in which each mentor was shown to the organisation."""
    seen_for_mentee: set[str]

    def admits(self, mentor: str, owner: str) -> bool:
        """Whether this mentor may be shown once more; counts it when so."""
        if owner == self.viewer:
            return True
        new_here, new_there = mentor not in self.seen_for_mentee, mentor not in self.lists
        if self.lists[mentor] >= self.lists_each:
            return False
        if new_here and len(self.seen_for_mentee) >= self.mentors_for_mentee:
            return False
        if new_there and len(self.lists) >= self.mentors_for_organisation:
            return False
        self.lists[mentor] += 1
        self.seen_for_mentee.add(mentor)
        return True


def budget(session: Session, actor: Actor, mentee_id: str, settings: Settings, now: datetime) -> Budget:
    """Return what is left this week. Until the transaction ends, nobody else of the organisation spends from it."""
    session.execute(select(Organisation.id).where(Organisation.id == actor.organisation).with_for_update())
    shown = (Exposure.viewer_id == actor.organisation, Exposure.shown_at > now - WEEK)
    lists = session.execute(
        select(Exposure.mentor_id, func.count().label("number")).where(*shown).group_by(Exposure.mentor_id)
    )
    listed = (Recommendation.mentee_id == mentee_id, Recommendation.listed_at > now - WEEK)
    seen = select(Recommendation.mentor_id).join(Profile, Profile.id == Recommendation.mentor_id)
    return Budget(
        viewer=actor.organisation,
        lists_each=settings.mentor_lists_per_week,
        mentors_for_mentee=settings.mentee_mentors_per_week,
        mentors_for_organisation=settings.organisation_mentors_per_week,
        lists=Counter({row.mentor_id: row.number for row in lists}),
        seen_for_mentee=set(session.scalars(seen.where(*listed, Profile.organisation_id != actor.organisation))),
    )


def admit_peers(
    session: Session, actor: Actor, peers: Iterable[tuple[str, str]], changed_at: datetime, settings: Settings
) -> set[str]:
    """Return which of some people, given with their owners, may be shown as peers now, and note who is shown anew.

    A peer who was shown since ``changed_at``, when an own person changed last, is shown again for nothing: it is the same
    answer. Else it counts as one more list, and under the budget of the organisation; there is none for one mentee, since
    each has one partner, or the few of a circle.
    """
    now = utcnow()
    left = budget(session, actor, "", settings, now)
    left.mentors_for_mentee = settings.organisation_mentors_per_week
    since = max(changed_at, now - WEEK)
    known = select(Exposure.mentor_id).where(Exposure.viewer_id == actor.organisation, Exposure.shown_at > since)
    again = set(session.scalars(known))
    asked = dict.fromkeys(peers)
    new = [(peer, owner) for peer, owner in asked if peer not in again and left.admits(peer, owner)]
    expose(session, actor, new, now)
    return {peer for peer, _ in new} | {peer for peer, _ in asked if peer in again}


def expose(
    session: Session,
    actor: Actor,
    mentors: Iterable[tuple[str, str]],
    now: datetime,
    *,
    likeness: int | None = None,
    changes: int = 0,
) -> None:
    """Note who is shown to the actor's organisation: pairs of mentor and owner, best first; own mentors are left out.

    ``likeness`` of the first of them and ``changes`` are what alerts go by (hub/models/recommendation.py).
    """
    others = [(mentor, owner) for mentor, owner in mentors if owner != actor.organisation]
    common = {"viewer_id": actor.organisation, "shown_at": now, "changes": changes}
    session.add_all(
        Exposure(id=new_id(), owner_id=owner, mentor_id=mentor, likeness=None if place else likeness, **common)
        for place, (mentor, owner) in enumerate(others)
    )


def changes(session: Session, actor: Actor, mentee_id: str, now: datetime) -> int:
    """Return how often in a week, this time included, a mentee's list is made anew because the mentee changed.

    From the audit log, which outlives lists. Cost: O(entries of the organisation), when a changed mentee is asked for.
    """
    again = (AuditEntry.operation == RENEWED, AuditEntry.subject == f"profile:{mentee_id}", AuditEntry.at > now - WEEK)
    own = AuditEntry.organisation_id == actor.organisation
    return 1 + session.scalars(select(func.count()).select_from(AuditEntry).where(own, *again)).one()


def require_list_budget(possible: Sized) -> None:
    """Refuse an empty list when there are mentors, and not one of them may be shown.

    Raises
    ------
    Problem
        ``budget-spent``.
    """
    if possible:
        raise Problem("budget-spent", LISTS_SPENT, retry_after=round(WEEK.total_seconds()))


def require_proposal_budget(session: Session, mentee_id: str, per_week: int, now: datetime) -> None:
    """Refuse one more proposal for a mentee than a week allows; what rounds ask does not count, what their repairs ask does.

    Raises
    ------
    Problem
        ``budget-spent``, with the seconds until the oldest one no longer counts.
    """
    session.execute(select(Profile.id).where(Profile.id == mentee_id).with_for_update())
    published = select(Round.published_at).where(Round.id == Proposal.round_id).scalar_subquery()
    by_a_person = or_(Proposal.round_id.is_(None), Proposal.created_at > published)
    made = (Proposal.mentee_id == mentee_id, by_a_person, Proposal.created_at > now - WEEK)
    moments = session.scalars(select(Proposal.created_at).where(*made).order_by(Proposal.created_at)).all()
    if len(moments) >= per_week:
        wait = moments[len(moments) - per_week] + WEEK - now
        raise Problem("budget-spent", PROPOSALS_SPENT, retry_after=max(1, round(wait.total_seconds())))


def delete_old(session: Session, now: datetime) -> int:
    """Delete exposures nobody looks back on any more; return how many."""
    found = session.execute(delete(Exposure).where(Exposure.shown_at <= now - KEPT).returning(Exposure.id))
    return len(found.all())
