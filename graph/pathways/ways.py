"""One exchange as a learner can take it: the intakes she can join, and those worth taking from a week on."""

from dataclasses import dataclass, field

from graph.pathways.catalogue import Exchange
from graph.pathways.learners import Learner, Limits, Step, reachable


@dataclass(frozen=True)
class Way:
    """An exchange with the steps a learner can take to it, the soonest end first."""

    exchange: Exchange
    steps: tuple[Step, ...]
    best_from: dict[int, tuple[Step, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, exchange: Exchange, learner: Learner, start_week: int, limits: Limits) -> "Way":
        """Keep the intakes the learner can join. O(intakes)."""
        steps = [
            Step(program, intake)
            for program in exchange.programs
            for intake in program.intakes
            if reachable(learner, intake, start_week, limits, 0)
        ]
        return cls(exchange, tuple(sorted(steps, key=_sooner_then_cheaper)))

    def best(self, week: int) -> tuple[Step, ...]:
        """Return the steps worth taking from a week on: no other one ends no later and costs no more. Kept for each week."""
        if week not in self.best_from:
            kept: list[Step] = []
            for step in self.steps:
                if step.intake.start_week >= week and (not kept or step.intake.cost_cents < kept[-1].intake.cost_cents):
                    kept.append(step)
            self.best_from[week] = tuple(kept)
        return self.best_from[week]


def _sooner_then_cheaper(step: Step) -> tuple[int, int, int, str, str]:
    intake = step.intake
    return step.end_week, intake.cost_cents, -intake.start_week, step.program.id, intake.id
