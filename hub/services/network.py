"""The picture of the network: who helps whom, and where people wait. Small counts are not shown."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from graph import network
from hub.models import Organisation, Profile, Proposal, Round
from hub.reach import Reach, widened
from hub.services import matching
from hub.services.actors import Actor
from hub.services.round_insights import MissingMentor, Together

SMALLEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class NodeView:
    """A member and its place on a page of 0 to 1000 each way."""

    id: str
    name: str
    kind: str
    x: int
    y: int
    mine: bool


@dataclass(frozen=True, slots=True)
class FlowView:
    """Help from one member's mentors to another's mentees; nothing for fewer than five that are not one's own."""

    from_id: str
    to_id: str
    count: int | None


@dataclass(frozen=True, slots=True)
class GapView:
    """An occupation in a province where people wait; nothing for fewer than five."""

    noc: str
    region: str
    waiting: int | None
    seats: int | None


@dataclass(frozen=True, slots=True)
class LedgerView:
    """What one member gave to others and got from them: agreed pairs, and the hours their template expects of a pair.

    A record, not a currency. Of others, nothing for fewer than five.
    """

    id: str
    name: str
    given: int | None
    received: int | None
    hours_given: int | None
    hours_received: int | None
    mine: bool


@dataclass(frozen=True, slots=True)
class NetworkView:
    """Members, flows between them, gaps, the ledger, and what the last published round says would help next."""

    nodes: tuple[NodeView, ...]
    flows: tuple[FlowView, ...]
    gaps: tuple[GapView, ...]
    ledger: tuple[LedgerView, ...]
    together: tuple[Together, ...]
    missing: tuple[MissingMentor, ...]


def picture(session: Session, actor: Actor) -> NetworkView:
    """Return the network as one member may see it: proposals asked or agreed, and waiting mentees by province.

    O(proposals + people), by two counting queries.
    """
    # Counts of the whole network; of others, nothing for fewer than five.
    with widened(session, Reach.NETWORK):
        return _picture(session, actor)


def _picture(session: Session, actor: Actor) -> NetworkView:
    members = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    counted = network.flows(_placements(session, ("proposed", "agreed")))
    across = [flow for flow in counted if flow.across]
    where = network.layout(network.organisation_graph({one.id: one.kind for one in members}, counted))
    mine, insights = actor.organisation_id, _last_insights(session)
    return NetworkView(
        nodes=tuple(NodeView(one.id, one.name, one.kind, *where[one.id], mine=one.id == mine) for one in members),
        flows=tuple(
            FlowView(flow.from_organisation, flow.to_organisation, _shown(flow.count, own=mine in _ends(flow)))
            for flow in across
        ),
        gaps=_gaps(session),
        ledger=_ledger(session, {one.id: one.name for one in members}, mine),
        together=tuple(Together(**one) for one in insights.get("together", ())),
        missing=tuple(MissingMentor(**one) for one in insights.get("missing", ())),
    )


def _last_insights(session: Session) -> dict[str, Any]:
    published = select(Round.insights).where(Round.state == "published").order_by(Round.published_at.desc(), Round.id)
    return session.scalars(published.limit(1)).first() or {}


def _ledger(session: Session, names: dict[str, str], mine: str | None) -> tuple[LedgerView, ...]:
    hours = matching.hours_of_a_pair()
    counted = network.ledger(network.flows(_placements(session, ("agreed",), matching.GENERAL)))

    def told(one: network.Ledger) -> LedgerView:
        own = one.organisation == mine
        given, received = _shown(one.given, own=own), _shown(one.received, own=own)
        worth = [None if count is None else count * hours for count in (given, received)]
        return LedgerView(one.organisation, names[one.organisation], given, received, worth[0], worth[1], mine=own)

    return tuple(told(one) for one in counted)


def _ends(flow: network.Flow) -> tuple[str, str]:
    return flow.from_organisation, flow.to_organisation


def _shown(count: int, *, own: bool = False) -> int | None:
    return count if own or count >= SMALLEST_SHOWN else None


def _placements(session: Session, states: tuple[str, ...], program: str | None = None) -> list[tuple[str, str]]:
    """Return both organisations of each pair; with ``program`` only of that one: hours are known of a whole one-to-one."""
    pairs = select(Proposal.mentee_organisation_id, Proposal.mentor_organisation_id).where(Proposal.state.in_(states))
    if program is not None:
        pairs = pairs.where(Proposal.program == program)
    return [(mentee, mentor) for mentee, mentor in session.execute(pairs)]


def _gaps(session: Session) -> tuple[GapView, ...]:
    """Return gaps by minor group and province; only those of at least five waiting, so that a cell is never a person."""
    waiting = _free(session, "mentee")
    found = network.gap_map(waiting, _free(session, "mentor"))
    told = [gap for gap in found if gap.waiting >= SMALLEST_SHOWN and gap.missing]
    return tuple(GapView(gap.noc, gap.region, gap.waiting, _shown(gap.seats)) for gap in told)


def _free(session: Session, kind: str) -> dict[tuple[str, str], int]:
    # The occupation aimed at, where a mentee named one; grouped in Python, because a province is the region's first part.
    aimed = func.coalesce(Profile.target_noc, Profile.noc)
    query = select(aimed, Profile.region, Profile.seats - Profile.taken).where(
        Profile.kind == kind, Profile.taken < Profile.seats
    )
    counts: Counter[tuple[str, str]] = Counter()
    for noc, region, free in session.execute(query):
        counts[noc[:3], region.partition("-")[0]] += free
    return dict(counts)
