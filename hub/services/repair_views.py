"""A repair as one member may see it: its own people by pseudonym, how well they would fit, and of everybody else numbers.

A look costs no budget and can be repeated with variants of one mentee: so before the yes nobody is told with whom, why or by
how many points (trust.md, section 2). The proposals tell, and those are counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from graph.scoring import band
from hub.models import Organisation, Profile
from hub.services import matching
from hub.services.actors import Actor
from hub.services.matches import Match
from hub.services.repairs import Look, Offer
from hub.services.standing_rounds import why_open


@dataclass(frozen=True, slots=True)
class OpenMentee:
    """An own mentee whom nobody is asked about any more, and how it came to be."""

    pseudonym: str
    because: str


@dataclass(frozen=True, slots=True)
class RepairPair:
    """One pair that a repair asks about or takes back, for one of its sides; ``my_pseudonyms`` by side, own people only.

    Of a pair that was not asked about yet, another organisation is not named.
    """

    mentee_organisation_id: str | None
    mentee_organisation_name: str | None
    mentor_organisation_id: str | None
    mentor_organisation_name: str | None
    my_pseudonyms: dict[str, str]
    band: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """One repair. ``refused`` is empty, ``below_alone`` (``below`` names who) or ``net_balance``; points are the operator's."""

    kind: str
    picture: str
    placements: int
    points: int | None
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
    open: tuple[OpenMentee, ...]
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
        open=tuple(sorted(found, key=lambda one: one.pseudonym)),
        offers=tuple(_offer(actor, standing.round_id, offer, pseudonyms, names) for offer in seen.offers),
    )


def _pseudonyms(session: Session, actor: Actor, rows: list[str], involved: Iterable[Match]) -> dict[str, str]:
    wanted = {*rows, *(person for one in involved for person in (one.mentee.id, one.mentor.id))}
    own = (Profile.organisation_id == actor.organisation_id, Profile.id.in_(wanted))
    return {one: pseudonym for one, pseudonym in session.execute(select(Profile.id, Profile.pseudonym).where(*own))}  # noqa: C416


def _offer(actor: Actor, round_id: str, offer: Offer, pseudonyms: dict[str, str], names: dict[str, str]) -> OfferView:
    operator = actor.role == "hub"
    asked = [_pair(actor, one, pseudonyms, names, known=operator) for one in offer.asked if _sees(actor, one)]
    taken_back = [_pair(actor, one, pseudonyms, names, known=True) for one in offer.taken_back if _sees(actor, one)]
    return OfferView(
        kind=offer.kind,
        picture=offer.picture(round_id),
        placements=offer.placements,
        points=offer.points if operator else None,
        refused=("below_alone" if offer.below else "net_balance") if offer.refused else None,
        below=tuple(names[one] for one in offer.below),
        asked=tuple(asked),
        taken_back=tuple(taken_back),
        asked_elsewhere=len(offer.asked) - len(asked),
        taken_back_elsewhere=len(offer.taken_back) - len(taken_back),
    )


def _sees(actor: Actor, pair: Match) -> bool:
    return actor.role == "hub" or actor.organisation_id in {pair.mentee.organisation, pair.mentor.organisation}


def _pair(actor: Actor, pair: Match, pseudonyms: dict[str, str], names: dict[str, str], *, known: bool) -> RepairPair:
    scoring = matching.scoring()
    sides = {"mentee": pair.mentee.id, "mentor": pair.mentor.id}
    mentee_side, mentor_side = (
        owner if known or owner == actor.organisation_id else None
        for owner in (pair.mentee.organisation, pair.mentor.organisation)
    )
    return RepairPair(
        mentee_organisation_id=mentee_side,
        mentee_organisation_name=names[mentee_side] if mentee_side else None,
        mentor_organisation_id=mentor_side,
        mentor_organisation_name=names[mentor_side] if mentor_side else None,
        my_pseudonyms={side: pseudonyms[person] for side, person in sides.items() if person in pseudonyms},
        band=band(pair.points, scoring.strong, scoring.good),
    )
