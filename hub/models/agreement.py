"""A sharing agreement: directed, dated, scoped."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id


class Agreement(Base):
    """``sharing`` lets ``receiving`` be matched with its mentors. One-way is allowed; it ends at once when withdrawn."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("sharing_id", "receiving_id", "starts_on"),
        CheckConstraint("sharing_id <> receiving_id", name="two_parties"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    sharing_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    receiving_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
