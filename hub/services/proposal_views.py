"""A proposal as one party may see it (trust.md, disclosure ladder): overlap only, and no name on either side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from graph.scoring import band
from hub.models import Organisation, Profile, Proposal
from hub.reach import Reach, widened
from hub.services import apart, matching, stand_ins
from hub.services.actors import Actor
from hub.services.matches import SHOWN_DIGITS
from hub.services.matching import Texts

Side = Literal["mentee", "mentor"]
# States in which a yes still leads somewhere.
UNFINISHED: Final = ("proposed", "agreed")


@dataclass(frozen=True, slots=True)
class Card:
    """One side of a pair as the other may see it."""

    noc: str
    region: str
    years_band: str
    shared_languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal for one of its two organisations; ``my_pseudonyms`` names only the viewer's own people."""

    id: str
    state: str
    program: str
    mine: str
    mentee_organisation_id: str
    mentee_organisation_name: str
    mentor_organisation_id: str
    mentor_organisation_name: str
    my_pseudonyms: dict[str, str]
    mentee_card: Card | None
    mentor_card: Card | None
    points: int
    band: str
    parts: dict[str, Any]
    reasons: Texts
    mentee_side: str
    mentor_side: str
    allowed: tuple[str, ...]
    decline_reason: str | None
    declined_before: date | None
    """When the same two last said no to an earlier question; both sides know of it, having been asked."""
    round_id: str | None
    stand_in: str | None
    """For the mentee's organisation alone: what the round said becomes of her after a no; nothing where it is not known."""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime


def sides_of(actor: Actor, proposal: Proposal) -> tuple[Side, ...]:
    """Return the sides the acting organisation speaks for: one, both, or none."""
    owners: tuple[tuple[Side, str], ...] = (
        ("mentee", proposal.mentee_organisation_id),
        ("mentor", proposal.mentor_organisation_id),
    )
    return tuple(side for side, owner in owners if owner == actor.organisation)


def allowed_moves(proposal: Proposal, sides: tuple[Side, ...]) -> tuple[str, ...]:
    """Return what these sides may do now: one table for pages, API and refusals.

    "sign" is owed by a side of two whose yes was said on a page: without a signature nothing can be sealed after it.
    """
    words = {"mentee": proposal.mentee_side, "mentor": proposal.mentor_side}
    signatures = {"mentee": proposal.mentee_acceptance, "mentor": proposal.mentor_acceptance}
    if proposal.state == "proposed" and any(words[side] == "waiting" for side in sides):
        return ("accept", "decline", "withdraw")
    to_sign = len(sides) == 1 and words[sides[0]] == "accepted" and signatures[sides[0]] is None
    moves = (("sign", to_sign and proposal.state in UNFINISHED), ("withdraw", proposal.state == "proposed"))
    return tuple(move for move, possible in moves if possible)


def view(session: Session, actor: Actor, proposal: Proposal) -> ProposalView:
    """Return the acting party's view of one proposal."""
    (found,) = views(session, actor, [proposal])
    return found


def views(session: Session, actor: Actor, proposals: Sequence[Proposal]) -> list[ProposalView]:
    """Return the acting party's views. Three queries beside those for people the session does not hold."""
    before, known = apart.declined_before(session, proposals), stand_ins.of_own(session, actor, proposals)
    return [_view(session, actor, one, before.get(one.id), known.get(one.id)) for one in proposals]


def _view(
    session: Session, actor: Actor, proposal: Proposal, declined_before: date | None, stand_in: str | None
) -> ProposalView:
    sides = sides_of(actor, proposal)
    # One of the two is the other side's; of them the card shows what the ladder allows in a proposal.
    with widened(session, Reach.NETWORK):
        mentee = session.get(Profile, proposal.mentee_id) if proposal.mentee_id else None
        mentor = session.get(Profile, proposal.mentor_id) if proposal.mentor_id else None
    people = {"mentee": mentee, "mentor": mentor}
    shared = tuple(sorted(set(mentee.languages) & set(mentor.languages))) if mentee and mentor else ()
    scoring = matching.scoring(proposal.program)
    return ProposalView(
        id=proposal.id,
        state=proposal.state,
        program=proposal.program,
        mine="both" if len(sides) == 2 else sides[0],
        mentee_organisation_id=proposal.mentee_organisation_id,
        mentee_organisation_name=session.get_one(Organisation, proposal.mentee_organisation_id).name,
        mentor_organisation_id=proposal.mentor_organisation_id,
        mentor_organisation_name=session.get_one(Organisation, proposal.mentor_organisation_id).name,
        my_pseudonyms={side: person.pseudonym for side in sides if (person := people[side]) is not None},
        mentee_card=_card(mentee, shared),
        mentor_card=_card(mentor, shared),
        points=proposal.points,
        band=band(proposal.points, scoring.strong, scoring.good),
        parts=proposal.parts,
        reasons={locale: tuple(sentences) for locale, sentences in proposal.reasons.items()},
        mentee_side=proposal.mentee_side,
        mentor_side=proposal.mentor_side,
        allowed=allowed_moves(proposal, sides),
        decline_reason=proposal.decline_reason,
        declined_before=declined_before,
        round_id=proposal.round_id,
        stand_in=stand_in,
        created_at=proposal.created_at,
        updated_at=proposal.updated_at,
        expires_at=proposal.expires_at,
    )


def _card(person: Profile | None, shared: tuple[str, ...]) -> Card | None:
    if person is None:
        return None
    return Card(person.noc[:SHOWN_DIGITS], person.region, person.years_band, shared)
