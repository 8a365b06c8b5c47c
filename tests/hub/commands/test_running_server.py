"""The demonstration's server: what cannot start says where to read why, and leaves no process behind."""

import os
import socket
from pathlib import Path

import pytest

from hub import migrating
from hub.commands.demonstration.server import RunningServer
from hub.database import Database
from hub.settings import UnsafeSettings, load_settings


def children() -> set[str]:
    """The processes this one started that still run."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = status.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if parts[1] == str(os.getpid()) and parts[0] != "Z":
            found.add(status.parent.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc")
def test_a_port_that_is_taken_is_told_and_nothing_goes_on_running(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        (tmp_path / "secret.key").write_text("s" * 48, encoding="ascii")
        settings = load_settings({}, instance_folder=str(tmp_path), port=port, issuer=address)
        database = Database(settings.database)
        migrating.upgrade(database.engine)
        database.close()
        before = children()

        with pytest.raises(UnsafeSettings, match=r"serve\.log"), RunningServer(settings):
            pytest.fail("it served")

        assert children() == before
