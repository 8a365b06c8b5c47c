"""Why somebody is in no group: the first reason that holds, with its number, so that it can be said aloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from graph.flow import IntArray
from graph.groups_openings import Openings
from graph.groups_problem import GroupPolicy, GroupProblem


class WhyNot(StrEnum):
    """Why a mentee is in no group, in the order in which reasons are given."""

    NOBODY = "nobody"
    """No mentor may be met at all."""
    BELOW_FLOOR = "below_floor"
    OTHER_PROFESSION = "other_profession"
    NO_SEATS = "no_seats"
    """No mentor of the profession takes as many as a group has."""
    NO_SHARED_LANGUAGE = "no_shared_language"
    NO_SHARED_SLOT = "no_shared_slot"
    TOO_FEW = "too_few"
    OTHERS_PLACED = "others_placed"
    """There are enough for a group, but the groups formed serve the whole better."""


@dataclass(frozen=True)
class LeftOut:
    """A mentee in no group, and why.

    ``number`` is the best fit for ``below_floor``, how many share mentor, language and slot (this mentee included) for
    ``too_few``, and 0 for the others.
    """

    mentee: int
    reason: WhyNot
    number: int = 0


def left_out(
    problem: GroupProblem, policy: GroupPolicy, offered: Openings, placed: Iterable[int]
) -> tuple[LeftOut, ...]:
    """Return a reason for every mentee who is not placed, in order of their numbers."""
    alone = np.ones(problem.mentees, dtype=np.bool_)
    alone[list(placed)] = False
    could_join = set(offered.mentee.tolist())
    starts = np.searchsorted(problem.mentee, np.arange(problem.mentees + 1))
    return tuple(
        LeftOut(mentee, WhyNot.OTHERS_PLACED)
        if mentee in could_join
        else LeftOut(mentee, *_why(problem, policy, mentee, np.arange(starts[mentee], starts[mentee + 1])))
        for mentee in np.flatnonzero(alone).tolist()
    )


def _why(problem: GroupProblem, policy: GroupPolicy, mentee: int, pairs: IntArray) -> tuple[WhyNot, int]:
    """Narrow the mentors down rule by rule; the rule that leaves none is the reason."""
    if not pairs.size:
        return WhyNot.NOBODY, 0
    best = int(problem.points[pairs].max())
    mentors = problem.mentor[pairs[problem.points[pairs] >= policy.floor]]
    if not mentors.size:
        return WhyNot.BELOW_FLOOR, best
    kept = {
        WhyNot.OTHER_PROFESSION: problem.mentor_profession == problem.mentee_profession[mentee],
        WhyNot.NO_SEATS: np.ones(problem.mentors, np.bool_)
        if problem.seats is None
        else problem.seats >= policy.smallest,
        WhyNot.NO_SHARED_LANGUAGE: (problem.mentor_languages & problem.mentee_languages[mentee]).any(axis=1),
        WhyNot.NO_SHARED_SLOT: (problem.mentor_slots & problem.mentee_slots[mentee]).any(axis=1),
    }
    for reason, fits in kept.items():
        mentors = mentors[fits[mentors]]
        if not mentors.size:
            return reason, 0
    return WhyNot.TOO_FEW, max(_sharing(problem, policy, mentee, mentor) for mentor in mentors.tolist())


def _sharing(problem: GroupProblem, policy: GroupPolicy, mentee: int, mentor: int) -> int:
    """Return how many mentees at most could join this mentor in one language and slot that this mentee shares too."""
    pairs = np.flatnonzero((problem.mentor == mentor) & (problem.points >= policy.floor))
    people = problem.mentee[pairs]
    people = people[problem.mentee_profession[people] == problem.mentor_profession[mentor]]
    languages = np.flatnonzero(problem.mentor_languages[mentor] & problem.mentee_languages[mentee])
    slots = np.flatnonzero(problem.mentor_slots[mentor] & problem.mentee_slots[mentee])
    speaks = problem.mentee_languages[people][:, languages].astype(np.int64)
    return int((speaks.T @ problem.mentee_slots[people][:, slots].astype(np.int64)).max())
