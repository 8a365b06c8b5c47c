"""Who is in a gathering already, and whom a no set apart: what the next suggestions go by."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from hub.models import Gathering, GatheringMember, GatheringParty

KINDS_OF: Final[Mapping[str, tuple[str, ...]]] = {"group": ("group",), "peer": ("pair", "circle")}
"""Program, as people ask for it in their formats: the kinds of gatherings it makes."""


def engaged(session: Session, kind: str) -> frozenset[str]:
    """Return who is in an open gathering of a kind (profile ids): asked about, or agreed."""
    wanted = (GatheringMember.kind == kind, GatheringMember.open)
    return frozenset(one for one in session.scalars(select(GatheringMember.profile_id).where(*wanted)) if one)


def declined(
    session: Session, program: str, cooling_since: datetime, lasting: Collection[str]
) -> frozenset[tuple[str | None, tuple[str, str]]]:
    """Return the reason and the two, where a no set people of whoever declined apart from the others of that gathering.

    Pairs of mentee and mentor in groups, where members are never set apart from each other; of two peers else. What was
    declined before ``cooling_since`` counts for ``lasting`` reasons alone.
    """
    kinds = KINDS_OF.get(program, ())
    if not kinds:
        return frozenset()
    theirs, other = aliased(GatheringMember), aliased(GatheringMember)
    said_no = and_(
        GatheringParty.gathering_id == theirs.gathering_id,
        GatheringParty.organisation_id == theirs.organisation_id,
        GatheringParty.word == "declined",
    )
    together = and_(other.gathering_id == theirs.gathering_id, other.organisation_id != theirs.organisation_id)
    still = or_(Gathering.updated_at >= cooling_since, Gathering.decline_reason.in_(lasting))
    query = (
        select(theirs.profile_id, theirs.role, other.profile_id, other.role, Gathering.decline_reason)
        .join(GatheringParty, said_no)
        .join(Gathering, Gathering.id == theirs.gathering_id)
        .join(other, together)
        .where(theirs.kind.in_(kinds), still)
    )
    return frozenset(
        (reason, (second, first) if role == "mentor" else (first, second))
        for first, role, second, other_role, reason in session.execute(query)
        if first and second and (program != "group" or "mentor" in (role, other_role))
    )
