"""One mentor with five or six mentees who share a profession, a language and a free slot: the best groups there are.

See `graph.groups_problem` for what is asked, `graph.groups_prices` for the bound, `graph.groups_search` for the choice.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from graph.flow import IntArray
from graph.groups_openings import Openings, openings, worth_of_a_place
from graph.groups_prices import THOUSANDTHS, bound
from graph.groups_problem import GREATEST, SMALLEST, GroupPolicy, GroupProblem, check_sizes, whole_number
from graph.groups_reasons import LeftOut, WhyNot, left_out
from graph.groups_search import Found, Mask, search

__all__ = ["Group", "GroupPolicy", "GroupProblem", "GroupResult", "LeftOut", "WhyNot"]
__all__ += ["group_faults", "group_sizes", "solve_groups"]

DEFAULT_POLICY: Final = GroupPolicy()


@dataclass(frozen=True)
class Group:
    """A mentor with their mentees, what they share, and each member's fit with the mentor in the order of ``members``."""

    mentor: int
    language: int
    slot: int
    profession: int
    members: tuple[int, ...]
    fits: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class GroupResult:
    """The groups, their totals, and how much better any other choice could be at most.

    ``value`` is what the policy counts: points, for ``more_mentees`` with 100 more for every place.
    No choice of groups of the whole problem, listed or not, has a value above ``bound``. ``prices`` per mentee, whole
    thousandths, prove ``bound_by_prices`` to anybody (`group_faults`); where the search went through every opening that
    could matter, ``bound`` is lower than that and rests on the search. ``left_out`` says why for everyone in no group.
    """

    groups: tuple[Group, ...]
    placed: int
    points: int
    value: int
    bound: int
    bound_by_prices: int
    prices: IntArray
    left_out: tuple[LeftOut, ...]

    @property
    def gap_permille(self) -> int:
        """How far the value is below the bound, in thousandths of the bound, rounded up; 0: proven best."""
        return -((self.value - self.bound) * 1000 // self.bound) if self.bound else 0


def group_sizes(people: int, smallest: int = SMALLEST, greatest: int = GREATEST) -> tuple[int, ...]:
    """Return into what sizes people are dealt: as many placed as can be, in the fewest groups, as even as can be.

    Raises
    ------
    ValueError
        Numbers that are not whole, or sizes out of order.

    Examples
    --------
    >>> group_sizes(17), group_sizes(13), group_sizes(4)
    ((6, 6, 5), (6, 6), ())
    """
    check_sizes(smallest, greatest)
    placed = whole_number("people", people)
    while -(-placed // greatest) * smallest > placed:
        placed -= 1
    groups = -(-placed // greatest)
    return tuple(placed // groups + (number < placed % groups) for number in range(groups))


def solve_groups(problem: GroupProblem, policy: GroupPolicy = DEFAULT_POLICY) -> GroupResult:
    """Return the best groups under a policy, or groups within the stated gap of what any choice could reach.

    1. Every opening (mentor, language, slot) with enough mentees at or above the floor (`graph.groups_openings`).
    2. Openings that share nobody with others are solved apart; their values and bounds add up.
    3. In each family prices give the bound and an integer program the choice (`graph.groups_search`).

    Parameters
    ----------
    problem
        Eligible pairs, languages, slots and professions. The order of the pairs does not matter; the numbering of the
        people breaks ties.
    policy
        Objective, sizes, floor of every member, and when to be content.

    Notes
    -----
    NP-hard, so the time is bounded by counted searches, not by proof: docs/benchmarks/groups.md has measured sizes.

    Examples
    --------
    >>> from graph.groups import GroupProblem, solve_groups
    >>> both = [[True]] * 5
    >>> five = GroupProblem(range(5), [0] * 5, [60, 70, 80, 90, 50], both, both[:1], both, both[:1], [0] * 5, [0])
    >>> result = solve_groups(five)
    >>> result.groups[0].members, result.groups[0].fits, result.points, result.gap_permille
    ((0, 1, 2, 3, 4), (60, 70, 80, 90, 50), 350, 0)
    """
    offered = openings(problem, policy)
    found = [
        _solved_apart(offered, offered.families == family, policy)
        for family in range(int(offered.families.max(initial=-1)) + 1)
    ]
    return _result(problem, policy, offered, found)


def _solved_apart(offered: Openings, family: Mask, policy: GroupPolicy) -> tuple[Found, IntArray]:
    """Solve one family with its people numbered anew; return what was found in the pool's numbers, and its mentees."""
    ours = np.flatnonzero(family[offered.opening])
    small = offered.only(family)
    mentees, mentee = np.unique(small.mentee, return_inverse=True)
    _, mentor = np.unique(small.mentor, return_inverse=True)
    small = replace(small, mentee=mentee, mentor=mentor)
    found = search(small, mentees.size, policy.searches, policy.gap_permille)
    return replace(found, entries=ours[found.entries]), mentees


def _result(
    problem: GroupProblem, policy: GroupPolicy, offered: Openings, found: list[tuple[Found, IntArray]]
) -> GroupResult:
    prices = np.zeros(problem.mentees, dtype=np.int64)
    for part, mentees in found:
        prices[mentees] = part.price
    entries = np.concatenate([np.zeros(0, dtype=np.int64), *(part.entries for part, _ in found)])
    groups = _groups(problem, policy, offered, entries)
    value = int(offered.value[entries].sum())
    return GroupResult(
        groups,
        placed=int(entries.size),
        points=value - worth_of_a_place(policy) * int(entries.size),
        value=value,
        bound=sum(part.bound for part, _ in found),
        bound_by_prices=bound(offered, prices) // THOUSANDTHS,
        prices=prices,
        left_out=left_out(problem, policy, offered, {member for group in groups for member in group.members}),
    )


def _groups(problem: GroupProblem, policy: GroupPolicy, offered: Openings, entries: IntArray) -> tuple[Group, ...]:
    place, groups = worth_of_a_place(policy), []
    for opening in np.unique(offered.opening[entries]).tolist():
        mine = entries[offered.opening[entries] == opening]
        members, fits = offered.mentee[mine].tolist(), (offered.value[mine] - place).tolist()
        mentor = int(offered.mentor[opening])
        shared = int(offered.language[opening]), int(offered.slot[opening]), int(problem.mentor_profession[mentor])
        groups.append(Group(mentor, *shared, tuple(members), tuple(fits)))
    return tuple(groups)


def group_faults(problem: GroupProblem, policy: GroupPolicy, result: GroupResult) -> tuple[str, ...]:
    """Return what is wrong with a result, in words; empty if it keeps every rule and its prices prove their bound.

    Checks against the problem alone, without the solver: sizes, what members share, fits, floor, everyone once, totals.
    """
    faults = [fault for group in result.groups for fault in _group_faults(problem, policy, group)]
    members = [member for group in result.groups for member in group.members]
    mentors = [group.mentor for group in result.groups]
    fits = [fit for group in result.groups for fit in group.fits]
    counted = sum(fits) + worth_of_a_place(policy) * len(members)
    proven = bound(openings(problem, policy), result.prices) // THOUSANDTHS
    sums = {
        "a mentee is in two groups": len(set(members)) == len(members),
        "a mentor leads two groups": len(set(mentors)) == len(mentors),
        "the totals are not those of the groups": (result.placed, result.points, result.value)
        == (len(members), sum(fits), counted),
        "the prices do not prove the bound": int(result.prices.min(initial=0)) >= 0
        and proven == result.bound_by_prices,
        "the bound is not between the value and what the prices prove": result.value <= result.bound <= proven,
    }
    return (*faults, *(fault for fault, holds in sums.items() if not holds))


def _group_faults(problem: GroupProblem, policy: GroupPolicy, group: Group) -> list[str]:
    fit = {
        mentee: points
        for mentee, mentor, points in zip(
            problem.mentee.tolist(), problem.mentor.tolist(), problem.points.tolist(), strict=True
        )
        if mentor == group.mentor
    }
    members = list(group.members)
    seats = policy.greatest if problem.seats is None else int(problem.seats[group.mentor])
    speak = problem.mentor_languages[group.mentor] & problem.mentee_languages[members].all(axis=0)
    free = problem.mentor_slots[group.mentor] & problem.mentee_slots[members].all(axis=0)
    professions = {*problem.mentee_profession[members].tolist(), int(problem.mentor_profession[group.mentor])}
    rules = {
        "has a size the policy does not allow": policy.smallest <= len(members) <= min(policy.greatest, seats),
        "does not share its language": bool(speak[group.language]),
        "does not share its slot": bool(free[group.slot]),
        "does not share its profession": professions == {group.profession},
        "has a fit that is not the pair's": [fit.get(member) for member in members] == list(group.fits),
        "has a member below the floor": min(group.fits, default=0) >= policy.floor,
    }
    return [f"the group of mentor {group.mentor} {fault}" for fault, holds in rules.items() if not holds]
