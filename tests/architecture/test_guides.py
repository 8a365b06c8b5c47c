"""The guides say what is there: every command, setting, call and link that they name exists."""

import re
from pathlib import Path

import click
import pytest

from federation.command_line import build
from federation.scopes import GRANTABLE
from hub.app import create_app
from hub.database import Database
from hub.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "benchmarks").glob("*.md")])
COMMAND = re.compile(r"\bpasserelle ((?:[a-z-]+ ?)+)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.fixture(params=GUIDES, ids=lambda path: path.name)
def guide(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_every_link_leads_somewhere(guide: Path):
    absent = [link for link in LINK.findall(guide.read_text("utf-8")) if not (guide.parent / link).exists()]

    assert absent == []


def test_every_command_exists(guide: Path):
    inside = re.findall(r"```\n(.*?)```|`([^`\n]+)`", guide.read_text("utf-8"), re.DOTALL)
    typed = [words for block in inside for words in COMMAND.findall("".join(block))]

    unknown = [words for words in typed if not exists(words.split())]

    assert unknown == []


def exists(words: list[str]) -> bool:
    """Whether the leading words name a command; what follows a command are its arguments."""
    found: click.Command = build()
    for word in words:
        found = getattr(found, "real", lambda found=found: found)()
        if not isinstance(found, click.Group):
            return True
        child = found.get_command(click.Context(found), word)
        if child is None:
            return False
        found = child
    return True


def test_the_operators_settings_exist():
    text = (ROOT / "docs" / "operator-guide.md").read_text("utf-8")
    named = {name.lower() for name in re.findall(r"PASSERELLE_([A-Z_]+)", text)} - {"config"}

    assert named <= set(load_settings({}, secret="s" * 40).__dataclass_fields__)


def test_the_integrators_calls_and_scopes_exist(sqlite_database: Database):
    text = (ROOT / "docs" / "integrator-guide.md").read_text("utf-8")
    app = create_app(load_settings({}, secret="s" * 40), sqlite_database)
    whole = {re.sub(r"<[^>]+>", "{}", rule.rule) for rule in app.url_map.iter_rules()}
    rules = whole | {rule.removeprefix("/api/v1") for rule in whole}
    called = {
        re.sub(r"\{\w+\}", "{}", path).split("?")[0] for path in re.findall(r"`(?:GET|POST|PUT|DELETE) (/[^`?]+)", text)
    }

    assert {path for path in called if path not in rules} == set()
    assert set(re.findall(r"`([a-z]+:[a-z]+)`", text)) <= GRANTABLE
