"""Why no mentor is left for a mentee."""

import numpy as np

from graph.eligibility import Eligibility
from graph.rules import Mask, Refusal, Rule, Situation


def nobody_because(rules: Eligibility, mentee: int) -> tuple[Refusal, ...]:
    """Return why no mentor is left: the three most frequent rules, or the situation; empty when someone is eligible."""
    person = rules.pool.mentees[mentee]
    if not rules.pool.mentors:
        return (Refusal(Situation.NO_MENTOR),)
    if 0 < person.taken >= person.seats:
        return (Refusal(Situation.ALREADY_PLACED),)
    rows, bits = rules.eligible_mentors(mentee)
    if rows.size:
        return ()
    refused = {rule: bits >> np.uint32(number) & 1 == 1 for number, rule in enumerate(Rule)}
    told = sorted((rule for rule in Rule if refused[rule].any()), key=lambda rule: -np.count_nonzero(refused[rule]))[:3]
    return tuple(rules.refusal(rule, mentee, speak=_mostly_speak(rules, mentee, refused[rule])) for rule in told)


def _mostly_speak(rules: Eligibility, mentee: int, refused: Mask) -> bool:
    """Say whether most of the mentors refused share a language with the mentee, at whatever level."""
    rows = np.flatnonzero(refused)
    return 2 * int(np.count_nonzero(rules.speak(np.full(rows.size, mentee), rows))) > rows.size
