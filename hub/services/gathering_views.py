"""A gathering as one organisation may see it: its own people by pseudonym, of others what the suggestion showed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.models import Gathering
from hub.services.matching import Texts
from hub.services.proposal_views import Card


@dataclass(frozen=True, slots=True)
class PartyView:
    """An organisation with people in a gathering, and its word: ``waiting``, ``accepted``, ``declined`` or ``left``."""

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
    ``left`` are in it no more, by a withdrawal or with their organisation; ``too_few``: fewer are left than its kind needs, or
    the mentor is gone. To whom left the state is ``left``: nothing is told of the others, or of what became of it.
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


def allowed_moves(gathering: Gathering, organisation: str, word: str, here: Collection[str]) -> tuple[str, ...]:
    """Return what an organisation may do now: one table for pages, API and refusals.

    ``here`` are the organisations with people in it still. The last of them cannot leave the others: it ends it.
    """
    if word == "left":
        return ()
    if gathering.state == "agreed":
        return ("leave", "end") if organisation in here and len(here) > 1 else ("end",)
    if gathering.state != "proposed":
        return ()
    if organisation == gathering.proposer_id:
        return ("withdraw",)
    return ("accept", "decline") if word == "waiting" else ("decline",)
