"""An agency installs the base package alone and can speak to any hub: no Flask, no SQLAlchemy, no networkx."""

import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
HUB_ONLY = ("flask", "sqlalchemy", "networkx", "numpy", "scipy", "ortools", "alembic", "pandas")

# Stands for an environment in which only the base dependencies are installed: the hub's packages cannot be imported.
WITHOUT_THE_HUB = """
import sys

absent = set(sys.argv.pop(1).split(","))

class Absent:
    def find_spec(self, name, path=None, target=None):
        if path is None and name.partition(".")[0] in absent:
            raise ModuleNotFoundError("not installed: " + name, name=name)
        return None

sys.meta_path.insert(0, Absent())
"""
IMPORT_ALL = """
import importlib
import pkgutil

import federation

for found in pkgutil.walk_packages(federation.__path__, "federation."):
    importlib.import_module(found.name)
    print(found.name)
"""
CALL_HELP = """
from federation.command_line import main

main()
"""


def run_without_the_hub(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_THE_HUB + script, ",".join(HUB_ONLY), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def base_requirements() -> set[str]:
    found = [Requirement(line) for line in requires("passerelle") or []]
    return {item.name.lower() for item in found if item.marker is None or "extra" not in str(item.marker)}


def test_the_base_package_asks_for_nothing_of_the_hub():
    assert "marshmallow" in base_requirements()
    assert not base_requirements() & set(HUB_ONLY)


def test_every_module_of_federation_imports_without_the_hub_s_packages():
    ended = run_without_the_hub(IMPORT_ALL)

    assert ended.returncode == 0, ended.stderr
    assert "federation.client" in ended.stdout.split()


def test_the_command_works_without_the_hub_s_packages_and_says_how_to_get_the_rest():
    ended = run_without_the_hub(CALL_HELP, "--help")

    assert ended.returncode == 0, ended.stderr
    assert "connector" in ended.stdout
    assert "passerelle[hub]" in ended.stdout
