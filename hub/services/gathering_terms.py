"""What the organisations of a gathering say yes to, as their connectors sign it: it never changes once it was asked."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.gathering_yes import Question
from federation.problems import Problem
from hub.models import Gathering, GatheringMember, GatheringParty, Profile
from hub.reach import Reach, widened
from hub.services.actors import Actor

UNFINISHED: Final = ("proposed", "agreed")
"""States in which a signature still leads somewhere."""


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One of the viewer's own people who is in a gathering still; the place is a name for it that others may know."""

    place: str
    pseudonym: str
    role: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A gathering's question for one of its organisations: its word, whether that is signed, and its own people."""

    gathering: str
    kind: str
    state: str
    organisations: dict[str, int | None]
    mentor: str | None
    size: int
    word: str
    signed: bool
    mine: tuple[PlaceView, ...]

    @property
    def to_sign(self) -> bool:
        """Whether a signature under the own yes is still owed: without it nothing can be sealed."""
        several = len(self.organisations) > 1
        return several and self.word == "accepted" and not self.signed and self.state in UNFINISHED


def show(session: Session, actor: Actor, gathering_id: str) -> QuestionView:
    """Return what the acting organisation is to sign.

    Raises
    ------
    Problem
        ``not-found``, also for what belongs to others.
    """
    gathering, party = party_of(session, actor, gathering_id)
    asked = question_of(session, gathering)
    return QuestionView(
        gathering=gathering.id,
        kind=gathering.kind,
        state=gathering.state,
        organisations=dict(asked.organisations),
        mentor=asked.mentor,
        size=asked.size,
        word=party.word,
        signed=party.acceptance is not None,
        mine=own_places(session, actor, [gathering.id]).get(gathering.id, ()),
    )


def party_of(session: Session, actor: Actor, gathering_id: str) -> tuple[Gathering, GatheringParty]:
    """Return a gathering and the acting organisation's part in it.

    Raises
    ------
    Problem
        ``not-found``.
    """
    gathering = session.get(Gathering, gathering_id)
    party = session.get(GatheringParty, (gathering_id, actor.organisation)) if gathering else None
    if gathering is None or party is None:
        raise Problem("not-found", "Check the id in the list of groups, pairs and circles you were invited to.")
    return gathering, party


def question_of(session: Session, gathering: Gathering) -> Question:
    """Return the question of a gathering, by who was in it when it was asked: also whoever left since.

    In a group nobody is told how many another organisation has (decision 0037): the numbers are left out.
    """
    asked = select(GatheringMember.organisation_id, GatheringMember.role)
    # Whoever was asked may know which organisations are in it (decision 0032), and no more is said here.
    with widened(session, Reach.NETWORK):
        rows = session.execute(asked.where(GatheringMember.gathering_id == gathering.id)).all()
    counts = Counter(organisation for organisation, _ in rows)
    return Question(
        gathering=gathering.id,
        kind=gathering.kind,
        organisations={one: None if gathering.kind == "group" else counts[one] for one in sorted(counts)},
        mentor=next((organisation for organisation, role in rows if role == "mentor"), None),
        size=sum(role == "member" for _, role in rows),
    )


def own_places(session: Session, actor: Actor, gathering_ids: list[str]) -> dict[str, tuple[PlaceView, ...]]:
    """Return the acting organisation's people who are still in some gatherings, by gathering. One query."""
    here = (GatheringMember.gathering_id.in_(gathering_ids), GatheringMember.open)
    own = GatheringMember.organisation_id == actor.organisation
    query = select(GatheringMember, Profile.pseudonym).join(Profile, Profile.id == GatheringMember.profile_id)
    found: dict[str, tuple[PlaceView, ...]] = {}
    for member, pseudonym in session.execute(query.where(*here, own).order_by(GatheringMember.id)):
        place = PlaceView(member.id, pseudonym, member.role)
        found[member.gathering_id] = (*found.get(member.gathering_id, ()), place)
    return found
