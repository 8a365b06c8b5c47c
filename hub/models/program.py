"""What is taught, and when: programs and their intakes."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id


class Program(Base):
    """A program of a provider, from its HSDS record; ``organisation_id`` says who answers referrals, if a member."""

    __tablename__ = "program"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    provider: Mapped[str] = mapped_column(String(200))
    names: Mapped[dict[str, Any]]
    description: Mapped[dict[str, Any]]
    stream: Mapped[str | None] = mapped_column(String(40))
    url: Mapped[str | None] = mapped_column(String(500))
    requires: Mapped[dict[str, Any]]
    """``{"all": [[requirement, …], …]}``: an AND of OR-groups."""
    gives: Mapped[dict[str, Any]]
    weekly_hours: Mapped[int] = mapped_column(default=0)
    languages: Mapped[list[str]]
    last_true_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))


class Intake(Base):
    """One start of a program, with seats that are never over-booked."""

    __tablename__ = "intake"
    __table_args__ = (
        CheckConstraint("taken BETWEEN 0 AND seats", name="seats_not_overbooked"),
        CheckConstraint("cost_cents >= 0", name="cost"),
        CheckConstraint("weeks > 0", name="weeks"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_id)
    program_id: Mapped[str] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date]
    weeks: Mapped[int]
    seats: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    cost_cents: Mapped[int] = mapped_column(default=0)
    region: Mapped[str | None] = mapped_column(String(10))
    """Where it is held; nothing: online."""
