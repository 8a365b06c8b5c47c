"""The withdrawal log: lines that are whole or not there, in order, sealed, forgotten after their days."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from hub.models import utcnow
from hub.withdrawal_log import Reading, WithdrawalLog

NOW = utcnow()


@pytest.fixture
def log(tmp_path: Path) -> WithdrawalLog:
    return WithdrawalLog(tmp_path)


def append(log: WithdrawalLog, number: int, days_ago: int = 0) -> None:
    log.append(number, NOW - timedelta(days=days_ago), "eriec", log.trace("eriec", f"person-{number}"))


def numbers(reading: Reading) -> list[int]:
    return [line.number for line in reading.lines]


def test_nothing_is_made_before_it_is_needed(log: WithdrawalLog, tmp_path: Path):
    assert log.read() == Reading()
    assert (log.read().highest, log.read().settled, log.read().forgotten) == (0, 0, 0)
    assert list(tmp_path.iterdir()) == []


def test_what_was_appended_is_read_again_by_whoever_has_the_folder(log: WithdrawalLog, tmp_path: Path):
    append(log, 1)
    append(log, 2)

    other = WithdrawalLog(tmp_path)

    assert other.read() == log.read()
    assert numbers(other.read()) == [1, 2]
    assert other.read().lines[0].moment == NOW
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_trace_needs_the_key_and_tells_organisations_apart(log: WithdrawalLog, tmp_path: Path):
    (tmp_path / "other").mkdir()
    other = WithdrawalLog(tmp_path / "other")

    assert log.trace("eriec", "a") == WithdrawalLog(tmp_path).trace("eriec", "a")
    assert (
        len({log.trace("eriec", "a"), log.trace("criec", "a"), log.trace("eriec", "b"), other.trace("eriec", "a")}) == 4
    )
    assert log.key_id != other.key_id
    assert log.key_id not in log.key.hex()


def test_of_many_who_need_a_key_at_once_all_get_the_same(tmp_path: Path):
    with ThreadPoolExecutor(8) as many:
        keys = set(many.map(lambda _: WithdrawalLog(tmp_path).key, range(40)))

    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["withdrawals.key"]


def test_many_writers_lose_no_line_while_old_ones_are_forgotten(tmp_path: Path):
    append(WithdrawalLog(tmp_path), 1, days_ago=100)

    def write(number: int) -> None:
        if number == 10:
            WithdrawalLog(tmp_path).forget(NOW - timedelta(days=90))
        append(WithdrawalLog(tmp_path), number)

    with ThreadPoolExecutor(8) as many:
        list(many.map(write, range(2, 42)))

    reading = WithdrawalLog(tmp_path).read()
    assert sorted(numbers(reading)) == list(range(1, 42))
    assert reading.unreadable == 0


@pytest.mark.parametrize("length", [1, 40, -2, -1])
def test_a_torn_line_spoils_no_other(log: WithdrawalLog, length: int):
    append(log, 1)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + whole[:length])

    append(log, 2)

    reading = log.read()
    assert sorted({1, 2}) == sorted(set(numbers(reading)))
    # All but the line's end is a whole line: what it says was meant.
    assert reading.unreadable == (0 if length == -1 else 1)


@pytest.mark.parametrize("word", ["number", "at", "organisation", "trace", "state", "seal"])
def test_an_edited_line_is_no_line(log: WithdrawalLog, word: str):
    append(log, 1)
    line = log.read().lines[0]
    content = log.path.read_text(encoding="utf-8")
    changed = {"number": '"number":2', "at": '"at":"2026-01-01T00:00:00+00:00"', "organisation": '"organisation":"x"',
               "trace": f'"trace":"{"0" * 64}"', "state": '"state":"before"', "seal": '"seal":""'}[word]  # fmt: skip
    value = getattr(line, word)
    quoted = str(value) if word == "number" else f'"{value}"'
    log.path.write_text(content.replace(f'"{word}":{quoted}', changed), encoding="utf-8")

    assert log.path.read_text(encoding="utf-8") != content
    assert (log.read().lines, log.read().unreadable) == ((), 1)


@pytest.mark.parametrize("text", ["nonsense", "[]", "1", "{}", '{"number": 1}', '{"more": 2}', "\x00"])
def test_what_is_no_line_is_counted_and_never_a_trace_back(log: WithdrawalLog, text: str):
    append(log, 1)
    with log.path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")

    assert (numbers(log.read()), log.read().unreadable) == ([1], 1)


def test_an_undone_line_is_not_settled_until_it_is_written_again(log: WithdrawalLog):
    append(log, 1)
    second = log.append(2, NOW, "eriec", "trace")
    log.undo(second)
    assert (log.read().settled, log.read().highest) == (1, 2)

    append(log, 2)

    assert (log.read().settled, log.read().highest) == (2, 2)


def test_old_lines_are_forgotten_and_the_number_stays(log: WithdrawalLog):
    for number, days in ((1, 120), (2, 91), (3, 89), (4, 0)):
        append(log, number, days)

    assert log.forget(NOW - timedelta(days=90)) == 2
    assert log.forget(NOW - timedelta(days=90)) == 0

    reading = log.read()
    assert (numbers(reading), reading.forgotten, reading.missing) == ([2, 3, 4], 2, ())
    assert reading.lines[0].trace == ""
    assert log.forget(NOW + timedelta(days=1)) == 2
    assert (numbers(log.read()), log.read().highest, log.read().settled) == ([4], 4, 4)


def test_a_gap_is_named(log: WithdrawalLog):
    for number in (1, 2, 5):
        append(log, number)

    assert log.read().missing == (3, 4)


def test_beginning_anew_keeps_what_there_is(log: WithdrawalLog):
    append(log, 1)

    log.begin_anew(7, NOW)
    append(log, 8)

    reading = log.read()
    assert (numbers(reading), reading.forgotten, reading.missing, reading.highest) == ([1, 7, 8], 7, (), 8)
