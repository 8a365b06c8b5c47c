"""What no graph of knowledge takes in."""

import networkx as nx


def require_known(graph: "nx.DiGraph[str]", code: str) -> None:
    """Refuse a code that the graph does not hold.

    Raises
    ------
    ValueError
        Naming it.
    """
    if code not in graph:
        raise ValueError(f"unknown code {code!r} in a relation")


def require_points(first: str, second: str, points: int) -> None:
    """Refuse a relation of two codes whose points are not from 1 to 100.

    Raises
    ------
    ValueError
        Naming both codes.
    """
    if not 1 <= points <= 100:
        raise ValueError(f"{first} to {second}: {points} points, 1 to 100 are needed")
