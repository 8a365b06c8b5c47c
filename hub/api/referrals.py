"""Referrals: sent, answered, and closed by what really happened."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.programs import ReferralAnswer, ReferralPage
from federation.documents import ReferralDocument, ReferralEventDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.replies import listed, once, reply, written
from hub.api.rooms import Room
from hub.services import referrals as service

referrals = Room("referrals", "People sent to another organisation's program.")


@referrals.route("/referrals", methods=["POST"])
@requires(Operation.REFERRAL_SEND)
@referrals.arguments(ReferralDocument, example=examples.REFERRAL)
@referrals.response(201, ReferralAnswer)
def post_referral(document: dict[str, Any]) -> Response:
    """Refer one of your mentees to a program of the catalogue."""
    actor = current_actor()

    def send(session: Session) -> dict[str, Any]:
        view = service.send(session, actor, document["mentee"], document["program"], document["step"])
        return written(ReferralAnswer(), view)

    return once(send, 201, "/api/v1/referrals/{id}")


@referrals.route("/referrals")
@requires(Operation.REFERRAL_READ)
@referrals.response(200, ReferralPage)
def list_referrals() -> Response:
    """List every referral your organisation sent or received."""
    with database().reading() as session:
        return listed(ReferralPage(), service.board(session, current_actor()))


@referrals.route("/referrals/<name:referral>")
@requires(Operation.REFERRAL_READ)
@referrals.response(200, ReferralAnswer)
def get_referral(referral: str) -> Response:
    """Show one referral to a party of it."""
    with database().reading() as session:
        return reply(written(ReferralAnswer(), service.show(session, current_actor(), referral)))


@referrals.route("/referrals/<name:referral>/events", methods=["POST"])
@requires(Operation.REFERRAL_RECORD)
@referrals.arguments(ReferralEventDocument, example=examples.REFERRAL_EVENT)
@referrals.response(200, ReferralAnswer)
def post_referral_event(document: dict[str, Any], referral: str) -> Response:
    """Assert one fact your side observed; the referral moves to the state it implies."""
    actor = current_actor()

    def record(session: Session) -> dict[str, Any]:
        view = service.record(session, actor, referral, document["event"], document["reason"], document["outcome"])
        return written(ReferralAnswer(), view)

    return once(record)
