"""Proposals: one organisation asks another for one pair; both decide."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from federation.answers.proposals import ProposalAnswer, ProposalPage
from federation.documents import AcceptanceDocument, DeclineDocument, ProposalDocument
from hub.access.context import settings
from hub.access.policy import Operation
from hub.api import examples
from hub.api.rooms import Room
from hub.services import proposals as service
from hub.services.actors import Actor
from hub.services.proposals import ProposalView

MADE = "/api/v1/proposals/{id}"
MAKE, READ, DECIDE = Operation.PROPOSAL_MAKE, Operation.PROPOSAL_READ, Operation.PROPOSAL_DECIDE
proposals = Room("proposals", "Pairs proposed, decided by both organisations.")


@proposals.moves(
    "/proposals", MAKE, ProposalAnswer, ProposalDocument, status=201, place=MADE, example=examples.PROPOSAL
)
def post_proposal(session: Session, actor: Actor, document: dict[str, Any]) -> ProposalView:
    """Propose one of your mentees to the mentor a recommendation showed."""
    days, most = settings().proposal_days, settings().mentee_proposals_per_week
    return service.propose(session, actor, document["mentee"], document["handle"], days, per_week=most)


@proposals.lists("/proposals", READ, ProposalPage)
def list_proposals(session: Session, actor: Actor) -> Sequence[ProposalView]:
    """List every proposal your organisation is party to."""
    return service.inbox(session, actor)


@proposals.shows("/proposals/<name:proposal>", READ, ProposalAnswer)
def get_proposal(session: Session, actor: Actor, proposal: str) -> ProposalView:
    """Show one proposal to a party of it."""
    return service.show(session, actor, proposal)


@proposals.moves("/proposals/<name:proposal>/accept", DECIDE, ProposalAnswer, AcceptanceDocument, required=False)
def accept_proposal(session: Session, actor: Actor, document: dict[str, Any], proposal: str) -> ProposalView:
    """Say your side's yes. A system that will seal the introduction signs it with the organisation's identity key.

    Where "sign" is among the allowed moves, a coordinator said yes on a page: the same call adds the signed acceptance.
    """
    return service.accept(session, actor, proposal, document["acceptance"])


@proposals.moves(
    "/proposals/<name:proposal>/decline", DECIDE, ProposalAnswer, DeclineDocument, example=examples.DECLINE
)
def decline_proposal(session: Session, actor: Actor, document: dict[str, Any], proposal: str) -> ProposalView:
    """Say your side's no, with a coded reason."""
    return service.decline(session, actor, proposal, document["reason"])


@proposals.moves("/proposals/<name:proposal>/withdraw", DECIDE, ProposalAnswer)
def withdraw_proposal(session: Session, actor: Actor, proposal: str) -> ProposalView:
    """Take your own proposal back before both sides agreed."""
    return service.withdraw(session, actor, proposal)
