"""The real server in a process of its own, as an operator would run it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from hub.settings import Settings, UnsafeSettings

PATIENCE_SECONDS = 120
"""Two seconds are enough on a quiet machine; one that tests or compiles something else at the time needs many."""


class RunningServer:
    """``passerelle serve`` as a child process; stopped when the block ends."""

    def __init__(self, settings: Settings, *, patience: float = PATIENCE_SECONDS) -> None:
        """Remember the settings and how many seconds it may take to be ready; start on entry."""
        self.settings, self.patience = settings, patience

    def __enter__(self) -> Self:
        """Start and wait until it is ready.

        Raises
        ------
        UnsafeSettings
            It ended or was not ready in time.
        """
        names = ("host", "port", "issuer", "instance_folder", "database_url")
        own = {f"PASSERELLE_{name.upper()}": str(getattr(self.settings, name)) for name in names}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "federation.command_line", "serve"],
            env=os.environ | own,
            stdout=subprocess.DEVNULL,
            stderr=self._log(),
            process_group=0,
        )
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and wait for it."""
        self._stop()

    def _stop(self) -> None:
        # Asked first: a server that is killed leaves its workers behind.
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # Told to end while it was still starting, it may have begun a worker it will never wait for.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def process_id(self) -> int:
        """The server's own process; its workers are its children."""
        return self._process.pid

    def wait(self) -> None:
        """Serve until interrupted."""
        self._process.wait()

    def _log(self) -> int:
        path = Path(self.settings.instance_folder) / "serve.log"
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def _wait(self) -> None:
        ends = time.monotonic() + self.patience
        while time.monotonic() < ends:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.settings.issuer}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        self._stop()
        raise UnsafeSettings(f"The server did not start; see {self.settings.instance_folder}/serve.log")
