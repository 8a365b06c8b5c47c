"""The search for good circles: grow them, better them until nothing helps, then renew the weakest ones and see.

Deterministic and counted in passes, not in seconds: the same people in the same numbering always sit alike, on every machine.
"""

from typing import Final

import numpy as np

from graph.circles_rules import Rules
from graph.circles_seating import NOWHERE, Change, Seating
from graph.circles_swaps import best_move, best_of, best_seat

RENEWED: Final = (5, 4, 3)
"""One circle in so many, the weakest ones, is opened anew, in turns: the same share again would find the same circles."""


def search(rules: Rules, passes: int, renewals: int) -> Seating:
    """Return the best circles found from those that grow around whoever has fewest options."""
    best = Seating(rules)
    best.grow()
    settle(best, set(range(best.circles)), passes)
    for turn in range(renewals):
        share = RENEWED[turn % len(RENEWED)]
        weakest = np.argsort(best.value[: best.circles], kind="stable")[: -(-best.circles // share)].tolist()
        renewed = Seating(rules, [best.circle(number) for number in range(best.circles) if number not in weakest])
        kept = renewed.circles
        renewed.grow()
        settle(renewed, set(range(kept, renewed.circles)), passes)
        if renewed.value.sum() > best.value.sum():
            best = renewed
    return best


def settle(seating: Seating, changed: set[int], passes: int) -> None:
    """Better circles while anything helps, at most ``passes`` times; seat who sits nowhere in between.

    The weakest first, one change at a time. A circle is looked at again only after it changed: between two that did not,
    nothing new can help.
    """
    for _ in range(passes):
        changed |= _seated(seating) | _lent(seating) | _seated(seating)
        for number in sorted(changed, key=lambda number: (int(seating.value[number]), number)):
            changed.discard(number)
            changed |= _applied(seating, best_move(seating, number))
        known = seating.circles
        seating.grow()
        changed |= set(range(known, seating.circles))
        if not changed:
            return


def _seated(seating: Seating) -> set[int]:
    """Give everyone who sits nowhere a free seat where there is one; return the circles that changed."""
    changed: set[int] = set()
    for person in np.flatnonzero(seating.where == NOWHERE).tolist():
        changed |= _applied(seating, best_seat(seating, person))
    return changed


def _lent(seating: Seating) -> set[int]:
    """Open circles with members of larger ones where that raises the total: eight are two circles of four."""
    changed: set[int] = set()
    for person in np.flatnonzero(seating.where == NOWHERE).tolist():
        grown = seating.around(person, lend=True) if seating.where[person] == NOWHERE else []
        changed |= _applied(seating, best_of(seating, [_lending(seating, circle) for circle in grown])[0])
    return changed


def _lending(seating: Seating, circle: list[int]) -> Change:
    lenders = {int(number) for number in seating.where[circle] if number != NOWHERE}
    left = {number: [one for one in seating.circle(number) if one not in circle] for number in sorted(lenders)}
    return {**left, seating.circles: circle}


def _applied(seating: Seating, change: Change | None) -> set[int]:
    if change is None:
        return set()
    seating.apply(change)
    return set(change)
