"""From what she holds to what she wants: language, credential, then a mentor. Exact over a dated catalogue.

One program at a time; waiting is allowed, so a later start never finishes earlier and label-setting is exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from graph.pathway_catalogue import (
    MOST_LABELS,
    Exchange,
    Intake,
    Item,
    Kind,
    Learner,
    Limits,
    Plan,
    Program,
    Step,
    exchanges,
    helps,
    needs_of,
    reachable,
)
from graph.pathway_search import Search
from graph.people import SKILLS

__all__ = [
    "MOST_LABELS",
    "Intake",
    "Item",
    "Kind",
    "Learner",
    "Limits",
    "Obstacle",
    "Plan",
    "PlanAnswer",
    "Program",
    "Step",
    "plan",
    "relevant_programs",
]


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
    backward closure from the goal finds relevant; programs that differ only in provider and date are one step with several
    dates, of which only those are tried that no other beats in end and cost. With shared cost the problem holds Steiner
    trees, so labels are capped; at the cap the answer says "capped".

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
    offered = exchanges(catalogue)
    search = Search.prepared(learner, goal, offered, start_week, limits)
    best, capped = search.best(by_cost=False)
    if best is None:
        status: Literal["capped", "none"] = "capped" if capped else "none"
        return PlanAnswer(status, obstacles=() if capped else _obstacles(learner, goal, offered, start_week, limits))
    cheapest, unsure = search.best(by_cost=True) if alternatives > 1 else (None, False)
    found = [best]
    # The same programs at other dates are another plan only when they cost less.
    if cheapest is not None and alternatives > 1 and cheapest.cost_cents < best.cost_cents:
        found.append(cheapest)
    for candidate in _others(search, best):
        if len(found) >= alternatives:
            break
        if _differs(candidate, found):
            found.append(candidate)
    ordered = sorted(found, key=lambda one: (one.weeks, one.cost_cents))
    return PlanAnswer("capped" if capped or unsure else "found", tuple(ordered))


def relevant_programs(goal: Sequence[Item], catalogue: Sequence[Program]) -> tuple[Program, ...]:
    """Return programs that lead towards the goal: each gives something that a way to it needs and does not ask for it."""
    offered = exchanges(catalogue)
    needs = needs_of(goal, offered)
    leading = {program.id for one in offered if helps(one, needs) for program in one.programs}
    return tuple(program for program in catalogue if program.id in leading)


def _check(goal: Sequence[Item], alternatives: int) -> None:
    for item in goal:
        if item.kind == "clb" and item.code not in SKILLS:
            raise ValueError(f"there is no skill {item.code!r}")
    if alternatives < 1:
        raise ValueError(f"alternatives is {alternatives}: ask for 1 or more")


def _others(search: Search, best: Plan) -> Iterator[Plan]:
    """Yield plans without each step of the best, then without each of its providers."""
    programs = {step.program.id: step.program.provider for step in search.steps()}
    without = [{step.program.id} for step in best.steps]
    without += [{one for one, by in programs.items() if by == step.program.provider} for step in best.steps]
    for left_out in without:
        found, _ = search.without(left_out).best(by_cost=False)
        if found is not None:
            yield found


def _differs(candidate: Plan, found: Sequence[Plan]) -> bool:
    return all(
        [step.program.id for step in candidate.steps] != [step.program.id for step in one.steps] for one in found
    )


def _obstacles(
    learner: Learner, goal: Sequence[Item], offered: Sequence[Exchange], start_week: int, limits: Limits
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
        giving = [one for one in offered if any(_gives(given, item) for given in one.gives)]
        reason = _blocked(learner, [program for one in giving for program in one.programs], start_week, limits)
        if reason is not None:
            found.append(Obstacle(reason, item))
            continue
        groups = [group for one in giving for group in one.requires]
        pending += [other for group in groups if len(learner.lacks(group)) == len(group) for other in group]
    return tuple(found) or _together(learner, goal, offered, start_week, limits)


def _together(
    learner: Learner, goal: Sequence[Item], offered: Sequence[Exchange], start_week: int, limits: Limits
) -> tuple[Obstacle, ...]:
    """Say what keeps a plan apart whose parts can each be joined: the cost of all, else their order in time."""
    ample = replace(limits, cost_cents=None)
    free, _ = Search.prepared(learner, goal, offered, start_week, ample).best(by_cost=False)
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
    timely = [intake for intake in here if reachable(learner, intake, start_week, replace(limits, cost_cents=None), 0)]
    if any(reachable(learner, intake, start_week, limits, 0) for intake in timely):
        return None
    return "full" if not free else "elsewhere" if not here else "too_dear" if timely else "too_late"
