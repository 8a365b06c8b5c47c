"""Who is in a gathering already, and whom a no set apart: what the next suggestions go by."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from hub.models import GatheringMember, GatheringParty

KINDS_OF: Final[Mapping[str, tuple[str, ...]]] = {"group": ("group",), "peer": ("pair", "circle")}
"""Program, as people ask for it in their formats: the kinds of gatherings it makes."""


def engaged(session: Session, kind: str) -> frozenset[str]:
    """Return who is in an open gathering of a kind (profile ids): asked about, or agreed."""
    wanted = (GatheringMember.kind == kind, GatheringMember.open)
    return frozenset(one for one in session.scalars(select(GatheringMember.profile_id).where(*wanted)) if one)


def declined(session: Session, program: str) -> frozenset[tuple[str, str]]:
    """Return whom a no set apart in a program: the people of whoever declined, from the others of that gathering.

    Pairs of mentee and mentor in groups, where members are never set apart from each other; of two peers else.
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
    query = select(theirs.profile_id, theirs.role, other.profile_id, other.role)
    found = session.execute(query.join(GatheringParty, said_no).join(other, together).where(theirs.kind.in_(kinds)))
    return frozenset(
        (second, first) if role == "mentor" else (first, second)
        for first, role, second, other_role in found
        if first and second and (program != "group" or "mentor" in (role, other_role))
    )
