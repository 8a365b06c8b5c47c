"""Alerts: that an organisation's questions look like probing for the people of another. No person's field, and no person."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of

KINDS = ("copies", "near_copies", "one_mentor", "one_mentee", "many_mentors", "ended")
"""What an alert is about; services/alerts.py says when each is raised."""


class Alert(Base):
    """Raised for one organisation whose people were shown, about the one that looked; the same again after a week."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        # Of two workers that find the same at once, one raises it.
        UniqueConstraint("kind", "viewer_id", "owner_id", "raised_on"),
        Index("ix_alert_owner", "owner_id", "raised_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    viewer_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    raised_on: Mapped[date]
    raised_at: Mapped[datetime] = mapped_column(index=True)
