"""Rounds against named rivals, in one run: `make bench`, or this script with `--sizes 1000 10000 --markdown FILE`.

Every world is synthetic: unequal organisations (Zipf), one to six seats a mentor, 22 random eligible pairs a mentee.
Figures are CPU seconds of one process; what counts is the ratio within a run, since machines differ. Rivals solve the
same pairs for most points without fairness, the only question all of them can answer, and must reach the same total.
Turning the pairs into a rival's own form is not counted against it; ours is timed from the columns to the certificate.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import networkx as nx
import numpy as np
from apart import Answer, Row, apart
from chart import chart
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


def seat_columns(problem: RoundProblem) -> tuple[IntArray, IntArray, IntArray, int]:
    """Split mentors into seats: row, column and points of every (mentee, seat), and how many seats there are."""
    first = np.cumsum(problem.seats) - problem.seats
    repeats = problem.seats[problem.mentor]
    entry = np.repeat(np.arange(problem.pairs), repeats)
    within = np.arange(entry.size) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return problem.mentee[entry], first[problem.mentor[entry]] + within, problem.points[entry], int(problem.seats.sum())


def scipy_sparse(problem: RoundProblem) -> Callable[[], Answer]:
    """scipy's sparse full matching, with a private column that means "unplaced" for each mentee."""
    row, column, points, seats = seat_columns(problem)
    everyone = np.arange(problem.mentees)
    weight = np.concatenate((101 - points, np.full(problem.mentees, 101)))
    shape = (problem.mentees, seats + problem.mentees)
    places = (np.append(row, everyone), np.append(column, seats + everyone))
    costs = csr_array((weight.astype(float), places), shape=shape)

    def run() -> Answer:
        rows, columns = min_weight_full_bipartite_matching(costs)
        return int((columns < seats).sum()), int((101 - costs[rows, columns]).sum())

    return run


def scipy_dense(problem: RoundProblem) -> Callable[[], Answer]:
    """scipy's dense assignment; not being placed is worth 0."""
    row, column, points, seats = seat_columns(problem)
    fit = np.zeros((problem.mentees, seats + problem.mentees), dtype=np.int16)
    fit[row, column] = points

    def run() -> Answer:
        rows, columns = linear_sum_assignment(fit, maximize=True)
        return int((fit[rows, columns] > 0).sum()), int(fit[rows, columns].sum(dtype=np.int64))

    return run


def ortools_assignment(problem: RoundProblem) -> Callable[[], Answer]:
    """OR-Tools' SimpleMinCostFlow on the bare assignment, with columns built once and added in one call."""
    people, size = np.arange(problem.mentees), problem.mentees
    chairs, unplaced = np.arange(problem.mentors) + size, size + problem.mentors
    tail = np.concatenate((problem.mentee, people, chairs)).astype(np.int32)
    head = np.concatenate((problem.mentor + size, np.full(size + problem.mentors, unplaced))).astype(np.int32)
    upper = np.concatenate((np.ones(problem.pairs + size, dtype=np.int64), np.minimum(problem.seats, size)))
    cost = np.concatenate((-problem.points, np.zeros(size + problem.mentors, dtype=np.int64)))
    supply = np.concatenate((np.ones(size, dtype=np.int64), np.zeros(problem.mentors, dtype=np.int64), [-size]))

    def run() -> Answer:
        solver = SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(tail, head, upper, cost)
        solver.set_nodes_supplies(np.arange(unplaced + 1, dtype=np.int32), supply)
        solver.solve()
        placed = solver.flows(np.arange(problem.pairs)).sum()
        return int(placed), -solver.optimal_cost()

    return run


def networkx_simplex(problem: RoundProblem) -> Callable[[], Answer]:
    """networkx's network simplex on the very network of the round."""
    network = build(problem, FREE, placed_alone(problem))
    arcs, mentees = network.arcs, set(network.arcs.tail[network.pair_arcs].tolist())
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    graph.add_nodes_from(range(arcs.nodes))
    for tail, head, upper, cost in zip(
        *(column.tolist() for column in (arcs.tail, arcs.head, arcs.upper, arcs.cost)), strict=True
    ):
        graph.add_edge(tail, head, capacity=upper, weight=cost)

    def run() -> Answer:
        cost, flow = nx.network_simplex(graph)
        return sum(units for mentee in mentees for many in flow[mentee].values() for units in many.values()), -int(cost)

    return run


def max_weight(problem: RoundProblem) -> Callable[[], Answer]:
    """networkx's blossom matching for any graph, with a mentor for each seat."""
    row, column, points, _ = seat_columns(problem)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_weighted_edges_from(zip(row.tolist(), (column + problem.mentees).tolist(), points.tolist(), strict=True))

    def run() -> Answer:
        found = nx.max_weight_matching(graph)
        return len(found), sum(graph[one][other]["weight"] for one, other in found)

    return run


def greedy(problem: RoundProblem) -> Callable[[], Answer]:
    """Best pair first, while seats last: what a careful person does by hand."""

    def run() -> Answer:
        free, waiting, placed, points = problem.seats.tolist(), [True] * problem.mentees, 0, 0
        best_first = np.argsort(-problem.points, kind="stable")
        columns = (problem.mentee[best_first], problem.mentor[best_first], problem.points[best_first])
        for mentee, mentor, fit in zip(*(column.tolist() for column in columns), strict=True):
            if waiting[mentee] and free[mentor]:
                waiting[mentee] = False
                free[mentor] -= 1
                placed, points = placed + 1, points + fit
        return placed, points

    return run


RIVALS: dict[str, tuple[Callable[[RoundProblem], Callable[[], Answer]], int]] = {
    "greedy (not optimal)": (greedy, 10**7),
    "scipy min_weight_full_bipartite_matching": (scipy_sparse, 10_000),
    "scipy linear_sum_assignment (dense)": (scipy_dense, 1_000),
    "OR-Tools SimpleMinCostFlow": (ortools_assignment, 300_000),
    "networkx network_simplex": (networkx_simplex, 10_000),
    "networkx max_weight_matching": (max_weight, 1_000),
}
"""Each rival and the largest pool it gets: beyond it a run takes more than a minute, or the memory."""


def ours(problem: RoundProblem, policy: RoundPolicy) -> Callable[[], Answer]:
    """Solve, with everything a user waits for: own matchings, network, flow, certificate, digest."""

    def run() -> Answer:
        result = solve_round(problem, policy)
        return result.placed, result.points

    return run


def checking(problem: RoundProblem) -> Callable[[], Answer]:
    """Check the proof of the default round, once it is solved; an answer of nothing."""
    policy = RoundPolicy()
    result = solve_round(problem, policy)

    def run() -> Answer:
        faults = round_faults(problem, policy, result)
        if faults:
            raise SystemExit("; ".join(faults))
        return 0, 0

    return run


def measured(problem: RoundProblem) -> list[Row]:
    """Ours under each policy, then the rivals, each in a process of its own; they must agree with our like question."""
    rows = [apart(f"ours: {title}", partial(ours, problem, policy)) for title, policy in POLICIES.items()]
    base = rows[-1]
    for title, (rival, largest) in RIVALS.items():
        if problem.mentees <= largest:
            rows.append(apart(title, partial(rival, problem)))
            if not rows[-1].missing and "not optimal" not in title and rows[-1].points != base.points:
                raise SystemExit(f"{title} found {rows[-1].points} points, we found {base.points}")
    return rows


def report(name: str, problem: RoundProblem, rows: list[Row]) -> Iterator[str]:
    """Yield one markdown table, with ratios to our like question."""
    base = rows[len(POLICIES) - 1]
    check = apart("checking the proof", partial(checking, problem))
    if check.missing:
        raise SystemExit("the proof of the round was not accepted")
    yield f"\n### {problem.mentees} mentees, {problem.mentors} mentors, {problem.pairs} pairs: {name}\n"
    yield "| who | CPU s | against ours (total fit, no guarantee) | memory MiB | placed | points |\n|---|---|---|---|---|---|"
    for row in rows:
        if row.missing:
            yield f"| {row.name} | {row.missing} | | | | |"
        else:
            ratio = row.seconds / base.seconds
            yield f"| {row.name} | {row.seconds:.3f} | {ratio:,.1f} × | {row.mebibytes} | {row.placed} | {row.points} |"
    yield (
        f"\nChecking the proof: {check.seconds:.3f} CPU s. Fair against unconstrained, most mentees: "
        f"{rows[0].seconds / rows[1].seconds:.2f} ×."
    )


def main() -> None:
    """Measure, print, and write tables and plots if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[300, 1_000], help="mentees (and mentors) of each world"
    )
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--markdown", type=Path, help="write the tables there as well, and a plot of each world beside it"
    )
    options, _ = parser.parse_known_args()
    for people in (10, 5_000):  # loads both engines, which every process pays once
        solve_round(world(people, 2, 1.0, 0))
    lines: list[str] = []
    seen: dict[str, dict[str, dict[float, float]]] = {name: {} for name in options.worlds}
    for people in options.sizes:
        for name in options.worlds:
            problem = world(people, *WORLDS[name], options.seed)
            rows = measured(problem)
            for line in report(name, problem, rows):
                print(line, flush=True)
                lines.append(line)
            for row in rows[:1] + rows[len(POLICIES) - 1 :]:
                seen[name].setdefault(row.name, {}).update({} if row.missing else {people: max(row.seconds, 1e-4)})
    if options.markdown:
        options.markdown.write_text("# Rounds\n" + "\n".join(lines) + "\n", encoding="utf-8")
        for place, name in enumerate(options.worlds):
            drawn = chart(f"One round: {name}", "CPU seconds", "mentees, and as many mentors", seen[name])
            plot = options.markdown.with_name(f"{options.markdown.stem}-{place + 1}.svg")
            plot.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
