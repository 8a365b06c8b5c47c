"""Groups, peer pairs and circles against greedy and networkx, in one run: `make bench`, or this script with `--markdown FILE`.

Every world is synthetic and said below. Figures are CPU seconds of one process; what counts is the ratio within a run, since
machines differ. Greedy is what a careful person does by hand: the best group first; the next person and whoever fits best.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.circles import CirclePolicy, CircleProblem, circle_faults, circle_rules, solve_circles
from graph.circles_seating import Seating
from graph.groups import GroupPolicy, GroupProblem, group_faults, solve_groups
from graph.groups_openings import Openings, openings
from graph.peers import PeerPolicy, PeerProblem, peer_pairs, similarity_points

Answer = TypeVar("Answer")
SLOTS = 21
PROFESSIONS = 24


def timed(run: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return an answer and the CPU seconds it took."""
    before = time.process_time()
    answer = run()
    return answer, time.process_time() - before


def zipf(random: np.random.Generator, codes: int, size: int) -> NDArray[np.int64]:
    """Draw codes of which the first is most frequent, falling as 1/rank^1.1."""
    weight = 1 / np.arange(1, codes + 1) ** 1.1
    return random.choice(codes, size=size, p=weight / weight.sum())


def languages(random: np.random.Generator, people: int) -> NDArray[np.bool_]:
    """English for 55 in 100, and one of thirteen others, some of them frequent."""
    table = np.zeros((people, 14), dtype=bool)
    table[:, 0] = random.random(people) < 0.55
    table[np.arange(people), 1 + zipf(random, 13, people)] = True
    return table


def slots(random: np.random.Generator, people: int) -> NDArray[np.bool_]:
    """Two to five of 21 weekly slots, weekday evenings four times as likely."""
    weight = np.ones(SLOTS)
    weight[2:15:3] = 4
    table = np.zeros((people, SLOTS), dtype=bool)
    for row in table:
        row[random.choice(SLOTS, size=random.integers(2, 6), replace=False, p=weight / weight.sum())] = True
    return table


def group_world(mentees: int, mentors: int, professions: int, seed: int) -> GroupProblem:
    """Pairs of one profession with a language in common; fits around 58, some mentees easier to place than others."""
    random = np.random.default_rng(seed)
    ours, theirs = languages(random, mentees), languages(random, mentors)
    free = slots(random, mentees), slots(random, mentors)
    trade = zipf(random, professions, mentees), zipf(random, professions, mentors)
    eligible = (ours.astype(int) @ theirs.T.astype(int) > 0) & (trade[0][:, None] == trade[1])
    mentee, mentor = np.nonzero(eligible)
    fit = random.normal(58, 15, mentee.size) + random.normal(0, 8, mentees)[mentee]
    return GroupProblem(mentee, mentor, np.clip(fit.round(), 1, 100).astype(int), ours, theirs, *free, *trade)


def best_group_first(offered: Openings) -> tuple[int, int]:
    """Take the group with most value, take its people out, and again: (value, mentees placed)."""
    free, leads = np.ones(int(offered.mentee.max()) + 1, dtype=bool), np.ones(int(offered.mentor.max()) + 1, dtype=bool)
    order = np.lexsort((-offered.value, offered.opening))
    opening, mentee, value = (column[order] for column in (offered.opening, offered.mentee, offered.value))
    total = placed = 0
    while True:
        left = np.flatnonzero(free[mentee] & leads[offered.mentor[opening]])
        rank = np.arange(left.size) - np.searchsorted(opening[left], opening[left])
        left = left[rank < offered.most[opening[left]]]
        many = np.bincount(opening[left], minlength=offered.mentor.size)
        worth = np.bincount(opening[left], value[left], offered.mentor.size) * (many >= offered.smallest)
        best = int(worth.argmax())
        if not worth[best]:
            return total, placed
        total, placed = total + int(worth[best]), placed + int(many[best])
        free[mentee[left[opening[left] == best]]] = False
        leads[offered.mentor[best]] = False


def group_lines(mentees: int, mentors: int, professions: int, seeds: list[int]) -> Iterator[str]:
    """Compare ours with the best group first, and say what is proven."""
    yield f"\n### Groups: {mentees} mentees, {mentors} mentors, {professions} professions, floor 40\n"
    yield (
        "| seed | objective | greedy value, placed | ours value, placed | against greedy | proven bound | of bound "
        "| most anybody can have against greedy | CPU s |\n|---|---|---|---|---|---|---|---|---|"
    )
    for seed in seeds:
        problem = group_world(mentees, mentors, professions, seed)
        for policy in (GroupPolicy(), GroupPolicy("more_mentees")):
            worth, placed = best_group_first(openings(problem, policy))
            result, seconds = timed(lambda problem=problem, policy=policy: solve_groups(problem, policy))
            assert group_faults(problem, policy, result) == ()
            yield (
                f"| {seed} | {policy.objective} | {worth}, {placed} | {result.value}, {result.placed} "
                f"| {result.value / worth:.3f} × | {result.bound_by_prices} "
                f"| {100 * result.value / result.bound_by_prices:.2f} % "
                f"| {result.bound_by_prices / worth:.3f} × | {seconds:.1f} |"
            )


def peer_world(people: int, pairs: int, seed: int) -> PeerProblem:
    """Random pairs whose similarity is spread around 25 %, so that few reach the flat top."""
    random = np.random.default_rng(seed)
    key = np.unique(random.integers(0, people * people, 3 * pairs))
    key = random.permutation(key[key // people < key % people])[:pairs]
    similarity = np.clip(random.normal(25, 12, key.size).round(), 0, 100).astype(int)
    return PeerProblem(people, key // people, key % people, similarity_points(similarity))


def best_pair_first(problem: PeerProblem) -> int:
    """Take the best pair while both are free."""
    one, other, points = problem.allowed
    free, total = np.ones(problem.people, dtype=bool), 0
    for pair in np.argsort(-points, kind="stable").tolist():
        if free[one[pair]] and free[other[pair]]:
            free[[one[pair], other[pair]]] = False
            total += int(points[pair])
    return total


def peer_lines(sizes: list[tuple[int, int]], seed: int) -> Iterator[str]:
    """Compare the two engines, where both are installed, and the best pair first."""
    yield "\n### Peer pairs, total fit\n"
    yield "| people | pairs | best pair first | networkx points, CPU s | rustworkx points, CPU s | ratio |"
    yield "|---|---|---|---|---|---|"
    for people, pairs in sizes:
        problem, policy = peer_world(people, pairs, seed), PeerPolicy("total_fit", 1)
        slow, seconds = timed(lambda problem=problem, policy=policy: peer_pairs(problem, policy, "networkx"))
        line = f"| {people} | {problem.one.size} | {best_pair_first(problem)} | {slow.points}, {seconds:.2f} "
        if find_spec("rustworkx"):
            fast, compiled = timed(lambda problem=problem, policy=policy: peer_pairs(problem, policy, "rustworkx"))
            assert fast.points == slow.points
            yield line + f"| {fast.points}, {compiled:.3f} | {seconds / compiled:.0f} × |"
        else:
            yield line + "| not installed | |"


def circle_world(people: int, seed: int) -> CircleProblem:
    """Half of all pairs may meet; three traits and the profession make the similarity; one in seven rivals competes."""
    random = np.random.default_rng(seed)
    traits, trade = random.integers(0, 100, (people, 3)), random.integers(0, 12, people)
    one, other = np.triu_indices(people, 1)
    apart = np.abs(traits[one] - traits[other]).mean(axis=1) + 15 * (trade[one] != trade[other])
    similarity = np.clip(100 - apart + random.integers(-10, 11, one.size), 0, 100).astype(int)
    rivals = (trade[one] == trade[other]) & (random.random(one.size) < 0.15)
    kept = random.random(one.size) < 0.5
    peers = PeerProblem(
        people,
        one[kept],
        other[kept],
        similarity_points(similarity[kept]),
        np.stack((one[rivals], other[rivals]), axis=1),
    )
    return CircleProblem(peers, random.random(people) < 0.3, slots=slots(random, people))


def circle_lines(people: int, floor: int, seeds: list[int]) -> Iterator[str]:
    """Compare ours with circles grown around one person after another."""
    yield f"\n### Circles: {people} people, floor {floor}\n"
    yield "| seed | greedy points, placed | fewest options first | ours | against greedy | CPU s |"
    yield "|---|---|---|---|---|---|"
    for seed in seeds:
        problem, policy = circle_world(people, seed), CirclePolicy(floor=floor)
        plain, first = (Seating(circle_rules(problem, policy)) for _ in range(2))
        plain.grow(range(people))
        first.grow()
        result, seconds = timed(lambda problem=problem, policy=policy: solve_circles(problem, policy))
        assert circle_faults(problem, policy, result) == ()
        yield (
            f"| {seed} | {plain.value.sum()}, {plain.sizes.sum()} | {first.value.sum()}, {first.sizes.sum()} "
            f"| {result.points}, {result.placed} | {result.points / plain.value.sum():.3f} × | {seconds:.1f} |"
        )


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="one world per seed")
    parser.add_argument("--large", action="store_true", help="1,000 and 2,000 peers as well")
    parser.add_argument("--markdown", type=Path, help="write the tables there as well")
    options, _ = parser.parse_known_args()
    peers = [(200, 3_000), (500, 7_000), *([(1_000, 14_000), (2_000, 28_500)] if options.large else [])]
    lines = ["# Groups, peer pairs and circles"]
    for part in (
        group_lines(1_354, 276, PROFESSIONS, options.seeds),
        group_lines(1_354, 276, 1, options.seeds),
        peer_lines(peers, options.seeds[0]),
        circle_lines(1_000, 60, options.seeds),
        circle_lines(1_000, 80, options.seeds),
    ):
        for line in part:
            print(line, flush=True)
            lines.append(line)
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
