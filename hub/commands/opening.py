"""What every command needs first: settings, the database, and refusals said in words instead of traces."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from federation.problems import Problem
from hub.database import Database
from hub.reach import THE_HUB
from hub.settings import Settings, UnsafeSettings, load_settings, secret_path

console = Console(highlight=False)


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Turn a refusal into a sentence and exit code 1, as a person at a terminal wants it."""
    try:
        yield
    except (UnsafeSettings, Problem) as error:
        raise click.ClickException(error.detail if isinstance(error, Problem) else str(error)) from error
    except DBAPIError as error:
        cause = str(error.orig).splitlines()[0]
        raise click.ClickException(f"The database refused: {cause}. Is it migrated? passerelle db upgrade") from error


def settings_with_secret(**overrides: Any) -> Settings:
    """Return the settings, writing a fresh secret first where none is kept yet.

    Raises
    ------
    UnsafeSettings
        The instance folder cannot be written, or the configuration is unsafe.
    """
    secret = secret_path(**overrides)
    try:
        secret.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # An empty file is what a start broken off halfway leaves.
        if not secret.exists() or not secret.stat().st_size:
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")
    except OSError as error:
        raise UnsafeSettings(
            f"Cannot write to {secret.parent}: {error.strerror}. Choose a folder with PASSERELLE_INSTANCE_FOLDER."
        ) from error
    return load_settings(**overrides)


@contextmanager
def open_database(settings: Settings | None = None) -> Iterator[Database]:
    """Yield the database of the settings, for the hub itself, and give its connections back afterwards."""
    settings = settings or load_settings()
    rest = settings.mentor_rest_days
    database = Database(settings.database, settings.instance_folder, acting=THE_HUB, mentor_rest_days=rest)
    try:
        yield database
    finally:
        database.close()
