"""A round as one member may see it: its own counts as they are, of others none below five."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.models import Organisation, Round, RoundAlternative, RoundShare
from hub.reach import Reach, widened
from hub.services import matching
from hub.services.actors import Actor
from hub.services.round_comparison import NAMES

SMALLEST_SHOWN: Final = 5
OF_WINDOWS: Final = "no_windows"


@dataclass(frozen=True, slots=True)
class ShareView:
    """One organisation's part of a round. Of others, counts below five are not shown (nothing)."""

    organisation_id: str
    name: str
    mentees: int | None
    placed_alone: int | None
    placed: int | None
    placed_across: int | None
    mentors_lent: int | None
    mine: bool


@dataclass(frozen=True, slots=True)
class AlternativeView:
    """A round under another policy. What few people's windows cost is not told: counts within four of the round's are None."""

    name: str
    placed: int | None
    placed_across: int | None
    points: int | None
    worse_off: int


@dataclass(frozen=True, slots=True)
class WindowCost:
    """What looking near first cost the last published round: placed in the network with windows, and without."""

    created_at: datetime
    placed: int
    without: int | None


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round as members see it."""

    id: str
    state: str
    program: str
    policy: dict[str, Any]
    digest: str
    mentees: int
    mentors: int
    pairs: int
    placed: int
    placed_across: int
    points: int
    pinned: int
    certificate: dict[str, Any]
    shares: tuple[ShareView, ...]
    alternatives: tuple[AlternativeView, ...]
    studied: bool
    created_at: datetime
    published_at: datetime | None


def view(session: Session, actor: Actor, found: Round) -> RoundView:
    """Return the acting member's view."""
    shares = (
        select(RoundShare, Organisation.name)
        .join(Organisation, Organisation.id == RoundShare.organisation_id)
        .where(RoundShare.round_id == found.id)
        .order_by(Organisation.name)
    )
    # What the others got is shown to all, but for counts of fewer than five.
    with widened(session, Reach.NETWORK):
        rows = session.execute(shares).all()
    return RoundView(
        id=found.id,
        state=found.state,
        program=found.program,
        policy=found.policy,
        digest=found.digest,
        mentees=found.mentees,
        mentors=found.mentors,
        pairs=found.pairs,
        placed=found.placed,
        placed_across=found.placed_across,
        points=found.points,
        pinned=found.pinned,
        certificate=_certificate_view(actor, found.certificate),
        shares=tuple(_share_view(actor, share, name) for share, name in rows),
        alternatives=_alternatives(session, actor, found),
        studied=found.studied_at is not None,
        created_at=found.created_at,
        published_at=found.published_at,
    )


def cost_of_windows(session: Session, actor: Actor) -> WindowCost | None:
    """Return what the windows in force cost the last published round studied; nothing where nobody looked near first."""
    studied = (Round.state == "published", Round.studied_at.is_not(None), Round.program == matching.GENERAL)
    published = select(Round).where(*studied)
    found = session.scalars(published.order_by(Round.published_at.desc(), Round.id).limit(1)).one_or_none()
    kept = session.get(RoundAlternative, (found.id, OF_WINDOWS)) if found else None
    if found is None or kept is None:
        return None
    return WindowCost(found.created_at, found.placed, _alternative(actor, found, kept).placed)


def _alternatives(session: Session, actor: Actor, found: Round) -> tuple[AlternativeView, ...]:
    """Return the other policies in their fixed order."""
    kept = session.scalars(select(RoundAlternative).where(RoundAlternative.round_id == found.id))
    views = {row.name: _alternative(actor, found, row) for row in kept}
    return tuple(views[name] for name in NAMES if name in views)


def _alternative(actor: Actor, found: Round, row: RoundAlternative) -> AlternativeView:
    apart = (abs(row.placed - found.placed), abs(row.placed_across - found.placed_across))
    few = row.name == OF_WINDOWS and any(0 < count < SMALLEST_SHOWN for count in apart)
    if few and not _sees_everything(actor):
        return AlternativeView(row.name, None, None, None, row.worse_off)
    return AlternativeView(row.name, row.placed, row.placed_across, row.points, row.worse_off)


def _certificate_view(actor: Actor, certificate: dict[str, Any]) -> dict[str, Any]:
    """Return the proof as an actor may see it: how many mentors carry several is told to who runs the network alone.

    It counts every organisation's people in one number, from which a member could take its own away.
    """
    shown = certificate | {"prices": [_price_view(actor, price) for price in certificate["prices"]]}
    if actor.role not in {"hub", "operator"}:
        shown.pop("carrying_several", None)
    return shown


def _price_view(actor: Actor, price: dict[str, Any]) -> dict[str, Any]:
    """Return a price of the promise; its bound is how many an organisation places alone, which is a count of its people."""
    return price | {"bound": _shown(actor, price["organisation"], price["bound"])}


def _shown(actor: Actor, organisation_id: str, count: int) -> int | None:
    everything = actor.organisation_id == organisation_id or _sees_everything(actor)
    return count if everything or count == 0 or count >= SMALLEST_SHOWN else None


def _sees_everything(actor: Actor) -> bool:
    return actor.role in {"hub", "operator"}


def _share_view(actor: Actor, share: RoundShare, name: str) -> ShareView:
    mine = actor.organisation_id == share.organisation_id

    def shown(count: int) -> int | None:
        return _shown(actor, share.organisation_id, count)

    return ShareView(
        organisation_id=share.organisation_id,
        name=name,
        mentees=shown(share.mentees),
        placed_alone=shown(share.placed_alone),
        placed=shown(share.placed),
        placed_across=shown(share.placed_across),
        mentors_lent=shown(share.mentors_lent),
        mine=mine,
    )
