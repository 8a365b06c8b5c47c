"""A step opens as many mentors as it says, and is offered only where it is hers to take."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.people import SKILLS, Clb, Mentee, Mentor, Readiness
from graph.readiness import Missing, ReadinessPolicy
from graph.reasons import LOCALES, NextStep, next_step_sentence, next_steps, nobody_because, refusal_sentence
from graph.rules import Rule
from tests.graph.pools import POLICY, a_mentee, a_mentor, people, rules, with_clb


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
    levels = {item.item: item.needs for item in missing if item.item in SKILLS}
    readiness = replace(mentee.readiness, clb=replace(mentee.readiness.clb or Clb("en", 1, 1, 1, 1), **levels))
    if Missing("documents") in missing:
        readiness = replace(readiness, documents="complete")
    mentee = replace(mentee, readiness=readiness)
    for item in missing:
        if item.item in {"tomorrow", "days"}:
            mentee = replace(mentee, local_days=0)
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


@pytest.mark.parametrize(
    ("days", "mentors", "said"),
    [
        (9, 2, "2 more mentors open up in 9 days, when the whole network is asked."),
        (1, 1, "One more mentor opens up from tomorrow, when the whole network is asked."),
    ],
)
def test_the_end_of_a_window_is_a_step_with_its_day(days: int, mentors: int, said: str):
    far = [a_mentor(f"m{number}", region="ON-535") for number in range(mentors)]

    (step,) = steps_of([*far, a_mentor("near", taken=0)], {"local_days": days})

    assert (step.rule, step.opens) == (Rule.LOCAL_WINDOW, mentors)
    assert next_step_sentence(step, "en") == said
    (refusal,) = nobody_because(rules(far, [a_mentee(local_days=9)]), 0)
    assert refusal_sentence(refusal, "fr") == (
        "Les mentors de la province d'abord ; tout le réseau est sollicité dans 9 jours."
    )


def test_nothing_is_offered_for_consent_or_conflict():
    found = rules([a_mentor(purposes=frozenset())], [a_mentee()])

    assert next_steps(found, 0) == ()
