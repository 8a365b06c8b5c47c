"""Rows of a CSV or XLSX file, within bounds; formulas are never evaluated."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from federation.problems import Problem

MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 100_000
# An XLSX is a zip: refuse one that unpacks to far more than it weighs, before anything is parsed.
MOST_UNPACKED: Final = 200_000_000
MOST_RATIO: Final = 200

Row = tuple[int, dict[str, str]]


def read_rows(path: Path) -> Iterator[Row]:
    """Yield (line, column → text) for each row below the header.

    Raises
    ------
    Problem
        ``bad-request`` or ``body-too-large``: not readable, no header, a column named twice, a row with more cells than
        columns, or out of bounds.
    """
    if not path.is_file():
        raise Problem("bad-request", f"There is no file {path.name}.")
    if path.stat().st_size > MOST_BYTES:
        raise Problem("body-too-large", f"{path.name} is larger than {MOST_BYTES} bytes: split it.")
    rows = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise Problem("body-too-large", f"{path.name} has more than {MOST_ROWS} rows: split it.")
        yield row


def _csv(path: Path) -> Iterator[Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("bad-request", f"{path.name} is not UTF-8: save it as CSV UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = _header(path, next(reader, []))
        # A cell may span lines: a row's number is that of its first line, where a person looks for it.
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                yield line, _named(path, line, header, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise Problem("bad-request", f"{path.name}, line {reader.line_num}: {error}.") from error


def _xlsx(path: Path) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > min(MOST_UNPACKED, MOST_RATIO * max(path.stat().st_size, 1)):
            raise Problem("body-too-large", f"{path.name} unpacks to {unpacked} bytes: save it anew without extras.")
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError) as error:
        raise Problem("bad-request", f"{path.name} is not a workbook this connector can read.") from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else iter(())
        header = _header(path, [_text(cell) for cell in next(rows, ())])
        for line, cells in enumerate(rows, start=2):
            if any(cell is not None for cell in cells):
                yield line, _named(path, line, header, [_text(cell) for cell in cells])
    except (ParseError, KeyError, ValueError) as error:
        raise Problem("bad-request", f"{path.name} is damaged: save it anew.") from error
    finally:
        book.close()


def _header(path: Path, cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    if not any(header):
        raise Problem("bad-request", f"{path.name} has no header line.")
    repeated = {name for name in header if name and header.count(name) > 1}
    if repeated:
        raise Problem("bad-request", f"{path.name} names the column {min(repeated)!r} twice.")
    return header


def _delimiter(text: str) -> str:
    """Return what separates the header's cells: a comma, or the semicolon of programs set to French, or a tab."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _named(path: Path, line: int, header: list[str], cells: list[str]) -> dict[str, str]:
    if any(cells[len(header) :]):
        raise Problem("bad-request", f"{path.name}, line {line}: more cells than columns. Nothing was read.")
    padded = cells + [""] * (len(header) - len(cells))
    return {name: cell.strip() for name, cell in zip(header, padded, strict=False) if name}


def _text(cell: object) -> str:
    """Return a workbook's cell as its owner reads it: a day without midnight, a whole number without a fraction."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
