"""A round solved by augmenting paths: relax, prefer who waited, mend the guarantees, prove."""

import numpy as np
from numpy.typing import NDArray

from graph.augment.columns import Levels, Marks, Match, World
from graph.augment.engine import compiled
from graph.flow import InfeasibleFlowError, IntArray
from graph.round_network import RoundNetwork, build, placed_alone, waited
from graph.round_problem import RoundPolicy, RoundProblem

NO_FLOOR = -(2**62)


def cheapest_by_paths(problem: RoundProblem, policy: RoundPolicy, network: RoundNetwork) -> tuple[IntArray, IntArray]:
    """Return the cheapest circulation of a round's network and potentials that prove it, as `minimum_cost_circulation` does.

    1. Relax: everyone in one group, no guarantee. Prices start at the best points there are and fall until no mentee gains
       by a place; under ``most_mentees`` until no path to a seat is left.
    2. Wait: a group for each number of rounds waited, whose level may fall by as much below the others'.
    3. Mend: a group for each organisation. Those below their guarantee take a seat by the cheapest paths, at the expense
       of organisations that have placements to spare. Nothing to do on most pools.

    Raises
    ------
    InfeasibleFlowError
        A guarantee that no round can meet.

    Notes
    -----
    Exact, in whole numbers. Each fall of the prices costs a scan of the part of the pool the search reached, O(pairs) at
    most; there are at most 100 under ``total_fit``, and seldom many more otherwise.
    """
    return _Paths(problem, policy, network).solve()


def prepare() -> bool:
    """Compile the engine for this installation, so that no round waits for it; return whether there is one to compile.

    Solves the smallest rounds that go through every stage. About ten seconds the first time, then nothing.
    """
    if compiled() is None:
        return False
    two, one = np.array([0, 1]), np.array([0])
    problem = RoundProblem(two, np.array([0, 0]), np.array([60, 90]), np.array([1]), two, one, rounds_waited=two[::-1])
    for policy in (RoundPolicy("most_mentees"), RoundPolicy("total_fit")):
        cheapest_by_paths(problem, policy, build(problem, policy, placed_alone(problem)))
    return True


class _Paths:
    """One run of the engine: the columns of the search, prepared once and carried from stage to stage."""

    def __init__(self, problem: RoundProblem, policy: RoundPolicy, network: RoundNetwork) -> None:
        module = compiled()
        if module is None:
            raise ModuleNotFoundError("numba is not installed: pip install passerelle[hub]")
        self.search, self.problem, self.network = module, problem, network
        self.waited = waited(problem, policy)
        self.paired = np.bincount(problem.mentee, minlength=problem.mentees)
        self.first = _starts(self.paired)
        self.head, self.points = self._rows()
        usable = np.minimum(problem.seats, np.bincount(problem.mentor, minlength=problem.mentors))
        self.seat_first = _starts(usable)
        self.mentor_of = np.full(problem.mentees, -1, dtype=np.int32)
        self.seat_of = np.full(problem.mentees, -1, dtype=np.int32)
        self.seated = np.full(int(usable.sum()), -1, dtype=np.int32)
        self.taken = np.zeros(problem.mentors, dtype=np.int64)
        self.seat_price = np.zeros(problem.mentors, dtype=np.int64)
        self.place = self._best_points()

    def _rows(self) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
        """Each mentee's pairs, best first, then by mentor: what is too far from the best need not be looked at."""
        order = self.problem.canonical_order()
        points = self.problem.points[order]
        best_first = np.argsort(self.problem.mentee[order] * 128 + 100 - points, kind="stable")
        return self.problem.mentor[order][best_first].astype(np.int32), points[best_first].astype(np.int16)

    def _best_points(self) -> IntArray:
        """The points of each mentee's best pair, 0 without one."""
        best = np.zeros(self.problem.mentees, dtype=np.int64)
        some = self.paired > 0
        best[some] = self.points[self.first[:-1][some]]
        return best

    def solve(self) -> tuple[IntArray, IntArray]:
        """Run the stages; return the flow and the potentials of the network."""
        placement, tie_break = self.network.worth.placement, self.network.worth.tie_break
        everyone, no_extra = (
            np.zeros(self.problem.mentees, dtype=np.int64),
            np.zeros(self.problem.mentees, dtype=np.int64),
        )
        need, none = np.array([self.problem.mentees]), np.zeros(1, dtype=np.int64)
        start = np.array([max(int(self.place.max(initial=0)), -placement)])
        self._settle(everyone, need, none, start, np.array([-placement]), 1, no_extra)
        self.place *= tie_break
        self.seat_price *= tie_break
        base = -placement * tie_break
        if self.waited.any():
            self._prefer_who_waited(base)
            self.place += self.waited
        levels = self._mend(base)
        return self._flow(), self._potentials(levels - base, base)

    def _prefer_who_waited(self, base: int) -> None:
        rounds = np.arange(int(self.waited.max(initial=0)) + 1)
        need = np.where(rounds > 0, self.problem.mentees, 0)
        spare = np.where(rounds > 0, 0, self.problem.mentees)
        level, no_extra = np.full(rounds.size, base), np.zeros(self.problem.mentees, dtype=np.int64)
        self._settle(self.waited, need, spare, level, base - rounds, self.network.worth.tie_break, no_extra)

    def _mend(self, base: int) -> IntArray:
        """Meet every guarantee; return each organisation's level, at or below the common one."""
        organisations, local = np.unique(self.problem.mentee_organisation, return_inverse=True)
        level = np.full(organisations.size, base)
        bound = self.network.arcs.lower[self.network.placed_arcs]
        beyond = np.bincount(local[self.mentor_of >= 0], minlength=organisations.size) - bound
        if (beyond < 0).any():
            floor = np.full(organisations.size, NO_FLOOR)
            spare, scale = np.maximum(beyond, 0), self.network.worth.tie_break
            self._settle(local, np.maximum(-beyond, 0), spare, level, floor, scale, self.waited)
            if (np.bincount(local[self.mentor_of >= 0], minlength=organisations.size) < bound).any():
                raise InfeasibleFlowError("no flow respects every bound of this network")
        return level

    def _settle(
        self,
        group: IntArray,
        need: IntArray,
        spare: IntArray,
        level: IntArray,
        floor: IntArray,
        scale: int,
        extra: IntArray,
    ) -> None:
        """Run the search over mentees in groups; seats, prices and levels change in place."""
        some = np.flatnonzero(self.paired)
        member = some[np.argsort(group[some], kind="stable")]
        member_first = _starts(np.bincount(group[some], minlength=level.size))
        need = np.minimum(need, np.diff(member_first))
        mentees, nodes = self.problem.mentees, self.problem.mentees + self.problem.mentors + level.size
        world = World(
            self.first,
            self.head,
            self.points,
            scale,
            extra,
            group.astype(np.int32),
            member_first,
            member.astype(np.int32),
            self.seat_first,
        )
        match = Match(self.mentor_of, self.seat_of, self.seated, self.taken, need, spare)
        levels = Levels(self.place, self.seat_price, level, floor)
        marks = Marks(
            mark=np.empty(nodes, dtype=np.int32),
            pointer=np.empty(nodes, dtype=np.int64),
            look=np.empty(mentees, dtype=np.int64),
            on_path=np.zeros(nodes, dtype=np.int8),
            path=np.empty(nodes, dtype=np.int32),
            seen=np.empty(nodes, dtype=np.int32),
            forest=np.empty(nodes, dtype=np.int32),
            tally=np.zeros(4, dtype=np.int64),
        )
        if not self.search.settle(world, match, levels, marks):
            raise InfeasibleFlowError("no flow respects every bound of this network")

    def _flow(self) -> IntArray:
        """Each arc's flow, in the order of `graph.round_network.build`; trade and gifts fill what home seats leave."""
        problem, network = self.problem, self.network
        organisations, local = np.unique(problem.mentee_organisation, return_inverse=True)
        is_placed = self.mentor_of >= 0
        placed = np.bincount(local[is_placed], minlength=organisations.size)
        home = problem.home()[self.mentor_of[is_placed]]
        used = np.bincount(np.searchsorted(organisations, home[home >= 0]), minlength=organisations.size)
        direct = np.minimum(used, placed)
        wanted = np.cumsum(placed - direct)
        traded = np.diff(np.minimum(wanted, (used - direct).sum()), prepend=0)
        mentor, mentee = problem.mentor[network.pairs], problem.mentee[network.pairs]
        chosen = (self.mentor_of[mentee] == mentor).astype(np.int64)
        gifts = placed - direct - traded
        return np.concatenate(
            (placed, is_placed.astype(np.int64), chosen, self.taken, direct, used - direct, traded, gifts)
        )

    def _potentials(self, below: IntArray, base: int) -> IntArray:
        """Node potentials, 0 or negative: levels and prices, each counted from the common level."""
        local = np.unique(self.problem.mentee_organisation, return_inverse=True)[1]
        place = np.where(self.paired > 0, self.place - base, below[local])
        zero = np.zeros(below.size, dtype=np.int64)
        potentials = np.concatenate((zero, below, zero, place, -self.seat_price, zero[:1], zero[:1]))
        if not zero.size:
            potentials = np.concatenate((potentials, np.zeros(2, dtype=np.int64)))
        below_zero: IntArray = potentials - potentials.max(initial=0)
        return below_zero


def _starts(lengths: IntArray) -> IntArray:
    """Where each run of so many entries begins, and where the last ends."""
    return np.concatenate(([0], np.cumsum(lengths)))
