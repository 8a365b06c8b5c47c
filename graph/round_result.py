"""What a round gives: who meets whom, and what that means for each organisation."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.certificate import Certificate
from graph.flow import IntArray
from graph.round_network import placed_alone
from graph.round_problem import RoundProblem


@dataclass(frozen=True)
class OrganisationShare:
    """What a round means for one organisation, in people; ``seats_lent`` in placements of others' mentees.

    ``placed_across`` of the ``placed`` mentees meet a mentor of another organisation or of none; ``mentors_lent`` of
    its mentors meet a mentee of another organisation.
    """

    organisation: int
    mentees: int
    placed_alone: int
    placed: int
    placed_across: int
    seats_lent: int
    mentors_lent: int

    @property
    def gained(self) -> int:
        """How many more mentees the round places than the organisation could alone."""
        return self.placed - self.placed_alone

    @property
    def across_percent(self) -> int:
        """Share of its placements that cross organisations, in whole percent, halves up; 0 without placements."""
        return (200 * self.placed_across + self.placed) // (2 * self.placed) if self.placed else 0


@dataclass(frozen=True, eq=False)
class RoundResult:
    """One round: who meets whom, what each organisation gets, and the proof.

    ``mentor_of`` holds a mentor for each mentee, -1 for unplaced, and ``points_of`` the fit of that pair, 0 for unplaced.
    ``placed`` and ``points`` are totals. The other arrays hold one entry per organisation: its ``mentees``, how many it
    could place alone (``placed_alone``), how many the round places (``placed_by``) and how many of those with a mentor that
    is not its own (``placed_across``), the placements of others' mentees with its mentors (``seats_lent``) and the mentors
    concerned (``mentors_lent``).
    """

    mentor_of: IntArray
    points_of: IntArray
    placed: int
    points: int
    mentees: IntArray
    placed_alone: IntArray
    placed_by: IntArray
    placed_across: IntArray
    seats_lent: IntArray
    mentors_lent: IntArray
    certificate: Certificate

    def by_organisation(self) -> tuple[OrganisationShare, ...]:
        """Return the comparison of alone and together for every organisation, in the order of their numbers."""
        columns = (
            self.mentees,
            self.placed_alone,
            self.placed_by,
            self.placed_across,
            self.seats_lent,
            self.mentors_lent,
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return tuple(OrganisationShare(number, *row) for number, row in enumerate(rows))


def result_of(problem: RoundProblem, mentor_of: IntArray, certificate: Certificate) -> RoundResult:
    """Count a round in the points of the problem, whatever was held back while it was weighed. O(pairs), and one matching."""
    chosen = mentor_of[problem.mentee] == problem.mentor
    points_of = np.zeros(problem.mentees, dtype=np.int64)
    points_of[problem.mentee[chosen]] = problem.points[chosen]
    return RoundResult(
        mentor_of=mentor_of,
        points_of=points_of,
        placed=int(chosen.sum()),
        points=int(points_of.sum()),
        **_by_organisation(problem, mentor_of),
        certificate=certificate,
    )


def _by_organisation(problem: RoundProblem, mentor_of: IntArray) -> dict[str, Any]:
    """Count what each organisation gets from a round, in the columns of a result."""
    placed = np.flatnonzero(mentor_of >= 0)
    mentor, receiver = mentor_of[placed], problem.mentee_organisation[placed]
    owner, size = problem.mentor_organisation[mentor], problem.organisations or 0
    across = owner != receiver
    lent = across & (owner >= 0)
    lenders = problem.mentor_organisation[np.unique(mentor[lent])]
    return {
        "mentees": np.bincount(problem.mentee_organisation, minlength=size),
        "placed_alone": placed_alone(problem),
        "placed_by": np.bincount(receiver, minlength=size),
        "placed_across": np.bincount(receiver[across], minlength=size),
        "seats_lent": np.bincount(owner[lent], minlength=size),
        "mentors_lent": np.bincount(lenders, minlength=size),
    }


def shares_of(problem: RoundProblem, mentor_of: IntArray) -> tuple[OrganisationShare, ...]:
    """Return what a round over a problem means for each organisation, however the round was found. O(people), one matching."""
    columns = (column.tolist() for column in _by_organisation(problem, mentor_of).values())
    return tuple(OrganisationShare(number, *row) for number, row in enumerate(zip(*columns, strict=True)))
