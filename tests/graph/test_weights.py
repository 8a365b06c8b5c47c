"""Weights share exactly a hundred among the parts they are for."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graph.weights
from graph.weights import check_weights

PARTS = ("place", "language", "years")


@given(st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted))
def test_any_sharing_of_a_hundred_in_whole_numbers_is_taken(cuts):
    low, high = cuts

    check_weights(dict(zip(PARTS, (low, high - low, 100 - high), strict=True)), PARTS)


@pytest.mark.parametrize(
    ("weights", "because"),
    [
        ({"place": 60, "language": 40}, "the parts are"),
        ({"place": 60, "language": 40, "years": 0, "luck": 0}, "the parts are"),
        ({"place": 60, "language": 40, "years": 0.0}, "weight of years is 0.0"),
        ({"place": 60, "language": 39, "years": True}, "weight of years is True"),
        ({"place": 101, "language": -1, "years": 0}, "weight of language is -1"),
        ({"place": 60, "language": 41, "years": 0}, "sum to 101"),
        ({"place": 60, "language": 39, "years": 0}, "sum to 99"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong(weights, because):
    with pytest.raises(ValueError, match=because):
        check_weights(weights, PARTS)


def test_the_example_in_the_docstring_runs():
    assert doctest.testmod(graph.weights).failed == 0
