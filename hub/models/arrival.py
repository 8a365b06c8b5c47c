"""How many mentees came, by month, occupation and province: a number that outlives its people and is made of none of them."""

from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base


class ArrivalCount(Base):
    """Mentees shared for the first time in one month of one cell. Neither who nor of which organisation is kept."""

    __tablename__ = "arrival_count"
    __table_args__ = (CheckConstraint("number >= 0", name="number"),)

    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    noc: Mapped[str] = mapped_column(String(3), primary_key=True)
    province: Mapped[str] = mapped_column(String(2), primary_key=True)
    number: Mapped[int]
