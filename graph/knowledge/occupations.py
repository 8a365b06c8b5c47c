"""Occupations: the tree of the classification, directed relations between them, and the kinship that both give."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from graph.knowledge.checks import require_known, require_points

SOURCES: Final = ("none", "same", "hierarchy", "official", "onet")
# Only these have words (graph/reasons/texts.py): a relation from elsewhere could be scored but not said.
RELATION_SOURCES: Final = ("official", "onet")
# Points by the level of the lowest common ancestor: unit group, minor, sub-major, major group, broad category.
TREE_POINTS: Final[Mapping[int, int]] = {5: 100, 4: 75, 3: 50, 2: 30, 1: 10}
# A minor group holds its unit groups: as close as a held code of four digits lets anyone see.
WITHIN_MINOR: Final = 85
# A relation never beats the same occupation.
MOST_RELATED: Final = 90
MINOR: Final = 4


@dataclass(frozen=True, slots=True)
class Occupation:
    """A node of the occupational classification: one to five digits, as text."""

    code: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Related:
    """A directed relation between occupations with its source; ``points`` 1 to 100."""

    origin: str
    target: str
    points: int
    source: str


def occupation_graph(occupations: Iterable[Occupation], related: Iterable[Related]) -> "nx.DiGraph[str]":
    """Return the tree and the relations in one graph: `parent` edges, and edges with points, source and `in_part`.

    Raises
    ------
    ValueError
        A parent or a relation that names an unknown code, a source without words, or points outside 1 to 100.
    """
    tree: nx.DiGraph[str] = nx.DiGraph()
    known = sorted(occupations, key=lambda occupation: occupation.code)
    tree.add_nodes_from(occupation.code for occupation in known)
    for occupation in known:
        if occupation.parent is not None:
            require_known(tree, occupation.parent)
            tree.add_edge(occupation.parent, occupation.code, parent=True)
    for relation in related:
        require_known(tree, relation.origin)
        require_known(tree, relation.target)
        require_points(relation.origin, relation.target, relation.points)
        if relation.source not in RELATION_SOURCES:
            raise ValueError(f"{relation.origin} to {relation.target}: no words for source {relation.source!r}")
        _relate(tree, relation)
    return tree


def _relate(tree: "nx.DiGraph[str]", relation: Related) -> None:
    """Keep the strongest relation, lifted to the minor groups of both ends; ties stay with the first given.

    A relation inside one minor group is not lifted: the group would be related to itself.
    """
    given = (relation.origin, relation.target)
    inside = relation.origin[:MINOR] == relation.target[:MINOR]
    lifted = [] if inside else product(*((code, code[:MINOR]) for code in given))
    for origin, target in dict.fromkeys((given, *lifted)):
        edge = tree.get_edge_data(origin, target, default={})
        if relation.points > edge.get("points", 0):
            in_part = (origin, target) != given
            tree.add_edge(origin, target, points=relation.points, source=relation.source, in_part=in_part)


def tree_points(first: str, second: str) -> int:
    """Return kinship by the tree alone: codes share their ancestors' digits.

    Examples
    --------
    >>> tree_points("21300", "21301"), tree_points("2130", "2130"), tree_points("21300", "31301")
    (75, 100, 0)
    """
    if first == second and len(first) >= MINOR:
        return 100
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    if common == MINOR and MINOR in {len(first), len(second)}:
        return WITHIN_MINOR
    return TREE_POINTS.get(common, 0)


def _tree_points_of_all(codes: list[str]) -> NDArray[np.uint8]:
    """Return :func:`tree_points` of every pair at once: digit by digit, the two agree as far as all digits before agree."""
    width = max(map(len, codes), default=1)
    digits = np.array([[ord(digit) for digit in code.ljust(width)] for code in codes], dtype=np.int16).reshape(
        -1, width
    )
    common = np.zeros((len(codes), len(codes)), dtype=np.int64)
    agree = np.ones(common.shape, dtype=np.bool_)
    for column in digits.T:
        agree &= (column[:, None] == column) & (column != ord(" "))
        common += agree
    by_length = np.array([TREE_POINTS.get(length, 0) for length in range(width + 1)], dtype=np.uint8)
    minor = np.array([len(code) == MINOR for code in codes], dtype=np.bool_)
    points = np.where((common == MINOR) & (minor[:, None] | minor), WITHIN_MINOR, by_length[common]).astype(np.uint8)
    np.fill_diagonal(points, [tree_points(code, code) for code in codes])
    return points


def compile_kinship(
    tree: "nx.DiGraph[str]",
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """Return for every pair of occupations, in the order of the graph, the points, the source's number and ``in_part``.

    O(nodes²).
    """
    codes = list(tree)
    points = _tree_points_of_all(codes)
    sources = np.where(points > 0, SOURCES.index("hierarchy"), 0).astype(np.uint8)
    np.fill_diagonal(sources, [SOURCES.index("same" if len(code) >= MINOR else "hierarchy") for code in codes])
    in_part = np.zeros(points.shape, dtype=np.bool_)
    row = {code: number for number, code in enumerate(codes)}
    for origin, target, edge in tree.edges(data=True):
        found = min(int(edge.get("points", 0)), MOST_RELATED)
        place = (row[origin], row[target])
        if found > points[place]:
            points[place], sources[place], in_part[place] = found, SOURCES.index(edge["source"]), edge["in_part"]
    return points, sources, in_part
