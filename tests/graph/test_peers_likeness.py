"""How alike two peers are is the same from both sides, and nobody who may not meet is put together."""

import doctest
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graph.peers_likeness
from graph.circles import CirclePolicy, CircleProblem, circle_faults, solve_circles
from graph.peers import PeerPolicy, peer_pairs, similarity_points
from graph.peers_likeness import PARTS, LikenessWeights, Peers, competitors
from graph.peers_reasons import BAND_TEXTS, NO_BOUND, PART_TEXTS, VOCABULARY, pair_sentences
from tests.graph.pools import KNOWLEDGE, a_mentee, circumstances, people

LIKENESS = LikenessWeights({"profession": 40, "experience": 15, "aims": 25, "interests": 10, "way_of_working": 10})
PEER = {"formats": frozenset({"peer"})}


def compared(*mentees, **around):
    return Peers.build(mentees, circumstances(**{"format": "peer"} | around), LIKENESS, KNOWLEDGE)


@st.composite
def crowds_of_peers(draw, most=7):
    found = [draw(people("mentee", f"e{number}")) for number in range(draw(st.integers(0, most)))]
    return compared(*found, format=draw(st.sampled_from(("group", "reverse"))))


@settings(deadline=None, max_examples=20)
@given(peers=crowds_of_peers())
def test_every_table_is_the_same_from_both_sides_and_within_its_range(peers):
    for table in (peers.allowed, peers.percent, *peers.levels.values()):
        assert np.array_equal(table, table.T)
    assert not peers.allowed.diagonal().any()
    assert tuple(peers.levels) == PARTS
    for table in (peers.percent, *peers.levels.values()):
        assert ((table >= 0) & (table <= 100)).all()


@settings(deadline=None, max_examples=20)
@given(peers=crowds_of_peers(), partners=st.integers(1, 3))
def test_fewer_partners_leave_out_pairs_and_never_add_or_change_one(peers, partners):
    whole, few = (
        {tuple(pair): points for *pair, points in np.transpose(one.allowed).tolist()}
        for one in (peers.problem(), peers.problem(partners))
    )

    assert few.items() <= whole.items()
    assert {person for pair in few for person in pair} == {person for pair in whole for person in pair}
    assert all(peers.allowed[pair] for pair in whole)


@settings(deadline=None, max_examples=20)
@given(peers=crowds_of_peers())
def test_one_part_more_alike_is_never_less_alike_altogether(peers):
    for one, other in combinations(range(len(peers.people)), 2):
        levels = [int(peers.levels[part][one, other]) for part in PARTS]
        assert min(levels) <= int(peers.percent[one, other]) <= max(levels)


@settings(deadline=None, max_examples=20)
@given(peers=crowds_of_peers())
def test_circles_of_compared_people_keep_every_rule(peers):
    everyone = np.ones(len(peers.people), dtype=np.bool_)
    problem, policy = CircleProblem(peers.problem(), everyone), CirclePolicy(smallest=3, floor=1)

    assert circle_faults(problem, policy, solve_circles(problem, policy)) == ()


def test_among_equals_the_best_partners_are_spread_so_that_everyone_keeps_a_pair():
    peers = compared(*(a_mentee(f"e{number:02}", **PEER) for number in range(20)))

    assert peer_pairs(peers.problem(2), PeerPolicy(floor=1)).paired == 20


def test_a_rule_that_holds_one_way_only_keeps_two_peers_apart():
    one, other = a_mentee("e1", organisation="eriec", **PEER), a_mentee("e2", organisation="arec", **PEER)

    assert compared(one, other).allowed[0, 1]
    assert not compared(one, other, agreements=frozenset({("arec", "eriec")})).allowed.any()


def test_the_same_person_twice_over_is_too_alike_and_a_stranger_too_different():
    stated = {
        "interests": frozenset({"music"}),
        "working_styles": frozenset({"direct"}),
        "needs": frozenset({"resume"}),
    }
    other = {
        "interests": frozenset({"books"}),
        "working_styles": frozenset({"listening"}),
        "goals": frozenset({"interview"}),
    }
    same, twin = a_mentee("e1", **PEER, **stated), a_mentee("e2", **PEER, **stated)
    stranger = a_mentee("e3", noc="7001", years_band="21+", **PEER, **other)
    near = a_mentee("e4", **PEER, **stated | {"years_band": "3-5", "needs": frozenset({"leadership"})})
    percent = compared(same, twin, stranger, near).percent

    assert percent[0, 1] == 100
    assert similarity_points([int(percent[0, 1])]).tolist() == [1]
    assert int(similarity_points([int(percent[0, 2])])[0]) < 50
    assert int(similarity_points([int(percent[0, 3])])[0]) > 60


def test_who_wants_the_same_business_in_the_same_area_competes_and_is_never_paired():
    venture = PEER | {"goals": frozenset({"entrepreneurship"}), "noc": "2130"}
    here, there = a_mentee("e1", **venture), a_mentee("e2", **venture)
    elsewhere, province = a_mentee("e3", **venture | {"region": "AB-825"}), a_mentee("e4", **venture | {"region": "AB"})
    employed = a_mentee("e5", **venture | {"goals": frozenset({"resume"})})

    assert competitors([here, there, elsewhere, province, employed]).tolist() == [[0, 1]]
    result = peer_pairs(compared(here, there).problem(), PeerPolicy(floor=1))
    assert [reason.value for _, reason in result.alone] == ["only_competitors", "only_competitors"]


@settings(deadline=None, max_examples=20)
@given(peers=crowds_of_peers(), locale=st.sampled_from(("en", "fr")))
def test_every_pair_is_told_with_one_sentence_a_part_and_the_same_facts_from_both_sides(peers, locale):
    for one, other in product(range(len(peers.people)), repeat=2):
        said = pair_sentences(peers, one, other, locale, lambda _, code, __: code)
        assert len(said) == 1 + len(PARTS)
        back = pair_sentences(peers, other, one, locale, lambda _, code, __: code)
        assert (said[0], said[2:]) == (back[0], back[2:])
        assert not any("{" in sentence for sentence in said)


def test_every_text_is_in_both_languages_and_names_what_it_counts():
    for text in (*BAND_TEXTS.values(), *PART_TEXTS.values(), NO_BOUND):
        assert set(text) == {"en", "fr"}
        assert all(text.values())
    for (part, level), text in PART_TEXTS.items():
        named = level in {"same", "close", "shared"} or (part, level) == ("profession", "apart")
        assert all(("{facts}" in said) == named for said in text.values())
        assert part in VOCABULARY or not named


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"profession": 41}, "100 is needed"),
        ({"profession": 40.0}, "weight of profession is 40.0: a whole number"),
        ({"luck": 0}, "the parts are"),
        ({"aims": -25, "profession": 90}, "weight of aims is -25"),
    ],
)
def test_weights_that_do_not_share_a_hundred_among_the_parts_are_refused(wrong, because):
    with pytest.raises(ValueError, match=because):
        LikenessWeights(dict(LIKENESS.percent) | wrong)


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(graph.peers_likeness).failed == 0


def test_a_profession_is_named_and_compared_by_as_many_digits_as_may_be_told():
    peers = compared(
        a_mentee("one", noc="21300", target_noc=None, formats=frozenset({"peer"})),
        a_mentee("two", noc="21301", target_noc=None, formats=frozenset({"peer"})),
    )

    def names(_vocabulary, code, _locale):
        return f"<{code}>"

    told = {digits: " ".join(pair_sentences(peers, 0, 1, "en", names, digits=digits)) for digits in (4, 5)}
    assert "<21300>" in told[5]
    assert "<21301>" in told[5]
    assert "<2130>" in told[4]
    assert "<21300>" not in told[4]
