"""The level of every part, 0 to 100: one rule each, over columns."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from graph.knowledge import Knowledge, look_up
from graph.people import Counts, IntArray, Pool
from graph.scoring.tellings import LANGUAGES_COUNTED

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


def part_levels(pool: Pool, mentee: IntArray, mentor: IntArray, knowledge: Knowledge) -> IntArray:
    """Return the level of every part, 0 to 100, one row a pair, in the order of :data:`PARTS`."""
    return np.stack([level.astype(np.int64) for _, level in levels_of(pool, mentee, mentor, knowledge)], axis=1)


def levels_of(pool: Pool, mentee: IntArray, mentor: IntArray, knowledge: Knowledge) -> Iterator[tuple[str, Counts]]:
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
