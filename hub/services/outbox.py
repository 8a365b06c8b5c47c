"""Messages owed to organisations: written with the change they tell of, read as a numbered feed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.models import Organisation, OutboxMessage
from hub.reach import Reach, widened
from hub.services.actors import Actor

Owed = tuple[str, str, str, Mapping[str, Any]]
"""An organisation, and the event it is told: its type, its subject, its data."""


def owe(session: Session, organisations: Iterable[str], kind: str, subject: str, data: Mapping[str, Any]) -> None:
    """Write one event for each organisation, in the caller's transaction: rolled back with it, kept with it.

    ``data`` holds ids and codes only.
    """
    owe_all(session, [(organisation, kind, subject, data) for organisation in sorted(set(organisations))])


def owe_all(session: Session, owed: Iterable[Owed]) -> None:
    """Write many events, in their order; one numbering of the feed for each organisation, however many it is owed.

    Organisations are taken in one order, so that two writers cannot deadlock.
    """
    by_organisation: dict[str, list[Owed]] = {}
    for one in owed:
        by_organisation.setdefault(one[0], []).append(one)
    # An event is owed to the other party too; nobody but the hub writes in anybody's feed.
    with widened(session, Reach.HUB):
        _write(session, by_organisation)


def _write(session: Session, by_organisation: Mapping[str, list[Owed]]) -> None:
    for organisation in sorted(by_organisation):
        theirs = by_organisation[organisation]
        last = session.scalars(
            update(Organisation)
            .where(Organisation.id == organisation)
            .values(feed_number=Organisation.feed_number + len(theirs))
            .returning(Organisation.feed_number)
        ).one()
        session.add_all(
            OutboxMessage(organisation_id=organisation, number=number, type=kind, subject=subject, data=dict(data))
            for number, (_, kind, subject, data) in enumerate(theirs, last - len(theirs) + 1)
        )


def feed(session: Session, actor: Actor, after: int, limit: int) -> Sequence[OutboxMessage]:
    """Return the acting organisation's events numbered above ``after``, oldest first."""
    own = OutboxMessage.organisation_id == actor.organisation
    query = select(OutboxMessage).where(own, OutboxMessage.number > after)
    return session.scalars(query.order_by(OutboxMessage.number).limit(limit)).all()
