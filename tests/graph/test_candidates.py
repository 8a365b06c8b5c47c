"""The k best for one person, and the pairs of a round."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.candidates import MentorIndex
from graph.people import Mentee, Mentor
from graph.scoring import fit
from tests.graph.pools import KNOWLEDGE, WEIGHTS, a_mentee, a_mentor, people, rules


def index(mentors: list[Mentor], mentees: list[Mentee]) -> MentorIndex:
    return MentorIndex(rules(mentors, mentees), WEIGHTS, KNOWLEDGE)


@settings(deadline=None, max_examples=40)
@given(st.data(), st.integers(1, 6))
def test_the_best_are_those_brute_force_finds(data: st.DataObject, k: int):
    mentors = [data.draw(people("mentor", f"m{number}")) for number in range(6)]
    found = index(mentors, [data.draw(people("mentee", "e1"))])  # type: ignore[list-item, arg-type]
    allowed = [row for row in range(6) if not found.eligibility.explain(0, row)]
    brute = sorted((-fit(found.pool, 0, row, WEIGHTS, KNOWLEDGE).total, row) for row in allowed)[:k]

    assert [(-one.total, one.mentor) for one in found.best(0, k)] == brute


def test_a_mentee_nobody_may_meet_has_no_candidates():
    assert index([a_mentor(taken=1)], [a_mentee()]).best(0, 3) == []


def test_an_impossible_question_is_refused():
    found = index([a_mentor()], [a_mentee()])

    with pytest.raises(ValueError, match="k is 0"):
        found.best(0, 0)
    with pytest.raises(ValueError, match="row 7"):
        found.best(7, 1)


def test_a_round_considers_the_best_and_one_s_own():
    mentors = [a_mentor(f"a{number}") for number in range(5)]
    own = a_mentor("z", organisation="eriec", noc="3130")
    found = index([*mentors, own], [a_mentee()])

    pairs = found.round_pairs(2, 1)

    assert [found.pool.mentors[row].id for row in pairs.mentor] == ["a0", "a1", "z"]
    assert [found.pool.mentors[row].id for row in found.own_pairs().mentor] == ["z"]


def test_an_empty_pool_gives_no_pairs():
    assert index([a_mentor()], []).round_pairs(3, 3).mentee.size == 0
