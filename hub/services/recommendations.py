"""The best mentors the network has for one mentee, with reasons; or why there is nobody, and what would change it."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph.reasons import LOCALES, next_step_sentence, next_steps, nobody_because, refusal_sentence
from graph.scoring import band
from hub.models import Organisation, Profile, Recommendation, new_secret, utcnow
from hub.reach import Reach, widened
from hub.services import apart, audit, epochs, guards, matching, profiles, snapshots
from hub.services.actors import Actor
from hub.services.cards import Card, Cards
from hub.services.guards import Budget
from hub.services.matches import SHOWN_DIGITS, Match, explain
from hub.services.matching import Texts
from hub.services.profiles import ProfileView
from hub.services.snapshots import Snapshot
from hub.settings import Settings

BASIS: Final = ("noc", "target_noc", "years_band", "region", "origin", "readiness")


@dataclass(frozen=True, slots=True)
class RecommendationView:
    """A ranked suggestion by a one-viewer handle; never a pseudonym, never a name.

    ``noc``, ``region`` and ``years_band`` are true of k mentors at least (``*``: not told), of the organisation's where it is
    named, and so are what ``points``, ``parts`` and ``reasons`` take from them. ``band`` is the pair's own.
    """

    handle: str
    organisation_id: str | None
    organisation_name: str | None
    noc: str
    region: str
    years_band: str
    band: str
    points: int
    parts: dict[str, Any]
    reasons: Texts
    declined_before: date | None
    """When these two last said no: the proposal of then told who they are."""


@dataclass(frozen=True, slots=True)
class RecommendationsView:
    """Everything a coordinator sees for one mentee."""

    mentee: ProfileView
    program: str
    recommendations: tuple[RecommendationView, ...]
    nobody_because: Texts
    next_steps: Texts


def for_mentee(
    session: Session, actor: Actor, pseudonym: str, settings: Settings, program: str = matching.GENERAL
) -> RecommendationsView:
    """Recommend mentors for one of the actor's own mentees in one program, and note under which handles they were shown.

    Asked again within a week, the list is the same with the same points, but for those who left: it is filled up with mentors
    who were there when it was made, so that asking again shows no newcomer. A mentee whose profile changed gets a new list.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own, ``budget-spent`` when none of the mentors may be shown this week.

    Notes
    -----
    One snapshot of all mentors and one scan of them: O(mentors).
    """
    mentee, now = _own_mentee(session, actor, pseudonym), utcnow()
    # Mentors are other organisations': read to rank them and to count those shown; what is written is the actor's own.
    with widened(session, Reach.NETWORK):
        return _recommended(session, actor, mentee, settings, program, now)


def _recommended(
    session: Session, actor: Actor, mentee: Profile, settings: Settings, program: str, now: datetime
) -> RecommendationsView:
    snapshot = snapshots.take(session, now.date(), program, only_mentee=mentee.id)
    listed = _listed(session, actor, mentee, snapshot, settings, now)
    owners = {one.id: one.organisation for one in snapshot.pool.mentors}
    said_no = apart.moments_of_no(session, {mentee.id})
    return RecommendationsView(
        mentee=profiles.show(session, actor, mentee.pseudonym),
        program=program,
        recommendations=tuple(
            _shown(session, kept, owners[kept.mentor_id], said_no.get((mentee.id, kept.mentor_id), ()))
            for kept in listed
        ),
        nobody_because=_nobody(snapshot),
        next_steps=_steps(snapshot),
    )


def _own_mentee(session: Session, actor: Actor, pseudonym: str) -> Profile:
    own = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym, Profile.kind == "mentee")
    mentee = session.scalars(select(Profile).where(*own)).one_or_none()
    if mentee is None:
        raise Problem("not-found", "Share this mentee first, or check the pseudonym.")
    return mentee


def _listed(
    session: Session, actor: Actor, mentee: Profile, snapshot: Snapshot, settings: Settings, now: datetime
) -> list[Recommendation]:
    """Return this week's list, best first; made or filled up where it has to be."""
    basis, size = _basis(mentee), matching.scoring(snapshot.program).recommendations
    stands = (Recommendation.listed_at > now - guards.WEEK, Recommendation.expires_at > now)
    known = select(Recommendation).where(
        Recommendation.organisation_id == actor.organisation,
        Recommendation.mentee_id == mentee.id,
        Recommendation.program == snapshot.program,
    )
    found = session.scalars(known.where(*stands, Recommendation.basis == basis)).all()
    standing = _eligible(snapshot, {kept.mentor_id for kept in found})
    listed = [kept for kept in found if kept.mentor_id in standing]
    if len(listed) == size:
        return _in_order(listed)
    changed = not found and session.scalars(known.where(stands[0]).limit(1)).first() is not None
    epochs.publish_first(session, settings)
    cards = Cards(session, snapshot, actor.organisation)
    made = listed[0].listed_at if listed else now
    budget = guards.budget(session, actor, mentee.id, settings, now)
    left_out = standing | _newcomers(session, made)
    ranked = _ranked_by_card(snapshot, cards) if settings.lists_by_card else _ranked(snapshot)
    matches = _admitted(snapshot, ranked, left_out, size - len(listed), budget)
    if not listed and not matches:
        guards.require_list_budget(snapshot.index.best(0, 1))
    rows = {mentor.id: row for row, mentor in enumerate(snapshot.pool.mentors)}
    for match in matches:
        card = _as_kept(cards.card(rows[match.mentor.id]), match, by_card=settings.lists_by_card)
        listed.append(_kept(session, actor, match, snapshot.program, card, made, basis, settings, now))
    _note(session, actor, mentee, matches, now, anew=made == now, changed=changed)
    return _in_order(listed)


def _in_order(listed: list[Recommendation]) -> list[Recommendation]:
    return sorted(listed, key=lambda kept: (-kept.card["rank"], kept.mentor_id))


def _as_kept(card: Card, match: Match, *, by_card: bool) -> dict[str, Any]:
    """Return a card as it is stored; ``rank`` are the points that order the list and name the band, never shown."""
    shown = {"named": card.named, "points": card.points, "parts": card.parts, "reasons": dict(card.reasons)}
    return card.codes._asdict() | shown | {"rank": card.points if by_card else match.points}


def _eligible(snapshot: Snapshot, mentors: set[str]) -> set[str]:
    """Return those of some mentors whom the mentee may still meet."""
    numbers = {mentor.id: row for row, mentor in enumerate(snapshot.pool.mentors) if mentor.id in mentors}
    if snapshot.rules.closed[0][0]:
        return set()
    rows = np.array([row for row in numbers.values() if snapshot.index.open_rows[row]], dtype=np.int64)
    kept = rows[snapshot.rules.among(0, rows)]
    return {snapshot.pool.mentors[row].id for row in kept}


def _newcomers(session: Session, made: datetime) -> set[str]:
    """Return mentors shared since a list was made."""
    return set(session.scalars(select(Profile.id).where(Profile.kind == "mentor", Profile.created_at > made)))


def _admitted(
    snapshot: Snapshot, ranked: Iterable[int], left_out: set[str], number: int, budget: Budget
) -> list[Match]:
    """Return the best mentors, without some, that the week's budget admits."""
    admitted: list[int] = []
    for row in ranked:
        mentor = snapshot.pool.mentors[row]
        if len(admitted) == number:
            break
        if mentor.id not in left_out and budget.admits(mentor.id, mentor.organisation):
            admitted.append(row)
    return list(explain(snapshot, [(0, row) for row in admitted]))


def _ranked(snapshot: Snapshot) -> Iterator[int]:
    """Yield mentors' rows, best first; all of them are ranked only when the first few do not do."""
    few = 4 * matching.scoring(snapshot.program).recommendations
    first = snapshot.index.best(0, few)
    yield from (candidate.mentor for candidate in first)
    if len(first) == few:
        yield from (candidate.mentor for candidate in snapshot.index.best(0, len(snapshot.pool.mentors))[few:])


def _ranked_by_card(snapshot: Snapshot, cards: Cards) -> Iterator[int]:
    """Yield mentors' rows by what their cards say: whichever of a group's codes are whose, the list is the same."""
    rows, _ = snapshot.rules.eligible_mentors(0)
    rows = rows[snapshot.index.open_rows[rows]]
    yield from rows[np.argsort(-cards.points()[rows], kind="stable")].tolist()


def _note(
    session: Session, actor: Actor, mentee: Profile, matches: list[Match], now: datetime, *, anew: bool, changed: bool
) -> None:
    if not matches:
        return
    others = [match for match in matches if match.mentor.organisation != actor.organisation]
    guards.expose(
        session,
        actor,
        [(match.mentor.id, match.mentor.organisation) for match in others],
        now,
        likeness=likeness(others[0]) if anew and others else None,
        changes=guards.changes(session, actor, mentee.id, now) if changed else 0,
    )
    audit.record(session, actor, guards.RENEWED if changed else guards.LISTED, f"profile:{mentee.id}")


def likeness(match: Match) -> int:
    """Return how far a mentee asks for just this mentor: 2 with occupation, place and years, 1 without years, else 0.

    Occupations as far as they are ever told, the mentee's own or the one aimed at.
    """
    mentee, mentor = match.mentee, match.mentor
    named = {(code or "")[:SHOWN_DIGITS] for code in (mentee.noc, mentee.target_noc)}
    if mentor.noc[:SHOWN_DIGITS] not in named or mentee.region != mentor.region:
        return 0
    return 2 if mentee.years_band == mentor.years_band else 1


def _basis(mentee: Profile) -> str:
    """Return a digest of what a list depends on; pushing the same profile again changes nothing."""
    known = {name: getattr(mentee, name) for name in (*profiles.LISTS, *BASIS)}
    return hashlib.sha256(rfc8785.dumps(known)).hexdigest()


def _shown(
    session: Session, kept: Recommendation, organisation: str, said_no: Collection[datetime]
) -> RecommendationView:
    owner, card = session.get_one(Organisation, organisation), kept.card
    scoring = matching.scoring(kept.program)
    return RecommendationView(
        handle=kept.handle,
        organisation_id=owner.id if card["named"] else None,
        organisation_name=owner.name if card["named"] else None,
        noc=card["noc"],
        region=card["region"],
        years_band=card["years_band"],
        band=band(card["rank"], scoring.strong, scoring.good),
        points=card["points"],
        parts=card["parts"],
        reasons={locale: tuple(sentences) for locale, sentences in card["reasons"].items()},
        declined_before=max(said_no).date() if said_no else None,
    )


def _kept(
    session: Session,
    actor: Actor,
    match: Match,
    program: str,
    card: dict[str, Any],
    listed_at: datetime,
    basis: str,
    settings: Settings,
    now: datetime,
) -> Recommendation:
    """Return the handle under which this viewer is shown this pair in this program: the same one until it expires."""
    pair = (
        Recommendation.organisation_id == actor.organisation,
        Recommendation.mentee_id == match.mentee.id,
        Recommendation.mentor_id == match.mentor.id,
        Recommendation.program == program,
        Recommendation.expires_at > now,
    )
    kept = session.scalars(select(Recommendation).where(*pair).order_by(Recommendation.handle).limit(1)).one_or_none()
    if kept is None:
        kept = Recommendation(
            handle=new_secret(),
            organisation_id=actor.organisation,
            mentee_id=match.mentee.id,
            mentor_id=match.mentor.id,
            program=program,
            expires_at=now + timedelta(days=settings.handle_days),
        )
        session.add(kept)
    kept.points, kept.parts, kept.reasons = match.points, match.parts, dict(match.reasons)
    kept.card = card
    kept.listed_at, kept.basis = listed_at, basis
    session.flush()
    return kept


def _nobody(snapshot: Snapshot) -> Texts:
    refusals = nobody_because(snapshot.rules, 0)
    return matching.in_both({locale: tuple(refusal_sentence(item, locale) for item in refusals) for locale in LOCALES})


def _steps(snapshot: Snapshot) -> Texts:
    steps = next_steps(snapshot.rules, 0)
    return matching.in_both({locale: tuple(next_step_sentence(step, locale) for step in steps) for locale in LOCALES})
