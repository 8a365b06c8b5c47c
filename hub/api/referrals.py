"""Referrals: sent, answered, and closed by what really happened."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from federation.answers.programs import ReferralAnswer, ReferralPage
from federation.documents import ReferralDocument, ReferralEventDocument
from hub.access.policy import Operation
from hub.api import examples
from hub.api.rooms import Room
from hub.services import referrals as service
from hub.services.actors import Actor
from hub.services.referrals import ReferralView

MADE = "/api/v1/referrals/{id}"
SEND, READ, RECORD = Operation.REFERRAL_SEND, Operation.REFERRAL_READ, Operation.REFERRAL_RECORD
referrals = Room("referrals", "People sent to another organisation's program.")


@referrals.moves(
    "/referrals", SEND, ReferralAnswer, ReferralDocument, status=201, place=MADE, example=examples.REFERRAL
)
def post_referral(session: Session, actor: Actor, document: dict[str, Any]) -> ReferralView:
    """Refer one of your mentees to a program of the catalogue."""
    return service.send(session, actor, document["mentee"], document["program"], document["step"])


@referrals.lists("/referrals", READ, ReferralPage)
def list_referrals(session: Session, actor: Actor) -> Sequence[ReferralView]:
    """List every referral your organisation sent or received."""
    return service.board(session, actor)


@referrals.shows("/referrals/<name:referral>", READ, ReferralAnswer)
def get_referral(session: Session, actor: Actor, referral: str) -> ReferralView:
    """Show one referral to a party of it."""
    return service.show(session, actor, referral)


@referrals.moves(
    "/referrals/<name:referral>/events",
    RECORD,
    ReferralAnswer,
    ReferralEventDocument,
    example=examples.REFERRAL_EVENT,
)
def post_referral_event(session: Session, actor: Actor, document: dict[str, Any], referral: str) -> ReferralView:
    """Assert one fact your side observed; the referral moves to the state it implies."""
    return service.record(session, actor, referral, document["event"], document["reason"], document["outcome"])
