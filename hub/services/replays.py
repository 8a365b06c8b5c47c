"""After a restore: whether the hub may open, and the withdrawals that the restored database does not know of, once more."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.database import Database
from hub.models import Organisation, Profile, Tombstone, WithdrawalCount, utcnow
from hub.services import audit, withdrawals
from hub.services.actors import Actor
from hub.services.withdrawals import TOMBSTONE_DAYS
from hub.withdrawal_log import Line, Reading, WithdrawalLog

AT_ONCE: Final = 100
"""Withdrawals replayed in one transaction."""
PATIENCE_SECONDS: Final = 2.0
"""A withdrawal is in the log some milliseconds before it is in the database: so long we wait for it to arrive."""
REPLAY: Final = "Run: passerelle backup replay"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What replaying did: people erased again, traces written again, lines of organisations the database lacks."""

    erased: int
    remembered: int
    strangers: int
    unreadable: int


def why_closed(database: Database, patience: float = PATIENCE_SECONDS) -> str | None:
    """Return in a sentence why the hub may not open, or nothing when log and database tell of the same withdrawals.

    A comparison of two numbers while the log did not change since the last look.
    """
    log = _log(database)
    reading = log.read()
    if foreign := _foreign(database, log, reading):
        return foreign
    until = time.monotonic() + patience
    while (number := _count(database)) < reading.settled and time.monotonic() < until:
        time.sleep(0.05)
    if number < reading.settled:
        return (
            f"This database was restored: it holds {number} of {reading.settled} withdrawals, and the hub stays closed "
            f"until the others have been replayed. {REPLAY}"
        )
    if number > log.read().highest:
        return (
            f"{log.path} ends at withdrawal {reading.highest}, but this database holds {number}: the file was lost or is "
            f"an old one. Put the right one there, or read: passerelle backup replay --help"
        )
    return None


def replay(
    database: Database, *, log_lost: bool = False, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> Replayed:
    """Withdraw once more everybody whom the log names and the database does not know as withdrawn. Safe to run again.

    Lines after the database's own count are replayed whatever their age: they tell of people as the backup had them.
    Earlier ones only if their trace is missing, and within the days of a trace. About 5 ms a person on SQLite.

    Parameters
    ----------
    log_lost
        The operator says that lines are lost: replay what there is, and go on counting from the database.

    Raises
    ------
    Problem
        ``conflict`` when the log is another hub's, has a gap, ends too early or no longer reaches back far enough.
    """
    log = _log(database)
    reading, number = log.read(), _count(database)
    fault = _foreign(database, log, reading) or (None if log_lost else _gap(log, reading, number))
    if fault:
        raise Problem("conflict", fault)
    with database.reading() as session:
        lines = _owed(session, reading, number, utcnow())
        people = _people(session, log)
    erased = remembered = strangers = 0
    for start in range(0, len(lines), AT_ONCE):
        part = lines[start : start + AT_ONCE]
        done = database.run(partial(_replay, lines=part, people=people))
        erased, remembered, strangers = erased + done[0], remembered + done[1], strangers + done[2]
        on_progress(start + len(part), len(lines))
    _settle(database, log, reading, number)
    return Replayed(erased, remembered, strangers, reading.unreadable)


def _replay(session: Session, lines: Sequence[Line], people: dict[str, str]) -> tuple[int, int, int]:
    members = set(session.scalars(select(Organisation.id)))
    erased = remembered = strangers = 0
    for line in lines:
        if line.organisation not in members:
            strangers += 1
            continue
        profile_id = session.scalar(select(Profile.id).where(Profile.id == people.get(line.trace)).with_for_update())
        if profile_id is not None:
            withdrawals.erase(session, profile_id, line.moment)
            erased += 1
        withdrawals.remember(session, line.organisation, line.trace, line.moment)
        remembered += 1
        session.flush()
        session.expire_all()
        subject = f"profile:{profile_id}" if profile_id else f"trace:{line.trace[:16]}"
        audit.record(session, Actor("replay", "hub", line.organisation), "profile.withdraw", subject, "replayed")
    return erased, remembered, strangers


def _owed(session: Session, reading: Reading, number: int, now: datetime) -> list[Line]:
    """Return the lines to replay, each trace once, at its latest moment."""
    rows = session.execute(select(Tombstone.trace, Tombstone.withdrawn_at))
    known = {trace: withdrawn_at for trace, withdrawn_at in rows}  # noqa: C416
    youngest = now - timedelta(days=TOMBSTONE_DAYS)
    taken_back = {line.number for line in reading.lines if line.state == "undone"}
    owed: dict[str, Line] = {}
    for line in reading.withdrawals:
        after = line.number > number
        firm = line.moment > youngest and line.number not in taken_back
        if (after or firm) and not (line.trace in known and known[line.trace] >= line.moment):
            owed[line.trace] = line
    return list(owed.values())


def _people(session: Session, log: WithdrawalLog) -> dict[str, str]:
    """Return everybody's id by their trace. About 0.3 s for 100,000."""
    rows = session.execute(select(Profile.id, Profile.organisation_id, Profile.pseudonym))
    return {log.trace(organisation, pseudonym): profile_id for profile_id, organisation, pseudonym in rows}


def _settle(database: Database, log: WithdrawalLog, reading: Reading, number: int) -> None:
    """Let log and database count alike from now on."""
    if number > reading.highest:
        log.begin_anew(number, utcnow())
    if reading.highest > number:
        database.run(lambda session: withdrawals.count_to(session, reading.highest))


def _gap(log: WithdrawalLog, reading: Reading, number: int) -> str | None:
    """Say which withdrawals the log should have and has not."""
    anyway = "If it is lost, read: passerelle backup replay --help"
    if number > reading.highest:
        return f"{log.path} ends at withdrawal {reading.highest}, but this database holds {number}. {anyway}"
    if reading.forgotten > number:
        return (
            f"The backup is older than the log reaches: it holds {number} withdrawals, and the log forgot those up to "
            f"{reading.forgotten} after {TOMBSTONE_DAYS} days. Restore a later backup. {anyway}"
        )
    if missing := [gap for gap in reading.missing if gap > number]:
        return f"{log.path} is damaged: the line of withdrawal {missing[0]} is missing or was edited. {anyway}"
    return None


def _foreign(database: Database, log: WithdrawalLog, reading: Reading) -> str | None:
    """Say so when log, key and database do not belong together."""
    with database.reading() as session:
        written_with = session.scalar(select(WithdrawalCount.key).where(WithdrawalCount.number > 0))
    keys = {line.key for line in reading.lines} | ({written_with} if written_with else set())
    if keys <= {log.key_id}:
        return None
    return (
        f"{log.path.name}, {log.key_path.name} and the database do not belong together: one is lost or another hub's. "
        f"Put the right files into {log.path.parent}."
    )


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.max(WithdrawalCount.number))) or 0


def _log(database: Database) -> WithdrawalLog:
    with database.reading() as session:
        return withdrawals.log_of(session)
