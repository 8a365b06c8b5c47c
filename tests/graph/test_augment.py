"""The path engine against independent solvers: same value, its own proof, every bound kept."""

import subprocess
import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.augment import ENGINE, LEAST_PAIRS, cheapest_by_paths, compiled, suits
from graph.certificate import certificate_faults
from graph.flow import InfeasibleFlowError, minimum_cost_circulation
from graph.round_network import build, placed_alone
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round
from tests.graph.round_oracle import POLICIES, round_problems

pytestmark = pytest.mark.skipif(compiled() is None, reason="numba is not installed: the engine is not used either")

UNBALANCED = [policy for policy in POLICIES if policy.net_balance is None]


@st.composite
def waiting_rounds(draw):
    problem = draw(round_problems())
    waited = draw(st.none() | st.lists(st.integers(0, 4), min_size=problem.mentees, max_size=problem.mentees))
    points = problem.points if draw(st.booleans()) else 1 + problem.points % 3
    return replace(problem, rounds_waited=waited, points=points)


def drawn_pool(seed, mentees, mentors, pairs_each, organisations, most_seats, most_waited):
    """A contested pool in which one organisation owns most mentors and its mentees score least."""
    random = np.random.default_rng(seed)
    key = np.unique(random.integers(0, mentees * mentors, mentees * pairs_each))
    mentee, mentor = key // mentors, key % mentors
    owner = random.integers(0, organisations, mentees)
    return RoundProblem(
        mentee=mentee,
        mentor=mentor,
        points=np.where(owner[mentee] == 0, random.integers(1, 50, key.size), random.integers(40, 101, key.size)),
        seats=random.integers(0, most_seats + 1, mentors),
        mentee_organisation=owner,
        mentor_organisation=np.where(random.random(mentors) < 0.6, 0, random.integers(-1, organisations, mentors)),
        rounds_waited=random.integers(0, most_waited + 1, mentees) if most_waited else None,
        organisations=organisations,
    )


def thin_pool(seed):
    """Half the mentors away, and three organisations own most of the rest: several fall short of their guarantee at once."""
    random = np.random.default_rng(seed)
    people, organisations = int(random.integers(20, 150)), int(random.integers(3, 13))
    key = np.unique(np.repeat(np.arange(people), 6) * people + random.integers(0, people, 6 * people))
    owner, lender = random.integers(0, organisations, people), random.integers(0, organisations, people)
    few = owner[key // people] < 3
    return RoundProblem(
        mentee=key // people,
        mentor=key % people,
        points=np.where(few, random.integers(1, 50, key.size), random.integers(40, 101, key.size)),
        seats=(random.random(people) < 0.5).astype(int),
        mentee_organisation=owner,
        mentor_organisation=np.where(random.random(people) < 0.5, random.integers(0, 3, people), lender),
        organisations=organisations,
    )


def both(problem, policy):
    """Arcs, cost by OR-Tools, then flow and potentials by paths."""
    network = build(problem, policy, placed_alone(problem))
    flow, _ = minimum_cost_circulation(network.arcs)
    return network.arcs, int(network.arcs.cost @ flow), *cheapest_by_paths(problem, policy, network)


class TestTheValue:
    def test_who_waited_longest_takes_the_one_seat_from_who_waited_less(self):
        # The search for her passes through the group of the one in between, whose own need is met already.
        six, waits = np.arange(6), np.array([0, 0, 0, 0, 1, 2])
        none = np.zeros(6, dtype=np.int64)
        problem = RoundProblem(six, none, none + 2, np.array([1]), none, none[:1], rounds_waited=waits, organisations=4)
        for policy in UNBALANCED:
            arcs, cost, flow, potentials = both(problem, policy)
            assert int(arcs.cost @ flow) == cost, policy
            assert certificate_faults(arcs, flow, potentials) == (), policy

    @settings(deadline=None, max_examples=300)
    @given(problem=waiting_rounds(), policy=st.sampled_from(UNBALANCED))
    def test_paths_cost_what_the_general_solver_finds_and_prove_it(self, problem, policy):
        arcs, cost, flow, potentials = both(problem, policy)

        assert int(arcs.cost @ flow) == cost
        assert certificate_faults(arcs, flow, potentials) == ()
        assert potentials.max(initial=0) <= 0

    @pytest.mark.parametrize("policy", UNBALANCED, ids=str)
    @pytest.mark.parametrize("waited", [0, 3])
    @pytest.mark.parametrize("most_seats", [1, 3])
    @pytest.mark.parametrize("seed", range(3))
    def test_larger_contested_pools_too(self, seed, most_seats, waited, policy):
        problem = drawn_pool(seed, 300, 200, 6, 7, most_seats, waited)

        arcs, cost, flow, potentials = both(problem, policy)

        assert int(arcs.cost @ flow) == cost
        assert certificate_faults(arcs, flow, potentials) == ()

    @settings(deadline=None, max_examples=60)
    @given(problem=round_problems())
    def test_without_fairness_the_points_are_those_networkx_finds(self, problem):
        graph = nx.DiGraph()
        graph.add_edge("sink", "source", weight=0)
        for mentee in range(problem.mentees):
            graph.add_edge("source", ("mentee", mentee), capacity=1)
        for mentor, seats in enumerate(problem.seats.tolist()):
            graph.add_edge(("mentor", mentor), "sink", capacity=seats)
        for mentee, mentor, points in zip(problem.mentee, problem.mentor, problem.points.tolist(), strict=True):
            graph.add_edge(("mentee", int(mentee)), ("mentor", int(mentor)), capacity=1, weight=-points)
        best, _ = nx.network_simplex(graph)

        arcs, _, flow, _ = both(problem, RoundPolicy("total_fit", individual_rationality=False))

        assert int(arcs.cost @ flow) == best


class TestTheGuarantee:
    @pytest.mark.parametrize("objective", ["most_mentees", "total_fit"])
    def test_missing_placements_are_mended_at_the_expense_of_those_who_can_spare_them(self, objective):
        """Relaxed, the organisation that owns most mentors falls far below what it places alone."""
        problem = drawn_pool(1, 300, 120, 8, 4, 1, 0)
        free = RoundPolicy(objective, individual_rationality=False)
        bound = placed_alone(problem)

        def placed_by(policy):
            network = build(problem, policy, bound)
            return cheapest_by_paths(problem, policy, network)[0][network.placed_arcs]

        assert placed_by(free)[0] < bound[0]
        assert (placed_by(RoundPolicy(objective)) >= bound).all()

    @pytest.mark.parametrize("objective", ["most_mentees", "total_fit"])
    def test_several_that_are_short_at_once_are_mended_through_each_other(self, objective):
        """A search that starts where another one went through before knows less than it has seen."""
        short_at_once = 0
        for seed in range(400):
            problem, free = thin_pool(seed), RoundPolicy(objective, individual_rationality=False)
            bound = placed_alone(problem)
            network = build(problem, free, bound)
            relaxed = cheapest_by_paths(problem, free, network)[0][network.placed_arcs]
            short_at_once += int((relaxed < bound[network.organisations]).sum() > 1)

            arcs, cost, flow, potentials = both(problem, RoundPolicy(objective))

            assert int(arcs.cost @ flow) == cost, seed
            assert certificate_faults(arcs, flow, potentials) == (), seed
        assert short_at_once > 50

    def test_a_guarantee_nobody_can_meet_is_refused(self):
        problem = RoundProblem([0, 1], [0, 0], [50, 60], [1], [0, 1], [0])

        with pytest.raises(InfeasibleFlowError):
            cheapest_by_paths(problem, RoundPolicy(), build(problem, RoundPolicy(), np.array([1, 1])))


class TestTheChoice:
    LARGE = drawn_pool(5, 12_000, 12_000, 10, 9, 3, 0)

    def test_a_large_pool_is_solved_by_paths_and_proven(self):
        result = solve_round(self.LARGE)

        assert self.LARGE.pairs >= LEAST_PAIRS
        assert result.certificate.engine == ENGINE
        assert round_faults(self.LARGE, RoundPolicy(), result) == ()
        assert (result.placed_by >= result.placed_alone).all()

    def test_the_same_pool_gives_the_same_bytes_in_whatever_order_its_pairs_come(self):
        order = np.random.default_rng(0).permutation(self.LARGE.pairs)
        shuffled = replace(
            self.LARGE,
            mentee=self.LARGE.mentee[order],
            mentor=self.LARGE.mentor[order],
            points=self.LARGE.points[order],
        )

        first, second = solve_round(self.LARGE), solve_round(shuffled)

        assert first.mentor_of.tobytes() == second.mentor_of.tobytes()
        assert first.certificate.potentials.tobytes() == second.certificate.potentials.tobytes()
        assert first.certificate.digest == second.certificate.digest

    def test_a_net_balance_or_a_small_pool_goes_to_the_general_solver(self):
        small = drawn_pool(5, 50, 50, 5, 3, 2, 0)

        assert suits(self.LARGE, RoundPolicy())
        assert not suits(self.LARGE, RoundPolicy(net_balance=3))
        assert not suits(small, RoundPolicy())


def test_without_numba_a_large_pool_is_still_solved():
    """An installation without numba: its import is refused before anything else is loaded."""
    story = (
        "import sys; sys.modules['numba'] = None\n"
        "import numpy as np; from graph.rounds import RoundProblem, solve_round\n"
        "people = np.arange(400)\n"
        "problem = RoundProblem(np.repeat(people, 250), np.tile(people[:250], 400), np.tile(1 + people[:250] % 100, 400),\n"
        "    np.ones(250, int), people * 0, np.zeros(250, int))\n"
        "result = solve_round(problem); print(problem.pairs, result.placed, result.certificate.engine)"
    )

    said = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, check=True)

    assert said.stdout.startswith(f"{LEAST_PAIRS} 250 ortools")


AFTER_PREPARING = """
import numpy as np
from graph import augment
from graph.rounds import RoundPolicy, RoundProblem, solve_round

def signatures():
    kernels = vars(augment.compiled())
    return {name: list(kernel.signatures) for name, kernel in kernels.items() if hasattr(kernel, "signatures")}

assert augment.prepare()
before = signatures()
people, random = 12_000, np.random.default_rng(1)
key = np.unique(np.repeat(np.arange(people), 10) * people + random.integers(0, people, people * 10))
owners = random.integers(0, 40, people), random.integers(0, 40, people)
for seats, waited in ((1, None), (2, random.integers(0, 3, people))):
    points = random.integers(1, 101, key.size)
    columns = key // people, key % people, points, np.full(people, seats), *owners
    problem = RoundProblem(*columns, rounds_waited=waited)
    for policy in (RoundPolicy(), RoundPolicy("total_fit"), RoundPolicy(individual_rationality=False)):
        assert solve_round(problem, policy).certificate.engine == augment.ENGINE
print(sum(map(len, before.values())), signatures() == before)
"""


def test_what_is_prepared_leaves_nothing_to_compile_to_a_large_round():
    """In a process of its own: here other tests have compiled what they needed."""
    ended = subprocess.run([sys.executable, "-c", AFTER_PREPARING], capture_output=True, text=True, check=True)

    kernels, unchanged = ended.stdout.split()
    assert int(kernels) > 0
    assert unchanged == "True"
