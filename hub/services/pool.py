"""Search the shared pool: cell cards, never rows, and nothing that moves between two epochs but withdrawals."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.disclosure import covers, size_bucket
from federation.disclosure_rule import Holders, shows_nobody
from hub.models import ConsentReceipt, Epoch, Exposure, Organisation, PoolClass, PoolMember, Profile, utcnow
from hub.reach import Reach, widened
from hub.services import epochs
from hub.services.actors import Actor, hub_itself
from hub.services.organisations import sharing_with

HANDLE_BYTES: Final = 16
# Smallest count of other organisations' people that is said (trust.md, section 11).
FEWEST: Final = 5


@dataclass(frozen=True, slots=True)
class PoolCriteria:
    """What a coordinator looks for; nothing: everything. A language is matched, never shown."""

    noc: str | None = None
    region: str | None = None
    language: str | None = None
    kind: str = "mentor"


@dataclass(frozen=True, slots=True)
class CellCard:
    """A class of at least k people: codes shown, size as a bucket, and whether any of them was free at the epoch.

    ``handle`` is this viewer's, for this epoch: with two viewers or two epochs it tells nothing.
    """

    noc: str
    region: str
    years_band: str
    size: str
    available: bool
    handle: str


@dataclass(frozen=True, slots=True)
class PoolAnswer:
    """Cards that fit; ``matchable`` is the size bucket of the whole visible pool, ``withheld``: some are not shown.

    No ``epoch``: nothing was published yet, and the session may not write. Ask again in a writing transaction.
    """

    cells: tuple[CellCard, ...]
    matchable: str
    withheld: bool
    epoch: int | None


@dataclass(frozen=True, slots=True)
class ShownView:
    """How many of an organisation's own mentors another one was shown in a week, and how often in all.

    ``week`` is its Monday. ``times`` counts, in effect, mentees of the other organisation: None when fewer than five.
    """

    organisation_id: str
    organisation_name: str
    week: date
    mentors: int
    times: int | None


def search(session: Session, actor: Actor, criteria: PoolCriteria, k: int, *, stricter: bool = False) -> PoolAnswer:
    """Return the classes of the newest epoch that fit, from the pools shared with the actor's organisation.

    A class is shown to those with whom all its organisations share; a class that a withdrawal leaves short of rule R hides. An
    answer is a union of whole classes, so no question can cut a class into smaller pieces. Where nothing was ever shown, a
    writing session publishes the first epoch. ``k`` and ``stricter`` count at once where they ask for more than the epoch did.

    Notes
    -----
    One grouped query: O(people), some milliseconds for thousands.
    """
    # Classes are made of everybody: counted here, shown as wholes.
    with widened(session, Reach.NETWORK):
        return _search(session, actor.organisation, criteria, k, stricter=stricter)


def _search(session: Session, organisation: str, criteria: PoolCriteria, k: int, *, stricter: bool) -> PoolAnswer:
    today = utcnow().date()
    waiting = epochs.waiting(session, today)
    if waiting and session.info.get("writing"):
        # The hub publishes, whoever asked first.
        with widened(session, Reach.HUB):
            epochs.publish(session, hub_itself("first search"), k, stricter=stricter)
        waiting = False
    epoch = epochs.latest(session)
    if waiting or epoch is None:
        return PoolAnswer((), "0-4", withheld=False, epoch=None)
    members = sharing_with(session, organisation, today)
    holders = _holders(session, criteria.kind)
    colluders = 2 if stricter or epoch.stricter else 1
    people = {cell: sum(number for who, number in known.items() if who & members) for cell, known in holders.items()}
    asked = max(k, epoch.k)
    sizes = {
        cell: people[cell]
        for cell, known in holders.items()
        if cell is not None and all(who <= members for who in known) and shows_nobody(known, asked, colluders=colluders)
    }
    found = session.scalars(select(PoolClass).where(PoolClass.kind == criteria.kind)).all()
    fitting = [cell for cell in found if cell.id in sizes and _fits(cell, organisation, criteria)]
    fitting.sort(key=lambda cell: (cell.noc, cell.region, cell.years_band))
    matchable = sum(people.values())
    return PoolAnswer(
        cells=tuple(_card(cell, sizes[cell.id], _handle(epoch, organisation, cell)) for cell in fitting),
        matchable=size_bucket(matchable) if matchable >= k else "0-4",
        withheld=any(number for cell, number in people.items() if cell not in sizes),
        epoch=epoch.number,
    )


def shown_to(session: Session, actor: Actor) -> tuple[ShownView, ...]:
    """Return to whom the actor's mentors were recommended, newest week first: what an owner watches for probing.

    Mentors who withdrew are not counted any more; exposures of more than a quarter ago are deleted. O(exposures).
    """
    query = (
        select(Exposure.viewer_id, Organisation.name, Exposure.mentor_id, Exposure.shown_at)
        .join(Organisation, Organisation.id == Exposure.viewer_id)
        .where(Exposure.owner_id == actor.organisation)
    )
    found: dict[tuple[date, str, str], list[str]] = defaultdict(list)
    for viewer, name, mentor, shown_at in session.execute(query):
        day = shown_at.date()
        found[day - timedelta(days=day.weekday()), viewer, name].append(mentor)
    newest_first = sorted(found.items(), key=lambda item: (-item[0][0].toordinal(), item[0][2]))
    return tuple(
        ShownView(viewer, name, week, len(set(mentors)), len(mentors) if len(mentors) >= FEWEST else None)
        for (week, viewer, name), mentors in newest_first
    )


def _holders(session: Session, kind: str) -> dict[str | None, Counter[Holders]]:
    """Return for each class who is left in it, counted by the organisations that hold each person; None: withheld.

    People, not profiles: what two organisations confirmed to be one person counts once, and as known to both.
    """
    known = epochs.persons(session)
    query = (
        select(PoolMember.class_id, Profile.organisation_id, func.count())
        .join(Profile, Profile.id == PoolMember.profile_id)
        .join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
        .where(Profile.kind == kind, ConsentReceipt.until >= utcnow().date())
    )
    found: dict[str | None, Counter[Holders]] = defaultdict(Counter)
    for cell, organisation, number in session.execute(query.group_by(PoolMember.class_id, Profile.organisation_id)):
        found[cell][frozenset((organisation,))] = number
    if not known:
        return found
    by: dict[str, set[str]] = defaultdict(set)
    where: set[tuple[str | None, str]] = set()
    twice = query.with_only_columns(PoolMember.class_id, Profile.organisation_id, Profile.id)
    for cell, organisation, profile in session.execute(twice.where(Profile.id.in_(known))):
        found[cell][frozenset((organisation,))] -= 1
        by[known[profile]].add(organisation)
        where.add((cell, known[profile]))
    for cell, person in where:
        found[cell][frozenset(by[person])] += 1
    return {cell: +counted for cell, counted in found.items()}


def _fits(cell: PoolClass, viewer: str, criteria: PoolCriteria) -> bool:
    """Whether a class answers the question: by its shown codes; a language must be spoken by half of the others in it.

    Half, not one: "someone here speaks it" would let a rare language point at one person. Of the others: with its own people
    counted, an organisation could change theirs until the answer turns, and so count the strangers who speak it.
    """
    if criteria.noc and not covers(cell.noc, criteria.noc):
        return False
    if criteria.region and not covers(cell.region, criteria.region):
        return False
    return criteria.language is None or criteria.language in cell.spoken.get(viewer, cell.spoken[""])


def _handle(epoch: Epoch, viewer: str, cell: PoolClass) -> str:
    """Return 128 bits only the hub can link to the class: a keyed hash, so that nothing has to be stored."""
    digest = hmac.digest(epoch.salt.encode(), f"{viewer}\0{cell.id}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:HANDLE_BYTES]).rstrip(b"=").decode()


def _card(cell: PoolClass, size: int, handle: str) -> CellCard:
    return CellCard(cell.noc, cell.region, cell.years_band, size_bucket(size), cell.available, handle)
