"""The audit log: insert-only, hash-chained, without values."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from hub.models.base import Base

Number = BigInteger().with_variant(Integer(), "sqlite")


class AuditEntry(Base):
    """Who did what to which object, and how it ended. ``entry_hash`` covers every field and ``previous_hash``."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    organisation_id: Mapped[str | None] = mapped_column(String(40), index=True)
    operation: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(40))
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditHead(Base):
    """The end of the chain: one row, moved by conditional update so that two writers never fork it."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Number)
    entry_hash: Mapped[str] = mapped_column(String(64))
    # The head handed to the organisations last, and where the chain was found broken since.
    handed_number: Mapped[int] = mapped_column(Number, default=0)
    handed_hash: Mapped[str] = mapped_column(String(64), default="0" * 64)
    handed_at: Mapped[datetime | None]
    broken_number: Mapped[int | None] = mapped_column(Number)
