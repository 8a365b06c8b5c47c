"""A fit, a refusal or a next step as sentences, in English and French, from the same trace."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Final, Literal

from graph.knowledge import RELATION_SOURCES
from graph.readiness import Missing
from graph.reasons.steps import NextStep
from graph.reasons.texts import FIT_TEXTS, LACKING_TEXTS, MISSING_TEXTS, REFUSAL_TEXTS, STEP_TEXTS
from graph.rules import Refusal, Rule
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
    told = None if step.missing and step.rule is not Rule.LOCAL_WINDOW else step.rule
    text = STEP_TEXTS[told, "one" if step.opens == 1 else "many"][locale]
    return text.format(change=change, count=step.opens)


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
