"""Suggestions over the whole network (groups, pairs, circles): whom an organisation may be shown in them, and which totals.

Each person of others who is shown anew counts against the viewer's weekly budgets and is noted for the owner (decision 0022).
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from graph.people import Person
from hub.models import Profile, Tombstone
from hub.services import audit, guards
from hub.services.actors import Actor
from hub.services.statistics import SMALLEST_TOLD
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


def shown_total(count: int) -> int | None:
    """Withhold a count of the network below five, none at all being no secret."""
    return count if count >= SMALLEST_TOLD or count == 0 else None
