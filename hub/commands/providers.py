"""``passerelle organisation provider``: agencies' own sign-in (OpenID Connect), and who is bound to it."""

import json
from datetime import timedelta

import click
from sqlalchemy.orm import Session

from hub.access.provider_calls import ProviderUnreachable, may_be_asked
from hub.access.provider_documents import read_document, read_keys
from hub.access.provider_exchange import redirect_uri
from hub.commands.opening import console, open_database, refusals_in_words
from hub.services import coordinators, identity_providers, own_sessions, provider_identities
from hub.services.actors import hub_itself
from hub.settings import Settings, load_settings

OPERATOR = hub_itself("command line")


@click.group()
def provider() -> None:
    """Let an organisation's people sign in at its own identity provider (OpenID Connect)."""


@provider.command("set")
@click.argument("identifier")
@click.option("--issuer", required=True, help="The provider's issuer, exactly as its discovery document has it.")
@click.option("--client-id", required=True, help="The hub's name at the provider.")
@click.option("--own-key", is_flag=True, help="Prove the hub by a key of its own (private_key_jwt), not by a secret.")
def put(identifier: str, issuer: str, client_id: str, *, own_key: bool) -> None:
    """Set the provider of organisation IDENTIFIER; the client's secret is asked for, never given as an option."""
    settings = _checked(issuer)
    secret = None if own_key else click.prompt("Client secret", hide_input=True).strip()
    with refusals_in_words(), open_database(settings) as database:
        key = database.run(
            lambda session: identity_providers.put(session, OPERATOR, identifier, issuer, client_id, secret, settings)
        )
    console.print(f"People of {identifier} may sign in at {issuer}, once their accounts are bound.", markup=False)
    console.print("Redirect address to register there:", redirect_uri(identifier, settings.issuer), soft_wrap=True)
    if key is not None:
        console.print("Key set to register there:", json.dumps({"keys": [key]}), markup=False, soft_wrap=True)


def _checked(issuer: str) -> Settings:
    """Return the settings, once the provider answers as the issuer that was typed."""
    with refusals_in_words():
        settings = load_settings()
    if not may_be_asked(issuer, settings) or "?" in issuer:
        raise click.BadParameter("an https address without query is needed", param_hint="--issuer")
    try:
        read_keys(read_document(issuer, settings), settings)
    except ProviderUnreachable as error:
        raise click.ClickException(f"The provider cannot be used: {error}. Nothing was set.") from error
    return settings


@provider.command("list")
def listed() -> None:
    """Show every provider, how many accounts are bound to it, and how many invitations are out."""
    with refusals_in_words(), open_database(load_settings()) as database, database.reading() as session:
        found = identity_providers.everyone(session)
    for one in found:
        words = f"{one.organisation_id}: {one.issuer} ({one.authentication}), {one.bound} bound, {one.invited} invited"
        console.print(words, markup=False, soft_wrap=True)


@provider.command()
@click.argument("identifier")
def remove(identifier: str) -> None:
    """Forget the provider of organisation IDENTIFIER; who was bound to it is let go and signed out."""
    with refusals_in_words(), open_database(load_settings()) as database:
        ended = database.run(lambda session: identity_providers.remove(session, OPERATOR, identifier))
    console.print(f"The provider of {identifier} is gone. Accounts let go: {ended}.")


@provider.command()
@click.argument("identifier")
@click.argument("username")
@click.option("--hours", type=click.IntRange(1, 336), default=72, show_default=True, help="How long the link is good.")
def invite(identifier: str, username: str, hours: int) -> None:
    """Print a link that binds the account USERNAME of organisation IDENTIFIER, once, after its digits were heard."""
    with refusals_in_words():
        settings = load_settings()
    with refusals_in_words(), open_database(settings) as database:
        secret = database.run(
            lambda session: provider_identities.invite(session, OPERATOR, identifier, username, timedelta(hours=hours))
        )
    console.print(f"Hand this link to {username} and nobody else; it is good once, for {hours} hours:", markup=False)
    console.print(f"{settings.issuer.rstrip('/')}/sign-in/invitation/{secret}", markup=False, soft_wrap=True)
    told = f"Whoever uses it is shown six digits. Once {username} has told you them by voice:"
    console.print(
        f"{told} passerelle organisation confirm {identifier} {username} DIGITS", markup=False, soft_wrap=True
    )


@provider.command()
@click.argument("identifier")
@click.argument("username")
def unbind(identifier: str, username: str) -> None:
    """Let the account USERNAME of organisation IDENTIFIER go, end its invitation, and sign it out."""

    def unit(session: Session) -> None:
        account = provider_identities.unbind_named(session, OPERATOR, identifier, username)
        found = coordinators.account_of(session, account)
        if found is not None:
            own_sessions.end_all(session, found.actor)

    with refusals_in_words(), open_database(load_settings()) as database:
        database.run(unit)
    console.print(f"{username} is bound to no provider, and signed out.", markup=False)
