"""Gains are what a brute force over all rounds counts."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.gains import complements, most_placed, unlocked
from graph.rounds import RoundProblem, solve_round


@st.composite
def small_rounds(draw: st.DrawFn) -> RoundProblem:
    mentees, mentors, organisations = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    pairs = draw(st.lists(st.sampled_from(list(product(range(mentees), range(mentors)))), unique=True))
    owner = st.integers(0, organisations - 1)
    return RoundProblem(
        [one for one, _ in pairs],
        [other for _, other in pairs],
        [10] * len(pairs),
        draw(st.lists(st.integers(0, 2), min_size=mentors, max_size=mentors)),
        draw(st.lists(owner, min_size=mentees, max_size=mentees)),
        draw(st.lists(owner, min_size=mentors, max_size=mentors)),
        organisations=organisations,
    )


def brute_force(problem: RoundProblem, mentors: set[int], mentees: set[int]) -> int:
    """Most mentees placed over every way to give each mentee one of its mentors or none."""
    choices = [
        [-1, *(mentor for one, mentor in _pairs(problem) if one == mentee and mentor in mentors)] if mentee in mentees else [-1]
        for mentee in range(problem.mentees)
    ]  # fmt: skip
    seats = problem.seats.tolist()
    allowed = (way for way in product(*choices) if all(way.count(one) <= seats[one] for one in range(problem.mentors)))
    return max(sum(mentor >= 0 for mentor in way) for way in allowed)


def _pairs(problem: RoundProblem) -> list[tuple[int, int]]:
    return list(zip(problem.mentee.tolist(), problem.mentor.tolist(), strict=True))


@settings(deadline=None, max_examples=80)
@given(problem=small_rounds())
def test_the_most_that_can_be_placed_is_what_a_round_places(problem: RoundProblem):
    everyone = set(range(problem.mentors)), set(range(problem.mentees))

    assert most_placed(problem) == brute_force(problem, *everyone) == solve_round(problem).placed


@settings(deadline=None, max_examples=60)
@given(problem=small_rounds())
def test_a_complement_is_together_less_apart(problem: RoundProblem):
    found = {(one.first, one.second): one.more for one in complements(problem)}

    homes, owners = problem.mentor_organisation.tolist(), problem.mentee_organisation.tolist()
    for first in range(problem.organisations or 0):
        for second in range(first + 1, problem.organisations or 0):
            placed = [
                brute_force(
                    problem,
                    {one for one, home in enumerate(homes) if home in members},
                    {one for one, owner in enumerate(owners) if owner in members},
                )
                for members in ({first, second}, {first}, {second})
            ]
            assert found.get((first, second), 0) == placed[0] - placed[1] - placed[2]


@settings(deadline=None, max_examples=60)
@given(problem=small_rounds(), seats=st.integers(0, 3), data=st.data())
def test_one_more_mentor_unlocks_no_more_than_its_seats_and_its_mentees(problem, seats, data):
    suited = data.draw(st.lists(st.integers(0, problem.mentees - 1), unique=True))

    gained = unlocked(problem, suited, seats)

    unplaced = problem.mentees - most_placed(problem)
    assert 0 <= gained <= min(seats, len(suited), unplaced)
    assert gained == unlocked(problem, suited, seats, most_placed(problem))


def test_seats_below_zero_and_strangers_are_refused():
    problem = RoundProblem([0], [0], [9], [1], [0], [0])

    with pytest.raises(ValueError, match="seats"):
        unlocked(problem, [0], -1)
    with pytest.raises(ValueError, match="mentee"):
        unlocked(problem, [7], 1)
