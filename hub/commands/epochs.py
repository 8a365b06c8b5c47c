"""``passerelle epoch``: publish what may be browsed."""

from datetime import UTC, datetime

import click

from hub.commands.opening import console, open_database, refusals_in_words
from hub.services import epochs
from hub.services.actors import hub_itself
from hub.settings import load_settings


@click.group()
def epoch() -> None:
    """Publish what may be browsed of the shared pool."""


@epoch.command()
@click.option("--if-due", is_flag=True, help="Only when the settings epoch_days or epoch_changes ask for it.")
def publish(*, if_due: bool) -> None:
    """Publish the pool as it is now, as the worker does when it is due.

    Not oftener than needed: each epoch is one more to compare with.
    """
    actor, now = hub_itself("command line"), datetime.now(UTC)
    with refusals_in_words():
        settings = load_settings()
        with open_database(settings) as database:
            if if_due and not database.run(lambda session: epochs.publish_due(session, actor, settings, now)):
                console.print("Nothing to publish yet.")
                return
            if not if_due:
                k, stricter = settings.pool_k, settings.pool_stricter
                database.run(lambda session: epochs.publish(session, actor, k, now, stricter=stricter))
            with database.reading() as session:
                found = epochs.newest(session)
    console.print(
        f"Epoch {found.number}: {found.classes} classes of {found.k} or more, {found.people} people, "
        f"{found.withheld} withheld"
    )
