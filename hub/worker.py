"""Runs what services scheduled: what is overdue, spent, to be compared or to be published."""

from datetime import datetime

from hub.database import Database
from hub.services import (
    alerts,
    audit_heads,
    epochs,
    gathering_envelopes,
    gatherings,
    guards,
    introductions,
    invitations,
    linkage,
    mentee_links,
    proposals,
    tokens,
    withdrawal_notices,
    withdrawals,
)
from hub.services.actors import hub_itself
from hub.settings import Settings


def do_what_is_due(database: Database, settings: Settings, now: datetime) -> dict[str, int]:
    """Do everything due at ``now``; return how many of each kind. Each kind is a transaction of its own."""
    return {
        "proposals expired": database.run(lambda session: proposals.expire_due(session, now)),
        "gatherings expired": database.run(lambda session: gatherings.expire_due(session, now)),
        "introductions expired": database.run(lambda session: introductions.expire_due(session, now)),
        "gathering introductions expired": database.run(lambda session: gathering_envelopes.expire_due(session, now)),
        "tokens deleted": database.run(lambda session: tokens.delete_spent(session, now)),
        "alerts raised": database.run(lambda session: alerts.raise_due(session, settings, now)),
        "alerts deleted": database.run(lambda session: alerts.delete_old(session, now)),
        "exposures deleted": database.run(lambda session: guards.delete_old(session, now)),
        "mentee links deleted": database.run(lambda session: mentee_links.delete_expired(session, now)),
        "invitations deleted": database.run(lambda session: invitations.delete_expired(session, now)),
        "epochs published": database.run(
            lambda session: epochs.publish_due(session, hub_itself("worker"), settings, now)
        ),
        "withdrawal notices deleted": database.run(lambda session: withdrawal_notices.delete_old(session, now)),
        "traces deleted": database.run(lambda session: withdrawals.delete_expired(session, now)),
        "log lines forgotten": withdrawals.forget_lines(database.withdrawal_log, now),
        "linkage tokens deleted": database.run(lambda session: linkage.delete_expired(session, now)),
        "possible duplicates found": find_due(database, now),
        # Last, so that it covers what was just done.
        "audit heads handed out": hand_out_due(database, settings, now),
    }


def hand_out_due(database: Database, settings: Settings, now: datetime) -> int:
    """Hand out the head of the audit chain when it is due; no writer waits while the entries are checked."""
    with database.reading() as session:
        found = audit_heads.due(session, now)
    return database.run(lambda session: audit_heads.hand_out(session, found, settings, now)) if found else 0


def find_due(database: Database, now: datetime) -> int:
    """Look for duplicates when tokens came or a day went by; return how many are new."""
    with database.reading() as session:
        due = linkage.is_due(session, now)
    return find_duplicates(database, now) if due else 0


def find_duplicates(database: Database, now: datetime) -> int:
    """Compare all tokens, and keep what was found; return how many pairs are new. No writer waits while they are compared."""
    with database.reading() as session:
        found = linkage.compare(session, now)
    new, finished = 0, False
    while not finished:
        kept = database.run(lambda session: linkage.keep(session, hub_itself("duplicates"), found))
        new, finished = new + kept.new, kept.finished
    return new
