"""Nothing is scored or refused that cannot be said in both languages."""

import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.people import Clb, Mentee, Mentor, Pool, Readiness
from graph.readiness import Missing, ReadinessPolicy
from graph.reason_texts import FIT_TEXTS, LACKING_TEXTS, MISSING_TEXTS, REFUSAL_TEXTS, STEP_TEXTS
from graph.reasons import (
    LOCALES,
    Locale,
    NextStep,
    every_key,
    every_missing_item,
    fit_sentences,
    next_step_sentence,
    next_steps,
    nobody_because,
    refusal_sentence,
)
from graph.rules import Refusal, Rule, Situation
from graph.scoring import fit
from tests.graph.pools import KNOWLEDGE, POLICY, WEIGHTS, a_mentee, a_mentor, people, rules


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
    named = {Rule.NO_SEAT, Rule.RESTING, Rule.NO_COMMON_LANGUAGE, None}
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


def test_the_counterfactual_counts_the_mentors_a_change_would_open():
    found = rules(
        [a_mentor("m1"), a_mentor("m2"), a_mentor("m3", taken=1)],
        [a_mentee(readiness=Readiness(Clb("en", 8, 6, 8, 8)))],
        policy=POLICY,
    )

    steps = next_steps(found, 0)

    assert steps == (NextStep(Rule.NOT_READY, (Missing("speaking", 6, 7),), 2),)
    assert next_step_sentence(steps[0], "en") == "With CLB speaking 7 (now 6), 2 mentors open up."


def steps_of(mentors: list[Mentor], mentee: dict[str, Any], **around: Any) -> tuple[NextStep, ...]:
    return next_steps(rules(mentors, [a_mentee(**mentee)], **around), 0)


def with_clb(listening: int, speaking: int, reading: int = 8, **others: Any) -> dict[str, Any]:
    return {"readiness": Readiness(Clb("en", listening, speaking, reading, 8), **others)}


def test_a_level_that_costs_the_working_language_is_named_as_the_step():
    steps = steps_of([a_mentor("m1"), a_mentor("m2")], with_clb(8, 4))

    assert steps == (NextStep(Rule.NO_COMMON_LANGUAGE, (Missing("speaking", 4, 5),), 2),)
    assert next_step_sentence(steps[0], "fr") == (
        "Avec NCLC expression orale 5 (actuel : 4), 2 mentors deviennent possibles."
    )


def test_one_level_that_heals_two_rules_is_one_step():
    assert steps_of([a_mentor()], with_clb(8, 4), policy=POLICY) == (
        NextStep(Rule.NOT_READY, (Missing("speaking", 4, 7),), 1),
    )


def test_two_levels_of_one_test_are_one_step_and_the_smaller_one_is_told_for_those_it_opens():
    policy = ReadinessPolicy({"reading": 7})
    mentors = [a_mentor("m1"), a_mentor("m2", languages=frozenset({"en", "hi"}))]

    steps = steps_of(mentors, with_clb(8, 4, 6) | {"languages": frozenset({"en", "hi"})}, policy=policy)

    assert steps == (
        NextStep(Rule.NOT_READY, (Missing("speaking", 4, 5), Missing("reading", 6, 7)), 2),
        NextStep(Rule.NOT_READY, (Missing("reading", 6, 7),), 1),
    )


def test_a_change_that_asks_more_and_opens_no_more_is_not_told():
    steps = steps_of([a_mentor()], with_clb(8, 4, 6), policy=ReadinessPolicy({"reading": 7}))

    assert [step.missing for step in steps] == [(Missing("speaking", 4, 5), Missing("reading", 6, 7))]


def test_a_level_and_a_paper_are_two_changes_and_no_step():
    policy = ReadinessPolicy(documents_complete=True)

    assert steps_of([a_mentor()], with_clb(8, 4, documents="missing"), policy=policy) == ()


def test_a_mentee_without_a_free_seat_is_offered_no_step():
    assert steps_of([a_mentor(taken=1)], {"taken": 1}) == ()
    assert steps_of([a_mentor(taken=1)], {}) == (NextStep(Rule.NO_SEAT, (), 1),)


@pytest.mark.parametrize(
    ("mentor", "mentee", "change"),
    [
        ({"formats": frozenset({"group"})}, {}, None),
        ({"formats": frozenset({"group"})}, {"formats": frozenset({"group"})}, None),
        ({}, {"formats": frozenset({"group"})}, "format"),
        ({}, {"modes": frozenset({"in_person"})}, "online"),
        ({"modes": frozenset({"in_person"})}, {}, "in_person"),
        ({"modes": frozenset({"in_person"}), "region": "ON-535"}, {}, None),
        ({"modes": frozenset({"in_person"})}, {"formats": frozenset({"group"})}, None),
    ],
)
def test_another_way_to_meet_is_offered_only_where_it_is_one_the_mentor_takes(
    mentor: dict[str, Any], mentee: dict[str, Any], change: str | None
):
    steps = steps_of([a_mentor(**mentor)], mentee)

    assert [step.missing for step in steps] == ([(Missing(change),)] if change else [])


def changed(mentee: Mentee, missing: tuple[Missing, ...]) -> Mentee:
    """Return the mentee after the step."""
    levels = {item.item: item.needs for item in missing if item.needs}
    readiness = replace(mentee.readiness, clb=replace(mentee.readiness.clb or Clb("en", 1, 1, 1, 1), **levels))
    if Missing("documents") in missing:
        readiness = replace(readiness, documents="complete")
    mentee = replace(mentee, readiness=readiness)
    for item in missing:
        if item.item == "format":
            mentee = replace(mentee, formats=mentee.formats | {"one_to_one"})
        if item.item in {"online", "in_person"}:
            mentee = replace(mentee, modes=mentee.modes | {item.item})
    return mentee


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_a_step_taken_opens_as_many_mentors_as_it_said(data: st.DataObject):
    mentors = [data.draw(people("mentor", f"m{number}")) for number in range(5)]
    mentee = data.draw(people("mentee", "e1"))
    found = rules(mentors, [mentee], policy=POLICY)  # type: ignore[list-item]

    for step in next_steps(found, 0, most=9):
        if step.missing:
            after = rules(mentors, [changed(mentee, step.missing)], policy=POLICY)  # type: ignore[list-item, arg-type]
            assert after.eligible_mentors(0)[0].size == found.eligible_mentors(0)[0].size + step.opens


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_every_step_that_is_offered_can_be_said_with_what_it_opens(data: st.DataObject):
    mentors = [data.draw(people("mentor", f"m{number}")) for number in range(5)]
    found = rules(mentors, [data.draw(people("mentee", "e1"))], policy=POLICY)  # type: ignore[list-item]

    for step in next_steps(found, 0, most=9):
        for locale in LOCALES:
            said = next_step_sentence(step, locale)
            assert "{" not in said
            assert step.opens == 1 or str(step.opens) in said


@settings(deadline=None, max_examples=60)
@given(people("mentor", "m1"), people("mentee", "e1"))
def test_every_level_a_fit_can_have_is_among_the_keys(mentor: Mentor, mentee: Mentee):
    found = fit(Pool.build([mentor], [mentee], KNOWLEDGE), 0, 0, WEIGHTS, KNOWLEDGE)

    assert {(part.name, part.level) for part in found.parts} <= set(every_key())


def test_nothing_is_offered_for_consent_or_conflict():
    found = rules([a_mentor(purposes=frozenset())], [a_mentee()])

    assert next_steps(found, 0) == ()


def test_nobody_because_names_the_most_frequent_obstacle_first():
    found = rules([a_mentor("m1", taken=1), a_mentor("m2", taken=1, resting=True)], [a_mentee()])

    assert [refusal.rule for refusal in nobody_because(found, 0)] == [Rule.NO_SEAT, Rule.RESTING]
    assert nobody_because(rules([a_mentor()], [a_mentee()]), 0) == ()


def test_nobody_because_no_mentor_is_shared_yet():
    refusals = nobody_because(rules([], [a_mentee()]), 0)

    assert [refusal_sentence(refusal, "en") for refusal in refusals] == ["No mentor is shared yet."]
    assert [refusal_sentence(refusal, "fr") for refusal in refusals] == ["Aucun mentor n'est encore partagé."]


def test_nobody_because_the_mentee_is_already_placed():
    assert nobody_because(rules([a_mentor()], [a_mentee(taken=1)]), 0) == (Refusal(Situation.ALREADY_PLACED),)


def test_nobody_because_the_language_in_common_is_below_the_working_level():
    refusals = nobody_because(rules([a_mentor()], [a_mentee(**with_clb(8, 4))]), 0)

    assert [refusal_sentence(refusal, "en") for refusal in refusals] == [
        "The language in common is not at working level yet: CLB speaking 5 (now 4)."
    ]


def test_nobody_because_most_mentors_speak_another_language():
    mentors = [a_mentor("m1"), a_mentor("m2", languages=frozenset({"fr"})), a_mentor("m3", languages=frozenset({"fr"}))]

    assert nobody_because(rules(mentors, [a_mentee(**with_clb(8, 4))]), 0) == (Refusal(Rule.NO_COMMON_LANGUAGE),)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_there_is_a_candidate_or_a_reason_said_in_both_languages(data: st.DataObject):
    mentors = [data.draw(people("mentor", f"m{number}")) for number in range(data.draw(st.integers(0, 3)))]
    found = rules(mentors, [data.draw(people("mentee", "e1"))], policy=POLICY)  # type: ignore[list-item, arg-type]

    refusals = nobody_because(found, 0)

    assert bool(refusals) != bool(found.eligible_mentors(0)[0].size)
    assert all(refusal_sentence(refusal, locale).endswith(".") for refusal in refusals for locale in LOCALES)
