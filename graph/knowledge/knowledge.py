"""What the network knows: networkx graphs, and lookup arrays compiled from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from graph.knowledge.languages import KinLanguages, language_graph
from graph.knowledge.occupations import SOURCES, Occupation, Related, compile_kinship, occupation_graph
from graph.knowledge.places import PLACE_BANDS, Place, PlaceBand, compile_bands, place_graph


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
        tree = occupation_graph(occupations, related)
        points, sources, in_part = compile_kinship(tree)
        where = place_graph(places)
        kin = language_graph(languages)
        return cls(
            nx.freeze(tree),
            nx.freeze(kin),
            nx.freeze(where),
            {code: row for row, code in enumerate(tree)},
            {code: row for row, code in enumerate(where)},
            _fixed(points),
            _fixed(sources),
            _fixed(in_part),
            _fixed(compile_bands(where, near_km)),
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
