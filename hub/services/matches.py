"""Pairs of a snapshot in words and points, as both sides may see them before they said yes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from graph.people import Mentee, Mentor, Pool
from graph.reasons import LOCALES, fit_sentences
from graph.scoring import Fit, fits
from hub.services import matching
from hub.services.matching import Texts
from hub.services.snapshots import Snapshot

SHOWN_DIGITS: Final = 4
"""Most digits of an occupation that anyone but the owner is shown before both sides said yes (trust.md, section 1)."""


@dataclass(frozen=True)
class Match:
    """One pair with its fit in parts and its reasons in both languages."""

    mentee: Mentee
    mentor: Mentor
    points: int
    parts: dict[str, Any]
    reasons: Texts


def explain(snapshot: Snapshot, pairs: Iterable[tuple[int, int]]) -> tuple[Match, ...]:
    """Return the matches of pairs of rows, with points, parts and reasons as both sides may see them before they said yes.

    Occupations are told with four digits, in the points too: whoever knows their own person's fifth digit would read the
    other's from full points. Whom to match was decided by what is held.
    """
    rows, index = list(pairs), snapshot.index
    told = _told(snapshot, rows)
    mentees, mentors = ({person.id: row for row, person in enumerate(side)} for side in (told.mentees, told.mentors))
    people = [(index.pool.mentees[mentee], index.pool.mentors[mentor]) for mentee, mentor in rows]
    places = np.array([(mentees[one.id], mentors[other.id]) for one, other in people], dtype=np.int64).reshape(-1, 2)
    found = fits(told, places[:, 0], places[:, 1], index.weights, index.knowledge)
    return tuple(
        Match(mentee, mentor, one.total, parts_of(one), reasons_of(one))
        for (mentee, mentor), one in zip(people, found, strict=True)
    )


def _told(snapshot: Snapshot, pairs: Iterable[tuple[int, int]]) -> Pool:
    """Return the people of some pairs as a proposal shows them."""
    mentees, mentors = ({pair[side] for pair in pairs} for side in (0, 1))
    left = [replace(one, noc=one.noc[:SHOWN_DIGITS]) for one in map(snapshot.pool.mentors.__getitem__, mentors)]
    right = [
        replace(one, noc=one.noc[:SHOWN_DIGITS], target_noc=one.target_noc and one.target_noc[:SHOWN_DIGITS])
        for one in map(snapshot.pool.mentees.__getitem__, mentees)
    ]
    return Pool.build(left, right, snapshot.index.knowledge)


def parts_of(found: Fit) -> dict[str, Any]:
    """Return a fit's parts as they are stored and shown."""
    return {part.name: {"points": part.points, "maximum": part.maximum} for part in found.parts}


def reasons_of(found: Fit) -> Texts:
    """Return a fit's sentences in both languages."""
    return matching.in_both({locale: fit_sentences(found, locale, matching.name_of) for locale in LOCALES})
