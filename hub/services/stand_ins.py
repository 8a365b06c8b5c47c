"""If the answer is no: who of a round's mentees has another mentor standing by, asked once, when the round is made.

The mentee's own organisation is told of each of its own; everybody else hears nothing, and operators totals in fives.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from graph.pins import PinnedRound
from graph.rounds import RoundPolicy
from graph.stand_ins import Progress, StandIns, stand_ins
from hub.models import Proposal, Round, StandIn, utcnow
from hub.models.stand_in import STAND_INS
from hub.services.actors import Actor
from hub.services.snapshots import Snapshot
from hub.services.statistics import SMALLEST_TOLD, Telling
from hub.settings import Settings

KINDS: Final = STAND_INS
StandInsTold: TypeAlias = tuple[tuple[str, int | None], ...]
MOST_SEEN: Final = 100_000_000
"""People and hubs that the searches of one round may go through: some 25 seconds, after the round is kept. A pool of 10,000 in
which many seats are wanted by somebody comes to less than half of it; of a larger one the rest stays not known."""


@dataclass(frozen=True, slots=True)
class StandInTotals:
    """Mentees placed by what becomes of them after a no, and mentors whose leaving would leave somebody without.

    Nothing for fewer than five, as for all that a round finds beside its pairs.
    """

    free: int | None
    moving: int | None
    nobody: int | None
    leaning: int | None


TOTALS: Final = tuple(one.name for one in fields(StandInTotals))


def ask(found: PinnedRound, policy: RoundPolicy, progress: Progress | None = None) -> StandIns:
    """Return the stand-ins of a round. Cost: measured in tests/benchmarks/bench_repair.py; at most ``MOST_SEEN``."""
    return stand_ins(found, policy, most_seen=MOST_SEEN, progress=progress)


def totals(found: StandIns) -> StandInTotals:
    """Return the network's totals as they are kept."""
    counts = [sum(one == kind for one in found.of_mentee) for kind in KINDS]
    counts.append(int((found.alone_without > 0).sum()))
    return StandInTotals(*(count if count >= SMALLEST_TOLD else None for count in counts))


def rows(found: StandIns, snapshot: Snapshot, proposals: Iterable[Proposal]) -> list[StandIn]:
    """Return what is kept beside the drafts of a round; nothing where it is not known."""
    known = dict(zip((person.id for person in snapshot.pool.mentees), found.of_mentee, strict=True))
    return [
        StandIn(proposal_id=one.id, profile_id=one.mentee_id, kind=kind)
        for one in proposals
        if one.mentee_id and (kind := known[one.mentee_id]) is not None
    ]


def of_own(session: Session, actor: Actor, proposals: Sequence[Proposal]) -> Mapping[str, str]:
    """Return the stand-in of each proposal that asks for one of the actor's own mentees, where it is known. One query."""
    own = [one.id for one in proposals if one.round_id and one.mentee_organisation_id == actor.organisation_id]
    if not own:
        return {}
    query = select(StandIn.proposal_id, StandIn.kind).join(Proposal, Proposal.id == StandIn.proposal_id)
    mine = (StandIn.proposal_id.in_(own), Proposal.mentee_organisation_id == actor.organisation_id)
    return {one: kind for one, kind in session.execute(query.where(*mine))}  # noqa: C416


def told(session: Session, round_id: str, settings: Settings) -> StandInsTold:
    """Return a round's totals for who runs the network: none below five, in fives; nothing where none were found.

    Where each is of fewer than five, or nothing is known, there is nothing to tell. They are of when the round was made, and
    keep one draw for good.
    """
    found = session.get_one(Round, round_id).insights.get("stand_ins")
    if not found or all(count is None for count in found.values()):
        return ()
    telling = replace(Telling.of(settings, utcnow().date()), period=round_id)
    return tuple(
        (name, None if found[name] is None else telling.told(found[name], "stand-in", name)) for name in TOTALS
    )
