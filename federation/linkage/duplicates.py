"""Compare tokens of two pools, or of one: pairs that are likely one person, best first."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final, Generic, TypeVar

from federation.linkage.forms import (
    BIRTH,
    EMAIL,
    FACETS,
    FORMS,
    IDENTIFIER,
    KINDS,
    NAMES,
    PHONE,
    POSTAL,
    STREET,
    full_weight,
)
from federation.linkage.keyed import Token

Id = TypeVar("Id", bound=Hashable)
Levels = list[int]
"""Points by facet, tenths of a bit."""
Pair = tuple[int, int]
"""The places of two records in their pools."""
Held = dict[tuple[str, bytes], int]
"""The tokens of one id: kind and digest, and the weight."""

THRESHOLD: Final = 60
"""Least weight of a likely pair, tenths of a bit: chosen on FEBRL 3 (docs/decisions/0008-linkage-tokens.md)."""
MOST_CARRIERS: Final = 30
"""A token that more ids of one side carry is passed over: it tells nobody apart and would square the work."""
BIT: Final = 10
AGAINST: Final = (100, 50, 40, 30, 20, 15, 15, 60)
"""What is taken off, by facet, when both records have it and agree in nothing of it; in part when they agree in part."""
ONE_NAME: Final = 55
"""At most so many hundredths of what two names could say are said by one word of them; sounding alike says more."""
TWO_PARTS_OF_A_DATE: Final = FORMS["birth_part"][1]
CONTACTS: Final = ((STREET, FORMS["street_name"][1]), (POSTAL, 0), (PHONE, 0), (EMAIL, 0), (IDENTIFIER, 0))
"""What brings namesakes together: more than these points; a street counts with its number only."""
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
    once, nobody with themself, and two who are both surely a third are a pair too. Facets are counted once however many
    tokens speak for them, so a pair's weight is the sum of independent agreements less what speaks against it. About 3 s
    for 5,000 by 5,000 full records.
    """
    one_pool = left is right
    lefts = [_held(tokens) for tokens in left.values()]
    rights = lefts if one_pool else [_held(tokens) for tokens in right.values()]
    weights = dict(_likely(lefts, rights, one_pool=one_pool))
    if one_pool:
        weights = {**_through_a_third(weights), **weights}
    likely = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    left_ids, right_ids = list(left), list(right)
    chosen = likely if one_pool else _one_to_one(likely)
    return [Duplicate(left_ids[one], right_ids[other], weight) for (one, other), weight in chosen]


def _held(tokens: Iterable[Token]) -> Held:
    """Return what a record's tokens say; of a kind not known here, or without weight, nothing; none more than its kind."""
    return {
        (token.kind, token.digest): min(token.weight, FULL[token.kind])
        for token in tokens
        if token.kind in FULL and token.weight > 0
    }


def _likely(lefts: list[Held], rights: list[Held], *, one_pool: bool) -> Iterator[tuple[Pair, int]]:
    """Yield the pairs whose weight reaches the threshold."""
    left_reach = [_reach(held) for held in lefts]
    right_reach = left_reach if one_pool else [_reach(held) for held in rights]
    for (one, other), levels in _levels(lefts, rights, one_pool=one_pool).items():
        most = [min(mine, theirs) for mine, theirs in zip(left_reach[one], right_reach[other], strict=True)]
        weight = _weight(levels, most)
        if weight >= THRESHOLD and not _family_or_namesake(levels, most):
            yield (one, other), weight


def _weight(levels: Levels, most: Levels) -> int:
    """Sum the facets: what is shared, less what both could have shared and do not."""
    against = (
        taken * (top - level) // top for level, top, taken in zip(levels, most, AGAINST, strict=True) if level < top
    )
    return sum(levels) - sum(against)


def _family_or_namesake(levels: Levels, most: Levels) -> bool:
    """Return whether birth dates differ and the rest is what families share, or what people of one name share.

    A family shares a surname, a home and a telephone; namesakes share a whole name and a town. A birthday of 1 January
    on either side is taken as different here: its year alone does not make two people one.
    """
    if not most[BIRTH] or levels[BIRTH] >= TWO_PARTS_OF_A_DATE:
        return False
    return 100 * levels[NAMES] <= ONE_NAME * most[NAMES] or all(levels[facet] <= least for facet, least in CONTACTS)


def _through_a_third(weights: Mapping[Pair, int]) -> dict[Pair, int]:
    """Return the pairs that share a neighbour each is surely the same person as, at half the lower weight."""
    neighbours: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (one, other), weight in weights.items():
        if weight >= 2 * THRESHOLD:
            neighbours[one].append((other, weight))
            neighbours[other].append((one, weight))
    found: dict[Pair, int] = {}
    for near in neighbours.values():
        for (one, weight), (other, other_weight) in combinations(sorted(near), 2):
            found[one, other] = max(found.get((one, other), 0), min(weight, other_weight) // 2)
    return found


def _reach(held: Held) -> Levels:
    """Return the most a record's own tokens say of each facet."""
    levels = [0] * FACETS
    for (kind, _), weight in held.items():
        _raise(levels, kind, weight, 0)
    return levels


def _levels(lefts: list[Held], rights: list[Held], *, one_pool: bool) -> dict[Pair, Levels]:
    """Return, for every pair that shares a token, the most any shared token says of each facet."""
    found: dict[Pair, Levels] = defaultdict(lambda: [0] * FACETS)
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


def _one_to_one(likely: Iterable[tuple[Pair, int]]) -> Iterator[tuple[Pair, int]]:
    """Keep a pair when neither side is taken by a better one."""
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    for (one, other), weight in likely:
        if one not in taken_left and other not in taken_right:
            taken_left.add(one)
            taken_right.add(other)
            yield (one, other), weight
