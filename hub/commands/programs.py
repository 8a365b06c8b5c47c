"""``passerelle programs``: take programs in from HSDS files."""

from pathlib import Path

import click

from federation.hsds import read_services
from hub.commands.opening import console, open_database, refusals_in_words
from hub.services import programs as service
from hub.services.actors import hub_itself
from hub.settings import load_settings


@click.group()
def programs() -> None:
    """Import programs from HSDS files."""


@programs.command(name="import")
@click.option(
    "--hsds", type=click.Path(exists=True, path_type=Path), required=True, help="HSDS JSON file, or CSV folder."
)
@click.option("--organisation", help="The member that answers referrals to these programs.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken in, and what could not.")
def import_(*, hsds: Path, organisation: str | None, dry_run: bool) -> None:
    """Take programs in from HSDS 3.0 (JSON or CSV) or Ohana's older CSV.

    What cannot be used is listed with line, column and reason; everything else is taken in. Running it again changes
    nothing but what changed in the file.
    """
    with refusals_in_words():
        found = read_services(hsds)
        for error in found.errors:
            line = f" line {error.line}" if error.line is not None else ""
            # The reason quotes the file, and a file may hold what looks like markup.
            console.print(f"{error.file}{line}, {error.column}: {error.reason}", markup=False, soft_wrap=True)
        if not dry_run:
            with open_database(load_settings()) as database:
                database.run(
                    lambda session: service.import_hsds(session, hub_itself("command line"), found, organisation)
                )
    done = "would be taken in" if dry_run else "taken in"
    console.print(f"{len(found.programs)} programs {done}, {len(found.errors)} places could not be used.")
