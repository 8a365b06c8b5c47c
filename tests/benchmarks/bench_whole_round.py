"""A whole round: from database rows to stored proposals with reasons in two languages. Synthetic people, SQLite.

``make bench`` runs 1,000 a side; the figure of docs/benchmarks is ``--people 10000``. Loading the people is not counted.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from graph.rounds import RoundPolicy
from hub import migrating
from hub.commands.demonstration import reference
from hub.commands.demonstration.reference import OPERATOR, ReferenceNetwork
from hub.database import Database
from hub.services import round_studies, rounds, synthetic

console = Console()


@contextmanager
def filled(people: int) -> Iterator[Database]:
    """A hub on SQLite with so many mentors and mentees of the reference network's members."""
    with tempfile.TemporaryDirectory() as folder:
        database, today = Database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}"), datetime.now(UTC).date()
        migrating.upgrade(database.engine)
        network: ReferenceNetwork = reference.read_network()
        reference.load_members(database, network, today)
        for kind in ("mentor", "mentee"):
            drawn = list(synthetic.people(network.members, kind, people, network.seed, today))
            for start in track(range(0, people, 500), f"sharing {people} {kind}s", console=console, transient=True):
                reference.share_directly(database, drawn[start : start + 500], lambda count: None)
        yield database
        database.close()


def main() -> None:
    """Load, then measure each step of the round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000, help="mentors, and as many mentees")
    options, _ = parser.parse_known_args()
    today = datetime.now(UTC).date()
    with filled(options.people) as database:
        spent = [("", time.perf_counter(), time.process_time())]

        def done(step: str) -> None:
            spent.append((step, time.perf_counter(), time.process_time()))

        with database.reading() as session:
            solved = rounds.solve(session, RoundPolicy(), today)
        done("read, score, solve, prove, reasons")
        kept = database.run(lambda session: rounds.keep(session, OPERATOR, solved, 14))
        done("store the draft")
        found = database.run(lambda session: rounds.publish(session, OPERATOR, kept.id))
        done("publish")
        study = round_studies.study(solved)
        done("other policies, what would help next, what a no would mean")
        database.run(lambda session: round_studies.keep(session, kept.id, solved, study))
        done("store those")
    table = Table("step", "wall s", "CPU s", title=f"{options.people} mentors, {options.people} mentees")
    for before, after in pairwise(spent):
        table.add_row(after[0], f"{after[1] - before[1]:.1f}", f"{after[2] - before[2]:.1f}")
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    known = sum(one is not None for one in study.stand_ins.of_mentee)
    console.print(
        f"{found.pairs} pairs, {found.placed} placed, what a no would mean known of {known}; peak memory {peak} MB"
    )


if __name__ == "__main__":
    main()
