"""``passerelle db``: upgrade and check."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from hub import migrating
from hub.commands.opening import console, open_database, refusals_in_words, settings_with_secret
from hub.database import Database


@click.group()
def db() -> None:
    """Bring the database up to date, or check it."""


@db.command()
def upgrade() -> None:
    """Create the database, or run the migrations it has not seen. Safe to run again.

    Also writes the hub's secret on first use (instance/secret.key, readable by its owner only).
    """
    with refusals_in_words(), open_database(settings_with_secret()) as database:
        migrating.upgrade(database.engine)
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
