"""Solve a pool with the package `matching`, which `bench_rivals.py` finds in a folder of its own; JSON in, JSON out.

The package knows hospitals and residents: seats and eligible pairs can be said, points only as an order on both sides, and
organisations not at all. What it looks for is a stable matching, not the most points.
"""

import json
import sys
import time
import warnings

from apart import peak_mebibytes


def preferences(pool: dict[str, list[int]]) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]:
    """Return each mentee's mentors and each mentor's mentees, best first, and the seats; nobody without anybody."""
    rows: dict[str, list[tuple[int, str]]] = {}
    columns: dict[str, list[tuple[int, str]]] = {}
    for mentee, mentor, points in zip(pool["mentee"], pool["mentor"], pool["points"], strict=True):
        if pool["seats"][mentor]:
            rows.setdefault(f"e{mentee}", []).append((-points, f"o{mentor}"))
            columns.setdefault(f"o{mentor}", []).append((-points, f"e{mentee}"))
    residents, hospitals = (
        {name: [other for _, other in sorted(wishes)] for name, wishes in side.items()} for side in (rows, columns)
    )
    return residents, hospitals, {name: pool["seats"][int(name[1:])] for name in hospitals}


def main() -> None:
    """Read a pool, solve it, write who got whom and what it took."""
    from matching.games import HospitalResident

    sys.setrecursionlimit(1_000_000)  # the package copies its players, who know each other, by recursion
    warnings.simplefilter("ignore")
    pool = json.load(sys.stdin)
    start, sides = peak_mebibytes(), preferences(pool)
    before = time.process_time()
    found = HospitalResident.create_from_dictionaries(*sides).solve()
    seconds = time.process_time() - before
    pairs = [[int(str(mentee)[1:]), int(str(mentor)[1:])] for mentor, held in found.items() for mentee in held]
    json.dump({"seconds": seconds, "grown": peak_mebibytes() - start, "pairs": pairs}, sys.stdout)


if __name__ == "__main__":
    main()
