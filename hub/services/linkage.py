"""Keyed tokens: taken in, compared, deleted with the consent; never shown. The hub has no key and can read none."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any, Final

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.linkage import Token, find_duplicates
from federation.problems import Problem
from hub.models import (
    Agreement,
    ConsentReceipt,
    LinkageTokens,
    Organisation,
    PossibleDuplicate,
    Profile,
    utcnow,
)
from hub.services import audit, duplicates
from hub.services.actors import Actor

AT_ONCE: Final = 100
"""So many new pairs are noted in one transaction, 8 ms each: no writer waits longer than a second."""
EVERY: Final = timedelta(days=1)
"""All tokens are compared this often although none is new: agreements start and end."""
Pool = dict[str, list[Token]]
"""Tokens by profile id."""
Pair = tuple[str, str]
"""Two profile ids, the smaller first."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing found at a moment: the weight of every likely pair, in tenths of a bit."""

    at: datetime
    likely: Mapping[Pair, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many pairs were noted, and whether that is all."""

    new: int
    finished: bool


def send(session: Session, actor: Actor, pseudonym: str, tokens: Collection[Mapping[str, Any]]) -> None:
    """Keep the tokens of one of the actor's own people in place of earlier ones; none erases them.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own, ``consent-missing`` when the consent is over.
    """
    own = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym)
    profile_id = session.scalars(select(Profile.id).where(*own).with_for_update()).one_or_none()
    if profile_id is None:
        raise Problem("not-found", "Share this person first, or check the pseudonym.")
    if session.get_one(ConsentReceipt, profile_id).until < utcnow().date():
        raise Problem("consent-missing", "Renew the person's consent and share them again, then send the tokens.")
    if tokens:
        _replace(session, profile_id, tokens)
    else:
        _erase(session, [profile_id])
    audit.record(session, actor, "linkage.send", f"profile:{profile_id}")


def delete_expired(session: Session, now: datetime) -> int:
    """Delete the tokens of people whose consent is over, and pairs nobody spoke about; return how many people."""
    over = exists().where(ConsentReceipt.profile_id == LinkageTokens.profile_id, ConsentReceipt.until < now.date())
    expired = session.scalars(select(LinkageTokens.profile_id).where(over)).all()
    _erase(session, expired)
    return len(expired)


def is_due(session: Session, now: datetime) -> bool:
    """Whether tokens came that were never compared, or the last comparison is a day old."""
    old = or_(LinkageTokens.compared_at.is_(None), LinkageTokens.compared_at <= now - EVERY)
    return session.scalars(select(LinkageTokens.profile_id).where(old).limit(1)).one_or_none() is not None


def compare(session: Session, now: datetime) -> Comparison:
    """Compare all pools within each organisation and between organisations under a current agreement; write nothing.

    Mentors and mentees are pools of their own, so that somebody who is both is found as both. About 3 s for 5,000 by
    5,000 full records.
    """
    pools, agreed = _pools(session, now.date()), _agreed(session, now.date())
    likely: dict[Pair, int] = {}
    for (one, left), (other, right) in combinations_with_replacement(sorted(pools.items()), 2):
        if one[0] == other[0] or frozenset((one[0], other[0])) in agreed:
            for found in find_duplicates(left, right):
                likely[min(found.left, found.right), max(found.left, found.right)] = found.weight
    return Comparison(now, likely)


def keep(session: Session, actor: Actor, comparison: Comparison) -> Kept:
    """Note pairs nobody knew of and forget unlikely ones nobody spoke about; call it again until it is finished."""
    known = {(pair.a_id, pair.b_id): pair for pair in session.scalars(select(PossibleDuplicate))}
    _drop_unlikely(session, known, comparison)
    for pair in comparison.likely.keys() & known.keys():
        known[pair].weight = comparison.likely[pair]
    new = sorted(comparison.likely.keys() - known.keys())
    people = _still_here(session, new)
    standing = [(people[one], people[other]) for one, other in new if one in people and other in people]
    raised = [_raise(session, actor, pair, comparison.likely[pair[0].id, pair[1].id]) for pair in standing[:AT_ONCE]]
    finished = len(standing) <= AT_ONCE
    if finished:
        compared = update(LinkageTokens).where(LinkageTokens.sent_at < comparison.at)
        session.execute(compared.values(compared_at=comparison.at))
    return Kept(sum(raised), finished)


def _replace(session: Session, profile_id: str, tokens: Iterable[Mapping[str, Any]]) -> None:
    held = session.get(LinkageTokens, profile_id) or LinkageTokens(profile_id=profile_id)
    held.tokens = [[token["kind"], token["digest"], token["weight"]] for token in tokens]
    held.sent_at, held.compared_at = utcnow(), None
    session.add(held)
    session.flush()


def _erase(session: Session, profile_ids: Collection[str]) -> None:
    session.execute(delete(LinkageTokens).where(LinkageTokens.profile_id.in_(profile_ids)))
    duplicates.drop(session, duplicates.concerning(profile_ids), *duplicates.UNSPOKEN)


def _pools(session: Session, today: date) -> dict[tuple[str, str], Pool]:
    """Return the pools by organisation and kind, of members in good standing and people whose consent is current."""
    query = (
        select(Profile.organisation_id, Profile.kind, Profile.id, LinkageTokens.tokens)
        .join(LinkageTokens, LinkageTokens.profile_id == Profile.id)
        .join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
        .join(Organisation, Organisation.id == Profile.organisation_id)
        .where(ConsentReceipt.until >= today, Organisation.suspended_at.is_(None))
    )
    pools: dict[tuple[str, str], Pool] = defaultdict(dict)
    for organisation, kind, profile_id, tokens in session.execute(query.order_by(Profile.id)):
        pools[organisation, kind][profile_id] = [
            Token(kind, bytes.fromhex(text), weight) for kind, text, weight in tokens
        ]
    return pools


def _agreed(session: Session, today: date) -> frozenset[frozenset[str]]:
    """Return the organisations of which one shares with the other today: others learn nothing of each other's people."""
    found = session.execute(select(Agreement.sharing_id, Agreement.receiving_id).where(Agreement.holds_on(today))).all()
    return frozenset(frozenset((sharing, receiving)) for sharing, receiving in found)


def _drop_unlikely(session: Session, known: Mapping[Pair, PossibleDuplicate], comparison: Comparison) -> None:
    """Forget pairs that no longer look alike, unless somebody spoke, or an organisation is only suspended."""
    suspended = set(session.scalars(select(Organisation.id).where(Organisation.suspended_at.is_not(None))))
    unlikely = [
        row.id
        for pair, row in known.items()
        if pair not in comparison.likely
        and row.created_at < comparison.at
        and suspended.isdisjoint((row.a_organisation_id, row.b_organisation_id))
    ]
    duplicates.drop(session, PossibleDuplicate.id.in_(unlikely), *duplicates.UNSPOKEN)


def _still_here(session: Session, pairs: Iterable[Pair]) -> dict[str, Profile]:
    """Return the people who have not left since they were compared; they cannot leave before the caller is done."""
    wanted = {person for pair in pairs for person in pair}
    query = select(Profile).where(Profile.id.in_(wanted)).order_by(Profile.id)
    return {person.id: person for person in session.scalars(query.with_for_update(read=True, key_share=True))}


def _raise(session: Session, actor: Actor, pair: tuple[Profile, Profile], weight: int) -> bool:
    with suppress(IntegrityError), session.begin_nested():
        duplicates.raise_one(session, actor, pair, weight)
        return True
    return False
