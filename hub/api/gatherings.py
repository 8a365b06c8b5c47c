"""Gatherings: one organisation invites the others to a suggested group, pair or circle; each answers for its own people."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from federation.answers.gatherings import GatheringAnswer, GatheringPage
from federation.documents import DeclineDocument, GatheringDocument
from hub.access.context import settings
from hub.access.policy import Operation
from hub.api import examples
from hub.api.rooms import Room
from hub.services import gatherings as service
from hub.services.actors import Actor
from hub.services.gatherings import GatheringView

MADE = "/api/v1/gatherings/{id}"
MAKE, READ, DECIDE = Operation.GATHERING_MAKE, Operation.GATHERING_READ, Operation.GATHERING_DECIDE
gatherings = Room(
    "gatherings", "Groups, peer pairs and circles proposed, decided by every organisation with people in them."
)


@gatherings.moves(
    "/gatherings",
    MAKE,
    GatheringAnswer,
    GatheringDocument,
    status=201,
    place=MADE,
    first=lambda session, document: service.look_first(session, document["kind"]),
    example=examples.GATHERING,
)
def post_gathering(session: Session, actor: Actor, document: dict[str, Any]) -> GatheringView:
    """Invite everybody whose people are in a suggestion, by the handle it carries; proposing is your own yes.

    Suggestions are looked for again. 409 "conflict": this one changed since you looked, so look again.
    """
    days, most = settings().proposal_days, settings().mentee_proposals_per_week
    return service.propose(session, actor, document["kind"], document["handle"], days, per_week=most)


@gatherings.lists("/gatherings", READ, GatheringPage)
def list_gatherings(session: Session, actor: Actor) -> Sequence[GatheringView]:
    """List every group, pair and circle your people are in or were asked to."""
    return service.inbox(session, actor)


@gatherings.shows("/gatherings/<name:gathering>", READ, GatheringAnswer)
def get_gathering(session: Session, actor: Actor, gathering: str) -> GatheringView:
    """Show one to an organisation with people in it."""
    return service.show(session, actor, gathering)


@gatherings.moves("/gatherings/<name:gathering>/accept", DECIDE, GatheringAnswer)
def accept_gathering(session: Session, actor: Actor, gathering: str) -> GatheringView:
    """Say yes for your own people, after asking them; the last organisation's yes agrees."""
    return service.accept(session, actor, gathering)


@gatherings.moves(
    "/gatherings/<name:gathering>/decline", DECIDE, GatheringAnswer, DeclineDocument, example=examples.DECLINE
)
def decline_gathering(session: Session, actor: Actor, document: dict[str, Any], gathering: str) -> GatheringView:
    """Say no, with a coded reason: it is over for everybody."""
    return service.decline(session, actor, gathering, document["reason"])


@gatherings.moves("/gatherings/<name:gathering>/withdraw", DECIDE, GatheringAnswer)
def withdraw_gathering(session: Session, actor: Actor, gathering: str) -> GatheringView:
    """Take back what your organisation proposed, before everybody agreed."""
    return service.withdraw(session, actor, gathering)


@gatherings.moves("/gatherings/<name:gathering>/leave", DECIDE, GatheringAnswer)
def leave_gathering(session: Session, actor: Actor, gathering: str) -> GatheringView:
    """Take your own people out of what was agreed; it goes on among the others. The last with people in it ends it instead."""
    return service.leave(session, actor, gathering)


@gatherings.moves("/gatherings/<name:gathering>/end", DECIDE, GatheringAnswer)
def end_gathering(session: Session, actor: Actor, gathering: str) -> GatheringView:
    """End what was agreed, for everybody in it."""
    return service.end(session, actor, gathering)
