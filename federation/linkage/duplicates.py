"""Compare tokens of two pools, or of one: pairs that are likely one person, best first."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final, Generic, TypeVar

from federation.linkage.forms import FACETS, FORMS, KINDS, NAMES, full_weight
from federation.linkage.keyed import Token

Id = TypeVar("Id", bound=Hashable)
Levels = list[int]
"""Points by facet, tenths of a bit."""
Held = dict[tuple[str, bytes], int]
"""The tokens of one id: kind and digest, and the weight."""

THRESHOLD: Final = 80
"""Least weight of a likely pair, tenths of a bit."""
MOST_CARRIERS: Final = 30
"""A token that more ids of one side carry is passed over: it tells nobody apart and would square the work."""
BIT: Final = 10
AGAINST: Final = (60, 50, 20, 20, 15, 0, 0, 60)
"""What is taken off, by facet, when both records have it and agree in nothing of it; in part when they agree in part."""
PARTS: Final = {kind: tuple(FORMS[form] for form in forms) for kind, forms in KINDS.items()}
FULL: Final = {kind: full_weight(kind) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Duplicate(Generic[Id]):
    """Two ids that are likely one person; the weight is in tenths of a bit, at least THRESHOLD."""

    left: Id
    right: Id
    weight: int


def find_duplicates(left: Mapping[Id, Iterable[Token]], right: Mapping[Id, Iterable[Token]]) -> list[Duplicate[Id]]:
    """Return likely pairs, best first; equal weights in the order the ids came in.

    Two pools: each id is in one pair at most, the best one free. The same mapping twice is one pool: every likely pair
    once, nobody with themself. Facets are counted once however many tokens speak for them, so a pair's weight is the sum
    of independent agreements less what speaks against it.
    """
    one_pool = left is right
    lefts = [_held(tokens) for tokens in left.values()]
    rights = lefts if one_pool else [_held(tokens) for tokens in right.values()]
    likely = sorted(_likely(lefts, rights, one_pool=one_pool), key=lambda pair: (-pair[2], pair[:2]))
    left_ids, right_ids = list(left), list(right)
    chosen = likely if one_pool else _one_to_one(likely)
    return [Duplicate(left_ids[one], right_ids[other], weight) for one, other, weight in chosen]


def _held(tokens: Iterable[Token]) -> Held:
    return {(token.kind, token.digest): token.weight for token in tokens}


def _likely(lefts: list[Held], rights: list[Held], *, one_pool: bool) -> Iterator[tuple[int, int, int]]:
    """Yield the pairs of places whose weight reaches the threshold."""
    left_reach = [_reach(held) for held in lefts]
    right_reach = left_reach if one_pool else [_reach(held) for held in rights]
    for (one, other), levels in _levels(lefts, rights, one_pool=one_pool).items():
        weight = _weight(levels, left_reach[one], right_reach[other])
        if weight >= THRESHOLD:
            yield one, other, weight


def _weight(levels: Levels, one: Levels, other: Levels) -> int:
    """Sum the facets: what is shared, less what both could have shared and do not."""
    total = sum(levels)
    for level, mine, theirs, against in zip(levels, one, other, AGAINST, strict=True):
        most = min(mine, theirs)
        if level < most:
            total -= against * (most - level) // most
    return total


def _reach(held: Held) -> Levels:
    """Return the most a record's own tokens say of each facet."""
    levels = [0] * FACETS
    for (kind, _), weight in held.items():
        _raise(levels, kind, weight, 0)
    return levels


def _levels(lefts: list[Held], rights: list[Held], *, one_pool: bool) -> dict[tuple[int, int], Levels]:
    """Return, for every pair that shares a token, the most any shared token says of each facet."""
    found: dict[tuple[int, int], Levels] = defaultdict(lambda: [0] * FACETS)
    for kind, weight, ones, others in _shared(lefts, rights, one_pool=one_pool):
        rivals = len(ones) - 1 if one_pool else max(len(ones), len(others))
        if rivals <= MOST_CARRIERS:
            loss = (rivals - 1).bit_length() * BIT
            for pair in combinations(ones, 2) if one_pool else product(ones, others):
                _raise(found[pair], kind, weight, loss)
    return found


def _shared(
    lefts: list[Held], rights: list[Held], *, one_pool: bool
) -> Iterator[tuple[str, int, list[int], list[int]]]:
    """Yield every token two records share: its kind, its least weight, and the places that carry it on each side."""
    carriers = _carriers(rights)
    others = carriers if one_pool else _carriers(lefts)
    for (kind, digest), places in others.items():
        rivals = carriers.get((kind, digest), [])
        if len(rivals) > one_pool:
            yield kind, min(lefts[place][kind, digest] for place in places), places, rivals


def _carriers(pool: list[Held]) -> dict[tuple[str, bytes], list[int]]:
    """Return the places that carry each token."""
    carriers: dict[tuple[str, bytes], list[int]] = defaultdict(list)
    for place, held in enumerate(pool):
        for token in held:
            carriers[token].append(place)
    return carriers


def _raise(levels: Levels, kind: str, weight: int, loss: int) -> None:
    """Raise each facet to what a token says of it: a lowered weight lowers the name, a loss every facet alike."""
    lowered = FULL[kind] - weight
    for facet, part in PARTS[kind]:
        points = (part - lowered if facet == NAMES else part) * max(weight - loss, 0) // weight
        if points > levels[facet]:
            levels[facet] = points


def _one_to_one(likely: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Keep a pair when neither side is taken by a better one."""
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    for one, other, weight in likely:
        if one not in taken_left and other not in taken_right:
            taken_left.add(one)
            taken_right.add(other)
            yield one, other, weight
