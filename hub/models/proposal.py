"""A proposal: one organisation asks another for one pair."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow

STATES = ("drafted", "proposed", "agreed", "declined", "withdrawn", "expired", "superseded")
SIDES = ("waiting", "accepted", "declined")
PROGRAMS = ("one_to_one", "reverse", "flash")
OPEN = "state IN ('drafted', 'proposed', 'agreed')"


class Proposal(Base):
    """Moves by conditional update only. ``mentee_side`` and ``mentor_side`` are each organisation's word.

    Seats are taken at the second yes, in the same statement's transaction: no seat is held by a question.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("program", PROGRAMS), name="program"),
        CheckConstraint(one_of("mentee_side", SIDES), name="mentee_side"),
        CheckConstraint(one_of("mentor_side", SIDES), name="mentor_side"),
        CheckConstraint(
            "state <> 'agreed' OR (mentee_side = 'accepted' AND mentor_side = 'accepted')", name="agreed_by_both"
        ),
        Index(
            "uq_proposal_open_pair",
            "mentee_id",
            "mentor_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index("ix_proposal_mentee_organisation", "mentee_organisation_id", "state"),
        Index("ix_proposal_mentor_organisation", "mentor_organisation_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    round_id: Mapped[str | None] = mapped_column(ForeignKey("round.id"), index=True)
    mentee_id: Mapped[str | None] = mapped_column(ForeignKey("profile.id", ondelete="SET NULL"))
    mentor_id: Mapped[str | None] = mapped_column(ForeignKey("profile.id", ondelete="SET NULL"))
    mentee_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    mentor_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    program: Mapped[str] = mapped_column(String(20), default="one_to_one")
    """The format they would meet in; a flash meeting takes no lasting seat."""
    pinned: Mapped[bool] = mapped_column(default=False)
    """A coordinator's pin that its round kept: a repair leaves the question standing."""
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    mentee_side: Mapped[str] = mapped_column(String(10), default="waiting")
    mentor_side: Mapped[str] = mapped_column(String(10), default="waiting")
    mentee_acceptance: Mapped[str | None] = mapped_column(Text)
    mentor_acceptance: Mapped[str | None] = mapped_column(Text)
    decline_reason: Mapped[str | None] = mapped_column(String(40))
    points: Mapped[int]
    parts: Mapped[dict[str, Any]]
    reasons: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
