"""The picture of the network: who helps whom, and where people wait; others counted as services/statistics tells them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from graph import network
from hub.models import Organisation, Partnership, Proposal, Round, utcnow
from hub.reach import Reach, widened
from hub.services import matching
from hub.services.actors import Actor
from hub.services.gaps import GapView, gaps
from hub.services.round_insights import Together
from hub.services.statistics import Telling
from hub.settings import Settings


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
    """Help from one member's mentors to another's mentees: one's own counted, others' from five on, in fives."""

    from_id: str
    to_id: str
    count: int


@dataclass(frozen=True, slots=True)
class LedgerView:
    """What one member gave to others and got from them: agreed pairs, and the hours their template expects of a pair.

    A record, not a currency. Of others: what passed between them and oneself, counted, and from five on the rest in fives.
    """

    id: str
    name: str
    given: int | None
    received: int | None
    hours_given: int | None
    hours_received: int | None
    mine: bool


@dataclass(frozen=True, slots=True)
class MissingView:
    """A kind of mentor: how many unplaced mentees it would suit, how many more five seats would place; None: few."""

    noc: str
    region: str
    suits: int
    places: int | None


@dataclass(frozen=True, slots=True)
class NetworkView:
    """Members, flows between them, gaps, the ledger, and what the last published round says would help next."""

    nodes: tuple[NodeView, ...]
    flows: tuple[FlowView, ...]
    gaps: tuple[GapView, ...]
    ledger: tuple[LedgerView, ...]
    together: tuple[Together, ...]
    missing: tuple[MissingView, ...]


def picture(session: Session, actor: Actor, settings: Settings) -> NetworkView:
    """Return the network as one member may see it: proposals asked or agreed, and waiting mentees by province.

    O(proposals + people), by three counting queries.
    """
    telling = Telling.of(settings, utcnow().date())
    # Counts of the whole network; what may be told of others' is the telling's to say.
    with widened(session, Reach.NETWORK):
        return _picture(session, actor.organisation_id, telling)


def _picture(session: Session, mine: str | None, telling: Telling) -> NetworkView:
    members = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    counted = network.flows(_placements(session, Proposal.state.in_(("proposed", "agreed"))))
    # One picture for everybody, so drawn from what a stranger may know.
    known = [network.Flow(one.from_id, one.to_id, one.count) for one in _flows(counted, None, telling)]
    where = network.layout(network.organisation_graph({one.id: one.kind for one in members}, known))
    last, insights = _last_insights(session)
    # A round's findings do not change any more: they keep its draw, whatever the month.
    of_round = replace(telling, period=last)
    return NetworkView(
        nodes=tuple(NodeView(one.id, one.name, one.kind, *where[one.id], mine=one.id == mine) for one in members),
        flows=tuple(_flows(counted, mine, telling)),
        gaps=gaps(session, mine, telling),
        ledger=tuple(_ledger(session, {one.id: one.name for one in members}, mine, telling)),
        # In the order of what is told: the order found would tell which of two equal ones is greater.
        together=tuple(sorted(_together(insights.get("together", ()), of_round), key=_most_together)),
        missing=tuple(sorted(_missing(insights.get("missing", ()), of_round), key=_most_missing)),
    )


def _flows(counted: Iterable[network.Flow], mine: str | None, telling: Telling) -> Iterator[FlowView]:
    for one in counted:
        ends = (one.from_organisation, one.to_organisation)
        told = one.count if mine in ends else telling.told(one.count, "flow", *ends)
        if one.across and told is not None:
            yield FlowView(*ends, told)


def _last_insights(session: Session) -> tuple[str, dict[str, Any]]:
    """Return the id of the last published round that was studied, and what was found beside its pairs; nothing before."""
    published = select(Round.id, Round.insights).where(Round.state == "published", Round.studied_at.is_not(None))
    last = session.execute(published.order_by(Round.published_at.desc(), Round.id).limit(1)).first()
    return (last.id, last.insights) if last else ("", {})


def _together(found: Iterable[dict[str, Any]], telling: Telling) -> Iterator[Together]:
    for one in found:
        told = telling.told(one["more"], "together", one["first"], one["second"])
        if told is not None:
            yield Together(one["first"], one["second"], told)


def _most_together(one: Together) -> tuple[int, str, str]:
    return -one.more, one.first, one.second


def _most_missing(one: MissingView) -> tuple[int, int, str, str]:
    return -(one.places or 0), -one.suits, one.noc, one.region


def _missing(found: Iterable[dict[str, Any]], telling: Telling) -> Iterator[MissingView]:
    for one in found:
        cell = (one["noc"], one["region"])
        suits = telling.told(one["suits"], "suits", *cell)
        if suits is not None:
            yield MissingView(*cell, suits, telling.told(one["places"], "places", *cell))


def _ledger(session: Session, names: dict[str, str], mine: str | None, telling: Telling) -> Iterator[LedgerView]:
    hours = matching.hours_of_a_pair()
    # Which pairs were completed is their parties' to read; of others only what the telling says leaves here.
    with widened(session, Reach.HUB):
        counted = network.flows(_placements(session, _given(), Proposal.program == matching.GENERAL))
    with_me = {one.organisation: one for one in network.ledger(one for one in counted if mine in _ends(one))}
    nothing = network.Ledger("", 0, 0)
    for one in network.ledger(counted):
        own, known = one.organisation == mine, with_me.get(one.organisation, nothing)
        given: int | None = one.given
        received: int | None = one.received
        if not own:
            given = telling.with_own(known.given, one.given - known.given, "given", one.organisation)
            received = telling.with_own(known.received, one.received - known.received, "received", one.organisation)
        if given is not None or received is not None:
            worth = [None if count is None else count * hours for count in (given, received)]
            yield LedgerView(one.organisation, names[one.organisation], given, received, worth[0], worth[1], mine=own)


def _ends(flow: network.Flow) -> tuple[str, str]:
    return flow.from_organisation, flow.to_organisation


def _given() -> ColumnElement[bool]:
    """What was agreed, however it ended; and what was completed, also where one of the two withdrew later."""
    completed = select(Partnership.proposal_id).where(Partnership.state == "completed")
    return or_(Proposal.state == "agreed", Proposal.id.in_(completed))


def _placements(session: Session, *which: ColumnElement[bool]) -> list[tuple[str, str]]:
    """Return both organisations of each pair; the ledger asks for one-to-one alone, of which the hours are known."""
    pairs = select(Proposal.mentee_organisation_id, Proposal.mentor_organisation_id).where(*which)
    return [(mentee, mentor) for mentee, mentor in session.execute(pairs)]
