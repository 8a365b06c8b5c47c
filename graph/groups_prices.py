"""What each mentee's time is worth to the groups: prices that bound every choice of groups from above, without listing any.

A column is a whole group: an opening with its members. There are far too many to write down, but given a price for each
mentee the best column of an opening is plain to see: the dearest members by value less price. Then no choice of groups is
worth more than all prices together plus, for each mentor, the best column's profit (Lagrangian duality). Prices are whole
numbers of thousandths, so the bound is exact and anybody can check it again without a solver.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.flow import IntArray
from graph.groups_openings import Openings

THOUSANDTHS: Final = 1000
ROUNDS: Final = 300
WHOLE_BITS: Final = 62
PATIENCE: Final = 8
"""Rounds without a better bound after which the step shrinks by a third."""


def best_columns(openings: Openings, price: IntArray) -> tuple[IntArray, IntArray]:
    """Return the best column of every opening at these prices: its entries, sorted, and its profit per opening.

    The smallest number of members is taken whatever it costs, more only where each adds. Profits, in thousandths, may be
    negative. O(entries log entries).
    """
    worth = openings.value * THOUSANDTHS - price[openings.mentee]
    order = best_first(openings, worth)
    of = openings.opening[order]
    rank = np.arange(order.size) - openings.first[of]
    taken = (rank < openings.smallest) | ((rank < openings.most[of]) & (worth[order] > 0))
    entries = np.sort(order[taken])
    profit = np.zeros(openings.mentor.size, dtype=np.int64)
    np.add.at(profit, openings.opening[entries], worth[entries])
    return entries, profit


def best_first(openings: Openings, worth: IntArray) -> IntArray:
    """Return all entries opening by opening, those of most worth first, equal ones in their order. O(entries log entries).

    Opening, worth and place go into one whole number each, since plain numbers are sorted many times faster than by three keys;
    where they do not fit, by keys.
    """
    least, most = int(worth.min(initial=0)), int(worth.max(initial=0))
    places, levels = worth.size.bit_length(), (most - least).bit_length()
    if openings.mentor.size.bit_length() + levels + places > WHOLE_BITS:
        return np.lexsort((-worth, openings.opening))
    keys = (((openings.opening << levels) | (most - worth)) << places) | np.arange(worth.size)
    keys.sort()
    found: IntArray = keys & ((1 << places) - 1)
    return found


def mentor_profit(openings: Openings, profit: IntArray) -> IntArray:
    """Return for each mentor the best profit among its openings, at least 0: a mentor may lead no group."""
    best = np.zeros(int(openings.mentor.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(best, openings.mentor, profit)
    return best


def bound(openings: Openings, price: IntArray) -> int:
    """Return what no choice of groups from these openings can exceed, in thousandths, whatever the prices (0 or more)."""
    _, profit = best_columns(openings, price)
    return int(price.sum()) + int(mentor_profit(openings, profit).sum())


def best_prices(openings: Openings, people: int) -> tuple[IntArray, int]:
    """Return prices per mentee, in thousandths, and their bound: the lowest found in a fixed number of rounds.

    1. Each mentor names its best column at the present prices.
    2. Mentees wanted more than once grow dearer, those wanted by nobody cheaper: a step down the subgradient, as long as
       the bound still to fall allows (Polyak 1969), shorter after rounds without a better bound.
    3. The prices with the lowest bound are kept.

    O(rounds · entries log entries). The bound tends to the one of the linear program over all columns.
    """
    current = kept = np.zeros(people, dtype=np.int64)
    lowest = bound(openings, current)
    step, waited = 1.0, 0
    for _ in range(ROUNDS):
        entries, profit = best_columns(openings, current)
        value = int(current.sum()) + int(mentor_profit(openings, profit).sum())
        waited = 0 if value * 10_000 < lowest * 9_999 else waited + 1
        if value < lowest:
            kept, lowest = current, value
        if waited >= PATIENCE:
            step, waited = step / 1.5, 0
        push = _push(openings, entries, profit, current)
        length = int((push * push).sum())
        if not length:
            break
        current = np.maximum(0, current - np.rint(push * (step * value / length)).astype(np.int64))
    return kept, lowest


def _push(openings: Openings, entries: IntArray, profit: IntArray, price: IntArray) -> IntArray:
    """Return for each mentee 1 less how many mentors want them; 0 where a price of 0 would have to fall."""
    wanted = chosen_openings(openings, profit)[openings.opening[entries]]
    push = 1 - np.bincount(openings.mentee[entries][wanted], minlength=price.size)
    push[(price == 0) & (push > 0)] = 0
    return push


def chosen_openings(openings: Openings, profit: IntArray) -> NDArray[np.bool_]:
    """Return each mentor's best opening, where it earns anything; of equal ones the first."""
    order = np.lexsort((-profit, openings.mentor))
    mentor = openings.mentor[order]
    first = order[np.concatenate(([True], mentor[1:] != mentor[:-1]))] if order.size else order
    chosen = np.zeros(profit.size, dtype=np.bool_)
    chosen[first[profit[first] > 0]] = True
    return chosen
