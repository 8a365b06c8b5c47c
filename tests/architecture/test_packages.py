"""An agency installs the base package alone and can speak to any hub: no Flask, no SQLAlchemy, no networkx."""

import subprocess
import sys
import textwrap
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
HUB_ONLY = ("flask", "sqlalchemy", "networkx", "numpy", "scipy", "ortools", "alembic", "pandas")

# Stands for an environment in which only the base dependencies are installed: everything else cannot be imported.
ISOLATED = textwrap.dedent(
    """
    import importlib
    import pkgutil
    import sys


    class Absent:
        def find_spec(self, name, path=None, target=None):
            top = name.partition(".")[0]
            if path is None and top in sys.argv[2].split(","):
                raise ModuleNotFoundError(f"not installed: {top}", name=top)
            return None

    sys.meta_path.insert(0, Absent())
    import federation
    for found in pkgutil.walk_packages(federation.__path__, "federation."):
        importlib.import_module(found.name)
    loaded = {name.partition(".")[0] for name in sys.modules}
    print(",".join(sorted(loaded & set(sys.argv[2].split(",")))))
    """
)


def base_requirements() -> set[str]:
    found = [Requirement(line) for line in requires("passerelle") or []]
    return {item.name.lower() for item in found if item.marker is None or "extra" not in str(item.marker)}


def test_the_base_package_asks_for_nothing_of_the_hub():
    assert not base_requirements() & set(HUB_ONLY)


def test_every_module_of_federation_imports_without_the_hub_s_packages():
    command = [sys.executable, "-c", ISOLATED, ",".join(base_requirements()), ",".join(HUB_ONLY)]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == ""


def test_the_command_works_without_the_hub_s_packages_and_says_how_to_get_the_rest():
    script = (
        ISOLATED.partition("import federation\n")[0]
        + "from federation.command_line import main\nsys.argv = ['passerelle', '--help']\nmain()"
    )
    command = [sys.executable, "-c", script, "", ",".join(HUB_ONLY)]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 0, ended.stderr
    assert "connector" in ended.stdout
    assert "passerelle[hub]" in ended.stdout
