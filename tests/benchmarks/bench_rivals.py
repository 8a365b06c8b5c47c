"""Small rounds against what a coordinator can install today: `make bench`, or this script with `--rivals FOLDER`.

The packages `matching` and `mentor-match` both install a folder named ``matching`` and overwrite each other's files. So each
gets a folder of its own, outside this repository, and a process of its own:

    pip install --target FOLDER/matching matching
    pip install --target FOLDER/mentor-match mentor-match

FOLDER is named by ``--rivals`` or by the variable PASSERELLE_RIVALS; a rival that is not there is said to be absent. Everybody
gets the same pairs and points, drawn as in bench_rounds.py. CPU seconds of one process each: read the ratios.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
from apart import Row, apart
from bench_rounds import FREE, WORLDS, greedy, max_weight, ours, scipy_dense, world
from chart import chart

from graph.rounds import RoundPolicy, RoundProblem

PACKAGES = {"matching": "rival_matching.py", "mentor-match": "rival_mentor_match.py"}
EXACT = {"mentor-match", "scipy linear_sum_assignment", "networkx max_weight_matching"}
SHOWN = ("base", "every mentor one seat")


def elsewhere(package: str, problem: RoundProblem, folder: Path | None, limit: float) -> Row:
    """Run a package found in a folder of its own; a row without an answer says why."""
    if folder is None or not (folder / package).is_dir():
        return Row(package, missing="not installed here")
    columns = {
        "mentee": problem.mentee.tolist(),
        "mentor": problem.mentor.tolist(),
        "points": problem.points.tolist(),
        "seats": problem.seats.tolist(),
    }
    script = str(Path(__file__).parent / PACKAGES[package])
    surroundings = {**os.environ, "PYTHONPATH": str(folder / package)}
    try:
        done = subprocess.run(
            [sys.executable, script],
            input=json.dumps(columns),
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return Row(package, missing=f"not done in {limit:.0f} s")
    if done.returncode:
        return Row(package, missing=f"failed: {done.stderr.strip().splitlines()[-1]}")
    told = json.loads(done.stdout)
    points = checked(package, problem, [tuple(pair) for pair in told["pairs"]])
    return Row(package, told["seconds"], told["grown"], len(told["pairs"]), points)


def checked(package: str, problem: RoundProblem, pairs: list[tuple[int, int]]) -> int:
    """Return the points of a rival's pairs; refuse an answer that is no round of this pool."""
    fit = dict(
        zip(zip(problem.mentee.tolist(), problem.mentor.tolist(), strict=True), problem.points.tolist(), strict=True)
    )
    used = [0] * problem.mentors
    for _, mentor in pairs:
        used[mentor] += 1
    if (
        len({mentee for mentee, _ in pairs}) < len(pairs)
        or not set(pairs) <= fit.keys()
        or any(taken > seats for taken, seats in zip(used, problem.seats.tolist(), strict=True))
    ):
        raise SystemExit(f"{package} answered with something that is no round of this pool")
    return sum(fit[pair] for pair in pairs)


def rows(problem: RoundProblem, folder: Path | None, limit: float) -> list[Row]:
    """Measure ours, what scipy and networkx offer, and the packages."""
    return [
        apart("ours, total fit, no guarantee", lambda: ours(problem, FREE)),
        apart("ours, most mentees, fair", lambda: ours(problem, RoundPolicy())),
        apart("greedy", lambda: greedy(problem)),
        apart("scipy linear_sum_assignment", lambda: scipy_dense(problem)),
        apart("networkx max_weight_matching", lambda: max_weight(problem), limit),
        *(elsewhere(package, problem, folder, limit) for package in PACKAGES),
    ]


def table(title: str, measured: list[Row]) -> Iterator[str]:
    """Yield one markdown table with ratios to our answer to the like question."""
    base = measured[0]
    yield f"\n### {title}\n"
    yield "| who | CPU s | against ours | memory MiB | placed | points | of the optimum |\n|---|---|---|---|---|---|---|"
    for row in measured:
        if row.missing:
            yield f"| {row.name} | {row.missing} | | | | | |"
            continue
        if row.name in EXACT and row.points != base.points:
            raise SystemExit(f"{row.name} found {row.points} points, we found {base.points}")
        yield (
            f"| {row.name} | {row.seconds:.4f} | {row.seconds / base.seconds:,.1f} × | {row.mebibytes} | {row.placed} "
            f"| {row.points} | {100 * row.points / base.points:.1f} % |"
        )


def main() -> None:
    """Measure, print, and write table and plot if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", type=Path, default=os.environ.get("PASSERELLE_RIVALS"), help="folder with one each")
    parser.add_argument("--people", type=int, nargs="+", default=[100, 200], help="mentees (and mentors) of each world")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds after which a rival is broken off")
    parser.add_argument("--rivals-markdown", type=Path, help="write the tables there as well, and the plot beside them")
    options, _ = parser.parse_known_args()
    nx.max_weight_matching(nx.path_graph(3))  # loads what every process pays once
    ours(world(10, 2, 1.0, 0), FREE)()
    lines: list[str] = []
    seen: dict[str, dict[float, float]] = {}
    for people in options.people:
        for name in SHOWN:
            problem = world(people, *WORLDS[name], 1)
            measured = rows(problem, options.rivals, options.limit)
            for line in table(f"{people} mentees, {people} mentors, {problem.pairs} pairs: {name}", measured):
                print(line, flush=True)
                lines.append(line)
            for row in measured if name == SHOWN[-1] else ():
                seen.setdefault(row.name, {}).update({} if row.missing else {people: row.seconds})
    if options.rivals_markdown:
        options.rivals_markdown.write_text("# Small rounds and rivals\n" + "\n".join(lines) + "\n", encoding="utf-8")
        drawn = chart("Every mentor one seat: time of one round", "CPU seconds", "mentees, and as many mentors", seen)
        options.rivals_markdown.with_suffix(".svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
