"""The mentors and mentees of one snapshot, as values and as columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.knowledge import Knowledge
from graph.people.columns import Columns, both_sides
from graph.people.mentor_rows import MentorRows
from graph.people.persons import Mentee, Mentor

P = TypeVar("P", "Mentor", "Mentee")


@dataclass(frozen=True)
class Pool:
    """Mentors and mentees of one snapshot, as values and as columns, with the organisations they belong to by number."""

    mentors: Sequence[Mentor]
    mentees: tuple[Mentee, ...]
    organisations: tuple[str, ...]
    countries: tuple[str, ...]
    mentor: Columns
    mentee: Columns
    mentor_ids: NDArray[np.str_]

    @classmethod
    def build(cls, mentors: Iterable[Mentor], mentees: Iterable[Mentee], knowledge: Knowledge) -> "Pool":
        """Put people into columns, each side in order of its ids, so that the same people give the same pool.

        Raises
        ------
        ValueError
            An occupation or region the knowledge does not hold, a years band that does not exist, or an id given twice.
        """
        left, right = _in_order(mentors), _in_order(mentees)
        organisations = tuple(sorted({person.organisation for person in (*left, *right)}))
        countries = tuple(sorted({person.origin for person in (*left, *right) if person.origin}))
        ours, theirs = both_sides(left, right, organisations, countries, knowledge)
        ids = np.array([person.id for person in left], dtype=np.str_)
        return cls(left, right, organisations, countries, ours, theirs, ids)

    def with_columns(self, ids: NDArray[np.str_], mentor: Columns, knowledge: Knowledge) -> "Pool":
        """Return a pool of the same mentees with other mentors, given as columns: a million without a million objects.

        Codes, organisations and countries mean what they mean in this pool; :meth:`Columns.rows` of it is a start. Single
        mentors are decoded when asked for: seats are the free ones, and only what is consented to is known of origin.

        Raises
        ------
        ValueError
            Ids that are not in order, or given twice, or not as many as there are rows.
        """
        if ids.size != mentor.noc.size:
            raise ValueError(f"{ids.size} ids for {mentor.noc.size} rows")
        wrong = np.flatnonzero(ids[1:] <= ids[:-1])
        if wrong.size:
            raise ValueError(f"{ids[wrong[0] + 1]} is in the pool twice or out of order")
        decoded = MentorRows(ids, mentor, self.organisations, self.countries, knowledge)
        return replace(self, mentors=decoded, mentor=mentor, mentor_ids=ids)


def _in_order(people: Iterable[P]) -> tuple[P, ...]:
    ordered = tuple(sorted(people, key=lambda person: person.id))
    for before, after in pairwise(ordered):
        if before.id == after.id:
            raise ValueError(f"{after.id} is in the pool twice")
    return ordered
