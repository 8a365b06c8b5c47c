"""Ways to a licence or a mentor over a dated catalogue: how long a question takes, and that every plan can be walked.

Synthetic: language courses one level at a time, and for each profession an assessment, two bridges of which one is needed, and
a licence, at many providers with intakes of few seats. Every plan is replayed week by week by the tests' own simulator, which
shares no code with the planner. ``make bench`` asks 200 programs; the figures of docs/benchmarks are ``--programs 5000``.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from graph.pathways import Intake, Item, Learner, PlanAnswer, Program, plan
from graph.people import SKILLS

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.graph.pathway_oracle import faults

PROFESSIONS = 40
REGIONS = tuple(f"AB-{number}" for number in range(810, 840))
HORIZON = 156


@dataclass(frozen=True)
class Question:
    learner: Learner
    goal: tuple[Item, ...]


def catalogue(programs: int, draw: Random) -> list[Program]:
    """Draw so many programs: two in five teach language, the rest stand on a profession's way."""
    return [_course(number, draw) if draw.random() < 0.4 else _step(number, draw) for number in range(programs)]


def _course(number: int, draw: Random) -> Program:
    level = draw.randint(4, 9)
    asked = tuple((Item("clb", skill, level - 1),) for skill in SKILLS)
    given = tuple(Item("clb", skill, level) for skill in SKILLS)
    return Program(f"course-{number}", f"school-{number % 300}", "language", asked, given, _intakes(number, draw, 14))


def _step(number: int, draw: Random) -> Program:
    profession = draw.randrange(PROFESSIONS)
    stage = draw.choice(("assessment", "bridge", "bridge", "licence"))
    credential = {
        name: Item("credential", f"{name}-{profession}") for name in ("assessment", "bridge", "study", "licence")
    }
    asked: dict[str, tuple[tuple[Item, ...], ...]] = {
        "assessment": (),
        "bridge": ((credential["assessment"],), (Item("clb", "speaking", 7),), (Item("clb", "listening", 7),)),
        "licence": ((credential["bridge"], credential["study"]), (Item("clb", "writing", 7),)),
    }
    given = credential[draw.choice(("bridge", "study")) if stage == "bridge" else stage]
    provider = f"college-{number % 200}"
    return Program(f"step-{number}", provider, "credential", asked[stage], (given,), _intakes(number, draw, 20))


def _intakes(number: int, draw: Random, weeks: int) -> tuple[Intake, ...]:
    return tuple(
        Intake(
            f"{number}-{start}",
            start,
            draw.randint(weeks // 2, weeks),
            draw.choice((0, 1, 4, 12)),
            draw.randrange(0, 400_000, 5_000),
            None if draw.random() < 0.4 else draw.choice(REGIONS),
        )
        for start in sorted(draw.sample(range(4, 120), draw.randint(1, 5)))
    )


def questions(count: int, draw: Random) -> list[Question]:
    """Draw learners below the language level, each aiming at a profession's licence and working language."""
    asked = []
    for _ in range(count):
        profession = draw.randrange(PROFESSIONS)
        held = frozenset({f"assessment-{profession}"} if draw.random() < 0.3 else set())
        clb = {skill: draw.randint(3, 6) for skill in SKILLS}
        goal = (Item("clb", "speaking", 7), Item("clb", "listening", 7), Item("credential", f"licence-{profession}"))
        asked.append(Question(Learner(clb, held, draw.choice(REGIONS)), goal))
    return asked


def measured(
    programs: Sequence[Program], asked: Sequence[Question], alternatives: int
) -> tuple[list[float], list[PlanAnswer]]:
    spent, answers = [], []
    for one in asked:
        before = time.process_time()
        answers.append(plan(one.learner, one.goal, programs, alternatives=alternatives))
        spent.append((time.process_time() - before) * 1000)
    return sorted(spent), answers


def main() -> None:
    """Ask, measure, replay every plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, nargs="+", default=[200])
    parser.add_argument("--questions", type=int, default=60)
    options, _ = parser.parse_known_args()
    console = Console()
    table = Table(
        "programs", "plans asked", "p50 ms", "p95 ms", "most ms", "found", "capped", "no way", "plans", "faulty"
    )
    for size in options.programs:
        draw = Random(size)
        programs, asked = catalogue(size, draw), questions(options.questions, draw)
        for alternatives in (1, 3):
            spent, answers = measured(programs, asked, alternatives)
            made = [(one, found) for one, answer in zip(asked, answers, strict=True) for found in answer.plans]
            faulty = sum(bool(faults(found, one.learner, one.goal, programs, horizon=HORIZON)) for one, found in made)
            ranks = [spent[len(spent) // 2], spent[int(len(spent) * 0.95)], spent[-1]]
            states = [str(sum(answer.status == status for answer in answers)) for status in ("found", "capped", "none")]
            table.add_row(
                str(size), str(alternatives), *(f"{ms:.0f}" for ms in ranks), *states, str(len(made)), str(faulty)
            )
    console.print(table)


if __name__ == "__main__":
    main()
