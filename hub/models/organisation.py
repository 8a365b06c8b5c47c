"""A member of the network."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.documents import MOST_LOCAL_DAYS
from hub.models.base import Base, one_of, utcnow

KINDS = ("agency", "pin", "council", "provider", "partner")


class Organisation(Base):
    """An agency, professional immigrant network, council, program provider or partner."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(f"local_first_days BETWEEN 0 AND {MOST_LOCAL_DAYS}", name="local_first_days"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    suspended_at: Mapped[datetime | None]
    local_first_days: Mapped[int] = mapped_column(default=0)
    """Days from when a mentee began to wait in which she is matched near first; 0: the whole network is asked at once."""
    feed_number: Mapped[int] = mapped_column(default=0)
    """The last number given out in this organisation's event feed."""
