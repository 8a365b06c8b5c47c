"""What an organisation decides about sharing: how long it looks near first, and which of its agreements go on."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.network import SharingAnswer
from federation.documents import SharingDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import once, reply, written
from hub.api.rooms import Room
from hub.models import utcnow
from hub.services import sharing as service

sharing = Room("sharing", "How long your organisation looks near first, and its sharing agreements.")


@sharing.route("/sharing")
@requires(Operation.SHARING_READ)
@sharing.response(200, SharingAnswer)
def show_sharing() -> Response:
    """Return your organisation's local-first window and the agreements it is a side of, those that hold first."""
    with database().reading() as session:
        return reply(written(SharingAnswer(), service.show(session, current_actor(), utcnow().date())))


@sharing.route("/sharing", methods=["PUT"])
@requires(Operation.SHARING_CHANGE)
@sharing.arguments(SharingDocument, example={"local_first_days": 14})
@sharing.response(200, SharingAnswer)
def put_sharing(document: dict[str, Any]) -> Response:
    """Look near first for some days from when each of your mentees began to wait; 0 asks the whole network at once.

    In these days only your own mentors and mentors of the mentee's province are recommended or placed.
    """
    actor, today = current_actor(), utcnow().date()

    def unit(session: Session) -> service.SharingView:
        service.look_near_first(session, actor, actor.organisation, document["local_first_days"])
        return service.show(session, actor, today)

    return reply(written(SharingAnswer(), database().run(unit)))


@sharing.route("/sharing/agreements/<name:agreement>/withdraw", methods=["POST"])
@requires(Operation.SHARING_CHANGE)
@sharing.response(200, SharingAnswer)
def withdraw_agreement(agreement: str) -> Response:
    """End one of your agreements at once, whichever side you are: nobody is matched under it any more.

    Open proposals under it end, and both organisations are told. What both sides said yes to stays.
    """
    actor, today = current_actor(), utcnow().date()

    def unit(session: Session) -> Any:
        service.withdraw(session, actor, agreement, today)
        return written(SharingAnswer(), service.show(session, actor, today))

    return once(unit)
