"""``passerelle duplicates``: look for people whom two organisations share."""

from datetime import UTC, datetime

import click

from hub.commands.opening import console, open_database, refusals_in_words
from hub.settings import load_settings
from hub.worker import find_duplicates


@click.group()
def duplicates() -> None:
    """Look for people whom two organisations share, by keyed tokens that nobody here can read."""


@duplicates.command()
def find() -> None:
    """Compare all tokens now and tell both organisations of each pair that may be one person.

    The worker does the same when new tokens come. Nothing is merged: people at both organisations decide.
    """
    with refusals_in_words(), open_database(load_settings()) as database, console.status("comparing"):
        found = find_duplicates(database, datetime.now(UTC))
    console.print(f"{found} new possible duplicates.")
