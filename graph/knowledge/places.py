"""Provinces and areas within them, and how near two of them are."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from graph.knowledge.checks import require_known

PlaceBand = Literal["same", "near", "province", "far"]
PLACE_BANDS: Final[tuple[PlaceBand, ...]] = ("same", "near", "province", "far")
EARTH_KM: Final = 6371


@dataclass(frozen=True, slots=True)
class Place:
    """A province, or an area within one; coordinates in degrees where known."""

    code: str
    parent: str | None
    latitude: float | None = None
    longitude: float | None = None


def place_graph(places: Iterable[Place]) -> "nx.DiGraph[str]":
    """Return the places with their centre and province; an edge leads from an area to what it is within. O(places log places).

    Raises
    ------
    ValueError
        A parent that is not among the places.
    """
    where: nx.DiGraph[str] = nx.DiGraph()
    known = sorted(places, key=lambda place: place.code)
    for place in known:
        where.add_node(
            place.code, latitude=place.latitude, longitude=place.longitude, province=place.parent or place.code
        )
    for place in known:
        if place.parent is not None:
            require_known(where, place.parent)
            where.add_edge(place.code, place.parent, within=True)
    return where


def compile_bands(where: "nx.DiGraph[str]", near_km: int) -> NDArray[np.uint8]:
    """Return for every pair of places, in the order of the graph, how near they are: a place in `PLACE_BANDS`. O(places²)."""
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
