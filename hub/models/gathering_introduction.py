"""A sealed introduction within a gathering: from one of its organisations to another. The hub carries it and cannot read it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, one_of, utcnow
from hub.models.introduction import STATES


class GatheringIntroduction(Base):
    """Due once all organisations agreed. The envelope is deleted on acknowledgement, cancellation or after its days."""

    __tablename__ = "gathering_introduction"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("sender_id <> recipient_id", name="to_another"),
        CheckConstraint("envelope IS NULL OR state IN ('sealed', 'delivered')", name="envelope_only_in_transit"),
    )

    gathering_id: Mapped[str] = mapped_column(ForeignKey("gathering.id"), primary_key=True)
    sender_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    recipient_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(12), default="due")
    envelope: Mapped[str | None] = mapped_column(Text)
    receipt: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
