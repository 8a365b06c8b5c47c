"""``passerelle audit``: check that nobody altered, cut or forged the audit log."""

import re

import click

from hub.commands.opening import console, open_database, refusals_in_words
from hub.services import audit as service
from hub.services.audit import Head
from hub.settings import load_settings

MISSING = "it is missing, or the log ends there and its head says otherwise"
HEAD = re.compile(r"(\d{1,15}):([0-9a-f]{64})")


@click.group()
def audit() -> None:
    """Check the audit log."""


@audit.command()
@click.option(
    "--head", "kept", multiple=True, help="A head kept elsewhere, NUMBER:HASH: does it still stand? Repeatable."
)
def verify(kept: tuple[str, ...]) -> None:
    """Read the whole chain and say that it holds, or name the first entry that does not follow.

    The chain shows every change, cut and insertion by who did not make it anew from there on. Who did is shown by a head
    that an organisation kept: each gets one an hour (passerelle connector audit-heads prints them), and it is in each answer of
    GET /api/v1/audit and on their page.
    """
    earlier = [_head(text) for text in kept]
    with refusals_in_words(), open_database(load_settings()) as database, database.reading() as session:
        number = service.first_break(session)
        if number is not None:
            said = service.told(session, number) or MISSING
            raise click.ClickException(f"The chain breaks at entry {number}: {said}.")
        for head in earlier:
            if not service.holds(session, head):
                raise click.ClickException(f"The chain holds, but not from entry {head.number}: it was made anew.")
        end = service.head(session)
    console.print(f"The chain holds: {end.number} entries, head {end.number}:{end.entry_hash}", soft_wrap=True)


def _head(text: str) -> Head:
    found = HEAD.fullmatch(text)
    if found is None:
        raise click.BadParameter("write it as NUMBER:HASH, as it was given out", param_hint="--head")
    return Head(int(found.group(1)), found.group(2))
