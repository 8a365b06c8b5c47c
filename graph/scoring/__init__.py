"""How well do they fit? Whole points, kept in parts, each with the facts behind it.

A part has a level from 0 to 100 that a rule gives, and a weight from config/scoring.toml; its points are the weight times
the level, rounded half up. The total is the sum, at least 1: ineligible is not a score.
"""

from graph.scoring.bounds import class_points, most_points, part_points
from graph.scoring.levels import COUNTED, PARTS, part_levels
from graph.scoring.parts import Fit, Part, band, fit, fits
from graph.scoring.points import score_grid, score_pairs
from graph.scoring.weights import ScoringWeights

__all__ = [
    "COUNTED",
    "PARTS",
    "Fit",
    "Part",
    "ScoringWeights",
    "band",
    "class_points",
    "fit",
    "fits",
    "most_points",
    "part_levels",
    "part_points",
    "score_grid",
    "score_pairs",
]
