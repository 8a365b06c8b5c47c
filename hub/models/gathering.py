"""A gathering: a small group, a peer pair or a circle to which one organisation invites the others whose people are in it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, one_of, utcnow

KINDS = ("group", "pair", "circle")
STATES = ("proposed", "agreed", "declined", "withdrawn", "expired", "ended")
WORDS = ("waiting", "accepted", "declined", "left")


class Gathering(Base):
    """Moves by conditional update only. ``waiting`` counts the organisations that have still to say yes.

    The mentor's seat is taken at the last yes, in the same transaction: no seat is held by a question.
    """

    __tablename__ = "gathering"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint("waiting >= 0", name="waiting"),
        CheckConstraint("state NOT IN ('agreed', 'ended') OR waiting = 0", name="agreed_by_all"),
        CheckConstraint("(state = 'declined') = (decline_reason IS NOT NULL)", name="declined_with_reason"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(6))
    proposer_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    waiting: Mapped[int]
    noc: Mapped[str | None] = mapped_column(String(3))
    """A group's profession."""
    languages: Mapped[list[str]]
    """What all share."""
    slots: Mapped[list[str]]
    reasons: Mapped[dict[str, Any]]
    """Why these two, of a pair; else no sentences."""
    decline_reason: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class GatheringParty(Base):
    """One organisation's word on a gathering its people are in; who left an agreed one is in it no more."""

    __tablename__ = "gathering_party"
    __table_args__ = (
        CheckConstraint(one_of("word", WORDS), name="word"),
        Index("ix_gathering_party_organisation", "organisation_id"),
    )

    gathering_id: Mapped[str] = mapped_column(ForeignKey("gathering.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(10), default="waiting")
    acceptance: Mapped[str | None] = mapped_column(Text)
    """Its yes as its connector signed it (compact JWS); the hub relays it and need not be believed."""


class GatheringMember(Base):
    """One person of a gathering. While ``open``, nobody is in a second one of the same kind: the index holds it.

    Who withdrew leaves a row without person, points and card: that somebody was there, and of whom. Where the
    organisation left, the person stays named in it, told to nobody: a later withdrawal still has to reach the others.
    """

    __tablename__ = "gathering_member"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint("role = 'member' OR (role = 'mentor' AND kind = 'group')", name="role"),
        CheckConstraint("profile_id IS NOT NULL OR NOT open", name="open_with_person"),
        Index(
            "uq_gathering_member_open",
            "profile_id",
            "kind",
            unique=True,
            sqlite_where=text("open"),
            postgresql_where=text("open"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    gathering_id: Mapped[str] = mapped_column(ForeignKey("gathering.id"), index=True)
    profile_id: Mapped[str | None] = mapped_column(ForeignKey("profile.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(6))
    role: Mapped[str] = mapped_column(String(6))
    facilitates: Mapped[bool] = mapped_column(default=False)
    open: Mapped[bool] = mapped_column(default=True)
    points: Mapped[int]
    card: Mapped[dict[str, Any]]
    """What other organisations see of the person (decision 0030): ``noc``, ``region``, ``years_band``; frozen when proposed."""
