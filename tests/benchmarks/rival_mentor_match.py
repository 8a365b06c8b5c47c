"""Solve a pool with the package `mentor-match`, which `bench_rivals.py` finds in a folder of its own; JSON in, JSON out.

The package scores every mentor against every mentee and assigns one to one for the highest total. Seats cannot be said: a
mentor enters once for each seat. Points and pairs that may not be enter as rules; organisations have no say in the result.
"""

import json
import sys
import time
from typing import Any

from apart import peak_mebibytes


def people(pool: dict[str, list[int]], mentor: type, mentee: type) -> tuple[list[Any], list[Any], dict[str, int]]:
    """Return a mentor for each seat, the mentees, and which mentor of the pool each one is."""
    said = {"grade": 1, "organisation": "", "profession": ""}
    owner = [person for person, seats in enumerate(pool["seats"]) for _ in range(seats)]
    mentors = [mentor(**said, email=f"o{seat}") for seat in range(len(owner))]
    everyone = max(pool["mentee"], default=-1) + 1
    return mentors, [mentee(**said, email=f"e{one}") for one in range(everyone)], dict(
        zip((one.email for one in mentors), owner, strict=True)
    )  # fmt: skip


def main() -> None:
    """Read a pool, solve it, write who got whom and what it took."""
    from matching.mentee import Mentee
    from matching.mentor import Mentor
    from matching.process import process_data
    from matching.rules.rule import Disqualify, Rule

    pool = json.load(sys.stdin)
    start = peak_mebibytes()
    mentors, mentees, owner = people(pool, Mentor, Mentee)
    worth = {(f"e{i}", j): fit for i, j, fit in zip(pool["mentee"], pool["mentor"], pool["points"], strict=True)}

    def fit(match: Any) -> int:
        return worth.get((match.mentee.email, owner[match.mentor.email]), 0)

    class Points(Rule):  # type: ignore[misc]
        def apply(self, match_object: Any) -> int:
            return fit(match_object)

        def evaluate(self, match_object: Any) -> bool:
            return bool(fit(match_object))

    before = time.process_time()
    process_data(mentors, mentees, [[Points(), Disqualify(lambda match: not fit(match))]])
    seconds = time.process_time() - before
    pairs = [[int(one.email[1:]), owner[other.email]] for one in mentees for other in one.mentors]
    json.dump({"seconds": seconds, "grown": peak_mebibytes() - start, "pairs": pairs}, sys.stdout)


if __name__ == "__main__":
    main()
