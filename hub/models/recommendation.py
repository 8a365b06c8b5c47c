"""What was recommended to whom: the handle by which a coordinator may propose, and the memory of who was shown to whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, utcnow


class Recommendation(Base):
    """A ranked suggestion shown to one organisation. The handle is random and of this viewer and pair only."""

    __tablename__ = "recommendation"
    __table_args__ = (Index("ix_recommendation_pair", "mentee_id", "mentor_id"),)

    handle: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    mentee_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    mentor_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    program: Mapped[str] = mapped_column(String(20), default="one_to_one")
    points: Mapped[int]
    parts: Mapped[dict[str, Any]]
    reasons: Mapped[dict[str, Any]]
    """Points, parts and reasons as a proposal shows them."""
    card: Mapped[dict[str, Any]]
    """What the list shows until then, frozen with it: codes, ``points``, ``parts``, ``reasons``; ``rank`` is never shown."""
    shown_at: Mapped[datetime] = mapped_column(default=utcnow)
    listed_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When the list it stands in was made: within a week, asking again shows the same list."""
    basis: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of what was known of the mentee then: who corrects a mentee's profile gets a new list."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Exposure(Base):
    """A mentor was shown to another organisation, in one list of one mentee. It names no mentee.

    Kept when the mentee is withdrawn, so that withdrawing and sharing again buys no new budget; gone with the mentor. What
    alerts go by is kept with it: only the shape of the question, no code.
    """

    __tablename__ = "exposure"
    __table_args__ = (
        Index("ix_exposure_viewer", "viewer_id", "shown_at"),
        Index("ix_exposure_owner", "owner_id", "shown_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    viewer_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    mentor_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), index=True)
    shown_at: Mapped[datetime]
    likeness: Mapped[int | None]
    """Of the first of others in a list made anew: 2, the mentee was asked with the mentor's occupation, place and years; 1,
    with occupation and place; 0, with neither."""
    changes: Mapped[int] = mapped_column(default=0)
    """How often in the week before, this list included, the mentee's list was made anew because the mentee had changed."""
