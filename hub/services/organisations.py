"""Members of the network and the agreements between them."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.problems import FieldError, Problem
from federation.vocabularies import load as load_vocabularies
from hub.models import Agreement, Organisation, utcnow
from hub.models.organisation import KINDS
from hub.services import audit
from hub.services.actors import Actor

# It stands in addresses, files and key statements, and stays.
IDENTIFIER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """A member as every member sees it."""

    id: str
    name: str
    kind: str
    region: str


def add(session: Session, actor: Actor, identifier: str, name: str, kind: str, region: str) -> OrganisationView:
    """Add a member.

    Raises
    ------
    Problem
        ``invalid-fields`` for what cannot be a member, ``conflict`` when the identifier is taken.
    """
    errors = _faults(identifier, name, kind, region)
    if errors:
        raise Problem("invalid-fields", f"{errors[0].pointer[1:]}: {errors[0].detail}", errors=errors)
    if session.get(Organisation, identifier) is not None:
        raise Problem("conflict", f"{identifier} is a member already: choose another identifier.")
    member = Organisation(id=identifier, name=name, kind=kind, region=region)
    session.add(member)
    session.flush()
    audit.record(session, actor, "organisation.add", f"organisation:{identifier}")
    return _view(member)


def _faults(identifier: str, name: str, kind: str, region: str) -> list[FieldError]:
    found = {
        "/id": (IDENTIFIER.fullmatch(identifier), "Small letters, digits and hyphens, 40 at most."),
        "/name": (name.strip() and len(name) <= 200, "A name of at most 200 characters."),
        "/kind": (kind in KINDS, f"One of {', '.join(KINDS)}."),
        "/region": (load_vocabularies().has("region", region), "A region code; see config/vocabularies."),
    }
    return [FieldError(pointer, detail) for pointer, (good, detail) in found.items() if not good]


def everyone(session: Session) -> list[OrganisationView]:
    """Return all members, by name."""
    return [_view(member) for member in session.scalars(select(Organisation).order_by(Organisation.name))]


def agree(
    session: Session, actor: Actor, sharing_id: str, receiving_id: str, starts_on: date, ends_on: date | None = None
) -> None:
    """Record that ``sharing`` lets ``receiving`` be matched with its mentors; one direction.

    Raises
    ------
    Problem
        ``not-found`` for an unknown member, ``invalid-fields`` for one party or dates that end before they start,
        ``conflict`` when these two already have one from that day.
    """
    for identifier in (sharing_id, receiving_id):
        if session.get(Organisation, identifier) is None:
            raise Problem("not-found", f"{identifier} is not a member: add it first.")
    if sharing_id == receiving_id or (ends_on is not None and ends_on < starts_on):
        raise Problem("invalid-fields", "An agreement has two parties, and ends no earlier than it starts.")
    same = (Agreement.sharing_id == sharing_id, Agreement.receiving_id == receiving_id)
    standing = (*same, Agreement.starts_on == starts_on, Agreement.withdrawn_at.is_(None))
    if session.scalars(select(Agreement.id).where(*standing)).one_or_none() is not None:
        raise Problem("conflict", f"{sharing_id} shares with {receiving_id} from {starts_on} already: nothing to add.")
    session.add(Agreement(sharing_id=sharing_id, receiving_id=receiving_id, starts_on=starts_on, ends_on=ends_on))
    session.flush()
    audit.record(session, actor, "agreement.add", f"agreement:{sharing_id}>{receiving_id}")


def suspend(session: Session, actor: Actor, identifier: str) -> None:
    """Suspend a member: its systems and people are refused from the next request on, and its pool is left out.

    Raises
    ------
    Problem
        ``not-found`` when there is no such member in good standing.
    """
    active = (Organisation.id == identifier, Organisation.suspended_at.is_(None))
    moved = session.scalars(
        update(Organisation).where(*active).values(suspended_at=utcnow()).returning(Organisation.id)
    )
    if moved.one_or_none() is None:
        raise Problem("not-found", "There is no such member in good standing.")
    audit.record(session, actor, "organisation.suspend", f"organisation:{identifier}")


def reinstate(session: Session, actor: Actor, identifier: str) -> None:
    """Let a suspended member in again, with everything it shared before.

    Raises
    ------
    Problem
        ``not-found`` when no such member is suspended.
    """
    suspended = (Organisation.id == identifier, Organisation.suspended_at.is_not(None))
    moved = session.scalars(update(Organisation).where(*suspended).values(suspended_at=None).returning(Organisation.id))
    if moved.one_or_none() is None:
        raise Problem("not-found", "There is no such member under suspension.")
    audit.record(session, actor, "organisation.reinstate", f"organisation:{identifier}")


def sharing_with(session: Session, receiving_id: str, today: date) -> set[str]:
    """Return the organisations whose mentors a member may be matched with today, itself included."""
    current = (Agreement.receiving_id == receiving_id, Agreement.holds_on(today))
    query = select(Agreement.sharing_id).join(Organisation, Organisation.id == Agreement.sharing_id)
    return {receiving_id, *session.scalars(query.where(*current, Organisation.suspended_at.is_(None)))}


def _view(member: Organisation) -> OrganisationView:
    return OrganisationView(member.id, member.name, member.kind, member.region)
