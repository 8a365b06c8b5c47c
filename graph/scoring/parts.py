"""A fit in its parts, with the facts behind each."""

from dataclasses import dataclass

import numpy as np

from graph.knowledge import Knowledge
from graph.people import IntArray, Mentee, Mentor, Pool
from graph.scoring.levels import PARTS, part_levels
from graph.scoring.points import total_of_parts
from graph.scoring.tellings import NOT_STATED, TELLINGS, Note, level_word
from graph.scoring.weights import ScoringWeights, points_of_parts


@dataclass(frozen=True)
class Part:
    """What one criterion gave: points of a maximum, the level's name, who says so, and what else counted."""

    name: str
    points: int
    maximum: int
    level: str
    source: str = ""
    facts: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Fit:
    """How well one pair fits: the total, 1 to 100, and its parts in the field's order."""

    total: int
    parts: tuple[Part, ...]


def fit(pool: Pool, mentee: int, mentor: int, weights: ScoringWeights, knowledge: Knowledge) -> Fit:
    """Return one pair's fit with the facts of every part: the same numbers as :func:`score_pairs` on one row."""
    return fits(pool, np.array([mentee]), np.array([mentor]), weights, knowledge)[0]


def fits(
    pool: Pool, mentee: IntArray, mentor: IntArray, weights: ScoringWeights, knowledge: Knowledge
) -> tuple[Fit, ...]:
    """Return the fits of pairs of rows, with the facts of every part: the numbers at once, the facts one by one."""
    levels = part_levels(pool, mentee, mentor, knowledge)
    points = points_of_parts(levels, weights)
    totals = total_of_parts(points).tolist()
    told = zip(mentee.tolist(), mentor.tolist(), totals, points.tolist(), levels.tolist(), strict=True)
    return tuple(
        Fit(
            total,
            tuple(
                _part(pool, one, other, knowledge, name, points, weights.points[name], level)
                for name, points, level in zip(PARTS, row, heights, strict=True)
            ),
        )
        for one, other, total, row, heights in told
    )


def _part(
    pool: Pool, mentee: int, mentor: int, knowledge: Knowledge, name: str, points: int, maximum: int, level: int
) -> Part:
    """Return one part with its facts: its own telling where the level alone would not be true, else by stated codes."""
    ours, theirs = pool.mentees[mentee], pool.mentors[mentor]
    telling = TELLINGS.get(name)
    if telling is not None:
        word, source, facts, notes = telling(ours, theirs, knowledge)
        return Part(name, points, maximum, word, source, facts, notes)
    if name == "culture":
        return Part(name, points, maximum, _culture_word(pool, mentee, mentor, level))
    one, other = _stated(name, ours, theirs)
    word = level_word(level) if one and other else NOT_STATED
    return Part(name, points, maximum, word, "", tuple(sorted(one & other)))


def _stated(name: str, ours: Mentee, theirs: Mentor) -> tuple[frozenset[str], frozenset[str]]:
    sides = {
        "interests": (ours.interests, theirs.interests),
        "way_of_working": (ours.working_styles, theirs.working_styles),
        "availability": (ours.slots, theirs.slots),
    }
    return sides[name]


def _culture_word(pool: Pool, mentee: int, mentor: int, level: int) -> str:
    stated = pool.mentee.origin[mentee] >= 0 and pool.mentor.origin[mentor] >= 0
    return level_word(level) if stated else NOT_STATED


def band(total: int, strong: int, good: int) -> str:
    """Return what crosses organisations instead of raw totals: strong, good or possible."""
    return "strong" if total >= strong else "good" if total >= good else "possible"
