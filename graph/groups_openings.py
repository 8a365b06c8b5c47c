"""Where a group could start: a mentor, a language and a slot, with every mentee who could join at or above the floor."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from graph.flow import IntArray
from graph.groups_problem import MOST_POINTS, GroupPolicy, GroupProblem, Table


@dataclass(frozen=True, eq=False)
class Openings:
    """Openings in order, and their entries: one for each mentee who could join.

    Per opening: ``mentor``, ``language``, ``slot`` and ``most`` members. Per entry: ``opening``, ``mentee`` and ``value``,
    what this member adds to the objective; entries are sorted by opening, ``first`` is where each opening's begin.
    """

    mentor: IntArray
    language: IntArray
    slot: IntArray
    most: IntArray
    opening: IntArray
    mentee: IntArray
    value: IntArray
    smallest: int

    @cached_property
    def first(self) -> IntArray:
        """Where the entries of each opening begin, and in the end how many entries there are."""
        return np.searchsorted(self.opening, np.arange(self.mentor.size + 1))

    @cached_property
    def families(self) -> IntArray:
        """A number per opening: openings of two families share neither a mentor nor a mentee, so each is solved alone."""
        many, people = self.mentor.size, int(self.mentee.max(initial=-1)) + 1
        heads = np.concatenate((self.opening, np.arange(many)))
        ends = np.concatenate((many + self.mentee, many + people + self.mentor))
        size = many + people + int(self.mentor.max(initial=-1)) + 1
        _, found = connected_components(
            csr_array((np.ones(heads.size), (heads, ends)), shape=(size, size)), directed=False
        )
        return np.unique(found[:many], return_inverse=True)[1]

    def only(self, kept: NDArray[np.bool_], among: NDArray[np.bool_] | None = None) -> "Openings":
        """Return some of the openings, with their entries (or those ``among`` the entries given), numbered anew."""
        entries = kept[self.opening] if among is None else kept[self.opening] & among
        return Openings(
            mentor=self.mentor[kept],
            language=self.language[kept],
            slot=self.slot[kept],
            most=self.most[kept],
            opening=(np.cumsum(kept) - 1)[self.opening[entries]],
            mentee=self.mentee[entries],
            value=self.value[entries],
            smallest=self.smallest,
        )


def worth_of_a_place(policy: GroupPolicy) -> int:
    """Return what placing one mentee counts besides the fit, in points."""
    return MOST_POINTS if policy.objective == "more_mentees" else 0


def openings(problem: GroupProblem, policy: GroupPolicy) -> Openings:
    """Return every opening that could hold a group, except those another one of the same mentor contains.

    A language and slot whose mentees are all among those of another language and slot of the same mentor add no group:
    only the wider one is kept. O(pairs · languages · slots of a mentor).
    """
    enough = problem.points >= policy.floor
    enough &= problem.mentee_profession[problem.mentee] == problem.mentor_profession[problem.mentor]
    order = np.flatnonzero(enough)
    order = order[np.argsort(problem.mentor[order], kind="stable")]
    starts = np.searchsorted(problem.mentor[order], np.arange(problem.mentors + 1))
    found: list[tuple[int, int, int, int, IntArray]] = []
    for mentor in range(problem.mentors):
        pairs = order[starts[mentor] : starts[mentor + 1]]
        most = policy.greatest if problem.seats is None else min(policy.greatest, int(problem.seats[mentor]))
        if min(most, pairs.size) >= policy.smallest:
            found += [(mentor, *rest) for rest in _of_a_mentor(problem, policy, mentor, most, pairs)]
    return _joined(found, problem, policy)


def _of_a_mentor(
    problem: GroupProblem, policy: GroupPolicy, mentor: int, most: int, pairs: IntArray
) -> list[tuple[int, int, int, IntArray]]:
    """Return (language, slot, most members, pairs) of one mentor's widest openings."""
    languages, slots = np.flatnonzero(problem.mentor_languages[mentor]), np.flatnonzero(problem.mentor_slots[mentor])
    members = problem.mentee[pairs]
    speaks, free = problem.mentee_languages[members][:, languages], problem.mentee_slots[members][:, slots]
    both = (speaks[:, :, None] & free[:, None, :]).reshape(pairs.size, -1)
    kept = [key for key in _widest(both) if both[:, key].sum() >= policy.smallest]
    cells = [divmod(key, slots.size) for key in kept]
    return [
        (int(languages[language]), int(slots[slot]), most, pairs[both[:, key]])
        for key, (language, slot) in zip(kept, cells, strict=True)
    ]


def _widest(table: Table) -> list[int]:
    """Return the columns that no other column contains; of equal ones the first."""
    counts = table.sum(axis=0)
    common = table.T.astype(np.int64) @ table.astype(np.int64)
    kept: list[int] = []
    for key in np.argsort(-counts, kind="stable").tolist():
        if not any(common[key, wider] == counts[key] for wider in kept):
            kept.append(key)
    return sorted(kept)


def _joined(found: list[tuple[int, int, int, int, IntArray]], problem: GroupProblem, policy: GroupPolicy) -> Openings:
    heads = np.array([row[:4] for row in found], dtype=np.int64).reshape(-1, 4).T
    sizes = [row[4].size for row in found]
    pairs = np.concatenate([np.zeros(0, dtype=np.int64), *(row[4] for row in found)])
    value = problem.points[pairs] + worth_of_a_place(policy)
    opening = np.repeat(np.arange(len(found)), sizes)
    return Openings(heads[0], heads[1], heads[2], heads[3], opening, problem.mentee[pairs], value, policy.smallest)
