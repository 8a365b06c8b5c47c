"""One mentee's recommendations in a large hub: the first question of a process, the next ones, and those after changes.

Synthetic people on SQLite: a few hundred are drawn and the rest are copies of them under other ids, so that a large hub is
filled in seconds. Figures are seconds of the process's CPU clock and of the wall clock for the whole service call.
``make bench`` runs 2,000 people; the figures of docs/benchmarks are ``--people 100000``.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session

from hub import migrating
from hub.commands.demonstration import reference
from hub.database import Database
from hub.models import ConsentReceipt, Profile, new_id, utcnow
from hub.services import recommendations, synthetic
from hub.services.actors import Actor
from hub.settings import load_settings

DRAWN = 250
CHANGED = 100
TABLES = (Profile.__table__, ConsentReceipt.__table__)
PEOPLE, CONSENTS = (tuple(table.columns) for table in TABLES)
SETTINGS = load_settings({}, secret="s" * 40)


def fill(database: Database, people: int) -> None:
    """Share a few people of each kind, and copy them until there are so many, half of them mentors."""
    today, network = datetime.now(UTC).date(), reference.read_network()
    reference.load_members(database, network, today)
    for kind in ("mentor", "mentee"):
        drawn = list(synthetic.people(network.members, kind, DRAWN, network.seed, today))
        reference.share_directly(database, drawn, lambda count: None)
    with database.reading() as session:
        drawn_rows = session.execute(select(*PEOPLE, *CONSENTS).join_from(*TABLES)).all()
    for copy in range(people // (2 * DRAWN) - 1):
        database.run(lambda session, copy=copy: _copy(session, drawn_rows, copy))


def _copy(session: Session, drawn: Sequence[Row[Any]], number: int) -> None:
    """Add one copy of everybody who was drawn."""
    found = [(new_id(), row._mapping) for row in drawn]
    profiles = [
        {column.name: row[column] for column in PEOPLE}
        | {"id": identifier, "pseudonym": f"{row[TABLES[0].c.pseudonym]}-{number}"}
        for identifier, row in found
    ]
    consents = [
        {column.name: row[column] for column in CONSENTS} | {"profile_id": identifier} for identifier, row in found
    ]
    session.execute(insert(Profile), profiles)
    session.execute(insert(ConsentReceipt), consents)


def change(session: Session) -> None:
    """Let some mentors move, as a push would."""
    some = select(Profile.id).where(Profile.kind == "mentor").order_by(Profile.pseudonym).limit(CHANGED)
    moved = {"region": "AB-825", "version": Profile.version + 1, "updated_at": utcnow()}
    session.execute(update(Profile).where(Profile.id.in_(some)).values(moved))


def asking(database: Database, number: int) -> Callable[[], int]:
    """Return the question of one mentee's coordinator: how many are recommended."""
    with database.reading() as session:
        query = select(Profile).where(Profile.kind == "mentee").order_by(Profile.id).offset(number).limit(1)
        mentee = session.scalars(query).one()
    actor = Actor("bench", "coordinator", mentee.organisation_id)

    def ask() -> int:
        found = database.run(lambda session: recommendations.for_mentee(session, actor, mentee.pseudonym, SETTINGS))
        return len(found.recommendations)

    return ask


def peak_megabytes() -> int:
    """Largest resident size of this process until now."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (10**6 if sys.platform == "darwin" else 1000)


def main() -> None:
    """Fill, ask, change, ask again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000, help="half of them mentors")
    options, _ = parser.parse_known_args()
    table = Table("question", "CPU s", "wall s", "recommended", title=f"{options.people} people")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        migrating.upgrade(database.engine)
        fill(database, options.people)
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Profile)) == options.people
        before = peak_megabytes()
        for number, name in enumerate(("first of a process", "next", "next", f"after {CHANGED} changes", "next")):
            ask = asking(database, number)
            if "changes" in name:
                database.run(change)
            started = time.process_time(), time.perf_counter()
            told = ask()
            spent = time.process_time() - started[0], time.perf_counter() - started[1]
            table.add_row(name, f"{spent[0]:.2f}", f"{spent[1]:.2f}", str(told))
        database.close()
    Console().print(table)
    Console().print(f"peak memory {peak_megabytes()} MB, of which {before} MB before the first question")


if __name__ == "__main__":
    main()
