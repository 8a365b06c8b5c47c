"""The fastest plan to a goal, the cheapest, and plans that do without a decisive step or provider of the best.

One program at a time; waiting is allowed, so a later start never finishes earlier and label-setting is exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from graph.pathways.catalogue import Item, Program, exchanges, helps, needs_of
from graph.pathways.learners import Learner, Limits, Plan
from graph.pathways.obstacles import Obstacle, obstacles_to
from graph.pathways.search import Search
from graph.people import SKILLS


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
    >>> from graph.pathways import Intake
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
        return PlanAnswer(status, obstacles=() if capped else obstacles_to(learner, goal, offered, start_week, limits))
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
