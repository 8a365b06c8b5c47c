"""A fit, a refusal or a next step as sentences, in English and French, from the same trace.

Nothing is scored that cannot be said: every (part, level) has a template in both languages, and a test holds the table to
it. Names of codes come from the caller, because this layer reads no files.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from graph.eligibility import Eligibility
from graph.knowledge import RELATION_SOURCES
from graph.people import SKILLS
from graph.readiness import Missing, missing_items, missing_levels
from graph.reason_texts import FIT_TEXTS, LACKING_TEXTS, MISSING_TEXTS, REFUSAL_TEXTS, STEP_TEXTS
from graph.rules import Mask, Refusal, Rule, Situation
from graph.scoring import Fit, Part

Locale = Literal["en", "fr"]
LOCALES: Final[tuple[Locale, ...]] = ("en", "fr")
Names = Callable[[str, str, str], str]
"""(vocabulary, code, locale) to the name people read."""

WAYS: Final = ("online", "in_person", "format")
"""What a mentee can take besides, for a mentor who offers it."""
FACT_VOCABULARY: Final = {
    "occupation": "noc",
    "place": "region",
    "language": "languages",
    "interests": "interests",
    "way_of_working": "working_styles",
    "availability": "slots",
    "goals": "topics",
}


@dataclass(frozen=True)
class NextStep:
    """One change that opens doors: the rule it heals first, what is missing, and how many mentors it opens."""

    rule: Rule
    missing: tuple[Missing, ...]
    opens: int


def fit_sentences(fit: Fit, locale: Locale, names: Names) -> tuple[str, ...]:
    """Return one sentence a part that says something, most points first."""
    told = sorted(fit.parts, key=lambda part: -part.points)
    return tuple(_part_sentence(part, locale, names) for part in told if part.maximum)


def _part_sentence(part: Part, locale: Locale, names: Names) -> str:
    """Say a part, and in the same breath what else its points come from."""
    said = ((part.level, part.facts), *((note.level, note.facts) for note in part.notes))
    return " ".join(_worded(part.name, level, facts, locale, names) for level, facts in said)


def _worded(part: str, level: str, facts: tuple[str, ...], locale: Locale, names: Names) -> str:
    vocabulary = FACT_VOCABULARY.get(part)
    told = [names(vocabulary, code, locale) if vocabulary else code for code in facts]
    first, second = told if len(told) == 2 else ("", "")
    return FIT_TEXTS[part, level][locale].format(facts=_joined(told, locale), first=first, second=second)


def _joined(words: list[str], locale: Locale) -> str:
    if len(words) < 2:
        return "".join(words)
    last = " and " if locale == "en" else " et "
    return ", ".join(words[:-1]) + last + words[-1]


def refusal_sentence(refusal: Refusal, locale: Locale) -> str:
    """Say why two people may not meet, without a word about the other person."""
    if not refusal.missing:
        return REFUSAL_TEXTS[refusal.rule][locale]
    missing = _joined([_missing_words(item, locale) for item in refusal.missing], locale)
    return LACKING_TEXTS[Rule(refusal.rule)][locale].format(missing=missing)


def _missing_words(item: Missing, locale: Locale) -> str:
    return MISSING_TEXTS[item.item][locale].format(has=item.has or "–", needs=item.needs)


def next_step_sentence(step: NextStep, locale: Locale) -> str:
    """Say the smallest change and how many mentors it opens: "With CLB speaking 7 (now 6), five mentors open up."."""
    change = _joined([_missing_words(item, locale) for item in step.missing], locale)
    text = STEP_TEXTS[None if step.missing else step.rule, "one" if step.opens == 1 else "many"][locale]
    return text.format(change=change, count=step.opens)


def next_steps(rules: Eligibility, mentee: int, most: int = 3) -> tuple[NextStep, ...]:
    """Return what would open mentors for one mentee, the change that opens most first.

    A step is one change that heals every rule a pair fails: a language level may make somebody ready and give them a
    working language at once. Nothing for a mentee without a free seat; never offered for consent, culture, reporting line
    or conflict. One pass over the mentors for each of at most nine changes.
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


def every_key() -> Iterable[tuple[str, str]]:
    """Return every (part, level) a fit or a note of it can have: the table must say each, and holds no other."""
    stated = ("interests", "way_of_working", "goals", "availability", "culture")
    yield from ((part, level) for part in stated for level in ("strong", "some", "little", "not_stated"))
    yield from (("goals", note) for note in ("shared", "shared_not_stated"))
    yield from (("language", level) for level in ("none", "one", "more", "not_stated", "kin"))
    yield from (("experience", gap) for gap in ("ahead", "far_ahead", "level", "behind", "far_behind"))
    yield from (("place", level) for level in ("same", "near", "province", "province_only", "far"))
    yield from (("occupation", level) for level in ("same", "same_group", "hierarchy", "hierarchy_distant", "little"))
    for source, part, far in product(RELATION_SOURCES, ("", "_in_part"), ("", "_distant")):
        yield ("occupation", f"{source}{part}{far}")


def every_missing_item() -> tuple[str, ...]:
    """Return everything that can be missing: readiness items of a policy, then ways to meet."""
    return (*SKILLS, "certification", "documents", "commitment", *WAYS)
