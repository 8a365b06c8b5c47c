"""A round: one reproducible optimisation over a pool, and what it did for each organisation."""

from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow


class Round(Base):
    """A solved round. ``drafted`` until a person publishes it: then its pairs become proposals.

    A later draft supersedes an earlier one: two could hold the same pair, and only one of them could be asked.
    """

    __tablename__ = "round"
    __table_args__ = (CheckConstraint(one_of("state", ("drafted", "published", "superseded")), name="state"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(String(10), default="drafted")
    program: Mapped[str] = mapped_column(String(40))
    policy: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    certificate: Mapped[dict[str, Any]]
    insights: Mapped[dict[str, Any]]
    """What would help next (services/round_insights.py); nothing about fewer than five people is kept. Empty until studied."""
    studied_at: Mapped[datetime | None]
    """When other policies and what would help next were kept beside it (services/round_studies.py): after the round itself."""
    mentees: Mapped[int]
    mentors: Mapped[int]
    pairs: Mapped[int]
    placed: Mapped[int]
    placed_across: Mapped[int]
    points: Mapped[int]
    pinned: Mapped[int] = mapped_column(default=0)
    """Pairs that coordinators asked for and got; the rest was solved around them."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    published_at: Mapped[datetime | None]


class RoundShare(Base):
    """What one organisation's mentees got: alone, and in the round. Never fewer than alone."""

    __tablename__ = "round_share"
    __table_args__ = (CheckConstraint("placed >= placed_alone OR NOT guaranteed", name="no_worse_off"),)

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    guaranteed: Mapped[bool] = mapped_column(default=True)
    mentees: Mapped[int]
    placed_alone: Mapped[int]
    placed: Mapped[int]
    placed_across: Mapped[int]
    mentors_lent: Mapped[int]
    """Seats of this organisation's mentors taken by other organisations' mentees."""


class RoundInput(Base):
    """What a round was solved from, by row numbers: no person, no code, nothing a withdrawal would have to erase."""

    __tablename__ = "round_input"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    columns: Mapped[bytes]
    """The round's integer columns, compressed (services/round_records.py)."""
    sources: Mapped[dict[str, Any]]
    """Digests of the weights and vocabularies that the points came from."""
    outcome: Mapped[str] = mapped_column(String(64))
    """Digest of who was placed with whom, by row numbers."""


class RoundAlternative(Base):
    """The same round under another policy, in totals: what a choice costs, side by side."""

    __tablename__ = "round_alternative"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    placed: Mapped[int]
    placed_across: Mapped[int]
    points: Mapped[int]
    worse_off: Mapped[int]
    """Organisations that would place fewer of their mentees than alone."""


Because = Literal["our_choice", "reporting_line", "conflict_of_interest"]
APART_BECAUSE: Final[tuple[Because, ...]] = get_args(Because)


class RoundWish(Base):
    """A coordinator's word about one own mentee in the rounds to come: this pair must be, or must not be."""

    __tablename__ = "round_wish"
    __table_args__ = (
        CheckConstraint(one_of("kind", ("pin", "forbid")), name="kind"),
        CheckConstraint(one_of("because", APART_BECAUSE), name="because"),
        CheckConstraint("(kind = 'forbid') = (because IS NOT NULL)", name="forbidden_with_reason"),
        UniqueConstraint("mentee_id", "mentor_id", name="uq_round_wish_pair"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(6))
    mentee_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    mentor_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    by: Mapped[str] = mapped_column(String(80))
    card: Mapped[dict[str, Any]]
    """What the suggestion showed of the mentor: ``noc``, ``region``, ``years_band``."""
    because: Mapped[str | None] = mapped_column(String(24))
    """Why a pair is ruled out; a pin needs no reason."""
    not_kept: Mapped[str | None] = mapped_column(String(20))
    """Why the last round could not keep a pin: ``not_eligible``, ``no_seat`` or ``worse_off``."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
