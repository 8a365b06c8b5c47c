"""Stand-ins of a whole round against solving it anew for each pair and each mentor: `make bench`, or `--sizes 10000`.

Worlds as in bench_rounds.py. Figures are CPU seconds of one process. Solving anew is measured for a sample and extrapolated;
where free seats alone help, both must say so, or the run fails. "Otherwise" counts pairs of the sample for which another,
equally good round answers otherwise. The searches have the limit that the hub sets, unless --unlimited.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from bench_rounds import WORLDS, world

from graph.flow import InfeasibleFlowError
from graph.pins import PinnedRound, solve_pinned
from graph.repair import Declined, MentorLeaves, changed
from graph.rounds import RoundPolicy, solve_round
from graph.stand_ins import StandIns, stand_ins
from graph.standing import best_from
from hub.services.stand_ins import KINDS, MOST_SEEN

POLICY = RoundPolicy()


def timed(run: Callable[[], StandIns]) -> tuple[float, StandIns]:
    """CPU seconds and answer of one run."""
    before = time.process_time()
    answer = run()
    return time.process_time() - before, answer


def anew(found: PinnedRound, mentee: int) -> str:
    """What becomes of a mentee, by whole rounds: free seats alone, then the best."""
    later = changed(found.whole, Declined(mentee, int(found.mentor_of[mentee])))
    standing = found.mentor_of.copy()
    standing[mentee] = -1
    try:
        if best_from(later, POLICY, standing, moving=False)[mentee] >= 0:
            return "free"
    except InfeasibleFlowError:
        pass
    return "moving" if solve_round(later, POLICY).mentor_of[mentee] >= 0 else "nobody"


def sampled(found: PinnedRound, told: StandIns, sample: int, seed: int) -> tuple[float, int]:
    """CPU seconds that solving anew would take for all, and how many of the sample another best round answers otherwise."""
    random = np.random.default_rng(seed)
    placed = np.flatnonzero(found.mentor_of >= 0)
    mentors = np.unique(found.mentor_of[placed])
    other, before = 0, time.process_time()
    for mentee in random.choice(placed, sample, replace=False).tolist():
        said, answer = told.of_mentee[mentee], anew(found, mentee)
        if "free" in (said, answer) and said not in (answer, None):
            raise SystemExit(f"mentee {mentee}: {said} by repair, {answer} anew")
        other += said not in (answer, None)
    pairs, before = time.process_time() - before, time.process_time()
    for mentor in random.choice(mentors, sample, replace=False).tolist():
        solve_round(changed(found.whole, MentorLeaves(mentor)), POLICY)
    rest = time.process_time() - before
    return (pairs * placed.size + rest * mentors.size) / sample, other


def report(people: int, name: str, sample: int, seed: int, most_seen: int | None) -> Iterator[str]:
    """Yield one row: a world, its answers, and the time of each way."""
    found = solve_pinned(world(people, *WORLDS[name], seed), POLICY, [])
    spent, told = timed(lambda: stand_ins(found, POLICY, most_seen=most_seen))
    seconds, other = sampled(found, told, sample, seed)
    counts, without = Counter(told.of_mentee), told.alone_without
    kinds = " / ".join(str(counts[kind]) for kind in KINDS)
    ratio = (
        f"{seconds / spent:.0f} ×"
        if without.min() >= 0
        else f"{found.placed - sum(counts[kind] for kind in KINDS)} not told"
    )
    yield (
        f"| {people}, {name} | {kinds} | {int((without > 0).sum())} | {spent:.2f} | {seconds:.0f} | {ratio} | "
        f"{other} of {sample} |"
    )


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000], help="mentees (and mentors) of each world")
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--sample", type=int, default=20, help="pairs, and as many mentors, that are solved anew")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unlimited", action="store_true", help="ask everything, however long it takes")
    parser.add_argument("--markdown", type=Path, help="write the table there as well")
    options, _ = parser.parse_known_args()
    # More than 10,000 pairs: whatever is compiled is so from here on.
    stand_ins(solve_pinned(world(1_200, *WORLDS["base"], 0), POLICY, []), POLICY, most_seen=100_000)
    lines = [
        "| world | free / moving / nobody | mentors leaned on | all asked, s | anew for each, s | ratio | otherwise |",
        "|---|---|---|---|---|---|---|",
    ]
    for people in options.sizes:
        for name in options.worlds:
            lines += report(people, name, options.sample, options.seed, None if options.unlimited else MOST_SEEN)
            print(lines[-1], flush=True)
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
