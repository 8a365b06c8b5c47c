"""A coordinator's word about one own mentee in the rounds to come: this pair for certain, or not this pair.

A wish decides nothing by itself: a round only asks, and both sides still say yes or no. A pin that a round cannot keep is left
out with its reason, so that one old wish never stops the network's round.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

import numpy as np
from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph.pins import Pin, PinnedRound, PinRefused, solve_pinned
from graph.rounds import RoundPolicy, RoundProblem
from hub.models import Organisation, Profile, Proposal, Recommendation, RoundWish, utcnow
from hub.models.round import Because
from hub.reach import Reach, widened
from hub.services import audit
from hub.services.actors import Actor
from hub.services.snapshots import Snapshot

Kind = Literal["pin", "forbid"]
CODES: Final = ("noc", "region", "years_band")


@dataclass(frozen=True, slots=True)
class WishView:
    """One wish as its own organisation sees it: the mentor by coarse codes, and why the last round could not keep it.

    ``because`` says why a pair is ruled out, nothing for a pin.
    """

    id: str
    kind: str
    because: str | None
    organisation_name: str | None
    noc: str
    region: str
    years_band: str
    not_kept: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeptWishes:
    """Pins of a round: those to keep as rows of the snapshot, with their wishes' ids, and those left out with the reason."""

    pairs: tuple[Pin, ...]
    ids: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def wish(
    session: Session, actor: Actor, pseudonym: str, handle: str, kind: Kind, because: Because | None = None
) -> WishView:
    """Ask the rounds to come for one pair, or rule it out; the mentor by the handle of a recommendation.

    A pair ruled out is in no round and no list until the wish is taken back; where one reports to the other or a conflict of
    interest is why (``because``), it cannot be proposed by a handle shown before either.

    Raises
    ------
    Problem
        ``not-found`` for a mentee that is not the actor's own or a handle that is not theirs or expired; ``conflict`` when
        this pair has a wish, or the mentee is pinned already.
    """
    kept = session.get(Recommendation, handle)
    if kept is None or kept.organisation_id != actor.organisation or kept.expires_at <= utcnow():
        raise Problem("not-found", "Ask for recommendations again and use a fresh handle.")
    mentee = session.get_one(Profile, kept.mentee_id)
    if mentee.pseudonym != pseudonym:
        raise Problem("not-found", "This handle was shown for another mentee: use one shown for this mentee.")
    earlier = Problem("conflict", "Take the earlier wish back first: one mentee is pinned once, one pair wished once.")
    pinned = (RoundWish.mentee_id == mentee.id, RoundWish.kind == "pin")
    if kind == "pin" and session.scalars(select(RoundWish.id).where(*pinned)).first() is not None:
        raise earlier
    made = RoundWish(
        kind=kind,
        because=(because or "our_choice") if kind == "forbid" else None,
        mentee_id=mentee.id,
        mentor_id=kept.mentor_id,
        organisation_id=actor.organisation,
        by=actor.name,
        card={name: kept.card[name] for name in (*CODES, "named")},
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError as error:
        raise earlier from error
    audit.record(session, actor, f"round.{kind}", f"wish:{made.id}")
    return _view(session, made)


def listed(session: Session, actor: Actor, pseudonym: str) -> tuple[WishView, ...]:
    """Return the wishes for one own mentee, oldest first.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own.
    """
    own = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym, Profile.kind == "mentee")
    mentee = session.scalars(select(Profile.id).where(*own)).one_or_none()
    if mentee is None:
        raise Problem("not-found", "Share this mentee first, or check the pseudonym.")
    query = select(RoundWish).where(RoundWish.mentee_id == mentee).order_by(RoundWish.created_at, RoundWish.id)
    return tuple(_view(session, one) for one in session.scalars(query))


def take_back(session: Session, actor: Actor, wish_id: str) -> None:
    """Take a wish back.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own.
    """
    own = (RoundWish.id == wish_id, RoundWish.organisation_id == actor.organisation)
    if session.scalars(delete(RoundWish).where(*own).returning(RoundWish.id)).one_or_none() is None:
        raise Problem("not-found", "This wish was taken back before, or fulfilled.")
    audit.record(session, actor, "round.wish_taken_back", f"wish:{wish_id}")


def to_keep(session: Session, snapshot: Snapshot) -> KeptWishes:
    """Return the pins whose two people may meet today; the others with the reason."""
    mentees = {person.id: row for row, person in enumerate(snapshot.pool.mentees)}
    mentors = {person.id: row for row, person in enumerate(snapshot.pool.mentors)}
    pins = session.scalars(
        select(RoundWish).where(RoundWish.kind == "pin").order_by(RoundWish.created_at, RoundWish.id)
    )
    kept: dict[str, Pin] = {}
    left_out: list[tuple[str, str]] = []
    for one in pins:
        rows = (mentees.get(one.mentee_id, -1), mentors.get(one.mentor_id, -1))
        if min(rows) >= 0 and snapshot.rules.refusals(np.array([rows[0]]), np.array([rows[1]]))[0] == 0:
            kept[one.id] = rows
        else:
            left_out.append((one.id, "not_eligible"))
    return KeptWishes(tuple(kept.values()), tuple(kept), tuple(left_out))


def solve_around(problem: RoundProblem, policy: RoundPolicy, wishes: KeptWishes) -> tuple[PinnedRound, KeptWishes]:
    """Solve a round around its pins; where they cannot all be kept, the later ones give way.

    Cost: one solve, and two matchings for each time pins give way.
    """
    while True:
        try:
            return solve_pinned(problem, policy, wishes.pairs), wishes
        except PinRefused as refused:
            reason = "no_seat" if refused.organisation is None else "worse_off"
            wishes = _without_last(wishes, refused.pins or wishes.pairs, reason)


def _without_last(wishes: KeptWishes, refused: Sequence[Pin], reason: str) -> KeptWishes:
    last = max(place for place, pair in enumerate(wishes.pairs) if pair in refused)
    return replace(
        wishes,
        pairs=wishes.pairs[:last] + wishes.pairs[last + 1 :],
        ids=wishes.ids[:last] + wishes.ids[last + 1 :],
        left_out=(*wishes.left_out, (wishes.ids[last], reason)),
    )


def note(session: Session, wishes: KeptWishes) -> None:
    """Write beside each pin why this round could not keep it, or that it could."""
    session.execute(update(RoundWish).where(RoundWish.id.in_(wishes.ids)).values(not_kept=None))
    for wish_id, reason in wishes.left_out:
        session.execute(update(RoundWish).where(RoundWish.id == wish_id).values(not_kept=reason))


def fulfil(session: Session, round_id: str) -> None:
    """Forget the pins that a published round asked for; a decline later must not be overruled by the next round.

    Their questions remember it: no repair takes them back.
    """
    same_pair = (Proposal.mentee_id == RoundWish.mentee_id, Proposal.mentor_id == RoundWish.mentor_id)
    of_round, pin = Proposal.round_id == round_id, RoundWish.kind == "pin"
    session.execute(update(Proposal).where(of_round, exists().where(pin, *same_pair)).values(pinned=True))
    session.execute(delete(RoundWish).where(pin, exists().where(of_round, *same_pair)))


def _view(session: Session, made: RoundWish) -> WishView:
    # The mentor is another organisation's: shown by coarse codes, as the recommendation did.
    with widened(session, Reach.NETWORK):
        mentor = session.get_one(Profile, made.mentor_id)
    owner = session.get_one(Organisation, mentor.organisation_id)
    return WishView(
        id=made.id,
        kind=made.kind,
        because=made.because,
        organisation_name=owner.name if made.card["named"] else None,
        **{name: made.card[name] for name in CODES},
        not_kept=made.not_kept,
        created_at=made.created_at,
    )
