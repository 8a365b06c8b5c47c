"""What a part of a fit says of two people, where its level alone would not be true: facts, sources and notes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from graph.knowledge import Kinship, Knowledge
from graph.people import YEARS_BANDS, Mentee, Mentor

NOT_STATED: Final = "not_stated"
# Languages that count beyond the required one.
LANGUAGES_COUNTED: Final = 2
# Said by the gap, not by the level: a mentor far ahead and one level with the mentee can have the same points.
FARTHEST_AHEAD: Final = 2


@dataclass(frozen=True)
class Note:
    """What else a part's points come from: a second sentence of its own, with its facts."""

    level: str
    facts: tuple[str, ...] = ()


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
    return f"{kinship.source}{part}" + ("_distant" if level_word(kinship.points) == "little" else "")


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
    counted = kin and 0 < len(shared) <= LANGUAGES_COUNTED
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


def _gap_word(gap: int) -> str:
    """Name where the mentor stands: ahead within the flat top, far ahead beyond it, level, behind by one band, or far."""
    if gap > 0:
        return "ahead" if gap <= FARTHEST_AHEAD else "far_ahead"
    return {0: "level", -1: "behind"}.get(gap, "far_behind")


def level_word(level: int) -> str:
    """Name a level for reasons: strong from 75, some from 40, little below."""
    return "strong" if level >= 75 else "some" if level >= 40 else "little"
