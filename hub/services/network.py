"""The picture of the network: who helps whom, and where people wait. Small counts are not shown."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from graph import network
from hub.models import Organisation, Profile, Proposal
from hub.services.actors import Actor

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
class NetworkView:
    """Members, flows between them, and gaps."""

    nodes: tuple[NodeView, ...]
    flows: tuple[FlowView, ...]
    gaps: tuple[GapView, ...]


def picture(session: Session, actor: Actor) -> NetworkView:
    """Return the network as one member may see it: proposals asked or agreed, and waiting mentees by province.

    O(proposals + people), by two counting queries.
    """
    members = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    counted = network.flows(_placements(session))
    across = [flow for flow in counted if flow.across]
    where = network.layout(network.organisation_graph({one.id: one.kind for one in members}, counted))
    mine = actor.organisation_id
    return NetworkView(
        nodes=tuple(NodeView(one.id, one.name, one.kind, *where[one.id], mine=one.id == mine) for one in members),
        flows=tuple(
            FlowView(flow.from_organisation, flow.to_organisation, _shown(flow.count, own=mine in _ends(flow)))
            for flow in across
        ),
        gaps=_gaps(session),
    )


def _ends(flow: network.Flow) -> tuple[str, str]:
    return flow.from_organisation, flow.to_organisation


def _shown(count: int, *, own: bool = False) -> int | None:
    return count if own or count >= SMALLEST_SHOWN else None


def _placements(session: Session) -> list[tuple[str, str]]:
    pairs = select(Proposal.mentee_organisation_id, Proposal.mentor_organisation_id).where(
        Proposal.state.in_(("proposed", "agreed"))
    )
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
