"""A spreadsheet is read as the agency sees it, or refused with a line to look at."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from federation.connector import spreadsheet
from federation.connector.spreadsheet import Row, read_rows
from federation.problems import Problem


def rows_of(folder: Path, text: str | bytes) -> list[Row]:
    path = folder / "people.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_rows(path))


def workbook(folder: Path, *rows: list[object]) -> Path:
    book = Workbook()
    assert book.active is not None
    for cells in rows:
        book.active.append(cells)
    path = folder / "people.xlsx"
    book.save(path)
    return path


def test_lines_are_counted_as_the_agency_counts_them(tmp_path: Path):
    rows = rows_of(tmp_path, 'name,note\r\nAmina,"two\r\nlines"\r\n\r\nOmar,\r\n')

    assert [(line, row["name"]) for line, row in rows] == [(2, "Amina"), (5, "Omar")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_separate(tmp_path: Path, delimiter: str):
    rows = rows_of(tmp_path, f"\ufeffprénom{delimiter}ville\nÉlise{delimiter}Montréal\n")

    assert rows == [(2, {"prénom": "Élise", "ville": "Montréal"})]


def test_a_workbook_reads_like_the_same_table_in_csv(tmp_path: Path):
    first_day = datetime.fromisoformat("2026-01-05")
    path = workbook(
        tmp_path, ["name", "years", "since"], ["Amina", 7.0, first_day], [None], ["Omar", 2, date(2026, 2, 1)]
    )

    assert [(line, *row.values()) for line, row in read_rows(path)] == [
        (2, "Amina", "7", "2026-01-05"),
        (4, "Omar", "2", "2026-02-01"),
    ]


def test_a_formula_is_never_computed(tmp_path: Path):
    rows = list(read_rows(workbook(tmp_path, ["name", "sum"], ["Amina", "=1+1"])))

    assert rows == [(2, {"name": "Amina", "sum": ""})]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no header"),
        ("name,name\n", "twice"),
        ("name\nAmina,secret\n", "line 2"),
        (b"name\n\xff\xfe\n", "UTF-8"),
        ('name\n"secret\n', "line 2"),
    ],
)
def test_what_is_not_a_table_is_refused_and_no_cell_is_repeated(tmp_path: Path, text: str | bytes, said: str):
    with pytest.raises(Problem, match=said) as refused:
        rows_of(tmp_path, text)

    assert refused.value.kind == "bad-request"
    assert "secret" not in refused.value.detail


def test_a_file_that_is_no_workbook_or_is_not_there_is_refused(tmp_path: Path):
    false_friend = tmp_path / "people.xlsx"
    false_friend.write_text("name\nAmina\n")
    with pytest.raises(Problem, match="not a workbook"):
        list(read_rows(false_friend))

    with zipfile.ZipFile(false_friend, "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(Problem, match="not a workbook"):
        list(read_rows(false_friend))

    with pytest.raises(Problem, match="no file"):
        list(read_rows(tmp_path / "absent.csv"))


def test_a_damaged_sheet_is_refused(tmp_path: Path):
    whole, damaged = workbook(tmp_path, ["name"], ["Amina"]), tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(damaged, "w") as target:
        for part in source.namelist():
            body = source.read(part)
            target.writestr(part, body[: len(body) // 2] if "sheet1" in part else body)

    with pytest.raises(Problem) as refused:
        list(read_rows(damaged))

    assert refused.value.kind == "bad-request"


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path):
    bomb = tmp_path / "people.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "0" * 5_000_000)

    with pytest.raises(Problem, match="unpacks to 5000000 bytes"):
        list(read_rows(bomb))


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 2)
    with pytest.raises(Problem, match="more than 2 rows"):
        rows_of(tmp_path, "name\na\nb\nc\n")

    monkeypatch.setattr(spreadsheet, "MOST_BYTES", 5)
    with pytest.raises(Problem, match="larger than 5 bytes"):
        rows_of(tmp_path, "name\na\nb\nc\n")
