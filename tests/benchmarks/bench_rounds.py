"""Rounds against named rivals, in one run: `make bench`, or this script with `--sizes 1000 10000 --markdown FILE`.

Every world is synthetic: unequal organisations (Zipf), one to six seats a mentor, 22 random eligible pairs a mentee.
Figures are CPU seconds of one process; what counts is the ratio within a run, since machines differ. Rivals solve the
same pairs for most points without fairness, the only question all of them can answer, and must reach the same total.
Turning the pairs into a rival's own form is not counted against it; ours is timed from the columns to the certificate.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from graph.flow import IntArray
from graph.round_network import build, placed_alone
from graph.rounds import RoundPolicy, RoundProblem, round_faults, solve_round

PAIRS_EACH = 22
FREE = RoundPolicy("total_fit", individual_rationality=False)
POLICIES = {
    "most mentees, fair (the default)": RoundPolicy(),
    "most mentees, no guarantee": RoundPolicy(individual_rationality=False),
    "most mentees, fair, balance ±10": RoundPolicy(net_balance=10),
    "total fit, fair": RoundPolicy("total_fit"),
    "total fit, no guarantee": FREE,
}
WORLDS = {"base": (6, 1.0), "every mentor one seat": (1, 1.0), "one seat, half the mentors away": (1, 0.5)}
"""Most seats a mentor has, and the share of mentors present."""


@dataclass(frozen=True)
class Row:
    """One measured line: who, CPU seconds, points reached."""

    name: str
    seconds: float
    points: int


def world(people: int, most_seats: int, present: float, seed: int) -> RoundProblem:
    """Draw a pool of as many mentees as mentors."""
    random = np.random.default_rng(seed)
    organisations = max(people // 250, 4)
    shares = random.zipf(1.5, organisations).clip(1, 50).astype(float)
    shares /= shares.sum()
    key = np.unique(np.repeat(np.arange(people), PAIRS_EACH) * people + random.integers(0, people, people * PAIRS_EACH))
    seats = random.integers(1, most_seats + 1, people) * (random.random(people) < present)
    return RoundProblem(
        mentee=key // people,
        mentor=key % people,
        points=random.integers(1, 101, key.size),
        seats=seats,
        mentee_organisation=random.choice(organisations, people, p=random.permutation(shares)),
        mentor_organisation=random.choice(organisations, people, p=shares),
    )


def measured(name: str, run: Callable[[], int]) -> Row:
    """Time one run in CPU seconds."""
    before = time.process_time()
    points = run()
    return Row(name, time.process_time() - before, points)


def seat_columns(problem: RoundProblem) -> tuple[IntArray, IntArray, IntArray, int]:
    """Split mentors into seats: row, column and points of every (mentee, seat), and how many seats there are."""
    first = np.cumsum(problem.seats) - problem.seats
    repeats = problem.seats[problem.mentor]
    entry = np.repeat(np.arange(problem.pairs), repeats)
    within = np.arange(entry.size) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return problem.mentee[entry], first[problem.mentor[entry]] + within, problem.points[entry], int(problem.seats.sum())


def scipy_sparse(problem: RoundProblem) -> Callable[[], int]:
    """scipy's sparse full matching, with a private column that means "unplaced" for each mentee."""
    row, column, points, seats = seat_columns(problem)
    everyone = np.arange(problem.mentees)
    weight = np.concatenate((101 - points, np.full(problem.mentees, 101)))
    shape = (problem.mentees, seats + problem.mentees)
    places = (np.append(row, everyone), np.append(column, seats + everyone))
    costs = csr_array((weight.astype(float), places), shape=shape)

    def run() -> int:
        rows, columns = min_weight_full_bipartite_matching(costs)
        return int((101 - costs[rows, columns]).sum())

    return run


def scipy_dense(problem: RoundProblem) -> Callable[[], int]:
    """scipy's dense assignment; not being placed is worth 0."""
    row, column, points, seats = seat_columns(problem)
    fit = np.zeros((problem.mentees, seats + problem.mentees), dtype=np.int16)
    fit[row, column] = points

    def run() -> int:
        rows, columns = linear_sum_assignment(fit, maximize=True)
        return int(fit[rows, columns].sum())

    return run


def ortools_assignment(problem: RoundProblem) -> Callable[[], int]:
    """OR-Tools' SimpleMinCostFlow on the bare assignment, with columns built once and added in one call."""
    people, size = np.arange(problem.mentees), problem.mentees
    chairs, unplaced = np.arange(problem.mentors) + size, size + problem.mentors
    tail = np.concatenate((problem.mentee, people, chairs)).astype(np.int32)
    head = np.concatenate((problem.mentor + size, np.full(size + problem.mentors, unplaced))).astype(np.int32)
    upper = np.concatenate((np.ones(problem.pairs + size, dtype=np.int64), np.minimum(problem.seats, size)))
    cost = np.concatenate((-problem.points, np.zeros(size + problem.mentors, dtype=np.int64)))
    supply = np.concatenate((np.ones(size, dtype=np.int64), np.zeros(problem.mentors, dtype=np.int64), [-size]))

    def run() -> int:
        solver = SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(tail, head, upper, cost)
        solver.set_nodes_supplies(np.arange(unplaced + 1, dtype=np.int32), supply)
        solver.solve()
        return -solver.optimal_cost()

    return run


def networkx_simplex(problem: RoundProblem) -> Callable[[], int]:
    """networkx's network simplex on the very network of the round."""
    arcs = build(problem, FREE, placed_alone(problem)).arcs
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.add_nodes_from(range(arcs.nodes))
    for tail, head, upper, cost in zip(
        *(column.tolist() for column in (arcs.tail, arcs.head, arcs.upper, arcs.cost)), strict=True
    ):
        graph.add_edge(tail, head, capacity=upper, weight=cost)
    return lambda: -int(nx.network_simplex(graph)[0])


def greedy(problem: RoundProblem) -> Callable[[], int]:
    """Best pair first, while seats last: what a careful person does by hand."""

    def run() -> int:
        free, waiting, points = problem.seats.tolist(), [True] * problem.mentees, 0
        best_first = np.argsort(-problem.points, kind="stable")
        columns = (problem.mentee[best_first], problem.mentor[best_first], problem.points[best_first])
        for mentee, mentor, fit in zip(*(column.tolist() for column in columns), strict=True):
            if waiting[mentee] and free[mentor]:
                waiting[mentee] = False
                free[mentor] -= 1
                points += fit
        return points

    return run


RIVALS: dict[str, tuple[Callable[[RoundProblem], Callable[[], int]], int]] = {
    "greedy (not optimal)": (greedy, 10**7),
    "scipy min_weight_full_bipartite_matching": (scipy_sparse, 10_000),
    "scipy linear_sum_assignment (dense)": (scipy_dense, 1_000),
    "OR-Tools SimpleMinCostFlow": (ortools_assignment, 300_000),
    "networkx network_simplex": (networkx_simplex, 10_000),
}
"""Each rival and the largest pool it gets: beyond it a run takes more than a minute, or the memory."""


def ours(problem: RoundProblem, policy: RoundPolicy) -> Callable[[], int]:
    """Solve, with everything a user waits for: own matchings, network, flow, certificate, digest."""
    return lambda: solve_round(problem, policy).points


def verified(problem: RoundProblem) -> float:
    """Check the proof of the default round; CPU seconds of the check alone."""
    policy = RoundPolicy()
    result = solve_round(problem, policy)
    before = time.process_time()
    faults = round_faults(problem, policy, result)
    if faults:
        raise SystemExit("; ".join(faults))
    return time.process_time() - before


def report(people: int, name: str, seed: int) -> Iterator[str]:
    """Yield one markdown table: ours under each policy, then the rivals, with ratios to our like question."""
    problem = world(people, *WORLDS[name], seed)
    rows = [measured(f"ours: {title}", ours(problem, policy)) for title, policy in POLICIES.items()]
    base = rows[-1]
    for title, (rival, largest) in RIVALS.items():
        if people <= largest:
            rows.append(measured(title, rival(problem)))
            if "not optimal" not in title and rows[-1].points != base.points:
                raise SystemExit(f"{title} found {rows[-1].points} points, we found {base.points}")
    yield f"\n### {people} mentees, {people} mentors, {problem.pairs} pairs: {name}\n"
    yield "| who | CPU s | against ours (total fit, no guarantee) | points |\n|---|---|---|---|"
    for row in rows:
        yield f"| {row.name} | {row.seconds:.3f} | {row.seconds / base.seconds:.1f} × | {row.points} |"
    yield (
        f"\nChecking the proof: {verified(problem):.3f} CPU s. Fair against unconstrained, most mentees: "
        f"{rows[0].seconds / rows[1].seconds:.2f} ×. Peak memory of this process so far: {peak_mebibytes()} MiB."
    )


def peak_mebibytes() -> int:
    """Largest resident size of this process until now."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[300, 1_000], help="mentees (and mentors) of each world"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", type=Path, help="write the tables there as well")
    options, _ = parser.parse_known_args()
    for people in (10, 5_000):  # loads both engines, which every process pays once
        solve_round(world(people, 2, 1.0, 0))
    lines = []
    for people in options.sizes:
        for name in WORLDS:
            for line in report(people, name, options.seed):
                print(line, flush=True)
                lines.append(line)
    if options.markdown:
        options.markdown.write_text("# Rounds\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
