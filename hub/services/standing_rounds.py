"""A published round as it stands today: who is still asked, who said yes, and which of its mentees are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph.people import IntArray
from graph.rounds import RoundPolicy, RoundProblem
from hub.models import Partnership, Profile, Proposal, Round
from hub.reach import Reach, widened
from hub.services import snapshots
from hub.services.snapshots import Snapshot

NOT_PUBLISHED: Final = "Only a published round can be repaired: nobody is asked by this one."
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class StandingRound:
    """What can still change of a round, by rows of the snapshot.

    ``mentor_of`` holds the pairs whose question nobody answered yet, -1 for nobody; ``asked`` the proposal of each such
    mentee, also where its pair may not meet any more. ``settled`` mentees, whose question was answered with a yes, fulfils a
    pin or comes from elsewhere, are no part of ``problem``, and neither are their seats.
    """

    round_id: str
    policy: RoundPolicy
    snapshot: Snapshot
    problem: RoundProblem
    mentor_of: IntArray
    asked: Mapping[int, str]
    settled: frozenset[int]

    def open_rows(self) -> list[int]:
        """Return the mentees without a mentor and without a question that may lead to one."""
        free = (self.snapshot.pool.mentee.free_seats > 0) & (self.mentor_of < 0)
        return [row for row in np.flatnonzero(free).tolist() if row not in self.settled]


def stand(session: Session, round_id: str, today: date) -> StandingRound:
    """Read how a published round stands. Cost: one snapshot and the round's pairs.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` for a round that was not published.
    """
    found = session.get(Round, round_id)
    if found is None:
        raise Problem("not-found", "Check the round's id on the page of rounds.")
    if found.state != "published":
        raise Problem("illegal-move", NOT_PUBLISHED, extra={"state": found.state})
    snapshot = snapshots.take(session, today, found.program, repaired=round_id)
    mentees = {person.id: row for row, person in enumerate(snapshot.pool.mentees)}
    mentors = {person.id: row for row, person in enumerate(snapshot.pool.mentors)}
    firm: list[Pair] = []
    waiting: dict[int, tuple[str, int]] = {}
    pinned: list[int] = []
    for one in _open_questions(session):
        mentee, mentor = mentees.get(one.mentee_id, -1), mentors.get(one.mentor_id, -1)
        unanswered = one.mentee_side == one.mentor_side == "waiting"
        if one.round_id == round_id and unanswered and mentee >= 0:
            waiting[mentee] = (one.id, mentor)
            pinned += [mentee] if one.pinned else []
        else:
            firm.append((mentee, mentor))
    settled = {mentee for mentee, _ in firm}
    settled |= {mentee for mentee, _ in _may_meet(snapshot, [(mentee, waiting[mentee][1]) for mentee in pinned])}
    firm += [(mentee, mentor) for mentee, (_, mentor) in waiting.items() if mentee in settled]
    waiting = {mentee: one for mentee, one in waiting.items() if mentee not in settled}
    pairs = [(mentee, mentor) for mentee, (_, mentor) in waiting.items()]
    standing = _may_meet(snapshot, pairs)
    # Until somebody answers or takes it back, a question waits at its mentor's seat, whether or not it can lead to a place.
    firm += [(-1, mentor) for _, mentor in set(pairs) - set(standing)]
    problem, mentor_of = _open_part(snapshot, firm, standing)
    asked = {mentee: proposal for mentee, (proposal, _) in waiting.items()}
    policy = RoundPolicy(**found.policy)
    return StandingRound(round_id, policy, snapshot, problem, mentor_of, asked, frozenset(settled))


def _open_questions(session: Session) -> Sequence[Row[Any]]:
    columns = (Proposal.id, Proposal.round_id, Proposal.mentee_id, Proposal.mentor_id, Proposal.pinned)
    sides = (Proposal.mentee_side, Proposal.mentor_side)
    asked = select(*columns, *sides).where(Proposal.state == "proposed").order_by(Proposal.id)
    # Of others' questions only who holds whose seat is read, on rows of the snapshot.
    with widened(session, Reach.NETWORK):
        return list(session.execute(asked))


def _may_meet(snapshot: Snapshot, pairs: list[Pair]) -> list[Pair]:
    """Return the pairs that may meet as things stand: a consent, an agreement or a seat may be gone."""
    present = np.array([pair for pair in pairs if pair[1] >= 0], dtype=np.int64).reshape(-1, 2)
    eligible = snapshot.rules.refusals(present[:, 0], present[:, 1]) == 0
    return [(mentee, mentor) for mentee, mentor in present[eligible].tolist()]


def _open_part(snapshot: Snapshot, firm: list[Pair], standing: list[Pair]) -> tuple[RoundProblem, IntArray]:
    """Return the round without what is settled, and the pairs that stand in it; beyond a mentor's seats the best fits stay.

    A mentor with more questions than seats is open to those who were asked about it, and to nobody else.
    """
    whole = snapshots.round_problem(snapshot, standing)
    held = np.array([mentor for _, mentor in firm if mentor >= 0], dtype=np.int64)
    taken = np.bincount(held, minlength=whole.mentors)
    seats = np.maximum(whole.seats - taken, 0)
    left = ~np.isin(whole.mentee, [mentee for mentee, _ in firm if mentee >= 0])
    asked = np.array(standing, dtype=np.int64).reshape(-1, 2)
    beyond = np.bincount(asked[:, 1], minlength=whole.mentors) > seats
    asked_of = np.full(whole.mentees, -1)
    asked_of[asked[:, 0]] = asked[:, 1]
    left &= ~beyond[whole.mentor] | (asked_of[whole.mentee] == whole.mentor)
    problem = replace(
        whole,
        mentee=whole.mentee[left],
        mentor=whole.mentor[left],
        points=whole.points[left],
        seats=seats,
        carried=taken if whole.carried is None else whole.carried + taken,
    )
    entries = zip(problem.mentee.tolist(), problem.mentor.tolist(), problem.points.tolist(), strict=True)
    worth = {(mentee, mentor): points for mentee, mentor, points in entries}
    mentor_of, free = np.full(problem.mentees, -1), seats.copy()
    for mentee, mentor in sorted(standing, key=lambda pair: (-worth[pair], pair)):
        if free[mentor]:
            mentor_of[mentee], free[mentor] = mentor, free[mentor] - 1
    return problem, mentor_of


def why_open(session: Session, standing: StandingRound) -> dict[int, str]:
    """Say of every mentee whom nobody is asked about any more, and who has no mentor, how it came to be. Three queries."""
    published_at = session.get_one(Round, standing.round_id).published_at
    ended = select(Proposal.mentee_id, Proposal.state).where(
        Proposal.round_id == standing.round_id, Proposal.state.in_(("declined", "expired", "withdrawn"))
    )
    # What is said of others' mentees here never leaves; only own ones are shown.
    with widened(session, Reach.NETWORK):
        last = {mentee: state for mentee, state in session.execute(ended.order_by(Proposal.updated_at, Proposal.id))}  # noqa: C416
        late = set(session.scalars(select(Profile.id).where(Profile.created_at > published_at)))
    # After a withdrawal that ended it nothing else is said than before: the mentor withdrew. Who completed it is not open.
    by_word = Partnership.end_reason.is_not(None)
    mentored = select(Proposal.mentee_id).join(Partnership, Partnership.proposal_id == Proposal.id)
    # Partnerships are their parties' to read; whose mentoring is over is shown of own mentees alone.
    with widened(session, Reach.HUB):
        over = set(session.scalars(mentored.where(Partnership.ended_at >= published_at, by_word)))
    people = standing.snapshot.pool.mentees

    def why(row: int) -> str:
        person = people[row].id
        if row in standing.asked:
            return "no_longer_available"
        if person in over:
            return "over"
        return last.get(person) or ("late" if person in late else "left_open")

    return {row: why(row) for row in standing.open_rows()}
