"""Runs what services scheduled: what is overdue, spent, to be compared or to be published."""

from datetime import datetime

from hub.database import Database
from hub.services import epochs, introductions, proposals, tokens
from hub.services.actors import hub_itself
from hub.settings import Settings


def do_what_is_due(database: Database, settings: Settings, now: datetime) -> dict[str, int]:
    """Do everything due at ``now``; return how many of each kind. Each kind is a transaction of its own."""
    return {
        "proposals expired": database.run(lambda session: proposals.expire_due(session, now)),
        "introductions expired": database.run(lambda session: introductions.expire_due(session, now)),
        "tokens deleted": database.run(lambda session: tokens.delete_spent(session, now)),
        "epochs published": database.run(
            lambda session: epochs.publish_due(session, hub_itself("worker"), settings, now)
        ),
    }
