"""May these two meet at all? One named predicate per hard rule; none costs points.

Each predicate is a mask over pairs of rows; asking about one pair is the mask on one row, so the two cannot differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.knowledge import PLACE_BANDS, Knowledge, look_up
from graph.people import OFFICIAL_LANGUAGES, Bits, IntArray, Pool
from graph.readiness import ReadinessPolicy, below_working_level, missing_items, missing_levels
from graph.rules import Circumstances, Mask, PairSet, Refusal, Rule

NEAR, FAR = PLACE_BANDS.index("near"), PLACE_BANDS.index("far")


@dataclass(frozen=True)
class Eligibility:
    """The rules over one pool: built once, asked for any pairs."""

    pool: Pool
    circumstances: Circumstances
    knowledge: Knowledge
    out: Mapping[Rule, tuple[Mask, Mask]]
    """Rules one side can fail whoever the other is: which mentees do, and which mentors."""
    willing: Mapping[str, tuple[Mask, Mask]]
    """For the program's format and each mode: which mentees and which mentors take it."""
    local_first: Mask
    working_languages: Bits
    agreed: Mask
    """(mentee's organisation, mentor's organisation): may the mentee's side be matched there?"""
    apart: Mapping[Rule, IntArray]

    @classmethod
    def build(cls, pool: Pool, circumstances: Circumstances, knowledge: Knowledge) -> "Eligibility":
        """Prepare the per-person and per-organisation parts of the rules. O(people + organisations²)."""
        willing = _willing(pool, circumstances.format)
        first = [name in circumstances.local_first for name in pool.organisations]
        apart = dict(circumstances.pairs_apart)
        apart[Rule.SELF] = apart.get(Rule.SELF, frozenset()) | {(mentee.id, mentee.id) for mentee in pool.mentees}
        return cls(
            pool,
            circumstances,
            knowledge,
            out=_out(pool, circumstances.policy, willing),
            willing=willing,
            local_first=np.array(first, dtype=np.bool_),
            working_languages=_working_languages(pool, circumstances.working_level),
            agreed=_agreed(pool, circumstances.agreements),
            apart={rule: _pair_keys(pool, pairs) for rule, pairs in apart.items()},
        )

    def reordered(self, order: IntArray) -> "Eligibility":
        """Return the rules over some mentors' columns, in the order asked for; the pool's ids and values stay theirs."""
        many = max(len(self.pool.mentors), 1)
        place = np.full(many, -1)
        place[order] = np.arange(order.size)
        kept = {rule: keys[place[keys % many] >= 0] for rule, keys in self.apart.items()}
        return replace(
            self,
            pool=replace(self.pool, mentor=self.pool.mentor.rows(order)),
            out={rule: (ours, theirs[order]) for rule, (ours, theirs) in self.out.items()},
            willing={way: (ours, theirs[order]) for way, (ours, theirs) in self.willing.items()},
            apart={rule: np.sort(keys // many * many + place[keys % many]) for rule, keys in kept.items()},
        )

    @cached_property
    def closed(self) -> tuple[Mask, Mask]:
        """Which mentees, and which mentors, nobody may meet: rules one side fails alone."""
        ours, theirs = zip(*self.out.values(), strict=True)
        return reduce(np.logical_or, ours), reduce(np.logical_or, theirs)

    def within_reach(self, mentee: int) -> Mask:
        """Return for every region whether a mentor there could be met at all, if willing: a bound for searches."""
        ours = self.pool.mentee
        bands = self.knowledge.place_bands[ours.region[mentee]]
        online, across = self.willing["online"][0][mentee], ours.across_regions[mentee]
        found: Mask = (online | (bands <= NEAR)) & (across | (bands != FAR))
        return found

    def refusals(self, mentee: IntArray, mentor: IntArray) -> NDArray[np.uint32]:
        """Return for each pair of rows the rules it fails, one bit a rule in the order of :class:`Rule`; 0: eligible."""
        bits = np.zeros(mentee.size, dtype=np.uint32)
        for number, rule in enumerate(Rule):
            bits |= PREDICATES[rule](self, mentee, mentor).astype(np.uint32) << np.uint32(number)
        return bits

    def explain(self, mentee: int, mentor: int) -> tuple[Refusal, ...]:
        """Return every rule one pair fails, the headline first; empty when the two may meet."""
        one, other = np.array([mentee]), np.array([mentor])
        bits = int(self.refusals(one, other)[0])
        speak = bool(self.speak(one, other)[0])
        failed = (rule for number, rule in enumerate(Rule) if bits >> number & 1)
        return tuple(self.refusal(rule, mentee, speak=speak) for rule in failed)

    def refusal(self, rule: Rule, mentee: int, *, speak: bool) -> Refusal:
        """Return a refusal with what one mentee lacks; ``speak``: is there a common language, only not at working level?"""
        person = self.pool.mentees[mentee]
        if rule is Rule.NOT_READY:
            return Refusal(rule, missing_items(person, self.circumstances.policy))
        if rule is Rule.NO_COMMON_LANGUAGE and speak:
            return Refusal(rule, missing_levels(person, self.circumstances.working_level))
        return Refusal(rule)

    def speak(self, mentee: IntArray, mentor: IntArray) -> Mask:
        """Return for each pair whether the two share a language at any level."""
        return self.pool.mentee.languages.meets(mentee, self.pool.mentor.languages, mentor)

    def meeting(self, mentee: int, added: str | None = None) -> Mask:
        """Return for every mentor whether one mentee could meet them: a format and a mode in common.

        ``added``: "online" or "in_person", a mode the mentee takes besides; "format", the program's format.
        """
        everyone = np.arange(len(self.pool.mentors))
        return _meets(self, np.full(everyone.size, mentee), everyone, added)

    def among(self, mentee: int, mentors: IntArray) -> IntArray:
        """Return the places, among some mentors' rows, of those one mentee may meet; each rule sees only who is left."""
        row, places = np.array([[mentee]]), np.arange(mentors.size)
        for predicate in PREDICATES.values():
            kept = ~predicate(self, row, mentors)[0]
            if kept.size == mentors.size:
                mentors, places = mentors[kept], places[kept]
            elif not kept[0]:
                return places[:0]
        return places

    def grid(self, mentees: IntArray, mentors: IntArray) -> Mask:
        """Return who of some mentees may meet whom of some mentors (mentees × mentors). O(pairs)."""
        column = mentees[:, np.newaxis]
        allowed = np.ones((mentees.size, mentors.size), dtype=np.bool_)
        for predicate in PREDICATES.values():
            allowed &= ~predicate(self, column, mentors)
        return allowed

    def eligible_mentors(self, mentee: int) -> tuple[IntArray, NDArray[np.uint32]]:
        """Return every mentor's row that one mentee may meet, and the failing bits of all mentors. O(mentors)."""
        everyone = np.arange(len(self.pool.mentors))
        bits = self.refusals(np.full(everyone.size, mentee), everyone)
        return np.flatnonzero(bits == 0), bits


def _willing(pool: Pool, wanted: str) -> dict[str, tuple[Mask, Mask]]:
    ours, theirs = pool.mentee, pool.mentor
    modes = {mode: (ours.modes.holding(mode), theirs.modes.holding(mode)) for mode in ("online", "in_person")}
    return {"format": (ours.formats.holding(wanted), theirs.formats.holding(wanted)), **modes}


def _out(
    pool: Pool, policy: ReadinessPolicy, willing: Mapping[str, tuple[Mask, Mask]]
) -> dict[Rule, tuple[Mask, Mask]]:
    ours, theirs = pool.mentee, pool.mentor
    unready = np.array([bool(missing_items(mentee, policy)) for mentee in pool.mentees], dtype=np.bool_)
    no_way = [~willing["format"][side] | ~(willing["online"][side] | willing["in_person"][side]) for side in (0, 1)]
    return {
        Rule.FORMAT: (no_way[0], no_way[1]),
        Rule.NO_SEAT: (ours.free_seats <= 0, theirs.free_seats <= 0),
        Rule.RESTING: (ours.resting, theirs.resting),
        Rule.NOT_READY: (unready, np.zeros_like(theirs.stale)),
        Rule.NO_CONSENT: (~ours.sharing, ~theirs.sharing),
        Rule.STALE: (ours.stale, theirs.stale),
    }


def _working_languages(pool: Pool, level: int) -> Bits:
    """Return mentees' languages without an official one in which they are assessed below the working level."""
    languages = pool.mentee.languages
    for code in OFFICIAL_LANGUAGES:
        below = [below_working_level(mentee, code, level) for mentee in pool.mentees]
        languages = languages.without(code, np.array(below, dtype=np.bool_))
    return languages


def _agreed(pool: Pool, agreements: PairSet) -> Mask:
    number = {code: row for row, code in enumerate(pool.organisations)}
    agreed = np.eye(len(number), dtype=np.bool_)
    for sharing, receiving in agreements:
        if sharing in number and receiving in number:
            agreed[number[receiving], number[sharing]] = True
    return agreed


def _pair_keys(pool: Pool, pairs: PairSet) -> IntArray:
    """Return the pairs as sorted keys, mentee row · mentors + mentor row; people who are not in the pool are left out."""
    mentees = {mentee.id: row for row, mentee in enumerate(pool.mentees)}
    asked = sorted((mentees[one], other) for one, other in pairs if one in mentees)
    if not asked or not pool.mentor_ids.size:
        return np.zeros(0, dtype=np.int64)
    ids = np.array([other for _, other in asked], dtype=np.str_)
    found = np.minimum(np.searchsorted(pool.mentor_ids, ids), pool.mentor_ids.size - 1)
    keys = np.array([row for row, _ in asked], dtype=np.int64) * pool.mentor_ids.size + found
    return np.sort(keys[pool.mentor_ids[found] == ids])


Predicate = Callable[[Eligibility, IntArray, IntArray], Mask]
"""Who is refused: for pairs of rows, or for a column of mentees against a row of mentors (then it may be narrower)."""


def _set_apart(rule: Rule) -> Predicate:
    """Return the predicate of a rule that is a list of pairs."""

    def refused(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
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

    def refused(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
        ours, theirs = rules.out[rule]
        found: Mask = ours[mentee] | theirs[mentor]
        return found

    return refused


def _no_common_language(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    return ~rules.working_languages.meets(mentee, rules.pool.mentor.languages, mentor)


def _meets(rules: Eligibility, mentee: IntArray, mentor: IntArray, added: str | None = None) -> Mask:
    """Both sides take the program's format, and a mode both can use: online, or in person nearby."""
    both = {way: (takes[mentee] | (way == added)) & offers[mentor] for way, (takes, offers) in rules.willing.items()}
    near = _bands(rules, mentee, mentor) <= NEAR
    found: Mask = both["format"] & (both["online"] | (both["in_person"] & near))
    return found


def _bands(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> NDArray[np.uint8]:
    return look_up(rules.knowledge.place_bands, rules.pool.mentee.region[mentee], rules.pool.mentor.region[mentor])


def _no_agreement(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    return ~look_up(rules.agreed, rules.pool.mentee.organisation[mentee], rules.pool.mentor.organisation[mentor])


def _no_consent(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse without consent to share on both sides, and outside the province without consent for that too."""
    ours, theirs = rules.pool.mentee, rules.pool.mentor
    across = ours.across_regions[mentee] & theirs.across_regions[mentor]
    elsewhere = _bands(rules, mentee, mentor) == FAR
    found: Mask = _one_side(Rule.NO_CONSENT)(rules, mentee, mentor) | (elsewhere & ~across)
    return found


def _local_window(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    ours, theirs = rules.pool.mentee.organisation[mentee], rules.pool.mentor.organisation[mentor]
    first = rules.local_first[ours]
    if not first.any():
        return first
    found: Mask = first & (ours != theirs) & (_bands(rules, mentee, mentor) == FAR)
    return found


def _direction(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse reverse mentoring where the mentor is not the junior one in years, or senior on none of the topics asked for."""
    if rules.circumstances.format != "reverse":
        return np.zeros(mentee.shape, dtype=np.bool_)
    ours, theirs = rules.pool.mentee, rules.pool.mentor
    found: Mask = (theirs.years[mentor] >= ours.years[mentee]) | ~ours.topics.meets(mentee, theirs.topics, mentor)
    return found


_TOLD: Final[Mapping[Rule, Predicate]] = {
    **{rule: _one_side(rule) for rule in (Rule.NO_SEAT, Rule.RESTING, Rule.NOT_READY, Rule.STALE)},
    Rule.NO_COMMON_LANGUAGE: _no_common_language,
    Rule.FORMAT: lambda rules, mentee, mentor: ~_meets(rules, mentee, mentor),
    Rule.NO_AGREEMENT: _no_agreement,
    Rule.NO_CONSENT: _no_consent,
    Rule.LOCAL_WINDOW: _local_window,
    Rule.DIRECTION: _direction,
}
# The other rules are lists of pairs. In the order of the rules.
PREDICATES: Final[Mapping[Rule, Predicate]] = {rule: _TOLD.get(rule, _set_apart(rule)) for rule in Rule}
