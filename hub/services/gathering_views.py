"""A gathering as one organisation may see it: its own people by pseudonym, of others what the suggestion showed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from graph.groups_problem import SMALLEST
from graph.scoring import band
from hub.models import Gathering, GatheringMember, GatheringParty, Organisation, Profile
from hub.reach import Reach, widened
from hub.services import matching
from hub.services.actors import Actor
from hub.services.matching import Texts
from hub.services.proposal_views import Card

PAIR: Final = 2
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PartyView:
    """An organisation with people in a gathering, and its word: ``waiting``, ``accepted`` or ``declined``."""

    organisation_id: str
    organisation_name: str
    word: str


@dataclass(frozen=True, slots=True)
class OwnPlaceView:
    """One of the viewer's own people in a gathering; ``points`` of 100 is the fit with the mentor, the partner, the others.

    None for a mentor: each member fits.
    """

    pseudonym: str
    role: str
    points: int | None
    facilitates: bool


@dataclass(frozen=True, slots=True)
class OtherPlaceView:
    """Somebody else's person, as the suggestion showed them; ``band`` is no mentor's."""

    organisation_id: str
    organisation_name: str
    role: str
    card: Card
    band: str | None


@dataclass(frozen=True, slots=True)
class GatheringView:
    """A group, pair or circle for one of its organisations.

    ``size`` counts members, a group's mentor not among them; ``untold`` those of others who are told as a number alone.
    ``left`` withdrew since it was proposed; ``too_few``: fewer are left than its kind needs, or the mentor left.
    """

    id: str
    kind: str
    state: str
    proposer_id: str
    proposer_name: str
    parties: tuple[PartyView, ...]
    size: int
    noc: str | None
    languages: tuple[str, ...]
    slots: tuple[str, ...]
    mine: tuple[OwnPlaceView, ...]
    others: tuple[OtherPlaceView, ...]
    untold: int
    left: int
    too_few: bool
    reasons: Texts
    allowed: tuple[str, ...]
    decline_reason: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime


def allowed_moves(gathering: Gathering, organisation: str, word: str) -> tuple[str, ...]:
    """Return what an organisation may do now: one table for pages, API and refusals."""
    if gathering.state == "agreed":
        return ("end",)
    if gathering.state != "proposed":
        return ()
    if organisation == gathering.proposer_id:
        return ("withdraw",)
    return ("accept", "decline") if word == "waiting" else ("decline",)


def view(session: Session, actor: Actor, gathering: Gathering) -> GatheringView:
    """Return the acting organisation's view."""
    (found,) = views(session, actor, [gathering])
    return found


def views(session: Session, actor: Actor, gatherings: Sequence[Gathering]) -> list[GatheringView]:
    """Return the acting organisation's views, in the order given. Four queries, however many they are."""
    ids = [one.id for one in gatherings]
    members: dict[str, list[GatheringMember]] = defaultdict(list)
    parties: dict[str, list[GatheringParty]] = defaultdict(list)
    # The others' words and what the suggestion showed of their people; own people are named below, and nobody else.
    with widened(session, Reach.NETWORK):
        for member in session.scalars(select(GatheringMember).where(GatheringMember.gathering_id.in_(ids))):
            members[member.gathering_id].append(member)
        for party in session.scalars(select(GatheringParty).where(GatheringParty.gathering_id.in_(ids))):
            parties[party.gathering_id].append(party)
    people = [one.profile_id for here in members.values() for one in here]
    own = select(Profile.id, Profile.pseudonym).where(
        Profile.id.in_(people), Profile.organisation_id == actor.organisation
    )
    pseudonyms = {row.id: row.pseudonym for row in session.execute(own)}
    wanted = {one.organisation_id for here in parties.values() for one in here}
    names = {one.id: one.name for one in session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))}
    seen = _Sight(actor.organisation, pseudonyms, names)
    return [seen.gathering(one, members[one.id], parties[one.id]) for one in gatherings]


@dataclass(frozen=True, slots=True)
class _Sight:
    """Who looks, the names of that organisation's own people by profile, and those of organisations."""

    viewer: str
    pseudonyms: dict[str, str]
    names: dict[str, str]

    def gathering(
        self, one: Gathering, members: Sequence[GatheringMember], parties: Sequence[GatheringParty]
    ) -> GatheringView:
        here = sorted((member for member in members if member.profile_id), key=self._order)
        others = [member for member in here if member.organisation_id != self.viewer]
        (word,) = (party.word for party in parties if party.organisation_id == self.viewer)
        return GatheringView(
            id=one.id,
            kind=one.kind,
            state=one.state,
            proposer_id=one.proposer_id,
            proposer_name=self.names[one.proposer_id],
            parties=tuple(
                PartyView(party.organisation_id, self.names[party.organisation_id], party.word)
                for party in sorted(parties, key=lambda party: self.names[party.organisation_id])
            ),
            size=sum(member.role == "member" for member in here),
            noc=one.noc,
            languages=tuple(one.languages),
            slots=tuple(one.slots),
            mine=tuple(self._own(member) for member in here if member.organisation_id == self.viewer),
            others=tuple(self._other(member, one) for member in others if member.card),
            untold=sum(not member.card for member in others),
            left=len(members) - len(here),
            too_few=_too_few(one.kind, here),
            reasons={locale: tuple(sentences) for locale, sentences in one.reasons.items()} or {"en": (), "fr": ()},
            allowed=allowed_moves(one, self.viewer, word),
            decline_reason=one.decline_reason,
            created_at=one.created_at,
            updated_at=one.updated_at,
            expires_at=one.expires_at,
        )

    def _order(self, member: GatheringMember) -> tuple[bool, str, str]:
        """The mentor first, then by organisation; of others' people the order tells nothing."""
        name = self.pseudonyms.get(member.profile_id or "", "")
        return member.role == "member", self.names[member.organisation_id], name or member.id

    def _own(self, member: GatheringMember) -> OwnPlaceView:
        return OwnPlaceView(
            self.pseudonyms[member.profile_id or ""], member.role, _of_peers(member.points, member), member.facilitates
        )

    def _other(self, member: GatheringMember, one: Gathering) -> OtherPlaceView:
        scoring = matching.scoring()
        return OtherPlaceView(
            organisation_id=member.organisation_id,
            organisation_name=self.names[member.organisation_id],
            role=member.role,
            card=Card(**member.card, shared_languages=tuple(one.languages)),
            band=_of_peers(band(member.points, scoring.strong, scoring.good), member),
        )


def _of_peers(value: T, member: GatheringMember) -> T | None:
    return None if member.role == "mentor" else value


def _too_few(kind: str, here: Sequence[GatheringMember]) -> bool:
    """Whether those who are left are fewer than the kind needs; a group needs its mentor too."""
    members = sum(member.role == "member" for member in here)
    if kind == "group":
        return members < SMALLEST or members == len(here)
    return members < (PAIR if kind == "pair" else matching.circle_sizes()[0])
