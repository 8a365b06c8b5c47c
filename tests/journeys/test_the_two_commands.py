"""What the README puts first: the demonstration ends well, can be run again, and never overwrites somebody's own hub."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.journeys.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
STEPS = (
    "Database",
    "Reference network",
    "API",
    "Round",
    "Introduction",
    "Peers",
    "Pathway and referral",
    "Search",
    "Hub",
)


def demo(folder: Path, *words: str, port: int | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "federation.command_line", "demo", "--port", str(port or free_port()), *words]
    environment = os.environ | {"PASSERELLE_INSTANCE_FOLDER": str(folder), "COLUMNS": "160"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)


def test_the_demonstration_goes_through_every_step_and_can_be_run_again(tmp_path: Path):
    for _ in range(2):
        ended = demo(tmp_path / "instance", "--no-serve")

        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert [name for number, name in enumerate(STEPS, 1) if f"{number} {name}" in ended.stdout] == list(STEPS)
        assert "9 of 9 steps done" in ended.stdout
        assert '"type": ' in ended.stdout


def test_a_hub_of_somebodys_own_is_refused_and_left_as_it_is(tmp_path: Path):
    (tmp_path / "passerelle.sqlite3").write_bytes(b"mine")

    ended = demo(tmp_path, "--no-serve")

    assert ended.returncode == 1
    assert "holds a hub of yours" in ended.stderr
    assert (tmp_path / "passerelle.sqlite3").read_bytes() == b"mine"


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = demo(tmp_path / "instance", "--no-serve", port=taken.getsockname()[1])

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "port" in ended.stderr
    assert not (tmp_path / "instance" / "passerelle.sqlite3").exists()


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path):
    # Below a file nobody can make a folder, not even the superuser that tests run as in a container.
    (tmp_path / "file").touch()

    ended = demo(tmp_path / "file" / "instance", "--no-serve")

    assert ended.returncode == 1
    assert "Cannot write" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_served_hub_prints_sign_ins_that_work_and_leaves_no_process_behind(tmp_path: Path):
    port, printed = free_port(), tmp_path / "printed"
    environment = os.environ | {"PASSERELLE_INSTANCE_FOLDER": str(tmp_path / "instance"), "COLUMNS": "160"}
    with printed.open("w") as out:
        served = subprocess.Popen(
            [sys.executable, "-m", "federation.command_line", "demo", "--port", str(port)], env=environment, stdout=out
        )
        try:
            text = _wait_for(printed, "Stop with Ctrl-C")
            cards = dict(re.findall(r"│ ([a-z.]+) +│ ([\w-]{16}) +│", text))
            assert {"eriec.coordinator", "criec.coordinator", "bvlc.coordinator"} < cards.keys(), text
            for username, home in (
                ("eriec.coordinator", "/"),
                ("eriec.administrator", "/colleagues"),
                ("operator", "/"),
            ):
                _sign_in(port, username, cards[username], home)
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait(20)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)


def _sign_in(port: int, username: str, password: str, home: str) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True) as http:
        token = re.search(r'name="csrf_token" value="([^"]+)"', http.get("/sign-in").text)
        assert token is not None
        form = {"csrf_token": token[1], "username": username, "password": password}
        assert http.post("/sign-in", data=form).status_code == 200
        page = http.get(home)
        assert (page.status_code, page.url.path) in ((200, home), (200, "/hub")), page.url


def setup_with(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """`make setup` in `folder` with a Python that is a line of shell: `$2` is what the Makefile asks it to run."""
    pretended = folder / "python3"
    pretended.write_text(f"#!/bin/sh\n{python}\n")
    pretended.chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        if not (folder / name).exists():
            (folder / name).write_bytes((ROOT / name).read_bytes())
    command = ["make", "setup", f"PYTHON={pretended}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_an_old_python_is_told_what_to_do(tmp_path: Path):
    old = "import sys; sys.version_info = (3, 9, 0); sys.version = '3.9.0 (old)'; exec(sys.argv[1])"

    ended = setup_with(tmp_path, f'exec {sys.executable} -c "{old}" "$2"')

    assert ended.returncode != 0
    assert "needs Python 3.11 or newer; this is 3.9.0" in ended.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_venv_is_told_which_package_to_install(tmp_path: Path):
    ended = setup_with(tmp_path, f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"')

    assert ended.returncode != 0
    assert "apt-get install python3-venv" in ended.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_package_that_does_not_match_the_lock_stops_the_setup_and_is_named(tmp_path: Path):
    (tmp_path / "requirements.lock").write_text("./tampered-1.0-py3-none-any.whl --hash=sha256:" + "0" * 64 + "\n")
    (tmp_path / "tampered-1.0-py3-none-any.whl").write_bytes(b"not what was locked")

    ended = setup_with(tmp_path, f'exec {sys.executable} "$@"')

    assert ended.returncode != 0
    assert "DO NOT MATCH THE HASHES" in ended.stderr
    assert "Run the same command again" in ended.stderr
    assert not (tmp_path / ".venv" / "ready").exists()


def test_the_readme_starts_with_the_two_commands_that_the_makefile_has():
    readme, makefile = (ROOT / "README.md").read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")
    commands = re.findall(r"^make (\w+)", readme, re.MULTILINE)

    assert commands[:2] == ["demo", "test"]
    assert all(re.search(rf"^{name}:", makefile, re.MULTILINE) for name in commands)


def _wait_for(path: Path, text: str, seconds: int = 120) -> str:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if text in (found := path.read_text("utf-8")):
            return found
        time.sleep(0.2)
    raise AssertionError(f"{text!r} was not printed:\n{path.read_text('utf-8')}")
