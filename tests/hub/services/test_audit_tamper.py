"""A thousand random tampers with the audit log, one after another, each found where it was done or sooner."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.database import Database
from hub.models import AuditEntry, AuditHead
from hub.services import audit
from hub.services.audit import Head
from tests.hub.people import coordinator

LENGTH = 25
TAMPERS = 1000
WORDS = ("actor", "organisation_id", "operation", "subject", "outcome", "previous_hash", "entry_hash")
Tamper = Callable[[Session, Random], int]


@pytest.fixture
def log(sqlite_database: Database) -> Database:
    def write(session: Session) -> None:
        for number in range(1, LENGTH + 1):
            audit.record(session, coordinator(("eriec", "criec")[number % 2]), "test.write", f"subject:{number}")

    sqlite_database.run(write)
    return sqlite_database


@contextmanager
def undone(database: Database) -> Iterator[Session]:
    """A session whose work is taken back, so that the next tamper finds the log whole."""
    with database.reading() as session:
        session.execute(select(AuditHead)).all()
        with session.begin_nested() as savepoint:
            yield session
            savepoint.rollback()


def row(session: Session, number: int) -> dict[str, Any]:
    columns = AuditEntry.__table__.columns
    return dict(session.execute(select(*columns).where(AuditEntry.number == number)).mappings().one())


def put(session: Session, place: int, **values: Any) -> None:
    session.execute(update(AuditEntry).where(AuditEntry.number == place).values(**values))


def change(session: Session, dice: Random) -> int:
    """One letter of one word, or the moment."""
    number, name = dice.randint(1, LENGTH), dice.choice((*WORDS, "at"))
    was = row(session, number)[name]
    place = 0 if name == "at" else dice.randrange(len(was))
    put(
        session,
        number,
        **{name: was + timedelta(microseconds=dice.choice((-1, 1))) if name == "at" else swapped(was, place)},
    )
    return number


def swapped(word: str, place: int) -> str:
    return word[:place] + ("x" if word[place] != "x" else "y") + word[place + 1 :]


def cut(session: Session, dice: Random) -> int:
    """One entry, or a stretch of them, or the end."""
    first = dice.randint(1, LENGTH)
    last = dice.choice((first, dice.randint(first, LENGTH), LENGTH))
    session.execute(delete(AuditEntry).where(AuditEntry.number.between(first, last)))
    return first


def cut_and_close_up(session: Session, dice: Random) -> int:
    """One entry goes, and those after it move up."""
    number = dice.randint(1, LENGTH - 1)
    session.execute(delete(AuditEntry).where(AuditEntry.number == number))
    for later in range(number + 1, LENGTH + 1):
        put(session, later, number=later - 1)
    return number


def forge(session: Session, dice: Random) -> int:
    """An entry more, which follows the one before it with a good hash of its own; those after it move on."""
    number = dice.randint(1, LENGTH + 1)
    for later in range(LENGTH, number - 1, -1):
        put(session, later, number=later + 1)
    forged = AuditEntry(**row(session, dice.choice([one for one in range(1, LENGTH + 2) if one != number])))
    forged.number, forged.subject = number, "subject:forged"
    forged.previous_hash = row(session, number - 1)["entry_hash"] if number > 1 else audit.GENESIS
    forged.entry_hash = audit.entry_hash(forged)
    session.add(forged)
    session.flush()
    return number + 1


def swap(session: Session, dice: Random) -> int:
    """Two entries change places."""
    one, other = sorted(dice.sample(range(1, LENGTH + 1), 2))
    put(session, one, number=-1)
    put(session, other, number=one)
    put(session, -1, number=other)
    return one


def rehash(session: Session, dice: Random) -> int:
    """A changed word with the hash that fits it: the next entry, or the head, knows better."""
    number = dice.randint(1, LENGTH)
    entry = session.get_one(AuditEntry, number, populate_existing=True)
    entry.outcome = "refused"
    entry.entry_hash = audit.entry_hash(entry)
    session.flush()
    return number + 1


def move_the_head(session: Session, dice: Random) -> int:
    """The head says another number or another hash, or is gone."""
    number = dice.randrange(LENGTH)
    values = dice.choice(({"number": number}, {"entry_hash": row(session, number + 1)["previous_hash"]}))
    session.execute(update(AuditHead).values(**values))
    return LENGTH + 1


TAMPERS_WITH: tuple[Tamper, ...] = (change, cut, cut_and_close_up, forge, swap, rehash, move_the_head)


def test_a_thousand_random_tampers_are_all_found_where_they_were_done_or_sooner(log: Database):
    dice, missed = Random(20_261_121), []
    with undone(log) as session:
        for number in range(TAMPERS):
            tamper = TAMPERS_WITH[number % len(TAMPERS_WITH)]
            with session.begin_nested() as savepoint:
                at_latest = tamper(session, dice)
                session.expire_all()
                found = audit.first_break(session)
                savepoint.rollback()
            session.expunge_all()
            if found is None or found > at_latest:
                missed.append((number, tamper.__name__, at_latest, found))
        assert audit.first_break(session) is None

    assert missed == []


def make_anew(session: Session, number: int) -> None:
    """What somebody with the whole database can do: change an entry and chain everything after it again."""
    put(session, number, outcome="refused")
    previous = row(session, number)["previous_hash"]
    for later in range(number, LENGTH + 1):
        entry = session.get_one(AuditEntry, later, populate_existing=True)
        entry.previous_hash, previous = previous, ""
        previous = entry.entry_hash = audit.entry_hash(entry)
        session.flush()
    session.execute(update(AuditHead).values(entry_hash=previous))


@pytest.mark.parametrize("number", [1, 12, LENGTH])
def test_a_chain_made_anew_holds_by_itself_and_not_against_a_head_kept_elsewhere(log: Database, number: int):
    with log.reading() as session:
        kept = audit.head(session)

    log.run(lambda session: make_anew(session, number))

    with log.reading() as session:
        assert audit.first_break(session) is None
        assert not audit.holds(session, kept)


def test_a_head_kept_elsewhere_stands_while_the_log_grows(log: Database):
    with log.reading() as session:
        kept = audit.head(session)
        assert kept == Head(LENGTH, row(session, LENGTH)["entry_hash"])

    log.run(lambda session: audit.record(session, coordinator("eriec"), "test.write", "subject:more"))

    with log.reading() as session:
        assert audit.holds(session, kept)
        assert audit.holds(session, Head(0, audit.GENESIS))
        assert not audit.holds(session, Head(LENGTH + 2, kept.entry_hash))
        assert not audit.holds(session, Head(0, kept.entry_hash))
