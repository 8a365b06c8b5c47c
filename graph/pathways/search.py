"""The search for ways: labels over weeks, cost, levels and credentials, exact up to a cap."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.pathways.catalogue import Exchange, Item, helps, needs_of
from graph.pathways.learners import Learner, Limits, Plan, Step, holds
from graph.pathways.ways import Way
from graph.people import SKILLS

State = tuple[tuple[int, ...], frozenset[str]]
"""Levels in the order of the skills, each counted up to what is needed, and the credentials that are needed."""


@dataclass(order=True)
class _Label:
    key: tuple[int, int, int]
    week: int = field(compare=False)
    cost: int = field(compare=False)
    state: State = field(compare=False)
    steps: tuple[Step, ...] = field(compare=False)


@dataclass(frozen=True)
class Search:
    """One learner's question over a catalogue: prepared once, then asked for the fastest and the cheapest way."""

    goal: Sequence[Item]
    start_week: int
    limits: Limits
    needs: Mapping[str, int]
    first: State
    ways: tuple[Way, ...]

    @classmethod
    def prepared(
        cls, learner: Learner, goal: Sequence[Item], offered: Sequence[Exchange], start_week: int, limits: Limits
    ) -> "Search":
        """Keep what can matter. O(exchanges, and the intakes of those that matter)."""
        needs = needs_of(goal, offered)
        ways = (Way.of(one, learner, start_week, limits) for one in offered if helps(one, needs))
        first = _state(needs, learner.clb, learner.credentials)
        return cls(goal, start_week, limits, needs, first, tuple(way for way in ways if way.steps))

    def steps(self) -> Iterator[Step]:
        """Yield every step the learner can take that can matter."""
        return (step for way in self.ways for step in way.steps)

    def without(self, programs: Collection[str]) -> "Search":
        """Return the same question without some programs, by their ids. O(steps)."""
        ways = (
            Way(way.exchange, tuple(step for step in way.steps if step.program.id not in programs)) for way in self.ways
        )
        return replace(self, ways=tuple(way for way in ways if way.steps))

    def best(self, *, by_cost: bool) -> tuple[Plan | None, bool]:
        """Return the fastest plan, or the cheapest; and whether the cap was reached, so that it is not proven best.

        Labels come in order of the first criterion, so a state is settled again only by a label better in the second one.
        """
        queue = [_Label((0, 0, 0), self.start_week, 0, self.first, ())]
        settled: dict[State, int] = {}
        count = serial = 0
        while queue:
            label = heapq.heappop(queue)
            if self._reached(label.state):
                return self._plan(label), False
            second = label.week if by_cost else label.cost
            if _dominated(settled, label.state, second):
                continue
            if count >= self.limits.labels:
                return self._best_so_far([label, *queue]), True
            count += 1
            settled[label.state] = second
            for step, state in self._next(label):
                serial += 1
                cost = label.cost + step.intake.cost_cents
                key = (cost, step.end_week, serial) if by_cost else (step.end_week, cost, serial)
                heapq.heappush(queue, _Label(key, step.end_week, cost, state, (*label.steps, step)))
        return None, False

    def _next(self, label: _Label) -> Iterable[tuple[Step, State]]:
        """Yield the steps worth taking next, and the state after each."""
        levels, credentials = label.state
        held: dict[str, int] = dict(zip(SKILLS, levels, strict=True))
        most = self.limits.cost_cents
        for way in self.ways:
            if not all(any(holds(held, credentials, item) for item in group) for group in way.exchange.requires):
                continue
            state = self._after(held, credentials, way.exchange.gives)
            if state != label.state:
                for step in way.best(label.week):
                    if most is None or label.cost + step.intake.cost_cents <= most:
                        yield step, state

    def _after(self, held: Mapping[str, int], credentials: frozenset[str], gives: Iterable[Item]) -> State:
        taught = dict(held)
        for item in gives:
            if item.kind == "clb":
                taught[item.code] = max(taught[item.code], item.level)
        return _state(self.needs, taught, credentials | {item.code for item in gives if item.kind == "credential"})

    def _reached(self, state: State) -> bool:
        held: dict[str, int] = dict(zip(SKILLS, state[0], strict=True))
        return all(holds(held, state[1], item) for item in self.goal)

    def _plan(self, label: _Label) -> Plan:
        return Plan(label.steps, label.week - self.start_week, label.cost)

    def _best_so_far(self, labels: Sequence[_Label]) -> Plan | None:
        """Return the plan of the first label that reaches the goal: best of those seen, not proven best of all."""
        best = min((label for label in labels if self._reached(label.state)), default=None)
        return None if best is None else self._plan(best)


def _state(needs: Mapping[str, int], clb: Mapping[str, int], credentials: Iterable[str]) -> State:
    levels = tuple(min(clb.get(skill, 0), needs.get(skill, 0)) for skill in SKILLS)
    return levels, frozenset(code for code in credentials if code in needs)


def _dominated(settled: Mapping[State, int], state: State, second: int) -> bool:
    """Whether a label settled before is as good in all: it came first, so its first criterion is no worse."""
    levels, credentials = state
    return any(
        value <= second and other >= credentials and all(map(int.__ge__, better, levels))
        for (better, other), value in settled.items()
    )
