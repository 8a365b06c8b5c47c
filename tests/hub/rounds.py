"""A round from the pool to what stands beside it, as the command runs it."""

from typing import Any

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Round
from hub.services import round_runs
from hub.services.rounds import RoundView
from tests.hub.people import TESTS, today


def run_round(database: Database, policy: RoundPolicy | None = None, **how: Any) -> RoundView:
    """Keep and study a round; ``publish`` it before that, ``program``."""
    return round_runs.run(database, TESTS, policy or RoundPolicy(), today(), 14, **how)


def insights(database: Database, round_id: str) -> dict[str, Any]:
    """What was found beside a round's pairs, as it is kept."""
    with database.reading() as session:
        return session.get_one(Round, round_id).insights
