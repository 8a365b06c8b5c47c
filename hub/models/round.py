"""A round: one reproducible optimisation over a pool, and what it did for each organisation."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow


class Round(Base):
    """A solved round. ``drafted`` until a person publishes it: then its pairs become proposals."""

    __tablename__ = "round"
    __table_args__ = (CheckConstraint(one_of("state", ("drafted", "published")), name="state"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(String(10), default="drafted")
    program: Mapped[str] = mapped_column(String(40))
    policy: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    certificate: Mapped[dict[str, Any]]
    mentees: Mapped[int]
    mentors: Mapped[int]
    pairs: Mapped[int]
    placed: Mapped[int]
    placed_across: Mapped[int]
    points: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    published_at: Mapped[datetime | None]


class RoundShare(Base):
    """What one organisation's mentees got: alone, and in the round. Never fewer than alone."""

    __tablename__ = "round_share"
    __table_args__ = (CheckConstraint("placed >= placed_alone OR NOT guaranteed", name="no_worse_off"),)

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    guaranteed: Mapped[bool] = mapped_column(default=True)
    mentees: Mapped[int]
    placed_alone: Mapped[int]
    placed: Mapped[int]
    placed_across: Mapped[int]
    mentors_lent: Mapped[int]
    """Seats of this organisation's mentors taken by other organisations' mentees."""
