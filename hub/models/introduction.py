"""A sealed introduction: the hub carries it and cannot read it. And the key statements it relays."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, one_of, utcnow

STATES = ("due", "sealed", "delivered", "acknowledged", "failed", "cancelled")


class Introduction(Base):
    """Due once both sides agreed. The envelope is deleted on acknowledgement or after its days."""

    __tablename__ = "introduction"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("envelope IS NULL OR state IN ('sealed', 'delivered')", name="envelope_only_in_transit"),
    )

    proposal_id: Mapped[str] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    sender_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    recipient_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="due")
    envelope: Mapped[str | None] = mapped_column(Text)
    receipt: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class KeyStatement(Base):
    """One link of an organisation's key chain, relayed as it was signed."""

    __tablename__ = "key_statement"

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(default=utcnow)
