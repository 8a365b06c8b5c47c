"""Pins are kept, the rest is the best that remains, and no promise is broken for a pin."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph.pins import PinRefused, solve_pinned
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round

UNFAIR = RoundPolicy(individual_rationality=False)


@st.composite
def small_rounds(draw: st.DrawFn) -> RoundProblem:
    mentees, mentors, organisations = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    pairs = draw(st.lists(st.sampled_from(list(product(range(mentees), range(mentors)))), unique=True, min_size=1))
    owner = st.integers(0, organisations - 1)
    return RoundProblem(
        [one for one, _ in pairs],
        [other for _, other in pairs],
        draw(st.lists(st.integers(1, 100), min_size=len(pairs), max_size=len(pairs))),
        draw(st.lists(st.integers(0, 2), min_size=mentors, max_size=mentors)),
        draw(st.lists(owner, min_size=mentees, max_size=mentees)),
        draw(st.lists(owner, min_size=mentors, max_size=mentors)),
        organisations=organisations,
    )


@settings(deadline=None, max_examples=60)
@given(problem=small_rounds(), policy=st.sampled_from([RoundPolicy(), RoundPolicy("total_fit"), UNFAIR]))
def test_no_pins_change_nothing(problem: RoundProblem, policy: RoundPolicy):
    plain, pinned = solve_round(problem, policy), solve_pinned(problem, policy, [])

    assert pinned.mentor_of.tolist() == plain.mentor_of.tolist()
    assert (pinned.placed, pinned.points, pinned.shares) == (plain.placed, plain.points, plain.by_organisation())


@settings(deadline=None, max_examples=60)
@given(problem=small_rounds())
def test_pinning_the_best_round_gives_it_back(problem: RoundProblem):
    best = solve_round(problem)
    pins = [(mentee, int(mentor)) for mentee, mentor in enumerate(best.mentor_of) if mentor >= 0]

    found = solve_pinned(problem, RoundPolicy(), pins)

    assert (found.placed, found.points, found.shares) == (best.placed, best.points, best.by_organisation())


@settings(deadline=None, max_examples=100)
@given(problem=small_rounds(), data=st.data())
def test_a_pin_is_kept_within_seats_and_nobody_is_worse_off(problem: RoundProblem, data: st.DataObject):
    entry = data.draw(st.integers(0, problem.pairs - 1))
    pin = (int(problem.mentee[entry]), int(problem.mentor[entry]))
    if _refused(problem, pin):
        with pytest.raises(PinRefused):
            solve_pinned(problem, RoundPolicy(), [pin])
        return
    found = solve_pinned(problem, RoundPolicy(), [pin])

    used = np.bincount(found.mentor_of[found.mentor_of >= 0], minlength=problem.mentors)
    assert found.mentor_of[pin[0]] == pin[1]
    assert np.all(used <= problem.seats)
    assert all(share.placed >= share.placed_alone for share in found.shares)
    assert round_faults(found.problem, RoundPolicy(), found.rest) == ()
    assert found.placed <= solve_round(problem).placed


@settings(deadline=None, max_examples=60)
@given(problem=small_rounds(), data=st.data())
def test_another_policy_keeps_the_same_pins_and_nobody_else_counts_as_pinned(
    problem: RoundProblem, data: st.DataObject
):
    entry = data.draw(st.integers(0, problem.pairs - 1))
    pin = (int(problem.mentee[entry]), int(problem.mentor[entry]))
    assume(problem.seats[pin[1]] > 0)

    found = solve_pinned(problem, UNFAIR, [pin])
    other = found.under(replace(UNFAIR, objective="total_fit"))

    assert found.mentor_of_pins.tolist() == [pin[1] if mentee == pin[0] else -1 for mentee in range(problem.mentees)]
    assert other.mentor_of_pins.tolist() == found.mentor_of_pins.tolist()
    assert other.mentor_of[pin[0]] == pin[1]
    assert other.placed <= found.placed
    assert other.points >= found.points


def _refused(problem: RoundProblem, pin: tuple[int, int]) -> bool:
    """Whether no way to give each mentee a mentor or none holds the pin and leaves every organisation what it has alone."""
    homes, owners = problem.home().tolist(), problem.mentee_organisation.tolist()
    pairs = list(zip(problem.mentee.tolist(), problem.mentor.tolist(), strict=True))
    own = [(mentee, mentor) for mentee, mentor in pairs if owners[mentee] == homes[mentor]]
    organisations = range(problem.organisations or 0)
    alone = [max(_placed(way, owners, one) for way in _ways(problem, own)) for one in organisations]
    return not any(
        way[pin[0]] == pin[1] and all(_placed(way, owners, one) >= alone[one] for one in organisations)
        for way in _ways(problem, pairs)
    )


def _ways(problem: RoundProblem, pairs: list[tuple[int, int]]) -> list[tuple[int, ...]]:
    choices = [[-1, *(mentor for one, mentor in pairs if one == mentee)] for mentee in range(problem.mentees)]
    seats = problem.seats.tolist()
    return [way for way in product(*choices) if all(way.count(mentor) <= count for mentor, count in enumerate(seats))]


def _placed(way: tuple[int, ...], owners: list[int], organisation: int) -> int:
    return sum(mentor >= 0 and owner == organisation for mentor, owner in zip(way, owners, strict=True))


@settings(deadline=None, max_examples=60)
@given(problem=small_rounds(), data=st.data())
def test_without_the_promise_a_pinned_round_is_the_best_that_holds_the_pin(problem: RoundProblem, data: st.DataObject):
    entry = data.draw(st.integers(0, problem.pairs - 1))
    pin = (int(problem.mentee[entry]), int(problem.mentor[entry]))
    assume(problem.seats[pin[1]] > 0)

    found = solve_pinned(problem, RoundPolicy("total_fit", individual_rationality=False), [pin])

    assert found.points == _best_points_with(problem, pin)


def _best_points_with(problem: RoundProblem, pin: tuple[int, int]) -> int:
    """Most points over every way to give each mentee a mentor or none, the pinned one its own."""
    points = {
        (one, other): score
        for one, other, score in zip(
            problem.mentee.tolist(), problem.mentor.tolist(), problem.points.tolist(), strict=True
        )
    }
    ways = [
        [pin[1]] if mentee == pin[0] else [-1, *(other for one, other in points if one == mentee)]
        for mentee in range(problem.mentees)
    ]
    seats = problem.seats.tolist()
    return max(
        sum(points[mentee, mentor] for mentee, mentor in enumerate(way) if mentor >= 0)
        for way in product(*ways)
        if all(way.count(mentor) <= seats[mentor] for mentor in range(problem.mentors))
    )


@pytest.mark.parametrize(
    ("pins", "reason"),
    [
        ([(0, 1)], "no eligible pair"),
        ([(0, 0), (0, 0)], "pinned 2 times"),
        ([(0, 0), (1, 0)], "has 1 seats"),
    ],
)
def test_a_pin_that_cannot_be_is_refused_by_name(pins: list[tuple[int, int]], reason: str):
    problem = RoundProblem([0, 1], [0, 0], [60, 90], [1, 1], [0, 0], [0, 0])

    with pytest.raises(PinRefused, match=reason) as refused:
        solve_pinned(problem, RoundPolicy(), pins)

    assert set(refused.value.pins) <= set(pins)


def test_a_pin_may_take_an_organisations_seat_when_another_helps_its_mentee_instead():
    problem = RoundProblem([0, 1, 1], [0, 0, 1], [60, 90, 10], [1, 1], [0, 1], [1, 2])

    found = solve_pinned(problem, RoundPolicy(), [(0, 0)])

    assert found.mentor_of.tolist() == [0, 1]
    assert [share.placed for share in found.shares] == [1, 1, 0]


def test_a_pin_that_takes_an_organisations_last_own_seat_names_both():
    problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])

    with pytest.raises(PinRefused, match="organisation 0") as refused:
        solve_pinned(problem, RoundPolicy(), [(1, 0)])

    assert (refused.value.organisation, refused.value.pins) == (0, ((1, 0),))
    assert solve_pinned(problem, UNFAIR, [(1, 0)]).mentor_of.tolist() == [-1, 0]
