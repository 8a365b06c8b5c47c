"""The pool as columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.people import Pool, bits_for
from tests.graph.pools import KNOWLEDGE, a_mentee, a_mentor


@given(st.lists(st.frozensets(st.integers(0, 150).map(str)), max_size=6), st.frozensets(st.integers(0, 150).map(str)))
def test_shared_codes_are_those_both_sets_hold(left: list[frozenset[str]], right: frozenset[str]):
    ours, theirs = bits_for(left, [right])
    rows = np.arange(len(left))

    assert ours.shared(rows, theirs, np.zeros(len(left), dtype=np.int64)).tolist() == [len(one & right) for one in left]
    assert ours.sizes.tolist() == [len(one) for one in left]


def test_the_same_people_give_the_same_pool_in_whatever_order_they_come():
    mentors = [a_mentor("b"), a_mentor("a")]

    first, second = (Pool.build(order, [a_mentee()], KNOWLEDGE) for order in (mentors, mentors[::-1]))

    assert [one.id for one in first.mentors] == [one.id for one in second.mentors] == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "said"), [({"noc": "99"}, "99"), ({"region": "ZZ"}, "ZZ"), ({"years_band": "7"}, "years band '7'")]
)
def test_what_the_knowledge_does_not_hold_is_named(changes: dict[str, str], said: str):
    with pytest.raises(ValueError, match=said):
        Pool.build([a_mentor(**changes)], [], KNOWLEDGE)


def test_nobody_is_in_the_pool_twice():
    with pytest.raises(ValueError, match="m1 is in the pool twice"):
        Pool.build([a_mentor(), a_mentor()], [], KNOWLEDGE)


def test_origin_without_consent_is_not_in_the_columns():
    pool = Pool.build(
        [a_mentor(origin="IN")], [a_mentee(origin="IN", purposes=frozenset({"share", "origin"}))], KNOWLEDGE
    )

    assert pool.mentor.origin.tolist() == [-1]
    assert pool.mentee.origin.tolist() == [0]
