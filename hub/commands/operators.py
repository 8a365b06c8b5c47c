"""``passerelle operator``: a sign-in for who runs the network."""

import secrets

import click

from hub.commands.opening import console, open_database, refusals_in_words
from hub.services import coordinators, own_sessions
from hub.services.actors import hub_itself
from hub.settings import load_settings


@click.command()
@click.argument("username")
@click.option("--locale", type=click.Choice(["en", "fr"]), default="en", help="Language of the pages.")
@click.option(
    "--reset", is_flag=True, help="The account is there and its phone, codes or password are lost: start over."
)
def operator(username: str, locale: str, *, reset: bool) -> None:
    """Add a sign-in USERNAME for an operator and print its first password once.

    It opens a page with the members, drafts of rounds, weekly budgets met and the audit log's state, and shows no person.
    """
    password, actor = secrets.token_urlsafe(12), hub_itself("command line")
    with refusals_in_words(), open_database(load_settings()) as database:
        if reset:
            hashed = own_sessions.hash_password(password)
            database.run(lambda session: own_sessions.start_over(session, actor, None, username, hashed))
        else:
            database.run(lambda session: coordinators.add(session, actor, None, username, password, "operator", locale))
    console.print(f"{username} may sign in with: {password}")
