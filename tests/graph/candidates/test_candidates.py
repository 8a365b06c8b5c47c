"""The k best for one person, and the pairs of a round."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.candidates import Candidate, MentorIndex, Pairs
from graph.candidates.cells import Cells
from graph.candidates.question import best_of
from graph.eligibility import Eligibility
from graph.people import Mentee, Mentor, Pool
from graph.scoring import PARTS, ScoringWeights, fit
from tests.graph.pools import KNOWLEDGE, WEIGHTS, a_mentee, a_mentor, crowds, drawn_pool, rules

MUSIC, MONDAY = frozenset({"music"}), frozenset({"mon_evening"})


def index(mentors: list[Mentor], mentees: list[Mentee]) -> MentorIndex:
    return MentorIndex(rules(mentors, mentees), WEIGHTS, KNOWLEDGE)


def brute(found: MentorIndex, mentee: int, k: int) -> list[tuple[int, int]]:
    """The k best by asking one pair after another."""
    rows = range(len(found.pool.mentors))
    allowed = [row for row in rows if not found.eligibility.explain(mentee, row)]
    best = sorted((-fit(found.pool, mentee, row, WEIGHTS, KNOWLEDGE).total, row) for row in allowed)
    return [(row, -total) for total, row in best[:k]]


def told(candidates: list[Candidate]) -> list[tuple[int, int]]:
    return [(one.mentor, one.total) for one in candidates]


@settings(deadline=None, max_examples=40)
@given(crowds(mentors=8), st.integers(1, 9), st.sampled_from([0, 100]))
def test_the_best_are_those_brute_force_finds(found: Eligibility, k: int, scan_below: int):
    asked = MentorIndex(found, WEIGHTS, KNOWLEDGE, scan_below)

    for mentee in range(2):
        assert told(asked.best(mentee, k)) == brute(asked, mentee, k)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_cells_and_the_full_scan_agree_on_every_mentee(seed: int, k: int):
    many = drawn_pool(3_000, 12, seed)
    cells, scan = (MentorIndex(many, WEIGHTS, KNOWLEDGE, below) for below in (0, 10_000))

    for mentee in range(12):
        assert cells.best(mentee, k) == scan.best(mentee, k)


def searched(
    found: Eligibility, mentee: int, k: int, weights: ScoringWeights = WEIGHTS, few_rows: int = -1
) -> list[tuple[int, int]]:
    """A search that asks after every few mentors whether it may stop, and takes no short way unless told to."""
    cells = replace(Cells.build(found), first_cells=1, first_rows=1, few_rows=few_rows)
    rows, totals = best_of(cells, mentee, k, weights)
    return list(zip(rows.tolist(), totals.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_a_search_that_stops_early_has_missed_nobody(seed: int):
    many = drawn_pool(2_000, 6, seed)
    scan = MentorIndex(many, WEIGHTS, KNOWLEDGE)

    for mentee, k in product(range(6), (1, 3, 40)):
        if not many.closed[0][mentee]:
            expected = told(scan.best(mentee, k))
            assert searched(many, mentee, k) == expected
            assert searched(many, mentee, k, few_rows=2_000) == expected


def test_when_none_of_the_best_may_be_met_the_next_are_found():
    """Two hundred of the same occupation without an agreement, and eight of another whose organisation has one."""
    strangers = [a_mentor(f"s{number:03}", organisation="criec") for number in range(200)]
    known = [a_mentor(f"k{number}", noc="7001") for number in range(8)]
    found = rules([*strangers, *known], [a_mentee()])

    assert [row for row, _ in searched(found, 0, 5)] == [0, 1, 2, 3, 4]
    assert searched(found, 0, 5) == told(MentorIndex(found, WEIGHTS, KNOWLEDGE).best(0, 5))


def test_equal_totals_are_told_in_the_order_of_ids_though_a_later_cell_holds_them():
    """80 points both: at the same place with one interest in common, and nearby with two."""
    both = frozenset({"music", "books"})
    mentors = [a_mentor("b", region="ON-535", interests=MUSIC), a_mentor("a", region="ON-537", interests=both)]
    found = rules(mentors, [a_mentee(region="ON-535", interests=both)])
    weights = ScoringWeights({**dict.fromkeys(PARTS, 0), "place": 60, "interests": 40})

    assert searched(found, 0, 1, weights) == [(0, 80)]


@settings(deadline=None, max_examples=20)
@given(crowds(), st.permutations([f"n{number}" for number in range(6)]))
def test_new_names_change_the_order_of_equals_only(found: Eligibility, names: list[str]):
    asked = MentorIndex(found, WEIGHTS, KNOWLEDGE)
    renamed = [replace(mentor, id=name) for mentor, name in zip(found.pool.mentors, names, strict=True)]
    around = replace(found.circumstances, pairs_apart={})
    before = Eligibility.build(Pool.build(found.pool.mentors, found.pool.mentees, KNOWLEDGE), around, KNOWLEDGE)
    after = Eligibility.build(Pool.build(renamed, found.pool.mentees, KNOWLEDGE), around, KNOWLEDGE)

    totals = [
        [one.total for one in replace(asked, eligibility=eligibility).best(0, 6)] for eligibility in (before, after)
    ]

    assert totals[0] == totals[1]


def test_a_mentee_nobody_may_meet_has_no_candidates():
    assert index([a_mentor(taken=1)], [a_mentee()]).best(0, 3) == []


def test_an_impossible_question_is_refused():
    found = index([a_mentor()], [a_mentee()])

    with pytest.raises(ValueError, match="k is 0"):
        found.best(0, 0)
    with pytest.raises(ValueError, match="row 7"):
        found.best(7, 1)


def test_a_round_considers_the_best_and_one_s_own():
    mentors = [a_mentor(f"a{number}") for number in range(5)]
    own = a_mentor("z", organisation="eriec", noc="3130")
    found = index([*mentors, own], [a_mentee()])

    pairs = found.round_pairs(2, 1)

    assert [found.pool.mentors[row].id for row in pairs.mentor] == ["a0", "a1", "z"]
    assert [found.pool.mentors[row].id for row in found.own_pairs().mentor] == ["z"]


def test_an_empty_pool_gives_no_pairs():
    assert index([a_mentor()], []).round_pairs(3, 3).mentee.size == 0


@settings(deadline=None, max_examples=40)
@given(crowds(mentors=8, mentees=3), st.integers(0, 8), st.integers(0, 8), st.sampled_from([0, 100]))
def test_the_pairs_of_a_round_are_the_best_of_each_mentee(found: Eligibility, top: int, own_top: int, below: int):
    asked = MentorIndex(found, WEIGHTS, KNOWLEDGE, below)
    owner, home = found.pool.mentor.organisation, found.pool.mentee.organisation
    expected, own = set(), set()
    for mentee in range(3):
        everyone = [(mentee, *one) for one in brute(asked, mentee, 8)]
        at_home = [pair for pair in everyone if owner[pair[1]] == home[mentee]]
        expected |= {*everyone[:top], *at_home[:own_top]}
        own |= set(at_home)

    assert listed(asked.round_pairs(top, own_top)) == sorted(expected)
    assert listed(asked.own_pairs()) == sorted(own)


def test_asked_for_none_of_the_network_a_round_considers_one_s_own_alone():
    found = drawn_pool(300, 50, 7)
    searched, scanned = (MentorIndex(found, WEIGHTS, KNOWLEDGE, below) for below in (0, 1_000))

    assert listed(searched.round_pairs(0, 3)) == listed(scanned.round_pairs(0, 3)) != []
    assert listed(searched.round_pairs(0, 0)) == []


def listed(pairs: Pairs) -> list[tuple[int, int, int]]:
    return list(zip(pairs.mentee.tolist(), pairs.mentor.tolist(), pairs.points.tolist(), strict=True))


@pytest.mark.parametrize("scan_below", [0, 10_000], ids=["searched", "looked at"])
@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 2**32), dealt=st.integers(0, 2**32))
def test_partitions_of_the_mentees_do_not_change_a_byte_of_the_pairs(scan_below: int, seed: int, dealt: int):
    whole = drawn_pool(400, 40, seed)
    mentors, mentees = [whole.pool.mentors[row] for row in range(400)], whole.pool.mentees
    row_of = {one.id: row for row, one in enumerate(mentees)}

    def gathered(parts: int) -> list[bytes]:
        """Each part asked by itself, as on a machine of its own, and put together again in the order of the whole."""
        part_of = np.random.default_rng(dealt).integers(0, parts, len(mentees))
        columns = []
        for part in range(parts):
            some = [one for one, place in zip(mentees, part_of, strict=True) if place == part]
            alone = MentorIndex(rules(mentors, some), WEIGHTS, KNOWLEDGE, scan_below)
            for pairs in (alone.round_pairs(5, 3), alone.own_pairs()):
                rows = np.array([row_of[one.id] for one in alone.pool.mentees], dtype=np.int64)[pairs.mentee]
                columns.append(np.stack((rows, pairs.mentor, pairs.points)))
        both = [np.concatenate(columns[kind::2], axis=1) for kind in (0, 1)]
        return [one[:, np.lexsort((one[1], one[0]))].astype("<i8").tobytes() for one in both]

    assert gathered(1) == gathered(3) == gathered(16)


def test_batches_make_no_difference():
    found = MentorIndex(drawn_pool(300, 50, 7), WEIGHTS, KNOWLEDGE)

    assert listed(replace(found, batch_pairs=700).round_pairs(5, 3)) == listed(found.round_pairs(5, 3))
