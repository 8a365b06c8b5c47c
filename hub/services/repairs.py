"""Repair a published round: what free seats alone can do, what the best repair would move, and a person's yes to one of them.

Looking takes no lock and writes nothing. A yes names the picture it was said to: if the same look would show anything else by
now, or somebody moves first, nothing happens and the person looks again.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph.repair_result import Move, RepairResult
from graph.standing import hanging_together, repair_standing
from hub.models import ConsentReceipt, Profile, Proposal, Round, utcnow
from hub.reach import Reach, widened
from hub.services import audit, guards, outbox, seats
from hub.services.actors import Actor
from hub.services.matches import Match, explain
from hub.services.proposal_moves import supersede_draft
from hub.services.rounds import proposal_of
from hub.services.standing_rounds import StandingRound, stand

Kind = Literal["no_move", "exact"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LOOK_AGAIN: Final = "The round changed since you looked: look at its repair again, then decide."
NOTHING: Final = "There is nothing to repair here: nobody would be asked."
REFUSED: Final = "This repair would take an organisation below what it has alone: look at the other one."


@dataclass(frozen=True, eq=False)
class Offer:
    """One repair as far as it is the actor's: the pairs taken back and those asked instead.

    ``below`` names organisations that would place fewer than alone; ``refused`` also where only the net balance is in the
    way. ``placements`` and ``points`` are gained by this part over doing nothing.
    """

    kind: Kind
    taken_back: tuple[Match, ...]
    proposals: tuple[str, ...]
    asked: tuple[Match, ...]
    below: tuple[str, ...]
    refused: bool

    @property
    def placements(self) -> int:
        """Placements gained."""
        return len(self.asked) - len(self.taken_back)

    @property
    def points(self) -> int:
        """Points gained; negative where a placement or a promise costs some."""
        return sum(one.points for one in self.asked) - sum(one.points for one in self.taken_back)

    def picture(self, round_id: str) -> str:
        """Return the digest of all that this offer would do: a yes holds for the same picture and no other.

        Points are no part of it: whether they change with a variant of a mentee would tell of a mentor not shown.
        """
        ends = sorted(f"ends {proposal}" for proposal in self.proposals)
        asks = sorted(f"asks {one.mentee.id} {one.mentor.id}" for one in self.asked)
        return hashlib.sha256("\n".join((round_id, self.kind, *ends, *asks)).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Look:
    """A round as it stands, and both repairs of it."""

    standing: StandingRound
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class RepairMade:
    """What a yes did: proposals asked and superseded."""

    round_id: str
    kind: str
    asked: int
    superseded: int


def look(session: Session, actor: Actor, round_id: str, today: date) -> Look:
    """Return how a round stands and what would repair it, as far as the actor may say yes to it.

    A member's part is what its own open mentees need, with whoever would have to move for them; the operator's is the whole.
    Under a net balance a repair hangs together as a whole. Cost: one snapshot, three solves.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` for a round that was not published.
    """
    standing = stand(session, round_id, today)
    return Look(standing, tuple(_offer(actor, standing, kind) for kind in KINDS))


def make(
    session: Session,
    actor: Actor,
    seen: Look,
    kind: str,
    picture: str,
    days: int,
    *,
    per_week: int = guards.PROPOSALS_PER_WEEK,
) -> RepairMade:
    """Ask about the new pairs of a repair and supersede the questions it takes back, in the caller's transaction.

    ``seen`` is looked up just before, outside the transaction; ``picture`` is what the person said yes to.

    Raises
    ------
    Problem
        ``conflict`` for a stale picture or when somebody moved first; ``illegal-move`` for a repair that is refused or empty;
        ``budget-spent`` when enough was asked this week for one of the member's mentees.
    """
    round_id = seen.standing.round_id
    offer = next(one for one in seen.offers if one.kind == kind)
    if offer.picture(round_id) != picture:
        raise Problem("conflict", LOOK_AGAIN)
    if offer.refused:
        raise Problem("illegal-move", REFUSED)
    if not offer.asked:
        raise Problem("illegal-move", NOTHING)
    for one in offer.asked:
        if one.mentee.organisation == actor.organisation_id:
            guards.require_proposal_budget(session, one.mentee.id, per_week, utcnow())
    # Questions taken back, people asked and seats counted are other organisations' too: the whole is one round's.
    with widened(session, Reach.HUB):
        _supersede(session, round_id, offer.proposals)
        _demand_free(session, offer.asked, seen.standing.snapshot.program)
        _ask(session, round_id, offer.asked, days)
    audit.record(session, actor, "round.repair", f"round:{round_id}")
    session.flush()
    return RepairMade(round_id, kind, len(offer.asked), len(offer.proposals))


def _offer(actor: Actor, standing: StandingRound, kind: Kind) -> Offer:
    found = repair_standing(standing.problem, standing.policy, standing.mentor_of, moving=kind == "exact")
    moves = _part(actor, standing, found)
    names = standing.snapshot.organisations
    return Offer(
        kind=kind,
        taken_back=explain(standing.snapshot, [(one.mentee, one.before) for one in moves if one.before >= 0]),
        proposals=tuple(standing.asked[one.mentee] for one in moves if one.mentee in standing.asked),
        asked=explain(standing.snapshot, [(one.mentee, one.after) for one in moves if one.after >= 0]),
        below=tuple(names[number] for number in found.below),
        refused=found.refused,
    )


def _part(actor: Actor, standing: StandingRound, found: RepairResult) -> tuple[Move, ...]:
    if actor.role == "hub":
        return found.moves
    people = standing.snapshot.pool.mentees
    own = {
        move.mentee
        for move in found.moves
        if move.before < 0 and people[move.mentee].organisation == actor.organisation
    }
    if own and standing.policy.net_balance is not None:
        return found.moves
    return hanging_together(found.moves, own)


def _supersede(session: Session, round_id: str, proposals: Sequence[str]) -> None:
    """End the questions taken back, each only while nobody answered it, and tell both sides."""
    waiting = (Proposal.mentee_side == "waiting", Proposal.mentor_side == "waiting", Proposal.round_id == round_id)
    ended = session.execute(
        update(Proposal)
        .where(Proposal.id.in_(proposals), Proposal.state == "proposed", *waiting)
        .values(state="superseded", updated_at=utcnow())
        .returning(Proposal.id, Proposal.mentee_organisation_id, Proposal.mentor_organisation_id)
    ).all()
    if len(ended) != len(proposals):
        raise Problem("conflict", LOOK_AGAIN)
    _tell(session, "proposal.superseded", [(one, {mentee, mentor}) for one, mentee, mentor in ended])


def _demand_free(session: Session, asked: Sequence[Match], program: str) -> None:
    """Refuse when one of the people has gone, is taken, or was asked by somebody else since the look.

    The rows are locked in one order, so two repairs of overlapping people take turns; a question holds no seat either way.
    """
    wanted = sorted({person for one in asked for person in (one.mentee.id, one.mentor.id)})
    current = exists().where(ConsentReceipt.profile_id == Profile.id, ConsentReceipt.until >= utcnow().date())
    people = select(Profile).where(Profile.id.in_(wanted), current).order_by(Profile.id).with_for_update(of=Profile)
    rows = session.scalars(people.execution_options(populate_existing=True)).all()
    held = seats.held(session, program, utcnow().date())
    left = {one.id: places - taken for one in rows for places, taken in [held.seats(one)]}
    for person in _questioned(session, asked):
        left[person] = left.get(person, 0) - 1
    if min(left.values()) < 0:
        raise Problem("conflict", LOOK_AGAIN)


def _questioned(session: Session, asked: Sequence[Match]) -> Iterator[str]:
    """Name each person once for every question that waits for them and for each that would be asked now."""
    for column, people in (
        (Proposal.mentee_id, [one.mentee.id for one in asked]),
        (Proposal.mentor_id, [one.mentor.id for one in asked]),
    ):
        yield from people
        waiting = select(column).where(column.in_(people), Proposal.state == "proposed")
        yield from (person for person in session.scalars(waiting) if person)


def _ask(session: Session, round_id: str, asked: Sequence[Match], days: int) -> None:
    expires = utcnow() + timedelta(days=days)
    program = session.get_one(Round, round_id).program
    made = [proposal_of(one, round_id, "proposed", expires, program) for one in asked]
    try:
        with session.begin_nested():
            for one in asked:
                supersede_draft(session, one.mentee.id, one.mentor.id)
            session.add_all(made)
            session.flush()
    except IntegrityError as error:
        raise Problem("conflict", LOOK_AGAIN) from error
    _tell(
        session,
        "proposal.proposed",
        [(one.id, {one.mentee_organisation_id, one.mentor_organisation_id}) for one in made],
    )


def _tell(session: Session, event: str, proposals: Sequence[tuple[str, set[str]]]) -> None:
    outbox.owe_all(
        session,
        ((side, event, f"proposal:{proposal}", {}) for proposal, sides in proposals for side in sorted(sides)),
    )
