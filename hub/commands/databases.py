"""``passerelle db``: upgrade and check."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from hub import migrating, roles
from hub.commands.opening import console, open_database, refusals_in_words, settings_with_secret
from hub.database import Database


@click.group()
def db() -> None:
    """Bring the database up to date, or check it."""


@db.command()
def upgrade() -> None:
    """Create the database, or run the migrations it has not seen. Safe to run again.

    On PostgreSQL, run it as the owner of the tables; the role named by the setting database_role is let in.
    Also writes the hub's secret on first use (instance/secret.key, readable by its owner only).
    """
    with refusals_in_words():
        settings = settings_with_secret()
        with open_database(settings) as database:
            migrating.upgrade(database.engine)
            if settings.database_role:
                roles.grant(database.engine, settings.database_role)
    console.print("The database is up to date.")


@db.command()
def check() -> None:
    """Check that the migrations make exactly the tables the models say; needs no database of yours."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'check.sqlite3'}")
        migrating.upgrade(database.engine)
        found = migrating.differences(database.engine)
        database.close()
    if found:
        raise click.ClickException("migrations and models differ:\n" + "\n".join(str(item) for item in found))
    console.print("Migrations and models agree.")
