"""``passerelle backup``: create, restore, and replay the withdrawals a restored database does not know of."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from hub import backups, migrating, roles
from hub.backups import BackupRefused
from hub.backups.files import OnProgress
from hub.commands.opening import console, open_database, refusals_in_words
from hub.services import replays
from hub.services.replays import Replayed
from hub.settings import Settings, UnsafeSettings, load_settings

QUIET_SECONDS = 1.0


@click.group()
def backup() -> None:
    """Back the database up, restore it, replay withdrawals."""


@backup.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def create(folder: Path) -> None:
    """Write a backup of the whole database into FOLDER, while the hub runs.

    One new file named by the moment, and its SHA-256 beside it, both readable by their owner alone; nothing is ever
    overwritten. Keep them away from this machine, and keep the instance folder's withdrawals.log, withdrawals.key and
    secret.key too, apart from the backups: a restored hub opens with the log's latest state, not with an old one.
    """
    with refusals_in_words(), _refusals(), _progress("backing up") as on_progress:
        path = backups.create(load_settings(), folder, on_progress)
    console.print(f"Backed up: {path} ({path.stat().st_size:,} bytes), and its SHA-256 beside it", soft_wrap=True)


@backup.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Put an existing database aside under another name; it is kept.")
def restore(*, file: Path, replace: bool) -> None:
    """Put the backup FILE in the database's place, and replay the withdrawals since.

    Stop the hub and its worker first. The instance folder needs the latest withdrawals.log and withdrawals.key: everybody
    who withdrew after the backup was made is erased again before the hub can open.
    """
    with refusals_in_words(), _refusals():
        settings = load_settings()
        _refuse_running(settings)
        with _progress("restoring") as on_progress:
            aside = backups.restore(settings, file, on_progress, replace=replace)
        console.print(
            f"Restored {file.name}." + (f" The earlier database is kept: {aside}" if aside else ""), soft_wrap=True
        )
        with open_database(settings) as database:
            migrating.upgrade(database.engine)
            if settings.database_role:
                roles.grant(database.engine, settings.database_role)
        _replay(settings, log_lost=False)


@backup.command()
@click.option(
    "--log-lost",
    is_flag=True,
    help="The log, or a part of it, is lost for good: replay what there is. Then ask every organisation to repeat the "
    "withdrawals since the backup before you open the hub.",
)
def replay(*, log_lost: bool) -> None:
    """Withdraw once more everybody whom the withdrawal log names and the database does not know as withdrawn.

    A restored hub stays closed until this was done; `passerelle backup restore` does it by itself. Safe to run at any
    time and before each start: where nothing is missing nothing happens.
    """
    with refusals_in_words():
        _replay(load_settings(), log_lost=log_lost)


def _replay(settings: Settings, *, log_lost: bool) -> None:
    with open_database(settings) as database, _progress("replaying withdrawals") as on_progress:
        found = replays.replay(database, log_lost=log_lost, on_progress=on_progress)
    for line in _told(found):
        console.print(line, soft_wrap=True)


def _told(found: Replayed) -> Iterator[str]:
    yield f"Withdrawals replayed: {found.remembered}; people erased again: {found.erased}. The hub may open."
    if found.unreadable:
        yield f"Lines of the log that could not be read: {found.unreadable}. A write was broken off there; nothing is missing."
    if found.strangers:
        yield (
            f"Withdrawals of organisations that are not in the database: {found.strangers}. Once they are added again, run "
            f"passerelle backup replay again."
        )


def _refuse_running(settings: Settings) -> None:
    """Refuse while something answers where the hub would listen.

    Raises
    ------
    UnsafeSettings
        Something does.
    """
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.settimeout(1)
        if settings.port and probe.connect_ex((settings.host, settings.port)) == 0:
            raise UnsafeSettings(
                f"Something answers on {settings.host}:{settings.port}: stop the hub and its worker first. If it is "
                f"another program, name the hub's own port with PASSERELLE_PORT."
            )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except BackupRefused as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _progress(task: str) -> Iterator[OnProgress]:
    """Show how far it is, once it took a second."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    shown = Progress(*columns, console=console, transient=True)
    started, row = time.monotonic(), shown.add_task(task, total=None)

    def tell(done: int, total: int) -> None:
        shown.update(row, completed=done, total=total or None)
        if not shown.live.is_started and time.monotonic() - started > QUIET_SECONDS:
            shown.start()

    try:
        yield tell
    finally:
        if shown.live.is_started:
            shown.stop()
