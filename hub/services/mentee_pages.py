"""What a mentee sees and says on her own page, and what her coordinator hears of it.

The page may be read over a shoulder: no name, no organisation, no program is on it; what a mentor is known by, is what
a proposal shows (trust.md, disclosure ladder). Her answer is her word and moves nothing: her organisation decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.models import Introduction, MenteeWord, OutboxMessage, Partnership, Profile, Proposal, utcnow
from hub.models.partnership import RUNNING
from hub.reach import Reach, widened
from hub.services import audit, outbox, pathways, withdrawals
from hub.services.actors import Actor
from hub.services.matches import SHOWN_DIGITS
from hub.services.mentee_links import Mentee
from hub.services.pathways import PlanView

# How far she is, in order.
STAGES: Final = ("waiting", "asked", "agreed", "on_its_way", "introduced", "completed")
ON_ITS_WAY: Final = ("due", "sealed", "delivered")
# Those reasons of the vocabulary that are hers to give.
REASONS: Final = ("schedule", "not_a_fit", "other_support_chosen", "conflict_of_interest", "person_declined")
WITHDREW: Final = "mentee.withdrew"
SAID: Final = "mentee.said"
NEWS_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Question:
    """An open proposal as she may see it; ``word`` is what she said so far."""

    id: str
    noc: str
    region: str
    years_band: str
    shared_languages: tuple[str, ...]
    until: date
    word: str | None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Where things stand for her, the proposals to answer, and the first way there if she needs one.

    ``stage`` is one of ``stages``: those of ``STAGES``, the last of them ``ended_early`` where hers ended so.
    """

    stage: str
    stages: tuple[str, ...]
    questions: tuple[Question, ...]
    plan: PlanView | None


@dataclass(frozen=True, slots=True)
class Word:
    """What a mentee said to a proposal, for her own organisation."""

    word: str
    reason: str | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """A line of the inbox: an own mentee answered a proposal that is open, or withdrew (then nothing names her or it)."""

    word: str
    pseudonym: str | None
    proposal_id: str | None
    said_at: datetime


def show(session: Session, mentee: Mentee, today: date) -> OwnPage:
    """Return what her page shows."""
    hers = select(Proposal).where(Proposal.mentee_id == mentee.profile_id, Proposal.state.in_(("proposed", "agreed")))
    found = session.scalars(hers.order_by(Proposal.created_at, Proposal.id)).all()
    plans = pathways.plan_for(session, mentee.actor, mentee.pseudonym, today).plans
    asked = tuple(_question(session, mentee, one) for one in found if one.state == "proposed")
    stage = _stage(session, mentee, found)
    stages = (*STAGES[:-1], "ended_early") if stage == "ended_early" else STAGES
    return OwnPage(stage, stages, asked, plans[0] if plans else None)


def say(session: Session, mentee: Mentee, proposal_id: str, word: str, reason: str | None = None) -> None:
    """Keep her word on one of her open proposals, in place of what she said before, and tell her organisation.

    Raises
    ------
    Problem
        ``invalid-fields`` for a word that is none, or a no without a reason of hers; ``not-found`` for what is not hers;
        ``illegal-move`` when the question is closed. On each of these nothing changes.
    """
    if word not in {"yes", "no"} or (word == "no" and reason not in REASONS):
        raise Problem("invalid-fields", "Choose an answer, and for a no a reason, then send it again.")
    _require_open(session, mentee, proposal_id)
    kept = reason if word == "no" else None
    session.merge(
        MenteeWord(proposal_id=proposal_id, profile_id=mentee.profile_id, word=word, reason=kept, said_at=utcnow())
    )
    audit.record(session, mentee.actor, f"mentee_word.{word}", f"proposal:{proposal_id}")
    outbox.owe(session, [mentee.actor.organisation], SAID, f"proposal:{proposal_id}", {"word": word, "reason": kept})


def withdraw(session: Session, mentee: Mentee) -> None:
    """Withdraw her consent: everything stops at once, and her organisation is told, by the reference of its receipt.

    Not by the name it gave her: the event stays, and nothing that stays may name her.
    """
    withdrawals.withdraw(session, mentee.actor, mentee.pseudonym)
    outbox.owe(session, [mentee.actor.organisation], WITHDREW, f"profile:{mentee.profile_id}", {})


def word_on(session: Session, actor: Actor, proposal_id: str) -> Word | None:
    """Return what the mentee said to a proposal; nothing to anyone but her own organisation."""
    own = (Proposal.id == proposal_id, Proposal.mentee_organisation_id == actor.organisation)
    query = select(MenteeWord).join(Proposal, Proposal.id == MenteeWord.proposal_id).where(*own)
    found = session.scalars(query).one_or_none()
    return Word(found.word, found.reason, found.said_at) if found else None


def news(session: Session, actor: Actor, now: datetime) -> list[News]:
    """Return what the acting organisation's mentees said of late, newest first."""
    heard = [*_answers(session, actor), *_withdrawn(session, actor, now - timedelta(days=NEWS_DAYS))]
    return sorted(heard, key=lambda one: one.said_at, reverse=True)


def _answers(session: Session, actor: Actor) -> list[News]:
    rows = session.execute(
        select(MenteeWord, Profile.pseudonym)
        .join(Proposal, Proposal.id == MenteeWord.proposal_id)
        .join(Profile, Profile.id == MenteeWord.profile_id)
        .where(Proposal.mentee_organisation_id == actor.organisation, Proposal.state == "proposed")
        .where(Proposal.mentee_side == "waiting")
    )
    return [News(word.word, pseudonym, word.proposal_id, word.said_at) for word, pseudonym in rows]


def _withdrawn(session: Session, actor: Actor, since: datetime) -> list[News]:
    told = (OutboxMessage.organisation_id == actor.organisation, OutboxMessage.type == WITHDREW)
    rows = session.scalars(select(OutboxMessage).where(*told, OutboxMessage.created_at > since))
    return [News("withdrew", None, None, one.created_at) for one in rows]


def _require_open(session: Session, mentee: Mentee, proposal_id: str) -> None:
    # Locked: a proposal cannot be closed between this look and her word.
    hers = select(Proposal.state).where(Proposal.id == proposal_id, Proposal.mentee_id == mentee.profile_id)
    found = session.scalar(hers.with_for_update())
    if found is None or found == "drafted":
        raise Problem("not-found", "Start again from your page: this question is not there.")
    if found != "proposed":
        raise Problem("illegal-move", "This question is closed: read your page again.")


def _stage(session: Session, mentee: Mentee, found: Sequence[Proposal]) -> str:
    reached = {_stage_of(session, one) for one in found}
    now = max(reached, key=STAGES.index, default="waiting")
    return _how_it_ended(session, mentee) if now == "waiting" else now


def _how_it_ended(session: Session, mentee: Mentee) -> str:
    """How her last partnership ended; after a meeting, or where the mentor withdrew, she waits as before it."""
    hers = select(Partnership).join(Proposal, Proposal.id == Partnership.proposal_id)
    over = (Proposal.mentee_id == mentee.profile_id, Partnership.ended_at.is_not(None), Proposal.program != "flash")
    last = session.scalars(hers.where(*over).order_by(Partnership.ended_at.desc()).limit(1)).one_or_none()
    if last is None or (last.state == "ended_early" and last.end_reason is None):
        return "waiting"
    return last.state


def _stage_of(session: Session, proposal: Proposal) -> str:
    if proposal.state == "proposed":
        return "asked"
    running = select(Partnership.id).where(Partnership.proposal_id == proposal.id, Partnership.state.in_(RUNNING))
    if session.scalar(running) is None:
        return "waiting"
    carried = session.get(Introduction, proposal.id)
    if carried is not None and carried.state in ON_ITS_WAY:
        return "on_its_way"
    return "introduced" if carried is not None and carried.state == "acknowledged" else "agreed"


def _question(session: Session, mentee: Mentee, proposal: Proposal) -> Question:
    own = session.get_one(Profile, mentee.profile_id)
    # The other side's; of him she is shown what a proposal shows.
    with widened(session, Reach.NETWORK):
        mentor = session.get_one(Profile, proposal.mentor_id)
    said = session.get(MenteeWord, proposal.id)
    return Question(
        id=proposal.id,
        noc=mentor.noc[:SHOWN_DIGITS],
        region=mentor.region,
        years_band=mentor.years_band,
        shared_languages=tuple(sorted(set(own.languages) & set(mentor.languages))),
        until=proposal.expires_at.date(),
        word=said.word if said else None,
    )
