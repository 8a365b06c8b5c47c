"""The picture of the network: who helps whom, where people wait, and where each organisation stands on the page."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

CENTRE, RADIUS = 500, 430
"""The page is 0 to 1000 each way; the circle leaves room for names."""

Place = tuple[str, str]
"""An occupation and a region, as codes."""


@dataclass(frozen=True, order=True)
class Flow:
    """Mentees of ``to_organisation`` placed with mentors of ``from_organisation``: how many."""

    from_organisation: str
    to_organisation: str
    count: int

    @property
    def across(self) -> bool:
        """True if the help crosses organisations."""
        return self.from_organisation != self.to_organisation


@dataclass(frozen=True)
class Ledger:
    """Placements one organisation gave to others and received from others: a record, not a currency."""

    organisation: str
    given: int
    received: int


@dataclass(frozen=True)
class Gap:
    """Mentees waiting and seats free for one occupation in one region."""

    noc: str
    region: str
    waiting: int
    seats: int

    @property
    def missing(self) -> int:
        """Seats short; 0 where there are enough."""
        return max(self.waiting - self.seats, 0)


def flows(placements: Iterable[tuple[str, str]]) -> tuple[Flow, ...]:
    """Count placements per pair of organisations, own placements included, in order of the two names.

    ``placements`` holds one (mentee's organisation, mentor's organisation) per placement. O(placements).

    Examples
    --------
    >>> flows([("eriec", "arec"), ("eriec", "arec"), ("eriec", "eriec")])[0]
    Flow(from_organisation='arec', to_organisation='eriec', count=2)
    """
    counts = Counter((mentor, mentee) for mentee, mentor in placements)
    return tuple(sorted(Flow(mentor, mentee, count) for (mentor, mentee), count in counts.items()))


def across_percent(counted: Iterable[Flow]) -> int:
    """Return the share of placements that cross organisations, in whole percent, halves up; 0 without placements."""
    total = across = 0
    for flow in counted:
        total += flow.count
        across += flow.count * flow.across
    return (200 * across + total) // (2 * total) if total else 0


def ledger(counted: Iterable[Flow]) -> tuple[Ledger, ...]:
    """Return what each organisation named gave and received across organisations, in order of names."""
    given: Counter[str] = Counter()
    received: Counter[str] = Counter()
    for flow in counted:
        given[flow.from_organisation] += flow.count * flow.across
        received[flow.to_organisation] += flow.count * flow.across
    return tuple(Ledger(name, given[name], received[name]) for name in sorted(given.keys() | received.keys()))


def gap_map(waiting: Mapping[Place, int], seats: Mapping[Place, int]) -> tuple[Gap, ...]:
    """Return every (occupation, region) where someone waits or a seat is free: most seats short first, then by codes.

    Raises
    ------
    ValueError
        A count below 0, naming its place.

    Examples
    --------
    >>> gap_map({("2130", "AB-835"): 9}, {("2130", "AB-835"): 2, ("3110", "AB-825"): 1})[0].missing
    7
    """
    for what, counts in (("waiting", waiting), ("seats", seats)):
        for place, count in counts.items():
            if count < 0:
                raise ValueError(f"{what} at {place} is {count}: 0 or more is needed")
    places = waiting.keys() | seats.keys()
    gaps = (Gap(noc, region, waiting.get((noc, region), 0), seats.get((noc, region), 0)) for noc, region in places)
    return tuple(sorted(gaps, key=lambda gap: (-gap.missing, gap.noc, gap.region)))


def organisation_graph(kinds: Mapping[str, str], counted: Iterable[Flow]) -> "nx.DiGraph[str]":
    """Return the frozen graph of organisations: nodes with their ``kind``, edges from giver to receiver with ``count``.

    Every organisation in ``kinds`` (name to kind) is a node, helped or not. Own placements are the node's ``own``.

    Raises
    ------
    ValueError
        A flow names an organisation that is not in ``kinds``.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, kind in sorted(kinds.items()):
        graph.add_node(name, kind=kind, own=0)
    for flow in sorted(counted):
        for name in (flow.from_organisation, flow.to_organisation):
            if name not in kinds:
                raise ValueError(f"unknown organisation {name!r} in a flow")
        if flow.across:
            graph.add_edge(flow.from_organisation, flow.to_organisation, count=flow.count)
        else:
            graph.nodes[flow.from_organisation]["own"] = flow.count
    frozen: nx.DiGraph[str] = nx.freeze(graph)
    return frozen


def layout(graph: "nx.DiGraph[str]") -> dict[str, tuple[int, int]]:
    """Return a place (x, y) for each organisation on a page of 0 to 1000 each way, y downward.

    On one circle, so that no arc runs through a third organisation; kinds side by side, then by name, so that the picture
    stays the same from one day to the next until an organisation joins or leaves. One alone stands in the middle.

    Examples
    --------
    >>> layout(organisation_graph({"arec": "pin", "eriec": "agency"}, []))
    {'eriec': (930, 500), 'arec': (70, 500)}
    """
    in_order: nx.Graph[str] = nx.Graph()
    in_order.add_nodes_from(name for _, name in sorted((kind, name) for name, kind in graph.nodes(data="kind")))
    circle = nx.circular_layout(in_order, scale=RADIUS, center=(CENTRE, CENTRE))
    return {name: (round(float(x)), round(float(y))) for name, (x, y) in circle.items()}
