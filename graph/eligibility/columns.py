"""What the rules read of one pool, prepared once: per person, per organisation, and the pairs set apart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Self

import numpy as np

from graph.knowledge import Knowledge
from graph.people import OFFICIAL_LANGUAGES, Bits, IntArray, Pool
from graph.readiness import ReadinessPolicy, below_working_level, missing_items
from graph.rules import Circumstances, Mask, PairSet, Rule


@dataclass(frozen=True)
class RuleColumns:
    """What the rules read of one pool: the columns of :class:`graph.eligibility.Eligibility`, which asks the rules."""

    pool: Pool
    circumstances: Circumstances
    knowledge: Knowledge
    out: Mapping[Rule, tuple[Mask, Mask]]
    """Rules one side can fail whoever the other is: which mentees do, and which mentors."""
    willing: Mapping[str, tuple[Mask, Mask]]
    """For the program's format and each mode: which mentees and which mentors take it."""
    local_first: Mask
    """Mentees inside their local-first window."""
    working_languages: Bits
    agreed: Mask
    """(mentee's organisation, mentor's organisation): may the mentee's side be matched there?"""
    apart: Mapping[Rule, IntArray]

    @classmethod
    def build(cls, pool: Pool, circumstances: Circumstances, knowledge: Knowledge) -> Self:
        """Prepare the per-person and per-organisation parts of the rules. O(people + organisations²)."""
        willing = _willing(pool, circumstances.format)
        first = [mentee.local_days > 0 for mentee in pool.mentees]
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

    def reordered(self, order: IntArray) -> Self:
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

    def without_windows(self) -> Self:
        """Return the rules as if nobody looked near first: what the windows cost is the difference."""
        return replace(self, local_first=np.zeros_like(self.local_first))

    @cached_property
    def closed(self) -> tuple[Mask, Mask]:
        """Which mentees, and which mentors, nobody may meet: rules one side fails alone."""
        ours, theirs = zip(*self.out.values(), strict=True)
        return reduce(np.logical_or, ours), reduce(np.logical_or, theirs)


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
