"""What one organisation sees of its gatherings: rows of all who are in them become the views of the one who looks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from graph.groups_problem import SMALLEST
from graph.scoring import band
from hub.models import Gathering, GatheringMember, GatheringParty, Organisation, Profile
from hub.reach import Reach, widened
from hub.services import matching
from hub.services.actors import Actor
from hub.services.gathering_views import GatheringView, OtherPlaceView, OwnPlaceView, PartyView, allowed_moves
from hub.services.proposal_views import Card

PAIR: Final = 2
T = TypeVar("T")


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
        words = {party.organisation_id: party.word for party in parties}
        here = sorted((member for member in members if _is_in(member, words)), key=self._order)
        others = [member for member in here if member.organisation_id != self.viewer]
        seated = {member.organisation_id for member in here}
        found = GatheringView(
            id=one.id,
            kind=one.kind,
            state=one.state,
            proposer_id=one.proposer_id,
            proposer_name=self.names[one.proposer_id],
            parties=tuple(
                PartyView(organisation, self.names[organisation], words[organisation])
                for organisation in sorted(words, key=lambda organisation: self.names[organisation])
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
            allowed=allowed_moves(one, self.viewer, words[self.viewer], seated),
            decline_reason=one.decline_reason,
            created_at=one.created_at,
            updated_at=one.updated_at,
            expires_at=one.expires_at,
        )
        return self._from_outside(found, members) if words[self.viewer] == "left" else found

    def _from_outside(self, found: GatheringView, members: Sequence[GatheringMember]) -> GatheringView:
        """What an organisation that left reads: what it was told when all agreed, and of the others nothing since."""
        return replace(
            found,
            state="left",
            parties=tuple(
                one if one.organisation_id == self.viewer else replace(one, word="accepted") for one in found.parties
            ),
            size=sum(member.role == "member" for member in members),
            others=(),
            untold=0,
            left=sum(member.organisation_id == self.viewer for member in members),
            too_few=False,
            reasons={"en": (), "fr": ()},
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


def _is_in(member: GatheringMember, words: Mapping[str, str]) -> bool:
    return member.profile_id is not None and words[member.organisation_id] != "left"


def _of_peers(value: T, member: GatheringMember) -> T | None:
    return None if member.role == "mentor" else value


def _too_few(kind: str, here: Sequence[GatheringMember]) -> bool:
    """Whether those who are left are fewer than the kind needs; a group needs its mentor too."""
    members = sum(member.role == "member" for member in here)
    if kind == "group":
        return members < SMALLEST or members == len(here)
    return members < (PAIR if kind == "pair" else matching.circle_sizes()[0])
