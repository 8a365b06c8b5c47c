"""Two peers who help each other: alike enough to understand, different enough to learn from, never competitors.

Pairs are a maximum-weight matching, so no other pairing of the pool has more points. It is not a stable one: among peers a
stable pairing may not exist (Gale and Shapley 1962, the room-mates).
"""

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Literal, get_args

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike

from graph.flow import IntArray
from graph.peers_problem import MOST_POINTS, Edges, PeerProblem, whole, whole_number

__all__ = ["Alone", "PeerPolicy", "PeerProblem", "PeerResult", "SimilarityBand", "peer_pairs", "similarity_points"]

Objective = Literal["total_fit", "most_people"]
Engine = Literal["networkx", "rustworkx"]
LARGEST_FOR_NETWORKX: Final = 1_000
"""Pairs beyond which the compiled engine is taken where it is installed; networkx is slower by ten times and more there."""


@dataclass(frozen=True)
class SimilarityBand:
    """The similarity, in percent, in which peers help each other most: a flat top from ``low`` to ``high``.

    Raises
    ------
    ValueError
        Not whole numbers with 0 < low <= high < 100.
    """

    low: int = 45
    high: int = 70

    def __post_init__(self) -> None:
        """Refuse a band without a fall on both sides."""
        if not 0 < whole_number("low", self.low) <= whole_number("high", self.high) < 100:
            raise ValueError(f"the band {self.low} to {self.high} must lie between 0 and 100, low before high")


DEFAULT_BAND: Final = SimilarityBand()


def similarity_points(similarity_percent: ArrayLike, band: SimilarityBand = DEFAULT_BAND) -> IntArray:
    """Return the points of each similarity, 1 to 100: 100 within the band, falling in a straight line on both sides.

    Parameters
    ----------
    similarity_percent
        A column of whole percents, 0 (nothing in common) to 100 (the same).

    Raises
    ------
    ValueError
        Naming the first entry that is not a whole number from 0 to 100.

    Examples
    --------
    >>> similarity_points([0, 20, 45, 60, 70, 85, 100]).tolist()
    [1, 45, 100, 100, 100, 50, 1]
    """
    percent = whole("similarity_percent", similarity_percent, 0, 100)
    below = (band.low - percent + MOST_POINTS * percent) // band.low
    above = (MOST_POINTS * (100 - percent) + percent - band.high) // (100 - band.high)
    points: IntArray = np.clip(np.minimum(below, above), 1, MOST_POINTS)
    return points


@dataclass(frozen=True)
class PeerPolicy:
    """What the network wants of peer pairs.

    ``total_fit``: most points. ``most_people``: as many pairs as possible and, among those, most points. A pair below
    ``floor`` points is never formed.

    Raises
    ------
    ValueError
        An unknown objective, or a floor that is not a whole number from 1 to 100.
    """

    objective: Objective = "most_people"
    floor: int = 40

    def __post_init__(self) -> None:
        """Refuse a policy that says nothing."""
        if self.objective not in get_args(Objective):
            raise ValueError(f"objective {self.objective!r}: choose one of {', '.join(get_args(Objective))}")
        if not 1 <= whole_number("floor", self.floor) <= MOST_POINTS:
            raise ValueError(f"floor is {self.floor}: a whole number from 1 to {MOST_POINTS} is needed")


class Alone(StrEnum):
    """Why a person has no partner, in the order in which reasons are given."""

    NOBODY = "nobody"
    """No pair with this person may meet at all."""
    ONLY_COMPETITORS = "only_competitors"
    BELOW_FLOOR = "below_floor"
    OTHERS_PAIRED = "others_paired"
    """Everyone who would fit is in a pair that serves the whole better."""


@dataclass(frozen=True, eq=False)
class PeerResult:
    """Who is paired with whom: ``partner_of`` per person, -1 for nobody, and ``points_of`` that pair, 0 for nobody.

    ``alone`` says why for everyone without a partner; ``engine`` which program found the pairs: both find the same total,
    not always the same pairs among equals.
    """

    partner_of: IntArray
    points_of: IntArray
    paired: int
    points: int
    alone: tuple[tuple[int, Alone], ...]
    engine: Engine


def peer_pairs(problem: PeerProblem, policy: PeerPolicy | None = None, engine: Engine | None = None) -> PeerResult:
    """Return the best pairs under a policy: no other choice of pairs has more points (or more people, then points).

    Notes
    -----
    Maximum-weight matching by blossoms (Galil 1986), whole weights, O(people³) at worst. networkx up to 1,000 pairs;
    beyond, rustworkx where it is installed, else networkx all the same, whose cost is in docs/benchmarks/groups.md;
    ``engine`` asks for one of them. The order of the pairs does not matter; the numbering of the people breaks ties.

    Examples
    --------
    >>> problem = PeerProblem(4, [0, 1, 2], [1, 2, 3], [60, 100, 60])
    >>> peer_pairs(problem).partner_of.tolist(), peer_pairs(problem, PeerPolicy("total_fit")).points
    ([1, 0, 3, 2], 120)
    """
    policy = policy or PeerPolicy()
    one, other, points = problem.allowed
    enough = points >= policy.floor
    edges = one[enough], other[enough], points[enough]
    engine = engine or _engine(edges[0].size)
    matched = _MATCHINGS[engine](problem.people, edges, most_people=policy.objective == "most_people")
    return _result(problem, policy, edges, matched, engine)


def _engine(pairs: int) -> Engine:
    return "rustworkx" if pairs > LARGEST_FOR_NETWORKX and find_spec("rustworkx") else "networkx"


def _by_networkx(people: int, edges: Edges, *, most_people: bool) -> set[tuple[int, int]]:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(people))
    graph.add_weighted_edges_from(zip(*(column.tolist() for column in edges), strict=True))
    return {tuple(sorted(pair)) for pair in nx.max_weight_matching(graph, maxcardinality=most_people)}


def _by_rustworkx(people: int, edges: Edges, *, most_people: bool) -> set[tuple[int, int]]:
    """Find the same total in compiled code: loaded when first needed, since few rounds have so many peers."""
    rustworkx = import_module("rustworkx")
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(people))
    graph.add_edges_from(list(zip(*(column.tolist() for column in edges), strict=True)))
    return set(rustworkx.max_weight_matching(graph, max_cardinality=most_people, weight_fn=int))


_MATCHINGS: Final = {"networkx": _by_networkx, "rustworkx": _by_rustworkx}


def _result(
    problem: PeerProblem, policy: PeerPolicy, edges: Edges, matched: set[tuple[int, int]], engine: Engine
) -> PeerResult:
    partner, points = np.full(problem.people, -1), np.zeros(problem.people, dtype=np.int64)
    fit = {(one, other): value for one, other, value in zip(*(column.tolist() for column in edges), strict=True)}
    for one, other in matched:
        one, other = min(one, other), max(one, other)
        partner[one], partner[other] = other, one
        points[[one, other]] = fit[one, other]
    alone = tuple((person, _why(problem, edges, person)) for person in np.flatnonzero(partner < 0).tolist())
    return PeerResult(partner, points, 2 * len(matched), int(points.sum()) // 2, alone, engine)


def _why(problem: PeerProblem, edges: Edges, person: int) -> Alone:
    """Return the first reason that holds, from what may meet at all to what is left."""
    stages = ((problem.one, problem.other), problem.allowed[:2], edges[:2])
    reasons = (Alone.NOBODY, Alone.ONLY_COMPETITORS, Alone.BELOW_FLOOR)
    for (one, other), reason in zip(stages, reasons, strict=True):
        if not ((one == person) | (other == person)).any():
            return reason
    return Alone.OTHERS_PAIRED
