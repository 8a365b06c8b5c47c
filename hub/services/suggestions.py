"""Suggestions over the whole network (groups, pairs, circles): whom an organisation may be shown in them, and how many wait.

Each person of others who is shown anew counts against the viewer's weekly budgets and is noted for the owner (decision 0022).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from graph.people import Person
from hub.models import Profile, Tombstone, utcnow
from hub.reach import Reach, widened
from hub.services import audit, guards
from hub.services.actors import Actor
from hub.services.grounds import of_members
from hub.services.statistics import Telling
from hub.settings import Settings


def own_pseudonyms(session: Session, actor: Actor) -> dict[str, str]:
    """Return the actor's own names of its people, by profile; whoever was withdrawn meanwhile is nobody's any more."""
    own = select(Profile.id, Profile.pseudonym).where(Profile.organisation_id == actor.organisation)
    return {row.id: row.pseudonym for row in session.execute(own)}


def admitted(
    session: Session, actor: Actor, people: Iterable[Person], operation: str, settings: Settings, *kinds: str
) -> set[str]:
    """Return which of others' people may be shown now: budgets are asked once for all; what is shown is noted and logged.

    ``kinds``: of which own people a change makes another answer. The same answer within a week costs nothing.
    """
    wanted = list(people)
    here = set(session.scalars(select(Profile.id).where(Profile.id.in_({one.id for one in wanted}))))
    asked = [(one.id, one.organisation) for one in wanted if one.id in here]
    if not asked:
        return set()
    audit.record(session, actor, operation, f"organisation:{actor.organisation}")
    return guards.admit_peers(session, actor, asked, changed_at(session, actor, *kinds), settings)


def changed_at(session: Session, actor: Actor, *kinds: str) -> datetime:
    """Return when the actor's own people changed last: one was pushed, or one was withdrawn."""
    pushed = select(func.max(Profile.updated_at)).where(
        Profile.organisation_id == actor.organisation, Profile.kind.in_(kinds)
    )
    # A trace does not say of whom it is: every withdrawal counts.
    withdrawn = select(func.max(Tombstone.withdrawn_at)).where(Tombstone.organisation_id == actor.organisation)
    found = (session.scalar(pushed), session.scalar(withdrawn))
    return max((moment for moment in found if moment), default=datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many mentees wait for a program: the actor's own, counted, and others' in fives, None below five."""

    mine: int
    others: int | None

    @property
    def total(self) -> int | None:
        """Return both together as far as may be told; None where that is nobody."""
        return self.mine + (self.others or 0) or None


def waiting(session: Session, actor: Actor, program: str, settings: Settings) -> Waiting:
    """Count who wants a program and has room for it, asked already or not.

    Of others nothing else is counted beside suggestions. Whoever was told how many of others found a place could add or take
    away people of their own, whom others are placed with, and feel for where the number jumps; these counts stand still.
    Cost: one read of who waits.
    """
    asked = (Profile.kind == "mentee", Profile.taken < Profile.seats)
    # Counts of the whole network; what may be told of others' is the telling's to say.
    with widened(session, Reach.NETWORK):
        found = session.execute(of_members(select(Profile.organisation_id, Profile.formats)).where(*asked)).all()
    owners = [owner for owner, formats in found if program in formats]
    mine = owners.count(actor.organisation)
    telling = Telling.of(settings, utcnow().date())
    return Waiting(mine, telling.told(len(owners) - mine, "waiting", program))
