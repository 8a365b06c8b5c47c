"""The pool as matching reads it: rows become graph values here and, person by person, in people_of_a_snapshot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import add
from typing import Any, Final, TypeVarTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, String, false, func, literal, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from graph.candidates import FULL_SCAN_BELOW, MentorIndex
from graph.eligibility import Eligibility
from graph.knowledge import PLACE_BANDS
from graph.peers_likeness import Peers
from graph.people import IntArray, Mentor, Pool
from graph.rounds import RoundProblem, witness_pairs
from graph.rules import Circumstances, Refusal, Rule, Situation
from graph.scoring import score_pairs
from hub.models import ConsentReceipt, Organisation, Profile
from hub.reach import Reach, widened
from hub.services import arrivals, gathering_people, matching, seats, standing, waits
from hub.services.arrivals import Arrivals
from hub.services.grounds import Ground, circumstances, of_members
from hub.services.people_of_a_snapshot import Day, PersonRow, mentee_of, mentor_of

# Ids in one query: SQLite takes 32,766.
READ_AT_ONCE: Final = 5_000

Ts = TypeVarTuple("Ts")


@dataclass(frozen=True)
class Snapshot:
    """The pool at one moment, with its rules: everything matching needs and nothing it could write to."""

    index: MentorIndex
    program: str
    arrivals: Arrivals | None = None
    """Mentees of the last year, where a year is known; not asked for one mentee alone."""

    @property
    def pool(self) -> Pool:
        """The pool."""
        return self.index.pool

    @property
    def rules(self) -> Eligibility:
        """The rules over the pool."""
        return self.index.eligibility

    @property
    def organisations(self) -> tuple[str, ...]:
        """Organisations by the number that results use."""
        return self.pool.organisations


def take(
    session: Session,
    today: date,
    program: str = "one_to_one",
    *,
    only_mentee: str | None = None,
    repaired: str | None = None,
    unasked: bool = False,
) -> Snapshot:
    """Read the pool and its agreements in one go; with ``only_mentee`` (a profile id), all mentors but that mentee alone.

    With ``repaired`` (a round's id), the pairs it still asks about may go on, and those that ended unanswered or were taken
    back stand apart: asking the same two again is no repair. With ``unasked``, mentees about whom a question of the program
    waits are left out, and each question takes a seat of its mentor until it is answered. Who completed the program is asked
    about by hand alone, until her organisation says that she waits again.

    Cost: one query each for people, agreements and pairs apart; O(people). For one mentee alone mentors are read who changed
    since this process was last asked.
    """
    # A pool is everybody's: who may be matched with whom is decided on graph values, and only classes are shown.
    with widened(session, Reach.NETWORK):
        around, day = circumstances(session, today, program, repaired), Day.of(session, program, today)
        if only_mentee is not None:
            return _over(_for_one(session, only_mentee, program, day), around)
        asked = seats.asked(session, program) if unasked else day.asked
        day = replace(day, asked=asked, waits=waits.read(session, program))
        engaged = gathering_people.engaged(session, program)
        free = [row for row in _people(session) if row.Profile.id not in engaged and _may_be_asked(row.Profile, day)]
        return _over(_built(free, day), around, arrivals.of_a_year(session, today))


def take_peers(session: Session, ground: Ground, most: int) -> tuple[Peers, int]:
    """Read the waiting mentees who want peers and compare each two; and how many more are waiting than were compared.

    Who is in an open pair waits for no other pair, who is in a circle for no other circle (the ground's kind). Of more than
    ``most`` people those who waited longest are compared. Cost: one read of the mentees, O(most²).
    """
    # As above: decided on graph values, and of others only cards within a budget are shown.
    with widened(session, Reach.NETWORK):
        everyone = _people(session, *ground.asked)
    free = [row for row in everyone if row.Profile.id not in ground.engaged]
    waiting = [row for row in free if ground.around.format in row.Profile.formats]
    waiting.sort(key=lambda row: (row.Profile.waiting_since or ground.today, row.Profile.id))
    # A peer is no scarce mentor: nobody waits for one nearby.
    looked_at = [replace(mentee_of(row, ground.day), local_days=0) for row in waiting[:most]]
    peers = Peers.build(looked_at, ground.around, matching.peer_policy().weights, matching.knowledge())
    return peers, len(waiting) - len(looked_at)


def take_for_groups(session: Session, ground: Ground) -> Snapshot:
    """Read the pool that small groups are looked for in, as `take`, under what a ground says of everything else."""
    with widened(session, Reach.NETWORK):
        free = [row for row in _people(session, *ground.asked) if row.Profile.id not in ground.engaged]
        return _over(_built(free, ground.day), ground.around)


def why_apart(
    session: Session, mentee_id: str, mentor_id: str, today: date, program: str = "one_to_one"
) -> tuple[Refusal, ...]:
    """Return what keeps two people apart as things stand now, nothing when they may meet.

    Whether they were asked about is not looked at.
    """
    with widened(session, Reach.NETWORK):
        people = _people(session, Profile.id.in_((mentee_id, mentor_id)))
        around, day = circumstances(session, today, program), Day.of(session, program, today)
    snapshot = _over(_built(people, day), around)
    if not snapshot.pool.mentors or not snapshot.pool.mentees:
        return (Refusal(Situation.NO_MENTOR),)
    return tuple(one for one in snapshot.rules.explain(0, 0) if one.rule is not Rule.FORBIDDEN)


def _over(pool: Pool, around: Circumstances, expected: Arrivals | None = None) -> Snapshot:
    scoring, knowledge = matching.scoring(around.format), matching.knowledge()
    rules = Eligibility.build(pool, around, knowledge)
    # Sorting the mentors pays when many are asked for: one mentee is answered by looking at all of them once.
    scan_below = len(pool.mentors) + 1 if len(pool.mentees) <= 1 else FULL_SCAN_BELOW
    return Snapshot(MentorIndex(rules, scoring.weights, knowledge, scan_below), around.format, expected)


def _built(people: Sequence[PersonRow], day: Day) -> Pool:
    mentors = [mentor_of(row, day) for row in people if row.Profile.kind == "mentor"]
    mentees = [mentee_of(row, day) for row in people if row.Profile.kind == "mentee"]
    return Pool.build(mentors, mentees, matching.knowledge())


def _for_one(session: Session, mentee_id: str, program: str, day: Day) -> Pool:
    """Return the pool of one mentee and of the mentors as they stand."""
    asking = [mentee_of(row, day) for row in _people(session, Profile.id == mentee_id)]
    if not asking:
        return _built(_people(session, Profile.kind == "mentor"), day)
    members = tuple(session.scalars(select(Organisation.id).order_by(Organisation.id)))

    def read(ids: Sequence[str]) -> Iterator[Mentor]:
        for first in range(0, len(ids), READ_AT_ONCE):
            for row in _people(session, Profile.id.in_(ids[first : first + READ_AT_ONCE])):
                yield mentor_of(row, day)

    kept = standing.of(session.get_bind().engine, program)
    return kept.pool(asking[0], members, _stamps(session, day), read)


def _may_be_asked(profile: Profile, day: Day) -> bool:
    """Whether a mentee waits and no question about her does; a mentor with seats left may be asked more than one."""
    return profile.kind == "mentor" or not (day.asked[profile.id] or day.waits.for_nothing(profile))


def _stamps(session: Session, day: Day) -> dict[str, standing.Stamp]:
    """Return every mentor's stamp. Each push has a version and a moment of its own; seats are taken beside them.

    What time alone changes is in it too, so that nobody stays matchable over midnight, and what a program counts for itself.
    Undone pushes leave no stamp behind that another push could have: the moment differs.
    """
    changing = (
        Profile.version,
        Profile.updated_at,
        Profile.taken,
        Profile.confirmed_on < day.stale_before,
        ConsentReceipt.until >= day.today,
        # Without a day there is no comparison, and one that is nothing would make nothing of the whole stamp.
        func.coalesce(Profile.resting_until > day.today, false()),
    )
    # One text each: half a hundred thousand tuples would set the garbage collector going over all that is kept.
    stamp = reduce(add, (literal(" ") + sql_cast(value, String) for value in changing))
    query = of_members(select(Profile.id, stamp)).where(Profile.kind == "mentor")
    stamps = {row[0]: row[1] for row in session.execute(query)}
    beside = day.beside_their_rows()
    return stamps | {mentor: f"{stamps[mentor]} {beside[mentor]}" for mentor in beside if mentor in stamps}


def round_problem(snapshot: Snapshot, wanted: Sequence[tuple[int, int]] | IntArray = ()) -> RoundProblem:
    """Return the round over a snapshot: the best pairs, own pairs, the witnesses of what each could do alone, and pairs wanted.

    ``wanted`` are rows of eligible pairs that the best may not hold.
    """
    scoring, pool = matching.scoring(snapshot.program), snapshot.pool
    best = snapshot.index.round_pairs(scoring.round_candidates, scoring.round_own_candidates)
    own = snapshot.index.own_pairs()
    donated = np.array([mentor.donated for mentor in pool.mentors], dtype=np.bool_)
    common: dict[str, Any] = {
        "seats": np.maximum(pool.mentor.free_seats, 0),
        "mentee_organisation": pool.mentee.organisation,
        "mentor_organisation": pool.mentor.organisation,
        "donated": donated,
        "organisations": len(pool.organisations),
    }
    scarce = None if snapshot.arrivals is None else arrivals.scarcity_of(pool, snapshot.arrivals)
    witnesses = witness_pairs(RoundProblem(own.mentee, own.mentor, own.points, **common))
    asked = np.array(wanted, dtype=np.int64).reshape(-1, 2)
    worth, _ = score_pairs(pool, asked[:, 0], asked[:, 1], snapshot.index.weights, snapshot.index.knowledge)
    mentee = np.concatenate((best.mentee, own.mentee[witnesses], asked[:, 0]))
    mentor = np.concatenate((best.mentor, own.mentor[witnesses], asked[:, 1]))
    points = np.concatenate((best.points, own.points[witnesses], worth))
    _, kept = np.unique(mentee * max(len(pool.mentors), 1) + mentor, return_index=True)
    beside: dict[str, Any] = {
        "rounds_waited": np.array([person.rounds_waited for person in pool.mentees], dtype=np.int64),
        "scarcity": scarce,
        "carried": np.array([person.taken for person in pool.mentors], dtype=np.int64),
    }
    return RoundProblem(mentee[kept], mentor[kept], points[kept], **beside, **common)


def far_pairs(snapshot: Snapshot, problem: RoundProblem) -> NDArray[np.bool_]:
    """Mark the pairs of a round that leave both the mentee's organisation and its province."""
    ours, theirs = snapshot.pool.mentee, snapshot.pool.mentor
    bands = snapshot.index.knowledge.place_bands[ours.region[problem.mentee], theirs.region[problem.mentor]]
    elsewhere = ours.organisation[problem.mentee] != theirs.organisation[problem.mentor]
    far: NDArray[np.bool_] = elsewhere & (bands == PLACE_BANDS.index("far"))
    return far


def _people(session: Session, *some: ColumnElement[bool]) -> Sequence[PersonRow]:
    columns = (ConsentReceipt.purposes, ConsentReceipt.until, Organisation.local_first_days)
    query = of_members(select(Profile, *columns)).where(*some)
    # What this session read before may have changed since, and what is kept outlives it.
    return session.execute(query.order_by(Profile.id), execution_options={"populate_existing": True}).all()
