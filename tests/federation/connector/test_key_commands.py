"""A lost identity key as three agencies and the operator type it, against a hub that listens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from federation.command_line import build
from federation.connector.store import Store
from federation.operator_keys import read_announcement
from hub.models import utcnow

PASSPHRASE = "four words for us"


class Desk:
    """Whoever types: an agency in its folder, or the operator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def type(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(build(), list(words), input=typed)

    def connector(self, *words: str) -> str:
        ended = self.type("connector", "--folder", str(self.folder), *words)
        assert ended.exit_code == 0, ended.output
        return " ".join(ended.output.split())

    def refused(self, *words: str) -> str:
        ended = self.type("connector", "--folder", str(self.folder), *words)
        assert ended.exit_code == 1, ended.output
        return " ".join(ended.output.split())

    def hears(self, other: "Desk", names: tuple[str, str]) -> None:
        self.connector("safety-number", names[1], "--heard", other.number_with(names[0]))

    def number_with(self, name: str) -> str:
        return digits(self.connector("safety-number", name))


def digits(said: str) -> str:
    """The last sixty digits, in fives."""
    return " ".join([word for word in said.split() if word.isdigit() and len(word) == 5][-12:])


@pytest.fixture
def operator(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "operator.key")
    words = ("operator-key", "make", str(desk.folder), "--network", "Newcomers of Alberta")
    assert desk.type(*words, typed=f"{PASSPHRASE}\n{PASSPHRASE}\n").exit_code == 0
    return desk


@pytest.fixture
def agency(address: str, enrol: Callable[[str], str], tmp_path: Path) -> Callable[[str], Desk]:
    def join(name: str) -> Desk:
        desk = Desk(tmp_path / name)
        desk.connector("init")
        desk.connector("register", "--organisation", name, "--hub", address, "--token", enrol(name))
        return desk

    return join


def public(operator: Desk) -> tuple[str, str]:
    """The operator's announcement and its number."""
    file = operator.folder.with_name(operator.folder.name + ".public")
    return str(file), read_announcement(file.read_text("ascii")).number


def test_a_lost_identity_key_is_replaced_and_every_command_says_so_until_the_number_was_heard(
    agency: Callable[[str], Desk], operator: Desk, address: str, enrol: Callable[[str], str], tmp_path: Path
):
    eriec, arec, old = agency("eriec"), agency("arec"), agency("criec")
    eriec.hears(old, ("eriec", "criec"))
    eriec.hears(arec, ("eriec", "arec"))
    file, number = public(operator)
    assert number in eriec.connector("operator-key", file)
    assert "numbers differ" in eriec.refused("operator-key", file, "--heard", "1" * 60)
    assert "Newcomers of Alberta is kept" in eriec.connector("operator-key", file, "--heard", number)

    fresh, asked = Desk(tmp_path / "anew"), str(tmp_path / "asked")
    fresh.connector("init")
    assert "lost-key start" in fresh.refused(
        "register", "--organisation", "criec", "--hub", address, "--token", enrol("criec")
    )
    read_out = digits(fresh.connector("lost-key", "start", asked))
    assert "not countersigned" in fresh.refused("lost-key", "publish", asked)
    assert "numbers differ" in arec.refused("lost-key", "countersign", asked, "--heard", "1" * 60)
    assert "Countersigned" in arec.connector("lost-key", "countersign", asked, "--heard", read_out)
    words = ("operator-key", "countersign", str(operator.folder), asked, "--heard", read_out)
    assert operator.type(*words, typed=PASSPHRASE + "\n").exit_code == 0
    assert "No operator key is pinned" in fresh.refused("lost-key", "publish", asked)
    fresh.connector("operator-key", file, "--heard", number)
    assert "72 hours" in fresh.connector("lost-key", "publish", asked)

    assert "key.replacement organisation:criec" in eriec.connector("poll")
    assert "criec asks to replace its identity key" in eriec.connector("contacts")
    assert "asks to replace" in eriec.refused("safety-number", "criec", "--heard", fresh.number_with("eriec"))
    three_days_pass(Store(eriec.folder))
    eriec.hears(fresh, ("eriec", "criec"))
    assert "asks to replace" not in eriec.connector("contacts")
    assert "No identity key is asked to be replaced" in eriec.connector("lost-key", "status")


def three_days_pass(store: Store) -> None:
    """Let the replacement have been seen for the first time 72 hours ago."""
    pins = store.pins
    at = int((utcnow() - timedelta(hours=72)).timestamp())
    pins.seen = {name: replace(one, at=at) for name, one in pins.seen.items()}
    store.keep_pins(pins)


def test_whoever_holds_the_old_identity_is_told_by_every_poll_and_objects(
    agency: Callable[[str], Desk], operator: Desk, address: str, enrol: Callable[[str], str], tmp_path: Path
):
    eriec, arec, old = agency("eriec"), agency("arec"), agency("criec")
    eriec.hears(old, ("eriec", "criec"))
    eriec.hears(arec, ("eriec", "arec"))
    thief, asked = Desk(tmp_path / "thief"), str(tmp_path / "asked")
    file, number = public(operator)
    thief.connector("init")
    thief.refused("register", "--organisation", "criec", "--hub", address, "--token", enrol("criec"))
    for desk in (eriec, thief):
        desk.connector("operator-key", file, "--heard", number)
    read_out = digits(thief.connector("lost-key", "start", asked))
    arec.connector("lost-key", "countersign", asked, "--heard", read_out)
    words = ("operator-key", "countersign", str(operator.folder), asked, "--heard", read_out)
    assert operator.type(*words, typed=PASSPHRASE + "\n").exit_code == 0
    thief.connector("lost-key", "publish", asked)
    assert "asks to replace" in eriec.connector("lost-key", "status")

    assert "lost-key object" in old.connector("poll")
    assert "phone every organisation" in old.connector("lost-key", "object")

    assert "Nobody asks to replace" in old.refused("lost-key", "object")
    assert "objected to the replacement" in eriec.connector("poll")
    assert "No identity key is asked to be replaced" in eriec.connector("lost-key", "status")
    assert "Key statement 4 is published" in old.connector("rotate-keys")
