"""The pool as columns."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.people import Mentor, Pool
from tests.graph.pools import KNOWLEDGE, a_mentee, a_mentor, people


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


@settings(deadline=None, max_examples=40)
@given(st.lists(people("mentor", "m"), min_size=1, max_size=4), st.data())
def test_mentors_given_as_columns_are_the_mentors_they_were(drawn: list[Mentor], data: st.DataObject):
    mentors = [replace(mentor, id=f"m{number}") for number, mentor in enumerate(drawn)]
    pool = Pool.build(mentors, [a_mentee()], KNOWLEDGE)
    rows = data.draw(st.lists(st.integers(0, len(mentors) - 1), min_size=1, max_size=6))
    ids = np.array([f"n{number}" for number in range(len(rows))])

    other = pool.with_columns(ids, pool.mentor.rows(np.array(rows)), KNOWLEDGE)

    for place, row in enumerate(rows):
        consented = mentors[row].origin if "origin" in mentors[row].purposes else None
        purposes = mentors[row].purposes if consented else mentors[row].purposes - {"origin"}
        kept = replace(mentors[row], id=f"n{place}", origin=consented, purposes=purposes)
        assert other.mentors[place] == kept
    assert len(other.mentors) == len(rows)
    assert other.mentors[-1] == other.mentors[len(rows) - 1] == other.mentors[:][-1]
    with pytest.raises(IndexError):
        other.mentors[len(rows)]


@pytest.mark.parametrize(
    ("ids", "said"), [(["a"], "1 ids for 2 rows"), (["a", "a"], "a is in the pool"), (["b", "a"], "a is in the pool")]
)
def test_columns_need_an_id_each_in_order(ids: list[str], said: str):
    pool = Pool.build([a_mentor("m1"), a_mentor("m2")], [], KNOWLEDGE)

    with pytest.raises(ValueError, match=said):
        pool.with_columns(np.array(ids), pool.mentor, KNOWLEDGE)
