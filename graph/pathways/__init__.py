"""From what she holds to what she wants: language, credential, then a mentor. Exact over a dated catalogue."""

from graph.pathways.catalogue import Intake, Item, Kind, Program
from graph.pathways.learners import MOST_LABELS, Learner, Limits, Plan, Step
from graph.pathways.obstacles import Obstacle
from graph.pathways.plans import PlanAnswer, plan, relevant_programs

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
