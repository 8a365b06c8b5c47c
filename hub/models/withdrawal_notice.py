"""That somebody withdrew, told to an organisation that saw the record; and its word that what it held is gone."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow

ROLES = ("system", "coordinator", "organisation_admin")


class WithdrawalNotice(Base):
    """One withdrawal, one organisation told. It names nobody: no pseudonym, no profile, no trace."""

    __tablename__ = "withdrawal_notice"
    __table_args__ = (
        CheckConstraint("owner_id <> told_id", name="told_to_another"),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged_by_somebody"),
        CheckConstraint(one_of("acknowledged_by", ROLES), name="acknowledged_by"),
        Index("ix_withdrawal_notice_told", "told_id", "acknowledged_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    told_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    proposals: Mapped[list[str]]
    """Ids of proposals between the two, by which the told one finds a contact it was given."""
    places: Mapped[list[str]] = mapped_column(default=list)
    """The person's places in gatherings of the two, for the same."""
    withdrawn_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(20))
    """A role, never an account."""
