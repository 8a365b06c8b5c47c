"""Keyed tokens nobody here can read, and pairs of people that may be one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow

WORDS = ("possible", "confirmed", "rejected")


class LinkageTokens(Base):
    """All keyed tokens of one person, apart from the profile; no door shows them, and they die with the profile.

    ``tokens`` holds lists of kind, digest (32 hexadecimal digits) and weight: they are only ever read together.
    """

    __tablename__ = "linkage_token"

    profile_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    tokens: Mapped[list[list[Any]]] = mapped_column(JSON())
    sent_at: Mapped[datetime] = mapped_column(default=utcnow)
    compared_at: Mapped[datetime | None] = mapped_column(index=True)
    """When they were last compared; empty from the moment they were sent until then."""


class PossibleDuplicate(Base):
    """Two profiles that may be one person. ``a_side`` and ``b_side`` are each organisation's word; nothing is merged."""

    __tablename__ = "possible_duplicate"
    __table_args__ = (
        UniqueConstraint("a_id", "b_id"),
        CheckConstraint("a_id < b_id", name="once"),
        CheckConstraint(one_of("a_side", WORDS), name="a_side"),
        CheckConstraint(one_of("b_side", WORDS), name="b_side"),
        Index("ix_possible_duplicate_b_id", "b_id"),
        Index("ix_possible_duplicate_a_organisation_id", "a_organisation_id"),
        Index("ix_possible_duplicate_b_organisation_id", "b_organisation_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    a_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    b_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    a_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    b_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str] = mapped_column(String(64))
    """One-time name of this pair, to say on the telephone: neither side sees the other's pseudonym."""
    weight: Mapped[int]
    """Tenths of a bit (federation.linkage)."""
    a_side: Mapped[str] = mapped_column(String(10), default="possible")
    b_side: Mapped[str] = mapped_column(String(10), default="possible")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
