"""Circles of four to six peers with one of them as facilitator: nobody below the floor, no competitors, no lone outlier."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.peers import PeerPolicy, peer_pairs
from graph.peers_problem import MOST_POINTS, PeerProblem, whole_number
from graph.peers_seating import Rules, Seating

__all__ = ["Apart", "Circle", "CirclePolicy", "CircleProblem", "CircleResult", "WhyApart"]
__all__ += ["circle_faults", "solve_circles"]

Table = NDArray[np.bool_]
MOST_PEOPLE: Final = 5_000
"""The points of all pairs are held as one table; beyond this it would not fit in a quarter of a gigabyte."""


@dataclass(frozen=True, eq=False)
class CircleProblem:
    """Peers with their pairs and competitors, who could facilitate, and what a circle needs in common to meet.

    Parameters
    ----------
    peers
        The people, the pairs who may sit in one circle with their points, and who competes with whom.
    facilitates
        True for each person who could facilitate; every circle needs one.
    languages, slots
        People × codes; a circle shares one language and one slot. None: everybody shares one.

    Raises
    ------
    ValueError
        A column or table of another length or type than needed, or more than 5,000 people.
    """

    peers: PeerProblem
    facilitates: Table
    languages: Table | None = None
    slots: Table | None = None

    def __post_init__(self) -> None:
        """Check the columns, copy and lock them."""
        if self.peers.people > MOST_PEOPLE:
            raise ValueError(f"{self.peers.people} people: {MOST_PEOPLE} is the most")
        for name, dimensions in (("facilitates", 1), ("languages", 2), ("slots", 2)):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _flags(name, getattr(self, name), self.peers.people, dimensions))

    def common(self, members: list[int]) -> bool:
        """Do these people share a language and a slot?"""
        tables = [table[members] for table in (self.languages, self.slots) if table is not None]
        return all(bool(table.all(axis=0).any()) for table in tables)


@dataclass(frozen=True)
class CirclePolicy:
    """What the network wants of circles.

    Parameters
    ----------
    smallest, greatest
        The sizes a circle may have, its facilitator included.
    floor
        The least fit of every member, 1 to 100: the mean of the points with each other member, rounded down.
    outlier_gap
        By how many points one member alone may be below the next lowest: a greater gap makes a lone outlier.
    passes
        How often at most everybody is asked again whether a change would help.

    Raises
    ------
    ValueError
        Numbers that are not whole or out of order.
    """

    smallest: int = 4
    greatest: int = 6
    floor: int = 40
    outlier_gap: int = 20
    passes: int = 10

    def __post_init__(self) -> None:
        """Refuse a policy that says nothing."""
        if not 2 <= whole_number("smallest", self.smallest) <= whole_number("greatest", self.greatest):
            raise ValueError(f"circles of {self.smallest} to {self.greatest}: whole numbers from 2 in order are needed")
        if not 1 <= whole_number("floor", self.floor) <= MOST_POINTS:
            raise ValueError(f"floor is {self.floor}: a whole number from 1 to {MOST_POINTS} is needed")
        whole_number("outlier_gap", self.outlier_gap)
        whole_number("passes", self.passes)


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
    """Return good circles: seeds with fewest options first, then swaps while they help. No bound is known.

    1. Whoever has fewest possible partners left opens a circle; who fits those present best joins, up to the greatest size.
    2. Everyone, those apart first, takes a free seat or swaps with another one where that raises the sum of all fits.
    3. Those left open new circles where they can; again from 2 until nothing changes, at most ``passes`` times.
    4. Whoever is left is told why, and offered a pair among those left (`graph.peers.peer_pairs`).

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
    seating = Seating(rules)
    seating.grow()
    seating.improve(policy.passes)
    circles = tuple(_circle(rules, sorted(members)) for members in seating.circles)
    apart = _apart(problem, rules, seating)
    return CircleResult(
        circles, sum(len(circle.members) for circle in circles), sum(sum(circle.fits) for circle in circles), apart
    )


def circle_rules(problem: CircleProblem, policy: CirclePolicy) -> Rules:
    """Return the rules of one circle over tables: people × people points, 0 where two may not sit together."""
    peers = problem.peers
    points = np.zeros((peers.people, peers.people), dtype=np.int64)
    one, other, fit = peers.allowed
    points[one, other] = points[other, one] = fit
    bits = np.ones((peers.people, 1), dtype=np.bool_)
    for table in (problem.languages, problem.slots):
        if table is not None:
            points[~(table.astype(np.int64) @ table.T.astype(np.int64)).astype(np.bool_)] = 0
            bits = (bits[:, :, None] & table[:, None, :]).reshape(peers.people, bits.shape[1] * table.shape[1])
    meets = tuple(int.from_bytes(np.packbits(row).tobytes(), "big") for row in bits)
    sizes = policy.smallest, policy.greatest, policy.floor, policy.outlier_gap
    return Rules(points, meets, problem.facilitates, *sizes)


def _circle(rules: Rules, members: list[int]) -> Circle:
    fits = rules.fits(members)
    willing = [(-fit, member) for fit, member in zip(fits, members, strict=True) if rules.facilitates[member]]
    return Circle(tuple(members), tuple(fits), min(willing)[1])


def _apart(problem: CircleProblem, rules: Rules, seating: Seating) -> tuple[Apart, ...]:
    left = np.flatnonzero(seating.where < 0)
    square = np.triu(rules.points[np.ix_(left, left)])
    one, other = np.nonzero(square)
    among = PeerProblem(left.size, one, other, square[one, other])
    offered = peer_pairs(among, PeerPolicy(floor=rules.floor)).partner_of
    partners = [int(left[partner]) if partner >= 0 else -1 for partner in offered.tolist()]
    return tuple(
        Apart(person, *_why(problem.peers, rules, seating, person), partner)
        for person, partner in zip(left.tolist(), partners, strict=True)
    )


def _why(peers: PeerProblem, rules: Rules, seating: Seating, person: int) -> tuple[WhyApart, int, int]:
    pairs, allowed = (((one == person) | (other == person)).any() for one, other in _ends(peers))
    best = int(rules.points[person].max(initial=0))
    if not best:
        return (WhyApart.NO_COMMON_TIME if allowed else WhyApart.ONLY_COMPETITORS if pairs else WhyApart.NOBODY), 0, 0
    if best < rules.floor:
        return WhyApart.BELOW_FLOOR, best, 0
    joined = [[*members, person] for members in seating.circles]
    tried = [(fits[-1], min(fits[:-1])) for fits in (rules.fits(circle) for circle in joined if rules.may_meet(circle))]
    suits = [own >= rules.floor and next_fit - own <= rules.outlier_gap for own, next_fit in tried]
    if not tried:
        return WhyApart.NO_CIRCLE, 0, 0
    return (WhyApart.NO_ROOM, 0, 0) if any(suits) else (WhyApart.OUTLIER, *max(tried))


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


def _flags(name: str, values: Any, people: int, dimensions: int) -> Table:
    table = np.asarray(values)
    if table.size == 0 and not people:
        table = np.zeros((0, 0) if dimensions == 2 else 0, dtype=np.bool_)
    if table.ndim != dimensions or table.dtype != np.bool_:
        raise ValueError(f"{name} has type {table.dtype} in {table.ndim} dimensions: True and False are needed")
    if len(table) != people:
        raise ValueError(f"{name} has {len(table)} rows for {people} people: they must be as many")
    kept: Table = table.copy()
    kept.flags.writeable = False
    return kept
