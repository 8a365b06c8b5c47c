"""``passerelle client``: let an organisation's own system register its key."""

import click

from federation.scopes import ALL_SCOPES, GRANTABLE, format_scope, parse_scope
from hub.commands.opening import console, open_database, refusals_in_words
from hub.services import clients
from hub.services.actors import hub_itself
from hub.settings import load_settings


@click.group()
def client() -> None:
    """Let an organisation's own system register its key."""


@client.command()
@click.argument("organisation")
@click.option("--scope", default=format_scope(ALL_SCOPES), help="Space-separated scopes; all of the API by default.")
def add(organisation: str, scope: str) -> None:
    """Print a single-use enrolment token for ORGANISATION's system.

    Hand it over on a safe channel. Their connector uses it once:

      passerelle connector register --hub ADDRESS --token TOKEN

    A peer that only checks tokens gets --scope tokens:introspect.
    """
    try:
        wanted = format_scope(parse_scope(scope, GRANTABLE))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--scope") from error
    with refusals_in_words():
        settings = load_settings()
    with refusals_in_words(), open_database(settings) as database:
        token = database.run(
            lambda session: clients.issue_enrolment(
                session, hub_itself("command line"), organisation, wanted, settings.enrolment_hours
            )
        )
    console.print(f"Enrolment token for {organisation}, valid once within {settings.enrolment_hours} hours:")
    console.print(token)
