"""What a seat is in each program: a lasting place, of which reverse mentoring gives few, or a meeting of this month (flash)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import ConsentReceipt, Partnership, Profile, Proposal, utcnow
from hub.models.partnership import RUNNING
from hub.reach import Reach, widened
from hub.services import matching

GONE: Final = "This pair is no longer available: look for another recommendation."


@dataclass(frozen=True, slots=True)
class Held:
    """How many agreed pairs of one program count for each person today."""

    program: str
    pairs: Counter[str]

    def seats(self, profile: Profile) -> tuple[int, int]:
        """Return a person's seats in this program, and how many are taken; group and one-to-one go by the profile alone."""
        held = self.pairs[profile.id]
        if matching.counts_meetings(self.program):
            return (profile.seats if profile.kind == "mentor" else 1), held
        most = None if profile.kind == "mentee" or self.program == "group" else matching.mentees_at_most(self.program)
        if most is None:
            return profile.seats, profile.taken
        return min(profile.seats, profile.taken + max(most - held, 0)), profile.taken


def held(session: Session, program: str, today: date) -> Held:
    """Count the agreed pairs of a program: those of this month where it counts meetings, else those that still run.

    Cost: one query for each side where the program counts, none for the others.
    """
    if not (matching.counts_meetings(program) or program == "reverse"):
        return Held(program, Counter())
    found: Counter[str] = Counter()
    for side in (Proposal.mentee_id, Proposal.mentor_id):
        counted = _counting(select(side.label("person"), func.count().label("number")), program, today).group_by(side)
        # How full somebody is counts pairs with everybody; only numbers leave here.
        with widened(session, Reach.HUB):
            found.update({row.person: row.number for row in session.execute(counted) if row.person})
    return Held(program, found)


def asked(session: Session, program: str) -> Counter[str]:
    """Count the questions of a program that wait for an answer, for each person on either side. One query."""
    waiting = select(Proposal.mentee_id, Proposal.mentor_id).where(
        Proposal.state == "proposed", Proposal.program == program
    )
    # How many questions wait is counted over everybody's; only numbers leave here.
    with widened(session, Reach.HUB):
        return Counter(person for pair in session.execute(waiting) for person in pair if person)


def take_meeting(session: Session, profile_id: str | None, program: str, today: date, kind: str, detail: str) -> None:
    """Refuse one more pair of a counting program for a person who has no room in it; else nothing is written.

    The person's row stays locked until the transaction ends, so of two at once the second counts the first one's pair.

    Raises
    ------
    Problem
        ``no-longer-available`` for who left or whose consent ended, else ``kind`` with ``detail``.
    """
    current = (ConsentReceipt.profile_id == Profile.id, ConsentReceipt.until >= utcnow().date())
    query = select(Profile).join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
    person = session.scalars(
        query.where(Profile.id == profile_id, *current)
        .with_for_update(of=Profile)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if person is None:
        raise Problem("no-longer-available", GONE)
    seats, taken = held(session, program, today).seats(person)
    if taken >= seats:
        raise Problem(kind, detail)


def give_back(session: Session, people: Iterable[str | None]) -> None:
    """Free one lasting seat of each of these people who are still there, in one order.

    For pairs whose program counts meetings this is not to be called: they took none.
    """
    for person in sorted(one for one in people if one):
        seated = update(Profile).where(Profile.id == person, Profile.taken > 0)
        # One of the two is the other organisation's; the end of what it said yes to gives its seat back as well.
        with widened(session, Reach.HUB):
            session.execute(seated.values(taken=Profile.taken - 1).execution_options(synchronize_session=False))


def _counting(query: Select[str | None, int], program: str, today: date) -> Select[str | None, int]:
    agreed = query.join(Partnership, Partnership.proposal_id == Proposal.id).where(Proposal.program == program)
    if matching.counts_meetings(program):
        return agreed.where(Partnership.created_at >= datetime(today.year, today.month, 1, tzinfo=UTC))
    return agreed.where(Partnership.state.in_(RUNNING))
