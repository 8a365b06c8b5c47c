"""An agency installs the base package alone and can speak to any hub: no Flask, no SQLAlchemy, no networkx.

The environment is a real one: the wheel that `pip wheel` builds, and what the base package asks for, and nothing else. The
dependencies are linked from the tests' own environment, so that the test needs no network and sees the locked versions.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
HUB_ONLY = {"flask", "sqlalchemy", "networkx", "numpy", "scipy", "ortools", "alembic", "pandas"}
SOURCES = ("federation", "hub", "graph", "config", "migrations")
IMPORT_ALL = """
import importlib, pkgutil, federation
for found in pkgutil.walk_packages(federation.__path__, "federation."):
    importlib.import_module(found.name)
    print(found.name)
"""


def base_requirements(name: str = "passerelle") -> set[str]:
    """The distributions that `name` asks for here, without any extra, and all that those ask for."""
    found: set[str] = set()
    for line in distribution(name).requires or ():
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            found |= {wanted.name.lower(), *base_requirements(wanted.name)}
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A copy, because setuptools leaves build/ and *.egg-info in the tree that it builds.
    tree = tmp_path_factory.mktemp("tree")
    for name in SOURCES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        ".",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        "out",
    ]
    built = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    return next((tree / "out").glob("passerelle-*.whl"))


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The `bin` of an environment with the base package and its dependencies alone."""
    folder = tmp_path_factory.mktemp("agency")
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    for name in base_requirements():
        for entry in {
            file.parts[0] for file in distribution(name).files or () if file.parts[0] not in ("..", "__pycache__")
        }:
            (packages / entry).symlink_to(distribution(name).locate_file(entry))
    command = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-deps", "--no-index", str(wheel)]
    installed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder / "bin"


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PASSERELLE"))}
    return subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True, check=False, timeout=60)


def test_the_base_package_asks_for_nothing_of_the_hub():
    assert "marshmallow" in base_requirements()
    assert not base_requirements() & HUB_ONLY


def test_the_agency_s_environment_truly_lacks_the_hub_s_packages(agency: Path, tmp_path: Path):
    ended = run([str(agency / "python"), "-c", "import flask"], tmp_path)

    assert "No module named 'flask'" in ended.stderr


def test_every_module_of_federation_imports_in_it(agency: Path, tmp_path: Path):
    ended = run([str(agency / "python"), "-W", "error", "-c", IMPORT_ALL], tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "federation.connector.commands" in ended.stdout.split()


def test_its_command_teaches_the_connector_and_says_how_to_get_the_rest(agency: Path, tmp_path: Path):
    ended = run([str(agency / "passerelle"), "--help"], tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert "connector" in ended.stdout
    assert "passerelle[hub]" in ended.stdout
    assert run([str(agency / "passerelle"), "connector", "--help"], tmp_path).returncode == 0


def test_it_knows_the_vocabularies_and_refuses_an_unknown_key(agency: Path, tmp_path: Path):
    example = json.loads((ROOT / "federation/examples/v1/requests/profile_mentor.json").read_text("utf-8"))
    script = (
        "import json, sys; from federation.documents import ProfileDocument, read; from federation.problems import Problem\n"
        "try: read(ProfileDocument(), json.loads(sys.argv[1]))\n"
        "except Problem as problem: sys.exit(problem.kind)"
    )

    assert run([str(agency / "python"), "-c", script, json.dumps(example)], tmp_path).returncode == 0
    refused = run([str(agency / "python"), "-c", script, json.dumps({**example, "name": "x"})], tmp_path)
    assert refused.stderr.strip() == "unknown-field"


def test_the_wheel_holds_the_migrations_and_pages_that_a_hub_needs(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())

    assert any("migrations/versions/0001" in name for name in held)
    assert any(name.endswith("templates/base.html") for name in held)
    assert any(name.endswith("LC_MESSAGES/messages.mo") for name in held)
