"""The best mentors the network has for one mentee, with reasons; or why there is nobody, and what would change it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph.reasons import LOCALES, next_step_sentence, next_steps, nobody_because, refusal_sentence
from graph.scoring import band
from hub.models import Organisation, Profile, Recommendation, new_secret, utcnow
from hub.services import matching, profiles, snapshots
from hub.services.actors import Actor
from hub.services.matching import Texts
from hub.services.profiles import ProfileView
from hub.services.snapshots import Match, Snapshot
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class RecommendationView:
    """A ranked suggestion: a class of person by a one-viewer handle; never a pseudonym, never a name."""

    handle: str
    organisation_id: str
    organisation_name: str
    noc: str
    region: str
    years_band: str
    band: str
    points: int
    parts: dict[str, Any]
    reasons: Texts


@dataclass(frozen=True, slots=True)
class RecommendationsView:
    """Everything a coordinator sees for one mentee."""

    mentee: ProfileView
    recommendations: tuple[RecommendationView, ...]
    nobody_because: Texts
    next_steps: Texts


def for_mentee(session: Session, actor: Actor, pseudonym: str, settings: Settings) -> RecommendationsView:
    """Recommend mentors for one of the actor's own mentees, and note under which handles they were shown.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own.

    Notes
    -----
    One snapshot of all mentors and one scan of them: O(mentors).
    """
    mentee = _own_mentee(session, actor, pseudonym)
    snapshot = snapshots.take(session, utcnow().date(), only_mentee=mentee.id)
    best = snapshot.index.best(0, matching.scoring().recommendations)
    matches = snapshots.explain(snapshot, [(0, candidate.mentor) for candidate in best])
    return RecommendationsView(
        mentee=profiles.show(session, actor, pseudonym),
        recommendations=tuple(_shown(session, actor, match, settings.handle_days) for match in matches),
        nobody_because=_nobody(snapshot),
        next_steps=_steps(snapshot),
    )


def _own_mentee(session: Session, actor: Actor, pseudonym: str) -> Profile:
    own = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym, Profile.kind == "mentee")
    mentee = session.scalars(select(Profile).where(*own)).one_or_none()
    if mentee is None:
        raise Problem("not-found", "Share this mentee first, or check the pseudonym.")
    return mentee


def _shown(session: Session, actor: Actor, match: Match, days: int) -> RecommendationView:
    kept = _kept(session, actor, match, days)
    owner = session.get_one(Organisation, match.mentor.organisation)
    scoring = matching.scoring()
    return RecommendationView(
        handle=kept.handle,
        organisation_id=owner.id,
        organisation_name=owner.name,
        noc=match.mentor.noc[:4],
        region=match.mentor.region,
        years_band=match.mentor.years_band,
        band=band(match.points, scoring.strong, scoring.good),
        points=match.points,
        parts=match.parts,
        reasons=match.reasons,
    )


def _kept(session: Session, actor: Actor, match: Match, days: int) -> Recommendation:
    """Return the handle under which this viewer was shown this pair: the same one until it expires."""
    now = utcnow()
    pair = (
        Recommendation.organisation_id == actor.organisation,
        Recommendation.mentee_id == match.mentee.id,
        Recommendation.mentor_id == match.mentor.id,
        Recommendation.expires_at > now,
    )
    kept = session.scalars(select(Recommendation).where(*pair).order_by(Recommendation.handle).limit(1)).one_or_none()
    if kept is None:
        kept = Recommendation(
            handle=new_secret(),
            organisation_id=actor.organisation,
            mentee_id=match.mentee.id,
            mentor_id=match.mentor.id,
            expires_at=now + timedelta(days=days),
        )
        session.add(kept)
    kept.points, kept.parts, kept.reasons = match.points, match.parts, dict(match.reasons)
    session.flush()
    return kept


def _nobody(snapshot: Snapshot) -> Texts:
    refusals = nobody_because(snapshot.rules, 0)
    return matching.in_both({locale: tuple(refusal_sentence(item, locale) for item in refusals) for locale in LOCALES})


def _steps(snapshot: Snapshot) -> Texts:
    steps = next_steps(snapshot.rules, 0)
    return matching.in_both({locale: tuple(next_step_sentence(step, locale) for step in steps) for locale in LOCALES})
