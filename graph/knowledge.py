"""What the network knows of occupations, languages and places: networkx graphs, and lookup arrays compiled from them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

PlaceBand = Literal["same", "near", "province", "far"]
PLACE_BANDS: Final[tuple[PlaceBand, ...]] = ("same", "near", "province", "far")
SOURCES: Final = ("none", "same", "hierarchy", "official", "onet")
# Only these have words (reason_texts.py): a relation from elsewhere could be scored but not said.
RELATION_SOURCES: Final = ("official", "onet")
# Points by the level of the lowest common ancestor: unit group, minor, sub-major, major group, broad category.
TREE_POINTS: Final[Mapping[int, int]] = {5: 100, 4: 75, 3: 50, 2: 30, 1: 10}
# A minor group holds its unit groups: as close as a held code of four digits lets anyone see.
WITHIN_MINOR: Final = 85
# A relation never beats the same occupation.
MOST_RELATED: Final = 90
MINOR: Final = 4
EARTH_KM: Final = 6371


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


@dataclass(frozen=True, slots=True)
class KinLanguages:
    """Two languages whose speakers understand each other in part; ``scope`` is speaking, writing or both."""

    first: str
    second: str
    points: int
    source: str
    scope: str = "both"


@dataclass(frozen=True, slots=True)
class Place:
    """A province, or an area within one; coordinates in degrees where known."""

    code: str
    parent: str | None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Kinship:
    """How close two codes are, 0 to 100, and which source says so.

    ``in_part``: inherited by a minor group from the strongest relation among its unit groups.
    """

    points: int
    source: str
    in_part: bool = False


@dataclass(frozen=True)
class Knowledge:
    """Frozen graphs for reasons, arrays for speed; a test proves that they agree."""

    occupations: "nx.DiGraph[str]"
    languages: "nx.Graph[str]"
    places: "nx.DiGraph[str]"
    noc_rows: Mapping[str, int]
    place_rows: Mapping[str, int]
    kinship_points: NDArray[np.uint8]
    kinship_sources: NDArray[np.uint8]
    kinship_in_part: NDArray[np.bool_]
    place_bands: NDArray[np.uint8]

    @classmethod
    def build(
        cls,
        occupations: Iterable[Occupation],
        related: Iterable[Related],
        languages: Iterable[KinLanguages],
        places: Iterable[Place],
        near_km: int = 100,
    ) -> "Knowledge":
        """Build the graphs and compile them.

        Raises
        ------
        ValueError
            A relation or a parent that names an unknown code, a source without words, or points outside 1 to 100.

        Notes
        -----
        Kinship is the greatest over its sources: the tree by lowest common ancestor, and directed relations as given, never
        made symmetric. A minor group inherits the strongest relation of its unit groups. O(nodes²) once per edition.
        """
        tree = _occupation_graph(occupations, related)
        points, sources, in_part = _compile_kinship(tree)
        where = _place_graph(places)
        kin = _language_graph(languages)
        return cls(
            nx.freeze(tree),
            nx.freeze(kin),
            nx.freeze(where),
            {code: row for row, code in enumerate(tree)},
            {code: row for row, code in enumerate(where)},
            _fixed(points),
            _fixed(sources),
            _fixed(in_part),
            _fixed(_compile_places(where, near_km)),
        )

    def noc_row(self, code: str) -> int:
        """Return an occupation's row in the arrays.

        Raises
        ------
        ValueError
            The classification does not hold the code.
        """
        row = self.noc_rows.get(code)
        if row is None:
            raise ValueError(f"unknown occupation {code!r}")
        return row

    def place_row(self, code: str) -> int:
        """Return a region's row in the arrays.

        Raises
        ------
        ValueError
            There is no such region.
        """
        row = self.place_rows.get(code)
        if row is None:
            raise ValueError(f"unknown region {code!r}")
        return row

    def kinship(self, origin: str, target: str) -> Kinship:
        """Return how close two occupations are, from the arrays. O(1)."""
        place = (self.noc_row(origin), self.noc_row(target))
        source = SOURCES[int(self.kinship_sources[place])]
        return Kinship(int(self.kinship_points[place]), source, bool(self.kinship_in_part[place]))

    def place_band(self, first: str, second: str) -> PlaceBand:
        """Return how near two regions are."""
        return PLACE_BANDS[int(self.place_bands[self.place_row(first), self.place_row(second)])]

    def kin_languages(self, code: str) -> Mapping[str, int]:
        """Return languages whose speakers understand one another in part, with points; kin in writing only is no help."""
        if code not in self.languages:
            return {}
        return {
            other: int(edge["points"]) for other, edge in self.languages[code].items() if edge["scope"] != "writing"
        }


T = TypeVar("T", bound=np.generic)


def look_up(table: NDArray[T], one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[T]:
    """Return ``table[one, other]`` for pairs of rows, or for a column of rows against a row of rows every pair of them."""
    if one.ndim == 1:
        return table[one, other]
    return np.take(table[one[:, 0]], other, axis=1)


def _fixed(array: NDArray[T]) -> NDArray[T]:
    """Forbid writing: knowledge is shared by every request of a process."""
    array.setflags(write=False)
    return array


def _language_graph(languages: Iterable[KinLanguages]) -> "nx.Graph[str]":
    kin: nx.Graph[str] = nx.Graph()
    for pair in languages:
        _require_points(pair.first, pair.second, pair.points)
        kin.add_edge(pair.first, pair.second, points=pair.points, source=pair.source, scope=pair.scope)
    return kin


def _occupation_graph(occupations: Iterable[Occupation], related: Iterable[Related]) -> "nx.DiGraph[str]":
    tree: nx.DiGraph[str] = nx.DiGraph()
    known = sorted(occupations, key=lambda occupation: occupation.code)
    tree.add_nodes_from(occupation.code for occupation in known)
    for occupation in known:
        if occupation.parent is not None:
            _require(tree, occupation.parent)
            tree.add_edge(occupation.parent, occupation.code, parent=True)
    for relation in related:
        _require(tree, relation.origin)
        _require(tree, relation.target)
        _require_points(relation.origin, relation.target, relation.points)
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


def _require(graph: "nx.DiGraph[str]", code: str) -> None:
    if code not in graph:
        raise ValueError(f"unknown code {code!r} in a relation")


def _require_points(first: str, second: str, points: int) -> None:
    if not 1 <= points <= 100:
        raise ValueError(f"{first} to {second}: {points} points, 1 to 100 are needed")


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


def _compile_kinship(
    tree: "nx.DiGraph[str]",
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
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


def _place_graph(places: Iterable[Place]) -> "nx.DiGraph[str]":
    where: nx.DiGraph[str] = nx.DiGraph()
    known = sorted(places, key=lambda place: place.code)
    for place in known:
        where.add_node(
            place.code, latitude=place.latitude, longitude=place.longitude, province=place.parent or place.code
        )
    for place in known:
        if place.parent is not None:
            _require(where, place.parent)
            where.add_edge(place.code, place.parent, within=True)
    return where


def _compile_places(where: "nx.DiGraph[str]", near_km: int) -> NDArray[np.uint8]:
    codes = list(where)
    bands = np.full((len(codes), len(codes)), PLACE_BANDS.index("far"), dtype=np.uint8)
    for row, first in enumerate(codes):
        for column, second in enumerate(codes):
            bands[row, column] = PLACE_BANDS.index(_band(where, first, second, near_km))
    return bands


def _band(where: "nx.DiGraph[str]", first: str, second: str, near_km: int) -> PlaceBand:
    one, other = where.nodes[first], where.nodes[second]
    if first == second:
        # A bare province means "not said where": two such people may be a day's drive apart.
        return "province" if one["province"] == first else "same"
    if one["latitude"] is not None and other["latitude"] is not None and _kilometres(one, other) <= near_km:
        return "near"
    return "province" if one["province"] == other["province"] else "far"


def _kilometres(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Great-circle distance (haversine): good to a percent, enough for bands."""
    here, there = math.radians(one["latitude"]), math.radians(other["latitude"])
    across = math.radians(other["longitude"] - one["longitude"])
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))
