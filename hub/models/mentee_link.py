"""The mentee's own way in: one link, the session it was exchanged for, and what she said there."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, one_of, utcnow

WORDS = ("yes", "no")


class MenteeLink(Base):
    """At most one a mentee, and one session of it: a new link takes the place of both. It dies with the profile.

    Only hashes are kept. ``opened_at`` is empty until the link was exchanged, and then it opens nothing any more;
    ``session_hash`` is empty before, and again after she left. ``misses`` counts wrong codes of this link.
    """

    __tablename__ = "mentee_link"

    profile_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    session_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    misses: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    opened_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class MenteeWord(Base):
    """A mentee's own answer to a proposal. It decides nothing: her organisation does, after reading it."""

    __tablename__ = "mentee_word"
    __table_args__ = (
        CheckConstraint(one_of("word", WORDS), name="word"),
        CheckConstraint("(word = 'no') = (reason IS NOT NULL)", name="no_has_a_reason"),
    )

    proposal_id: Mapped[str] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    profile_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), index=True)
    word: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str | None] = mapped_column(String(40))
    said_at: Mapped[datetime] = mapped_column(default=utcnow)
