"""May these two meet at all? One named predicate per hard rule; none costs points.

Each predicate is a mask over pairs of rows; asking about one pair is the mask on one row, so the two cannot differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.knowledge import PLACE_BANDS, Knowledge
from graph.people import OFFICIAL_LANGUAGES, SKILLS, Bits, IntArray, Mentee, Pool, Skill

Mask = NDArray[np.bool_]
PairSet = frozenset[tuple[str, str]]
"""(mentee id, mentor id) pairs; or (sharing, receiving) organisations for agreements."""


class Rule(StrEnum):
    """Why two people may not meet, in the order in which reasons are given."""

    SELF = "self"
    NO_SEAT = "no_seat"
    RESTING = "resting"
    NO_COMMON_LANGUAGE = "no_common_language"
    FORMAT = "format"
    NOT_READY = "not_ready"
    REPORTING_LINE = "reporting_line"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    COMPETITOR = "competitor"
    DECLINED = "declined"
    NO_AGREEMENT = "no_agreement"
    NO_CONSENT = "no_consent"
    STALE = "stale"
    LOCAL_WINDOW = "local_window"
    DIRECTION = "direction"
    FORBIDDEN = "forbidden"


SPOKEN: Final[tuple[Skill, ...]] = ("listening", "speaking")
"""Skills that decide whether an official language is a working language."""


@dataclass(frozen=True)
class ReadinessPolicy:
    """What a program asks of a mentee before one-to-one mentoring; nothing asked means everyone is ready."""

    minimum_clb: Mapping[Skill, int] = field(default_factory=dict)
    certification: frozenset[str] | None = None
    documents_complete: bool = False
    commitment_confirmed: bool = False


@dataclass(frozen=True)
class Missing:
    """One readiness item short of the policy: ``item`` is a CLB skill or a field; levels for skills only."""

    item: str
    has: int | None = None
    needs: int | None = None


@dataclass(frozen=True)
class Circumstances:
    """Everything about a round that is not about one person: program, agreements, and pairs set apart.

    ``agreements`` holds (sharing, receiving) organisations; one's own mentors need none. ``pairs_apart`` holds pairs per
    rule for ``self``, ``reporting_line``, ``conflict_of_interest``, ``competitor``, ``declined`` and ``forbidden``.
    """

    format: str = "one_to_one"
    working_level: int = 5
    """CLB in listening and speaking below which English or French does not count as a working language."""
    policy: ReadinessPolicy = field(default_factory=ReadinessPolicy)
    agreements: PairSet = frozenset()
    pairs_apart: Mapping[Rule, PairSet] = field(default_factory=dict)
    local_first: frozenset[str] = frozenset()
    """Organisations inside their local-first window: only their own mentors, or mentors of their province."""


class Situation(StrEnum):
    """Why there is nobody before any pair is asked about."""

    NO_MENTOR = "no_mentor"
    ALREADY_PLACED = "already_placed"


@dataclass(frozen=True)
class Refusal:
    """One rule that keeps a pair apart, or a situation, with its numbers, so that it can be said aloud."""

    rule: Rule | Situation
    missing: tuple[Missing, ...] = ()


def missing_items(mentee: Mentee, policy: ReadinessPolicy) -> tuple[Missing, ...]:
    """Return what a mentee lacks under a policy; empty when ready. A skill never assessed counts as level 0."""
    readiness = mentee.readiness
    found = _missing_levels(mentee, policy.minimum_clb)
    if policy.certification is not None and readiness.certification not in policy.certification:
        found.append(Missing("certification"))
    if policy.documents_complete and readiness.documents != "complete":
        found.append(Missing("documents"))
    if policy.commitment_confirmed and readiness.commitment != "confirmed":
        found.append(Missing("commitment"))
    return tuple(found)


def missing_levels(mentee: Mentee, working_level: int) -> tuple[Missing, ...]:
    """Return what keeps an official language the mentee speaks from being a working language; empty when nothing does."""
    clb = mentee.readiness.clb
    if clb is None or clb.language not in OFFICIAL_LANGUAGES or clb.language not in mentee.languages:
        return ()
    return tuple(_missing_levels(mentee, dict.fromkeys(SPOKEN, working_level)))


def _missing_levels(mentee: Mentee, needed: Mapping[Skill, int]) -> list[Missing]:
    clb = mentee.readiness.clb
    has = {skill: clb.level(skill) if clb else 0 for skill in SKILLS}
    return [Missing(skill, has[skill], needed[skill]) for skill in SKILLS if has[skill] < needed.get(skill, 0)]


@dataclass(frozen=True)
class Eligibility:
    """The rules over one pool: built once, asked for any pairs."""

    pool: Pool
    circumstances: Circumstances
    knowledge: Knowledge
    ready: Mask
    resting: Mask
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
        ready = [not missing_items(mentee, circumstances.policy) for mentee in pool.mentees]
        first = [name in circumstances.local_first for name in pool.organisations]
        apart = dict(circumstances.pairs_apart)
        apart[Rule.SELF] = apart.get(Rule.SELF, frozenset()) | {(mentor.id, mentor.id) for mentor in pool.mentors}
        return cls(
            pool,
            circumstances,
            knowledge,
            ready=np.array(ready, dtype=np.bool_),
            resting=np.array([mentor.resting for mentor in pool.mentors], dtype=np.bool_),
            willing=_willing(pool, circumstances.format),
            local_first=np.array(first, dtype=np.bool_),
            working_languages=_working_languages(pool, circumstances.working_level),
            agreed=_agreed(pool, circumstances.agreements),
            apart={rule: _pair_keys(pool, pairs) for rule, pairs in apart.items()},
        )

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
        return tuple(self.refusal(rule, mentee, speak=speak) for rule in refused_rules(bits))

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
        found: Mask = self.pool.mentee.languages.shared(mentee, self.pool.mentor.languages, mentor) > 0
        return found

    def meeting(self, mentee: int, added: str | None = None) -> Mask:
        """Return for every mentor whether one mentee could meet them: a format and a mode in common.

        ``added``: "online" or "in_person", a mode the mentee takes besides; "format", the program's format.
        """
        everyone = np.arange(len(self.pool.mentors))
        return self._meets(np.full(everyone.size, mentee), everyone, added)

    def _meets(self, mentee: IntArray, mentor: IntArray, added: str | None = None) -> Mask:
        """Both take the program's format, and both a mode they can use: online, or in person nearby."""
        both = {way: (takes[mentee] | (way == added)) & offers[mentor] for way, (takes, offers) in self.willing.items()}
        near = _bands(self, mentee, mentor) <= PLACE_BANDS.index("near")
        found: Mask = both["format"] & (both["online"] | (both["in_person"] & near))
        return found

    def among(self, mentee: int, mentors: IntArray) -> IntArray:
        """Return which of some mentors' rows one mentee may meet, in their order; each rule sees only who is left."""
        for predicate in PREDICATES.values():
            mentors = mentors[~predicate(self, np.full(mentors.size, mentee), mentors)]
        return mentors

    def eligible_mentors(self, mentee: int) -> tuple[IntArray, NDArray[np.uint32]]:
        """Return every mentor's row that one mentee may meet, and the failing bits of all mentors. O(mentors)."""
        everyone = np.arange(len(self.pool.mentors))
        bits = self.refusals(np.full(everyone.size, mentee), everyone)
        return np.flatnonzero(bits == 0), bits


def refused_rules(bits: int) -> tuple[Rule, ...]:
    """Return the rules whose bits are set, in their order."""
    return tuple(rule for number, rule in enumerate(Rule) if bits >> number & 1)


def _willing(pool: Pool, wanted: str) -> dict[str, tuple[Mask, Mask]]:
    ours, theirs = pool.mentee, pool.mentor
    modes = {mode: (ours.modes.holding(mode), theirs.modes.holding(mode)) for mode in ("online", "in_person")}
    return {"format": (ours.formats.holding(wanted), theirs.formats.holding(wanted)), **modes}


def _working_languages(pool: Pool, level: int) -> Bits:
    """Return mentees' languages without an official one in which they are assessed below the working level."""
    languages = pool.mentee.languages
    for code in OFFICIAL_LANGUAGES:
        below = [_below(mentee, code, level) for mentee in pool.mentees]
        languages = languages.without(code, np.array(below, dtype=np.bool_))
    return languages


def _below(mentee: Mentee, code: str, level: int) -> bool:
    clb = mentee.readiness.clb
    return clb is not None and clb.language == code and min(clb.level(skill) for skill in SPOKEN) < level


def _agreed(pool: Pool, agreements: PairSet) -> Mask:
    number = {code: row for row, code in enumerate(pool.organisations)}
    agreed = np.eye(len(number), dtype=np.bool_)
    for sharing, receiving in agreements:
        if sharing in number and receiving in number:
            agreed[number[receiving], number[sharing]] = True
    return agreed


def _pair_keys(pool: Pool, pairs: PairSet) -> IntArray:
    mentees = {mentee.id: row for row, mentee in enumerate(pool.mentees)}
    mentors = {mentor.id: row for row, mentor in enumerate(pool.mentors)}
    known = [(mentees[one], mentors[other]) for one, other in pairs if one in mentees and other in mentors]
    return np.array(sorted(row * len(mentors) + column for row, column in known), dtype=np.int64)


Predicate = Callable[[Eligibility, IntArray, IntArray], Mask]


def _set_apart(rule: Rule) -> Predicate:
    """Return the predicate of a rule that is a list of pairs."""

    def refused(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
        keys = rules.apart.get(rule)
        if keys is None or keys.size == 0:
            return np.zeros(mentee.size, dtype=np.bool_)
        asked = mentee * len(rules.pool.mentors) + mentor
        places = np.minimum(np.searchsorted(keys, asked), keys.size - 1)
        found: Mask = keys[places] == asked
        return found

    return refused


def _no_seat(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    return (rules.pool.mentor.free_seats[mentor] <= 0) | (rules.pool.mentee.free_seats[mentee] <= 0)


def _resting(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    return rules.resting[mentor]


def _no_common_language(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    found: Mask = rules.working_languages.shared(mentee, rules.pool.mentor.languages, mentor) == 0
    return found


def _format(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse without the program's format on both sides, or without a mode both can use: online, or in person nearby."""
    return ~rules._meets(mentee, mentor)


def _bands(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> NDArray[np.uint8]:
    return rules.knowledge.place_bands[rules.pool.mentee.region[mentee], rules.pool.mentor.region[mentor]]


def _not_ready(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    return ~rules.ready[mentee]


def _no_agreement(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    return ~rules.agreed[rules.pool.mentee.organisation[mentee], rules.pool.mentor.organisation[mentor]]


def _no_consent(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse without consent to share on both sides, and outside the province without consent for that too."""
    ours, theirs = rules.pool.mentee, rules.pool.mentor
    elsewhere = _bands(rules, mentee, mentor) == PLACE_BANDS.index("far")
    across = ours.across_regions[mentee] & theirs.across_regions[mentor]
    found: Mask = ~ours.sharing[mentee] | ~theirs.sharing[mentor] | (elsewhere & ~across)
    return found


def _stale(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    return rules.pool.mentee.stale[mentee] | rules.pool.mentor.stale[mentor]


def _local_window(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    pool = rules.pool
    ours, theirs = pool.mentee.organisation[mentee], pool.mentor.organisation[mentor]
    far = _bands(rules, mentee, mentor) == PLACE_BANDS.index("far")
    found: Mask = rules.local_first[ours] & (ours != theirs) & far
    return found


def _direction(rules: Eligibility, mentee: IntArray, mentor: IntArray) -> Mask:
    """Refuse reverse mentoring where the mentor is senior on none of the topics asked for."""
    if rules.circumstances.format != "reverse":
        return np.zeros(mentee.size, dtype=np.bool_)
    found: Mask = rules.pool.mentee.topics.shared(mentee, rules.pool.mentor.topics, mentor) == 0
    return found


PREDICATES: Final[Mapping[Rule, Predicate]] = {
    Rule.SELF: _set_apart(Rule.SELF),
    Rule.NO_SEAT: _no_seat,
    Rule.RESTING: _resting,
    Rule.NO_COMMON_LANGUAGE: _no_common_language,
    Rule.FORMAT: _format,
    Rule.NOT_READY: _not_ready,
    Rule.REPORTING_LINE: _set_apart(Rule.REPORTING_LINE),
    Rule.CONFLICT_OF_INTEREST: _set_apart(Rule.CONFLICT_OF_INTEREST),
    Rule.COMPETITOR: _set_apart(Rule.COMPETITOR),
    Rule.DECLINED: _set_apart(Rule.DECLINED),
    Rule.NO_AGREEMENT: _no_agreement,
    Rule.NO_CONSENT: _no_consent,
    Rule.STALE: _stale,
    Rule.LOCAL_WINDOW: _local_window,
    Rule.DIRECTION: _direction,
    Rule.FORBIDDEN: _set_apart(Rule.FORBIDDEN),
}
