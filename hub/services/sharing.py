"""What a member decides about sharing: how long it looks near first, and which of its agreements go on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, aliased

from federation.documents import MOST_LOCAL_DAYS
from federation.problems import FieldError, Problem
from hub.models import Agreement, Organisation, Proposal, utcnow
from hub.reach import Reach, widened
from hub.services import audit, gathering_agreements, outbox
from hub.services.actors import Actor

DAYS: Final = "A whole number of days from 0 (off) to 90."
State = Literal["to_come", "current", "over", "withdrawn"]


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One agreement as a side of it sees it: whose mentors the other may be matched with, and until when."""

    id: str
    sharing_id: str
    sharing_name: str
    receiving_id: str
    receiving_name: str
    starts_on: date
    ends_on: date | None
    withdrawn_at: datetime | None
    state: State
    mine: Literal["sharing", "receiving"]

    @property
    def may_end(self) -> bool:
        """Whether there is something left to withdraw."""
        return self.state in {"to_come", "current"}


@dataclass(frozen=True, slots=True)
class SharingView:
    """A member's own decisions about sharing."""

    local_first_days: int
    agreements: tuple[AgreementView, ...]


def show(session: Session, actor: Actor, today: date) -> SharingView:
    """Return the acting member's window, and the agreements it is a side of: those that hold first, then by name."""
    sharing, receiving = aliased(Organisation), aliased(Organisation)
    query = (
        select(Agreement, sharing.name.label("giver"), receiving.name.label("taker"))
        .join(sharing, sharing.id == Agreement.sharing_id)
        .join(receiving, receiving.id == Agreement.receiving_id)
        .where(_side(actor))
    )
    found = [_view(actor, row.Agreement, row.giver, row.taker, today) for row in session.execute(query)]
    found.sort(key=lambda one: (not one.may_end, one.sharing_name, one.receiving_name, one.starts_on, one.id))
    return SharingView(session.get_one(Organisation, actor.organisation).local_first_days, tuple(found))


def look_near_first(session: Session, actor: Actor, organisation_id: str, days: int) -> None:
    """Let an organisation's mentees be matched near first for some days from when each began to wait; 0: not at all.

    Raises
    ------
    Problem
        ``invalid-fields`` for days below 0 or above 90, ``not-found`` for who is no member.
    """
    if not 0 <= days <= MOST_LOCAL_DAYS:
        raise Problem("invalid-fields", DAYS, errors=[FieldError("/local_first_days", DAYS)])
    theirs = update(Organisation).where(Organisation.id == organisation_id).values(local_first_days=days)
    if session.scalars(theirs.returning(Organisation.id)).one_or_none() is None:
        raise Problem("not-found", f"{organisation_id} is not a member: add it first.")
    audit.record(session, actor, "sharing.local_first", f"organisation:{organisation_id}")


def withdraw(session: Session, actor: Actor, agreement_id: str, today: date) -> None:
    """End an agreement the actor is a side of, at once: nobody is matched under it from now on.

    Questions of the receiving side about the sharing side's mentors are taken back, and those of gatherings that rest on it,
    unless another agreement of the two still holds. What all said yes to stays: people rely on it.

    Raises
    ------
    Problem
        ``not-found`` for what the actor is no side of, ``illegal-move`` for an agreement that ended before.
    """
    found = session.scalars(select(Agreement).where(Agreement.id == agreement_id, _side(actor))).one_or_none()
    if found is None:
        raise Problem("not-found", "Look at your agreements again: this one is not among them.")
    end(session, actor, found, today)


def withdraw_all(session: Session, actor: Actor, sharing_id: str, receiving_id: str, today: date) -> None:
    """End every agreement by which one member shares with another: an operator's word for both.

    Raises
    ------
    Problem
        ``not-found`` when there is none that holds or is to come.
    """
    both = (Agreement.sharing_id == sharing_id, Agreement.receiving_id == receiving_id)
    standing = session.scalars(select(Agreement).where(*both, _not_over(today)).order_by(Agreement.id)).all()
    if not standing:
        raise Problem("not-found", f"{sharing_id} shares with {receiving_id} by no agreement.")
    for one in standing:
        end(session, actor, one, today)


def end(session: Session, actor: Actor, agreement: Agreement, today: date) -> None:
    """Withdraw one agreement, take back what was asked under it, and tell both sides."""
    moved = update(Agreement).where(Agreement.id == agreement.id, _not_over(today)).values(withdrawn_at=utcnow())
    if session.scalars(moved.returning(Agreement.id)).one_or_none() is None:
        raise Problem("illegal-move", "This agreement ended before: nothing is matched under it.")
    session.refresh(agreement)
    sides = (agreement.sharing_id, agreement.receiving_id)
    name = f"agreement:{agreement.sharing_id}>{agreement.receiving_id}"
    audit.record(session, actor, "agreement.withdraw", name)
    outbox.owe(session, sides, "agreement.withdrawn", name, {"sharing": sides[0], "receiving": sides[1]})
    still = (Agreement.sharing_id == sides[0], Agreement.receiving_id == sides[1], Agreement.holds_on(today))
    if session.scalars(select(Agreement.id).where(*still)).first() is None:
        _take_back(session, *sides)
        gathering_agreements.take_back(session, *sides)


def _take_back(session: Session, sharing_id: str, receiving_id: str) -> None:
    """End the questions about one side's mentors for the other's mentees; a draft ends unheard, as nobody was told of it."""
    asked = (Proposal.mentor_organisation_id == sharing_id, Proposal.mentee_organisation_id == receiving_id)
    # A draft is nobody's yet, and a question the other side's too.
    with widened(session, Reach.HUB):
        drafts = update(Proposal).where(*asked, Proposal.state == "drafted")
        session.execute(drafts.values(state="superseded", updated_at=utcnow()))
        ended = update(Proposal).where(*asked, Proposal.state == "proposed")
        ids = session.scalars(ended.values(state="withdrawn", updated_at=utcnow()).returning(Proposal.id)).all()
    for proposal_id in sorted(ids):
        outbox.owe(session, (sharing_id, receiving_id), "proposal.no_longer_available", f"proposal:{proposal_id}", {})


def _side(actor: Actor) -> ColumnElement[bool]:
    return or_(Agreement.sharing_id == actor.organisation, Agreement.receiving_id == actor.organisation)


def _not_over(today: date) -> ColumnElement[bool]:
    lasting = or_(Agreement.ends_on.is_(None), Agreement.ends_on >= today)
    return lasting & Agreement.withdrawn_at.is_(None)


def _view(actor: Actor, one: Agreement, giver: str, taker: str, today: date) -> AgreementView:
    return AgreementView(
        id=one.id,
        sharing_id=one.sharing_id,
        sharing_name=giver,
        receiving_id=one.receiving_id,
        receiving_name=taker,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        withdrawn_at=one.withdrawn_at,
        state=_state(one, today),
        mine="sharing" if one.sharing_id == actor.organisation else "receiving",
    )


def _state(one: Agreement, today: date) -> State:
    if one.withdrawn_at is not None:
        return "withdrawn"
    if one.starts_on > today:
        return "to_come"
    return "current" if one.ends_on is None or one.ends_on >= today else "over"
