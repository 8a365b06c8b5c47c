"""What becomes of a mentee if her pair is declined, and of mentees whose mentor leaves: asked of a whole round at once.

Each answer is that of a repair (`graph.repair`), exact and under the round's guarantees; nothing is changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from graph.flow import InfeasibleFlowError, IntArray
from graph.pins import PinnedRound
from graph.repair import (
    Change,
    Declined,
    MentorLeaves,
    NotProvenError,
    RepairResult,
    RoundState,
    changed,
    follows,
    without_frozen,
)
from graph.round_problem import RoundPolicy, RoundProblem
from graph.rounds import solve_round
from graph.standing import best_from

StandIn = Literal["free", "moving", "nobody"]
Progress = Callable[[int, int], None]
Answer = TypeVar("Answer", bound="str | int | None")
EVERY = 256
"""Looks between two words of progress."""


@dataclass(frozen=True, eq=False)
class StandIns:
    """What becomes of each mentee if her pair is declined, and of each mentor's mentees if the mentor leaves.

    ``of_mentee`` says of each placed mentee ``free`` (free seats alone give her another mentor, nobody moves), ``moving``
    (another mentor, but others must move) or ``nobody`` (she has none in the best round then); None for whoever is unplaced
    and where it is not known. ``alone_without`` counts for each mentor how many of their mentees have nobody in the best
    round without that mentor; -1 where it is not known.
    """

    of_mentee: tuple[StandIn | None, ...]
    alone_without: IntArray


def stand_ins(
    found: PinnedRound, policy: RoundPolicy, *, most_seen: int | None = None, progress: Progress | None = None
) -> StandIns:
    """Return the stand-ins of a round that was just made.

    Parameters
    ----------
    found, policy
        A round and the policy it was solved under.
    most_seen
        How many people and hubs the searches may go through together. Mentees and mentors who come after that stay not
        known: first it is asked of every mentee whether free seats alone help, then who would have to move, then of
        mentors. None: no limit.
    progress
        Told now and then how many of how many answers there are.

    Notes
    -----
    A pair is looked at without moving anybody and, where that gives her nobody, with moving: two shortest paths in the
    surroundings of the pair, taken back after. What organisations can do alone is counted among those who remain, as each
    repair does; pinned pairs stay. If a pinned pair is declined the pin is gone: mentee and seat are open again, and that
    is solved anew, as for a mentor with a pinned mentee. Where several rounds are equally good then, it is one of them that
    answers, the same on every machine.

    Not known at all, since nothing is proven there to start from: a round that held mentors back or evened load or gain, and
    one in which a pin took an organisation below what those who remain could do alone.

    Cost: measured in tests/benchmarks/bench_repair.py. Contested rounds cost most: there each path is long.

    Examples
    --------
    Mentor 1 has a free seat for mentee 0, nobody has one for mentee 1; but 0 could make room:

    >>> from graph.pins import solve_pinned
    >>> problem = RoundProblem([0, 0, 1, 1], [0, 1, 0, 2], [90, 40, 50, 60], [1, 1, 1], [0, 0], [0, 0, 0])
    >>> told = stand_ins(solve_pinned(problem, RoundPolicy(), []), RoundPolicy())
    >>> told.of_mentee, told.alone_without.tolist()
    (('free', 'moving'), [0, 0, 0])
    """
    if not follows(found.problem, policy):
        return _not_known(found)
    try:
        state = RoundState(found.problem, policy, found.rest)
    except NotProvenError:
        return _not_known(found)
    return _Asking(found, policy, state, most_seen, progress).answers()


def _not_known(found: PinnedRound) -> StandIns:
    return StandIns((None,) * found.whole.mentees, np.full(found.whole.mentors, -1))


class _Asking:
    """One round being asked about, answer by answer."""

    def __init__(
        self,
        found: PinnedRound,
        policy: RoundPolicy,
        state: RoundState,
        most_seen: int | None,
        progress: Progress | None,
    ) -> None:
        self.found, self.policy, self.state = found, policy, state
        self.left = most_seen
        self.progress, self.done = progress, 0
        self.pins = dict(found.pins)
        self.mentor_of = found.mentor_of.tolist()
        self.mentors = sorted({mentor for mentor in self.mentor_of if mentor >= 0})
        self.asked = found.placed + len(self.mentors)

    def answers(self) -> StandIns:
        """Ask everything, the cheapest first."""
        placed = [mentee for mentee, mentor in enumerate(self.mentor_of) if mentor >= 0 and mentee not in self.pins]
        told: list[StandIn | None] = [None] * len(self.mentor_of)
        for mentee in placed:
            told[mentee] = self._answered("free" if self._free(mentee) else None)
        for mentee in placed:
            if told[mentee] is None:
                told[mentee] = self._answered(self._moving(mentee))
        for mentee in self.pins:
            told[mentee] = self._answered(self._unpinned(mentee))
        without = np.zeros(self.found.whole.mentors, dtype=np.int64)
        for mentor in self.mentors:
            without[mentor] = self._answered(self._without(mentor))
        return StandIns(tuple(told), without)

    def _answered(self, answer: Answer) -> Answer:
        if answer is not None and self.progress:
            self.done += 1
            if self.done % EVERY == 0 or self.done == self.asked:
                self.progress(self.done, self.asked)
        return answer

    def _may(self) -> bool:
        return self.left is None or self.left > 0

    def _spend(self, seen: int) -> None:
        if self.left is not None:
            self.left -= seen

    def _look(self, look: Callable[[Change], RepairResult], change: Change) -> dict[int, int]:
        """Return who has which mentor after a change, of those who move; nobody moves in a repair that is refused."""
        answer = look(change)
        self._spend(self.state.seen)
        return {} if answer.refused else {move.mentee: move.after for move in answer.moves}

    def _free(self, mentee: int) -> bool:
        if not self._may():
            return False
        now = self._look(self.state.no_move_repair, Declined(mentee, self.mentor_of[mentee]))
        return now.get(mentee, -1) >= 0

    def _moving(self, mentee: int) -> StandIn | None:
        if not self._may():
            return None
        now = self._look(self.state.what_if, Declined(mentee, self.mentor_of[mentee]))
        return "moving" if now[mentee] >= 0 else "nobody"

    def _without(self, mentor: int) -> int:
        """How many of a mentor's mentees have nobody in the best round without the mentor."""
        if not self._may():
            return -1
        if mentor in self.pins.values():
            mentees = [mentee for mentee, other in enumerate(self.mentor_of) if other == mentor]
            open_ = self._open(MentorLeaves(mentor), mentees)
            return int((solve_round(open_, self.policy).mentor_of[mentees] < 0).sum())
        now = self._look(self.state.what_if, MentorLeaves(mentor))
        return sum(after < 0 and self.mentor_of[mentee] == mentor for mentee, after in now.items())

    def _unpinned(self, mentee: int) -> StandIn | None:
        """A pinned pair says no: mentee and seat are open as all others, and the round is solved anew."""
        if not self._may():
            return None
        open_ = self._open(Declined(mentee, self.pins[mentee]), [mentee])
        try:
            if best_from(open_, self.policy, self.found.rest.mentor_of, moving=False)[mentee] >= 0:
                return "free"
        except InfeasibleFlowError:  # free seats alone cannot keep every promise
            pass
        return "moving" if solve_round(open_, self.policy).mentor_of[mentee] >= 0 else "nobody"

    def _open(self, change: Change, unpinned: list[int]) -> RoundProblem:
        """The round after a change as a problem, with the pins of some mentees gone and all others set apart."""
        still = [(mentee, mentor) for mentee, mentor in self.found.pins if mentee not in unpinned]
        open_ = without_frozen(changed(self.found.whole, change), still)
        self._spend(2 * (open_.pairs + open_.mentees + open_.mentors))
        return open_
