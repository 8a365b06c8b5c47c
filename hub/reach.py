"""How far a transaction reaches: what PostgreSQL's row-level security goes by, beside and not instead of the services.

A door says for whom it acts; every transaction then begins with two settings that end with it, and the policies of migration
0002 show and change what those allow. Without them nothing is visible. SQLite has no such net: there the services stand alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker


class Reach(StrEnum):
    """What a transaction may touch, from nothing to everything."""

    NOBODY = ""
    """Nobody said: no row at all."""
    DOOR = "door"
    """A door that does not know yet who asks, or an operator: adds to the audit log, sees no people."""
    OWN = "own"
    """One organisation: its own, and what it is a party to."""
    NETWORK = "network"
    """Reads besides what matching, browsing and network figures are made of, whoever it belongs to; changes its own."""
    HUB = "hub"
    """The hub itself: all there is to read, and every change the policies know."""


WIDTH: Final = {reach: width for width, reach in enumerate(Reach)}
DECLARE: Final = text(
    "SELECT set_config('passerelle.organisation', :organisation, true), set_config('passerelle.reach', :reach, true)"
)
KEPT: Final = "passerelle_acting"


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a transaction is made."""

    reach: Reach
    organisation: str = ""


NOBODY: Final = Acting(Reach.NOBODY)
A_DOOR: Final = Acting(Reach.DOOR)
THE_HUB: Final = Acting(Reach.HUB)
_acting: ContextVar[Acting | None] = ContextVar("passerelle_acting", default=None)


def acting_for(organisation: str | None) -> Acting:
    """Return one organisation's reach; without one, a door's: operators do not see people."""
    return Acting(Reach.OWN, organisation) if organisation else A_DOOR


def act_as(acting: Acting | None) -> None:
    """Say for whom this request acts from now on; None: whatever the database was opened for."""
    _acting.set(acting)


def current(otherwise: Acting) -> Acting:
    """Return for whom this request acts; ``otherwise`` outside of one."""
    return _acting.get() or otherwise


def watch(sessions: sessionmaker[Session]) -> None:
    """Declare the reach at the start of every transaction of these sessions."""
    event.listen(sessions, "after_begin", _declare_at_begin)


def information(acting: Acting) -> dict[str, Any]:
    """Return what a session is made with, to know for whom it acts."""
    return {KEPT: acting}


@contextmanager
def widened(session: Session, reach: Reach) -> Iterator[None]:
    """Let a transaction reach further for some statements, then no further than before. Say beside each use why.

    What waited to be written is written first, under the reach it was meant for; what is added inside is written before the
    end. Nothing on SQLite, and nothing where the reach is as wide already.

    Cost: two round trips.
    """
    before: Acting = session.info.get(KEPT, NOBODY)
    if WIDTH[reach] <= WIDTH[before.reach]:
        yield
        return
    with declared(session, replace(before, reach=reach)):
        yield


@contextmanager
def declared(session: Session, acting: Acting) -> Iterator[None]:
    """Make some statements of a transaction for somebody else. Services use :func:`widened`. Nothing on SQLite."""
    if not _is_guarded(session):
        yield
        return
    before: Acting = session.info.get(KEPT, NOBODY)
    session.flush()
    _declare(session, acting)
    expected: tuple[type[SQLAlchemyError], ...] = ()
    try:
        yield
        session.flush()
    except SQLAlchemyError:
        # Where the transaction, or the savepoint around this, is lost with it, the rollback takes the setting back.
        expected = (SQLAlchemyError,)
        raise
    finally:
        session.info[KEPT] = before
        with suppress(*expected):
            _declare(session, before)


def _is_guarded(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _declare(session: Session, acting: Acting) -> None:
    # First the statement: it may begin the transaction, which is to begin, before any savepoint, with what held until now.
    session.execute(DECLARE, _settings(acting))
    session.info[KEPT] = acting


def _declare_at_begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql" and not transaction.nested:
        connection.execute(DECLARE, _settings(session.info.get(KEPT, NOBODY)))


def _settings(acting: Acting) -> dict[str, str]:
    return {"organisation": acting.organisation, "reach": acting.reach.value}
