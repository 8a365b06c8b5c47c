"""Peer pairs: no pairing has more points, competitors never meet, everyone alone is told why. Reverse and flash rounds."""

import doctest
from dataclasses import replace
from importlib.util import find_spec
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

import graph.peers
import graph.peers_problem
from graph.candidates import MentorIndex
from graph.groups_texts import why_not_in_a_pair
from graph.peers import Alone, PeerPolicy, PeerProblem, SimilarityBand, peer_pairs, similarity_points
from graph.rounds import RoundProblem, solve_round
from tests.graph.pools import KNOWLEDGE, TOPICS, WEIGHTS, a_mentee, a_mentor, rules, some

POLICIES = [PeerPolicy(objective, floor) for objective in ("total_fit", "most_people") for floor in (1, 40)]
ENGINES = ["networkx", *(["rustworkx"] if find_spec("rustworkx") else [])]


@st.composite
def peer_problems(draw, most=9):
    people = draw(st.integers(0, most))
    everyone = list(combinations(range(people), 2))
    pairs = draw(st.lists(st.sampled_from(everyone), unique=True)) if everyone else []
    turned = [draw(st.permutations(pair)) for pair in pairs]
    rivals = draw(st.lists(st.sampled_from(everyone), max_size=3)) if everyone else []
    return PeerProblem(
        people,
        [one for one, _ in turned],
        [other for _, other in turned],
        draw(st.lists(st.integers(1, 100), min_size=len(pairs), max_size=len(pairs))),
        np.array(rivals, dtype=int).reshape(-1, 2),
    )


def best_by_milp(problem, policy):
    """(people, points) of the best pairing by integer programming, people first where the policy says so."""
    edges = [
        (one, other, points)
        for one, other, points in zip(*(column.tolist() for column in problem.allowed), strict=True)
        if points >= policy.floor
    ]
    if not edges:
        return 0, 0
    meets = np.array([[person in edge[:2] for edge in edges] for person in range(problem.people)], dtype=float)
    worth = np.array([points for _, _, points in edges]) + (10_000 if policy.objective == "most_people" else 0)
    size = np.ones(len(edges))
    answer = milp(-worth, constraints=LinearConstraint(meets, 0, 1), integrality=size, bounds=Bounds(0, 1))
    chosen = np.round(answer.x).astype(bool)
    return 2 * int(chosen.sum()), sum(edges[number][2] for number in np.flatnonzero(chosen))


class TestTheBestPairs:
    @given(problem=peer_problems())
    def test_the_fit_of_any_two_is_that_of_their_pair_and_nothing_without_one(self, problem):
        fit = {(one, other): points for one, other, points in zip(*problem.allowed, strict=True)}
        everyone = range(problem.people)

        assert all(
            problem.fit(one, other) == fit.get((min(one, other), max(one, other)), 0)
            for one in everyone
            for other in everyone
        )

    @pytest.mark.parametrize("engine", ENGINES)
    @settings(deadline=None, max_examples=80)
    @given(problem=peer_problems(), policy=st.sampled_from(POLICIES))
    def test_no_pairing_under_the_policy_is_better(self, engine, problem, policy):
        result = peer_pairs(problem, policy, engine)
        people, points = best_by_milp(problem, policy)

        assert result.points == points
        if policy.objective == "most_people":
            assert result.paired == people

    def test_the_compiled_engine_is_taken_beyond_a_thousand_pairs(self):
        one, other = np.triu_indices(60, 1)
        few, many = (PeerProblem(60, one[:pairs], other[:pairs], np.full(pairs, 70)) for pairs in (1_000, 1_001))

        assert (peer_pairs(few).engine, peer_pairs(many).engine) == ("networkx", ENGINES[-1])

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_larger_pool_has_the_total_networkx_finds(self, engine):
        random = np.random.default_rng(4)
        key = np.unique(random.integers(0, 120 * 120, 1500))
        one, other = key // 120, key % 120
        kept = one < other
        problem = PeerProblem(120, one[kept], other[kept], random.integers(1, 101, kept.sum()))
        network = nx.Graph()
        network.add_weighted_edges_from(
            zip(problem.one.tolist(), problem.other.tolist(), problem.points.tolist(), strict=True)
        )
        weight = sum(network.edges[pair]["weight"] for pair in nx.max_weight_matching(network))

        assert peer_pairs(problem, PeerPolicy("total_fit", 1), engine).points == weight

    @settings(deadline=None, max_examples=50)
    @given(problem=peer_problems(), policy=st.sampled_from(POLICIES))
    def test_partners_are_mutual_allowed_and_counted_right(self, problem, policy):
        result = peer_pairs(problem, policy)

        allowed = {
            (one, other): points
            for one, other, points in zip(*(column.tolist() for column in problem.allowed), strict=True)
        }
        paired = [(one, other) for one, other in enumerate(result.partner_of.tolist()) if other >= 0]
        assert all(result.partner_of[other] == one for one, other in paired)
        for one, other in paired:
            assert result.points_of[one] == allowed[min(one, other), max(one, other)] >= policy.floor
        assert result.paired == len(paired)
        assert 2 * result.points == result.points_of.sum()

    @settings(deadline=None, max_examples=50)
    @given(problem=peer_problems())
    def test_competitors_are_never_paired_and_nobody_gains_from_their_points(self, problem):
        rivals = {tuple(sorted(pair)) for pair in problem.competitors.tolist()}
        result = peer_pairs(problem, PeerPolicy(floor=1))

        assert not any((one, other) in rivals for one, other in enumerate(result.partner_of.tolist()))
        kept = [
            number
            for number, pair in enumerate(zip(problem.one.tolist(), problem.other.tolist(), strict=True))
            if tuple(sorted(pair)) not in rivals
        ]
        without = PeerProblem(problem.people, problem.one[kept], problem.other[kept], problem.points[kept])
        assert peer_pairs(without, PeerPolicy(floor=1)).points == result.points

    @settings(deadline=None, max_examples=60)
    @given(problem=peer_problems(), policy=st.sampled_from(POLICIES), data=st.data())
    def test_the_order_and_direction_of_the_pairs_change_nothing(self, problem, policy, data):
        order = np.array(data.draw(st.permutations(range(problem.one.size))), dtype=int)
        shuffled = replace(problem, one=problem.other[order], other=problem.one[order], points=problem.points[order])

        first, second = peer_pairs(problem, policy), peer_pairs(shuffled, policy)

        assert first.partner_of.tolist() == second.partner_of.tolist()
        assert first.alone == second.alone


class TestAlone:
    @settings(deadline=None, max_examples=50)
    @given(problem=peer_problems(), policy=st.sampled_from(POLICIES))
    def test_everyone_without_a_partner_is_told_why_and_nobody_else(self, problem, policy):
        result = peer_pairs(problem, policy)

        assert [person for person, _ in result.alone] == np.flatnonzero(result.partner_of < 0).tolist()

    @settings(deadline=None, max_examples=30)
    @given(problem=peer_problems(), policy=st.sampled_from(POLICIES))
    def test_everyone_without_a_partner_is_told_in_both_languages(self, problem, policy):
        for _, reason in peer_pairs(problem, policy).alone:
            assert all(text.endswith(".") for text in why_not_in_a_pair(reason).values())

    def test_each_reason_is_the_first_that_holds(self):
        problem = PeerProblem(8, [0, 1, 3, 4, 6], [1, 2, 2, 5, 5], [90, 80, 70, 99, 10], competitors=[[4, 5]])

        told = dict(peer_pairs(problem, PeerPolicy("total_fit")).alone)

        assert told == {
            4: Alone.ONLY_COMPETITORS,
            5: Alone.BELOW_FLOOR,
            6: Alone.BELOW_FLOOR,
            7: Alone.NOBODY,
        }

    def test_among_three_who_fit_the_one_left_is_told_that_the_others_are_paired(self):
        problem = PeerProblem(3, [0, 1, 0], [1, 2, 2], [90, 80, 70])

        assert peer_pairs(problem).alone == ((2, Alone.OTHERS_PAIRED),)


class TestSimilarity:
    @settings(deadline=None, max_examples=50)
    @given(low=st.integers(1, 99), data=st.data())
    def test_points_rise_to_a_flat_top_and_fall_on_the_other_side(self, low, data):
        band = SimilarityBand(low, data.draw(st.integers(low, 99)))
        points = similarity_points(np.arange(101), band).tolist()

        assert all(before <= after for before, after in pairwise(points[: band.low + 1]))
        assert points[band.low : band.high + 1] == [100] * (band.high - band.low + 1)
        assert all(before >= after for before, after in pairwise(points[band.high :]))
        assert points[0] == points[100] == 1
        assert max(points[: band.low] + points[band.high + 1 :]) < 100

    @pytest.mark.parametrize("wrong", [[-1], [101], [50.5], ["x"]])
    def test_a_similarity_that_is_no_percentage_is_named(self, wrong):
        with pytest.raises(ValueError, match=r"similarity_percent\[0\]"):
            similarity_points(wrong)


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"points": [0, 5]}, r"points\[0\] is 0"),
            ({"points": [5, 101]}, r"points\[1\] is 101"),
            ({"points": [5, 2.5]}, r"points\[1\] is 2.5"),
            ({"points": [5]}, "points has 1 entries"),
            ({"one": [0, 3]}, r"one\[1\] is 3"),
            ({"other": [0, 2]}, "pair 0 is person 0 with themselves"),
            ({"one": [0, 1], "other": [1, 0]}, r"pair 1 \(people 1 and 0\) was given before"),
            ({"competitors": [0, 1]}, "competitors has shape"),
            ({"competitors": [[0, 9]]}, r"competitors\[1\] is 9"),
            ({"people": -1}, "people is -1"),
            ({"people": 0}, r"one\[0\] is 0: there is nobody by that number"),
        ],
    )
    def test_the_first_wrong_entry_is_named(self, changes, said):
        asked = {"people": 3, "one": [0, 1], "other": [1, 2], "points": [50, 60]} | changes

        with pytest.raises(ValueError, match=said):
            PeerProblem(**asked)

    @pytest.mark.parametrize("wrong", [("most_mentees", 40), ("total_fit", 0), ("total_fit", 101), ("total_fit", 4.5)])
    def test_a_policy_that_says_nothing_is_refused(self, wrong):
        with pytest.raises(ValueError):
            PeerPolicy(*wrong)

    @pytest.mark.parametrize("wrong", [(0, 50), (50, 100), (60, 50), (2.5, 50)])
    def test_a_band_without_a_fall_on_both_sides_is_refused(self, wrong):
        with pytest.raises(ValueError):
            SimilarityBand(*wrong)


def ordinary_round(found):
    """A round as any other: eligible pairs of the pool, free seats, owners."""
    pairs = MentorIndex(found, WEIGHTS, KNOWLEDGE).round_pairs(20, 20)
    pool = found.pool
    problem = RoundProblem(
        pairs.mentee,
        pairs.mentor,
        pairs.points,
        np.maximum(pool.mentor.free_seats, 0),
        pool.mentee.organisation,
        pool.mentor.organisation,
    )
    return solve_round(problem)


def placed(found):
    """(mentee's id, mentor's id) of everyone an ordinary round places."""
    rows = enumerate(ordinary_round(found).mentor_of.tolist())
    return {(found.pool.mentees[mentee].id, found.pool.mentors[mentor].id) for mentee, mentor in rows if mentor >= 0}


class TestReverse:
    """A junior mentors one or two seniors on a topic: the mentor of the round is the junior."""

    reverse = {"formats": frozenset({"reverse"})}
    digital = frozenset({"digital_skills"})

    def junior(self, identifier, **changes):
        base = {"years_band": "0-2", "strengths": self.digital, "seats": 2}
        return a_mentor(identifier, **self.reverse | base | changes)

    def senior(self, identifier, **changes):
        return a_mentee(identifier, **self.reverse | {"years_band": "21+", "needs": self.digital} | changes)

    def test_one_junior_takes_as_many_seniors_as_there_are_seats(self):
        seniors = [self.senior(f"e{number}") for number in range(3)]

        assert len(placed(rules([self.junior("m1")], seniors, format="reverse"))) == 2

    def test_a_junior_who_does_not_know_the_topic_mentors_nobody(self):
        knows, does_not = self.junior("m1", seats=1), self.junior("m2", strengths=frozenset({"leadership"}), seats=9)
        seniors = [self.senior("e1"), self.senior("e2", needs=frozenset({"leadership"}))]

        assert placed(rules([knows, does_not], seniors, format="reverse")) == {("e1", "m1"), ("e2", "m2")}
        assert placed(rules([does_not], seniors[:1], format="reverse")) == set()

    @settings(deadline=None, max_examples=60)
    @given(strengths=st.lists(some(TOPICS), max_size=4), needs=st.lists(some(TOPICS), max_size=4))
    def test_a_round_places_a_senior_exactly_where_a_topic_is_shared_and_seats_last(self, strengths, needs):
        juniors = [self.junior(f"m{number}", strengths=topics, seats=4) for number, topics in enumerate(strengths)]
        seniors = [self.senior(f"e{number}", needs=topics) for number, topics in enumerate(needs)]

        met = placed(rules(juniors, seniors, format="reverse"))

        assert all(needs[int(senior[1:])] & strengths[int(junior[1:])] for senior, junior in met)
        assert len(met) == sum(any(topics & known for known in strengths) for topics in needs)


class TestFlash:
    """One meeting, seats counted by the month: the caller begins each month with seats none of which is taken."""

    flash = {"formats": frozenset({"flash"})}

    def test_a_month_places_as_many_as_its_seats_and_the_next_month_has_them_again(self):
        waiting = [a_mentee(f"e{number}", **self.flash) for number in range(5)]
        months = []
        while waiting:
            met = {
                mentee for mentee, _ in placed(rules([a_mentor("m1", seats=2, **self.flash)], waiting, format="flash"))
            }
            waiting = [one for one in waiting if one.id not in met]
            months.append(len(met))

        assert months == [2, 2, 1]

    def test_meetings_of_this_month_take_their_seats(self):
        mentees = [a_mentee(f"e{number}", **self.flash) for number in range(3)]

        assert len(placed(rules([a_mentor("m1", seats=3, taken=2, **self.flash)], mentees, format="flash"))) == 1
        assert placed(rules([a_mentor("m1", seats=3, taken=3, **self.flash)], mentees, format="flash")) == set()

    def test_who_offers_only_lasting_mentoring_is_not_asked_for_one_meeting(self):
        assert placed(rules([a_mentor("m1")], [a_mentee("e1", **self.flash)], format="flash")) == set()


def test_the_examples_hold():
    for module in (graph.peers, graph.peers_problem):
        assert doctest.testmod(module).failed == 0
