"""The role the hub runs as on PostgreSQL: not the one that owns the tables, and none that row-level security does not hold."""

from typing import Final

from sqlalchemy import Engine, text

from hub.settings import Settings, UnsafeSettings

# Insert-only for everybody, and what only migrations write.
UNCHANGED: Final = (("UPDATE, DELETE", "audit_entry"), ("INSERT, UPDATE, DELETE", "alembic_version"))
# Owners can lift the net, and superusers and BYPASSRLS never meet it; so can and do those who may become one of them.
POWERFUL: Final = text("""
    SELECT EXISTS (
        SELECT 1 FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER')
    ) OR EXISTS (
        SELECT 1 FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND pg_has_role(current_user, relowner, 'MEMBER')
    )
""")


def grant(engine: Engine, role: str) -> None:
    """Let a role that exists read and write the tables, and nothing else; safe to run again. Nothing on SQLite.

    Raises
    ------
    DBAPIError
        There is no such role, or this connection may not grant.
    """
    if engine.dialect.name != "postgresql":
        return
    named = engine.dialect.identifier_preparer.quote(role)
    with engine.begin() as connection:
        schema = engine.dialect.identifier_preparer.quote(connection.scalars(text("SELECT current_schema()")).one())
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {named}")
        everything = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {named}"
        connection.exec_driver_sql(everything)
        for commands, table in UNCHANGED:
            connection.exec_driver_sql(f"REVOKE {commands} ON {table} FROM {named}")


def refuse_powerful(engine: Engine, settings: Settings) -> None:
    """Refuse to serve as a role that row-level security does not hold, unless it is a trial. One query; none on SQLite.

    Raises
    ------
    UnsafeSettings
        The role owns tables, is a superuser or bypasses row-level security, or may become one that does.
    """
    if engine.dialect.name != "postgresql" or settings.allow_owner_role:
        return
    with engine.connect() as connection:
        powerful = connection.scalars(POWERFUL).one()
    if powerful:
        engine.dispose()
        raise UnsafeSettings(
            "database_url signs in as a role that owns tables or bypasses row-level security: give the hub a role of its own "
            "(setting database_role, then `passerelle db upgrade`); for a trial only, set allow_owner_role"
        )
