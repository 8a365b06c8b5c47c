"""Partnerships: what became of agreed pairs; either organisation says when one is over."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from federation.answers.partnerships import PartnershipAnswer, PartnershipPage
from federation.documents import EndDocument
from hub.access.policy import Operation
from hub.api import examples
from hub.api.rooms import Room
from hub.services import partnerships as service
from hub.services.actors import Actor
from hub.services.partnerships import PartnershipView

READ, END = Operation.PARTNERSHIP_READ, Operation.PARTNERSHIP_END
partnerships = Room("partnerships", "What became of agreed pairs; either organisation says when one is over.")


@partnerships.lists("/partnerships", READ, PartnershipPage)
def list_partnerships(session: Session, actor: Actor) -> Sequence[PartnershipView]:
    """List every partnership one of your people is in, or was, newest first."""
    return service.listed(session, actor)


@partnerships.shows("/partnerships/<name:partnership>", READ, PartnershipAnswer)
def get_partnership(session: Session, actor: Actor, partnership: str) -> PartnershipView:
    """Show one partnership to a party of it."""
    return service.show(session, actor, partnership)


@partnerships.moves("/partnerships/<name:partnership>/complete", END, PartnershipAnswer)
def complete_partnership(session: Session, actor: Actor, partnership: str) -> PartnershipView:
    """Say that the two have done what they set out to do; their seats are free again."""
    return service.complete(session, actor, partnership)


@partnerships.moves("/partnerships/<name:partnership>/end", END, PartnershipAnswer, EndDocument, example=examples.END)
def end_partnership(session: Session, actor: Actor, document: dict[str, Any], partnership: str) -> PartnershipView:
    """Say that the two stop before, with a coded reason; their seats are free again."""
    return service.end_early(session, actor, partnership, document["reason"])
