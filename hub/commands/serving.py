"""``passerelle serve`` and ``passerelle worker``."""

import socket
import time
from datetime import UTC, datetime
from typing import Any

import click
import structlog

from hub import logs, roles
from hub.commands.opening import console, open_database, refusals_in_words
from hub.database import Database
from hub.settings import Settings, UnsafeSettings, load_settings


@click.command()
@click.option("--host", help="Interface to listen on [setting: host].")
@click.option("--port", type=int, help="TCP port [setting: port].")
@click.option("--workers", type=int, help="Web processes [setting: workers]; more than one wants PostgreSQL.")
def serve(**options: Any) -> None:
    """Serve the hub's API and pages until interrupted (Ctrl-C).

    Run `passerelle db upgrade` first. The address is the setting `issuer`; put a reverse proxy with TLS in front of
    everything but a trial on this machine.
    """
    with refusals_in_words():
        settings = load_settings(**{name: value for name, value in options.items() if value is not None})
        refuse_taken_port(settings)
        with open_database(settings) as database:
            roles.refuse_powerful(database.engine, settings)
            refuse_unreplayed(database)
        console.print(f"Serving at {settings.issuer} (listening on {settings.host}:{settings.port})")
        run_server(settings)


def refuse_taken_port(settings: Settings) -> None:
    """Say which port is taken before a server prints a trace about it.

    Raises
    ------
    UnsafeSettings
        Something already listens there.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise UnsafeSettings(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). Stop the other program, or "
                f"choose another port: PASSERELLE_PORT and PASSERELLE_ISSUER, or passerelle demo --port {settings.port + 1}"
            ) from error


def refuse_unreplayed(database: Database) -> None:
    """Keep a restored hub closed until its withdrawals have been replayed.

    Raises
    ------
    UnsafeSettings
        The database does not know of withdrawals that the log has, or the log does not fit it.
    """
    from hub.services import replays

    if closed := replays.why_closed(database):
        raise UnsafeSettings(closed)


def run_server(settings: Settings) -> None:
    """Run granian in this process until it is told to stop."""
    import os

    from granian import Granian
    from granian.constants import Interfaces

    for name in ("host", "port", "issuer", "instance_folder"):
        os.environ[f"PASSERELLE_{name.upper()}"] = str(getattr(settings, name))
    Granian(
        "hub.app:create_served_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        log_access=False,
        websockets=False,
    ).serve()


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@click.option("--every", default=60, show_default=True, help="Seconds between two looks.")
def worker(*, once: bool, every: int) -> None:
    """Expire what is overdue, delete what is no longer needed, publish the next epoch of the pool when it is due.

    Safe to run several at once: each change is one conditional update.
    """
    from hub.worker import do_what_is_due

    with refusals_in_words():
        settings = load_settings()
        logs.configure(as_json=settings.log_json)
        with open_database(settings) as database:
            roles.refuse_powerful(database.engine, settings)
            while True:
                refuse_unreplayed(database)
                done = do_what_is_due(database, settings, datetime.now(UTC))
                structlog.get_logger(__name__).info("worker", task="due", count=sum(done.values()))
                if once:
                    return
                time.sleep(every)
