"""Who may meet: each rule alone, and one pair asked the same as all pairs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.eligibility import Eligibility
from graph.people import YEARS_BANDS, Clb, Readiness
from graph.readiness import Missing, ReadinessPolicy, missing_items
from graph.rules import Refusal, Rule
from tests.graph.pools import POLICY, a_mentee, a_mentor, crowds, people, rules


def refused(mentor: dict[str, Any] | None = None, mentee: dict[str, Any] | None = None, **around: Any) -> set[Rule]:
    found = rules([a_mentor(**(mentor or {}))], [a_mentee(**(mentee or {}))], **around)
    return {refusal.rule for refusal in found.explain(0, 0)}


def test_two_people_without_an_obstacle_may_meet():
    assert refused() == set()


PAIR = frozenset({("e1", "m1")})
LOW = Readiness(Clb("en", 4, 4, 4, 4))


@pytest.mark.parametrize(
    ("rule", "mentor", "mentee", "around"),
    [
        (Rule.NO_SEAT, {"seats": 1, "taken": 1}, {}, {}),
        (Rule.NO_SEAT, {}, {"taken": 1}, {}),
        (Rule.RESTING, {"resting": True}, {}, {}),
        (Rule.NO_COMMON_LANGUAGE, {"languages": frozenset({"fr"})}, {}, {}),
        (Rule.NO_COMMON_LANGUAGE, {}, {"readiness": LOW}, {}),
        (Rule.FORMAT, {"formats": frozenset({"group"})}, {}, {}),
        (Rule.FORMAT, {"modes": frozenset({"in_person"}), "region": "ON-535"}, {"modes": frozenset({"in_person"})}, {}),
        (Rule.NOT_READY, {}, {"readiness": Readiness(Clb("en", 6, 6, 6, 6))}, {"policy": POLICY}),
        (Rule.NO_AGREEMENT, {}, {}, {"agreements": frozenset()}),
        (Rule.NO_AGREEMENT, {}, {}, {"agreements": frozenset({("eriec", "arec")})}),
        (Rule.NO_CONSENT, {"purposes": frozenset()}, {}, {}),
        (Rule.NO_CONSENT, {"region": "ON-535", "purposes": frozenset({"share"})}, {}, {}),
        (Rule.STALE, {"stale": True}, {}, {}),
        (Rule.LOCAL_WINDOW, {"region": "ON-535"}, {"local_days": 1}, {}),
        *((rule, {}, {}, {"pairs_apart": {rule: PAIR}}) for rule in (Rule.SELF, Rule.REPORTING_LINE, Rule.DECLINED)),
        *((rule, {}, {}, {"pairs_apart": {rule: PAIR}}) for rule in (Rule.CONFLICT_OF_INTEREST, Rule.COMPETITOR)),
        (Rule.FORBIDDEN, {}, {}, {"pairs_apart": {Rule.FORBIDDEN: PAIR}}),
    ],
)
def test_each_rule_alone_keeps_a_pair_apart(
    rule: Rule, mentor: dict[str, Any], mentee: dict[str, Any], around: dict[str, Any]
):
    assert refused(mentor, mentee, **around) == {rule}


def test_reverse_mentoring_needs_a_junior_mentor_who_is_senior_on_the_topic():
    formats = {"formats": frozenset({"reverse"})}
    topic = {"needs": frozenset({"digital_skills"}), "years_band": "11-20"}
    junior, knows = formats | {"years_band": "6-10"}, {"strengths": frozenset({"digital_skills"})}

    assert refused(junior, formats | topic, format="reverse") == {Rule.DIRECTION}
    assert refused(junior | knows, formats | topic, format="reverse") == set()
    assert refused(junior | knows | {"years_band": "11-20"}, formats | topic, format="reverse") == {Rule.DIRECTION}


@settings(deadline=None, max_examples=60)
@given(found=crowds(format="reverse"))
def test_reverse_mentoring_always_goes_from_junior_to_senior_on_a_topic_asked_for(found: Eligibility):
    for row, senior in enumerate(found.pool.mentees):
        for number in found.eligible_mentors(row)[0]:
            junior = found.pool.mentors[number]
            assert YEARS_BANDS.index(junior.years_band) < YEARS_BANDS.index(senior.years_band)
            assert junior.strengths & senior.needs


def test_one_s_own_mentors_need_no_agreement():
    assert refused({"organisation": "eriec"}, {}, agreements=frozenset()) == set()


def test_meeting_in_person_nearby_is_a_mode():
    here = {"modes": frozenset({"in_person"})}

    assert refused(here, here) == set()


def test_what_is_missing_says_its_numbers():
    lacking = missing_items(a_mentee(readiness=Readiness(Clb("en", 8, 6, 8, 8), documents="missing")), POLICY)

    assert lacking == (Missing("speaking", 6, 7), Missing("documents"))


def test_a_skill_never_assessed_counts_as_nothing():
    assert missing_items(a_mentee(readiness=Readiness()), POLICY)[0] == Missing("listening", 0, 7)


def test_certification_and_commitment_are_asked_for_where_the_policy_does():
    policy = ReadinessPolicy(certification=frozenset({"held"}), commitment_confirmed=True)

    assert missing_items(a_mentee(readiness=Readiness()), policy) == (Missing("certification"), Missing("commitment"))


@pytest.mark.parametrize(
    ("mentor", "mentee"),
    [
        ({"region": "AB-825"}, {"local_days": 9}),
        ({"region": "ON-535", "organisation": "eriec"}, {"local_days": 9}),
        ({"region": "ON-535"}, {"local_days": 0}),
    ],
    ids=["another city of the province", "an own mentor elsewhere", "a window that is over"],
)
def test_a_window_refuses_nobody_else(mentor: dict[str, Any], mentee: dict[str, Any]):
    assert refused(mentor, mentee) == set()


def test_a_window_is_the_mentee_s_and_says_how_long_it_lasts():
    far = a_mentor(region="ON-535")
    asking = [a_mentee("e1", local_days=9), a_mentee("e2"), a_mentee("e3", local_days=1)]
    found = rules([far], asking)

    assert [found.explain(row, 0) for row in range(3)] == [
        (Refusal(Rule.LOCAL_WINDOW, (Missing("days", needs=9),)),),
        (),
        (Refusal(Rule.LOCAL_WINDOW, (Missing("tomorrow"),)),),
    ]


@settings(deadline=None, max_examples=60)
@given(crowds())
def test_without_windows_only_their_rule_is_gone(found: Eligibility):
    rows, columns = (grid.ravel() for grid in np.meshgrid(np.arange(2), np.arange(6), indexing="ij"))
    window = np.uint32(1 << list(Rule).index(Rule.LOCAL_WINDOW))

    assert (found.without_windows().refusals(rows, columns) == found.refusals(rows, columns) & ~window).all()


@settings(deadline=None, max_examples=60)
@given(crowds())
def test_a_window_keeps_own_mentors_and_those_of_the_province(found: Eligibility):
    open_wide = found.without_windows()
    for row, mentee in enumerate(found.pool.mentees):
        near = set(found.eligible_mentors(row)[0])
        far = {found.pool.mentors[number] for number in set(open_wide.eligible_mentors(row)[0]) - near}
        assert all(one.organisation != mentee.organisation for one in far)
        assert all(one.region[:2] != mentee.region[:2] for one in far)
        assert not far or mentee.local_days


def test_every_failing_rule_is_kept_and_the_first_is_the_headline():
    found = rules([a_mentor(taken=1, languages=frozenset({"fr"}))], [a_mentee()])

    assert [refusal.rule for refusal in found.explain(0, 0)] == [Rule.NO_SEAT, Rule.NO_COMMON_LANGUAGE]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_one_pair_is_asked_the_same_as_all_pairs(data: st.DataObject):
    mentors = [data.draw(people("mentor", f"m{number}")) for number in range(3)]
    mentees = [data.draw(people("mentee", f"e{number}")) for number in range(2)]
    found = rules(mentors, mentees, policy=POLICY)  # type: ignore[arg-type]
    rows, columns = (grid.ravel() for grid in np.meshgrid(np.arange(2), np.arange(3), indexing="ij"))

    bits = found.refusals(rows, columns)

    for row, column, value in zip(rows, columns, bits, strict=True):
        told = {refusal.rule for refusal in found.explain(int(row), int(column))}
        assert told == {rule for number, rule in enumerate(Rule) if int(value) >> number & 1}


@settings(deadline=None, max_examples=60)
@given(crowds())
def test_all_pairs_at_once_are_asked_the_same_as_pairs_one_by_one(found: Eligibility):
    rows, columns = (grid.ravel() for grid in np.meshgrid(np.arange(2), np.arange(6), indexing="ij"))
    allowed = (found.refusals(rows, columns) == 0).reshape(2, 6)

    assert (found.grid(np.arange(2), np.arange(6)) == allowed).all()
    for mentee in range(2):
        asked = np.array([5, 1, 3])
        assert asked[found.among(mentee, asked)].tolist() == [row for row in (5, 1, 3) if allowed[mentee, row]]


@settings(deadline=None, max_examples=60)
@given(crowds(), st.lists(st.integers(0, 5), min_size=1, unique=True))
def test_the_order_of_mentors_changes_nobody_s_refusals(found: Eligibility, order: list[int]):
    moved = found.reordered(np.array(order))
    rows, everyone = np.zeros(len(order), dtype=np.int64), np.arange(len(order))

    assert (moved.refusals(rows, everyone) == found.refusals(rows, np.array(order))).all()


@settings(deadline=None, max_examples=60)
@given(crowds())
def test_nobody_who_may_meet_is_closed_or_out_of_reach(found: Eligibility):
    regions = found.pool.mentor.region
    for mentee, mentor in np.argwhere(found.grid(np.arange(2), np.arange(6))):
        assert not found.closed[0][mentee]
        assert not found.closed[1][mentor]
        assert found.within_reach(int(mentee))[regions[mentor]]


def test_readiness_is_explained_with_its_items():
    found = rules([a_mentor()], [a_mentee(readiness=Readiness(Clb("en", 7, 6, 7, 7)))], policy=POLICY)

    assert found.explain(0, 0) == (Refusal(Rule.NOT_READY, (Missing("speaking", 6, 7),)),)
