"""How well do they fit? Whole points, kept in parts, each with the facts behind it.

A part has a level from 0 to 100 that a rule below gives, and a weight from config/scoring.toml; its points are the weight
times the level, rounded half up. The total is the sum, at least 1: ineligible is not a score.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from graph.knowledge import Knowledge, look_up
from graph.people import Counts, IntArray, Mentee, Mentor, Pool
from graph.tellings import LANGUAGES_COUNTED, NOT_STATED, TELLINGS, Note, level_word
from graph.weights import check_weights

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
PLACE_LEVELS: Final = np.array([100, 80, 60, 30], dtype=np.int16)
# Different, heritage language, same country (twice: with and without the language); then not stated.
CULTURE_LEVELS: Final = np.array([30, 70, 100, 100, *[NEUTRAL] * 4], dtype=np.int16)
KIN_LEVEL: Final = 25
# Parts that count shared codes: which column, and the level by how many.
COUNTED: Final[Mapping[str, tuple[str, tuple[int, ...]]]] = {
    "interests": ("interests", (0, 50, 80, 100)),
    "way_of_working": ("working_styles", (0, 60, 100)),
    "availability": ("slots", (0, 50, 80, 100)),
}
# Mentor's band minus mentee's: flat top one or two bands above, falling on both sides.
GAP_LEVELS: Final[Mapping[int, int]] = {-4: 0, -3: 0, -2: 0, -1: 20, 0: 60, 1: 100, 2: 100, 3: 80, 4: 60}
EXPERIENCE_LEVELS: Final = np.array(
    [[GAP_LEVELS[other - one] for other in range(5)] for one in range(5)], dtype=np.int16
)


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
        check_weights(self.points, PARTS)

    def array(self) -> IntArray:
        """Return the weights in the order of the parts."""
        return np.array([self.points[part] for part in PARTS], dtype=np.int64)


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
    parts = _part_points(part_levels(pool, mentee, mentor, knowledge), weights)
    return _total(parts), parts


def _part_points(levels: IntArray, weights: ScoringWeights) -> IntArray:
    """Return the points of each part: weight times level, rounded half up."""
    points: IntArray = (levels * weights.array() + 50) // 100
    return points


def _total(parts: IntArray) -> IntArray:
    total: IntArray = np.clip(parts.sum(axis=1), 1, 100)
    return total


def score_grid(pool: Pool, mentee: IntArray, mentor: IntArray, weights: ScoringWeights, knowledge: Knowledge) -> Counts:
    """Return the totals of every one of some mentees with every one of some mentors (mentees × mentors).

    The same numbers as :func:`score_pairs`. O(pairs), about 20 ns each in batches that fit the processor's cache.
    """
    total = np.zeros((mentee.size, mentor.size), dtype=np.int16)
    for part, level in _levels(pool, mentee[:, np.newaxis], mentor, knowledge):
        total += _points(level, weights.points[part])
    return np.clip(total, 1, 100, out=total)


def _points(level: Counts, weight: int) -> Counts:
    """Return weight times level, rounded half up: at most 100 · 100 + 50, which 16 bits hold."""
    points: Counts = (level * np.int16(weight) + np.int16(50)) // np.int16(100)
    return points


def part_levels(pool: Pool, mentee: IntArray, mentor: IntArray, knowledge: Knowledge) -> IntArray:
    """Return the level of every part, 0 to 100, one row a pair, in the order of :data:`PARTS`."""
    return np.stack([level.astype(np.int64) for _, level in _levels(pool, mentee, mentor, knowledge)], axis=1)


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
    return _points(PART_LEVELS[part](pool, np.array([[mentee]]), mentors)[0], weights.points[part])


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
    points = [_points(table, weights.points[part]) for part, table in tables.items()]
    return reduce(np.add, [table[rows] for table, rows in zip(points, mentors, strict=True)])


def _levels(pool: Pool, mentee: IntArray, mentor: IntArray, knowledge: Knowledge) -> Iterator[tuple[str, Counts]]:
    """Yield every part with its level in the order of :data:`PARTS`: for pairs of rows, or a column against a row."""
    ours, theirs = pool.mentee, pool.mentor
    for part in PARTS:
        if part == "occupation":
            kinship = look_up(knowledge.kinship_points, ours.noc[mentee], theirs.noc[mentor])
            yield part, kinship.astype(np.int16)
        elif part == "place":
            bands = look_up(knowledge.place_bands, ours.region[mentee], theirs.region[mentor])
            yield part, np.take(PLACE_LEVELS, bands)
        elif part == "experience":
            yield part, look_up(EXPERIENCE_LEVELS, ours.years[mentee], theirs.years[mentor])
        else:
            yield part, PART_LEVELS[part](pool, mentee, mentor)


PartLevel = Callable[[Pool, IntArray, IntArray], Counts]


def _counted(part: str) -> PartLevel:
    """Return the level by the number of shared codes, with a cap; neutral where either side stated none."""
    name, levels = COUNTED[part]
    # Nothing is shared where nothing is stated, so the place after the last level is free for it.
    table, unstated_at = np.array((*levels, NEUTRAL), dtype=np.int16), np.int16(len(levels))

    def level(pool: Pool, mentee: IntArray, mentor: IntArray) -> Counts:
        ours, theirs = getattr(pool.mentee, name), getattr(pool.mentor, name)
        shared = np.minimum(ours.shared(mentee, theirs, mentor), unstated_at - np.int16(1))
        unstated = (ours.sizes[mentee] == 0) | (theirs.sizes[mentor] == 0)
        found: Counts = np.take(table, shared + unstated_at * unstated)
        return found

    return level


def _culture(pool: Pool, mentee: IntArray, mentor: IntArray) -> Counts:
    """Same country of origin 100, shared heritage language 70, else 30; only where both consented, else neutral."""
    ours, theirs = pool.mentee, pool.mentor
    one, other = ours.origin[mentee], theirs.origin[mentor]
    heritage = ours.heritage.meets(mentee, theirs.languages, mentor).view(np.int8)
    unstated = ((one < 0) | (other < 0)).view(np.int8)
    same = (one == other).view(np.int8)
    found: Counts = np.take(CULTURE_LEVELS, heritage + np.int8(2) * same + np.int8(4) * unstated)
    return found


def _language(pool: Pool, mentee: IntArray, mentor: IntArray) -> Counts:
    """Languages shared beyond the one required: 50 each; beside a shared one, a language kin to the other's: 25 once.

    Without a shared one kin counts nothing: else sharing the very language that was kin would lower the points.
    """
    ours, theirs = pool.mentee, pool.mentor
    shared = ours.languages.shared(mentee, theirs.languages, mentor)
    beyond = np.maximum(shared - np.int16(1), np.int16(0))
    kin = (ours.kin.meets(mentee, theirs.languages, mentor) & (shared > 0)).astype(np.int16)
    found: Counts = np.minimum(np.int16(50) * beyond + np.int16(KIN_LEVEL) * kin, np.int16(50 * LANGUAGES_COUNTED))
    return found


def _goals(pool: Pool, mentee: IntArray, mentor: IntArray) -> Counts:
    """Mentee's needs the mentor is strong in count 70, goals both have 30; a side not stated is neutral."""
    ours, theirs = pool.mentee, pool.mentor
    needs, goals = ours.topics.sizes[mentee], theirs.goals.sizes[mentor]
    met = ours.topics.shared(mentee, theirs.topics, mentor)
    common = ours.goals.shared(mentee, theirs.goals, mentor)
    # Nothing is met where nothing is stated: neutral can be added.
    strong = np.int16(100) * met // np.maximum(needs, np.int16(1))
    strong += np.int16(NEUTRAL) * ((needs == 0) | (theirs.topics.sizes[mentor] == 0))
    own = np.int16(100) * common // np.maximum(goals, np.int16(1))
    own += np.int16(NEUTRAL) * ((goals == 0) | (ours.goals.sizes[mentee] == 0))
    found: Counts = (np.int16(70) * strong + np.int16(30) * own) // np.int16(100)
    return found


PART_LEVELS: Final[Mapping[str, PartLevel]] = {
    **{part: _counted(part) for part in COUNTED},
    "culture": _culture,
    "goals": _goals,
    "language": _language,
}
"""Parts that look at the two people themselves; the other three are the same for a whole class of mentors."""


def fit(pool: Pool, mentee: int, mentor: int, weights: ScoringWeights, knowledge: Knowledge) -> Fit:
    """Return one pair's fit with the facts of every part: the same numbers as :func:`score_pairs` on one row."""
    return fits(pool, np.array([mentee]), np.array([mentor]), weights, knowledge)[0]


def fits(
    pool: Pool, mentee: IntArray, mentor: IntArray, weights: ScoringWeights, knowledge: Knowledge
) -> tuple[Fit, ...]:
    """Return the fits of pairs of rows, with the facts of every part: the numbers at once, the facts one by one."""
    levels = part_levels(pool, mentee, mentor, knowledge)
    points = _part_points(levels, weights)
    totals = _total(points).tolist()
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
