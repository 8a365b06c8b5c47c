"""The audit log as an organisation reads it: all it did itself, and what others did or asked about what it is party to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from hub.models import (
    AuditEntry,
    Client,
    Coordinator,
    GatheringParty,
    Partnership,
    PossibleDuplicate,
    Profile,
    Proposal,
    Referral,
    WithdrawalNotice,
)
from hub.reach import Reach, widened
from hub.services.actors import Actor

# Of others' entries: what they did to a thing this organisation is party to, and who asked for it in vain.
SHOWN_OF_OTHERS: Final = ("done", "not-found")


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as an organisation may read it.

    Of its own it sees everything, and can work out the hash itself; ``person`` is its own pseudonym behind the subject and
    ``account`` its user name, while they last. Of another's it sees the organisation and what was done, not who did it;
    ``organisation`` is empty for the hub itself.
    """

    number: int
    at: datetime
    organisation: str | None
    operation: str
    subject: str
    outcome: str
    mine: bool
    actor: str | None
    account: str | None
    person: str | None
    previous_hash: str | None
    entry_hash: str | None


def listed(session: Session, actor: Actor, limit: int, before: int | None = None) -> list[EntryView]:
    """Return what the acting organisation may read, newest first, from below number ``before``.

    Raises
    ------
    Problem
        ``not-allowed`` for who belongs to no organisation.
    """
    query = select(AuditEntry).where(_readable(actor.organisation))
    if before is not None:
        query = query.where(AuditEntry.number < before)
    # The query itself holds to what this organisation did and is party to.
    with widened(session, Reach.NETWORK):
        found = session.scalars(query.order_by(AuditEntry.number.desc()).limit(limit)).all()
    own = Profile.organisation_id == actor.organisation
    people = _names(session, Profile.id, Profile.pseudonym, own, {_id_of(one.subject) for one in found})
    ours = Coordinator.organisation_id == actor.organisation
    accounts = _names(session, Coordinator.id, Coordinator.username, ours, {one.actor for one in found})
    return [_view(one, actor, people, accounts) for one in found]


def _readable(organisation: str) -> ColumnElement[bool]:
    about = or_(AuditEntry.subject.in_(_subjects(organisation)), _before_it_left(organisation))
    return or_(AuditEntry.organisation_id == organisation, and_(AuditEntry.outcome.in_(SHOWN_OF_OTHERS), about))


def _before_it_left(organisation: str) -> ColumnElement[bool]:
    """What was done to a gathering that this organisation left, until it left: of what became of it nothing is told."""
    own = aliased(AuditEntry)
    leaving = (
        own.organisation_id == organisation,
        own.operation == "gathering.left",
        own.subject == AuditEntry.subject,
    )
    since = select(own.number).where(*leaving, own.number < AuditEntry.number).exists()
    party = (GatheringParty.organisation_id == organisation, GatheringParty.word == "left")
    return and_(AuditEntry.subject.in_(_subject("gathering", GatheringParty.gathering_id, and_(*party))), ~since)


def _subjects(organisation: str) -> Select[str]:
    """Return the subjects this organisation is party to, as entries write them; drafts of a round are nobody's yet."""
    sides = or_(Proposal.mentee_organisation_id == organisation, Proposal.mentor_organisation_id == organisation)
    parts = (
        _subject("proposal", Proposal.id, and_(sides, Proposal.state != "drafted")),
        _subject("partnership", Partnership.id, Partnership.proposal_id.in_(select(Proposal.id).where(sides))),
        _subject("introduction", Proposal.id, and_(sides, Proposal.state == "agreed")),
        _subject(
            "referral", Referral.id, or_(Referral.sender_id == organisation, Referral.receiver_id == organisation)
        ),
        _subject(
            "duplicate",
            PossibleDuplicate.id,
            or_(
                PossibleDuplicate.a_organisation_id == organisation, PossibleDuplicate.b_organisation_id == organisation
            ),
        ),
        _subject(
            "gathering",
            GatheringParty.gathering_id,
            and_(GatheringParty.organisation_id == organisation, GatheringParty.word != "left"),
        ),
        # Who withdrew a person sees who confirmed that what they held is gone.
        _subject(
            "withdrawal",
            WithdrawalNotice.id,
            or_(WithdrawalNotice.owner_id == organisation, WithdrawalNotice.told_id == organisation),
        ),
        _subject("client", Client.id, Client.organisation_id == organisation),
        _subject("coordinator", Coordinator.id, Coordinator.organisation_id == organisation),
        select(literal(f"organisation:{organisation}").label("subject")),
    )
    return select(union_all(*parts).subquery().c.subject)


def _subject(noun: str, identifier: InstrumentedAttribute[str], theirs: ColumnElement[bool]) -> Select[str]:
    return select((literal(f"{noun}:") + identifier).label("subject")).where(theirs)


def _names(
    session: Session,
    identifier: InstrumentedAttribute[str],
    name: InstrumentedAttribute[str],
    own: ColumnElement[bool],
    wanted: Collection[str],
) -> dict[str, str]:
    found = session.execute(select(identifier, name).where(own, identifier.in_(wanted)))
    return {row[0]: row[1] for row in found}


def _id_of(subject: str) -> str:
    return subject.partition(":")[2]


def _view(entry: AuditEntry, actor: Actor, people: dict[str, str], accounts: dict[str, str]) -> EntryView:
    mine = entry.organisation_id == actor.organisation
    return EntryView(
        number=entry.number,
        at=entry.at,
        organisation=entry.organisation_id,
        operation=entry.operation,
        subject=entry.subject,
        outcome=entry.outcome,
        mine=mine,
        actor=entry.actor if mine else None,
        account=accounts.get(entry.actor) if mine else None,
        person=people.get(_id_of(entry.subject)) if mine else None,
        previous_hash=entry.previous_hash if mine else None,
        entry_hash=entry.entry_hash if mine else None,
    )
