"""Every example in a docstring runs, and says what comes out."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for package in ("graph", "federation", "hub")
    for path in (ROOT / package).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


def test_there_are_examples_to_run():
    assert len(MODULES) > 20


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_hold(module: str):
    tried = doctest.testmod(import_module(module))

    assert tried.attempted
    assert tried.failed == 0
