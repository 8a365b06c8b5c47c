"""Services in a folder of CSV files, HSDS or Ohana."""

import csv
import io
import re
from pathlib import Path
from typing import Final

from federation.hsds.rows import Found, Row, RowError
from federation.hsds.tables import MOST_BYTES, TABLES, joined
from federation.problems import Problem

# What no text of the network may hold: PostgreSQL cannot keep NUL, and the JSON loader refuses the others as well.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def folder_rows(folder: Path) -> Found:
    """Return services of a folder of HSDS or Ohana CSV files.

    Raises
    ------
    Problem
        ``bad-request`` without services.csv or when a file is not CSV in UTF-8, ``body-too-large``.
    """
    if not (folder / "services.csv").is_file():
        raise Problem("bad-request", f"{folder.name} has no services.csv.")
    read = {name: _csv_table(folder / f"{name}.csv") for name in TABLES}
    rows, errors = joined({name: rows for name, (rows, _) in read.items()})
    return rows, [error for _, unread in read.values() for error in unread] + errors


def _csv_table(path: Path) -> Found:
    if not path.is_file():
        return [], []
    if path.stat().st_size > MOST_BYTES:
        raise Problem("body-too-large", f"{path.name} is larger than {MOST_BYTES} bytes: split it.")
    try:
        return _csv_rows(path.name, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Problem("bad-request", f"{path.name} is not UTF-8 at byte {error.start}: save it as UTF-8.") from error
    except csv.Error as error:
        raise Problem("bad-request", f"{path.name} is not CSV: {error}.") from error
    except OSError as error:
        raise Problem("bad-request", f"{path.name} cannot be read: {error.strerror}.") from error


def _csv_rows(file: str, text: str) -> Found:
    """Read rows with the line each begins on; a row that does not fit its headings is reported, not guessed at."""
    reader = csv.reader(io.StringIO(text))
    headings = next(reader, [])
    rows: list[Row] = []
    errors: list[RowError] = []
    line = reader.line_num + 1
    for cells in reader:
        row = Row(file, line, "", dict(zip(headings, cells, strict=False)))
        line = reader.line_num + 1
        if len(cells) > len(headings):
            errors.append(row.error("", "more cells than headings"))
        elif any(_CONTROL.search(cell) for cell in cells):
            errors.append(row.error("", "a control character"))
        elif any(cells):
            rows.append(row)
    return rows, errors
