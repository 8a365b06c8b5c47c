"""A withdrawal reaches everybody who saw the record: each is told once, and says that what it held is gone.

A notice tells that somebody withdrew, never who, and not whose person it was: a list may have shown the codes without the
organisation's name. By the proposals it was party to, and the person's places in gatherings it was asked to, an organisation
finds the contact it was given.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select, union, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import (
    Client,
    Exposure,
    GatheringMember,
    GatheringParty,
    Organisation,
    Profile,
    Proposal,
    Recommendation,
    Referral,
    WithdrawalNotice,
    new_id,
    utcnow,
)
from hub.reach import Reach, widened
from hub.services import audit, outbox
from hub.services.actors import Actor

ACKNOWLEDGE_WITHIN: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=90)
"""As long as the trace of a withdrawal."""
EVENT: Final = "profile.withdrawn"


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as one of its two sides sees it: ``mine`` is "told" or "owner"; only who was told sees what it is about."""

    id: str
    mine: str
    told: str
    proposals: tuple[str, ...]
    places: tuple[str, ...]
    withdrawn_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class Reached:
    """One withdrawal of an own person: how many organisations were told, and how many confirmed."""

    withdrawn_at: datetime
    told: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many notices a member has not confirmed in time, and from when the oldest is."""

    organisation_name: str
    notices: int
    oldest_at: datetime


def tell(session: Session, profile_id: str, at: datetime) -> None:
    """Write a notice to every other organisation that saw a person, and owe it the event. Before the person is erased.

    Seen means: shown in a list or as a peer, party to a proposal or a gathering, sent as a referral. Four queries.
    """
    # Who saw whom is in rows of those who saw.
    with widened(session, Reach.HUB):
        owner = session.scalars(select(Profile.organisation_id).where(Profile.id == profile_id)).one_or_none()
        if owner is None:
            return
        parties = _parties(session, profile_id)
        seen = _viewers(session, profile_id) | parties.keys()
        places = _places(session, profile_id)
        told = {organisation: new_id() for organisation in sorted(seen - {owner})}
        session.add_all(
            WithdrawalNotice(
                id=notice,
                owner_id=owner,
                told_id=organisation,
                proposals=parties.get(organisation, []),
                places=places.get(organisation, []),
                withdrawn_at=at,
            )
            for organisation, notice in told.items()
        )
    outbox.owe_all(
        session,
        [
            (
                organisation,
                EVENT,
                f"withdrawal:{notice}",
                {"proposals": parties.get(organisation, []), "places": places.get(organisation, [])},
            )
            for organisation, notice in told.items()
        ],
    )


def listed(session: Session, actor: Actor) -> list[NoticeView]:
    """Return the notices to the acting organisation, those it has not confirmed first, then those of its own withdrawals."""
    mine = or_(WithdrawalNotice.told_id == actor.organisation, WithdrawalNotice.owner_id == actor.organisation)
    found = session.scalars(select(WithdrawalNotice).where(mine).order_by(*_NEWEST)).all()
    return sorted((_view(one, actor) for one in found), key=_rank)


def waiting(session: Session, actor: Actor, now: datetime) -> list[NoticeView]:
    """Return what a person has to confirm: everything open where no system is registered, else what its system left undone."""
    systems = (Client.organisation_id == actor.organisation, Client.revoked_at.is_(None))
    has_system = session.scalars(select(Client.id).where(*systems).limit(1)).first() is not None
    still_open = (WithdrawalNotice.told_id == actor.organisation, WithdrawalNotice.acknowledged_at.is_(None))
    found = [
        _view(one, actor) for one in session.scalars(select(WithdrawalNotice).where(*still_open).order_by(*_NEWEST))
    ]
    return [one for one in found if one.due_at <= now] if has_system else found


def acknowledge(session: Session, actor: Actor, notice_id: str) -> NoticeView:
    """Say for the acting organisation that what it held is gone. Once: who says it again changes nothing.

    Raises
    ------
    Problem
        ``not-found`` for anyone but the organisation that was told.
    """
    to_me = (WithdrawalNotice.id == notice_id, WithdrawalNotice.told_id == actor.organisation)
    moved = session.scalars(
        update(WithdrawalNotice)
        .where(*to_me, WithdrawalNotice.acknowledged_at.is_(None))
        .values(acknowledged_at=utcnow(), acknowledged_by=actor.role)
        .returning(WithdrawalNotice.id)
    ).one_or_none()
    found = session.scalars(
        select(WithdrawalNotice).where(*to_me).execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Problem("not-found", "No notice to your organisation has this id: list them first.")
    if moved is not None:
        audit.record(session, actor, "withdrawal.confirm", f"withdrawal:{notice_id}")
    return _view(found, actor)


def reached(session: Session, actor: Actor) -> list[Reached]:
    """Return how far the acting organisation's withdrawals reached, newest first; none that nobody had seen."""
    at, told, confirmed = WithdrawalNotice.withdrawn_at, func.count(), func.count(WithdrawalNotice.acknowledged_at)
    own = select(at, told, confirmed).where(WithdrawalNotice.owner_id == actor.organisation)
    return [Reached(*row) for row in session.execute(own.group_by(at).order_by(at.desc()))]


def overdue(session: Session, now: datetime) -> tuple[Overdue, ...]:
    """Return who has not confirmed in time, the most first. Counts only: for the operator, who sees no people."""
    count, oldest = func.count(), func.min(WithdrawalNotice.withdrawn_at)
    late = (WithdrawalNotice.acknowledged_at.is_(None), WithdrawalNotice.withdrawn_at <= now - ACKNOWLEDGE_WITHIN)
    query = (
        select(Organisation.name, count, oldest)
        .join(WithdrawalNotice, WithdrawalNotice.told_id == Organisation.id)
        .where(*late)
        .group_by(Organisation.id, Organisation.name)
        .order_by(count.desc(), Organisation.name)
    )
    # An operator reads no notice, and is told who owes how many.
    with widened(session, Reach.HUB):
        rows = session.execute(query).all()
    return tuple(Overdue(*row) for row in rows)


def delete_old(session: Session, now: datetime) -> int:
    """Delete notices with the traces of their withdrawals, confirmed or not; return how many."""
    gone = delete(WithdrawalNotice).where(WithdrawalNotice.withdrawn_at < now - KEPT).returning(WithdrawalNotice.id)
    return len(session.scalars(gone).all())


_NEWEST: Final = (WithdrawalNotice.withdrawn_at.desc(), WithdrawalNotice.id)


def _viewers(session: Session, profile_id: str) -> set[str]:
    """Return who was shown the person, was invited to gather with them, or got them as a referral."""
    seen = union(
        select(Exposure.viewer_id).where(Exposure.mentor_id == profile_id),
        select(Recommendation.organisation_id).where(Recommendation.mentor_id == profile_id),
        select(Referral.receiver_id).where(Referral.mentee_id == profile_id),
        select(GatheringParty.organisation_id)
        .join(GatheringMember, GatheringMember.gathering_id == GatheringParty.gathering_id)
        .where(GatheringMember.profile_id == profile_id),
    )
    return {str(organisation) for (organisation,) in session.execute(seen)}


def _parties(session: Session, profile_id: str) -> dict[str, list[str]]:
    """Return the proposals with the person by organisation, whatever became of them; of a draft nobody heard."""
    concerns = or_(Proposal.mentee_id == profile_id, Proposal.mentor_id == profile_id)
    rows = session.execute(
        select(Proposal.id, Proposal.mentee_organisation_id, Proposal.mentor_organisation_id)
        .where(concerns, Proposal.state != "drafted")
        .order_by(Proposal.id)
    )
    found: dict[str, list[str]] = {}
    for proposal, *organisations in rows:
        for organisation in set(organisations):
            found.setdefault(organisation, []).append(proposal)
    return found


def _places(session: Session, profile_id: str) -> dict[str, list[str]]:
    """Return the person's places in gatherings by organisation that was asked to them, whatever became of them."""
    asked = select(GatheringParty.organisation_id, GatheringMember.id).join(
        GatheringMember, GatheringMember.gathering_id == GatheringParty.gathering_id
    )
    found: dict[str, list[str]] = {}
    for organisation, place in session.execute(
        asked.where(GatheringMember.profile_id == profile_id).order_by(GatheringMember.id)
    ):
        found.setdefault(organisation, []).append(place)
    return found


def _rank(view: NoticeView) -> int:
    return 2 if view.mine == "owner" else int(view.acknowledged_at is not None)


def _view(found: WithdrawalNotice, actor: Actor) -> NoticeView:
    to_me = found.told_id == actor.organisation
    return NoticeView(
        id=found.id,
        mine="told" if to_me else "owner",
        told=found.told_id,
        proposals=tuple(found.proposals) if to_me else (),
        places=tuple(found.places) if to_me else (),
        withdrawn_at=found.withdrawn_at,
        due_at=found.withdrawn_at + ACKNOWLEDGE_WITHIN,
        acknowledged_at=found.acknowledged_at,
        acknowledged_by=found.acknowledged_by,
    )
