"""Repairs against whole new rounds, in one run: `make bench`, or this script with `--sizes 10000 --markdown FILE`.

Worlds as in bench_rounds.py. A state is built once per world; then changes of every kind follow one another, each repaired
on the state the last one left. Figures are CPU seconds of one process; what counts is the ratio to `solve_round` on the same
world in the same run. At the end the repaired round is held to a new one: equal value, or the run fails.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from bench_rounds import WORLDS, world

from graph.repair import (
    Change,
    Declined,
    MenteeArrives,
    MenteeLeaves,
    MentorJoins,
    MentorLeaves,
    RepairResult,
    RoundState,
    SeatLost,
)
from graph.rounds import RoundPolicy, RoundProblem, solve_round

PAIRS_EACH = 22
TWINS = 5
"""States alike on which every change is made: the least time counts, since others interrupt a busy machine at every turn."""
POLICIES = {"no guarantee": RoundPolicy(individual_rationality=False), "fair": RoundPolicy()}


class Events:
    """Draws changes that are possible now; the share of each kind is equal.

    From lists of its own, which follow the answers: to ask the state for everybody would sweep the caches before each repair.
    """

    def __init__(self, problem: RoundProblem, state: RoundState, seed: int) -> None:
        self.problem, self.random = problem, np.random.default_rng(seed)
        self.mentor_of = state.mentor_of.tolist()
        self.mentees, self.mentors = set(range(problem.mentees)), set(range(problem.mentors))
        self.next_mentee, self.next_mentor = problem.mentees, problem.mentors
        self.paired = set(problem.mentor.tolist())

    def follow(self, answer: RepairResult) -> None:
        """Take over what a repair did."""
        self.mentor_of += [-1] * (self.next_mentee - len(self.mentor_of))
        for move in answer.moves:
            self.mentor_of[move.mentee] = move.after

    def draw(self, kind: type) -> Change:
        """Draw one change of a kind."""
        drawn = self.random.choice(len(self.mentor_of), 200).tolist()
        mentee = next(one for one in drawn if self.mentor_of[one] >= 0)
        mentor = self.mentor_of[mentee]
        if kind is MentorLeaves:
            self.mentors.discard(mentor)
            return MentorLeaves(mentor)
        if kind is SeatLost:
            return SeatLost(mentor)
        if kind is MenteeLeaves:
            self.mentees.discard(mentee)
            return MenteeLeaves(mentee)
        if kind is Declined:
            return Declined(mentee, mentor)
        if kind is MenteeArrives:
            self.mentees.add(self.next_mentee)
            self.next_mentee += 1
            organisation = int(self.random.choice(self.problem.mentee_organisation))
            return MenteeArrives(organisation, self._pairs(self.next_mentor, self.mentors, self.paired))
        self.mentors.add(self.next_mentor)
        self.paired.add(self.next_mentor)
        self.next_mentor += 1
        owner = int(self.random.choice(self.problem.mentor_organisation))
        return MentorJoins(owner, int(self.random.integers(1, 4)), self._pairs(self.next_mentee, self.mentees))

    def _pairs(self, most: int, *those: set[int]) -> tuple[tuple[int, int], ...]:
        drawn = dict.fromkeys(self.random.integers(0, most, 10 * PAIRS_EACH).tolist())
        chosen = [one for one in drawn if all(one in each for each in those)][:PAIRS_EACH]
        return tuple(zip(chosen, self.random.integers(1, 101, len(chosen)).tolist(), strict=True))


KINDS: tuple[type, ...] = (MenteeArrives, MentorLeaves, SeatLost, Declined, MenteeLeaves, MentorJoins)


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds and answer of one run."""
    before = time.process_time()
    answer = run()
    return time.process_time() - before, answer


def least(runs: Iterable[Callable[[], object]]) -> tuple[float, object]:
    """The least CPU seconds of runs that do the same, and their answer, which must be the same."""
    times, answers = zip(*(timed(run) for run in runs), strict=True)
    if isinstance(answers[0], RepairResult) and any(answer != answers[0] for answer in answers):
        raise SystemExit("the same change on the same state had two answers")
    return min(times), answers[0]


def report(people: int, name: str, title: str, events: int, seed: int) -> Iterator[str]:
    """Yield one markdown table: each kind of change under one policy, against a whole new round."""
    problem, policy = world(people, *WORLDS[name], seed), POLICIES[title]
    warm = RoundState(problem, policy, solve_round(problem, policy))  # whatever is compiled is so from here on
    for change in previews(Events(problem, warm, seed), 2):
        warm.no_move_repair(change)
    rerun, result = least(lambda: solve_round(problem, policy) for _ in range(TWINS))
    built, state = timed(lambda: RoundState(problem, policy, result))
    states = [state, *(RoundState(problem, policy, result) for _ in range(TWINS - 1))]
    drawn, seconds, moved, reruns = Events(problem, state, seed), {}, {}, 0
    for kind in np.random.default_rng(seed).permutation(np.repeat(np.arange(len(KINDS)), events // len(KINDS))):
        change = drawn.draw(KINDS[kind])
        spent, answer = least(lambda change=change, one=one: one.repair(change) for one in states)
        drawn.follow(answer)
        if answer.method == "rerun":
            reruns += 1
            continue
        seconds.setdefault(kind, []).append(spent)
        moved.setdefault(kind, []).append(len(answer.moved))
    again = solve_round(state.problem(), policy)
    if (again.placed, again.points) != (answer.placed, answer.points):
        raise SystemExit(f"repaired to {answer.placed, answer.points}, a new round has {again.placed, again.points}")
    yield f"\n### {people} mentees, {people} mentors, {problem.pairs} pairs: {name}, {title}\n"
    yield f"New round {rerun:.3f} CPU s; state built in {built:.3f}; {events} changes, {reruns} of them solved anew.\n"
    yield "| change | p50 ms | p99 ms | most ms | new round / p50 | new round / p99 | others moved, mean / most |"
    yield "|---|---|---|---|---|---|---|"
    everything = [value for values in seconds.values() for value in values]
    rows = [("all", everything, [value for values in moved.values() for value in values])]
    rows += [(KINDS[kind].__name__, seconds[kind], moved[kind]) for kind in sorted(seconds)]
    for label, spent, others in rows:
        p50, p99 = np.percentile(spent, (50, 99))
        yield (
            f"| {label} | {1000 * p50:.3f} | {1000 * p99:.3f} | {1000 * max(spent):.3f} | {rerun / p50:.0f} × | "
            f"{rerun / p99:.0f} × | {np.mean(others):.1f} / {max(others)} |"
        )
    looks = [
        least(lambda change=change, one=one: one.no_move_repair(change) for one in states)[0]
        for change in previews(drawn, events // 6)
    ]
    yield "\nWithout moving anybody, only looked at: p50 {:.3f} ms, p99 {:.3f} ms.".format(
        *(1000 * np.percentile(looks, (50, 99)))
    )


def previews(drawn: Events, events: int) -> list[Change]:
    """Changes that part somebody: what a coordinator is shown before anything is decided."""
    return [drawn.draw(kind) for kind in (SeatLost, Declined) for _ in range(events // 2)]


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000], help="mentees (and mentors) of each world")
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--events", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", type=Path, help="write the tables there as well")
    options, _ = parser.parse_known_args()
    solve_round(world(10, 2, 1.0, 0))  # loads the engine, which every process pays once
    lines = []
    for people in options.sizes:
        for name in options.worlds:
            for title in POLICIES:
                for line in report(people, name, title, options.events, options.seed):
                    print(line, flush=True)
                    lines.append(line)
    if options.markdown:
        options.markdown.write_text("# Repairs\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
