"""What an even load and an even gain cost: points, placements, CPU. `make bench`, or this script with `--sizes 1000 10000`.

The worlds are those of bench_rounds.py, and one more in which one organisation owns most of the few mentors.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from bench_rounds import WORLDS, world

from graph.even_load import carrying_several
from graph.rounds import RoundPolicy, RoundProblem, solve_round

POLICIES = {
    "as it is": RoundPolicy(),
    "even load, 5 points": RoundPolicy(even_load=5),
    "even load, 20 points": RoundPolicy(even_load=20),
    "even gain": RoundPolicy(even_gain=True),
    "both, 5 points": RoundPolicy(even_load=5, even_gain=True),
    "total fit": RoundPolicy("total_fit"),
    "total fit, even load, 20 points": RoundPolicy("total_fit", even_load=20),
}
OWNED = "one seat, half away, three quarters owned by one"


def pools(people: int, seed: int) -> Iterator[tuple[str, RoundProblem]]:
    """Yield each world with its name."""
    for name, drawn in WORLDS.items():
        yield name, world(people, *drawn, seed)
    problem, random = world(people, *WORLDS["one seat, half the mentors away"], seed), np.random.default_rng(seed)
    yield (
        OWNED,
        replace(problem, mentor_organisation=np.where(random.random(people) < 0.75, 0, problem.mentor_organisation)),
    )


def rows(problem: RoundProblem) -> Iterator[str]:
    """Yield a line for each policy."""
    for name, policy in POLICIES.items():
        start = time.process_time()
        found = solve_round(problem, policy)
        seconds = time.process_time() - start
        gained = (found.placed_by - found.placed_alone)[found.mentees > 0]
        several = carrying_several(problem, found.mentor_of)[1]
        surplus = "" if found.certificate.surplus is None else found.certificate.surplus
        cells = (
            name,
            f"{seconds:.3f}",
            found.placed,
            found.points,
            several,
            surplus,
            f"{gained.min()} to {gained.max()}",
        )
        yield f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000])
    parser.add_argument("--seed", type=int, default=1)
    options, _ = parser.parse_known_args()
    for people in (10, 5_000):  # loads both engines, which every process pays once
        solve_round(world(people, 2, 1.0, 0))
    for people in options.sizes:
        for name, problem in pools(people, options.seed):
            print(f"\n### {people} mentees, {people} mentors, {problem.pairs} pairs: {name}\n")
            print("| policy | CPU s | placed | points | mentors with several | surplus | gain of each organisation |")
            print("|---|---|---|---|---|---|---|")
            for line in rows(problem):
                print(line, flush=True)


if __name__ == "__main__":
    main()
