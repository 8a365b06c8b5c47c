"""The proof of a round: accepted as it is, refused after any change."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.certificate import certificate_faults, check_certificate, digest
from graph.flow import Arcs
from graph.round_network import build
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round
from tests.graph.round_oracle import POLICIES, round_problems

SMALL = RoundProblem([0, 0, 1, 2], [0, 1, 0, 1], [90, 40, 80, 70], [1, 1], [0, 0, 1], [0, 1], rounds_waited=[0, 1, 2])


def proof_of(problem, policy):
    result = solve_round(problem, policy)
    return build(problem, policy, result.placed_alone).arcs, result.certificate.flow, result.certificate.potentials


@settings(deadline=None, max_examples=80)
@given(problem=round_problems(), policy=st.sampled_from(POLICIES))
def test_the_optimum_is_accepted_and_every_change_of_one_arc_is_refused(problem, policy):
    arcs, flow, potentials = proof_of(problem, policy)
    assert check_certificate(arcs, flow, potentials)

    for arc in range(len(arcs)):
        for change in (-1, 1):
            tampered = flow.copy()
            tampered[arc] += change
            assert not check_certificate(arcs, tampered, potentials)


@settings(deadline=None, max_examples=80)
@given(problem=round_problems(1), policy=st.sampled_from(POLICIES), data=st.data())
def test_another_feasible_round_passes_only_if_it_is_as_good(problem, policy, data):
    arcs, flow, potentials = proof_of(problem, policy)
    points = data.draw(st.lists(st.integers(1, 100), min_size=problem.pairs, max_size=problem.pairs))
    other, other_flow, _ = proof_of(replace(problem, points=points), policy)

    as_good = int(other_flow @ arcs.cost) == int(flow @ arcs.cost)
    assert check_certificate(arcs, other_flow, potentials) == as_good
    assert other.nodes == arcs.nodes


@pytest.mark.parametrize("potentials", [[0, 0], [0, 1], [0, -1], [5, 5]])
@pytest.mark.parametrize(("cost", "carried", "best"), [(1, 1, 0), (-1, 0, 1), (1, 0, 0), (-1, 1, 1), (0, 1, 1)])
def test_a_flow_dearer_by_a_single_unit_is_refused(cost, carried, best, potentials):
    """A cycle of two arcs: worth running exactly when it costs less than nothing."""
    ends = np.array([0, 1])
    arcs = Arcs(2, ends, ends[::-1], np.zeros(2, dtype=np.int64), np.ones(2, dtype=np.int64), np.array([cost, 0]))

    proven = check_certificate(arcs, np.full(2, carried), np.array(potentials))
    assert not proven or carried == best
    assert proven or carried != best or potentials[0] != potentials[1]


@settings(deadline=None, max_examples=40)
@given(problem=round_problems(1), data=st.data())
def test_potentials_cannot_make_a_worse_round_look_best(problem, data):
    arcs, flow, _ = proof_of(problem, RoundPolicy(individual_rationality=False))
    nothing = np.zeros_like(flow)
    drawn = data.draw(st.lists(st.integers(-2000, 2000), min_size=arcs.nodes, max_size=arcs.nodes))

    if flow.any():
        assert not check_certificate(arcs, nothing, np.array(drawn, dtype=np.int64))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({0: -9}, "arc 0 flows below its lower bound"),
        ({0: +9}, "arc 0 flows above its upper bound"),
        ({0: +1}, "node 0 does not conserve flow"),
    ],
)
def test_each_fault_is_named(changes, said):
    arcs, flow, potentials = proof_of(SMALL, RoundPolicy())
    for arc, change in changes.items():
        flow[arc] += change

    assert said in certificate_faults(arcs, flow, potentials)


@pytest.mark.parametrize(("shift", "said"), [(10**9, "less flow"), (-(10**9), "more flow")])
def test_a_potential_that_proves_nothing_is_named(shift, said):
    arcs, flow, potentials = proof_of(SMALL, RoundPolicy(individual_rationality=False))
    potentials[arcs.tail[0]] += shift

    assert f"arc 0 would be cheaper with {said}" in certificate_faults(arcs, flow, potentials)


def test_proofs_of_another_size_or_in_floats_are_refused():
    arcs, flow, potentials = proof_of(SMALL, RoundPolicy())

    assert certificate_faults(arcs, flow[:-1], potentials)[0].startswith(f"{flow.size - 1} flows")
    assert certificate_faults(arcs, flow, potentials[1:])[0].startswith(f"{flow.size} flows")
    assert certificate_faults(arcs, flow.astype(float), potentials)[0].startswith("flows are float64")
    assert not check_certificate(arcs, flow, potentials.astype(float))


class TestWholeRounds:
    def test_a_result_that_is_not_its_proof_is_refused(self):
        policy = RoundPolicy()
        result = solve_round(SMALL, policy)
        proof = result.certificate

        assert round_faults(SMALL, policy, result) == ()
        swapped = replace(result, mentor_of=result.mentor_of[::-1])
        assert round_faults(SMALL, policy, swapped) == ("the pairs are not those of the proof",)
        boasting = replace(result, points=result.points + 1)
        assert round_faults(SMALL, policy, boasting) == ("the totals are not those of the pairs",)
        renamed = replace(result, certificate=replace(proof, digest="0" * 64))
        assert round_faults(SMALL, policy, renamed) == ("the digest is not that of this round",)
        tampered = replace(result, certificate=replace(proof, flow=proof.flow + 1))
        assert round_faults(SMALL, policy, tampered)

    def test_a_round_solved_under_no_guarantee_is_no_proof_of_a_fair_one(self):
        problem = RoundProblem([0, 1], [0, 0], [60, 90], [1], [0, 1], [0])
        free = solve_round(problem, RoundPolicy(individual_rationality=False))

        assert "arc 0 flows below its lower bound" in round_faults(problem, RoundPolicy(), free)


class TestDigest:
    @pytest.mark.parametrize(
        "change",
        [
            {"points": [90, 40, 80, 71]},
            {"seats": [1, 2]},
            {"mentee_organisation": [0, 1, 1]},
            {"mentor_organisation": [0, -1]},
            {"mentor_organisation": [1, 0]},
            {"donated": np.array([False, False])},
            {"rounds_waited": None},
            {"rounds_waited": [0, 1, 3]},
            {"organisations": 5},
            {"mentor": [0, 1, 1, 0]},
        ],
        ids=str,
    )
    def test_any_change_of_the_problem_changes_it(self, change):
        before = solve_round(SMALL).certificate.digest

        assert solve_round(replace(SMALL, **change)).certificate.digest != before

    def test_any_change_of_the_policy_changes_it(self):
        digests = {solve_round(SMALL, policy).certificate.digest for policy in POLICIES}

        assert len(digests) == len(POLICIES)

    def test_it_is_64_hex_digits_and_the_same_on_every_machine(self):
        said = digest([("points", np.array([1, 2]))], [("objective", "total_fit")])

        assert said == digest([("points", np.array([1, 2], dtype=">i4"))], [("objective", "total_fit")])
        assert said == "4ca4cda21b8faa72619550817d0bbcb6cfc2436f9d8380ff7ba13095c932f402"

    @given(first=st.lists(st.integers(0, 9)), second=st.lists(st.integers(0, 9)))
    def test_moving_an_entry_from_one_column_to_the_next_changes_it(self, first, second):
        whole = np.array(first + second, dtype=np.int64)
        splits = [digest([("a", whole[:cut]), ("b", whole[cut:])], []) for cut in range(whole.size + 1)]

        assert len(set(splits)) == len(splits)
