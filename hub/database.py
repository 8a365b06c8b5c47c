"""Engine, session, and ``transaction()``: the only ``commit()`` in the code base."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from federation.problems import Problem
from hub import reach
from hub.reach import NOBODY, Acting
from hub.withdrawal_log import WithdrawalLog

T = TypeVar("T")
ATTEMPTS: Final = 6
# PostgreSQL: serialisation failure, deadlock. SQLite says it in words.
RETRIED_STATES: Final = frozenset({"40001", "40P01"})


class Database:
    """One engine and the two ways to use it: ``transaction()`` to write, ``reading()`` to read.

    A request says for whom it acts (``hub.reach.act_as``); ``acting`` is for whoever uses the database outside of one.
    """

    def __init__(
        self, address: str, folder: str | Path | None = None, *, acting: Acting = NOBODY, mentor_rest_days: int = 0
    ) -> None:
        """Open nothing yet; connections come with the first use.

        ``folder`` is where the withdrawal log lies: the instance folder. Without one it lies beside an SQLite file; on
        a server there is no such place, and nobody can be shared or withdrawn. ``mentor_rest_days`` is the setting of that
        name: sessions carry it to where matching reads mentors.
        """
        self.engine = make_engine(address)
        self.acting = acting
        place = Path(folder).resolve() if folder else _folder_of(self.engine)
        self.withdrawal_log = WithdrawalLog(place) if place else None
        info = {"withdrawal_log": self.withdrawal_log, "mentor_rest_days": mentor_rest_days}
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info=info)
        reach.watch(self._sessions)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session whose work is committed whole at the end, or not at all.

        What a unit wrote outside the database it tells to take back in ``session.info["on_failure"]``.
        """
        on_failure: list[Callable[[], None]] = []
        with self._session() as session, ExitStack() as failing:
            failing.callback(lambda: [undo() for undo in on_failure])
            session.info["writing"] = True
            session.info["on_failure"] = on_failure
            session.connection(execution_options={"passerelle_writing": True})
            yield session
            session.commit()
            failing.pop_all()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that takes no write lock and keeps nothing."""
        with self._session() as session:
            yield session

    def run(self, unit: Callable[[Session], T]) -> T:
        """Run a whole unit of work in a transaction; again with full jitter when the database asks for it.

        Raises
        ------
        Problem
            ``busy`` with ``Retry-After`` when the database stayed contended.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self.transaction() as session:
                    return unit(session)
            except DBAPIError as error:
                if not is_contention(error):
                    raise
                time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311  (jitter, not a secret)
        raise Problem("busy", "Too many writers at once. Nothing was changed; send the request again.", retry_after=2)

    def _session(self) -> Session:
        return self._sessions(info=reach.information(reach.current(self.acting)))

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _folder_of(engine: Engine) -> Path | None:
    name = engine.url.database
    return Path(name).parent if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


def is_contention(error: DBAPIError) -> bool:
    """Whether the database only asks to try again: serialisation failure, deadlock, or a locked file."""
    if getattr(error.orig, "sqlstate", None) in RETRIED_STATES:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def make_engine(address: str) -> Engine:
    """Return an engine set up as reliability.md asks: WAL, full sync and immediate writers on SQLite."""
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 10})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # pysqlite opens transactions late, so two writers both read first: we open them ourselves, in _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    # secure_delete: what a withdrawal erases is overwritten in the file, not only unlinked.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("passerelle_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
