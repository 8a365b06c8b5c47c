"""Messages owed: written with the change, delivered later. And requests already answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.audit import Number
from hub.models.base import Base, new_id, utcnow


class OutboxMessage(Base):
    """A numbered event owed to one organisation; its feed reads in order of ``number``.

    Numbers come from ``Organisation.feed_number``, moved by one conditional update in the same transaction: so they have no
    gaps and become visible in order, and a reader that polls "after N" can never skip a slow writer's message.
    """

    __tablename__ = "outbox_message"

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), unique=True, default=new_id)
    type: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class IdempotentAnswer(Base):
    """What was answered to a request with an Idempotency-Key: the same request gets the same answer, once."""

    __tablename__ = "idempotent_answer"

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
