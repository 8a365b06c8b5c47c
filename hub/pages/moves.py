"""One word on one thing, by the button of a page: what every table of moves is run by."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from flask import request
from sqlalchemy.orm import Session

from federation.problems import FieldError, Problem
from federation.vocabularies import load as load_vocabularies
from hub.access.context import database
from hub.access.identity import current_actor
from hub.pages.sentences import CHOOSE_REASON
from hub.services.actors import Actor

V = TypeVar("V")
Move = Callable[[Session, Actor, str], V]
"""A service that moves what an id names, for whoever acts."""


class Decided(Protocol):
    """What its organisations decide on, as one of them sees it."""

    @property
    def allowed(self) -> tuple[str, ...]:
        """What the reader's organisation may do."""


D = TypeVar("D", bound=Decided)


def run(move: Move[V], identifier: str) -> V:
    """Move one thing for the reader's organisation, in one transaction."""
    actor = current_actor()
    return database().run(lambda session: move(session, actor, identifier))


def with_reason(move: Callable[[Session, Actor, str, str], V], vocabulary: str = "pair_decline_reasons") -> Move[V]:
    """Return a move that takes its reason, one of a vocabulary, from the form.

    It raises ``invalid-fields`` for one that is not of the list.
    """

    def reasoned(session: Session, actor: Actor, identifier: str) -> V:
        reason = request.form.get("reason", "")
        if not load_vocabularies().has(vocabulary, reason):
            raise Problem("invalid-fields", CHOOSE_REASON, errors=[FieldError("/reason", "?")])
        return move(session, actor, identifier, reason)

    return reasoned


def to_decide(found: Iterable[D]) -> tuple[list[D], list[D]]:
    """Return those that wait for the reader's yes or no, and the others."""
    split: tuple[list[D], list[D]] = [], []
    for one in found:
        split["accept" not in one.allowed].append(one)
    return split
