"""A mentee has a candidate, or a reason that can be said."""

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.reasons import LOCALES, nobody_because, refusal_sentence
from graph.rules import Refusal, Rule, Situation
from tests.graph.pools import POLICY, a_mentee, a_mentor, people, rules, with_clb


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
