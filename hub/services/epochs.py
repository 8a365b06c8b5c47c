"""Publish what may be browsed: classes that stay as they are until the next epoch.

Viewers see different pools, for agreements are between two. Were classes made anew for each viewer, two of them could lay their
answers over each other and cut out fewer than k. So every person stands in one class, the same for whoever sees it: classes are
made among organisations that share with the same members, and a class is shown whole to those with whom all its organisations
share, to nobody else. The price: where agreements differ from member to member, classes are coarser.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.disclosure import CellClass
from federation.disclosure_cards import COARSEST, card_codes
from federation.disclosure_epochs import publish_after
from federation.disclosure_lattice import Codes, finest
from hub.models import (
    Agreement,
    ConsentReceipt,
    Epoch,
    Organisation,
    PoolClass,
    PoolMember,
    PossibleDuplicate,
    Profile,
    new_id,
    utcnow,
)
from hub.reach import Reach, widened
from hub.services import audit
from hub.services.actors import Actor, hub_itself
from hub.settings import Settings

Person = Row[Any]


@dataclass(frozen=True, slots=True)
class EpochView:
    """A publication in figures of the whole network: no organisation's own can be read from them."""

    number: int
    published_at: datetime
    k: int
    people: int
    classes: int
    withheld: int


def publish(
    session: Session, actor: Actor, k: int, now: datetime | None = None, *, stricter: bool = False
) -> EpochView:
    """Publish the pool as it is, so that the difference to the epoch before shows nobody.

    What was shown of each person is kept and handed to :func:`federation.disclosure_epochs.publish_after`; someone whose new
    codes are not covered by it counts as a newcomer. Who leaves the pool is forgotten with the profile. ``stricter`` holds rule
    R also against any two organisations together: classes that do not hold it fall, and are shown again coarser.

    Notes
    -----
    O(people); measured in docs/benchmarks/disclosure.md. Of two processes that publish at once one does; both get its result.
    """
    now = now or utcnow()
    people = _people(session, now.date())
    epoch = _open(session, Epoch(k=k, stricter=stricter, people=len(people), published_at=now))
    if epoch is None:
        return newest(session)
    classes, members = _classes(people, _audiences(session, now.date()), persons(session), epoch)
    for table in (PoolMember, PoolClass):
        session.execute(delete(table))
    for table, rows in ((PoolClass, classes), (PoolMember, members)):
        if rows:
            session.execute(insert(table), rows)
    audit.record(session, actor, "epoch.publish", f"epoch:{epoch.number}")
    return _view(session, epoch)


def publish_due(session: Session, actor: Actor, settings: Settings, now: datetime) -> int:
    """Publish when the newest epoch is ``epoch_days`` old, or ``epoch_changes`` people came or left; return 1 if so, else 0."""
    last = latest(session)
    old = last is None or last.published_at + timedelta(days=settings.epoch_days) <= now
    if not old and changes(session, now.date()) < settings.epoch_changes and not waiting(session, now.date()):
        return 0
    publish(session, actor, settings.pool_k, now, stricter=settings.pool_stricter)
    return 1


def publish_first(session: Session, settings: Settings) -> None:
    """Publish the first epoch where the worker has not come round to it: without one a card tells nothing."""
    if latest(session) is None and session.info.get("writing"):
        # The hub publishes, whoever asked first.
        with widened(session, Reach.HUB):
            publish(session, hub_itself("first list"), settings.pool_k, stricter=settings.pool_stricter)


def latest(session: Session) -> Epoch | None:
    """Return the newest epoch, if there is one."""
    return session.scalars(select(Epoch).order_by(Epoch.number.desc()).limit(1)).one_or_none()


def newest(session: Session) -> EpochView:
    """Return the newest epoch in figures.

    Raises
    ------
    NoResultFound
        There is none yet.
    """
    return _view(session, session.scalars(select(Epoch).order_by(Epoch.number.desc()).limit(1)).one())


def changes(session: Session, today: date) -> int:
    """Return how many people came or left since the newest epoch.

    Changed codes are not counted: agencies push all their profiles every night, and an epoch a night would help whoever
    compares epochs. They are shown with the next.
    """
    last = latest(session)
    known = exists().where(PoolMember.profile_id == Profile.id)
    came: int = session.scalars(_eligible(select(func.count()), today).where(~known)).one()
    still: int = session.scalars(_eligible(select(func.count()), today).where(known)).one()
    return came + (last.people if last else 0) - still


def waiting(session: Session, today: date) -> bool:
    """Whether nothing was ever shown although people came: an epoch without a class gives nothing to compare with."""
    shown = session.scalars(select(PoolClass.id).limit(1)).one_or_none()
    return shown is None and (latest(session) is None or changes(session, today) > 0)


def persons(session: Session) -> dict[str, str]:
    """Return, for each profile that both sides confirmed as a duplicate, one profile that stands for the person.

    Only what both confirmed: a guess, or the word of one, must not make a class appear smaller than it is.
    """
    both = (PossibleDuplicate.a_side == "confirmed", PossibleDuplicate.b_side == "confirmed")
    pairs = session.execute(select(PossibleDuplicate.a_id, PossibleDuplicate.b_id).where(*both))
    groups: dict[str, set[str]] = {}
    for one, other in pairs:
        together = groups.get(one, {one}) | groups.get(other, {other})
        groups.update(dict.fromkeys(together, together))
    return {profile: min(together) for profile, together in groups.items()}


def _open(session: Session, epoch: Epoch) -> Epoch | None:
    """Take the next number; None when somebody else took it at this moment."""
    before = latest(session)
    epoch.number = before.number + 1 if before else 1
    try:
        with session.begin_nested():
            session.add(epoch)
            session.flush()
    except IntegrityError:
        return None
    return epoch


def _view(session: Session, epoch: Epoch) -> EpochView:
    classes = session.scalars(select(func.count()).select_from(PoolClass)).one()
    withheld = session.scalars(select(func.count()).select_from(PoolMember).where(PoolMember.class_id.is_(None))).one()
    return EpochView(epoch.number, epoch.published_at, epoch.k, epoch.people, classes, withheld)


def may_be_shown(today: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on consent and organisation under which a person may stand in a class today."""
    return ConsentReceipt.until >= today, Organisation.suspended_at.is_(None)


def _eligible(query: Any, today: date) -> Any:
    joined = query.select_from(Profile).join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
    return joined.join(Organisation, Organisation.id == Profile.organisation_id).where(*may_be_shown(today))


def _people(session: Session, today: date) -> Sequence[Person]:
    """Return everyone who may be shown, with the codes the newest epoch showed of each; nothing shown: nulls.

    Nobody can be withdrawn between here and the end of the transaction: a withdrawal waits, and then counts at once.
    """
    columns = (
        *(Profile.id, Profile.organisation_id, Profile.kind, Profile.noc, Profile.region, Profile.years_band),
        *(Profile.languages, (Profile.taken < Profile.seats).label("free")),
        *(
            PoolClass.noc.label("was_noc"),
            PoolClass.region.label("was_region"),
            PoolClass.years_band.label("was_years"),
        ),
        *(PoolMember.card_noc, PoolMember.card_region, PoolMember.card_years),
    )
    query = _eligible(select(*columns), today)
    query = query.outerjoin(PoolMember, PoolMember.profile_id == Profile.id)
    query = query.outerjoin(PoolClass, PoolClass.id == PoolMember.class_id)
    kept = query.order_by(Profile.id).with_for_update(read=True, key_share=True, of=Profile)
    return session.execute(kept).all()


def _audiences(session: Session, today: date) -> dict[str, frozenset[str]]:
    """Return with whom each organisation shares today, itself included."""
    current = select(Agreement.sharing_id, Agreement.receiving_id).where(Agreement.holds_on(today))
    found: dict[str, set[str]] = {one: {one} for one in session.scalars(select(Organisation.id))}
    for sharing, receiving in session.execute(current):
        found[sharing].add(receiving)
    return {sharing: frozenset(receiving) for sharing, receiving in found.items()}


def _classes(
    people: Sequence[Person], audiences: dict[str, frozenset[str]], known: dict[str, str], epoch: Epoch
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return rows of classes and of members; ``known`` names one profile for all of a person."""
    groups: dict[tuple[str, frozenset[str]], list[Person]] = defaultdict(list)
    for one in people:
        groups[one.kind, audiences[one.organisation_id]].append(one)
    classes: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    for group in groups.values():
        records = [{"noc": one.noc, "region": one.region, "years_band": one.years_band} for one in group]
        before = [_before(one, record) for one, record in zip(group, records, strict=True)]
        owners = [one.organisation_id for one in group]
        persons_ = [known.get(one.id, one.id) for one in group]
        shown = publish_after(before, records, owners, epoch.k, people=persons_, stricter=epoch.stricter)
        codes: list[Codes] = [COARSEST] * len(group)
        class_of: dict[int, str] = {}
        for cell in shown.classes:
            row = _class(cell, [group[one] for one in cell.members])
            classes.append(row)
            for place in cell.members:
                codes[place], class_of[place] = Codes(**cell.shown), row["id"]
        earlier = [Codes(one.card_noc, one.card_region, one.card_years) if one.card_noc else None for one in group]
        cards = card_codes(codes, owners, epoch.k, before=earlier, people=persons_)
        members += [
            {"profile_id": one.id, "class_id": class_of.get(place), **_card(card)}
            for place, (one, card) in enumerate(zip(group, cards, strict=True))
        ]
    return classes, members


def _card(codes: Codes) -> dict[str, str | None]:
    shown = (None, None, None) if codes == COARSEST else codes
    return dict(zip(("card_noc", "card_region", "card_years"), shown, strict=True))


def _before(one: Person, record: dict[str, str]) -> dict[str, str] | None:
    if one.was_noc is None:
        return None
    shown = Codes(one.was_noc, one.was_region, one.was_years)
    return shown._asdict() if shown.cover(finest(record)) else None


def _class(cell: CellClass, people: list[Person]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": people[0].kind,
        **cell.shown,
        "available": any(one.free for one in people),
        "spoken": dict(_spoken(people)),
    }


def _spoken(people: list[Person]) -> Iterator[tuple[str, list[str]]]:
    """Yield, for each viewer's organisation, the languages that half of the others speak; ``""``: who has nobody here.

    Whoever has only people of its own in the class knows them anyway.
    """
    for viewer in ("", *sorted({one.organisation_id for one in people})):
        others = [one for one in people if one.organisation_id != viewer] or people
        speakers = Counter(language for one in others for language in set(one.languages))
        yield viewer, sorted(language for language, number in speakers.items() if 2 * number >= len(others))
