"""Circles of four to six peers with one of them as facilitator: nobody below the floor, no competitors, no lone outlier."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from graph.circles_problem import CirclePolicy, CircleProblem, Table
from graph.circles_rules import EMPTY, Rules
from graph.circles_search import search
from graph.circles_seating import NOWHERE, Seating
from graph.flow import IntArray
from graph.peers import PeerPolicy, peer_pairs
from graph.peers_problem import MOST_POINTS, PeerProblem

__all__ = ["Apart", "Circle", "CirclePolicy", "CircleProblem", "CircleResult", "WhyApart"]
__all__ += ["circle_faults", "solve_circles"]


@dataclass(frozen=True)
class Circle:
    """Members in order of their numbers, each one's fit, and the facilitator: of those who could, the best fitting one."""

    members: tuple[int, ...]
    fits: tuple[int, ...]
    facilitator: int


class WhyApart(StrEnum):
    """Why a person sits in no circle, in the order in which reasons are given."""

    NOBODY = "nobody"
    """No pair with this person may meet at all."""
    ONLY_COMPETITORS = "only_competitors"
    NO_COMMON_TIME = "no_common_time"
    """Nobody who may be met shares a language and a slot."""
    BELOW_FLOOR = "below_floor"
    OUTLIER = "outlier"
    """In every circle this person could join, they alone would fit far less than the others, or below the floor."""
    NO_ROOM = "no_room"
    """A circle would suit, but it is full."""
    NO_CIRCLE = "no_circle"
    """No circle goes with this person as a whole, or it lacks somebody who could facilitate."""


@dataclass(frozen=True)
class Apart:
    """A person in no circle: why, and the partner offered instead, -1 if there is nobody.

    For ``outlier``, ``fit`` is the person's own in the circle that suits best and ``next_fit`` the lowest of the others
    there; for ``below_floor`` ``fit`` is the best pair's points. Else both are 0.
    """

    person: int
    reason: WhyApart
    fit: int = 0
    next_fit: int = 0
    partner: int = -1


@dataclass(frozen=True, eq=False)
class CircleResult:
    """Circles in the order they were opened, totals, and everyone apart.

    ``bound`` is always None: no bound on what the best circles could reach is known, and a page must say so.
    """

    circles: tuple[Circle, ...]
    placed: int
    points: int
    apart: tuple[Apart, ...]
    bound: None = field(default=None)


def solve_circles(problem: CircleProblem, policy: CirclePolicy | None = None) -> CircleResult:
    """Return good circles: seeds with fewest options first, then changes while they help. No bound is known.

    1. Whoever has fewest possible partners left opens a circle; who fits those present best joins, up to the greatest size.
    2. Those left take free seats, or open circles with members of larger ones; then each circle, the weakest first, makes the
       one change (somebody joins, leaves, or swaps with anybody) that raises the sum of all fits most.
    3. Those left open new circles where they can; again from 2 until nothing changes, at most ``passes`` times.
    4. The weakest fifth of the circles (then fourth, third) is opened anew as in 1 to 3, and kept if the sum is higher;
       ``renewals`` times.
    5. Whoever is left is told why, and offered a pair among those left (`graph.peers.peer_pairs`).

    Notes
    -----
    Partition into cliques is NP-hard. O(passes · people²) for tables of people × people. Deterministic; the order of the
    pairs does not matter, the numbering of the people does.

    Examples
    --------
    >>> from itertools import combinations
    >>> pairs = list(combinations(range(5), 2))
    >>> peers = PeerProblem(5, [one for one, _ in pairs], [other for _, other in pairs], [70] * 10)
    >>> solve_circles(CircleProblem(peers, [False, True, False, False, False])).circles
    (Circle(members=(0, 1, 2, 3, 4), fits=(70, 70, 70, 70, 70), facilitator=1),)
    """
    policy = policy or CirclePolicy()
    rules = circle_rules(problem, policy)
    seating = search(rules, policy.passes, policy.renewals)
    circles = tuple(_circle(rules, sorted(seating.circle(number))) for number in range(seating.circles))
    apart = _apart(problem, rules, seating)
    return CircleResult(
        circles, sum(len(circle.members) for circle in circles), sum(sum(circle.fits) for circle in circles), apart
    )


def circle_rules(problem: CircleProblem, policy: CirclePolicy) -> Rules:
    """Return the rules of one circle over tables: people × people points, 0 where two may not sit together."""
    people = problem.peers.people
    points = np.zeros((people + 1, people + 1), dtype=np.int32)
    one, other, fit = problem.peers.allowed
    points[one, other] = points[other, one] = fit
    bits = np.ones((people, 1), dtype=np.bool_)
    for table in (problem.languages, problem.slots):
        if table is not None:
            points[:-1, :-1][~(table.astype(np.float32) @ table.T.astype(np.float32)).astype(np.bool_)] = 0
            bits = (bits[:, :, None] & table[:, None, :]).reshape(people, bits.shape[1] * table.shape[1])
    apart = points == 0
    np.fill_diagonal(apart, val=False)
    apart[EMPTY] = apart[:, EMPTY] = False
    facilitates = np.append(problem.facilitates, False)
    sizes = policy.smallest, policy.greatest, policy.floor, policy.outlier_gap
    return Rules(points, apart, _words(bits), facilitates, *sizes)


def _words(bits: Table) -> NDArray[np.uint64]:
    """Return people's bits 64 to a number, and a last row that has them all."""
    whole = np.zeros((len(bits) + 1, -(-bits.shape[1] // 64) * 64), dtype=np.bool_)
    whole[:-1, : bits.shape[1]] = bits
    whole[-1] = True
    return np.packbits(whole, axis=1).view(np.uint64)


def _circle(rules: Rules, members: list[int]) -> Circle:
    fits = rules.fits(np.array([members]))[0].tolist()
    willing = [(-fit, member) for fit, member in zip(fits, members, strict=True) if rules.facilitates[member]]
    return Circle(tuple(members), tuple(fits), min(willing)[1])


def _apart(problem: CircleProblem, rules: Rules, seating: Seating) -> tuple[Apart, ...]:
    left = np.flatnonzero(seating.where == NOWHERE)
    square = np.triu(rules.points[np.ix_(left, left)])
    one, other = np.nonzero(square)
    among = PeerProblem(left.size, one, other, square[one, other].astype(np.int64))
    offered = peer_pairs(among, PeerPolicy(floor=rules.floor)).partner_of
    partners = [int(left[partner]) if partner >= 0 else -1 for partner in offered.tolist()]
    met, allowed = (np.bincount(np.concatenate(ends), minlength=rules.people) > 0 for ends in _ends(problem.peers))
    return tuple(
        Apart(person, *_why(rules, seating, person, met=bool(met[person]), allowed=bool(allowed[person])), partner)
        for person, partner in zip(left.tolist(), partners, strict=True)
    )


def _why(rules: Rules, seating: Seating, person: int, *, met: bool, allowed: bool) -> tuple[WhyApart, int, int]:
    best = int(rules.points[person].max(initial=0))
    if not best:
        return (WhyApart.NO_COMMON_TIME if allowed else WhyApart.ONLY_COMPETITORS if met else WhyApart.NOBODY), 0, 0
    if best < rules.floor:
        return WhyApart.BELOW_FLOOR, best, 0
    circles = seating.members[: seating.circles]
    joined = np.column_stack((np.full(len(circles), person), circles))
    joined = joined[rules.may_meet(joined)]
    if not len(joined):
        return WhyApart.NO_CIRCLE, 0, 0
    fits = rules.fits(joined)
    own, next_fit = fits[:, 0], np.where(joined == EMPTY, MOST_POINTS, fits)[:, 1:].min(axis=1)
    if ((own >= rules.floor) & (next_fit - own <= rules.outlier_gap)).any():
        return WhyApart.NO_ROOM, 0, 0
    return WhyApart.OUTLIER, *max(zip(own.tolist(), next_fit.tolist(), strict=True))


def _ends(peers: PeerProblem) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
    return (peers.one, peers.other), peers.allowed[:2]


def circle_faults(problem: CircleProblem, policy: CirclePolicy, result: CircleResult) -> tuple[str, ...]:
    """Return what is wrong with a result, in words; empty if every circle keeps every rule and the totals are theirs.

    Checked from the pairs themselves, apart from the tables of the search.
    """
    one, other, points = (column.tolist() for column in problem.peers.allowed)
    fit = {frozenset(pair): value for *pair, value in zip(one, other, points, strict=True)}
    members = [member for circle in result.circles for member in circle.members]
    faults = [fault for circle in result.circles for fault in _circle_faults(problem, policy, circle, fit)]
    totals = len(members), sum(sum(circle.fits) for circle in result.circles)
    sums = {
        "a person sits in two circles": len(set(members)) == len(members),
        "somebody is neither in a circle nor told why": sorted([*members, *(one.person for one in result.apart)])
        == list(range(problem.peers.people)),
        "the totals are not those of the circles": (result.placed, result.points) == totals,
    }
    return (*faults, *(fault for fault, holds in sums.items() if not holds))


def _circle_faults(
    problem: CircleProblem, policy: CirclePolicy, circle: Circle, fit: dict[frozenset[int], int]
) -> list[str]:
    members = list(circle.members)
    rows = [[fit.get(frozenset((one, other)), 0) for other in members if other != one] for one in members]
    fits = [sum(row) // max(len(row), 1) for row in rows]
    lowest = sorted(fits)[:2]
    rules = {
        "has a size the policy does not allow": policy.smallest <= len(members) <= policy.greatest,
        "has two who may not sit together": all(all(row) for row in rows),
        "does not share a language and a slot": problem.common(members),
        "has fits that are not its pairs'": fits == list(circle.fits),
        "has a member below the floor": min(fits) >= policy.floor,
        "has a lone outlier": lowest[-1] - lowest[0] <= policy.outlier_gap,
        "has no facilitator": circle.facilitator in members and bool(problem.facilitates[circle.facilitator]),
    }
    return [f"the circle of {circle.facilitator} {fault}" for fault, holds in rules.items() if not holds]
