"""Messages owed to organisations: written with the change they tell of, read as a numbered feed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.models import Organisation, OutboxMessage
from hub.services.actors import Actor


def owe(session: Session, organisations: Iterable[str], kind: str, subject: str, data: Mapping[str, Any]) -> None:
    """Write one event for each organisation, in the caller's transaction: rolled back with it, kept with it.

    ``data`` holds ids and codes only. Organisations are taken in one order, so that two writers cannot deadlock.
    """
    for organisation in sorted(set(organisations)):
        number = session.scalars(
            update(Organisation)
            .where(Organisation.id == organisation)
            .values(feed_number=Organisation.feed_number + 1)
            .returning(Organisation.feed_number)
        ).one()
        session.add(
            OutboxMessage(organisation_id=organisation, number=number, type=kind, subject=subject, data=dict(data))
        )


def feed(session: Session, actor: Actor, after: int, limit: int) -> Sequence[OutboxMessage]:
    """Return the acting organisation's events numbered above ``after``, oldest first."""
    own = OutboxMessage.organisation_id == actor.organisation
    query = select(OutboxMessage).where(own, OutboxMessage.number > after)
    return session.scalars(query.order_by(OutboxMessage.number).limit(limit)).all()
