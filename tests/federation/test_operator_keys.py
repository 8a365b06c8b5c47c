"""The operator's key: made and used away from the hub, under a passphrase, and known to members by a number they heard."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import OKPKey

from federation.command_line import build
from federation.key_chains import issue_statement
from federation.keys import generate_keys, sign
from federation.operator_keys import ANNOUNCEMENT, announce, keep_private, read_announcement, read_private
from federation.problems import Problem
from federation.replacements import issue_replacement, read_replacement, replacement_number

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = OKPKey.generate_key("Ed25519")
PASSPHRASE = "four words for us"


def type_in(folder: Path, *words: str, passphrase: str = PASSPHRASE, times: int = 1) -> Result:
    typed = (passphrase + "\n") * times
    return CliRunner().invoke(build(), ["operator-key", words[0], str(folder / "key"), *words[1:]], input=typed)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with a key that runs bvlc itself."""
    ended = type_in(tmp_path, "make", "--network", "Newcomers of Alberta", "--runs", "bvlc", times=2)
    assert ended.exit_code == 0, ended.output
    return tmp_path


def asked_for(folder: Path, organisation: str) -> tuple[Path, str]:
    """A replacement in a file, and its number."""
    lost = issue_statement(generate_keys(organisation), [], NOW)
    text = issue_replacement(generate_keys(organisation), [lost], NOW)
    (folder / "asked").write_text(text + "\n", encoding="ascii")
    return folder / "asked", replacement_number(text)


def test_a_key_comes_back_from_its_file_with_its_passphrase_alone(tmp_path: Path):
    keep_private(tmp_path / "key", KEY, PASSPHRASE)

    assert read_private(tmp_path / "key", PASSPHRASE).thumbprint() == KEY.thumbprint()
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert KEY.as_dict(private=True)["d"] not in (tmp_path / "key").read_text("ascii")
    with pytest.raises(Problem, match="does not open"):
        read_private(tmp_path / "key", "another passphrase")
    with pytest.raises(Problem, match="cannot be read"):
        read_private(tmp_path / "absent", PASSPHRASE)


def test_a_short_passphrase_and_a_file_that_is_there_are_refused(tmp_path: Path):
    with pytest.raises(Problem, match="12 characters"):
        keep_private(tmp_path / "key", KEY, "short")
    keep_private(tmp_path / "key", KEY, PASSPHRASE)
    with pytest.raises(Problem, match="not overwritten"):
        keep_private(tmp_path / "key", KEY, PASSPHRASE)
    with pytest.raises(Problem, match="cannot be written"):
        keep_private(tmp_path / "no" / "key", KEY, PASSPHRASE)


def test_an_announcement_says_what_was_announced_and_its_number_is_its_own():
    operator = read_announcement(announce(KEY, "Newcomers of Alberta", ["bvlc", "bvlc"], NOW) + "\n")
    other = read_announcement(announce(KEY, "Newcomers of Alberta", [], NOW))

    assert (operator.network, operator.runs) == ("Newcomers of Alberta", ("bvlc",))
    assert operator.key.thumbprint() == KEY.thumbprint()
    assert len(operator.number.replace(" ", "")) == 60
    assert operator.number != other.number


@pytest.mark.parametrize("payload", [{}, {"key": None}, {"network": 1}, {"runs": "bvlc"}, {"runs": [1]}])
def test_an_announcement_that_cannot_be_read_is_refused(payload: dict[str, object]):
    whole = {"network": "n", "runs": [], "key": KEY.as_dict(private=False)} | payload
    text = sign(KEY, ANNOUNCEMENT, whole if payload else {})

    with pytest.raises(Problem):
        read_announcement(text)


def test_an_announcement_by_another_key_than_it_names_is_refused():
    named = {"network": "n", "runs": [], "key": generate_keys("x").identity.as_dict(private=False)}

    with pytest.raises(Problem, match="not signed by the key expected"):
        read_announcement(sign(KEY, ANNOUNCEMENT, named))


def test_the_number_is_printed_when_the_key_is_made_and_again_on_demand(made: Path):
    shown = type_in(made, "show")

    assert read_announcement((made / "key.public").read_text("ascii")).number in shown.output
    assert type_in(made, "make", "--network", "n", times=2).exit_code == 1


def test_the_operator_vouches_for_what_it_heard_and_for_no_member_it_runs(made: Path):
    file, number = asked_for(made, "criec")
    before = file.read_text("ascii")

    for words, passphrase, said in (
        (["--heard", "1" * 60], PASSPHRASE, "numbers differ"),
        (["--heard", number], "another passphrase", "does not open"),
    ):
        refused = type_in(made, "countersign", str(file), *words, passphrase=passphrase)
        assert (refused.exit_code, file.read_text("ascii")) == (1, before)
        assert said in refused.output
    done = type_in(made, "countersign", str(file), "--heard", number)

    assert done.exit_code == 0, done.output
    assert file.read_text("ascii").count("~") == 1
    assert read_replacement(file.read_text("ascii").strip())["organisation"] == "criec"
    own, its_number = asked_for(made, "bvlc")
    refused = type_in(made, "countersign", str(own), "--heard", its_number)
    assert "cannot vouch for yourself" in " ".join(refused.output.split())


def test_an_announcement_of_another_key_beside_the_file_is_noticed(made: Path):
    file, number = asked_for(made, "criec")
    (made / "key.public").write_text(announce(KEY, "n", [], NOW), encoding="ascii")

    assert "announces another key" in type_in(made, "countersign", str(file), "--heard", number).output


def test_what_is_no_signed_text_is_refused(made: Path):
    (made / "asked").write_bytes("é".encode())
    assert "no signed text" in type_in(made, "countersign", str(made / "asked"), "--heard", "1").output
    (made / "asked").write_text(json.dumps({}), encoding="ascii")
    assert type_in(made, "countersign", str(made / "asked"), "--heard", "1").exit_code == 1
