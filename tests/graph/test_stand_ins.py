"""Stand-ins: each answer is that of the round solved anew, nothing is changed by asking, and what is not known is said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import repair_memory
from graph.flow import InfeasibleFlowError, minimum_cost_circulation
from graph.pins import PinRefused, solve_pinned
from graph.repair import Declined, MentorLeaves, NotProvenError, RoundState, changed, without_frozen
from graph.round_network import build, placed_alone
from graph.rounds import RoundPolicy, RoundProblem, solve_round
from graph.stand_ins import stand_ins
from tests.graph.round_oracle import POLICIES
from tests.graph.test_repair import many_organisations, value, waiting_problems

DEFAULT = RoundPolicy()


def best(problem, policy, held=(), *, alone=None, placed=None):
    """Worth and pairs of the best round that holds some pairs, by the solver on a network of its own; None if there is none.

    ``placed`` says of one mentee that she must (True) or must not be placed.
    """
    alone = placed_alone(problem) if alone is None else alone
    network = build(problem, policy, alone if policy.individual_rationality else np.zeros_like(alone))
    arcs, order = network.arcs, network.pairs
    lower, upper = arcs.lower.copy(), arcs.upper.copy()
    pairs = zip(problem.mentee[order].tolist(), problem.mentor[order].tolist(), strict=True)
    lower[network.pair_arcs] = [pair in set(held) for pair in pairs]
    if placed is not None:
        who, must = placed
        entry = np.flatnonzero(arcs.head == arcs.tail[network.pair_arcs][problem.mentee[order] == who][0])
        lower[entry], upper[entry] = int(must), int(must)
    try:
        flow, _ = minimum_cost_circulation(replace(arcs, lower=lower, upper=upper))
    except InfeasibleFlowError:
        return None
    return -int((arcs.cost * flow).sum())


def may_be(problem, policy, mentee, *, held=()):
    """Whether she has somebody, and whether she has nobody, in some best round among those that hold some pairs."""
    if not (problem.mentee == mentee).any():
        return False, best(problem, policy, held) is not None
    top = best(problem, policy, held)
    placed, unplaced = (best(problem, policy, held, placed=(mentee, must)) for must in (True, False))
    return top is not None and placed == top, top is not None and unplaced == top


def open_after(found, change, mentees):
    """The round after a change, as a problem: the pins of those mentees are gone, all others set apart."""
    pins = [pin for pin in found.pins if pin[0] not in mentees]
    return without_frozen(changed(found.whole, change), pins)


def hold_to(told, found, policy):
    """Hold every answer to rounds solved anew."""
    for mentee, mentor in enumerate(found.mentor_of.tolist()):
        answer = told.of_mentee[mentee]
        if mentor < 0:
            assert answer is None
            continue
        later = open_after(found, Declined(mentee, mentor), {mentee})
        held = [(one, other) for one, other in enumerate(found.rest.mentor_of.tolist()) if other >= 0 and one != mentee]
        with_quiet, without_quiet = may_be(later, policy, mentee, held=held)
        somebody, nobody = may_be(later, policy, mentee)
        if answer == "free":
            assert with_quiet
            continue
        assert not with_quiet or without_quiet  # of equally good ones, one answers
        assert somebody if answer == "moving" else nobody


@settings(deadline=None, max_examples=150)
@given(problem=waiting_problems(), policy=st.sampled_from(POLICIES))
def test_each_answer_is_that_of_the_round_solved_anew(problem, policy):
    found = solve_pinned(problem, policy, [])
    told = stand_ins(found, policy)

    hold_to(told, found, policy)


@settings(deadline=None, max_examples=100)
@given(problem=waiting_problems(), policy=st.sampled_from(POLICIES), data=st.data())
def test_so_it_is_around_pins_and_a_pin_that_is_declined_is_gone(problem, policy, data):
    if not problem.pairs:
        return
    entries = data.draw(
        st.lists(st.integers(0, problem.pairs - 1), max_size=2, unique_by=lambda one: problem.mentee[one])
    )
    pins = [(int(problem.mentee[one]), int(problem.mentor[one])) for one in entries]
    try:
        found = solve_pinned(problem, policy, pins)
    except PinRefused:
        return
    told = stand_ins(found, policy)

    if (told.alone_without >= 0).all():
        hold_to(told, found, policy)
        return
    assert set(told.of_mentee) == {None}
    rest = replace(found.problem, promised=None)
    mine = {pair for pair in enumerate(found.rest.mentor_of.tolist()) if pair[1] >= 0}
    assert best(rest, policy, mine) != best(rest, policy)


@settings(deadline=None, max_examples=100)
@given(problem=waiting_problems(), policy=st.sampled_from(POLICIES))
def test_a_mentor_is_counted_the_mentees_who_have_nobody_without_the_mentor(problem, policy):
    found = solve_pinned(problem, policy, [])
    told = stand_ins(found, policy)
    state = RoundState(problem, policy, found.rest)

    for mentor in range(problem.mentors):
        mine = np.flatnonzero(found.mentor_of == mentor).tolist()
        later = changed(problem, MentorLeaves(mentor))
        least = sum(not may_be(later, policy, one)[0] for one in mine)
        most = sum(may_be(later, policy, one)[1] for one in mine)
        assert least <= told.alone_without[mentor] <= most
        answer = state.what_if(MentorLeaves(mentor))
        assert value(solve_round(later, policy).mentor_of, later, policy) == value(
            after(found.mentor_of, answer), later, policy
        )


def after(mentor_of, answer):
    found = mentor_of.copy()
    for move in answer.moves:
        assert found[move.mentee] == move.before
        found[move.mentee] = move.after
    return found


@pytest.mark.skipif(repair_memory.compiled() is None, reason="numba is not installed")
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_compiled_and_plain_give_the_same_answers(policy):
    for seed in range(3):
        found = solve_pinned(many_organisations(np.random.default_rng(seed)), policy, [])
        told = []
        for least in (0, found.whole.pairs + 1):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(repair_memory, "LEAST_PAIRS", least)
                told.append(stand_ins(found, policy))
        assert told[0].of_mentee == told[1].of_mentee
        assert told[0].alone_without.tolist() == told[1].alone_without.tolist()
        assert {"free", "moving", "nobody"} & set(told[0].of_mentee)


def test_the_three_answers():
    """Mentee 0 has a free seat to go to; mentee 1 only if 0 makes room; mentee 2 knows nobody else."""
    problem = RoundProblem(
        [0, 0, 1, 1, 2], [0, 1, 0, 2, 3], [90, 40, 50, 60, 70], [1, 1, 1, 1], [0, 0, 0], [0, 0, 0, 0]
    )
    told = stand_ins(solve_pinned(problem, DEFAULT, []), DEFAULT)

    assert told.of_mentee == ("free", "moving", "nobody")
    assert told.alone_without.tolist() == [0, 0, 0, 1]


def test_a_declined_pin_frees_the_seat_for_somebody_who_makes_room():
    """Mentor 0 is pinned to mentee 0, who would do with mentor 1; mentee 1 has mentor 1 and would do with mentor 0."""
    problem = RoundProblem([0, 0, 1, 1], [0, 1, 0, 1], [50, 60, 70, 80], [1, 1], [0, 0], [0, 0])
    found = solve_pinned(problem, DEFAULT, [(0, 0)])
    told = stand_ins(found, DEFAULT)

    assert found.mentor_of.tolist() == [0, 1]
    assert told.of_mentee == ("moving", "nobody")
    assert told.alone_without.tolist() == [1, 1]


@pytest.mark.parametrize(
    "policy", [RoundPolicy(hold_back=40), RoundPolicy(even_load=5), RoundPolicy(even_gain=True)], ids=str
)
def test_a_round_that_held_back_or_evened_says_that_it_is_not_known(policy):
    problem = RoundProblem([0, 1], [0, 0], [60, 70], [1], [0, 1], [0], scarcity=[50])
    told = stand_ins(solve_pinned(problem, policy, []), policy)

    assert told.of_mentee == (None, None)
    assert told.alone_without.tolist() == [-1]


def test_a_round_in_which_a_pin_took_somebody_below_what_is_left_alone_says_that_it_is_not_known():
    """Organisation 0 could place one alone; its pin across counts for that, and its own seat goes where it earns more."""
    problem = RoundProblem([0, 1, 2], [1, 0, 0], [50, 10, 90], [1, 1], [0, 0, 1], [0, -1])
    found = solve_pinned(problem, DEFAULT, [(0, 1)])
    told = stand_ins(found, DEFAULT)

    assert found.mentor_of.tolist() == [1, -1, 0]
    assert told.of_mentee == (None, None, None)
    with pytest.raises(NotProvenError, match="not the best round of this problem"):
        RoundState(found.problem, DEFAULT, found.rest)


def test_a_limit_on_what_is_seen_leaves_the_rest_not_known_and_changes_no_answer():
    found = solve_pinned(many_organisations(np.random.default_rng(1)), DEFAULT, [])
    whole, none = stand_ins(found, DEFAULT), stand_ins(found, DEFAULT, most_seen=0)
    part = stand_ins(found, DEFAULT, most_seen=200)

    assert set(none.of_mentee) == {None}
    known = [mentee for mentee, answer in enumerate(part.of_mentee) if answer is not None]
    assert 0 < len(known) < sum(answer is not None for answer in whole.of_mentee)
    assert all(part.of_mentee[mentee] == whole.of_mentee[mentee] for mentee in known)
    assert part.alone_without.min() == -1


def test_progress_is_told_of_the_last_answer():
    found, said = solve_pinned(many_organisations(np.random.default_rng(1)), DEFAULT, []), []
    stand_ins(found, DEFAULT, progress=lambda *words: said.append(words))
    total = found.placed + len(set(found.mentor_of.tolist()) - {-1})

    assert said[-1] == (total, total)
