"""What may be browsed until the next epoch, and what was shown of whom: the memory that epochs need to follow each other."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base, new_id, new_secret, one_of


class Epoch(Base):
    """One publication of the browsable pool. Classes and members are kept of the newest only.

    ``salt`` makes the handles of this epoch: random, so no handle of one epoch leads to one of the next.
    """

    __tablename__ = "epoch"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[datetime]
    k: Mapped[int]
    stricter: Mapped[bool] = mapped_column(default=False)
    """Whether its classes hold against two organisations that put together what they know."""
    people: Mapped[int]
    """Everyone it was made from, shown or not: how many left since is counted against this."""
    salt: Mapped[str] = mapped_column(String(64), default=new_secret)


class PoolClass(Base):
    """A published class: the codes shown for all of it, frozen until the next epoch.

    ``spoken`` holds, for a viewer without people in the class (key ``""``) and for each organisation that has some, the
    languages at least half of the *others* speak: an organisation's own people never move its own answer.
    """

    __tablename__ = "pool_class"
    __table_args__ = (CheckConstraint(one_of("kind", ("mentor", "mentee")), name="kind"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(6))
    noc: Mapped[str] = mapped_column(String(4))
    region: Mapped[str] = mapped_column(String(10))
    years_band: Mapped[str] = mapped_column(String(5))
    available: Mapped[bool]
    spoken: Mapped[dict[str, Any]]


class PoolMember(Base):
    """Someone the newest epoch was made from; no class: withheld. It goes with the profile, so a withdrawal counts at once."""

    __tablename__ = "pool_member"

    profile_id: Mapped[str] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    class_id: Mapped[str | None] = mapped_column(ForeignKey("pool_class.id"), index=True)
    card_noc: Mapped[str | None] = mapped_column(String(4))
    """What a suggestion may show of a mentor beside her organisation; nothing: the organisation alone."""
    card_region: Mapped[str | None] = mapped_column(String(10))
    card_years: Mapped[str | None] = mapped_column(String(5))
