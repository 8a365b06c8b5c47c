"""From what she holds to what she wants: language, credential, then a mentor. Exact over a dated catalogue.

One program at a time; waiting is allowed, so a later start never finishes earlier and label-setting is exact. The file is long
because the shapes, the search and the reasons for no plan are one question.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import networkx as nx

from graph.people import SKILLS

MOST_LABELS: Final = 60_000
Kind = Literal["clb", "credential"]


@dataclass(frozen=True, order=True)
class Item:
    """Something held, asked for or given: a CLB skill at a level, or a credential (level 0)."""

    kind: Kind
    code: str
    level: int = 0


@dataclass(frozen=True)
class Intake:
    """One start of a program; weeks count from week 0 of the caller's calendar. No region: online."""

    id: str
    start_week: int
    weeks: int
    seats: int
    cost_cents: int = 0
    region: str | None = None


@dataclass(frozen=True)
class Program:
    """What is taught: ``requires`` is an AND of OR-groups, ``gives`` is added on completion."""

    id: str
    provider: str
    kind: str
    requires: tuple[tuple[Item, ...], ...]
    gives: tuple[Item, ...]
    intakes: tuple[Intake, ...]


@dataclass(frozen=True)
class Learner:
    """What a person holds, and where she can go in person."""

    clb: Mapping[str, int]
    credentials: frozenset[str]
    region: str

    def lacks(self, wanted: Iterable[Item]) -> tuple[Item, ...]:
        """Return what is wanted and not held."""
        return tuple(item for item in wanted if not _holds(self.clb, self.credentials, item))


@dataclass(frozen=True)
class Limits:
    """Bounds of the search: horizon in weeks from week 0, a ceiling on cost, and on work."""

    horizon_weeks: int = 156
    cost_cents: int | None = None
    labels: int = MOST_LABELS


@dataclass(frozen=True)
class Step:
    """Attend one intake."""

    program: Program
    intake: Intake

    @property
    def end_week(self) -> int:
        """The week after the last."""
        return self.intake.start_week + self.intake.weeks


@dataclass(frozen=True)
class Plan:
    """Steps in order; ``weeks`` until the last is done, ``cost_cents`` in all."""

    steps: tuple[Step, ...]
    weeks: int
    cost_cents: int


@dataclass(frozen=True)
class Obstacle:
    """Why no plan exists: nobody gives it, it is full, out of reach, past the horizon, over the ceiling, or out of order."""

    reason: Literal["no_program", "full", "elsewhere", "too_late", "too_dear", "no_order"]
    item: Item


@dataclass(frozen=True)
class PlanAnswer:
    """``found``: proven; ``capped``: best found, not proven best; ``none``: with obstacles; ``not_needed``."""

    status: Literal["found", "capped", "none", "not_needed"]
    plans: tuple[Plan, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(order=True)
class _Label:
    key: tuple[int, int, int]
    week: int = field(compare=False)
    cost: int = field(compare=False)
    clb: tuple[int, ...] = field(compare=False)
    credentials: frozenset[str] = field(compare=False)
    steps: tuple[Step, ...] = field(compare=False)


def plan(
    learner: Learner,
    goal: Sequence[Item],
    catalogue: Sequence[Program],
    *,
    start_week: int = 0,
    alternatives: int = 3,
    limits: Limits | None = None,
) -> PlanAnswer:
    """Return the fastest plan to a goal, the cheapest, and plans that avoid a decisive step or provider of the best.

    Parameters
    ----------
    learner, goal, catalogue
        What is held, what is wanted (all of it), and what is taught.
    start_week
        The first week in which something can start.
    alternatives
        At most so many plans; fewer is an honest answer.

    Raises
    ------
    ValueError
        A skill that does not exist, or no alternatives asked for.

    Notes
    -----
    Label-setting with dominance (same or better CLB, superset of credentials, no later, no dearer) over the programs that a
    backward closure from the goal finds relevant. With shared cost the problem holds Steiner trees, so labels are capped;
    at the cap the answer says "capped".

    Examples
    --------
    >>> seven = Item("clb", "speaking", 7)
    >>> course = Program("c", "school", "language", ((Item("clb", "speaking", 6),),), (seven,), (Intake("i", 2, 10, 5),))
    >>> answer = plan(Learner({"speaking": 6}, frozenset(), "AB"), [seven], [course])
    >>> answer.status, answer.plans[0].weeks
    ('found', 12)
    """
    limits = limits or Limits()
    _check(goal, alternatives)
    if not learner.lacks(goal):
        return PlanAnswer("not_needed")
    relevant = relevant_programs(goal, catalogue)
    best, capped = _search(learner, goal, relevant, start_week, limits, by_cost=False)
    if best is None:
        status: Literal["capped", "none"] = "capped" if capped else "none"
        return PlanAnswer(status, obstacles=() if capped else _obstacles(learner, goal, relevant, start_week, limits))
    cheapest, unsure = _search(learner, goal, relevant, start_week, limits, by_cost=True)
    found = [best]
    # The same programs at other dates are another plan only when they cost less.
    if cheapest is not None and alternatives > 1 and cheapest.cost_cents < best.cost_cents:
        found.append(cheapest)
    for candidate in _others(learner, goal, relevant, start_week, limits, best):
        if len(found) >= alternatives:
            break
        if _differs(candidate, found):
            found.append(candidate)
    ordered = sorted(found, key=lambda one: (one.weeks, one.cost_cents))
    return PlanAnswer("capped" if capped or unsure else "found", tuple(ordered))


def relevant_programs(goal: Sequence[Item], catalogue: Sequence[Program]) -> tuple[Program, ...]:
    """Return programs that lead towards the goal: the ancestors of the goal in the graph of what gives and requires what."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for program in catalogue:
        for item in program.gives:
            graph.add_edge(f"program {program.id}", f"{item.kind} {item.code}")
        for group in program.requires:
            for item in group:
                graph.add_edge(f"{item.kind} {item.code}", f"program {program.id}")
    wanted = {f"{item.kind} {item.code}" for item in goal} & set(graph)
    leading = {node for target in wanted for node in nx.ancestors(graph, target)}
    return tuple(program for program in catalogue if f"program {program.id}" in leading)


def _check(goal: Sequence[Item], alternatives: int) -> None:
    for item in goal:
        if item.kind == "clb" and item.code not in SKILLS:
            raise ValueError(f"there is no skill {item.code!r}")
    if alternatives < 1:
        raise ValueError(f"alternatives is {alternatives}: ask for 1 or more")


def _holds(clb: Mapping[str, int], credentials: frozenset[str], item: Item) -> bool:
    return clb.get(item.code, 0) >= item.level if item.kind == "clb" else item.code in credentials


def _search(
    learner: Learner,
    goal: Sequence[Item],
    programs: Sequence[Program],
    start_week: int,
    limits: Limits,
    *,
    by_cost: bool,
) -> tuple[Plan | None, bool]:
    first = tuple(learner.clb.get(skill, 0) for skill in SKILLS)
    queue = [_Label((0, 0, 0), start_week, 0, first, learner.credentials, ())]
    settled: list[_Label] = []
    serial = 0
    while queue:
        label = heapq.heappop(queue)
        held: dict[str, int] = dict(zip(SKILLS, label.clb, strict=True))
        if all(_reaches(label, item) for item in goal):
            return Plan(label.steps, label.week - start_week, label.cost), False
        if any(_dominates(other, label) for other in settled):
            continue
        if len(settled) >= limits.labels:
            return _best_so_far([label, *queue], goal, start_week), True
        settled.append(label)
        for step in _next_steps(learner, label, held, programs, limits):
            serial += 1
            heapq.heappush(queue, _after(label, step, serial, by_cost=by_cost))
    return None, False


def _best_so_far(labels: Sequence[_Label], goal: Sequence[Item], start_week: int) -> Plan | None:
    """Return the plan of the first label that reaches the goal: best of those seen, not proven best of all."""
    reached = [label for label in labels if all(_reaches(label, item) for item in goal)]
    best = min(reached, default=None)
    return None if best is None else Plan(best.steps, best.week - start_week, best.cost)


def _reaches(label: _Label, item: Item) -> bool:
    return _holds(dict(zip(SKILLS, label.clb, strict=True)), label.credentials, item)


def _next_steps(
    learner: Learner, label: _Label, held: Mapping[str, int], programs: Sequence[Program], limits: Limits
) -> Iterable[Step]:
    for program in programs:
        useful = any(not _holds(held, label.credentials, item) for item in program.gives)
        ready = all(any(_holds(held, label.credentials, item) for item in group) for group in program.requires)
        if not (useful and ready):
            continue
        for intake in program.intakes:
            if _reachable(learner, intake, label.week, limits, label.cost):
                yield Step(program, intake)


def _reachable(learner: Learner, intake: Intake, week: int, limits: Limits, spent: int) -> bool:
    in_time = intake.start_week >= week and intake.start_week + intake.weeks <= limits.horizon_weeks
    affordable = limits.cost_cents is None or spent + intake.cost_cents <= limits.cost_cents
    return intake.seats > 0 and in_time and affordable and intake.region in {None, learner.region}


def _after(label: _Label, step: Step, serial: int, *, by_cost: bool) -> _Label:
    held: dict[str, int] = dict(zip(SKILLS, label.clb, strict=True))
    for item in step.program.gives:
        if item.kind == "clb":
            held[item.code] = max(held[item.code], item.level)
    credentials = label.credentials | {item.code for item in step.program.gives if item.kind == "credential"}
    week, cost = step.end_week, label.cost + step.intake.cost_cents
    key = (cost, week, serial) if by_cost else (week, cost, serial)
    return _Label(key, week, cost, tuple(held[skill] for skill in SKILLS), credentials, (*label.steps, step))


def _dominates(other: _Label, label: _Label) -> bool:
    no_later = other.week <= label.week and other.cost <= label.cost
    knows = all(one >= two for one, two in zip(other.clb, label.clb, strict=True))
    return no_later and knows and other.credentials >= label.credentials


def _others(
    learner: Learner, goal: Sequence[Item], programs: Sequence[Program], start_week: int, limits: Limits, best: Plan
) -> Iterable[Plan]:
    """Yield plans without each step of the best, then without each of its providers."""
    without = [[one for one in programs if one.id != step.program.id] for step in best.steps]
    without += [[one for one in programs if one.provider != step.program.provider] for step in best.steps]
    for kept in without:
        found, _ = _search(learner, goal, kept, start_week, limits, by_cost=False)
        if found is not None:
            yield found


def _differs(candidate: Plan, found: Sequence[Plan]) -> bool:
    return all(
        [step.program.id for step in candidate.steps] != [step.program.id for step in one.steps] for one in found
    )


def _obstacles(
    learner: Learner, goal: Sequence[Item], programs: Sequence[Program], start_week: int, limits: Limits
) -> tuple[Obstacle, ...]:
    """Name what blocks: follow what is missing backwards until nobody gives it, or those who do cannot be joined."""
    found: list[Obstacle] = []
    seen: set[Item] = set()
    pending = list(learner.lacks(goal))
    while pending:
        item = pending.pop(0)
        if item in seen:
            continue
        seen.add(item)
        giving = [program for program in programs if any(_gives(given, item) for given in program.gives)]
        reason = _blocked(learner, giving, start_week, limits)
        if reason is not None:
            found.append(Obstacle(reason, item))
            continue
        groups = [group for program in giving for group in program.requires]
        pending += [other for group in groups if len(learner.lacks(group)) == len(group) for other in group]
    return tuple(found) or _together(learner, goal, programs, start_week, limits)


def _together(
    learner: Learner, goal: Sequence[Item], programs: Sequence[Program], start_week: int, limits: Limits
) -> tuple[Obstacle, ...]:
    """Say what keeps a plan apart whose parts can each be joined: the cost of all, else their order in time."""
    free, _ = _search(learner, goal, programs, start_week, replace(limits, cost_cents=None), by_cost=False)
    reason: Literal["too_dear", "no_order"] = "no_order" if free is None else "too_dear"
    return tuple(Obstacle(reason, item) for item in learner.lacks(goal))


def _gives(given: Item, item: Item) -> bool:
    return (given.kind, given.code) == (item.kind, item.code) and given.level >= item.level


def _blocked(
    learner: Learner, giving: Sequence[Program], start_week: int, limits: Limits
) -> Literal["no_program", "full", "elsewhere", "too_late", "too_dear"] | None:
    intakes = [intake for program in giving for intake in program.intakes]
    if not intakes:
        return "no_program"
    free = [intake for intake in intakes if intake.seats > 0]
    here = [intake for intake in free if intake.region in {None, learner.region}]
    timely = [intake for intake in here if _reachable(learner, intake, start_week, replace(limits, cost_cents=None), 0)]
    if any(_reachable(learner, intake, start_week, limits, 0) for intake in timely):
        return None
    return "full" if not free else "elsewhere" if not here else "too_dear" if timely else "too_late"
