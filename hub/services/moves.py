"""What every state machine moves by: one conditional update, and one refusal that says what is allowed instead."""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Gathering, Partnership, Proposal, Referral, utcnow

Row = TypeVar("Row", Gathering, Partnership, Proposal, Referral)


def step(session: Session, row: Row, *still: ColumnElement[bool], moved: str, **values: Any) -> None:
    """Change a row where it stands so still, and read it again; of two at once one does it.

    Raises
    ------
    Problem
        ``conflict``, with ``moved`` as its detail, when it stands otherwise by now.
    """
    table = type(row)
    changed = update(table).where(table.id == row.id, *still).values(updated_at=utcnow(), **values)
    if session.scalars(changed.returning(table.id)).one_or_none() is None:
        raise Problem("conflict", moved)
    session.refresh(row)


def illegal(what: str, state: str, possible: Collection[str], verb: str, none: str) -> Problem:
    """Return the refusal of a move that is not allowed now: where it stands, and what may be done (``none``: nothing)."""
    after = f"{verb}: {', '.join(possible)}." if possible else none
    return Problem("illegal-move", f"{what} is {state}. {after}", extra={"state": state, "allowed": list(possible)})
