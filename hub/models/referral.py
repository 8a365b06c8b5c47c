"""A referral: one organisation sends a person to another's program; and the facts that close the loop."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow

STATES = (
    "sent",
    "received",
    "accepted",
    "waitlisted",
    "scheduled",
    "attended",
    "no_show",
    "in_service",
    "completed",
    "declined",
    "withdrawn",
    "discontinued",
    "unreachable",
    "expired",
)
CLOSED = ("completed", "declined", "withdrawn", "discontinued", "unreachable", "expired")
STILL_OPEN = "state NOT IN (" + ", ".join(f"'{state}'" for state in CLOSED) + ")"


class Referral(Base):
    """Moves by conditional update; each state asserts a fact one side observed."""

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("state <> 'completed' OR outcome IS NOT NULL", name="closed_with_outcome"),
        Index(
            "uq_referral_open",
            "mentee_id",
            "program_id",
            unique=True,
            sqlite_where=text(STILL_OPEN),
            postgresql_where=text(STILL_OPEN),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    sender_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    receiver_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    mentee_id: Mapped[str | None] = mapped_column(ForeignKey("profile.id", ondelete="SET NULL"))
    program_id: Mapped[str] = mapped_column(ForeignKey("program.id"))
    intake_id: Mapped[str | None] = mapped_column(ForeignKey("intake.id", ondelete="SET NULL"))
    """The intake whose seat an acceptance took; given back when the person does not come."""
    reference: Mapped[str] = mapped_column(String(64))
    """One-time name of the person for the receiver; the sender's pseudonym is never shown."""
    step: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="sent")
    reason: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime | None]
    """When silence becomes an alert."""


class ReferralEvent(Base):
    """One fact, by whom and when."""

    __tablename__ = "referral_event"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(20))
    by_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
