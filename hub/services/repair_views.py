"""A repair as one member may see it: pairs it is a side of, with its own pseudonyms; of everybody else, numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from graph.scoring import band
from hub.models import Organisation, Profile, Round
from hub.services import matching
from hub.services.actors import Actor
from hub.services.matching import Texts
from hub.services.repairs import Look, Offer
from hub.services.snapshots import Match
from hub.services.standing_rounds import why_open


@dataclass(frozen=True, slots=True)
class OpenMentee:
    """An own mentee whom nobody is asked about any more, and how it came to be."""

    pseudonym: str
    because: str


@dataclass(frozen=True, slots=True)
class RepairPair:
    """One pair that a repair asks about or takes back, for one of its sides; ``my_pseudonyms`` by side, own people only."""

    mentee_organisation_id: str
    mentee_organisation_name: str
    mentor_organisation_id: str
    mentor_organisation_name: str
    my_pseudonyms: dict[str, str]
    band: str
    reasons: Texts


@dataclass(frozen=True, slots=True)
class OfferView:
    """One repair. ``refused`` is empty, ``below_alone`` (``below`` names who) or ``net_balance``."""

    kind: str
    picture: str
    placements: int
    points: int
    refused: str | None
    below: tuple[str, ...]
    asked: tuple[RepairPair, ...]
    taken_back: tuple[RepairPair, ...]
    asked_elsewhere: int
    taken_back_elsewhere: int


@dataclass(frozen=True, slots=True)
class RepairView:
    """What happened to a round for one member, and what would repair it."""

    round_id: str
    program: str
    open: tuple[OpenMentee, ...]
    open_elsewhere: bool
    offers: tuple[OfferView, ...]


def view(session: Session, actor: Actor, seen: Look) -> RepairView:
    """Return the acting member's view; the operator sees every pair by its organisations and nobody's pseudonym."""
    standing = seen.standing
    because = why_open(session, standing)
    people = standing.snapshot.pool.mentees
    own = [row for row in because if people[row].organisation == actor.organisation_id]
    involved = [one for offer in seen.offers for one in (*offer.asked, *offer.taken_back)]
    pseudonyms = _pseudonyms(session, actor, [people[row].id for row in own], involved)
    names = {one: name for one, name in session.execute(select(Organisation.id, Organisation.name))}  # noqa: C416
    found = [OpenMentee(pseudonyms[people[row].id], because[row]) for row in own]
    return RepairView(
        round_id=standing.round_id,
        program=session.get_one(Round, standing.round_id).program,
        open=tuple(sorted(found, key=lambda one: one.pseudonym)),
        open_elsewhere=len(because) > len(own),
        offers=tuple(_offer(actor, standing.round_id, offer, pseudonyms, names) for offer in seen.offers),
    )


def _pseudonyms(session: Session, actor: Actor, rows: list[str], involved: Iterable[Match]) -> dict[str, str]:
    wanted = {*rows, *(person for one in involved for person in (one.mentee.id, one.mentor.id))}
    own = (Profile.organisation_id == actor.organisation_id, Profile.id.in_(wanted))
    return {one: pseudonym for one, pseudonym in session.execute(select(Profile.id, Profile.pseudonym).where(*own))}  # noqa: C416


def _offer(actor: Actor, round_id: str, offer: Offer, pseudonyms: dict[str, str], names: dict[str, str]) -> OfferView:
    asked, taken_back = (
        [_pair(one, pseudonyms, names) for one in pairs if _sees(actor, one)]
        for pairs in (offer.asked, offer.taken_back)
    )
    return OfferView(
        kind=offer.kind,
        picture=offer.picture(round_id),
        placements=offer.placements,
        points=offer.points,
        refused=("below_alone" if offer.below else "net_balance") if offer.refused else None,
        below=tuple(names[one] for one in offer.below),
        asked=tuple(asked),
        taken_back=tuple(taken_back),
        asked_elsewhere=len(offer.asked) - len(asked),
        taken_back_elsewhere=len(offer.taken_back) - len(taken_back),
    )


def _sees(actor: Actor, pair: Match) -> bool:
    return actor.role == "hub" or actor.organisation_id in {pair.mentee.organisation, pair.mentor.organisation}


def _pair(pair: Match, pseudonyms: dict[str, str], names: dict[str, str]) -> RepairPair:
    scoring = matching.scoring()
    sides = {"mentee": pair.mentee.id, "mentor": pair.mentor.id}
    return RepairPair(
        mentee_organisation_id=pair.mentee.organisation,
        mentee_organisation_name=names[pair.mentee.organisation],
        mentor_organisation_id=pair.mentor.organisation,
        mentor_organisation_name=names[pair.mentor.organisation],
        my_pseudonyms={side: pseudonyms[person] for side, person in sides.items() if person in pseudonyms},
        band=band(pair.points, scoring.strong, scoring.good),
        reasons=pair.reasons,
    )
