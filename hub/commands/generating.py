"""``passerelle generate``: write a synthetic network of any size to a folder, as agencies' files."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import Progress

from hub.commands.opening import console, refusals_in_words
from hub.services import synthetic
from hub.settings import UnsafeSettings


@click.command()
@click.option("--organisations", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--mentors", type=click.IntRange(0), default=200, show_default=True)
@click.option("--mentees", type=click.IntRange(0), default=300, show_default=True)
@click.option("--programs", type=click.IntRange(0), default=0, show_default=True, help="Programs, as one HSDS page.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same people.")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=Path("synthetic"), show_default=True)
def generate(*, organisations: int, mentors: int, mentees: int, programs: int, seed: int, folder: Path) -> None:
    """Write a synthetic network to a folder: one NDJSON file of profiles an organisation, ready for a bulk push.

    Everything is invented and says so. Occupation, country and province are drawn independently.
    """
    with refusals_in_words():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            members = synthetic.invented_organisations(organisations, seed)
            _write_people(folder, members, mentors, mentees, seed)
            page = {"contents": list(synthetic.invented_programs(programs, seed))}
            (folder / "programs.json").write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise UnsafeSettings(f"Cannot write to {folder}: {error.strerror}.") from error
    console.print(f"{mentors} mentors and {mentees} mentees of {organisations} organisations are in {folder}/")


def _write_people(
    folder: Path, members: list[synthetic.SyntheticOrganisation], mentors: int, mentees: int, seed: int
) -> None:
    today = datetime.now(UTC).date()
    with ExitStack() as stack, Progress(console=console, transient=True) as progress:
        files = {
            one.id: stack.enter_context((folder / f"{one.id}.ndjson").open("w", encoding="utf-8")) for one in members
        }
        task = progress.add_task("drawing people", total=mentors + mentees)
        for kind, count in (("mentor", mentors), ("mentee", mentees)):
            for person in synthetic.people(members, kind, count, seed, today):
                line = json.dumps({"pseudonym": person.pseudonym, "profile": person.profile})
                files[person.organisation].write(line + "\n")
                progress.advance(task)
