"""Nothing is scored or refused that cannot be said in both languages."""

import string
from typing import Any

import pytest
from hypothesis import given, settings

from graph.people import Mentee, Mentor, Pool
from graph.readiness import Missing
from graph.reasons import LOCALES, Locale, every_key, every_missing_item, fit_sentences, refusal_sentence
from graph.reasons.texts import FIT_TEXTS, LACKING_TEXTS, MISSING_TEXTS, REFUSAL_TEXTS, STEP_TEXTS
from graph.rules import Refusal, Rule, Situation
from graph.scoring import fit
from tests.graph.pools import KNOWLEDGE, WEIGHTS, a_mentee, a_mentor, people


def told_of(mentor: dict[str, Any], mentee: dict[str, Any], locale: Locale = "en") -> tuple[str, ...]:
    pool = Pool.build([a_mentor(**mentor)], [a_mentee(**mentee)], KNOWLEDGE)
    return fit_sentences(fit(pool, 0, 0, WEIGHTS, KNOWLEDGE), locale, names)


def names(vocabulary: str, code: str, locale: str) -> str:
    return f"{code}@{locale}"


@pytest.mark.parametrize("key", list(every_key()))
def test_every_part_and_level_has_a_sentence_in_both_languages(key: tuple[str, str]):
    assert set(FIT_TEXTS[key]) == set(LOCALES)


def test_the_table_holds_no_sentence_that_is_never_said():
    assert set(FIT_TEXTS) == set(every_key())


def test_every_refusal_item_and_step_has_its_words():
    assert set(REFUSAL_TEXTS) == {*Rule, *Situation}
    assert set(MISSING_TEXTS) == set(every_missing_item())
    named = {Rule.NO_SEAT, Rule.RESTING, Rule.NO_COMMON_LANGUAGE, Rule.LOCAL_WINDOW, None}
    assert set(STEP_TEXTS) == {(rule, count) for rule in named for count in ("one", "many")}


@pytest.mark.parametrize("table", [FIT_TEXTS, REFUSAL_TEXTS, LACKING_TEXTS, MISSING_TEXTS, STEP_TEXTS])
def test_both_languages_use_the_same_facts(table: dict[object, dict[str, str]]):
    for text in table.values():
        fields = [{field for _, field, _, _ in string.Formatter().parse(text[locale]) if field} for locale in LOCALES]
        assert fields[0] == fields[1]
        assert text["en"] != text["fr"]


@settings(deadline=None, max_examples=60)
@given(people("mentor", "m1"), people("mentee", "e1"))
def test_every_fit_can_be_said(mentor: Mentor, mentee: Mentee):
    found = fit(Pool.build([mentor], [mentee], KNOWLEDGE), 0, 0, WEIGHTS, KNOWLEDGE)

    for locale in LOCALES:
        told = fit_sentences(found, locale, names)
        assert len(told) == 9
        assert all(sentence.endswith(".") and "{" not in sentence for sentence in told)


def test_a_related_occupation_names_both_and_the_source():
    pool = Pool.build([a_mentor(noc="70010")], [a_mentee(noc="21300")], KNOWLEDGE)
    found = fit(pool, 0, 0, WEIGHTS, KNOWLEDGE)

    assert "Related: 21300@en → 70010@en (derived from O*NET)." in fit_sentences(found, "en", names)


NOTHING = {
    ("occupation", "little"),
    ("interests", "little"),
    ("way_of_working", "little"),
    ("availability", "little"),
    ("goals", "little"),
    ("language", "none"),
    ("language", "one"),
    ("language", "not_stated"),
    ("experience", "far_behind"),
}


@settings(deadline=None, max_examples=150)
@given(people("mentor", "m1"), people("mentee", "e1"))
def test_no_points_are_given_that_no_sentence_explains(mentor: Mentor, mentee: Mentee):
    found = fit(Pool.build([mentor], [mentee], KNOWLEDGE), 0, 0, WEIGHTS, KNOWLEDGE)

    for part in found.parts:
        said = {(part.name, part.level), *((part.name, note.level) for note in part.notes)} - NOTHING
        assert bool(part.points) == bool(said)


@pytest.mark.parametrize(
    ("mentor", "mentee", "said"),
    [
        (
            {"languages": frozenset({"en", "ur"})},
            {"languages": frozenset({"en", "hi"})},
            "Language in common: en@en. The mentor speaks a language close to one the mentee speaks: ur@en.",
        ),
        (
            {"strengths": frozenset({"resume"}), "goals": frozenset({"leadership"})},
            {"needs": frozenset({"resume"}), "goals": frozenset({"leadership", "networking"})},
            "The mentor is strong where help is needed: resume@en. Goals in common: leadership@en.",
        ),
        (
            {"strengths": frozenset({"resume"}), "goals": frozenset({"leadership"})},
            {"needs": frozenset({"resume", "interview"}), "goals": frozenset({"networking"})},
            "The mentor helps with part of the needs: resume@en.",
        ),
        (
            {"strengths": frozenset({"resume"})},
            {"needs": frozenset({"interview"})},
            "None of the needs is among the mentor's strengths. Own goals not stated: counted as neutral.",
        ),
        ({"noc": "7001"}, {"noc": "2130"}, "Related in part of the group: 2130@en → 7001@en (derived from O*NET)."),
        ({"noc": "31"}, {"noc": "313"}, "Distant occupations of one family: 313@en and 31@en (NOC hierarchy)."),
        ({"noc": "2"}, {"noc": "2"}, "Same group of occupations: 2@en."),
        ({"noc": "3130"}, {}, "Different occupations: 2130@en and 3130@en."),
        ({"region": "AB"}, {"region": "AB"}, "Same province: AB@en; the area is not said."),
    ],
)
def test_what_gave_points_is_said_and_named(mentor: dict[str, Any], mentee: dict[str, Any], said: str):
    assert said in told_of(mentor, mentee)


def test_a_kin_language_beyond_the_cap_gives_nothing_and_is_not_said():
    shared = frozenset({"en", "fr", "hi"})

    told = told_of({"languages": shared | {"ur"}}, {"languages": shared})

    assert "Languages in common: en@en, fr@en and hi@en." in told


@pytest.mark.parametrize(
    ("mentor", "mentee", "said"),
    [
        ("21+", "0-2", "The mentor is far ahead in experience."),
        ("11-20", "0-2", "The mentor is far ahead in experience."),
        ("6-10", "0-2", "A helpful step ahead in experience."),
        ("6-10", "6-10", "Comparable experience."),
        ("3-5", "6-10", "The mentor has somewhat less experience."),
        ("0-2", "6-10", "The mentor has much less experience."),
    ],
)
def test_experience_is_said_by_the_gap_not_by_its_points(mentor: str, mentee: str, said: str):
    assert said in told_of({"years_band": mentor}, {"years_band": mentee})


def test_a_refusal_says_what_is_missing_with_its_numbers():
    refusal = Refusal(Rule.NOT_READY, (Missing("speaking", 6, 7), Missing("documents")))

    assert refusal_sentence(refusal, "en") == (
        "Not ready yet for this program: CLB speaking 7 (now 6) and complete documents."
    )
    assert "NCLC expression orale 7 (actuel : 6) et des documents complets" in refusal_sentence(refusal, "fr")


@settings(deadline=None, max_examples=60)
@given(people("mentor", "m1"), people("mentee", "e1"))
def test_every_level_a_fit_can_have_is_among_the_keys(mentor: Mentor, mentee: Mentee):
    found = fit(Pool.build([mentor], [mentee], KNOWLEDGE), 0, 0, WEIGHTS, KNOWLEDGE)

    assert {(part.name, part.level) for part in found.parts} <= set(every_key())
