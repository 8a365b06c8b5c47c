"""What becomes of a mentee if a round's question is answered with a no, as things stood when the round was made."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, one_of

STAND_INS = ("free", "moving", "nobody")


class StandIn(Base):
    """Her own organisation's alone, so not in the proposal's row, which both sides read. It dies with her profile."""

    __tablename__ = "stand_in"
    __table_args__ = (CheckConstraint(one_of("kind", STAND_INS), name="kind"),)

    proposal_id: Mapped[str] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    profile_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(6))
