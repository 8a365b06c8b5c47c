"""One named predicate per hard rule: who is refused.

Each predicate is a mask over pairs of rows; asking about one pair is the mask on one row, so the two cannot differ.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.eligibility.columns import RuleColumns
from graph.knowledge import PLACE_BANDS, look_up
from graph.people import IntArray
from graph.rules import Mask, Rule

NEAR, FAR = PLACE_BANDS.index("near"), PLACE_BANDS.index("far")


Predicate = Callable[[RuleColumns, IntArray, IntArray], Mask]
"""Who is refused: for pairs of rows, or for a column of mentees against a row of mentors (then it may be narrower)."""


def _set_apart(rule: Rule) -> Predicate:
    """Return the predicate of a rule that is a list of pairs."""

    def refused(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> Mask:
        keys, many = rules.apart.get(rule), len(rules.pool.mentors)
        if keys is None or keys.size == 0:
            return np.zeros(mentee.shape, dtype=np.bool_)
        if mentee.ndim == 1:
            return _among(keys, mentee * many + mentor)
        found = np.zeros((mentee.size, mentor.size), dtype=np.bool_)
        first, last = (np.searchsorted(keys, (mentee[:, 0] + more) * many) for more in (0, 1))
        for row in np.flatnonzero(last > first):
            found[row] = _among(keys[first[row] : last[row]], mentee[row] * many + mentor)
        return found

    return refused


def _among(keys: IntArray, asked: IntArray) -> Mask:
    """Return which of the values asked for are among sorted keys. O(asked · log keys)."""
    found: Mask = keys[np.minimum(np.searchsorted(keys, asked), keys.size - 1)] == asked
    return found


def _one_side(rule: Rule) -> Predicate:
    """Return the predicate of a rule that either side fails alone."""

    def refused(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> Mask:
        ours, theirs = rules.out[rule]
        found: Mask = ours[mentee] | theirs[mentor]
        return found

    return refused


def _no_common_language(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> Mask:
    return ~rules.working_languages.meets(mentee, rules.pool.mentor.languages, mentor)


def meets(rules: RuleColumns, mentee: IntArray, mentor: IntArray, added: str | None = None) -> Mask:
    """Both sides take the program's format, and a mode both can use: online, or in person nearby."""
    both = {way: (takes[mentee] | (way == added)) & offers[mentor] for way, (takes, offers) in rules.willing.items()}
    near = _bands(rules, mentee, mentor) <= NEAR
    found: Mask = both["format"] & (both["online"] | (both["in_person"] & near))
    return found


def _bands(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> NDArray[np.uint8]:
    return look_up(rules.knowledge.place_bands, rules.pool.mentee.region[mentee], rules.pool.mentor.region[mentor])


def _no_agreement(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> Mask:
    return ~look_up(rules.agreed, rules.pool.mentee.organisation[mentee], rules.pool.mentor.organisation[mentor])


def _no_consent(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse without consent to share on both sides, and outside the province without consent for that too."""
    ours, theirs = rules.pool.mentee, rules.pool.mentor
    across = ours.across_regions[mentee] & theirs.across_regions[mentor]
    elsewhere = _bands(rules, mentee, mentor) == FAR
    found: Mask = _one_side(Rule.NO_CONSENT)(rules, mentee, mentor) | (elsewhere & ~across)
    return found


def _local_window(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse, while a mentee's window is open, other organisations' mentors outside her province."""
    first = rules.local_first[mentee]
    if not first.any():
        return first
    others = rules.pool.mentee.organisation[mentee] != rules.pool.mentor.organisation[mentor]
    found: Mask = first & others & (_bands(rules, mentee, mentor) == FAR)
    return found


def _direction(rules: RuleColumns, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse reverse mentoring where the mentor is not the junior one in years, or senior on none of the topics asked for."""
    if rules.circumstances.format != "reverse":
        return np.zeros(mentee.shape, dtype=np.bool_)
    ours, theirs = rules.pool.mentee, rules.pool.mentor
    found: Mask = (theirs.years[mentor] >= ours.years[mentee]) | ~ours.topics.meets(mentee, theirs.topics, mentor)
    return found


_TOLD: Final[Mapping[Rule, Predicate]] = {
    **{rule: _one_side(rule) for rule in (Rule.NO_SEAT, Rule.RESTING, Rule.NOT_READY, Rule.STALE)},
    Rule.NO_COMMON_LANGUAGE: _no_common_language,
    Rule.FORMAT: lambda rules, mentee, mentor: ~meets(rules, mentee, mentor),
    Rule.NO_AGREEMENT: _no_agreement,
    Rule.NO_CONSENT: _no_consent,
    Rule.LOCAL_WINDOW: _local_window,
    Rule.DIRECTION: _direction,
}
# The other rules are lists of pairs. In the order of the rules.
PREDICATES: Final[Mapping[Rule, Predicate]] = {rule: _TOLD.get(rule, _set_apart(rule)) for rule in Rule}
