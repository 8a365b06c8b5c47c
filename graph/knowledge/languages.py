"""Languages whose speakers understand each other in part."""

from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx

from graph.knowledge.checks import require_points


@dataclass(frozen=True, slots=True)
class KinLanguages:
    """Two languages whose speakers understand each other in part; ``scope`` is speaking, writing or both."""

    first: str
    second: str
    points: int
    source: str
    scope: str = "both"


def language_graph(languages: Iterable[KinLanguages]) -> "nx.Graph[str]":
    """Return the curated pairs as edges with points, source and scope. O(pairs).

    Raises
    ------
    ValueError
        Points outside 1 to 100.
    """
    kin: nx.Graph[str] = nx.Graph()
    for pair in languages:
        require_points(pair.first, pair.second, pair.points)
        kin.add_edge(pair.first, pair.second, points=pair.points, source=pair.source, scope=pair.scope)
    return kin
