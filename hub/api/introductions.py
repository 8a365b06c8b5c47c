"""Sealed introductions: the hub carries the envelope and cannot read it."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.network import EnvelopeAnswer, IntroductionAnswer, IntroductionPage
from federation.documents import AcknowledgementDocument, EnvelopeDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import listed, once, reply, written
from hub.api.rooms import Room
from hub.services import introductions as service

introductions = Room("introductions", "Contacts, sealed by one organisation for another.")


@introductions.route("/introductions")
@requires(Operation.INTRODUCTION_READ)
@introductions.response(200, IntroductionPage)
def list_introductions() -> Response:
    """List the introductions your organisation seals or opens, with both signed acceptances."""
    with database().reading() as session:
        return listed(IntroductionPage(), service.listed(session, current_actor()))


@introductions.route("/introductions/<name:proposal>/envelope", methods=["PUT"])
@requires(Operation.INTRODUCTION_SEAL)
@introductions.arguments(EnvelopeDocument)
@introductions.response(200, IntroductionAnswer)
def put_envelope(document: dict[str, Any], proposal: str) -> Response:
    """Hand over the sealed envelope: sender only."""
    actor = current_actor()
    view = database().run(lambda session: service.put_envelope(session, actor, proposal, document["envelope"]))
    return reply(written(IntroductionAnswer(), view))


@introductions.route("/introductions/<name:proposal>/envelope")
@requires(Operation.INTRODUCTION_OPEN)
@introductions.response(200, EnvelopeAnswer)
def get_envelope(proposal: str) -> Response:
    """Fetch the sealed envelope: recipient only. Fetching counts as delivery; it may be fetched again until acknowledged."""
    actor = current_actor()
    envelope = database().run(lambda session: service.take_envelope(session, actor, proposal))
    return reply(written(EnvelopeAnswer(), {"envelope": envelope}))


@introductions.route("/introductions/<name:proposal>/acknowledge", methods=["POST"])
@requires(Operation.INTRODUCTION_ACKNOWLEDGE)
@introductions.arguments(AcknowledgementDocument)
@introductions.response(200, IntroductionAnswer)
def acknowledge_introduction(document: dict[str, Any], proposal: str) -> Response:
    """Confirm with a signed receipt that the envelope was opened; the hub deletes it."""
    actor = current_actor()

    def acknowledge(session: Session) -> dict[str, Any]:
        return written(IntroductionAnswer(), service.acknowledge(session, actor, proposal, document["receipt"]))

    return once(acknowledge)
