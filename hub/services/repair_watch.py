"""How a published round stands, and its repairs, in totals of the network: what an operator watches. No people."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import AuditEntry, Organisation, Proposal, Round
from hub.reach import Reach, widened
from hub.services import repairs, rounds
from hub.services.actors import Actor, hub_itself
from hub.services.repairs import Offer
from hub.services.round_views import RoundView
from hub.services.standing_rounds import why_open


@dataclass(frozen=True, slots=True)
class RepairTotals:
    """One repair of the whole round. ``refused`` is empty, ``below_alone`` (``below`` names who) or ``net_balance``."""

    kind: str
    placements: int
    points: int
    asked: int
    taken_back: int
    refused: str
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Yes:
    """Somebody said yes to a repair: an organisation, or an operator on the command line (nothing)."""

    at: datetime
    organisation_name: str | None


@dataclass(frozen=True, slots=True)
class Questions:
    """How many questions of a round are in a state: those the round asked, and those repairs asked since."""

    state: str
    by_round: int
    by_repairs: int


@dataclass(frozen=True, slots=True)
class WatchedRound:
    """All of it. ``open`` counts mentees whom nobody is asked about any more, by how it came to be."""

    round: RoundView
    questions: tuple[Questions, ...]
    open: tuple[tuple[str, int], ...]
    repairs: tuple[RepairTotals, ...]
    yeses: tuple[Yes, ...]


def watch(session: Session, actor: Actor, round_id: str, today: date) -> WatchedRound:
    """Return what an operator watches of a published round. Cost: one snapshot, three solves.

    Raises
    ------
    Problem
        ``not-allowed`` to everybody else; ``not-found``; ``illegal-move`` for a round that was not published.
    """
    if actor.role not in {"operator", "hub"}:
        raise Problem("not-allowed", "Sign in as an operator: this is what the network's operators watch.")
    # The whole round, as whoever repairs it on the command line sees it; only totals leave this function.
    seen = repairs.look(session, hub_itself(actor.name), round_id, today)
    names = {one: name for one, name in session.execute(select(Organisation.id, Organisation.name))}  # noqa: C416
    return WatchedRound(
        round=rounds.show(session, actor, round_id),
        questions=_questions(session, round_id),
        open=tuple(sorted(Counter(why_open(session, seen.standing).values()).items())),
        repairs=tuple(_totals(offer, names) for offer in seen.offers),
        yeses=_yeses(session, round_id),
    )


def _totals(offer: Offer, names: dict[str, str]) -> RepairTotals:
    return RepairTotals(
        kind=offer.kind,
        placements=offer.placements,
        points=offer.points,
        asked=len(offer.asked),
        taken_back=len(offer.taken_back),
        refused=("below_alone" if offer.below else "net_balance") if offer.refused else "",
        below=tuple(names[one] for one in offer.below),
    )


def _questions(session: Session, round_id: str) -> tuple[Questions, ...]:
    later = Proposal.created_at > session.get_one(Round, round_id).published_at
    counted = select(Proposal.state, later, func.count()).where(
        Proposal.round_id == round_id, Proposal.state != "drafted"
    )
    # Whose they are is not read: how many there are.
    with widened(session, Reach.NETWORK):
        rows = session.execute(counted.group_by(Proposal.state, later)).all()
    found = {(state, bool(by_repair)): count for state, by_repair, count in rows}
    states = sorted({state for state, _ in found})
    return tuple(Questions(one, found.get((one, False), 0), found.get((one, True), 0)) for one in states)


def _yeses(session: Session, round_id: str) -> tuple[Yes, ...]:
    said = (
        AuditEntry.operation == "round.repair",
        AuditEntry.subject == f"round:{round_id}",
        AuditEntry.outcome == "done",
    )
    query = (
        select(AuditEntry.at, Organisation.name)
        .outerjoin(Organisation, Organisation.id == AuditEntry.organisation_id)
        .where(*said)
        .order_by(AuditEntry.number)
    )
    # An operator reads no entry, and is told which organisation repaired a round when.
    with widened(session, Reach.NETWORK):
        return tuple(Yes(at, name) for at, name in session.execute(query))
