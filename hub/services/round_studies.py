"""What stands beside a round that was drafted: other policies, what would help next, and what a no would mean for each pair.

None of it is needed to keep or to publish the round, and it takes longer than the round itself: so it is found from what the
round read, without a session, and kept in a short transaction of its own.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from graph.rounds import RoundProblem
from graph.stand_ins import StandIns
from hub.models import Proposal, Round, RoundAlternative, utcnow
from hub.services import snapshots, stand_ins
from hub.services.round_comparison import Alternative, compare, without_windows
from hub.services.round_insights import Insights, find
from hub.services.rounds import Progress, SolvedRound, quiet
from hub.services.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Study:
    """What was found beside a round: the same round under other policies, what would help next, and what noes would mean."""

    alternatives: tuple[Alternative, ...]
    insights: Insights
    stand_ins: StandIns


def study(solved: SolvedRound, progress: Progress = quiet) -> Study:
    """Find what stands beside a round; nothing is read or written.

    Cost: one solve for each other policy, some matchings for what would help next, and what `stand_ins.ask` says. Where
    somebody looks near first, pairs are looked for once more without windows. ``progress`` is told of policies compared and of
    pairs asked about.
    """
    found, policy, snapshot, problem = solved.round, solved.policy, solved.snapshot, solved.round.whole
    alternatives = compare(found, policy, snapshots.far_pairs(snapshot, problem), _of("compare", progress))
    if (snapshot.rules.local_first & ~snapshot.rules.closed[0]).any():
        alternatives += without_windows(found, policy, _without_windows(snapshot, problem))
    asked = stand_ins.ask(found, policy, _of("ask", progress))
    return Study(alternatives, find(snapshot, problem, found.mentor_of, asked), asked)


def keep(session: Session, round_id: str, solved: SolvedRound, found: Study) -> bool:
    """Store a study beside its round; nothing where a later draft took the round's place meanwhile, or one is there already.

    Who withdrew meanwhile has no row: the round's pairs are read anew.
    """
    still = (Round.id == round_id, Round.state != "superseded", Round.studied_at.is_(None))
    noted = update(Round).where(*still).values(insights=asdict(found.insights), studied_at=utcnow())
    if session.scalars(noted.returning(Round.id)).one_or_none() is None:
        return False
    session.add_all(RoundAlternative(round_id=round_id, **asdict(other)) for other in found.alternatives)
    pairs = session.scalars(select(Proposal).where(Proposal.round_id == round_id)).all()
    session.add_all(stand_ins.rows(found.stand_ins, solved.snapshot, pairs))
    session.flush()
    return True


def _of(step: str, progress: Progress) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        progress(step, done, total)

    return tell


def _without_windows(snapshot: Snapshot, problem: RoundProblem) -> RoundProblem:
    """Return the round as if nobody looked near first, with all the pairs it has."""
    wider = replace(snapshot, index=replace(snapshot.index, eligibility=snapshot.rules.without_windows()))
    return snapshots.round_problem(wider, np.column_stack((problem.mentee, problem.mentor)))
