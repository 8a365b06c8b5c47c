"""Counts of others: none below five, fives at most four away, the same draw all month, right on average."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.services.statistics import Telling
from hub.settings import load_settings

JUNE = Telling(b"k" * 40, "2026-06")
COUNTS = st.integers(0, 10_000)
CELLS = st.text(max_size=12)


@given(COUNTS, CELLS)
def test_a_count_is_told_as_a_multiple_of_five_at_most_four_away_or_not_at_all(count: int, cell: str):
    told = JUNE.told(count, cell)

    if count < 5:
        assert told is None
    else:
        assert told is not None
        assert (told % 5, abs(told - count) <= 4, told >= 5) == (0, True, True)
        assert count % 5 or told == count


@given(COUNTS, CELLS)
def test_more_are_never_told_as_fewer(count: int, cell: str):
    assert (JUNE.told(count, cell) or 0) <= (JUNE.told(count + 1, cell) or 0)


def test_asking_again_this_month_tells_the_same_and_the_next_month_draws_anew():
    settings = load_settings({}, secret="s" * 40)
    first, last, later = (Telling.of(settings, date(2026, *day)) for day in ((6, 1), (6, 30), (7, 1)))
    told = [[telling.told(count, "gap", str(count)) for count in range(50)] for telling in (first, last, later)]

    assert told[0] == told[1] != told[2]


def test_another_hub_draws_otherwise():
    other = Telling(b"o" * 40, "2026-06")

    assert [JUNE.told(7, str(cell)) for cell in range(20)] != [other.told(7, str(cell)) for cell in range(20)]


@pytest.mark.parametrize("count", range(5, 15))
def test_over_many_cells_nothing_is_lost_or_won(count: int):
    told = [JUNE.told(count, str(cell)) or 0 for cell in range(4_000)]

    # The mean of 4,000 draws that stand at most 2.5 from theirs on average is within 0.2, at more than five deviations.
    assert abs(sum(told) / len(told) - count) < 0.2


@pytest.mark.parametrize("parts", [("ab", "c"), ("a", "bc"), ("abc",)])
def test_cells_that_read_alike_are_told_apart(parts: tuple[str, ...]):
    others = [other for other in (("ab", "c"), ("a", "bc"), ("abc",)) if other != parts]
    draws = [[JUNE.told(7, str(row), *cell) for row in range(40)] for cell in (parts, *others)]

    assert draws[0] not in draws[1:]


@given(st.integers(0, 30), st.integers(0, 30), CELLS)
def test_own_people_are_counted_and_never_move_what_is_told_of_others(own: int, others: int, cell: str):
    together, of_others = JUNE.with_own(own, others, cell), JUNE.told(others, cell)

    assert together == (None if own == 0 and of_others is None else own + (of_others or 0))


def test_who_comes_shows_in_one_table_of_five_and_who_stays_small_in_none():
    """The attack: the same cell before and after one person came, for each of 1,000 cells."""
    before = [5 + number % 40 for number in range(1_000)]
    seen = sum(JUNE.told(count, str(cell)) != JUNE.told(count + 1, str(cell)) for cell, count in enumerate(before))

    assert 150 < seen < 250
    assert {JUNE.told(count, "few") for count in range(5)} == {None}
