"""Groups, pairs and circles in the hub: the first look of a process, the same look again, and proposing what it showed.

Synthetic people on SQLite, 200 mentors and as many mentees as asked, all of whom want peers and groups; the member with most of
them looks. Figures are seconds of the process's CPU clock and of the wall clock; proposing is what holds the write lock.
``make bench`` runs 100 mentees; the figures of docs/benchmarks are ``--people 300 1000``.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import migrating
from hub.commands.demonstration import reference
from hub.database import Database
from hub.models import Profile, utcnow
from hub.services import gatherings, groups, peers, synthetic
from hub.services.actors import Actor
from hub.settings import load_settings

SETTINGS = load_settings({}, secret="s" * 40)
MENTORS, DAYS = 200, 14
LOOKS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "pair": (peers.solve_in_pairs, peers.show_pairs),
    "circle": (peers.solve_in_circles, peers.show_circles),
    "group": (groups.solve_in_groups, groups.show_groups),
}


def fill(database: Database, people: int) -> None:
    """Share synthetic people, and let every mentee want peers and groups."""
    today, network = datetime.now(UTC).date(), reference.read_network()
    reference.load_members(database, network, today)
    for kind, many in (("mentor", MENTORS), ("mentee", people)):
        drawn = list(synthetic.people(network.members, kind, many, network.seed, today))
        reference.share_directly(database, drawn, lambda count: None)
    database.run(_want_all)


def _want_all(session: Session) -> None:
    for mentee in session.scalars(select(Profile).where(Profile.kind == "mentee")):
        mentee.formats = sorted({*mentee.formats, "peer", "group"})


def largest(database: Database) -> Actor:
    """Return a coordinator of the member with most mentees."""
    counted = select(Profile.organisation_id).where(Profile.kind == "mentee").group_by(Profile.organisation_id)
    with database.reading() as session:
        most = session.scalars(counted.order_by(func.count().desc(), Profile.organisation_id)).first()
    return Actor("bench", "coordinator", most or "")


def timed(act: Callable[[], Any]) -> tuple[Any, str]:
    """Return an answer, and the CPU and wall seconds it took."""
    started = time.process_time(), time.perf_counter()
    answer = act()
    spent = time.process_time() - started[0], time.perf_counter() - started[1]
    return answer, f"{spent[0]:.2f} ({spent[1]:.2f})"


def measure(database: Database, kind: str) -> list[str]:
    """Look twice and propose the first suggestion; return the points found and what each step took."""
    solve, show = LOOKS[kind]
    actor, today = largest(database), utcnow().date()

    def look() -> tuple[int, str]:
        with database.reading() as session:
            solved = solve(session, today)
        shown = database.run(lambda session: show(session, actor, solved, SETTINGS))
        return solved.result.points, next(one.handle for one in getattr(shown, f"{kind}s") if one.handle)

    (points, handle), first = timed(look)
    _, again = timed(look)
    _, asked = timed(lambda: database.run(lambda session: gatherings.propose(session, actor, kind, handle, DAYS).id))
    return [str(points), first, again, asked]


def main() -> None:
    """Fill, look, look again, propose."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[100], help="mentees who wait")
    options, _ = parser.parse_known_args()
    table = Table("mentees", "kind", "points", "first look", "again", "proposing", title="CPU s (wall s)")
    for people in options.people:
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
            migrating.upgrade(database.engine)
            fill(database, people)
            for kind in LOOKS:
                table.add_row(str(people), kind, *measure(database, kind))
            database.close()
    Console().print(table)


if __name__ == "__main__":
    main()
