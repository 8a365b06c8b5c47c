"""Which openings become groups, and with whom: an integer program over the openings that can still matter."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity, vstack

from graph.flow import IntArray
from graph.groups_exchanges import dealt, exchanged
from graph.groups_openings import Openings
from graph.groups_prices import THOUSANDTHS, best_columns, best_prices, bound, mentor_profit

Mask = NDArray[np.bool_]
WIDENINGS: Final = (0, 15, 60)
"""How far behind its mentor's best an opening may be, in thousandths of a member's mean value, to be looked at."""

LARGEST: Final = 4_000
DEPTH: Final = 2
"""Entries beyond which one program would take minutes: then only the best so many members for each place are looked at."""
ROUNDING: Final = 1e-3
"""Values are whole: a bound reported a hair below a whole number means that number."""


@dataclass(frozen=True, eq=False)
class Found:
    """The entries chosen, their value, and a bound on any choice: by prices, lower where the search was exhausted."""

    entries: IntArray
    value: int
    price: IntArray
    bound: int


def search(openings: Openings, people: int, nodes: int, gap_permille: int) -> Found:
    """Return a best choice of groups from one family of openings, or a good one with its bound.

    1. Prices give a bound and say how far each opening is behind the best one of its mentor.
    2. The integer program is solved over the openings closest behind; then over wider sets, until the value is within
       ``gap_permille`` of the bound.
    3. An opening so far behind that no choice with it could beat the best one found is left out for good. When all others
       are searched, what the search proves is the bound.
    4. Where the openings are too many for one program, only the closest behind are searched, with the members who would
       gain most; the bound by prices covers the others too.
    5. With the openings chosen, members are dealt out anew by one minimum-cost flow, exactly.
    6. Where that is not good enough, mentors change their openings one by one (`graph.groups_exchanges`).
    """
    price, limit = best_prices(openings, people)
    _, profit = best_columns(openings, price)
    behind = mentor_profit(openings, profit)[openings.mentor] - profit
    found = Found(np.zeros(0, dtype=np.int64), 0, price, limit // THOUSANDTHS)
    member = int(openings.value.sum()) // max(openings.value.size, 1)
    for widening in (*WIDENINGS, None):
        if found.value * 1000 >= found.bound * (1000 - gap_permille):
            break
        could_matter = limit - behind > found.value * THOUSANDTHS
        near = could_matter if widening is None else could_matter & (behind <= widening * member)
        near, among = _narrowed(openings, near, behind, price)
        chosen, reach = _program(openings.only(near, among), people, nodes, gap_permille)
        found = _better(found, openings, np.flatnonzero(near)[chosen], people)
        if widening != 0 and not among.all():
            break
        if (near == could_matter).all() and among.all():
            found = replace(found, bound=min(found.bound, max(found.value, reach)))
    enough = -(-found.bound * (1000 - gap_permille) // 1000)
    if found.value >= enough:
        return found
    entries = exchanged(openings, found.entries, people, enough)
    return replace(found, entries=entries, value=int(openings.value[entries].sum()))


def _narrowed(openings: Openings, near: Mask, behind: IntArray, price: IntArray) -> tuple[Mask, Mask]:
    """Return the openings and entries to search: all, or the most promising where they are too many for one program."""
    if int(near[openings.opening].sum()) <= LARGEST:
        return near, np.ones(openings.mentee.size, dtype=np.bool_)
    worth = openings.value * THOUSANDTHS - price[openings.mentee]
    order = np.lexsort((-worth, openings.opening))
    of = openings.opening[order]
    among = np.zeros(order.size, dtype=np.bool_)
    among[order] = np.arange(order.size) - openings.first[of] < DEPTH * openings.most[of]
    size = np.bincount(openings.opening[among], minlength=near.size) * near
    best_first = np.argsort(behind, kind="stable")
    room = np.zeros(near.size, dtype=np.bool_)
    room[best_first] = np.cumsum(size[best_first]) <= LARGEST
    return near & room, among


def _better(found: Found, openings: Openings, chosen: IntArray, people: int) -> Found:
    entries, _ = dealt(openings, chosen, people)
    value = int(openings.value[entries].sum())
    return replace(found, entries=entries, value=value) if value > found.value else found


def _program(openings: Openings, people: int, nodes: int, gap_permille: int) -> tuple[IntArray, int]:
    """Return which openings the integer program chooses, and what no choice from them can exceed.

    Variables: a member's place in an opening (continuous, since with the openings fixed the rest is a flow), then one whole
    variable per opening. HiGHS by way of scipy; nodes are counted, not seconds, so that every machine answers the same.
    """
    many, entries, most = openings.mentor.size, openings.mentee.size, int(openings.value.sum())
    if not many:
        return np.zeros(0, dtype=np.int64), 0
    answer = milp(
        -np.concatenate((openings.value, np.zeros(many))).astype(float),
        integrality=np.repeat([0, 1], [entries, many]),
        bounds=Bounds(0, 1),
        constraints=_rules(openings, people),
        options={"node_limit": nodes, "mip_rel_gap": gap_permille / 1000},
    )
    reach = most if answer.mip_dual_bound is None else int(-answer.mip_dual_bound + ROUNDING)
    chosen: IntArray = np.flatnonzero(np.zeros(0) if answer.x is None else answer.x[entries:] > 0.5)
    return chosen, reach


def _rules(openings: Openings, people: int) -> list[LinearConstraint]:
    many, entries = openings.mentor.size, openings.mentee.size
    members = _incidence(openings.opening, entries, many)
    places = _incidence(openings.mentee, entries, people)
    leads = _incidence(openings.mentor, many, int(openings.mentor.max()) + 1)
    only_if_open = hstack([identity(entries), -members.T])
    fewest = hstack([members, -openings.smallest * identity(many)])
    most = hstack([members, -csr_array((openings.most.astype(float), (np.arange(many), np.arange(many))))])
    once = vstack([hstack([places, csr_array((people, many))]), hstack([csr_array((leads.shape[0], entries)), leads])])
    return [
        LinearConstraint(vstack([only_if_open, most]), -np.inf, 0),
        LinearConstraint(fewest, 0, np.inf),
        LinearConstraint(once, -np.inf, 1),
    ]


def _incidence(rows: IntArray, columns: int, height: int) -> csr_array:
    return csr_array((np.ones(columns), (rows, np.arange(columns))), shape=(height, columns))


__all__ = ["Found", "bound", "search"]
