"""Why no plan exists: what is missing, followed backwards until nobody gives it or it cannot be joined."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from graph.pathways.catalogue import Exchange, Item, Program
from graph.pathways.learners import Learner, Limits, reachable
from graph.pathways.search import Search


@dataclass(frozen=True)
class Obstacle:
    """Why no plan exists: nobody gives it, it is full, out of reach, past the horizon, over the ceiling, or out of order."""

    reason: Literal["no_program", "full", "elsewhere", "too_late", "too_dear", "no_order"]
    item: Item


def obstacles_to(
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
