"""Mentors of one kind have the same points."""

import numpy as np
import pytest

from graph.candidates.alike import Alike
from graph.candidates.cells import READS
from graph.people import Columns, Pool
from graph.scoring import most_points, part_points
from tests.graph.pools import KNOWLEDGE, WEIGHTS, a_mentor, drawn_pool


@pytest.mark.parametrize("part", READS)
@pytest.mark.parametrize("seed", range(3))
def test_whoever_is_alike_in_what_a_part_reads_has_the_same_points_for_it(part: str, seed: int):
    pool = drawn_pool(400, 8, seed).pool
    kinds = Alike.within(pool, READS[part])
    assert kinds is not None
    everyone = np.arange(400)

    for mentee in range(8):
        told = kinds.told(kinds.points(part, mentee, WEIGHTS), everyone)
        assert told.tolist() == part_points(pool, part, mentee, everyone, WEIGHTS).tolist()
    assert kinds.everyone.size < 400


def test_every_part_that_differs_within_a_cell_says_what_it_reads():
    pool = drawn_pool(10, 1, 1).pool

    assert set(READS) == set(most_points(pool, 0, WEIGHTS))


def test_an_example_is_of_its_own_kind_and_every_kind_has_one():
    pool = drawn_pool(300, 1, 4).pool
    kinds = Alike.within(pool, ("origin", "languages"))
    assert kinds is not None

    def told(columns: Columns) -> list[tuple[int, bytes]]:
        return [(int(one), bytes(words)) for one, words in zip(columns.origin, columns.languages.words, strict=True)]

    examples = told(kinds.examples.mentor)
    assert [examples[kind] for kind in kinds.kind] == told(pool.mentor)
    assert len(set(examples)) == kinds.everyone.size == len(set(told(pool.mentor)))


def test_numbers_far_apart_are_told_apart_too():
    """More codes than fit one word, so that the words are as large as they get."""
    sets = [frozenset({f"c{number:02}"}) for number in range(70)] * 2
    mentors = [a_mentor(f"m{number:03}", interests=codes) for number, codes in enumerate(sets)]
    kinds = Alike.within(Pool.build(mentors, [], KNOWLEDGE), ("interests",))
    assert kinds is not None

    assert kinds.everyone.size == 70
    assert kinds.kind[:70].tolist() == kinds.kind[70:].tolist()


def test_too_many_kinds_are_no_kinds():
    pool = drawn_pool(300, 1, 4).pool

    assert Alike.within(pool, ("languages", "topics"), most=3) is None
    assert Alike.within(Pool.build([], [], KNOWLEDGE), ("origin",)) is None
