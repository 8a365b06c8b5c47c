"""The declarative base: constraint names, UTC moments, code lists."""

from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import JSON, DateTime, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. Naive values are refused on the way in and never come out: SQLite would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the hub."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        list[str]: JSON(),
        dict[str, Any]: JSON(),
        str: String(),
    }


def utcnow() -> datetime:
    """Return the moment now, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return an identifier nobody can guess the neighbours of."""
    return str(uuid4())


def new_secret() -> str:
    """Return 256 random bits, URL-safe: handles, tokens, session ids."""
    return token_urlsafe(32)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL of a CHECK that holds a column to its words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"
