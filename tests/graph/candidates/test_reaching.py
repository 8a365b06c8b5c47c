"""Pieces of falling bound: everybody who may reach a total is looked at once, and nobody else."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.candidates.reaching import GROWTH, Pieces, Reaching, Runs

bounds = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 9)), max_size=30)


def runs(drawn: list[tuple[int, int]]) -> Runs:
    """Runs one after the other, with points that name the run."""
    sizes = np.array([size for _, size in drawn], dtype=np.int64)
    bound = np.array([bound for bound, _ in drawn], dtype=np.int16)
    return Runs(np.cumsum(sizes) - sizes, sizes, np.arange(len(drawn), dtype=np.int16), bound)


@settings(deadline=None)
@given(bounds, st.integers(1, 100), st.integers(1, 40))
def test_the_pieces_hold_everyone_who_may_reach_a_total_once(drawn: list[tuple[int, int]], wanted: int, first: int):
    asked, found = runs(drawn), []
    pieces = Pieces(asked, 0, first)
    while (piece := pieces.next(wanted)) is not None:
        found.append(piece)
    places = [place for piece in found for place in piece.places.tolist()]
    owner = np.repeat(np.arange(len(drawn)), asked.sizes)
    told = [run for piece in found for run in piece.points.tolist()]

    assert sorted(places) == [place for place, run in enumerate(owner) if drawn[run][0] >= wanted]
    assert told == owner[places].tolist()
    falling = [drawn[run][0] for run in told]
    assert falling == sorted(falling, reverse=True)


def test_a_piece_is_a_multiple_of_the_one_before():
    pieces, sizes = Pieces(runs([(50, 1)] * 1_000), 0, 2), []
    while (piece := pieces.next(1)) is not None:
        sizes.append(piece.places.size)

    assert sizes[:3] == [2, 2 * GROWTH, 2 * GROWTH**2]
    assert sum(sizes) == 1_000


def test_a_total_that_rises_between_two_pieces_ends_the_search():
    pieces = Pieces(runs([(90, 3), (80, 3), (70, 3)]), 0, 1)
    first = pieces.next(1)

    assert first is not None
    assert first.places.tolist() == [0, 1, 2]
    assert pieces.next(81) is None


def test_who_cannot_reach_a_total_with_all_that_is_left_to_count_is_left_out():
    four = Reaching(np.arange(4), np.array([10, 20, 30, 40], dtype=np.int16), 30)

    assert four.at_least(60).places.tolist() == [2, 3]
    assert four.adding(np.array([30, 0, 0, 0], dtype=np.int16), 30).at_least(40).places.tolist() == [0, 3]
    assert four.at_least(1) is four
