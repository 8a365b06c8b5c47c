"""A fit, a refusal or a next step as sentences, in English and French, from the same trace.

Nothing is scored that cannot be said: every (part, level) has a template in both languages, and a test holds the table to
it. Names of codes come from the caller, because this layer reads no files.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np

from graph.eligibility import CHANGEABLE, Eligibility, Missing, Refusal, Rule, missing_items
from graph.knowledge import RELATION_SOURCES
from graph.people import SKILLS
from graph.reason_texts import FIT_TEXTS, MISSING_TEXTS, REFUSAL_TEXTS, STEP_TEXTS
from graph.scoring import Fit, Part

Locale = Literal["en", "fr"]
LOCALES: Final[tuple[Locale, ...]] = ("en", "fr")
Names = Callable[[str, str, str], str]
"""(vocabulary, code, locale) to the name people read."""

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
    """The smallest change that opens doors: one changeable rule, what is missing, and how many mentors it opens."""

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
    text = REFUSAL_TEXTS[refusal.rule][locale]
    if refusal.missing:
        text += " " + _joined([_missing_words(item, locale) for item in refusal.missing], locale) + "."
    return text


def _missing_words(item: Missing, locale: Locale) -> str:
    return MISSING_TEXTS[item.item][locale].format(has=item.has or "–", needs=item.needs)


def next_step_sentence(step: NextStep, locale: Locale) -> str:
    """Say the smallest change and how many mentors it opens: "With CLB speaking 7 (now 6), five mentors open up."."""
    change = _joined([_missing_words(item, locale) for item in step.missing], locale)
    text = STEP_TEXTS[step.rule, "one" if step.opens == 1 else "many"][locale]
    return text.format(change=change, count=step.opens)


def next_steps(rules: Eligibility, mentee: int, most: int = 3) -> tuple[NextStep, ...]:
    """Return what would open mentors for one mentee: mentors that fail exactly one rule a person or a date can change.

    Never offered for consent, culture, reporting line or conflict. One pass over the mentors.
    """
    _, bits = rules.eligible_mentors(mentee)
    alone = {1 << number: rule for number, rule in enumerate(Rule) if rule in CHANGEABLE}
    counts = Counter(alone[int(value)] for value in bits if int(value) in alone)
    lacking = missing_items(rules.pool.mentees[mentee], rules.circumstances.policy)
    steps = [NextStep(rule, lacking if rule is Rule.NOT_READY else (), opens) for rule, opens in counts.items()]
    return tuple(sorted(steps, key=lambda step: (-step.opens, list(Rule).index(step.rule)))[:most])


def nobody_because(rules: Eligibility, mentee: int) -> tuple[Refusal, ...]:
    """Return the rules that keep every mentor away, the most frequent first; empty when someone is eligible."""
    rows, bits = rules.eligible_mentors(mentee)
    if rows.size:
        return ()
    lacking = missing_items(rules.pool.mentees[mentee], rules.circumstances.policy)
    counted = {rule: int(np.count_nonzero(bits >> np.uint32(number) & 1)) for number, rule in enumerate(Rule)}
    told = sorted((rule for rule in Rule if counted[rule]), key=lambda rule: -counted[rule])[:3]
    return tuple(Refusal(rule, lacking if rule is Rule.NOT_READY else ()) for rule in told)


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
    """Return every readiness item a policy can ask for."""
    return (*SKILLS, "certification", "documents", "commitment")
