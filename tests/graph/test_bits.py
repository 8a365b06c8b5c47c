"""Sets of codes as bit words hold what the sets held."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.bits import bits_for


@given(st.lists(st.frozensets(st.integers(0, 150).map(str)), max_size=6), st.frozensets(st.integers(0, 150).map(str)))
def test_shared_codes_are_those_both_sets_hold(left: list[frozenset[str]], right: frozenset[str]):
    ours, theirs = bits_for(left, [right])
    rows = np.arange(len(left))

    assert ours.shared(rows, theirs, np.zeros(len(left), dtype=np.int64)).tolist() == [len(one & right) for one in left]
    assert ours.sizes.tolist() == [len(one) for one in left]


@given(st.frozensets(st.sampled_from("abc")), st.frozensets(st.integers(0, 150).map(str)))
def test_two_sets_meet_where_they_share_a_code(left: frozenset[str], right: frozenset[str]):
    ours, theirs = bits_for([left, right], [right])

    assert ours.meets(np.array([0, 1]), theirs, np.array([0, 0])).tolist() == [bool(left & right), bool(right)]
    assert theirs.decoded(0) == right
