"""A refusal is seen, and nothing changed: every row of every table is looked at before and after."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from federation.problems import Problem
from hub.database import Database
from hub.models import Base


def everything(database: Database) -> dict[str, list[str]]:
    with database.reading() as session:
        return {
            name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for name, table in Base.metadata.tables.items()
        }


@contextmanager
def refused(database: Database, kind: str) -> Iterator[pytest.ExceptionInfo[Problem]]:
    """Expect a refusal of this kind that leaves every table as it was."""
    before = everything(database)
    with pytest.raises(Problem) as problem:
        yield problem
    assert problem.value.kind == kind
    assert everything(database) == before
