"""What hiding people costs: time to rebuild, detail shown, match value lost. `make bench`, or this script.

Networks are synthetic (tests/attacks/networks.py): all 516 unit groups under a Zipf law, unequal agencies, people near their
agency. Match value is what graph/scoring gives, with the weights of config/scoring.toml.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from federation.deidentify import HELD_DIGITS, Epoch, publish
from federation.disclosure import epoch_of
from federation.disclosure_cards import COARSEST, card_codes
from federation.disclosure_lattice import NODES, Codes, Node, finest
from federation.disclosure_recoding import Groups, Guard, recode
from graph.people import Clb, IntArray, Mentee, Mentor, Pool, Readiness
from graph.scoring import score_pairs
from hub.services import matching
from hub.services.synthetic import EVENINGS, INTERESTS, MENTOR_TOPICS, STYLES, WEEKENDS

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
networks = import_module("tests.attacks.networks")
network, Network = networks.network, networks.Network

SETS = {"interests": INTERESTS, "working_styles": STYLES, "goals": MENTOR_TOPICS, "slots": EVENINGS + WEEKENDS}
ASKED = 200
"""Mentees whose best mentor is looked for."""


def ordered(slowest: str) -> tuple[Node, ...]:
    """Return the lattice with one letter a code (noc, region, years), the one that gives way last first."""
    steps = {"n": (4, 3, 2, 1, 0), "r": (0, 1, 2), "y": (0, 1, 2)}
    walks = (dict(zip(slowest, walk, strict=True)) for walk in product(*(steps[letter] for letter in slowest)))
    return tuple(Node(walk["n"], walk["r"], walk["y"]) for walk in walks)


ORDERS: dict[str, Sequence[Node]] = {
    "years, region, occupation (ours)": NODES,
    "region, years, occupation": ordered("nyr"),
    "years, occupation, region": ordered("rny"),
    "occupation, years, region": ordered("ryn"),
}
"""Which code gives way first, second and last."""


def recoded(people: Network, k: int, nodes: Sequence[Node]) -> Epoch:
    """Publish along another order of the lattice."""
    left: Groups = defaultdict(list)
    for position, record in enumerate(people.records):
        left[finest(record)].append(position)
    classes: Groups = {}
    recode(left, classes, Guard(people.owners, k, None, stricter=False), nodes)
    return epoch_of(classes, left)


def share(epoch: Epoch, people: int, shows: Callable[[str], bool], code: str) -> str:
    """Percent of people whose class shows a code in some detail."""
    return f"{100 * sum(len(cell.members) for cell in epoch.classes if shows(cell.shown[code])) / people:.1f}"


def detail(size: int, organisations: int, k: int, *, stricter: bool) -> str:
    """Return one line: time and what is shown."""
    drawn = network(size, organisations)
    before = time.process_time()
    epoch = publish(drawn.records, drawn.owners, k, stricter=stricter)
    seconds = time.process_time() - before
    columns = [
        f"{size}, {organisations}",
        f"{k}{', stricter' if stricter else ''}",
        f"{seconds:.2f}",
        share(epoch, size, lambda code: len(code) == 4, "noc"),
        share(epoch, size, lambda code: len(code) >= 3, "noc"),
        share(epoch, size, lambda code: code != "*", "region"),
        share(epoch, size, lambda code: code != "*", "years_band"),
        f"{100 * len(epoch.withheld) / size:.2f}",
    ]
    return f"| {' | '.join(columns)} |"


def profiles(drawn: Network, seed: int, digits: int) -> list[dict[str, Any]]:
    """Return the network's people with all that scoring reads, the occupation at so many digits; same draw for any."""
    random = Random(seed)
    people = []
    for number, (record, owner) in enumerate(zip(drawn.records, drawn.owners, strict=True)):
        sets = {name: frozenset(random.sample(codes, random.randint(1, 4))) for name, codes in SETS.items()}
        people.append(
            {
                "id": f"{number:06d}",
                "organisation": owner,
                "noc": record["noc"][:digits],
                "region": record["region"],
                "years_band": record["years_band"],
                "languages": frozenset({"en"}),
                **sets,
            }
        )
    return people


def pool(mentors: Network, mentees: Network, digits: int) -> Pool:
    """Return both sides as the graph reads them."""
    ready = Readiness(Clb("en", 8, 8, 8, 8))
    left = [Mentor(**one) for one in profiles(mentors, 5, digits)]
    right = [Mentee(**one, readiness=ready) for one in profiles(mentees, 6, digits)]
    return Pool.build(left, right, matching.knowledge())


def points(seen: Pool, mentee: int) -> IntArray:
    """Score one mentee with every mentor."""
    everyone = np.arange(len(seen.mentor.noc))
    weights, knowledge = matching.scoring().weights, matching.knowledge()
    return score_pairs(seen, np.full(everyone.size, mentee), everyone, weights, knowledge)[0]


def best_lost(size: int, *, demonstration: bool) -> Iterator[str]:
    """Yield what the best mentor is worth, in clear points, when she is looked for in less than clear data."""
    mentors, mentees = (network(number, 12, number, demonstration=demonstration) for number in (size, ASKED))
    clear = pool(mentors, mentees, 5)
    worth = [points(clear, one) for one in range(ASKED)]
    most = sum(int(found.max()) for found in worth)
    rows = {}
    for program, digits in (("one_to_one", matching.held_digits(["one_to_one"])), ("group", HELD_DIGITS)):
        held = pool(mentors, mentees, digits)
        seen = [points(held, one) for one in range(ASKED)]
        reached = sum(int(true[at.argmax()]) for true, at in zip(worth, seen, strict=True))
        rows[f"held codes of {program} ({digits} digits)"] = reached
    for k in (5, 11, 20):
        cells = [np.array(cell.members) for cell in mentors.published(k).classes]
        rows[f"published classes, k {k}"] = sum(
            _by_class(true, at, cells) for true, at in zip(worth, seen, strict=True)
        )
    for name, reached in rows.items():
        world = "demonstration's 65" if demonstration else "all 516"
        yield f"| {size} | {world} | {name} | {100 * (1 - reached / most):.2f} |"


def _by_class(true: IntArray, seen: IntArray, cells: Sequence[IntArray]) -> float:
    """Return the average worth of the class that looks best on average: nobody in it can be told apart."""
    chosen = max(cells, key=lambda members: float(seen[members].mean()))
    return float(true[chosen].mean())


def cards_lost(size: int, organisations: int, *, demonstration: bool) -> str:
    """Return one line: whom a suggestion singles out, what its card shows, and what lists ranked by cards are worth less."""
    people = network(size, organisations, size, demonstration=demonstration)
    asking = network(ASKED, organisations, ASKED + 7, demonstration=demonstration)
    classes = [COARSEST] * size
    for cell in people.published(5).classes:
        for one in cell.members:
            classes[one] = Codes(**cell.shown)
    cards = card_codes(classes, people.owners, 5)
    shown = [[finest(record) for record in people.records], classes, cards]
    alone = [100 * _alone(list(zip(people.owners, codes, strict=True))) / size for codes in shown]
    groups, group = np.unique(
        [f"{owner} {codes}" for owner, codes in zip(people.owners, cards, strict=True)], return_inverse=True
    )
    seen, everyone = pool(people, asking, 5), np.arange(size)
    lost = np.zeros(3)
    for one in range(ASKED):
        total, parts = score_pairs(seen, np.full(size, one), everyone, matching.scoring().weights, matching.knowledge())
        coded = parts[:, [0, 6, 7]].sum(axis=1)
        means = np.bincount(group, coded, len(groups)) / np.bincount(group, minlength=len(groups))
        ranked = np.argsort(-(means[group].astype(int) + total - coded), kind="stable")[:8]
        lost += total.max(), total.max() - total[ranked[0]], total.max() - total[ranked].max()
    digits = [100 * sum(len(card.noc.strip("*")) >= least for card in cards) / size for least in (4, 1)]
    found = (*alone, *digits, *(100 * lost[1:] / lost[0]))
    return f"| {size}, {organisations} | {' | '.join(f'{value:.1f}' for value in found)} |"


def _alone(shown: Sequence[tuple[str, Codes]]) -> int:
    """Count people whom nobody of their organisation is shown like, where more than the organisation is shown."""
    return sum(number for (_, codes), number in Counter(shown).items() if number == 1 and codes != COARSEST)


def order_lost(size: int, k: int, nodes: Sequence[Node]) -> str:
    """Return percent of the points of occupation, place and experience lost when one of a class is taken for another."""
    drawn = network(size, 12)
    seen = pool(drawn, drawn, 4)
    weights, knowledge = matching.scoring().weights, matching.knowledge()
    counted = [0, 6, 7]
    lost = most = 0
    for cell in recoded(drawn, k, nodes).classes:
        members = np.array(cell.members[:60])
        left, right = (grid.ravel() for grid in np.meshgrid(members, members))
        _, parts = score_pairs(seen, left, right, weights, knowledge)
        own = score_pairs(seen, members, members, weights, knowledge)[1][:, counted].sum(axis=1).mean()
        lost += (own - parts[:, counted].sum(axis=1).mean()) * len(cell.members)
        most += own * len(cell.members)
    return f"{100 * lost / most:.1f}"


def report(sizes: Sequence[int]) -> Iterator[str]:
    """Yield the three tables; the second and third only where a size of at most 10,000 is asked for."""
    yield "\n### Time and detail\n"
    yield "| people, agencies | k | CPU s | 4 digits % | 3 or more % | a place % | years % | withheld % |"
    yield "|---|---|---|---|---|---|---|---|"
    for size in sizes:
        organisations = {300: 4, 1_000: 6}.get(size, max(12, size // 1_000))
        for k, stricter in product((5, 11, 20), (False, True)):
            yield detail(size, organisations, k, stricter=stricter)
    if min(sizes) > 10_000:
        return
    yield f"\n### Worth of the best mentor found, {ASKED} mentees\n"
    yield "| mentors | occupations | looked for in | lost % |\n|---|---|---|---|"
    for demonstration in (False, True):
        yield from best_lost(max(size for size in sizes if size <= 10_000), demonstration=demonstration)
    yield "\n### Suggestions, %: alone by own codes, class, card; digits shown; lost by lists that go by cards\n"
    yield "| mentors, members | own codes | class | card | 4 digits | 1 or more | first | best of 8 |"
    yield "|---|---|---|---|---|---|---|---|"
    for people, members, demonstration in ((220, 10, True), (1_000, 8, True), (2_000, 12, False), (10_000, 12, False)):
        yield cards_lost(people, members, demonstration=demonstration)
    yield "\n### Order in which codes give way, 10,000 people: points lost within a class, %\n"
    yield "| first, second, last | k 5 | k 11 | k 20 |\n|---|---|---|---|"
    for name, nodes in ORDERS.items():
        yield f"| {name} | {' | '.join(order_lost(10_000, k, nodes) for k in (5, 11, 20))} |"


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 1_000, 10_000, 100_000], help="people in a pool")
    parser.add_argument("--markdown", type=Path, help="write the tables there as well")
    options, _ = parser.parse_known_args()
    lines = []
    for line in report(options.sizes):
        print(line, flush=True)
        lines.append(line)
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
