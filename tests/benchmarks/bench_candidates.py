"""The ten best mentors for one mentee, against named rivals in one run: `make bench`, or this script with
`--mentors 100000 1000000 --candidates FILE`.

Every pool is synthetic and drawn with a fixed seed: Zipf occupations, areas, languages and organisations, shipped
vocabularies, weights and readiness rules. Mentors are drawn column by column, so that a million are not a million objects.
Figures are milliseconds a question of one thread, by the thread's CPU clock and by the wall clock, the lesser of two askings,
over mentees who may be matched at all (the others are answered at once); what counts is the ratio within a run, of CPU and over
the same questions, since machines differ. All must give the same answers.

Rivals: a full scan in numpy (the same rules and points over every mentor), and SQLite as the filter: it applies the rules row
by row for one occupation after another, in the order of kinship and with the same right to stop, and the rows it leaves are
scored in numpy. SQLite is asked twice: with an index by occupation and one by organisation, and with one by occupation and
organisation that holds every column asked for, so that the table itself is never read.
"""

import argparse
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from federation.vocabularies import load
from graph.candidates import MentorIndex
from graph.candidates.keys import least
from graph.eligibility import Eligibility
from graph.knowledge import PLACE_BANDS
from graph.people import SKILLS, YEARS_BANDS, Bits, Clb, Columns, IntArray, Mentee, Mentor, Pool, Readiness
from graph.rules import Circumstances
from graph.scoring import most_points, score_grid
from hub.services import matching

BEST = 10
SAMPLE = 2_000
ORGANISATIONS = 40
SPOKEN = (
    "ar",
    "es",
    "fa",
    "fa-AF",
    "fil",
    "hi",
    "ko",
    "pa",
    "pt",
    "ru",
    "sr",
    "so",
    "tr",
    "uk",
    "ur",
    "vi",
    "yue",
    "zh",
)
SETS = {"slots": 5, "interests": 5, "working_styles": 4, "goals": 4, "topics": 5}
"""Most codes a person states of each vocabulary."""


class Draw:
    """Random people over the shipped vocabularies."""

    def __init__(self, seed: int) -> None:
        """Fix the seed and read the codes."""
        vocabularies = load()
        self.random = np.random.default_rng(seed)
        self.occupations = [code for code in vocabularies.occupations if len(code) == 4]
        self.regions = [code for code in vocabularies.places if "-" in code]
        self.countries = list(vocabularies.countries)[:60]
        self.codes = {name: sorted(vocabularies.codes("topics" if name == "goals" else name)) for name in SETS}
        self.organisations = [f"organisation-{number:02}" for number in range(ORGANISATIONS)]
        for codes in (self.occupations, self.regions):
            self.random.shuffle(codes)

    def ranks(self, size: int, people: int) -> IntArray:
        """Draw ranks from 0, each half as likely as one of half its number (Zipf)."""
        shares = 1 / np.arange(1, size + 1)
        return self.random.choice(size, people, p=shares / shares.sum())

    def one(self, codes: list[str]) -> str:
        """Draw one code."""
        return codes[int(self.ranks(len(codes), 1)[0])]

    def some(self, name: str) -> frozenset[str]:
        """Draw a set of codes, empty at times."""
        return frozenset(self.random.choice(self.codes[name], self.random.integers(0, SETS[name] + 1)).tolist())

    def chance(self, percent: int) -> bool:
        """Return true so many times in a hundred."""
        return bool(self.random.integers(100) < percent)

    def person(self, number: int) -> dict[str, Any]:
        """Draw what mentors and mentees have in common."""
        languages = {code for code, percent in (("en", 95), ("fr", 15)) if self.chance(percent)}
        languages |= {self.one(list(SPOKEN)) for _ in range(int(self.random.integers(0, 3)))}
        purposes = {"share": 98, "match_across_regions": 85, "origin": 50}
        return {
            "id": f"p{number:07}",
            "organisation": self.one(self.organisations),
            "noc": self.one(self.occupations),
            "region": self.one(self.regions),
            "years_band": str(self.random.choice(YEARS_BANDS)),
            "languages": frozenset(languages or {"en"}),
            "formats": frozenset({"one_to_one"} if self.chance(90) else {"group"}),
            "modes": frozenset(mode for mode, percent in (("online", 90), ("in_person", 60)) if self.chance(percent)),
            "slots": self.some("slots"),
            "interests": self.some("interests"),
            "working_styles": self.some("working_styles"),
            "goals": self.some("goals"),
            "origin": self.one(self.countries),
            "purposes": frozenset(code for code, percent in purposes.items() if self.chance(percent)),
            "stale": self.chance(3),
        }

    def mentor(self, number: int) -> Mentor:
        """Draw a mentor with none to three free seats."""
        free = {"seats": int(self.random.integers(0, 4)), "resting": self.chance(5)}
        return Mentor(**self.person(number), strengths=self.some("topics"), **free)

    def mentee(self, number: int) -> Mentee:
        """Draw a mentee, ready nine times in ten."""
        low = 7 if self.chance(90) else 3
        clb = Clb("en", **{skill: int(self.random.integers(low, 13)) for skill in SKILLS})
        return Mentee(**self.person(number), needs=self.some("topics"), readiness=Readiness(clb))

    def agreements(self) -> frozenset[tuple[str, str]]:
        """Draw who shares with whom: six in ten of all pairs."""
        pairs = ((one, other) for one in self.organisations for other in self.organisations)
        return frozenset(pair for pair in pairs if self.chance(60))


def world(mentors: int, mentees: int, seed: int) -> MentorIndex:
    """Draw a pool."""
    draw, knowledge = Draw(seed), matching.knowledge()
    sample = Pool.build(map(draw.mentor, range(SAMPLE)), map(draw.mentee, range(mentees)), knowledge)
    columns: dict[str, Any] = {}
    for name, column in vars(sample.mentor).items():
        rows = draw.random.integers(SAMPLE, size=mentors)
        columns[name] = column.rows(rows) if isinstance(column, Bits) else column[rows]
    columns["noc"] = np.array([knowledge.noc_row(code) for code in draw.occupations])[
        draw.ranks(len(draw.occupations), mentors)
    ]
    columns["region"] = np.array([knowledge.place_row(code) for code in draw.regions])[
        draw.ranks(len(draw.regions), mentors)
    ]
    ids = np.char.add("m", np.char.zfill(np.arange(mentors).astype(np.str_), 7))
    pool = sample.with_columns(ids, Columns(**columns), knowledge)
    around = Circumstances(policy=matching.readiness_policy(), agreements=draw.agreements())
    return MentorIndex(Eligibility.build(pool, around, knowledge), matching.scoring().weights, knowledge)


COLUMNS = "noc, organisation, region, languages, format, online, in_person, across"
INDEXES = {
    "SQLite, two indexes": ("noc", "organisation"),
    "SQLite, one index that holds all": (COLUMNS,),
}


class Sqlite:
    """Mentors in a table with some indexes."""

    def __init__(self, index: MentorIndex, indexes: tuple[str, ...]) -> None:
        """Load the open mentors of an index."""
        self.index, self.rules = index, index.eligibility
        self.nocs = {int(noc) for noc in np.unique(index.pool.mentor.noc)}
        self.base = sqlite3.connect(":memory:")
        self.base.execute(f"create table mentor (id integer primary key, {COLUMNS.replace(',', ' int,')} int)")
        columns, rows = index.pool.mentor, np.flatnonzero(index.open_rows)
        kept = [columns.noc, columns.organisation, columns.region, columns.languages.words[:, 0].astype(np.int64)]
        kept += [theirs for _, theirs in self.rules.willing.values()] + [columns.across_regions]
        self.base.executemany(
            f"insert into mentor values ({','.join('?' * 9)})",
            zip(rows.tolist(), *(column[rows].tolist() for column in kept), strict=True),
        )
        for number, held in enumerate(indexes):
            self.base.execute(f"create index by_{number} on mentor ({held})")
        self.base.execute("analyze")

    def best(self, mentee: int) -> list[tuple[int, int]]:
        """Ask one group of equal kinship after another, until the tenth beats the next group's bound."""
        index, rules = self.index, self.rules
        weights = index.weights.points
        kinship = index.knowledge.kinship_points[index.pool.mentee.noc[mentee]]
        beside = sum(most_points(index.pool, mentee, index.weights).values()) + weights["place"] + weights["experience"]
        kept = np.zeros(0, dtype=np.int64)
        many = len(index.pool.mentors)
        for points in sorted({int(kinship[noc]) for noc in self.nocs}, reverse=True):
            bound = (points * weights["occupation"] + 50) // 100 + beside
            if kept.size == BEST and 100 - kept[-1] // many > bound:
                break
            rows = self.rows(mentee, [noc for noc in self.nocs if kinship[noc] == points])
            totals = score_grid(index.pool, np.array([mentee]), rows, index.weights, rules.knowledge)[0]
            kept = least(np.concatenate((kept, (100 - totals.astype(np.int64)) * many + rows)), BEST)
        return [(int(key % many), int(100 - key // many)) for key in kept]

    def rows(self, mentee: int, nocs: list[int]) -> IntArray:
        """Return the mentors of some occupations one mentee may meet."""
        ours, rules = self.index.pool.mentee, self.rules
        bands = rules.knowledge.place_bands[ours.region[mentee]]
        near, far = (PLACE_BANDS.index(name) for name in ("near", "far"))
        takes = {way: int(mentees[mentee]) for way, (mentees, _) in rules.willing.items()}
        agreed = np.flatnonzero(rules.agreed[ours.organisation[mentee]])
        query = (
            f"select id from mentor where noc in ({_listed(nocs)}) and languages & ?"
            f" and (format and ?) and organisation in ({_listed(agreed)})"
            f" and ((online and ?) or (in_person and ? and region in ({_listed(np.flatnonzero(bands <= near))})))"
            f" and ((across and ?) or region not in ({_listed(np.flatnonzero(bands == far))}))"
        )
        language = int(rules.working_languages.words[mentee, 0])
        asked = (language, takes["format"], takes["online"], takes["in_person"], int(ours.across_regions[mentee]))
        return np.array([row for (row,) in self.base.execute(query, asked)], dtype=np.int64)


def _listed(numbers: Any) -> str:
    return ",".join(str(int(number)) for number in numbers)


@dataclass(frozen=True)
class Row:
    """One measured line: who, and for each question CPU and wall milliseconds (questions × 2)."""

    name: str
    times: "np.ndarray[Any, Any]"

    def at(self, percent: int, clock: int = 0) -> float:
        """Return a percentile of CPU (0) or wall (1) time."""
        return float(np.percentile(self.times[:, clock], percent))

    def first(self, questions: int) -> "Row":
        """Return the line of the first questions alone."""
        return Row(self.name, self.times[:questions])


Answer = list[tuple[int, int]]


def measured(name: str, ask: Callable[[int], Answer], mentees: IntArray) -> tuple[Row, list[Answer]]:
    """Ask for every mentee, and time each question: the lesser of two askings, since others use the machine too."""
    times, answers = [], []
    for mentee in mentees:
        taken = []
        for _ in range(2):
            before = time.thread_time_ns(), time.perf_counter_ns()
            answer = ask(int(mentee))
            taken.append((time.thread_time_ns() - before[0], time.perf_counter_ns() - before[1]))
        times.append(np.min(taken, axis=0) / 1e6)
        answers.append(answer)
    return Row(name, np.array(times)), answers


def through(index: MentorIndex) -> Callable[[int], Answer]:
    """Return a question to an index."""
    return lambda mentee: [(one.mentor, one.total) for one in index.best(mentee, BEST)]


def report(mentors: int, mentees: int, rival_mentees: int, seed: int) -> Iterator[str]:
    """Yield one markdown table."""
    index = world(mentors, mentees, seed)
    asking = np.flatnonzero(~index.eligibility.closed[0])
    few = asking[:rival_mentees]
    cells = MentorIndex(index.eligibility, index.weights, index.knowledge, scan_below=0)
    before = time.process_time()
    cells.best(int(asking[0]), BEST)
    built = time.process_time() - before
    ours, answers = measured("ours: cells with bound", through(cells), asking)
    scan = MentorIndex(index.eligibility, index.weights, index.knowledge, scan_below=mentors + 1)
    rivals = {"full scan, numpy": through(scan)}
    rivals |= {name: Sqlite(index, held).best for name, held in INDEXES.items()}
    yield f"\n### {mentors} mentors, the best {BEST}\n"
    yield "| who | questions | CPU ms: p50 | p99 | most | wall ms: p50 | p99 | CPU p99 against ours |\n|" + 8 * "---|"
    yield _line(ours, ours)
    same = ours.first(few.size)
    yield _line(Row("ours, the rivals' questions", same.times), same)
    for name, ask in rivals.items():
        row, told = measured(name, ask, few)
        if told != answers[: few.size]:
            raise SystemExit(f"{name} and we do not agree")
        yield _line(row, same)
    found = np.array([len(answer) for answer in answers])
    yield (
        f"\nSorting into cells once: {built:.2f} CPU s. Questions with ten answers: {100 * (found == BEST).mean():.0f} %."
        f" Peak memory of this process so far: {peak_mebibytes()} MiB."
    )


def _line(row: Row, ours: Row) -> str:
    told = [row.at(50), row.at(99), row.at(100), row.at(50, 1), row.at(99, 1)]
    figures = " | ".join(f"{figure:.2f}" for figure in told)
    return f"| {row.name} | {len(row.times)} | {figures} | {row.at(99) / ours.at(99):.1f} × |"


def round_report(people: int, seed: int) -> Iterator[str]:
    """Yield how long the pairs of a round take."""
    index = world(people, people, seed)
    before = time.process_time()
    pairs = index.round_pairs(28, 10)
    seconds = time.process_time() - before
    both = int((~index.eligibility.closed[0]).sum()), int(index.open_rows.sum())
    yield f"\n### Pairs of a round: {people} mentees, {people} mentors, the best 28 and the own best 10\n"
    yield f"{pairs.mentee.size} pairs in {seconds:.2f} CPU s; {both[0]} mentees and {both[1]} mentors could be matched."


def peak_mebibytes() -> int:
    """Largest resident size of this process until now."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentors", type=int, nargs="+", default=[100_000], help="mentors of each pool")
    parser.add_argument("--mentees", type=int, default=1_000, help="mentees who ask us")
    parser.add_argument("--rival-mentees", type=int, default=100, help="of them, those who ask the rivals too")
    parser.add_argument("--round", type=int, default=2_000, help="mentees, and mentors, of a round")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--candidates", type=Path, help="write the tables there as well")
    options, _ = parser.parse_known_args()
    lines = []
    tables = [report(mentors, options.mentees, options.rival_mentees, options.seed) for mentors in options.mentors]
    for table in (*tables, round_report(options.round, options.seed)):
        for line in table:
            print(line, flush=True)
            lines.append(line)
    if options.candidates:
        options.candidates.write_text("# Candidates\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
