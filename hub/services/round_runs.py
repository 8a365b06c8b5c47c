"""Run a round from the pool to a kept draft, and then what stands beside it: each read and each write is short."""

from collections.abc import Callable
from datetime import date

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.services import matching, round_studies, rounds
from hub.services.actors import Actor
from hub.services.rounds import Progress, RoundView, quiet


def run(
    database: Database,
    actor: Actor,
    policy: RoundPolicy,
    today: date,
    proposal_days: int,
    *,
    program: str = matching.GENERAL,
    publish: bool = False,
    on_kept: Callable[[RoundView], None] = lambda kept: None,
    progress: Progress = quiet,
) -> RoundView:
    """Solve a round and keep it as a draft, or publish it where a person said so before; then study it.

    ``on_kept`` is told as soon as the round is kept: whatever becomes of the study, it stays. Cost: as `rounds.solve` and
    `round_studies.study`; no transaction is open while either thinks.
    """
    with database.reading() as session:
        solved = rounds.solve(session, policy, today, program=program, progress=progress)
    kept = database.run(lambda session: rounds.keep(session, actor, solved, proposal_days))
    if publish:
        kept = database.run(lambda session: rounds.publish(session, actor, kept.id))
    on_kept(kept)
    found = round_studies.study(solved, progress)
    database.run(lambda session: round_studies.keep(session, kept.id, solved, found))
    with database.reading() as session:
        return rounds.show(session, actor, kept.id)
