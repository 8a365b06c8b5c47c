"""Run a round over the whole pool, keep it as a draft, and publish it when a person says yes.

Solving takes no lock: it reads one snapshot, then everything it found is kept in one short transaction. Whoever changed
meanwhile is guarded by the proposal's own conditional updates. What stands beside a round comes after (round_studies).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph.even_load import carrying_several
from graph.pins import PinnedRound
from graph.rounds import RoundPolicy
from hub.models import Profile, Proposal, Round, RoundShare, new_id, utcnow
from hub.services import audit, matching, outbox, round_wishes, snapshots
from hub.services.actors import Actor
from hub.services.matches import Match, explain
from hub.services.round_records import demand_proof, record, sources, whole_digest
from hub.services.round_views import RoundView, ShareView, view
from hub.services.round_wishes import KeptWishes
from hub.services.snapshots import Snapshot

__all__ = [
    "RoundView",
    "ShareView",
    "SolvedRound",
    "keep",
    "listed",
    "proposal_of",
    "publish",
    "quiet",
    "show",
    "solve",
]
Progress = Callable[[str, int, int], None]
"""Told of a step by its name, and how much of it is done, of how much."""
STEPS: Final = ("read", "score", "solve", "explain")
NOT_A_DRAFT: Final = {
    "published": "This round was published before; run a new one.",
    "superseded": "A later draft took this one's place: publish that one, or run this one's policy again.",
}


@dataclass(frozen=True, slots=True)
class SolvedRound:
    """A round before anything is stored: the snapshot it read, its result, and the pairs with reasons.

    ``wishes`` says of each pin whether it was kept; ``round`` holds pinned pairs and the rest, proven around them.
    """

    snapshot: Snapshot
    policy: RoundPolicy
    round: PinnedRound
    wishes: KeptWishes
    matches: tuple[Match, ...]


def quiet(step: str, done: int, total: int) -> None:
    """Say nothing of progress."""


def solve(
    session: Session,
    policy: RoundPolicy,
    today: date,
    *,
    program: str = matching.GENERAL,
    progress: Progress = quiet,
) -> SolvedRound:
    """Read one snapshot and solve it for one program; nothing is written. Wishes are for one-to-one rounds.

    Whom a question waits for is not asked about once more, and the seat it waits at is given to nobody else.

    Cost: one read of the pool, then what graph.rounds says. ``progress`` is told of each of the four steps.
    """
    progress(STEPS[0], 0, len(STEPS))
    snapshot = snapshots.take(session, today, program, unasked=True)
    wishes = round_wishes.to_keep(session, snapshot) if program == matching.GENERAL else KeptWishes((), ())
    progress(STEPS[1], 1, len(STEPS))
    problem = snapshots.round_problem(snapshot, wishes.pairs)
    progress(STEPS[2], 2, len(STEPS))
    found, wishes = round_wishes.solve_around(problem, policy, wishes)
    demand_proof(found.problem, policy, found.rest)
    progress(STEPS[3], 3, len(STEPS))
    pairs = [(row, int(mentor)) for row, mentor in enumerate(found.mentor_of) if mentor >= 0]
    return SolvedRound(snapshot, policy, found, wishes, explain(snapshot, pairs))


def keep(session: Session, actor: Actor, solved: SolvedRound, proposal_days: int) -> RoundView:
    """Store a solved round as a draft; earlier drafts give way. Nobody is asked anything yet."""
    supersede = update(Proposal).where(Proposal.state == "drafted").values(state="superseded", updated_at=utcnow())
    session.execute(supersede)
    session.execute(update(Round).where(Round.state == "drafted").values(state="superseded"))
    found = _round(solved)
    session.add(found)
    session.flush()
    session.add_all(_shares(found.id, solved))
    session.add(record(found.id, solved.round.problem, solved.round.rest))
    round_wishes.note(session, solved.wishes)
    session.add_all(_drafts(session, found.id, solved, proposal_days))
    audit.record(session, actor, "round.run", f"round:{found.id}")
    session.flush()
    return view(session, actor, found)


def publish(session: Session, actor: Actor, round_id: str) -> RoundView:
    """Turn a draft into proposals and tell both organisations of each. A person's yes; never the hub's own.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` when it was published before, or a later draft took its place.
    """
    found = _existing(session, round_id)
    now = utcnow()
    drafted = (Round.id == round_id, Round.state == "drafted")
    moved = session.scalars(
        update(Round).where(*drafted).values(state="published", published_at=now).returning(Round.id)
    ).one_or_none()
    if moved is None:
        raise Problem("illegal-move", NOT_A_DRAFT[found.state], extra={"state": found.state})
    waiting = (Proposal.round_id == round_id, Proposal.state == "drafted")
    asked = session.execute(
        update(Proposal)
        .where(*waiting)
        .values(state="proposed", updated_at=now)
        .returning(Proposal.id, Proposal.mentee_organisation_id, Proposal.mentor_organisation_id)
    ).all()
    outbox.owe_all(
        session,
        (
            (side, "proposal.proposed", f"proposal:{proposal_id}", {})
            for proposal_id, *sides in asked
            for side in sorted(set(sides))
        ),
    )
    round_wishes.fulfil(session, round_id)
    audit.record(session, actor, "round.publish", f"round:{round_id}")
    session.refresh(found)
    return view(session, actor, found)


def listed(session: Session, actor: Actor) -> list[RoundView]:
    """Return the rounds the actor may know of, newest first: members those that were published."""
    rows = session.scalars(select(Round).order_by(Round.created_at.desc(), Round.id))
    return [view(session, actor, found) for found in rows if _may_know(actor, found)]


def show(session: Session, actor: Actor, round_id: str) -> RoundView:
    """Return one round.

    Raises
    ------
    Problem
        ``not-found``, for a member also while it is a draft.
    """
    found = _existing(session, round_id)
    if not _may_know(actor, found):
        raise _not_found()
    return view(session, actor, found)


def _may_know(actor: Actor, found: Round) -> bool:
    """Whether an actor sees a round: a draft is reviewed by who runs the network, and may never be published."""
    return found.published_at is not None or actor.role in {"hub", "operator"}


def _existing(session: Session, round_id: str) -> Round:
    found = session.get(Round, round_id)
    if found is None:
        raise _not_found()
    return found


def _not_found() -> Problem:
    return Problem("not-found", "Check the round's id on the page of rounds.")


def _round(solved: SolvedRound) -> Round:
    result = solved.round.rest
    prices = [
        {
            "organisation": solved.snapshot.organisations[price.organisation],
            "bound": price.bound,
            "points": price.points,
        }
        for price in result.certificate.prices
    ]
    return Round(
        id=new_id(),
        program=solved.snapshot.program,
        policy=asdict(solved.policy),
        digest=whole_digest(result, sources()),
        insights={},
        certificate={
            "engine": result.certificate.engine,
            "prices": prices,
            "hold_back": _holding(solved),
            "surplus": result.certificate.surplus,
            "carrying_several": dict(zip(("before", "after"), _carrying(solved), strict=True)),
        },
        mentees=solved.round.problem.mentees,
        mentors=solved.round.problem.mentors,
        pairs=solved.round.problem.pairs + len(solved.round.pins),
        placed=solved.round.placed,
        placed_across=sum(share.placed_across for share in solved.round.shares),
        points=solved.round.points,
        pinned=len(solved.round.pins),
    )


def _holding(solved: SolvedRound) -> str:
    """Say whether scarce mentors were held back, and where it was asked for in vain: no year of arrivals is known yet."""
    if not solved.policy.hold_back:
        return "off"
    return "not_available" if solved.round.problem.scarcity is None else "on"


def _carrying(solved: SolvedRound) -> tuple[int, int]:
    """Return how many mentors have more than one mentee before the round, and how many if every pair says yes."""
    return carrying_several(solved.round.whole, solved.round.mentor_of)


def _shares(round_id: str, solved: SolvedRound) -> list[RoundShare]:
    return [
        RoundShare(
            round_id=round_id,
            organisation_id=solved.snapshot.organisations[share.organisation],
            guaranteed=solved.policy.individual_rationality,
            mentees=share.mentees,
            placed_alone=share.placed_alone,
            placed=share.placed,
            placed_across=share.placed_across,
            mentors_lent=share.seats_lent,
        )
        for share in solved.round.shares
    ]


def _drafts(session: Session, round_id: str, solved: SolvedRound, days: int) -> list[Proposal]:
    """Return a draft for each pair whose people are still shared and not asked yet; what happened since the snapshot wins."""
    still_here = set(session.scalars(select(Profile.id)))
    asked = select(Proposal.mentee_id, Proposal.mentor_id).where(Proposal.state.in_(("proposed", "agreed")))
    open_pairs = {(mentee, mentor) for mentee, mentor in session.execute(asked)}
    expires = utcnow() + timedelta(days=days)
    return [
        proposal_of(match, round_id, "drafted", expires, solved.snapshot.program)
        for match in solved.matches
        if match.mentee.id in still_here
        and match.mentor.id in still_here
        and (match.mentee.id, match.mentor.id) not in open_pairs
    ]


def proposal_of(match: Match, round_id: str, state: str, expires_at: datetime, program: str) -> Proposal:
    """Return the proposal of a round's pair: a draft, or asked at once where a person said yes to it."""
    return Proposal(
        round_id=round_id,
        program=program,
        mentee_id=match.mentee.id,
        mentor_id=match.mentor.id,
        mentee_organisation_id=match.mentee.organisation,
        mentor_organisation_id=match.mentor.organisation,
        state=state,
        points=match.points,
        parts=match.parts,
        reasons=match.reasons,
        expires_at=expires_at,
    )
