"""The rules of the house that a machine can see."""

import ast
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from hub.settings import CONFIG, Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("graph", "federation", "hub")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
DOORS = sorted(path for door in ("api", "pages", "commands") for path in (ROOT / "hub" / door).rglob("*.py"))
QUERY = re.compile(r"\bselect\(|\.(scalars?|execute|get_one|merge|flush)\(|\bsession\.(get|add|add_all|delete)\(")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_code_to_look_at():
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_database_commits(path: Path):
    if name(path) != "hub/database.py":
        assert ".commit()" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOORS, ids=name)
def test_doors_hold_no_queries(path: Path):
    assert QUERY.search(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_broad_except_no_leftovers_and_no_naive_clock(path: Path):
    text = path.read_text(encoding="utf-8")

    for forbidden in ("except Exception", "except BaseException", "except:", "TODO", "FIXME", "utcnow().replace"):
        assert forbidden not in text


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_long_file_says_why(path: Path):
    text = path.read_text(encoding="utf-8")

    if len(text.splitlines()) > 350:
        assert "long" in (ast.get_docstring(ast.parse(text)) or "").lower()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_function_is_longer_than_sixty_lines(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            length = node.end_lineno - node.lineno + 1 - (len(docstring.splitlines()) if docstring else 0)
            assert length <= 60, f"{node.name} has {length} lines"


def test_every_setting_has_a_default_and_a_comment_above_it():
    text = (CONFIG / "defaults.toml").read_text(encoding="utf-8")
    lines = text.splitlines()

    assert set(tomllib.loads(text)) == {field.name for field in fields(Settings)}
    for number, line in enumerate(lines):
        if re.match(r"\w+ = ", line):
            assert lines[number - 1].startswith("# "), line


def test_migrations_never_import_the_models():
    for path in (ROOT / "migrations").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) hub", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_migrations_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "migrations" / "versions").glob("*.py"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_lock_names_no_index_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "index" not in re.sub(r"#.*", "", text)


def test_the_lock_of_the_interop_clients_names_a_hash_for_each_and_no_address():
    lock = json.loads((ROOT / "tests/interop/node/package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert set(packages) >= {"node_modules/jose", "node_modules/oauth4webapi", "node_modules/openid-client"}
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages.values())
