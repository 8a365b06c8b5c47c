"""Proposals: one organisation asks another for one pair; both decide."""

from collections.abc import Callable
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from federation.answers.proposals import ProposalAnswer, ProposalPage
from federation.documents import AcceptanceDocument, DeclineDocument, ProposalDocument
from hub.access.context import database, settings
from hub.access.identity import current_actor
from hub.access.policy import Operation, requires
from hub.api import examples
from hub.api.replies import listed, once, reply, written
from hub.api.rooms import Room
from hub.services import proposals as service
from hub.services.proposals import ProposalView

proposals = Room("proposals", "Pairs proposed, decided by both organisations.")


@proposals.route("/proposals", methods=["POST"])
@requires(Operation.PROPOSAL_MAKE)
@proposals.arguments(ProposalDocument, example=examples.PROPOSAL)
@proposals.response(201, ProposalAnswer)
def post_proposal(document: dict[str, Any]) -> Response:
    """Propose one of your mentees to the mentor a recommendation showed."""
    actor, days, most = current_actor(), settings().proposal_days, settings().mentee_proposals_per_week

    def propose(session: Session) -> dict[str, Any]:
        view = service.propose(session, actor, document["mentee"], document["handle"], days, per_week=most)
        return written(ProposalAnswer(), view)

    return once(propose, 201, "/api/v1/proposals/{id}")


@proposals.route("/proposals")
@requires(Operation.PROPOSAL_READ)
@proposals.response(200, ProposalPage)
def list_proposals() -> Response:
    """List every proposal your organisation is party to."""
    with database().reading() as session:
        return listed(ProposalPage(), service.inbox(session, current_actor()))


@proposals.route("/proposals/<name:proposal>")
@requires(Operation.PROPOSAL_READ)
@proposals.response(200, ProposalAnswer)
def get_proposal(proposal: str) -> Response:
    """Show one proposal to a party of it."""
    with database().reading() as session:
        return reply(written(ProposalAnswer(), service.show(session, current_actor(), proposal)))


@proposals.route("/proposals/<name:proposal>/accept", methods=["POST"])
@requires(Operation.PROPOSAL_DECIDE)
@proposals.arguments(AcceptanceDocument, required=False)
@proposals.response(200, ProposalAnswer)
def accept_proposal(document: dict[str, Any], proposal: str) -> Response:
    """Say your side's yes. A system that will seal the introduction signs it with the organisation's identity key.

    Where "sign" is among the allowed moves, a coordinator said yes on a page: the same call adds the signed acceptance.
    """
    actor = current_actor()
    return _decide(lambda session: service.accept(session, actor, proposal, document["acceptance"]))


@proposals.route("/proposals/<name:proposal>/decline", methods=["POST"])
@requires(Operation.PROPOSAL_DECIDE)
@proposals.arguments(DeclineDocument, example=examples.DECLINE)
@proposals.response(200, ProposalAnswer)
def decline_proposal(document: dict[str, Any], proposal: str) -> Response:
    """Say your side's no, with a coded reason."""
    actor = current_actor()
    return _decide(lambda session: service.decline(session, actor, proposal, document["reason"]))


@proposals.route("/proposals/<name:proposal>/withdraw", methods=["POST"])
@requires(Operation.PROPOSAL_DECIDE)
@proposals.response(200, ProposalAnswer)
def withdraw_proposal(proposal: str) -> Response:
    """Take your own proposal back before both sides agreed."""
    actor = current_actor()
    return _decide(lambda session: service.withdraw(session, actor, proposal))


def _decide(move: Callable[[Session], ProposalView]) -> Response:
    return once(lambda session: written(ProposalAnswer(), move(session)))
