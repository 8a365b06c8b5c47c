"""A sharing agreement: directed, dated, scoped."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id

STANDING = "withdrawn_at IS NULL"


class Agreement(Base):
    """``sharing`` lets ``receiving`` be matched with its mentors. One-way is allowed; it ends at once when withdrawn."""

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("sharing_id <> receiving_id", name="two_parties"),
        Index(
            "uq_agreement_standing",
            "sharing_id",
            "receiving_id",
            "starts_on",
            unique=True,
            sqlite_where=text(STANDING),
            postgresql_where=text(STANDING),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    sharing_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    receiving_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]

    @classmethod
    def holds_on(cls, day: date) -> ColumnElement[bool]:
        """Return the condition under which an agreement covers a day, asked about now."""
        begun, lasting = cls.starts_on <= day, or_(cls.ends_on.is_(None), cls.ends_on >= day)
        return and_(begun, lasting, cls.withdrawn_at.is_(None))
