"""Signed yeses and sealed introductions of groups, pairs and circles: the hub carries the envelopes and cannot read them."""

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.gathering_introductions import (
    GatheringIntroductionAnswer,
    GatheringIntroductionPage,
    QuestionAnswer,
)
from federation.answers.network import EnvelopeAnswer
from federation.documents import AcknowledgementDocument, EnvelopeDocument, SignedYesDocument
from hub.access.context import database
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api.replies import listed, once, reply, written
from hub.api.rooms import Room
from hub.services import gathering_envelopes, gathering_signatures, gathering_terms
from hub.services import gathering_introductions as service

gathering_introductions = Room(
    "gathering introductions", "Contacts within a group, pair or circle, sealed by one organisation for another."
)


@gathering_introductions.route("/gatherings/<name:gathering>/question")
@requires(Operation.GATHERING_READ)
@gathering_introductions.response(200, QuestionAnswer)
def get_question(gathering: str) -> Response:
    """Show what every organisation in it says yes to, and your own people by place: what a connector signs."""
    with database().reading() as session:
        return reply(written(QuestionAnswer(), gathering_terms.show(session, current_actor(), gathering)))


@gathering_introductions.route("/gatherings/<name:gathering>/sign", methods=["POST"])
@requires(Operation.GATHERING_DECIDE)
@gathering_introductions.arguments(SignedYesDocument)
@gathering_introductions.response(200, QuestionAnswer)
def sign_gathering(document: dict[str, Any], gathering: str) -> Response:
    """Sign your yes, after asking your people; where it was not said yet, this says it. Proposing was one."""
    actor = current_actor()

    def sign(session: Session) -> dict[str, Any]:
        view = gathering_signatures.sign(session, actor, gathering, document["acceptance"])
        return written(QuestionAnswer(), view)

    return once(sign)


@gathering_introductions.route("/gathering-introductions")
@requires(Operation.INTRODUCTION_READ)
@gathering_introductions.response(200, GatheringIntroductionPage)
def list_gathering_introductions() -> Response:
    """List the introductions your organisation seals or opens within groups, pairs and circles."""
    with database().reading() as session:
        return listed(GatheringIntroductionPage(), service.listed(session, current_actor()))


@gathering_introductions.route(
    "/gathering-introductions/<name:gathering>/<name:organisation>/envelope", methods=["PUT"]
)
@requires(Operation.INTRODUCTION_SEAL)
@gathering_introductions.arguments(EnvelopeDocument)
@gathering_introductions.response(200, GatheringIntroductionAnswer)
def put_gathering_envelope(document: dict[str, Any], gathering: str, organisation: str) -> Response:
    """Hand over the sealed envelope for one organisation: sender only."""
    actor, envelope = current_actor(), document["envelope"]
    view = database().run(
        lambda session: gathering_envelopes.put_envelope(session, actor, gathering, organisation, envelope)
    )
    return reply(written(GatheringIntroductionAnswer(), view))


@gathering_introductions.route("/gathering-introductions/<name:gathering>/<name:organisation>/envelope")
@requires(Operation.INTRODUCTION_OPEN)
@gathering_introductions.response(200, EnvelopeAnswer)
def get_gathering_envelope(gathering: str, organisation: str) -> Response:
    """Fetch the envelope that one organisation sealed for you, which counts as delivered; again until acknowledged."""
    actor = current_actor()
    envelope = database().run(
        lambda session: gathering_envelopes.take_envelope(session, actor, gathering, organisation)
    )
    return reply(written(EnvelopeAnswer(), {"envelope": envelope}))


@gathering_introductions.route(
    "/gathering-introductions/<name:gathering>/<name:organisation>/acknowledge", methods=["POST"]
)
@requires(Operation.INTRODUCTION_ACKNOWLEDGE)
@gathering_introductions.arguments(AcknowledgementDocument)
@gathering_introductions.response(200, GatheringIntroductionAnswer)
def acknowledge_gathering_introduction(document: dict[str, Any], gathering: str, organisation: str) -> Response:
    """Confirm with a signed receipt that the envelope of one organisation was opened; the hub deletes it."""
    actor = current_actor()

    def acknowledge(session: Session) -> dict[str, Any]:
        view = gathering_envelopes.acknowledge(session, actor, gathering, organisation, document["receipt"])
        return written(GatheringIntroductionAnswer(), view)

    return once(acknowledge)
