"""Better groups from good ones: the members dealt out best over chosen openings, and mentors who change their opening."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from graph.flow import Arcs, InfeasibleFlowError, IntArray, minimum_cost_circulation
from graph.groups_openings import Openings
from graph.groups_prices import THOUSANDTHS, best_columns

MOST_TRIED: Final = 500
"""Changes of one opening tried out at most: a count, not a time, so that every machine answers the same."""


def dealt(openings: Openings, chosen: IntArray, people: int) -> tuple[IntArray, IntArray]:
    """Return the entries that fill the chosen openings best, and what each mentee is worth to them, in whole values.

    Everyone at most once, from fewest to most members each: one minimum-cost flow, whose potentials are the prices.

    Raises
    ------
    InfeasibleFlowError
        The openings cannot all have their fewest members.
    """
    if not chosen.size:
        return np.zeros(0, dtype=np.int64), np.zeros(people, dtype=np.int64)
    entries = np.flatnonzero(np.isin(openings.opening, chosen))
    source, sink = chosen.size + people, chosen.size + people + 1
    group = np.searchsorted(chosen, openings.opening[entries])
    free, whole = np.zeros(people, dtype=np.int64), np.ones(people, dtype=np.int64)
    back = np.array([people])
    columns = (
        (np.full(chosen.size, source), group, np.arange(people) + chosen.size, np.array([sink])),
        (np.arange(chosen.size), openings.mentee[entries] + chosen.size, np.full(people, sink), np.array([source])),
        (np.full(chosen.size, openings.smallest), np.zeros_like(entries), free, np.array([0])),
        (openings.most[chosen], np.ones_like(entries), whole, back),
        (np.zeros_like(chosen), -openings.value[entries], free, np.array([0])),
    )
    flow, potential = minimum_cost_circulation(Arcs(sink + 1, *(np.concatenate(column) for column in columns)))
    price: IntArray = np.maximum(0, potential[sink] - potential[chosen.size : source])
    return entries[flow[chosen.size : chosen.size + entries.size] == 1], price


def exchanged(openings: Openings, entries: IntArray, people: int, enough: int) -> IntArray:
    """Return entries of more value, if any are found, by giving mentors another opening or a first one, one at a time.

    1. Members are dealt out over the openings at hand; their prices say what each other opening of a mentor would be worth.
    2. The most promising ones are tried out in order, each by dealing out anew; the first that adds value is kept.
    3. Again from 1.

    It ends when the value is ``enough``, when nothing helps, or after a counted number of tries. O(tries · one flow).
    """
    tries, value = MOST_TRIED, int(openings.value[entries].sum())
    chosen = np.unique(openings.opening[entries])
    _, price = dealt(openings, chosen, people)
    while value < enough:
        for other in _promising(openings, chosen, price):
            tries -= 1
            changed = np.sort(np.append(chosen[openings.mentor[chosen] != openings.mentor[other]], other))
            trial, prices = _tried(openings, changed, people)
            worth = int(openings.value[trial].sum())
            if worth > value or not tries:
                break
        else:
            return entries
        if worth > value:
            entries, value, chosen, price = trial, worth, changed, prices
        if not tries:
            return entries
    return entries


def _tried(openings: Openings, chosen: IntArray, people: int) -> tuple[IntArray, IntArray]:
    try:
        return dealt(openings, chosen, people)
    except InfeasibleFlowError:
        return np.zeros(0, dtype=np.int64), np.zeros(people, dtype=np.int64)


def _promising(openings: Openings, chosen: IntArray, price: IntArray) -> Iterator[int]:
    """Yield for each mentor the opening that would earn most beyond the present one at these prices, most first."""
    _, profit = best_columns(openings, price * THOUSANDTHS)
    present = np.zeros(int(openings.mentor.max(initial=-1)) + 1, dtype=np.int64)
    present[openings.mentor[chosen]] = profit[chosen]
    gain = profit - present[openings.mentor]
    order = np.argsort(-gain, kind="stable")
    order = order[gain[order] > 0]
    _, first = np.unique(openings.mentor[order], return_index=True)
    yield from order[np.sort(first)].tolist()
