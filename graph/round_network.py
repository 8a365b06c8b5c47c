"""A round as a network: organisations, people and seats become nodes; fairness and balance become bounds on arcs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from graph.even_load import most_load, seat_steps
from graph.flow import Arcs, IntArray
from graph.round_problem import MOST_POINTS, RoundPolicy, RoundProblem


@dataclass(frozen=True)
class Worth:
    """What a pair is worth to a round: (``placement`` + points) · ``tie_break`` + rounds waited, all whole.

    ``placement`` = 1 + 100 · min(mentees, seats), and the cost of the heaviest load where load counts, is more than any two
    rounds differ in points and load together, so nothing buys a placement; it is 0 when only the fit counts. ``tie_break`` does
    the same for the rounds waited. A constant that is merely large would prove nothing on a large pool.
    """

    placement: int
    tie_break: int

    def of(self, points: IntArray, waited: IntArray) -> IntArray:
        """Return the worth of each pair, given its points and the rounds its mentee has waited."""
        return (self.placement + points) * self.tie_break + waited

    def split(self, price: int) -> tuple[int, int]:
        """Return a price in worth as (placements, points), rounded to the nearest whole number of each."""
        value = (2 * price + self.tie_break) // (2 * self.tie_break)
        if not self.placement:
            return 0, value
        placements = (2 * value + self.placement) // (2 * self.placement)
        return placements, value - placements * self.placement


@dataclass(frozen=True, eq=False)
class RoundNetwork:
    """The circulation of one round, and where its pairs and its guarantees lie among the arcs.

    Arc ``pair_arcs[n]`` is pair ``pairs[n]`` of the problem; arc ``placed_arcs[n]`` carries the placements of organisation
    ``organisations[n]``.
    """

    arcs: Arcs
    pairs: IntArray
    pair_arcs: slice
    organisations: IntArray
    placed_arcs: slice
    worth: Worth


def witness_pairs(problem: RoundProblem) -> IntArray:
    """Return the entries of pairs that let every organisation place as many mentees as it can alone.

    Before pairs are left out of a large round, ask this of all own pairs and keep at least those returned, at most one per
    mentee: then the round's guarantees are the true ones. Pairs across organisations and donated mentors are ignored.

    Notes
    -----
    One maximum matching with seats; organisations do not meet in it, so it is maximum for each of them. Hopcroft and Karp
    (SIAM J. Comput. 2, 1973) on seats: O(√people · pairs · seats).

    Examples
    --------
    >>> witness_pairs(RoundProblem([0, 0, 1], [0, 1, 0], [9, 9, 9], [1, 1], [0, 0], [0, 0])).tolist()
    [1, 2]
    """
    order = problem.canonical_order()
    own = order[problem.mentee_organisation[problem.mentee[order]] == problem.home()[problem.mentor[order]]]
    mentor = problem.mentor[own]
    usable = np.minimum(problem.seats, np.bincount(mentor, minlength=problem.mentors))
    first_seat = np.cumsum(usable) - usable
    per_pair = usable[mentor]
    entry = np.repeat(own, per_pair)
    within = np.arange(entry.size) - np.repeat(np.cumsum(per_pair) - per_pair, per_pair)
    seat = first_seat[problem.mentor[entry]] + within
    return _matched(entry, problem.mentee[entry], seat, problem.mentees, int(usable.sum()))


def _matched(entry: IntArray, mentee: IntArray, seat: IntArray, mentees: int, seats: int) -> IntArray:
    """Return the entries (sorted by mentee) whose mentee and seat a maximum matching joins."""
    if not entry.size:
        return entry
    row_ends = np.concatenate(([0], np.cumsum(np.bincount(mentee, minlength=mentees))))
    choices = csr_array((np.ones(entry.size, dtype=np.int8), seat, row_ends), shape=(mentees, seats))
    seat_of = np.asarray(maximum_bipartite_matching(choices, perm_type="column"), dtype=np.int64)
    return np.sort(entry[seat_of[mentee] == seat])


def placed_alone(problem: RoundProblem) -> IntArray:
    """Return for each organisation the most mentees it can place with its own mentors alone."""
    owner = problem.mentee_organisation[problem.mentee[witness_pairs(problem)]]
    return np.bincount(owner, minlength=problem.organisations or 0)


def promised(problem: RoundProblem) -> IntArray:
    """Return for each organisation the placements it is guaranteed: what the problem says, else what it can place alone."""
    return placed_alone(problem) if problem.promised is None else problem.promised


def worth(problem: RoundProblem, policy: RoundPolicy) -> Worth:
    """Return the constants that put placements, points and waiting in their order, proven for this problem's size."""
    most_placed = min(problem.mentees, int(problem.seats.sum()))
    longest = int(waited(problem, policy).max(initial=0))
    everything = 1 + MOST_POINTS * most_placed + most_load(problem, policy)
    placement = everything if policy.objective == "most_mentees" else 0
    return Worth(placement, 1 + longest * most_placed)


def waited(problem: RoundProblem, policy: RoundPolicy) -> IntArray:
    """Return the rounds each mentee has waited, as far as the policy counts them."""
    if problem.rounds_waited is None:
        return np.zeros(problem.mentees, dtype=np.int64)
    return np.minimum(problem.rounds_waited, policy.longest_wait)


def build(problem: RoundProblem, policy: RoundPolicy, alone: IntArray) -> RoundNetwork:
    """Return the round as one minimum-cost circulation.

    For an organisation with mentees, P (its placements), E (its mentees) and M (its mentors) are nodes; one bank holds the
    trade between organisations, one node D the donated mentors.

    ==================  ==============  ===============  ======
    arc                 lower           upper            cost
    ==================  ==============  ===============  ======
    P → E               placed alone    mentees          0
    E → mentee          0               1                0
    mentee → mentor     0               1                -worth
    mentor → M or D     0               seats            0, or the load's
    M → P, D → P        0               no limit         0
    M → bank → P        0               net balance      0
    ==================  ==============  ===============  ======

    Conservation makes placements minus seats used minus gifts credited (D → P) equal imports minus exports; so fairness and
    balance are bounds of one network and whole data give a whole optimum. Gifts are credited where they help the account:
    to follow each to the mentee it serves would take a network per organisation, and lose the whole optimum. A round is
    always feasible: the organisations' own matchings together respect every bound. The net balance limits the bank's arcs;
    "no limit" is the number of mentees. Where the policy evens the load, each seat is an arc of its own and costs more than
    the one before: convex costs, so the cheapest flow takes them in their order.

    Raises
    ------
    ValueError
        Placements, points and waiting do not fit together in 64 bits.
    """
    organisations, local = np.unique(problem.mentee_organisation, return_inverse=True)
    count, mentees, mentors = organisations.size, problem.mentees, problem.mentors
    placed, served, lent = (np.arange(count) + offset * count for offset in range(3))
    mentee, mentor = np.arange(mentees) + 3 * count, np.arange(mentors) + 3 * count + mentees
    bank, gifts = 3 * count + mentees + mentors, 3 * count + mentees + mentors + 1
    home = problem.home()
    returns_to = np.where(home < 0, gifts, 2 * count + np.searchsorted(organisations, home))
    members = np.bincount(local, minlength=count)
    bound = alone[organisations] if policy.individual_rationality else np.zeros(count, dtype=np.int64)
    limit = mentees if policy.net_balance is None else min(policy.net_balance, mentees)
    order = problem.canonical_order()
    scale = worth(problem, policy)
    value, (seated, chairs, load) = _values(problem, policy, scale), seat_steps(problem, policy)
    blocks = [
        _block(placed, served, members, lower=bound),
        _block(served[local], mentee, 1),
        _block(mentee[problem.mentee[order]], mentor[problem.mentor[order]], 1, cost=-value[order]),
        _block(mentor[seated], returns_to[seated], chairs, cost=load * scale.tie_break),
        _block(lent, placed, mentees),
        _block(lent, bank, limit),
        _block(bank, placed, limit),
        _block(gifts, placed, mentees),
    ]
    columns = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    pair_arcs = slice(count + mentees, count + mentees + problem.pairs)
    arcs = Arcs(gifts + 1, *columns)
    return RoundNetwork(arcs, order, pair_arcs, organisations, slice(0, count), scale)


def _values(problem: RoundProblem, policy: RoundPolicy, scale: Worth) -> IntArray:
    if (max(scale.placement, most_load(problem, policy)) + MOST_POINTS + 1) * scale.tie_break >= 2**62:
        raise ValueError(
            f"overflow: {problem.mentees} mentees are too many for placements, points and waiting in one number"
        )
    return scale.of(problem.points, waited(problem, policy)[problem.mentee])


def _block(
    tail: IntArray | int,
    head: IntArray | int,
    upper: IntArray | int,
    *,
    lower: IntArray | int = 0,
    cost: IntArray | int = 0,
) -> tuple[NDArray[np.int64], ...]:
    """Return tail, head, lower, upper and cost of arcs of one kind, as columns of equal length."""
    size = np.broadcast(tail, head).size
    return tuple(np.broadcast_to(np.asarray(part, dtype=np.int64), size) for part in (tail, head, lower, upper, cost))
