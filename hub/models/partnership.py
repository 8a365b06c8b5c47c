"""A partnership: the mentoring relationship that an agreed proposal becomes."""

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow

RUNNING: Final = ("exploring", "agreed", "active")
OVER: Final = ("completed", "ended_early")


class Partnership(Base):
    """Moves by conditional update only. Whoever ends it says when: a mentor's rest is counted from then.

    An end is nobody's fault: who said it stands in the audit log alone. A withdrawal ends it early and gives no reason.
    """

    __tablename__ = "partnership"
    __table_args__ = (
        CheckConstraint(one_of("state", (*RUNNING, *OVER)), name="state"),
        CheckConstraint("(state IN ('completed', 'ended_early')) = (ended_at IS NOT NULL)", name="ended_with_its_day"),
        CheckConstraint("end_reason IS NULL OR state = 'ended_early'", name="reason_of_an_early_end"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    proposal_id: Mapped[str] = mapped_column(ForeignKey("proposal.id"), unique=True)
    state: Mapped[str] = mapped_column(String(12), default="exploring")
    end_reason: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    ended_at: Mapped[datetime | None]
