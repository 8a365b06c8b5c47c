"""How well do they fit? Whole points, kept in parts, each with the facts behind it.

A part has a level from 0 to 100 that a rule below gives, and a weight from config/scoring.toml; its points are the weight
times the level, rounded half up. The total is the sum, at least 1: ineligible is not a score.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from graph.knowledge import Kinship, Knowledge
from graph.people import YEARS_BANDS, Bits, IntArray, Mentee, Mentor, Pool

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
# Languages that count beyond the required one.
LANGUAGES_COUNTED: Final = 2
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
class Note:
    """What else a part's points come from: a second sentence of its own, with its facts."""

    level: str
    facts: tuple[str, ...] = ()


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
    found: IntArray = np.minimum(50 * beyond + np.where(kin, 25, 0), 50 * LANGUAGES_COUNTED)
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
    """Return one part with its facts: its own telling where the level alone would not be true, else by stated codes."""
    ours, theirs = pool.mentees[mentee], pool.mentors[mentor]
    telling = TELLINGS.get(name)
    if telling is not None:
        word, source, facts, notes = telling(ours, theirs, knowledge)
        return Part(name, points, maximum, word, source, facts, notes)
    if name == "culture":
        return Part(name, points, maximum, _culture_word(pool, mentee, mentor, level))
    one, other = _stated(name, ours, theirs)
    word = _word(level) if one and other else NOT_STATED
    return Part(name, points, maximum, word, "", tuple(sorted(one & other)))


Telling = tuple[str, str, tuple[str, ...], tuple[Note, ...]]
"""Level, source, facts and notes of a part."""


def _tell_occupation(ours: Mentee, theirs: Mentor, knowledge: Knowledge) -> Telling:
    origin, target = ours.target_noc or ours.noc, theirs.noc
    kinship = knowledge.kinship(origin, target)
    return _kinship_word(kinship, alike=origin == target), kinship.source, (origin, target), ()


def _kinship_word(kinship: Kinship, *, alike: bool) -> str:
    """Name a kinship by its source; ``in_part`` and ``distant`` (below "some") are said, since they have points too."""
    if kinship.points == 0:
        return "little"
    if alike:
        return "same" if kinship.source == "same" else "same_group"
    part = "_in_part" if kinship.in_part else ""
    return f"{kinship.source}{part}" + ("_distant" if _word(kinship.points) == "little" else "")


def _tell_place(ours: Mentee, theirs: Mentor, knowledge: Knowledge) -> Telling:
    band_ = knowledge.place_band(ours.region, theirs.region)
    unsaid = band_ == "province" and ours.region == theirs.region
    return "province_only" if unsaid else band_, "", (ours.region, theirs.region), ()


def _tell_experience(ours: Mentee, theirs: Mentor, knowledge: Knowledge) -> Telling:
    gap = YEARS_BANDS.index(theirs.years_band) - YEARS_BANDS.index(ours.years_band)
    return _gap_word(gap), "", (ours.years_band, theirs.years_band), ()


def _tell_language(ours: Mentee, theirs: Mentor, knowledge: Knowledge) -> Telling:
    """Count the languages in common, and name the mentor's that are kin to one of the mentee's where that gave points."""
    shared = tuple(sorted(ours.languages & theirs.languages))
    beside = theirs.languages - ours.languages
    kin = tuple(sorted({code for own in ours.languages for code in knowledge.kin_languages(own)} & beside))
    counted = kin and len(shared) - 1 < LANGUAGES_COUNTED
    if not (ours.languages and theirs.languages):
        return NOT_STATED, "", (), ()
    return ("none", "one", "more")[min(len(shared), 2)], "", shared, (Note("kin", kin),) if counted else ()


def _tell_goals(ours: Mentee, theirs: Mentor, knowledge: Knowledge) -> Telling:
    """Say which needs the mentor is strong in, and which goals both have: each half has points of its own."""
    met = tuple(sorted(ours.needs & theirs.strengths))
    common = tuple(sorted(ours.goals & theirs.goals))
    word = "little" if not met else "strong" if len(met) == len(ours.needs) else "some"
    if not (ours.needs and theirs.strengths):
        word = NOT_STATED
    stated = ours.goals and theirs.goals
    notes = (Note("shared", common),) if common else () if stated else (Note("shared_not_stated"),)
    return word, "", met, notes


TELLINGS: Final[Mapping[str, Callable[[Mentee, Mentor, Knowledge], Telling]]] = {
    "occupation": _tell_occupation,
    "place": _tell_place,
    "experience": _tell_experience,
    "language": _tell_language,
    "goals": _tell_goals,
}


def _stated(name: str, ours: Mentee, theirs: Mentor) -> tuple[frozenset[str], frozenset[str]]:
    sides = {
        "interests": (ours.interests, theirs.interests),
        "way_of_working": (ours.working_styles, theirs.working_styles),
        "availability": (ours.slots, theirs.slots),
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
