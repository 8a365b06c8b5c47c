"""A hub that listens on a real port, for commands as they are typed."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from hub.app import create_app
from hub.database import Database
from hub.settings import load_settings


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(hub_people: Database, tmp_path: Path) -> Iterator[str]:
    """The address of a hub that listens."""
    with make_server("127.0.0.1", 0, None, WSGIServer, Quiet) as server:  # type: ignore[arg-type]
        address = f"http://127.0.0.1:{server.server_port}"
        settings = load_settings({}, secret="s" * 40, issuer=address, instance_folder=str(tmp_path))
        server.set_app(create_app(settings, hub_people))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield address
        server.shutdown()
        thread.join()
