"""What would open mentors for one mentee: the change that heals every rule a pair fails, and how many pairs it heals."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.eligibility import Eligibility
from graph.people import SKILLS
from graph.readiness import Missing, missing_days, missing_items, missing_levels
from graph.rules import Mask, Rule

WAYS: Final = ("online", "in_person", "format")
"""What a mentee can take besides, for a mentor who offers it."""


@dataclass(frozen=True)
class NextStep:
    """One change that opens doors: the rule it heals first, what is missing, and how many mentors it opens."""

    rule: Rule
    missing: tuple[Missing, ...]
    opens: int


def next_steps(rules: Eligibility, mentee: int, most: int = 3) -> tuple[NextStep, ...]:
    """Return what would open mentors for one mentee, the change that opens most first.

    A step is one change that heals every rule a pair fails: a language level may make somebody ready and give them a
    working language at once. Nothing for a mentee without a free seat; never offered for consent, culture, reporting line
    or conflict. One pass over the mentors for each of at most ten changes.
    """
    if rules.pool.mentee.free_seats[mentee] <= 0:
        return ()
    _, bits = rules.eligible_mentors(mentee)
    counted = [
        NextStep(change.rule, change.missing, int(np.count_nonzero((bits > 0) & (bits & ~change.heals == 0))))
        for change in _changes(rules, mentee)
    ]
    told = [step for step in counted if step.opens and not any(_as_good(other, step) for other in counted)]
    return tuple(sorted(told, key=lambda step: (-step.opens, list(Rule).index(step.rule)))[:most])


def _as_good(other: NextStep, step: NextStep) -> bool:
    """Say whether another step asks for less and opens as many."""
    less = other.missing != step.missing and bool(other.missing) and _covers(step.missing, other.missing)
    return less and other.opens >= step.opens


@dataclass(frozen=True)
class _Change:
    """One change, and for every mentor the rules it heals, one bit a rule."""

    rule: Rule
    missing: tuple[Missing, ...]
    heals: NDArray[np.uint32]


def _changes(rules: Eligibility, mentee: int) -> Iterable[_Change]:
    """Return every change worth counting. A mentee can take another mode; what a mentor does not offer stays closed."""
    everyone = np.arange(len(rules.pool.mentors))
    speak = rules.speak(np.full(everyone.size, mentee), everyone)
    yield from _levels(rules, mentee, speak)
    yield _Change(Rule.NO_COMMON_LANGUAGE, (), _bit(Rule.NO_COMMON_LANGUAGE, ~speak))
    for way in WAYS:
        yield _Change(Rule.FORMAT, (Missing(way),), _bit(Rule.FORMAT, rules.meeting(mentee, way)))
    for rule in (Rule.NO_SEAT, Rule.RESTING):
        yield _Change(rule, (), _bit(rule, everyone >= 0))
    if days := missing_days(rules.pool.mentees[mentee]):
        yield _Change(Rule.LOCAL_WINDOW, days, _bit(Rule.LOCAL_WINDOW, everyone >= 0))


def _levels(rules: Eligibility, mentee: int, speak: Mask) -> Iterable[_Change]:
    """Return what makes ready, what gives a working language, and the two together where both are language levels."""
    person, around = rules.pool.mentees[mentee], rules.circumstances
    ready, work = missing_items(person, around.policy), missing_levels(person, around.working_level)
    both = _united(ready, work)
    levels_only = all(item.item in SKILLS for item in both)
    for missing in dict.fromkeys((ready, work, *((both,) if levels_only else ()))):
        makes_ready = bool(ready) and _covers(missing, ready)
        heals = _bit(Rule.NOT_READY, np.full(speak.size, fill_value=makes_ready))
        heals |= _bit(Rule.NO_COMMON_LANGUAGE, speak & _covers(missing, work))
        if missing:
            yield _Change(Rule.NOT_READY if makes_ready else Rule.NO_COMMON_LANGUAGE, missing, heals)


def _bit(rule: Rule, where: Mask) -> NDArray[np.uint32]:
    return where.astype(np.uint32) << np.uint32(list(Rule).index(rule))


def _united(*lists: tuple[Missing, ...]) -> tuple[Missing, ...]:
    """Join lists of missing items, each item once with the highest level asked for, in the order in which they are told."""
    found: dict[str, Missing] = {}
    for item in (item for missing in lists for item in missing):
        kept = found.get(item.item, item)
        found[item.item] = max(kept, item, key=lambda one: one.needs or 0)
    return tuple(found[name] for name in every_missing_item() if name in found)


def _covers(change: tuple[Missing, ...], asked: tuple[Missing, ...]) -> bool:
    given = {item.item: item.needs or 0 for item in change}
    return all(item.item in given and given[item.item] >= (item.needs or 0) for item in asked)


def every_missing_item() -> tuple[str, ...]:
    """Return everything that can be missing: readiness items of a policy, ways to meet, then days of a window."""
    return (*SKILLS, "certification", "documents", "commitment", *WAYS, "tomorrow", "days")
