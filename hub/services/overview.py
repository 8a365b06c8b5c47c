"""What the operator of a network watches: members, drafts, alerts, who met a guard or is late, the audit chain. No people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import AuditEntry, AuditHead, Client, Organisation, Round
from hub.reach import Reach, widened
from hub.services import alerts, withdrawal_notices
from hub.services.actors import Actor
from hub.services.alerts import Watch
from hub.services.withdrawal_notices import Overdue

MET_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Member:
    """A member and its state: ``suspended``, ``unregistered`` (no system of its own yet), ``connected``."""

    id: str
    name: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A round that was run and waits for somebody to publish it."""

    id: str
    created_at: datetime
    mentees: int
    placed: int
    placed_across: int


@dataclass(frozen=True, slots=True)
class Met:
    """How often a member met a guard within ``MET_DAYS``, and when last: often may mean that it is probing."""

    organisation_name: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ChainState:
    """The audit chain: how long, what was handed to the members last and when, and where it was found broken."""

    number: int
    handed: str | None
    handed_at: datetime | None
    broken_number: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it."""

    members: tuple[Member, ...]
    drafts: tuple[Draft, ...]
    alerts: tuple[Watch, ...]
    met: tuple[Met, ...]
    overdue: tuple[Overdue, ...]
    chain: ChainState


def show(session: Session, actor: Actor, now: datetime) -> Overview:
    """Return what an operator watches.

    Raises
    ------
    Problem
        ``not-allowed`` to everybody else: drafts and guards are not for members.
    """
    if actor.role not in {"operator", "hub"}:
        raise Problem("not-allowed", "Sign in as an operator: this is what the network's operators watch.")
    return Overview(
        _members(session),
        _drafts(session),
        alerts.watched(session, now),
        _met(session, now - timedelta(days=MET_DAYS)),
        withdrawal_notices.overdue(session, now),
        _chain(session),
    )


def _members(session: Session) -> tuple[Member, ...]:
    registered = set(session.scalars(select(Client.organisation_id).where(Client.revoked_at.is_(None))))

    def state(one: Organisation) -> str:
        return "suspended" if one.suspended_at else "connected" if one.id in registered else "unregistered"

    found = session.scalars(select(Organisation).order_by(Organisation.name))
    return tuple(Member(one.id, one.name, one.kind, state(one)) for one in found)


def _drafts(session: Session) -> tuple[Draft, ...]:
    found = session.scalars(select(Round).where(Round.state == "drafted").order_by(Round.created_at.desc()))
    return tuple(Draft(one.id, one.created_at, one.mentees, one.placed, one.placed_across) for one in found)


def _met(session: Session, since: datetime) -> tuple[Met, ...]:
    times, last = func.count(), func.max(AuditEntry.number)
    met = (AuditEntry.outcome == "budget-spent", AuditEntry.at > since)
    counted = select(AuditEntry.organisation_id, times.label("times"), last.label("last")).where(*met)
    grouped = counted.group_by(AuditEntry.organisation_id).subquery()
    query = (
        select(Organisation.name, grouped.c.times, AuditEntry.at)
        .join(grouped, grouped.c.organisation_id == Organisation.id)
        .join(AuditEntry, AuditEntry.number == grouped.c.last)
        .order_by(grouped.c.times.desc(), Organisation.name)
    )
    # An operator reads no entry, and is told who met a guard how often.
    with widened(session, Reach.NETWORK):
        rows = session.execute(query).all()
    return tuple(Met(name, count, at) for name, count, at in rows)


def _chain(session: Session) -> ChainState:
    row = session.scalars(select(AuditHead)).one_or_none()
    if row is None:
        return ChainState(0, None, None, None)
    handed = f"{row.handed_number}:{row.handed_hash}" if row.handed_at else None
    return ChainState(row.number, handed, row.handed_at, row.broken_number)
