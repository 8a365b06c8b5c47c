"""A real served hub, and programs in another language that speak to it."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.scopes import ALL_SCOPES, format_scope
from hub import migrating
from hub.commands.demonstration.server import RunningServer
from hub.database import Database
from hub.services import clients
from hub.settings import Settings, load_settings
from tests.hub.people import TESTS, add_members

SCRIPTS = Path(__file__).parent / "node"
PACKAGES = "PASSERELLE_NODE_MODULES"
Run = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """``passerelle serve`` with four members and nobody in the pool."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "secret.key").write_text("s" * 48, encoding="ascii")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = load_settings({}, instance_folder=str(folder), port=port, issuer=f"http://127.0.0.1:{port}")
    database = Database(settings.database)
    migrating.upgrade(database.engine)
    database.run(add_members)
    with RunningServer(settings):
        yield settings
    database.close()


@pytest.fixture
def enrolment(served: Settings) -> Iterator[Callable[[], str]]:
    """Give a single-use enrolment token of one member, as the operator would."""
    database = Database(served.database)
    scope = format_scope(ALL_SCOPES)
    yield lambda: database.run(lambda session: clients.issue_enrolment(session, TESTS, "eriec", scope, 1))
    database.close()


@pytest.fixture
def node(tmp_path: Path) -> Run:
    """Run one of our programs with node, JSON in and JSON out."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed")

    def run(script: str, told: dict[str, Any]) -> dict[str, Any]:
        # Copied, so that packages are looked for beside it and nowhere else.
        path = shutil.copy(SCRIPTS / script, tmp_path / script)
        done = subprocess.run([program, path], input=json.dumps(told), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    return run


@pytest.fixture
def packages(tmp_path: Path) -> None:
    """Let programs import what stands in the folder named by the environment."""
    folder = os.environ.get(PACKAGES)
    if not folder:
        pytest.skip(f"{PACKAGES} names no node_modules: npm ci in a copy of tests/interop/node makes one")
    (tmp_path / "node_modules").symlink_to(Path(folder).resolve())
