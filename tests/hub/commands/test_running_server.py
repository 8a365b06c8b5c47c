"""The demonstration's server: what does not start says where to read why, and leaves no process behind."""

import socket
import time
from pathlib import Path

import pytest

from hub import migrating
from hub.commands.demonstration.server import RunningServer
from hub.database import Database
from hub.settings import Settings, UnsafeSettings, load_settings

LINUX = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")


def prepared(folder: Path, port: int, answers_at: int) -> Settings:
    """A hub's folder, and a server on one port that says it answers at another."""
    (folder / "secret.key").write_text("s" * 48, encoding="ascii")
    settings = load_settings({}, instance_folder=str(folder), port=port, issuer=f"http://127.0.0.1:{answers_at}")
    database = Database(settings.database)
    migrating.upgrade(database.engine)
    database.close()
    return settings


def running(port: int) -> list[str]:
    """Processes that were told to serve on this port, workers among them; one that is being ended may take a moment."""
    for _ in range(50):
        if not (found := _running(port)):
            break
        time.sleep(0.1)
    return found


def _running(port: int) -> list[str]:
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"PASSERELLE_PORT={port}".encode() in environment.read_bytes().split(b"\0"):
                found.append(environment.parent.name)
        except OSError:
            continue
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@LINUX
def test_a_server_that_is_not_ready_in_time_ends_with_its_workers(tmp_path: Path) -> None:
    port = free_port()
    slow = RunningServer(prepared(tmp_path, port, answers_at=free_port()), patience=8)

    with pytest.raises(UnsafeSettings, match=r"serve\.log"), slow:
        pytest.fail("it served")

    assert running(port) == []


@LINUX
def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(UnsafeSettings, match=r"serve\.log"), RunningServer(prepared(tmp_path, port, port)):
            pytest.fail("it served")

        assert running(port) == []
