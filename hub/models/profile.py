"""A person as an organisation shares them, de-identified; consent; the trace of a withdrawal."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow


class Profile(Base):
    """A mentor or mentee: codes and bands only.

    ``seats`` and ``taken`` guard both sides: a mentor's mentees, and a mentee's one mentor (seats 1).
    """

    __tablename__ = "profile"
    __table_args__ = (
        UniqueConstraint("organisation_id", "pseudonym"),
        CheckConstraint("taken BETWEEN 0 AND seats", name="seats_not_overbooked"),
        CheckConstraint(one_of("kind", ("mentor", "mentee")), name="kind"),
        CheckConstraint("kind = 'mentor' OR resting_until IS NULL", name="only_mentors_rest"),
        Index("ix_profile_kind_region", "kind", "region"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    pseudonym: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(6))
    noc: Mapped[str] = mapped_column(String(5))
    target_noc: Mapped[str | None] = mapped_column(String(5))
    years_band: Mapped[str] = mapped_column(String(5))
    region: Mapped[str] = mapped_column(String(10))
    origin: Mapped[str | None] = mapped_column(String(2))
    languages: Mapped[list[str]]
    formats: Mapped[list[str]]
    modes: Mapped[list[str]]
    slots: Mapped[list[str]]
    interests: Mapped[list[str]]
    working_styles: Mapped[list[str]]
    goals: Mapped[list[str]]
    strengths: Mapped[list[str]]
    needs: Mapped[list[str]]
    readiness: Mapped[dict[str, Any]]
    """Mentees: ``{"clb": {...} | null, "certification", "documents", "commitment"}``; mentors: empty."""
    donated: Mapped[bool] = mapped_column(default=False)
    resting_until: Mapped[date | None]
    """Mentors: the first day on which they may be matched again."""
    seats: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[date | None]
    confirmed_on: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class ConsentReceipt(Base):
    """What the person agreed to. The signed original stays with the agency."""

    __tablename__ = "consent_receipt"

    profile_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    purposes: Mapped[list[str]]
    notice_version: Mapped[str] = mapped_column(String(64))
    given_on: Mapped[date]
    until: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(default=utcnow)


class Tombstone(Base):
    """Keyed trace of a withdrawal without fields: refuses a late push of the same pseudonym."""

    __tablename__ = "tombstone"

    trace: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    withdrawn_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class WithdrawalCount(Base):
    """How many withdrawals this database holds, one row; the withdrawal log beside it counts the same ones.

    A restored database counts fewer than the log: it may not open before the rest was replayed.
    """

    __tablename__ = "withdrawal_count"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(16))
    """Name of the key of all traces, so that another hub's log, or a lost key, is seen."""
