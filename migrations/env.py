"""Alembic's entry: runs the numbered migrations on the connection it is given. Never imports hub.models."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, DateTime, MetaData
from sqlalchemy.types import TypeDecorator

config = context.config
# `alembic check` hands the models' metadata over as an attribute; the migrations themselves stand alone.
target = config.attributes.get("metadata", MetaData())


def plain_type(kind: str, value: Any, _context: Any) -> str | bool:
    """Write our own column types as what the database sees: a migration must not change when a model does."""
    if kind == "type" and isinstance(value, TypeDecorator) and isinstance(value.impl_instance, DateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    """Run inside the caller's connection, one transaction for all."""
    context.configure(
        connection=connection,
        target_metadata=target,
        render_as_batch=True,
        compare_type=True,
        render_item=plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


run(config.attributes["connection"])
