"""The rules over one pool, asked for any pairs."""

import numpy as np
from numpy.typing import NDArray

from graph.eligibility.columns import RuleColumns
from graph.eligibility.predicates import FAR, NEAR, PREDICATES, meets
from graph.people import IntArray
from graph.readiness import missing_days, missing_items, missing_levels
from graph.rules import Mask, Refusal, Rule


class Eligibility(RuleColumns):
    """The rules over one pool: built once, asked for any pairs."""

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
        if rule is Rule.LOCAL_WINDOW:
            return Refusal(rule, missing_days(person))
        return Refusal(rule)

    def speak(self, mentee: IntArray, mentor: IntArray) -> Mask:
        """Return for each pair whether the two share a language at any level."""
        return self.pool.mentee.languages.meets(mentee, self.pool.mentor.languages, mentor)

    def meeting(self, mentee: int, added: str | None = None) -> Mask:
        """Return for every mentor whether one mentee could meet them: a format and a mode in common.

        ``added``: "online" or "in_person", a mode the mentee takes besides; "format", the program's format.
        """
        everyone = np.arange(len(self.pool.mentors))
        return meets(self, np.full(everyone.size, mentee), everyone, added)

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
