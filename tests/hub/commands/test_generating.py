"""``passerelle generate``: files an agency could push, the same from the same seed."""

import json
from pathlib import Path

import pytest

from federation.documents import BulkLine, ProfileDocument, read
from federation.hsds import read_services

SIZES = ("--organisations", "3", "--mentors", "12", "--mentees", "9", "--programs", "4")


def generate(untouched, folder: Path, *more: str) -> dict[str, str]:
    told = untouched.done("generate", *SIZES, "--to", str(folder), *more)
    assert "12 mentors and 9 mentees of 3 organisations" in " ".join(told.split())
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_every_line_is_one_a_bulk_push_takes_and_every_program_is_read(untouched, tmp_path: Path):
    files = generate(untouched, tmp_path / "out")

    lines = [json.loads(line) for name, text in files.items() if name.endswith(".ndjson") for line in text.splitlines()]
    kinds = [read(ProfileDocument(), read(BulkLine(), line)["profile"])["kind"] for line in lines]
    assert (kinds.count("mentor"), kinds.count("mentee")) == (12, 9)
    found = read_services(tmp_path / "out" / "programs.json")
    assert (len(found.programs), found.errors) == (4, ())
    assert not untouched.folder.exists()


def test_the_same_seed_writes_the_same_files_and_another_seed_others(untouched, tmp_path: Path):
    first, again = generate(untouched, tmp_path / "a"), generate(untouched, tmp_path / "b")

    assert first == again != generate(untouched, tmp_path / "c", "--seed", "2")


def test_a_folder_that_cannot_be_written_is_refused(untouched, tmp_path: Path):
    (tmp_path / "file").touch()

    assert "Cannot write to" in untouched.refused("generate", "--to", str(tmp_path / "file" / "out"))


@pytest.mark.parametrize("words", [("--organisations", "0"), ("--mentors", "-1"), ("--seed", "x")])
def test_sizes_that_cannot_be_are_refused_as_usage(untouched, words: tuple[str, ...]):
    assert untouched.type("generate", *words).exit_code == 2
