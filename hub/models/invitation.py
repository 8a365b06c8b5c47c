"""Invitations: one link to one account, taken up once, and in force only when an administrator heard the digits."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, one_of, utcnow

# To join: the account has no way in yet, and whoever takes the link up chooses one. To bind: the organisation's provider is to
# open an account that its holder already uses.
PURPOSES = ("join", "bind")
WAYS = ("passkey", "app", "provider")


class Invitation(Base):
    """At most one an account; a new one takes the place of an earlier one and of what that was taken up by.

    Only the link's hash is kept. Once taken up (``taken_at``, ``way``) the link opens nothing any more, and the row waits for
    the digits, at most until ``ends_at``.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(one_of("purpose", PURPOSES), name="purpose"),
        CheckConstraint(one_of("way", WAYS), name="way"),
        CheckConstraint("(taken_at IS NULL) = (way IS NULL)", name="taken_some_way"),
    )

    coordinator_id: Mapped[str] = mapped_column(ForeignKey("coordinator.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(4))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    taken_at: Mapped[datetime | None]
    way: Mapped[str | None] = mapped_column(String(8))
    ends_at: Mapped[datetime] = mapped_column(index=True)
