"""Sealed introductions between the organisations of a gathering: which are due, and how far each came."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.envelopes import ENVELOPE_DAYS
from federation.gathering_yes import exchanges
from hub.models import Gathering, GatheringIntroduction, GatheringParty, utcnow
from hub.reach import Reach, widened
from hub.services import gathering_terms
from hub.services.actors import Actor
from hub.services.gathering_terms import PlaceView

LIVE: Final = ("due", "sealed", "delivered")


@dataclass(frozen=True, slots=True)
class GatheringIntroductionView:
    """An introduction as one of its two sides sees it.

    ``people`` are the viewer's own in the gathering; ``acceptances`` each organisation's signed yes, as long as one is needed;
    ``receipt`` is the recipient's, once it opened the envelope.
    """

    gathering: str
    state: str
    sender: str
    recipient: str
    mine: str
    people: tuple[PlaceView, ...]
    acceptances: dict[str, str]
    receipt: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The states of two introductions: ``sent`` holds the viewer's people, ``received`` the other organisation's."""

    sent: str
    received: str


def begin(session: Session, gathering: Gathering) -> None:
    """Make every introduction of an agreed gathering due: between two organisations each way, and none within one."""
    question, until = gathering_terms.question_of(session, gathering), utcnow() + timedelta(days=ENVELOPE_DAYS)
    # The last yes makes those between other organisations too.
    with widened(session, Reach.HUB):
        session.add_all(
            GatheringIntroduction(gathering_id=gathering.id, sender_id=sender, recipient_id=recipient, expires_at=until)
            for sender, recipient in exchanges(question)
        )


def listed(session: Session, actor: Actor, gathering_id: str | None = None) -> list[GatheringIntroductionView]:
    """Return the introductions the acting organisation seals or opens, newest first; of one gathering, where one is named.

    Three queries, however many they are.
    """
    mine = or_(
        GatheringIntroduction.sender_id == actor.organisation, GatheringIntroduction.recipient_id == actor.organisation
    )
    query = select(GatheringIntroduction).where(mine)
    if gathering_id is not None:
        query = query.where(GatheringIntroduction.gathering_id == gathering_id)
    newest = (GatheringIntroduction.created_at.desc(), GatheringIntroduction.gathering_id)
    sides = (GatheringIntroduction.sender_id, GatheringIntroduction.recipient_id)
    return views(session, actor, list(session.scalars(query.order_by(*newest, *sides))))


def standing(session: Session, actor: Actor, gathering_id: str) -> dict[str, Standing]:
    """Return how far the introductions with each other organisation came, by organisation."""
    found = listed(session, actor, gathering_id)
    sent = {one.recipient: one.state for one in found if one.mine == "sender"}
    received = {one.sender: one.state for one in found if one.mine == "recipient"}
    # Both ways, or none at all.
    return {other: Standing(state, received[other]) for other, state in sent.items()}


def views(session: Session, actor: Actor, found: list[GatheringIntroduction]) -> list[GatheringIntroductionView]:
    """Return introductions as the acting organisation, one of their two sides, sees them. Two queries."""
    ids = sorted({one.gathering_id for one in found})
    people = gathering_terms.own_places(session, actor, ids)
    signed: dict[str, dict[str, str]] = {}
    # Each organisation's signed yes is for all of them to verify.
    with widened(session, Reach.NETWORK):
        parties = select(GatheringParty).where(GatheringParty.gathering_id.in_(ids))
        for party in session.scalars(parties.order_by(GatheringParty.organisation_id)):
            if party.acceptance:
                signed.setdefault(party.gathering_id, {})[party.organisation_id] = party.acceptance
    return [
        GatheringIntroductionView(
            gathering=one.gathering_id,
            state=one.state,
            sender=one.sender_id,
            recipient=one.recipient_id,
            mine="sender" if one.sender_id == actor.organisation else "recipient",
            people=people.get(one.gathering_id, ()),
            acceptances=signed.get(one.gathering_id, {}) if one.state in LIVE else {},
            receipt=one.receipt,
        )
        for one in found
    ]
