"""``passerelle organisation``: members of the network, their agreements and coordinators."""

import secrets
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from federation.documents import MOST_LOCAL_DAYS
from federation.vocabularies import load as load_vocabularies
from hub.commands.opening import console, open_database, refusals_in_words
from hub.commands.providers import provider
from hub.models.organisation import KINDS
from hub.services import colleagues, coordinators, organisations, own_sessions
from hub.services import sharing as sharing_service
from hub.services.actors import hub_itself
from hub.settings import load_settings

OPERATOR = hub_itself("command line")


@click.group()
def organisation() -> None:
    """Add, agree, suspend organisations and their coordinators."""


organisation.add_command(provider)


@organisation.command()
@click.argument("identifier")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it is in the network.")
@click.option("--region", required=True, help="Region code, e.g. AB-835 (Edmonton) or AB.")
def add(identifier: str, name: str, kind: str, region: str) -> None:
    """Add a member: IDENTIFIER is short and stays (e.g. eriec), NAME is what people read."""
    if not load_vocabularies().has("region", region):
        raise click.BadParameter("not a region code; see config/vocabularies", param_hint="--region")
    with refusals_in_words(), open_database(load_settings()) as database:
        database.run(lambda session: organisations.add(session, OPERATOR, identifier, name, kind, region))
    console.print(f"{name} is now a member as {identifier}.", markup=False)


@organisation.command()
@click.argument("sharing")
@click.argument("receiving")
@click.option("--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), help="First day; today by default.")
@click.option("--until", "ends_on", type=click.DateTime(["%Y-%m-%d"]), help="Last day; open by default.")
def agree(sharing: str, receiving: str, starts_on: datetime | None, ends_on: datetime | None) -> None:
    """Record that SHARING lets RECEIVING be matched with its mentors. One direction only."""
    first = (starts_on or datetime.now(UTC)).date()
    last = ends_on.date() if ends_on else None
    with refusals_in_words(), open_database(load_settings()) as database:
        database.run(lambda session: organisations.agree(session, OPERATOR, sharing, receiving, first, last))
    console.print(f"{sharing} now shares its mentors with {receiving}.")


@organisation.command(name="end-agreement")
@click.argument("sharing")
@click.argument("receiving")
def end_agreement(sharing: str, receiving: str) -> None:
    """End at once every agreement by which SHARING lets RECEIVING be matched with its mentors.

    Open questions under it are taken back; what both sides said yes to stays. Members end their own on the page Sharing.
    """
    today = datetime.now(UTC).date()
    with refusals_in_words(), open_database(load_settings()) as database:
        database.run(lambda session: sharing_service.withdraw_all(session, OPERATOR, sharing, receiving, today))
    console.print(f"{sharing} no longer shares its mentors with {receiving}.")


@organisation.command(name="local-first")
@click.argument("identifier")
@click.argument("days", type=click.IntRange(0, MOST_LOCAL_DAYS))
def local_first(identifier: str, days: int) -> None:
    """Let IDENTIFIER's mentees be matched near first for DAYS from when each began to wait; 0: ask everybody at once.

    In these days only its own mentors and mentors of the mentee's province are asked. Members set it on the page Sharing.
    """
    with refusals_in_words(), open_database(load_settings()) as database:
        database.run(lambda session: sharing_service.look_near_first(session, OPERATOR, identifier, days))
    if days:
        console.print(f"{identifier} looks near first for {days} days from when each of its mentees began to wait.")
    else:
        console.print(f"The whole network is asked for {identifier}'s mentees at once.")


@organisation.command()
@click.argument("identifier")
def suspend(identifier: str) -> None:
    """Refuse member IDENTIFIER everywhere from now on, and leave its people out of search and matching."""
    with refusals_in_words(), open_database(load_settings()) as database:
        database.run(lambda session: organisations.suspend(session, OPERATOR, identifier))
    console.print(f"{identifier} is suspended. Let it in again with: passerelle organisation reinstate {identifier}")


@organisation.command()
@click.argument("identifier")
def reinstate(identifier: str) -> None:
    """Let the suspended member IDENTIFIER in again, with everything it shared before."""
    with refusals_in_words(), open_database(load_settings()) as database:
        database.run(lambda session: organisations.reinstate(session, OPERATOR, identifier))
    console.print(f"{identifier} is a member in good standing again.")


@organisation.command()
@click.argument("identifier")
@click.argument("username")
@click.option("--role", type=click.Choice(["coordinator", "organisation_admin", "auditor"]), default="coordinator")
@click.option("--locale", type=click.Choice(["en", "fr"]), default="en")
@click.option(
    "--reset", is_flag=True, help="The account is there and its phone, codes or password are lost: start over."
)
def coordinator(identifier: str, username: str, role: str, locale: str, *, reset: bool) -> None:
    """Add a sign-in for organisation IDENTIFIER and print its first password once."""
    password = secrets.token_urlsafe(12)
    with refusals_in_words(), open_database(load_settings()) as database:
        if reset:
            hashed = own_sessions.hash_password(password)
            database.run(lambda session: own_sessions.start_over(session, OPERATOR, identifier, username, hashed))
        else:
            database.run(
                lambda session: coordinators.add(
                    session,
                    OPERATOR,
                    organisation_id=identifier,
                    username=username,
                    password=password,
                    role=role,
                    locale=locale,
                )
            )
    console.print(f"{username} may sign in with: {password}")


@organisation.command()
@click.argument("identifier")
@click.argument("username")
@click.argument("digits")
def confirm(identifier: str, username: str, digits: str) -> None:
    """Put in force what USERNAME of organisation IDENTIFIER set up by a link, for the six DIGITS they told you by voice."""

    def unit(session: Session) -> None:
        colleague = colleagues.named(session, OPERATOR, identifier, username)
        colleagues.confirm(session, OPERATOR, colleague, digits, settings)

    with refusals_in_words():
        settings = load_settings()
    with refusals_in_words(), open_database(settings) as database:
        database.run(unit)
    console.print(f"{username} is confirmed.", markup=False)
