"""How the commands speak: sentences, and refusals as sentences with exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from federation.client import HubUnreachable
from federation.connector.store import Store
from federation.problems import Problem

console = Console(highlight=False)
warnings = Console(highlight=False, stderr=True)


@contextmanager
def in_words() -> Iterator[None]:
    """Say refusals as sentences, with exit code 1."""
    try:
        yield
    except Problem as problem:
        lines = [problem.detail, *(f"  {error.pointer}: {error.detail}" for error in problem.errors)]
        raise click.ClickException("\n".join(lines)) from problem
    except HubUnreachable as error:
        raise click.ClickException(str(error)) from error


def warn_of_replacements(folder: Path) -> None:
    """Say which identity keys are asked to be replaced, by what this folder saw: before whatever command was typed."""
    if not (folder / "store.key").is_file():
        return
    pins = Store(folder).pins
    for organisation in sorted(pins.seen):
        warnings.print(pins.words(organisation), style="yellow", soft_wrap=True)


def read_text(path: Path) -> str:
    """Return what a file says, without the line's end.

    Raises
    ------
    Problem
        ``bad-request``: it cannot be read.
    """
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem("bad-request", f"{path} cannot be read, or is no signed text.") from error


def now() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(UTC)
