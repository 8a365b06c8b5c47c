"""A mapping file that would send by accident, or that cannot work, is refused with the place to correct."""

from pathlib import Path

import pytest

from federation.connector.mapping import LISTS, Column, read_mapping
from federation.problems import Problem

GOOD = """
kind = "mentor"
key = ["e-mail"]
drop = ["remarks"]
[contact]
name = ["first", "last"]
[constants]
seats = 1
confirmed_on = 2026-01-05
[consent]
purposes = ["share"]
notice_version = "abc"
days = 365
given_on = 2026-01-02
[columns.job]
field = "noc"
values = { nurse = "3130" }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text)
    return path


def test_a_mapping_names_every_column_and_what_it_becomes(tmp_path: Path):
    mapping = read_mapping(written(tmp_path, GOOD))

    assert mapping.named() == {"e-mail", "remarks", "first", "last", "job"}
    assert mapping.private() == mapping.named() - {"job"}
    assert mapping.columns == {"job": Column("noc", None, {"nurse": "3130"})}
    assert mapping.constants == {"seats": 1, "confirmed_on": "2026-01-05"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "mentor"', 'kind = "boss"', "kind"),
        ('key = ["e-mail"]', "", "key"),
        ('key = ["e-mail"]', "key = []", "key"),
        ("drop =", "dorp =", "dorp"),
        ('["remarks"]', '"remarks"', "drop"),
        ('["remarks"]', '["job"]', "job"),
        ('["e-mail"]', '["job"]', "job"),
        ("name = [", "address = [", "address"),
        ("seats = 1", "biography = 1", "biography"),
        ('field = "noc"', 'field = "email"', "email"),
        ('field = "noc"', "", "field"),
        ('field = "noc"', 'field = "noc"\nsplit = ""', "split"),
        ('field = "noc"', 'field = "noc"\nguess = true', "guess"),
        ("days = 365", "days = 0", "days"),
        ("days = 365", "days = true", "days"),
        ("given_on = 2026-01-02", "", "when consent was given"),
        ("given_on = 2026-01-02", 'given_on = "yesterday"', "given_on"),
        ('notice_version = "abc"', "", "notice_version"),
        ('purposes = ["share"]', "", "purposes"),
    ],
)
def test_what_does_not_hold_is_named(tmp_path: Path, old: str, new: str, said: str):
    assert old in GOOD

    with pytest.raises(Problem, match=said) as refused:
        read_mapping(written(tmp_path, GOOD.replace(old, new)))

    assert refused.value.kind == "invalid-fields"


@pytest.mark.parametrize("text", ["kind = ", 'kind = "a"\nkind = "b"'])
def test_what_is_not_toml_is_refused(tmp_path: Path, text: str):
    with pytest.raises(Problem, match="not TOML"):
        read_mapping(written(tmp_path, text))


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path):
    with pytest.raises(Problem, match="cannot be read"):
        read_mapping(tmp_path / "absent.toml")

    (tmp_path / "picture.toml").write_bytes(b"\xff\xd8")
    with pytest.raises(Problem, match="not TOML"):
        read_mapping(tmp_path / "picture.toml")


def test_fields_that_hold_several_codes_are_those_of_the_profile():
    assert {"languages", "needs", "strengths", "slots"} <= LISTS
    assert not {"noc", "seats", "consent"} & LISTS
