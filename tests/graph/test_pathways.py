"""The way to a goal: every plan can be lived, the fastest is the fastest, and no plan has a reason."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.pathways import Intake, Item, Learner, Limits, Obstacle, Program, Step, plan, relevant_programs
from graph.pathways.catalogue import exchanges
from graph.pathways.texts import OBSTACLES, item_words, obstacle_sentence, step_sentences
from tests.graph.pathway_oracle import ITEMS, catalogues, every_way, faults, items, questions

SIX, SEVEN = Item("clb", "speaking", 6), Item("clb", "speaking", 7)
ASSESSED, CERTIFIED = Item("credential", "assessment"), Item("credential", "certification")
AMINA = Learner({"speaking": 5}, frozenset(), "AB")
starts = st.integers(0, 4)
horizons = st.integers(6, 30)
ceilings = st.none() | st.sampled_from([0, 100, 300])


def course(name, requires, gives, *intakes, provider="norquest"):
    return Program(name, provider, "course", requires, gives, intakes)


def at(week, weeks=4, *, cost=0, seats=3, region=None):
    return Intake(f"w{week}-{cost}", week, weeks, seats, cost, region)


def weeks_and_cents(answer):
    return [(found.weeks, found.cost_cents) for found in answer.plans]


@settings(deadline=None, max_examples=150)
@given(questions(), starts, horizons, ceilings)
def test_every_plan_can_be_lived_week_by_week(question, start_week, horizon, ceiling):
    learner, goal, catalogue = question
    limits = Limits(horizon, ceiling)

    answer = plan(learner, goal, catalogue, start_week=start_week, alternatives=5, limits=limits)

    for found in answer.plans:
        assert not faults(found, learner, goal, catalogue, start_week=start_week, horizon=horizon, ceiling=ceiling)
    assert bool(answer.plans) == (answer.status == "found")


@settings(deadline=None, max_examples=250)
@given(questions(), starts, horizons, ceilings)
def test_fastest_and_cheapest_are_those_of_every_possible_plan(question, start_week, horizon, ceiling):
    learner, goal, catalogue = question
    ways = list(every_way(learner, goal, catalogue, start_week=start_week, horizon=horizon, ceiling=ceiling))

    answer = plan(learner, goal, catalogue, start_week=start_week, limits=Limits(horizon, ceiling))

    if answer.status == "not_needed":
        assert (0, 0) in ways
    else:
        told = weeks_and_cents(answer)
        assert told[:1] == sorted(ways)[:1]
        assert min(((cost, weeks) for weeks, cost in told), default=None) == min(
            ((cost, weeks) for weeks, cost in ways), default=None
        )


@settings(deadline=None)
@given(questions(), st.data())
def test_another_program_or_seat_never_lengthens_the_fastest_plan(question, data):
    learner, goal, catalogue = question
    before = plan(learner, goal, catalogue)
    more = [replace(one, intakes=tuple(replace(i, seats=i.seats + 1) for i in one.intakes)) for one in catalogue]
    more += [replace(one, id=f"more-{one.id}") for one in data.draw(catalogues(most=2))]

    assert not before.plans or weeks_and_cents(plan(learner, goal, more))[0] <= weeks_and_cents(before)[0]


@settings(deadline=None)
@given(questions(), st.data())
def test_the_order_of_the_catalogue_does_not_change_how_fast_or_cheap(question, data):
    learner, goal, catalogue = question
    first, second = plan(learner, goal, catalogue), plan(learner, goal, data.draw(st.permutations(catalogue)))

    assert (first.status, weeks_and_cents(first)[:1]) == (second.status, weeks_and_cents(second)[:1])


@settings(deadline=None)
@given(questions(), horizons, ceilings)
def test_no_plan_always_has_a_reason_that_is_true(question, horizon, ceiling):
    learner, goal, catalogue = question
    answer = plan(learner, goal, catalogue, limits=Limits(horizon, ceiling))

    assert bool(answer.obstacles) == (answer.status == "none")
    for obstacle in answer.obstacles:
        item = obstacle.item
        giving = [one for one in catalogue for gift in one.gives if gift >= item and gift.code == item.code]
        free = [intake for one in giving for intake in one.intakes if intake.seats]
        assert {"no_program": not any(one.intakes for one in giving), "full": not free}.get(obstacle.reason, True)


@settings(deadline=None)
@given(questions())
def test_what_leads_nowhere_near_the_goal_is_left_out(question):
    _, goal, catalogue = question
    aside = Program("aside", "bow", "course", ((goal[0],),), (Item("clb", "reading", 12),), (at(0),))

    assert aside not in relevant_programs(goal, [*catalogue, aside])


def test_programs_that_ask_and_give_the_same_in_another_order_are_one_step():
    one = course("one", ((SIX, ASSESSED), (SEVEN,)), (CERTIFIED, SEVEN), at(1))
    two = course("two", ((SEVEN,), (ASSESSED, SIX)), (SEVEN, CERTIFIED), at(5), provider="bow")
    apart = course("three", ((SIX,), (ASSESSED,), (SEVEN,)), (CERTIFIED, SEVEN), at(1))

    assert [one.programs for one in exchanges([one, apart, two])] == [[one, two], [apart]]


def test_an_and_of_or_groups_is_asked_for_in_full():
    either = course("licence", ((SIX, ASSESSED), (SEVEN,)), (CERTIFIED,), at(10))

    assert plan(AMINA, [CERTIFIED], [either]).status == "none"
    assert plan(replace(AMINA, clb={"speaking": 7}), [CERTIFIED], [either]).status == "found"
    assert plan(replace(AMINA, credentials=frozenset({"assessment"})), [CERTIFIED], [either]).status == "none"


def test_steps_stand_one_after_the_other_in_time():
    language = course("language", (), (SIX,), at(1, 8), at(20, 8))
    bridge = course("bridge", ((SIX,),), (CERTIFIED,), at(5), at(9), at(30))

    steps = plan(AMINA, [CERTIFIED], [bridge, language]).plans[0].steps

    assert [(step.program.id, step.intake.start_week) for step in steps] == [("language", 1), ("bridge", 9)]
    assert all(first.end_week <= second.intake.start_week for first, second in pairwise(steps))


def test_of_equally_fast_plans_the_cheaper_is_the_fastest():
    language, bridge = course("language", (), (SIX,), at(0, cost=90), at(2)), course("b", ((SIX,),), (SEVEN,), at(10))

    assert weeks_and_cents(plan(AMINA, [SEVEN], [language, bridge])) == [(14, 0)]


def test_a_program_may_end_in_the_last_week_of_the_horizon():
    assert plan(AMINA, [SIX], [course("language", (), (SIX,), at(1, 8))], limits=Limits(9)).status == "found"


def test_a_program_that_also_teaches_what_is_held_helps_and_takes_nothing_away():
    both = course("both", (), (Item("clb", "speaking", 4), ASSESSED), at(1))

    assert plan(AMINA, [Item("clb", "speaking", 5), ASSESSED], [both]).status == "found"


def test_the_same_program_later_and_cheaper_is_offered_beside_the_fastest():
    answer = plan(AMINA, [SIX], [course("language", (), (SIX,), at(1, cost=500), at(9))])

    assert weeks_and_cents(answer) == [(5, 500), (13, 0)]


def test_alternatives_avoid_a_step_of_the_best_and_then_its_provider():
    one, two = course("one", (), (SIX,), at(1)), course("two", (), (SIX,), at(3))
    other = course("three", (), (SIX,), at(7), provider="bow")

    answer = plan(AMINA, [SIX], [one, two, other])

    assert [found.steps[0].program.id for found in answer.plans] == ["one", "two", "three"]
    assert len(plan(AMINA, [SIX], [one, two, other], alternatives=1).plans) == 1


def test_whoever_holds_the_goal_needs_no_plan():
    assert plan(AMINA, [Item("clb", "speaking", 5)], []).status == "not_needed"
    assert plan(AMINA, [], []).status == "not_needed"


@pytest.mark.parametrize(
    ("intakes", "limits", "reason"),
    [
        ((), Limits(), "no_program"),
        ((at(1, seats=0),), Limits(), "full"),
        ((at(1, region="BC"),), Limits(), "elsewhere"),
        ((at(1, 8),), Limits(8), "too_late"),
        ((at(1, cost=101),), Limits(cost_cents=100), "too_dear"),
    ],
)
def test_no_plan_says_what_blocks(intakes, limits, reason):
    answer = plan(AMINA, [SIX], [course("language", (), (SIX,), *intakes)], limits=limits)

    assert (answer.status, answer.obstacles) == ("none", (Obstacle(reason, SIX),))


def test_no_plan_names_the_step_behind_the_goal_that_blocks():
    licence = course("licence", ((ASSESSED,), (Item("clb", "speaking", 5), SEVEN)), (CERTIFIED,), at(10))

    answer = plan(AMINA, [CERTIFIED], [licence, course("papers", (), (ASSESSED,), at(1, seats=0))])

    assert answer.obstacles == (Obstacle("full", ASSESSED),)


def test_programs_that_only_lead_to_each_other_or_start_too_soon_are_no_way():
    circle = [course("a", ((SEVEN,),), (SIX,), at(9)), course("b", ((SIX,),), (SEVEN,), at(1))]
    soon = [course("a", (), (SIX,), at(9)), course("b", ((SIX,),), (SEVEN,), at(1))]

    assert plan(AMINA, [SEVEN], circle).obstacles == (Obstacle("no_order", SEVEN),)
    assert plan(AMINA, [SEVEN], soon).obstacles == (Obstacle("no_order", SEVEN),)


def test_each_affordable_but_not_both_is_a_question_of_cost():
    both = [course("a", (), (SIX,), at(1, cost=60)), course("b", (), (ASSESSED,), at(9, cost=60))]

    answer = plan(AMINA, [SIX, ASSESSED], both, limits=Limits(cost_cents=100))

    assert answer.obstacles == (Obstacle("too_dear", SIX), Obstacle("too_dear", ASSESSED))


def test_the_cap_says_capped_and_never_none():
    ladder = [course("a", (), (SIX,), at(1)), course("b", ((SIX,),), (SEVEN,), at(9))]

    assert plan(AMINA, [SEVEN], ladder, limits=Limits(labels=3)).status == "found"
    assert plan(AMINA, [SEVEN], ladder, limits=Limits(labels=0)).status == "capped"


def test_at_the_cap_the_best_found_so_far_is_given_and_not_called_best():
    direct = course("direct", (), (SEVEN,), at(1, 20))
    asides = [course(f"aside-{n}", (), (Item("credential", f"c{n}"),), at(n)) for n in range(4)]
    useful = [course("long", tuple((Item("credential", f"c{n}"),) for n in range(4)), (SEVEN,), at(50))]

    answer = plan(AMINA, [SEVEN], [direct, *asides, *useful], limits=Limits(labels=2))

    assert (answer.status, weeks_and_cents(answer)) == ("capped", [(21, 0)])


def test_a_cheapest_plan_that_is_not_proven_is_not_called_found():
    direct = course("direct", (), (SEVEN,), at(0, 2, cost=100))
    asides = [course(f"aside-{n}", (), (Item("credential", f"c{n}"),), at(n * 4)) for n in range(4)]
    useful = [course("long", tuple((Item("credential", f"c{n}"),) for n in range(4)), (SEVEN,), at(50))]

    answer = plan(AMINA, [SEVEN], [direct, *asides, *useful], limits=Limits(labels=2))

    assert (answer.status, weeks_and_cents(answer)) == ("capped", [(2, 100)])


@pytest.mark.parametrize(
    ("goal", "alternatives", "said"), [(Item("clb", "dancing", 5), 3, "dancing"), (SIX, 0, "alternatives is 0")]
)
def test_a_goal_that_cannot_be_asked_for_is_refused(goal, alternatives, said):
    with pytest.raises(ValueError, match=said):
        plan(AMINA, [goal], [], alternatives=alternatives)


@given(items, st.lists(items, min_size=1, max_size=3), st.lists(st.lists(items, min_size=1, max_size=2), max_size=2))
def test_steps_and_obstacles_are_told_in_both_languages(item, gives, requires):
    step = Step(course("c", tuple(map(tuple, requires)), tuple(gives), at(1)), at(1))

    for locale in ("en", "fr"):
        told = " ".join(step_sentences(step, locale))
        assert all(item_words(one, locale) in told for one in (*gives, *(one for group in requires for one in group)))
        for reason in OBSTACLES:
            said = obstacle_sentence(Obstacle(reason, item), locale)
            assert "{" not in said
            assert said[0].isupper()
    assert step_sentences(step, "en") != step_sentences(step, "fr")


def test_every_item_has_words_of_its_own_in_each_language():
    for locale in ("en", "fr"):
        assert len({item_words(item, locale) for item in ITEMS}) == len(ITEMS)
