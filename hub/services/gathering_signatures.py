"""An organisation's signature under its yes to a gathering: given with the yes, or under one that was said on a page."""

from sqlalchemy import exists, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Gathering, GatheringParty
from hub.services import gathering_moves, gathering_terms, gatherings
from hub.services.actors import Actor
from hub.services.gathering_terms import UNFINISHED, QuestionView


def sign(session: Session, actor: Actor, gathering_id: str, acceptance: str) -> QuestionView:
    """Put the acting organisation's signed yes (a compact JWS) to a gathering; a yes that was not said is said by it.

    Proposing is a yes too. The hub relays the signature and does not rely on it: whoever seals verifies it.

    Raises
    ------
    Problem
        ``not-found``; ``illegal-move`` for what is over, declined, signed already, or has nobody to be introduced to; else as
        :func:`hub.services.gatherings.accept`. On each of these nothing changes.
    """
    gathering, party = gathering_terms.party_of(session, actor, gathering_id)
    if party.word == "waiting":
        gatherings.accept(session, actor, gathering_id)
    is_open = exists().where(Gathering.id == gathering_id, Gathering.state.in_(UNFINISHED))
    here = (GatheringParty.gathering_id == gathering_id, GatheringParty.organisation_id == actor.organisation)
    unsigned = (GatheringParty.word == "accepted", GatheringParty.acceptance.is_(None), is_open)
    signed = update(GatheringParty).where(*here, *unsigned).values(acceptance=acceptance)
    several = len(gathering_terms.question_of(session, gathering).organisations) > 1
    if not several or session.scalars(signed.returning(GatheringParty.word)).one_or_none() is None:
        raise Problem(
            "illegal-move",
            "Nothing is left to sign here: it is over, signed already, or among your own people.",
            extra={"state": gathering.state, "allowed": []},
        )
    session.refresh(party)
    gathering_moves.tell(session, actor, gathering, "signed")
    return gathering_terms.show(session, actor, gathering_id)
