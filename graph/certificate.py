"""The proof that a round is the best possible, and the check that trusts nobody who made it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.flow import Arcs, IntArray


@dataclass(frozen=True)
class GuaranteePrice:
    """What one organisation's guarantee costs the network, in a round where it binds.

    Giving up one placement of the guarantee would earn the round at most ``placements`` more placements and ``points``
    more points. ``bound`` is the number of placements guaranteed.
    """

    organisation: int
    bound: int
    placements: int
    points: int


@dataclass(frozen=True, eq=False)
class Certificate:
    """Why a round cannot be bettered under its policy.

    ``flow`` and ``potentials`` belong to the arcs and nodes of `graph.round_network.build`, in its order; `check_certificate`
    needs nothing else. ``bounds`` is the number of placements each organisation was guaranteed (0 without the guarantee),
    ``surplus`` how many of them beyond what it could do alone, where that was promised (`graph.even_gain`),
    ``prices`` names the guarantees that cost something, dearest first. ``digest`` is the SHA-256 of everything the round
    was computed from: the same digest, the same round, byte for byte.
    """

    flow: IntArray
    potentials: IntArray
    bounds: IntArray
    prices: tuple[GuaranteePrice, ...]
    digest: str
    engine: str
    surplus: int | None = None


def certificate_faults(arcs: Arcs, flow: IntArray, potentials: IntArray) -> tuple[str, ...]:
    """Return every reason why the flow is not proven cheapest, in a fixed order; none if it is.

    The argument is linear programming duality: a circulation within its bounds is cheapest if, for every arc u → v of cost
    c, the reduced cost c + π(u) - π(v) is ≥ 0 at the lower bound, ≤ 0 at the upper bound and 0 in between (Ahuja, Magnanti
    and Orlin, Network Flows, 1993, section 9.3). It holds for whatever engine found the flow. O(arcs).
    """
    if flow.shape != arcs.tail.shape or potentials.shape != (arcs.nodes,):
        return (f"{flow.size} flows and {potentials.size} potentials for {len(arcs)} arcs and {arcs.nodes} nodes",)
    if flow.dtype.kind != "i" or potentials.dtype.kind != "i":
        return (f"flows are {flow.dtype}, potentials {potentials.dtype}: integers are needed",)
    reduced = arcs.cost + potentials[arcs.tail] - potentials[arcs.head]
    balance = np.zeros(arcs.nodes, dtype=np.int64)
    np.subtract.at(balance, arcs.tail, flow)
    np.add.at(balance, arcs.head, flow)
    found = (
        _first("arc {} flows below its lower bound", flow < arcs.lower),
        _first("arc {} flows above its upper bound", flow > arcs.upper),
        _first("node {} does not conserve flow", balance != 0),
        _first("arc {} would be cheaper with less flow", (reduced > 0) & (flow > arcs.lower)),
        _first("arc {} would be cheaper with more flow", (reduced < 0) & (flow < arcs.upper)),
    )
    return tuple(fault for fault in found if fault)


def _first(sentence: str, wrong: NDArray[np.bool_]) -> str:
    places = np.flatnonzero(wrong)
    return sentence.format(int(places[0])) if places.size else ""


def check_certificate(arcs: Arcs, flow: IntArray, potentials: IntArray) -> bool:
    """Return True if the potentials prove the flow cheapest. O(arcs); `certificate_faults` says why not."""
    return not certificate_faults(arcs, flow, potentials)


def digest(columns: Iterable[tuple[str, IntArray]], settings: Iterable[tuple[str, object]]) -> str:
    """Return the SHA-256, in hex, of named columns and settings.

    Columns go in as 64-bit little-endian whole numbers after their name and length, settings as text, so that no two
    different inputs are written the same way and every machine writes the same bytes.
    """
    record = hashlib.sha256()
    for name, value in settings:
        record.update(f"{name}={value!r}\n".encode())
    for name, column in columns:
        record.update(f"{name}:{column.size}\n".encode())
        record.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
    return record.hexdigest()
