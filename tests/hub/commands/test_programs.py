"""``passerelle programs import``: what can be used is taken in, the rest told line by line."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DEMO, OHANA = ROOT / "config/demo/programs.json", ROOT / "tests/data/ohana"


def take_in(terminal, path: Path, *more: str) -> str:
    return " ".join(terminal.done("programs", "import", "--hsds", str(path), *more).split())


def test_the_demonstrations_programs_are_taken_in_whole(two_members):
    assert "16 programs taken in, 0 places" in take_in(two_members, DEMO, "--organisation", "eriec")
    assert len(two_members.rows()["program"]) == 16


def test_what_cannot_be_used_is_told_with_file_line_column_and_reason(two_members):
    told = take_in(two_members, OHANA)

    assert "services.csv line 21, status: defunct: only active services are offered" in told
    assert "services.csv line 22, status: inactive: only active services are offered" in told
    assert "21 programs taken in, 2 places could not be used." in told
    assert len(two_members.rows()["program"]) == 21


def test_a_dry_run_tells_the_same_and_takes_nothing(two_members):
    told = take_in(two_members, OHANA, "--dry-run")

    assert "21 programs would be taken in, 2 places" in told
    assert two_members.rows()["program"] == []


def test_brackets_in_a_file_are_told_as_they_stand(two_members, tmp_path: Path):
    path = tmp_path / "odd.json"
    odd = {"value": "[/b]", "taxonomy_term": {"code": "passerelle:gives"}}
    path.write_text(json.dumps({"id": "1", "name": "A", "status": "active", "attributes": [odd]}), encoding="utf-8")

    assert "'[/b]' is neither clb:" in take_in(two_members, path)


def test_a_file_that_cannot_be_read_at_all_is_refused(two_members, tmp_path: Path):
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "empty").mkdir()

    assert "Correct the JSON" in two_members.refused("programs", "import", "--hsds", str(tmp_path / "broken.json"))
    assert "no services.csv" in two_members.refused("programs", "import", "--hsds", str(tmp_path / "empty"))


def test_an_organisation_that_is_no_member_is_refused(two_members):
    told = two_members.refused("programs", "import", "--hsds", str(DEMO), "--organisation", "nobody")

    assert "nobody is not a member" in told


@pytest.mark.parametrize("words", [(), ("--hsds", "no-such-file.json")])
def test_without_a_file_it_is_refused_as_usage(two_members, words: tuple[str, ...]):
    assert two_members.type("programs", "import", *words).exit_code == 2
