"""Suggestions kept between questions: they are looked for anew only where something they rest on changed.

A look takes a second for a thousand people. Coordinators look one after another, and whoever proposes rests on a look of the
moment: both get what is kept, if its ground is still the same to the letter.
"""

from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hub.services.grounds import Ground

S = TypeVar("S")
_KEPT: Final[WeakKeyDictionary[Engine, dict[str, tuple[Ground, Any]]]] = WeakKeyDictionary()
"""Of each database this process uses, by kind: the last look and its ground. Never written to, only replaced."""
_FIRST: Final = Lock()


def standing(session: Session, kind: str, today: date, look: Callable[[Session, Ground], S]) -> S:
    """Return what a look for suggestions finds today: what is kept where its ground is the same, else what it finds now.

    The ground is read first and the look goes by it, so what is kept is never of an older ground than it says. People who
    change between the two make another ground at the next question: every push has a moment of its own.
    Cost: one read of the ground; of a look where it changed.
    """
    with _FIRST:
        of_database = _KEPT.setdefault(session.get_bind().engine, {})
    ground = Ground.read(session, kind, today)
    kept = of_database.get(kind)
    if kept is None or kept[0] != ground:
        kept = of_database[kind] = ground, look(session, ground)
    return cast(S, kept[1])
