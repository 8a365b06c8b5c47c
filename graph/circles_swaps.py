"""The best change of one circle: somebody joins, leaves or swaps, if that raises the sum of all fits.

Every possible exchange is weighed, not a few promising ones: a bound from sums that are kept along rules out nearly all of
them, and the others are tried out together.
"""

from typing import Final

import numpy as np

from graph.circles_rules import Mask
from graph.circles_seating import NOWHERE, Change, Seating
from graph.flow import IntArray

TRIED_AT_ONCE: Final = 64
"""Exchanges tried out together, the most promising first, until no other can be better than the best one found."""


def best_move(seating: Seating, number: int) -> Change | None:
    """Return the change of one circle and at most one other that raises the total most; none if there is no such change."""
    moves = [*_joining(seating, number), *_leaving(seating, number)]
    found, most = best_of(seating, moves)
    members, others, bounds = _promising(seating, number)
    for first in range(0, bounds.size, TRIED_AT_ONCE):
        some = slice(first, first + TRIED_AT_ONCE)
        if bounds[first] <= most:
            break
        pairs = zip(members[some].tolist(), others[some].tolist(), strict=True)
        swap, gain = best_of(seating, [_swapped(seating, number, *pair) for pair in pairs])
        if gain > most:
            found, most = swap, gain
    return found


def best_of(seating: Seating, changes: list[Change]) -> tuple[Change | None, int]:
    """Return the change that raises the total most, and by how much; none if there is no such change."""
    if not changes:
        return None, 0
    gains = seating.gains(changes)
    best = int(gains.argmax())
    return (changes[best], int(gains[best])) if gains[best] > 0 else (None, 0)


def best_seat(seating: Seating, person: int) -> Change | None:
    """Return the free seat where somebody who sits nowhere raises the total most; none if there is no such seat."""
    there = np.flatnonzero(seating.room() & (seating.apart[:, person] == 0))
    return best_of(seating, [_moved(seating, person, int(number)) for number in there])[0]


def _joining(seating: Seating, number: int) -> list[Change]:
    """Return the changes by which somebody joins a circle with room."""
    present = seating.circle(number)
    if len(present) >= seating.rules.greatest:
        return []
    after = (seating.total[number] + 2 * seating.sums[number]) // len(present)
    might = (after > seating.value[number]) & (seating.apart[number] == 0) & _may_leave(seating)
    might &= seating.where != number
    return [_moved(seating, int(one), number) for one in np.flatnonzero(might)]


def _leaving(seating: Seating, number: int) -> list[Change]:
    """Return the changes by which a member leaves a circle for another one with room."""
    if seating.sizes[number] <= seating.rules.smallest:
        return []
    present = np.array(seating.circle(number))
    room = seating.room()
    room[number] = False
    there = np.flatnonzero(room)
    sizes = seating.sizes
    after = (seating.total[there, np.newaxis] + 2 * seating.sums[np.ix_(there, present)]) // sizes[there, np.newaxis]
    might = (after > seating.value[there, np.newaxis]) & (seating.apart[np.ix_(there, present)] == 0)
    return [_moved(seating, int(present[member]), int(there[row])) for row, member in np.argwhere(might).tolist()]


def _may_leave(seating: Seating) -> Mask:
    """Mark who sits nowhere, or in a circle that is large enough without them."""
    found: Mask = (seating.where == NOWHERE) | (seating.sizes > seating.rules.smallest)[seating.where]
    return found


def _moved(seating: Seating, person: int, number: int) -> Change:
    home = int(seating.where[person])
    left = {} if home == NOWHERE else {home: [one for one in seating.circle(home) if one != person]}
    return {**left, number: [*seating.circle(number), person]}


def _promising(seating: Seating, number: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return (member, other, most gained) of the exchanges with anybody else that might raise the total, best first."""
    present = np.array(seating.circle(number))
    bound = _most_gained(seating, number, present)
    member, other = np.nonzero(bound > 0)
    order = np.argsort(-bound[member, other], kind="stable")
    member, other = member[order], other[order]
    return present[member], other, bound[member, other]


def _most_gained(seating: Seating, number: int, present: IntArray) -> IntArray:
    """Return (members × people) what each exchange could add at most, 0 where two would meet who may not.

    The mean of whole fits is at most the whole mean of all pairs: so much the sums kept along say without trying.
    """
    rules, there = seating.rules, seating.where
    others = np.maximum(seating.sizes - 1, 1)
    points, apart = rules.points[present, :-1], rules.apart[present, :-1]
    comes = seating.sums[number] - points - seating.own[present][:, np.newaxis]
    goes = np.where(there != NOWHERE, seating.sums[:, present].T[:, there] - points - seating.own, 0)
    after = (seating.total[number] + 2 * comes) // others[number] + (seating.total[there] + 2 * goes) // others[there]
    meets = (seating.apart[number] == apart) & (seating.apart[:, present].T[:, there] == (apart & (there != NOWHERE)))
    gain = after - seating.value[number] - seating.value[there]
    found: IntArray = np.where(meets & (there != number), gain, 0)
    return found


def _swapped(seating: Seating, number: int, leaves: int, comes: int) -> Change:
    change = {number: [comes if one == leaves else one for one in seating.circle(number)]}
    home = int(seating.where[comes])
    if home != NOWHERE:
        change[home] = [leaves if one == comes else one for one in seating.circle(home)]
    return change
