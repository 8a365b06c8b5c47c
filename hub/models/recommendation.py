"""What was recommended to whom: the handle by which a coordinator may propose."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, utcnow


class Recommendation(Base):
    """A ranked suggestion shown to one organisation. The handle is random and of this viewer and pair only."""

    __tablename__ = "recommendation"
    __table_args__ = (Index("ix_recommendation_pair", "mentee_id", "mentor_id"),)

    handle: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    mentee_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    mentor_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    points: Mapped[int]
    parts: Mapped[dict[str, Any]]
    reasons: Mapped[dict[str, Any]]
    shown_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)
