"""What a mentee can get at most from mentors not looked at yet, for searches that stop early."""

from functools import reduce

import numpy as np

from graph.knowledge import Knowledge
from graph.people import Counts, IntArray, Pool
from graph.scoring.levels import COUNTED, EXPERIENCE_LEVELS, KIN_LEVEL, NEUTRAL, PART_LEVELS, PLACE_LEVELS
from graph.scoring.weights import ScoringWeights, points_of


def most_points(pool: Pool, mentee: int, weights: ScoringWeights) -> dict[str, int]:
    """Return a bound of what one mentee can get from each part but occupation, place and experience.

    Sharper than the weights: who states two interests cannot share three, and without an origin culture is neutral.
    """
    ours, row = pool.mentee, mentee
    kin = KIN_LEVEL if ours.kin.sizes[row] else 0
    halves = [100 if stated.sizes[row] else NEUTRAL for stated in (ours.topics, ours.goals)]
    most = {
        "culture": 100 if ours.origin[row] >= 0 else NEUTRAL,
        "goals": (70 * halves[0] + 30 * halves[1]) // 100,
        "language": min(50 * max(int(ours.languages.sizes[row]) - 1, 0) + kin, 100),
    }
    for part, (name, levels) in COUNTED.items():
        most[part] = max(levels[min(int(getattr(ours, name).sizes[row]), len(levels) - 1)], NEUTRAL)
    return {part: (level * weights.points[part] + 50) // 100 for part, level in most.items()}


def part_points(pool: Pool, part: str, mentee: int, mentors: IntArray, weights: ScoringWeights) -> Counts:
    """Return the points one mentee has with some mentors for one part that :func:`most_points` bounds. O(mentors)."""
    return points_of(PART_LEVELS[part](pool, np.array([[mentee]]), mentors)[0], weights.points[part])


def class_points(
    mentee: tuple[int, int, int],
    mentors: tuple[IntArray, IntArray, IntArray],
    weights: ScoringWeights,
    knowledge: Knowledge,
) -> Counts:
    """Return the points for occupation, place and experience of one mentee with classes of mentors.

    Both sides as rows of occupation, of region, and years bands. O(classes).
    """
    noc, region, years = mentee
    tables = {
        "occupation": knowledge.kinship_points[noc].astype(np.int16),
        "place": PLACE_LEVELS[knowledge.place_bands[region]],
        "experience": EXPERIENCE_LEVELS[years],
    }
    points = [points_of(table, weights.points[part]) for part, table in tables.items()]
    return reduce(np.add, [table[rows] for table, rows in zip(points, mentors, strict=True)])
