"""Questions cannot cut a class: whatever is asked of browse, and however answers are added and subtracted."""

from collections import Counter, defaultdict
from random import Random

import pytest

from federation.deidentify import Epoch
from federation.disclosure import covers
from tests.attacks.networks import Network, network

TARGETS = 1_000
POOL = network(2_000, seed=7)
People = frozenset[int]


def targets(seed: int) -> list[int]:
    return Random(seed).sample(range(len(POOL.records)), TARGETS)


def answer(epoch: Epoch, noc: str, region: str) -> People:
    """Whom the cards that fit a question hold; the attacker is given more than cards say: exactly who is behind them."""
    fitting = (
        cell for cell in epoch.classes if covers(cell.shown["noc"], noc) and covers(cell.shown["region"], region)
    )
    return frozenset(member for cell in fitting for member in cell.members)


def rows(noc: str, region: str) -> People:
    """The same question to a pool that shows people, not classes."""
    found = (
        place
        for place, record in enumerate(POOL.records)
        if record["noc"].startswith(noc) and record["region"].startswith(region)
    )
    return frozenset(found)


def questions(target: int) -> tuple[str, str]:
    """The narrowest question that fits somebody."""
    record = POOL.records[target]
    return record["noc"][:4], record["region"]


def singled_out(group: People, pool: Network, k: int) -> bool:
    """Whether somebody is left with 1 to k - 1 others after taking its own away, or is an outsider and sees so few."""
    own = Counter(pool.owners[one] for one in group)
    return any(len(group) - mine in range(1, k) for mine in (0, *own.values()))


@pytest.mark.parametrize("k", [5, 11, 20])
def test_filters_no_question_aimed_at_one_person_finds_fewer_than_k(k: int):
    epoch = POOL.published(k)

    answers = [answer(epoch, *questions(target)) for target in targets(1)]
    assert sum(singled_out(found, POOL, k) for found in answers) == 0


def test_filters_people_instead_of_classes_would_give_many_away():
    alone = sum(len(rows(*questions(target))) == 1 for target in targets(1)[:200])

    assert alone / 200 > 0.2


@pytest.mark.parametrize("k", [5, 11, 20])
def test_filters_all_answers_laid_over_each_other_never_cut_out_fewer_than_k(k: int):
    epoch = POOL.published(k)
    answers = [answer(epoch, *questions(target)) for target in targets(2)]

    signature = defaultdict(list)
    for number, found in enumerate(answers):
        for person in found:
            signature[person].append(number)
    pieces = defaultdict(set)
    for person, numbers in signature.items():
        pieces[tuple(numbers)].add(person)
    assert len(pieces) > 20
    assert not any(singled_out(frozenset(piece), POOL, k) for piece in pieces.values())


@pytest.mark.parametrize("k", [5, 11, 20])
def test_tracker_padding_a_question_with_others_recovers_no_count_below_k(k: int):
    """q(T or D) + q(T or not D) - N = q(T): the tracker of Denning, Denning and Schwartz (1979)."""
    epoch, random = POOL.published(k), Random(3)
    shown = frozenset(member for cell in epoch.classes for member in cell.members)

    for target in targets(3):
        aimed, padding = answer(epoch, *questions(target)), answer(epoch, random.choice("1234567"), "")
        recovered = len(aimed | padding) + len(aimed | (shown - padding)) - len(shown)
        assert recovered not in range(1, k)
        assert not singled_out(aimed & padding, POOL, k)
        assert not singled_out(aimed - padding, POOL, k)


def test_tracker_against_suppressed_counts_of_people_wins_every_time():
    everyone, padding = frozenset(range(len(POOL.records))), rows("2", "")
    small = [found for found in (rows(*questions(target)) for target in targets(3)[:200]) if len(found) < 5]

    recovered = [len(found | padding) + len(found | (everyone - padding)) - len(everyone) for found in small]
    assert len(small) > 50
    assert recovered == [len(found) for found in small]
