"""Who waits, and for how many rounds: read from what happened, so that it cannot drift from it."""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Final

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from hub.models import Partnership, Profile, Proposal, Round, utcnow
from hub.reach import Reach, widened
from hub.services import matching

NOBODY_ANSWERED: Final = ("drafted", "superseded")


@dataclass(frozen=True, slots=True)
class Waits:
    """When the rounds of one program were solved that somebody published, and when each mentee's last question was over."""

    rounds: tuple[datetime, ...] = ()
    last_asked: Mapping[str, datetime] = field(default_factory=dict)
    completed: Mapping[str, datetime] = field(default_factory=dict)
    """Whose last completed partnership of the program ended when; meetings are no such thing."""

    def for_nothing(self, mentee: Profile) -> bool:
        """Whether she has done what she set out to do, and her organisation says of no later day that she waits again."""
        ended = self.completed.get(mentee.id)
        return ended is not None and (mentee.waiting_since is None or mentee.waiting_since < ended.date())

    def of(self, mentee: Profile) -> int:
        """Return how many rounds came since she was shared, since the day she waits from, and since her last question."""
        since = max(mentee.created_at, self.last_asked.get(mentee.id, mentee.created_at))
        if mentee.waiting_since is not None:
            since = max(since, datetime.combine(mentee.waiting_since, time.min, UTC))
        return len(self.rounds) - bisect_right(self.rounds, since)


def read(session: Session, program: str, mentees: Collection[str] | None = None) -> Waits:
    """Read the waits of a program, of some mentees (ids) or of all. Three queries; two where no round of it was published.

    From a no, an expiry or the end of a partnership a mentee waits anew; while a question is open or a partnership lasts, for
    nothing. What was only drafted, or taken back by a repair, nobody answered: the wait goes on.
    """
    published = select(Round.created_at).where(Round.program == program, Round.published_at.is_not(None))
    rounds = tuple(session.scalars(published.order_by(Round.created_at)))
    completed = _completed(session, program, mentees)
    if not rounds:
        return Waits(completed=completed)
    lasts = and_(Partnership.id.is_not(None), Partnership.ended_at.is_(None))
    now, over = literal(utcnow(), Proposal.updated_at.type), func.coalesce(Partnership.ended_at, Proposal.updated_at)
    last = func.max(case((or_(Proposal.state == "proposed", lasts), now), else_=over))
    asked = select(Proposal.mentee_id, last).outerjoin(Partnership, Partnership.proposal_id == Proposal.id)
    conditions = [Proposal.program == program, Proposal.state.not_in(NOBODY_ANSWERED), Proposal.mentee_id.is_not(None)]
    if mentees is not None:
        conditions.append(Proposal.mentee_id.in_(mentees))
    # How others' pairs ended is theirs to read; only a number of rounds leaves here.
    with widened(session, Reach.HUB):
        rows = session.execute(asked.where(*conditions).group_by(Proposal.mentee_id))
        return Waits(rounds, {mentee: moment for mentee, moment in rows if mentee}, completed)


def _completed(session: Session, program: str, mentees: Collection[str] | None) -> dict[str, datetime]:
    if matching.counts_meetings(program):
        return {}
    last = select(Proposal.mentee_id, func.max(Partnership.ended_at)).join(
        Partnership, Partnership.proposal_id == Proposal.id
    )
    conditions = [Partnership.state == "completed", Proposal.program == program, Proposal.mentee_id.is_not(None)]
    if mentees is not None:
        conditions.append(Proposal.mentee_id.in_(mentees))
    # As above: only whether somebody waits leaves here.
    with widened(session, Reach.HUB):
        rows = session.execute(last.where(*conditions).group_by(Proposal.mentee_id))
        return {mentee: moment for mentee, moment in rows if mentee and moment}
