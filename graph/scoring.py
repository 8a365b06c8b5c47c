"""How well do they fit? Whole points, kept in parts, each with the facts behind it.

A part has a level from 0 to 100 that a rule below gives, and a weight from config/scoring.toml; its points are the weight
times the level, rounded half up. The total is the sum, at least 1: ineligible is not a score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from graph.knowledge import SOURCES, Knowledge
from graph.people import Bits, IntArray, Pool

PARTS: Final = (
    "occupation",
    "culture",
    "interests",
    "way_of_working",
    "goals",
    "language",
    "place",
    "experience",
    "availability",
)
NEUTRAL: Final = 50
NOT_STATED: Final = "not_stated"
PLACE_LEVELS: Final = np.array([100, 80, 60, 30])
# Mentor's band minus mentee's: flat top one or two bands above, falling on both sides.
GAP_LEVELS: Final[Mapping[int, int]] = {-4: 0, -3: 0, -2: 0, -1: 20, 0: 60, 1: 100, 2: 100, 3: 80, 4: 60}
# Said by the gap, not by the level: a mentor far ahead and one level with the mentee can have the same points.
FARTHEST_AHEAD: Final = 2


@dataclass(frozen=True)
class ScoringWeights:
    """Most points of each part; they sum to 100.

    Raises
    ------
    ValueError
        A part missing or unknown, a weight that is not a whole number from 0, or a sum other than 100.
    """

    points: Mapping[str, int]

    def __post_init__(self) -> None:
        """Refuse weights that do not sum to 100."""
        if set(self.points) != set(PARTS):
            raise ValueError(f"weights name {sorted(self.points)}; the parts are {sorted(PARTS)}")
        for part, points in self.points.items():
            if type(points) is not int or points < 0:
                raise ValueError(f"weight of {part} is {points!r}: a whole number from 0 is needed")
        if sum(self.points.values()) != 100:
            raise ValueError(f"weights sum to {sum(self.points.values())}: 100 is needed")

    def array(self) -> IntArray:
        """Return the weights in the order of the parts."""
        return np.array([self.points[part] for part in PARTS], dtype=np.int64)


@dataclass(frozen=True)
class Part:
    """What one criterion gave: points of a maximum, the level's name, and who says so."""

    name: str
    points: int
    maximum: int
    level: str
    source: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fit:
    """How well one pair fits: the total, 1 to 100, and its parts in the field's order."""

    total: int
    parts: tuple[Part, ...]


def score_pairs(
    pool: Pool, mentee: IntArray, mentor: IntArray, weights: ScoringWeights, knowledge: Knowledge
) -> tuple[IntArray, IntArray]:
    """Return total (pairs) and points of each part (pairs × parts) for pairs of rows.

    O(pairs). Eligibility is not asked here.
    """
    levels = part_levels(pool, mentee, mentor, knowledge)
    parts: IntArray = (levels * weights.array() + 50) // 100
    return np.clip(parts.sum(axis=1), 1, 100), parts


def part_levels(pool: Pool, mentee: IntArray, mentor: IntArray, knowledge: Knowledge) -> IntArray:
    """Return the level of every part, 0 to 100, one row a pair, in the order of :data:`PARTS`."""
    ours, theirs = pool.mentee, pool.mentor
    columns = {
        "occupation": knowledge.kinship_points[ours.noc[mentee], theirs.noc[mentor]].astype(np.int64),
        "culture": _culture(pool, mentee, mentor),
        "interests": _counted(ours.interests, theirs.interests, mentee, mentor, (0, 50, 80, 100)),
        "way_of_working": _counted(ours.working_styles, theirs.working_styles, mentee, mentor, (0, 60, 100)),
        "goals": _goals(pool, mentee, mentor),
        "language": _language(pool, mentee, mentor),
        "place": PLACE_LEVELS[knowledge.place_bands[ours.region[mentee], theirs.region[mentor]]],
        "experience": _experience(theirs.years[mentor] - ours.years[mentee]),
        "availability": _counted(ours.slots, theirs.slots, mentee, mentor, (0, 50, 80, 100)),
    }
    return np.stack([columns[part] for part in PARTS], axis=1)


def _counted(ours: Bits, theirs: Bits, mentee: IntArray, mentor: IntArray, levels: tuple[int, ...]) -> IntArray:
    """Return a level by the number of shared codes, with a cap; neutral where either side stated none."""
    shared = np.minimum(ours.shared(mentee, theirs, mentor), len(levels) - 1)
    stated = (ours.sizes[mentee] > 0) & (theirs.sizes[mentor] > 0)
    return np.where(stated, np.array(levels)[shared], NEUTRAL)


def _culture(pool: Pool, mentee: IntArray, mentor: IntArray) -> IntArray:
    """Same country of origin 100, shared heritage language 70, else 30; only where both consented, else neutral."""
    ours, theirs = pool.mentee, pool.mentor
    one, other = ours.origin[mentee], theirs.origin[mentor]
    heritage = ours.heritage.shared(mentee, theirs.languages, mentor) > 0
    level = np.where(one == other, 100, np.where(heritage, 70, 30))
    return np.where((one >= 0) & (other >= 0), level, NEUTRAL)


def _language(pool: Pool, mentee: IntArray, mentor: IntArray) -> IntArray:
    """Languages shared beyond the one required: 50 each; a language kin to one the other speaks: 25 once."""
    ours, theirs = pool.mentee, pool.mentor
    beyond = np.maximum(ours.languages.shared(mentee, theirs.languages, mentor) - 1, 0)
    kin = ours.kin.shared(mentee, theirs.languages, mentor) > 0
    found: IntArray = np.minimum(50 * beyond + np.where(kin, 25, 0), 100)
    return found


def _experience(gap: IntArray) -> IntArray:
    levels = np.array([GAP_LEVELS[step] for step in range(-4, 5)])
    found: IntArray = levels[gap + 4]
    return found


def _goals(pool: Pool, mentee: IntArray, mentor: IntArray) -> IntArray:
    """Mentee's needs the mentor is strong in count 70, goals both have 30; a side not stated is neutral."""
    ours, theirs = pool.mentee, pool.mentor
    needs, goals = ours.topics.sizes[mentee], theirs.goals.sizes[mentor]
    met = ours.topics.shared(mentee, theirs.topics, mentor)
    common = ours.goals.shared(mentee, theirs.goals, mentor)
    strong = np.where((needs > 0) & (theirs.topics.sizes[mentor] > 0), 100 * met // np.maximum(needs, 1), NEUTRAL)
    own = np.where((goals > 0) & (ours.goals.sizes[mentee] > 0), 100 * common // np.maximum(goals, 1), NEUTRAL)
    found: IntArray = (70 * strong + 30 * own) // 100
    return found


def fit(pool: Pool, mentee: int, mentor: int, weights: ScoringWeights, knowledge: Knowledge) -> Fit:
    """Return one pair's fit with the facts of every part: the same numbers as :func:`score_pairs` on one row."""
    rows = np.array([mentee]), np.array([mentor])
    total, parts = score_pairs(pool, *rows, weights, knowledge)
    levels = part_levels(pool, *rows, knowledge)[0]
    return Fit(
        int(total[0]),
        tuple(
            _part(pool, mentee, mentor, knowledge, name, int(points), weights.points[name], int(level))
            for name, points, level in zip(PARTS, parts[0], levels, strict=True)
        ),
    )


def _part(
    pool: Pool, mentee: int, mentor: int, knowledge: Knowledge, name: str, points: int, maximum: int, level: int
) -> Part:
    ours, theirs = pool.mentees[mentee], pool.mentors[mentor]
    if name == "occupation":
        origin, target = ours.target_noc or ours.noc, theirs.noc
        source = SOURCES[int(knowledge.kinship_sources[knowledge.noc_row(origin), knowledge.noc_row(target)])]
        return Part(name, points, maximum, _word(level), source, (origin, target))
    if name == "place":
        return Part(
            name, points, maximum, knowledge.place_band(ours.region, theirs.region), "", (ours.region, theirs.region)
        )
    if name == "culture":
        return Part(name, points, maximum, _culture_word(pool, mentee, mentor, level))
    if name == "experience":
        gap = _gap_word(int(pool.mentor.years[mentor] - pool.mentee.years[mentee]))
        return Part(name, points, maximum, gap, "", (ours.years_band, theirs.years_band))
    one, other = _stated(name, pool, mentee, mentor)
    word = _word(level) if one and other else NOT_STATED
    return Part(name, points, maximum, word, "", tuple(sorted(one & other)))


def _stated(name: str, pool: Pool, mentee: int, mentor: int) -> tuple[frozenset[str], frozenset[str]]:
    ours, theirs = pool.mentees[mentee], pool.mentors[mentor]
    sides = {
        "language": (ours.languages, theirs.languages),
        "interests": (ours.interests, theirs.interests),
        "way_of_working": (ours.working_styles, theirs.working_styles),
        "availability": (ours.slots, theirs.slots),
        "goals": (ours.needs, theirs.strengths),
    }
    return sides[name]


def _culture_word(pool: Pool, mentee: int, mentor: int, level: int) -> str:
    stated = pool.mentee.origin[mentee] >= 0 and pool.mentor.origin[mentor] >= 0
    return _word(level) if stated else NOT_STATED


def _gap_word(gap: int) -> str:
    """Name where the mentor stands: ahead within the flat top, far ahead beyond it, level, behind by one band, or far."""
    if gap > 0:
        return "ahead" if gap <= FARTHEST_AHEAD else "far_ahead"
    return {0: "level", -1: "behind"}.get(gap, "far_behind")


def _word(level: int) -> str:
    """Name a level for reasons: strong from 75, some from 40, little below."""
    return "strong" if level >= 75 else "some" if level >= 40 else "little"


def band(total: int, strong: int, good: int) -> str:
    """Return what crosses organisations instead of raw totals: strong, good or possible."""
    return "strong" if total >= strong else "good" if total >= good else "possible"
