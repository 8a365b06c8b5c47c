"""Somebody leaves, arrives or says no: the best round again, by one shortest path, and who would have to move."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from graph.certificate import certificate_faults
from graph.flow import InfeasibleFlowError, IntArray
from graph.hold_back import prices
from graph.repair_build import NotProvenError
from graph.repair_cells import POTENTIAL
from graph.repair_changes import (
    Change,
    Declined,
    MenteeArrives,
    MenteeLeaves,
    MentorJoins,
    MentorLeaves,
    SeatLost,
    changed,
    without_frozen,
)
from graph.repair_live import LiveRound, Mark
from graph.repair_result import Method, Move, RepairResult
from graph.round_problem import RoundPolicy, RoundProblem
from graph.rounds import RoundResult, solve_round
from graph.standing import below_promise, best_from, moves_between

__all__ = [
    "Change",
    "Declined",
    "MenteeArrives",
    "MenteeLeaves",
    "MentorJoins",
    "MentorLeaves",
    "Move",
    "NotProvenError",
    "RepairResult",
    "RoundState",
    "SeatLost",
    "changed",
    "follows",
    "no_move_repair",
    "repair",
    "without_frozen",
]

Frozen = Iterable[tuple[int, int]]


def follows(problem: RoundProblem, policy: RoundPolicy) -> bool:
    """Return whether a round under this policy can be followed change by change.

    Not one that held mentors back, or evened load or gain: the state knows one price a mentor, and one promise.

    Examples
    --------
    >>> problem = RoundProblem([0], [0], [90], [1], [0], [0])
    >>> follows(problem, RoundPolicy()), follows(problem, RoundPolicy(even_gain=True))
    (True, False)
    """
    return not (prices(problem, policy).any() or policy.even_load or policy.even_gain)


class RoundState:
    """A finished round that can be repaired again and again.

    Building it costs a pass over the pairs and one matching; each repair then touches only the surroundings of its change.
    `repair` keeps the change; `what_if` and `no_move_repair` only look. The whole history gives the same bytes wherever
    numba is installed, and the same wherever it is not; in value they are equal.

    Parameters
    ----------
    problem, policy, result
        A round and its result, as `graph.rounds.solve_round` returned it.
    frozen
        Started partnerships as (mentee, mentor), each a pair of the result. They leave the round, mentee and seat, and
        never move. What the organisations can do alone is counted among the people who remain.

    Raises
    ------
    ValueError
        A result that is not proven best (`NotProvenError`: also one whose promises were others than what its people can do
        alone, where that matters), a frozen pair that the result does not have, or a round that held mentors back, or evened
        load or gain: `graph.standing` repairs those.

    Examples
    --------
    >>> problem = RoundProblem([0, 0, 1, 1], [0, 1, 0, 1], [90, 80, 70, 10], [1, 1], [0, 0], [0, 0])
    >>> state = RoundState(problem, RoundPolicy(), solve_round(problem))
    >>> state.mentor_of.tolist()
    [1, 0]
    >>> state.repair(MenteeLeaves(1)).moves
    (Move(mentee=0, before=1, after=0), Move(mentee=1, before=0, after=-1))
    """

    def __init__(self, problem: RoundProblem, policy: RoundPolicy, result: RoundResult, frozen: Frozen = ()) -> None:
        if not follows(problem, policy):
            raise ValueError(
                "a round that held mentors back, or evened load or gain, is repaired as it stands: "
                "graph.standing.repair_standing"
            )
        self.policy = policy
        self.frozen = _frozen(problem, result, frozen)
        self._problem = without_frozen(problem, self.frozen.items()) if self.frozen else problem
        self._changes: list[Change] = []
        self._live = LiveRound(problem, policy, result)
        self._live.freeze(self.frozen.items())
        self._frozen_points = int(result.points_of[list(self.frozen)].sum())

    @property
    def mentor_of(self) -> IntArray:
        """A mentor for each mentee, -1 for unplaced; a copy. Started partnerships included."""
        found = self._live.mentor_of()
        found[list(self.frozen)] = list(self.frozen.values())
        return found

    def problem(self) -> RoundProblem:
        """Return what is open now, as a problem: after all changes, without started partnerships. O(pairs log pairs)."""
        self._problem, self._changes = changed(self._problem, *self._changes), []
        return self._problem

    def faults(self) -> tuple[str, ...]:
        """Return every reason to doubt that the round is still the best; none if its potentials prove it. O(pairs)."""
        self._live.settle_debts()
        memory = self._live.memory
        return certificate_faults(*memory.arcs(memory.current_pairs()), memory.records[:, POTENTIAL])

    @property
    def seen(self) -> int:
        """How many people the last search of the last change or look went through: what it cost, on any machine."""
        return self._live.seen()

    def repair(self, change: Change) -> RepairResult:
        """Make the round the best again after a change, whoever has to move; the state keeps the change.

        One shortest path per parted mentee or new seat, through no more of the network than it must see. A whole new round
        is solved instead (``rerun``) only when an organisation enters the round with the change, or when the constants
        that order placements, points and waiting leave no room for one more person. It is never refused: what
        organisations can do alone is counted again, and their own matchings together respect every bound.

        Raises
        ------
        ValueError
            Naming the first offender: nobody by that number, a pair that is not eligible, a started partnership.
        """
        live = self._live
        live.check(change)
        parted, mark = live.parted(change), live.mark()
        if not live.fits(change):
            return self._rerun(change, parted)
        if not live.apply(change):
            live.take_back(mark)
            return self._rerun(change, parted)
        self._changes.append(change)
        self._mark_gone(change)
        return self._result(mark, parted, change)

    def what_if(self, change: Change) -> RepairResult:
        """Say what `repair` would do about a change, whoever would have to move. The state stays as it is.

        Raises
        ------
        ValueError
            As `repair`.
        """
        return self._look(change, moving=True)

    def no_move_repair(self, change: Change) -> RepairResult:
        """Say what free seats alone can do after a change: nobody who has a mentor gets another. The state stays as it is.

        The best choice among those open to it, under the same guarantees; refused, naming the organisations, where only
        moving people could keep a guarantee.

        Raises
        ------
        ValueError
            As `repair`.
        """
        return self._look(change, moving=False)

    def _look(self, change: Change, *, moving: bool) -> RepairResult:
        """Do a change, tell of it, and take it back; where the array cannot follow, solve anew and forget it."""
        live, found = self._live, None
        live.check(change)
        parted, mark = live.parted(change), live.mark()
        if not live.fits(change):
            return self._new_round(change, parted)[-1] if moving else self._rerun_without_moves(change)
        if live.apply(change, loose=None if moving else parted):
            found = self._result(mark, parted, change)
        elif not moving:
            found = self._refused(mark, parted, change, live.in_the_way())
        live.take_back(mark)
        return found or self._new_round(change, parted)[-1]

    def _mark_gone(self, change: Change) -> None:
        if isinstance(change, MenteeLeaves):
            self._live.gone[0].add(change.mentee)
        if isinstance(change, MentorLeaves):
            self._live.gone[1].add(change.mentor)

    def _result(self, mark: Mark, parted: dict[int, tuple[int, int]], change: Change) -> RepairResult:
        live = self._live
        moved = live.moved()
        now = {mentee: after for mentee, _, after in moved}
        lost = [mentee for mentee, (mentor, _) in parted.items() if now.get(mentee, mentor) != mentor]
        return self._told(
            "path",
            tuple(Move(*one) for one in moved if one[1] != one[2]),
            tuple(lost[:1] if isinstance(change, SeatLost) else parted),
            live.totals(),
            _left(mark.placed, mark.points, parted, change),
        )

    def _told(
        self,
        method: Method,
        moves: tuple[Move, ...],
        parted: tuple[int, ...],
        now: tuple[int, int],
        left: tuple[int, int],
    ) -> RepairResult:
        """Add the started partnerships to the totals."""
        besides, points = len(self.frozen), self._frozen_points
        return RepairResult(
            method,
            moves,
            parted,
            now[0] + besides,
            now[1] + points,
            left[0] + besides,
            left[1] + points,
        )

    def _refused(
        self, mark: Mark, parted: dict[int, tuple[int, int]], change: Change, below: list[int]
    ) -> RepairResult:
        left = _left(mark.placed, mark.points, parted, change)
        lost = sorted(parted, key=lambda mentee: (parted[mentee][1], mentee))
        kept = self._told("path", (), tuple(lost[:1] if isinstance(change, SeatLost) else sorted(parted)), left, left)
        return replace(kept, below=tuple(below), balance_refused=not below)

    def _rerun(self, change: Change, parted: dict[int, tuple[int, int]]) -> RepairResult:
        """Solve the changed round anew, and go on from there."""
        problem, result, told = self._new_round(change, parted)
        gone = self._live.gone
        self._problem, self._live = problem, LiveRound(problem, self.policy, result)
        self._live.gone = gone
        self._mark_gone(change)
        return told

    def _new_round(
        self, change: Change, parted: dict[int, tuple[int, int]]
    ) -> tuple[RoundProblem, RoundResult, RepairResult]:
        """Return the changed problem, its best round and what that would be as a repair."""
        problem = changed(self.problem(), change)
        result = solve_round(problem, self.policy)
        lost = [mentee for mentee, (mentor, _) in parted.items() if result.mentor_of[mentee] != mentor]
        told = self._told(
            "rerun",
            moves_between(self._live.mentor_of(), result.mentor_of),
            tuple(lost[:1] if isinstance(change, SeatLost) else sorted(parted)),
            (result.placed, result.points),
            _left(*self._live.totals(), parted, change),
        )
        return problem, result, told

    def _rerun_without_moves(self, change: Change) -> RepairResult:
        """Solve the changed round anew with every pair held in place; only newcomers come here, so nobody is parted."""
        problem, before = changed(self.problem(), change), self._live.mentor_of()
        left = self._live.totals()
        extended = np.append(before, np.full(problem.mentees - before.size, -1))
        try:
            after = best_from(problem, self.policy, extended, moving=False)
        except InfeasibleFlowError:
            below = below_promise(problem, self.policy, extended)
            held = self._told("rerun", (), (), left, left)
            return replace(held, below=below, balance_refused=not below)
        chosen = after[problem.mentee] == problem.mentor
        now = (int(chosen.sum()), int(problem.points[chosen].sum()))
        return self._told("rerun", moves_between(before, after), (), now, left)


def _frozen(problem: RoundProblem, result: RoundResult, frozen: Frozen) -> dict[int, int]:
    found: dict[int, int] = {}
    for mentee, mentor in frozen:
        if not 0 <= mentee < problem.mentees or mentor < 0 or result.mentor_of[mentee] != mentor:
            raise ValueError(f"frozen pair (mentee {mentee}, mentor {mentor}) is not in the result")
        found[mentee] = mentor
    return found


def _left(placed: int, points: int, parted: dict[int, tuple[int, int]], change: Change) -> tuple[int, int]:
    """Placements and points if nobody does anything; where one of several must go, the one who fits least."""
    lost = sorted(points for _, points in parted.values())
    if isinstance(change, SeatLost):
        lost = lost[:1]
    return placed - len(lost), points - sum(lost)


def repair(
    problem: RoundProblem, policy: RoundPolicy, result: RoundResult, change: Change, frozen: Frozen = ()
) -> RepairResult:
    """Return the best round after one change, as `RoundState.repair`; building the state costs more than the repair.

    Examples
    --------
    >>> problem = RoundProblem([0, 0, 1], [0, 1, 0], [90, 80, 70], [1, 1], [0, 0], [0, 0])
    >>> answer = repair(problem, RoundPolicy(), solve_round(problem), Declined(0, 1))
    >>> answer.moves, answer.moved, answer.gained_points
    ((Move(mentee=0, before=1, after=0), Move(mentee=1, before=0, after=-1)), (1,), 20)
    """
    return RoundState(problem, policy, result, frozen).repair(change)


def no_move_repair(
    problem: RoundProblem, policy: RoundPolicy, result: RoundResult, change: Change, frozen: Frozen = ()
) -> RepairResult:
    """Return what free seats alone can do after one change, as `RoundState.no_move_repair`; to be offered first.

    Examples
    --------
    >>> problem = RoundProblem([0, 0, 1], [0, 1, 0], [90, 80, 70], [1, 1], [0, 0], [0, 0])
    >>> no_move_repair(problem, RoundPolicy(), solve_round(problem), Declined(0, 1)).moves
    (Move(mentee=0, before=1, after=-1),)
    """
    return RoundState(problem, policy, result, frozen).no_move_repair(change)
