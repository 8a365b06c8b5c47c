"""A mentee's way from what she holds to a mentor: language, certification, mentoring; with dates, seats and costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.problems import Problem
from graph import pathways
from graph.pathways import Intake, Item, Learner, Plan, Program, Step
from graph.pathways import texts as pathway_texts
from graph.readiness import ReadinessPolicy
from graph.reasons import LOCALES
from hub.models import Profile
from hub.services import matching, programs
from hub.services.actors import Actor
from hub.services.matching import Texts
from hub.services.programs import ProgramView

HORIZON_WEEKS = 156


@dataclass(frozen=True, slots=True)
class StepView:
    """One step; ``program_id`` is empty for the mentoring that the plan leads to."""

    kind: str
    program_id: str | None
    intake_id: str | None
    names: dict[str, str]
    provider: str
    organisation_id: str | None
    starts_on: date
    ends_on: date | None
    cost_cents: int
    seats_left: int | None
    reasons: Texts


@dataclass(frozen=True, slots=True)
class PlanView:
    """A dated plan."""

    weeks: int
    cost_cents: int
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True)
class PathwayView:
    """``found``, ``capped`` (best found, not proven best), ``none`` (because …) or ``not_needed``."""

    status: str
    plans: tuple[PlanView, ...]
    because: Texts


def plan_for(session: Session, actor: Actor, pseudonym: str, today: date) -> PathwayView:
    """Plan the way to one-to-one mentoring for one of the actor's own mentees.

    Raises
    ------
    Problem
        ``not-found`` for what is not the actor's own.
    """
    own = (Profile.organisation_id == actor.organisation, Profile.pseudonym == pseudonym, Profile.kind == "mentee")
    mentee = session.scalars(select(Profile).where(*own)).one_or_none()
    if mentee is None:
        raise Problem("not-found", "Share this mentee first, or check the pseudonym.")
    monday = today - timedelta(days=today.weekday())
    offered = {view.id: view for view in programs.catalogue(session)}
    answer = pathways.plan(
        _learner(mentee),
        goal_of(mentee, matching.readiness_policy(), offered.values()),
        [_program(view, monday) for view in offered.values()],
        start_week=1,
        limits=pathways.Limits(horizon_weeks=HORIZON_WEEKS),
    )
    because = {
        locale: tuple(pathway_texts.obstacle_sentence(item, locale) for item in answer.obstacles) for locale in LOCALES
    }
    plans = tuple(_plan_view(found, offered, monday) for found in answer.plans)
    return PathwayView(answer.status, plans, matching.in_both(because))


def goal_of(mentee: Profile, policy: ReadinessPolicy, offered: Iterable[ProgramView]) -> list[Item]:
    """Return what the mentoring program asks for, and the certification the record says is missing.

    The most specific certification that the catalogue teaches for the occupation aimed at; otherwise the general one.
    """
    goal = [Item("clb", skill, level) for skill, level in policy.minimum_clb.items()]
    if mentee.readiness.get("certification") == "missing":
        goal.append(Item("credential", _certification(mentee.target_noc or mentee.noc, offered)))
    return goal


def _certification(noc: str, offered: Iterable[ProgramView]) -> str:
    taught = {item["code"] for view in offered for item in view.gives if item["kind"] == "credential"}
    fitting = [code for code in taught if code.startswith("certification-") and noc.startswith(code.partition("-")[2])]
    return max(fitting, key=len, default="certification")


def _learner(mentee: Profile) -> Learner:
    clb = mentee.readiness.get("clb") or {}
    held = {skill: int(clb[skill]) for skill in ("listening", "speaking", "reading", "writing") if skill in clb}
    return Learner(held, frozenset(), mentee.region)


def _program(view: ProgramView, monday: date) -> Program:
    language = any(item["kind"] == "clb" for item in view.gives)
    return Program(
        id=view.id,
        provider=view.provider,
        kind="language" if language else "credential",
        requires=tuple(tuple(Item(**item) for item in group) for group in view.requires),
        gives=tuple(Item(**item) for item in view.gives),
        intakes=tuple(
            Intake(
                one.id, *_weeks(one.starts_on - monday, one.weeks), one.seats - one.taken, one.cost_cents, one.region
            )
            for one in view.intakes
            if one.starts_on > monday
        ),
    )


def _weeks(until_start: timedelta, weeks: int) -> tuple[int, int]:
    """Return the week it starts in and how many calendar weeks it touches: one that starts on a Thursday ends in one more."""
    return until_start.days // 7, weeks + (until_start.days % 7 > 0)


def _plan_view(found: Plan, offered: dict[str, ProgramView], monday: date) -> PlanView:
    steps = [_step_view(step, offered[step.program.id]) for step in found.steps]
    ready = monday + timedelta(weeks=found.weeks + 1)
    mentoring = StepView(
        kind="mentor",
        program_id=None,
        intake_id=None,
        names=dict(pathway_texts.MENTOR_NAME),
        provider="",
        organisation_id=None,
        starts_on=ready,
        ends_on=None,
        cost_cents=0,
        seats_left=None,
        reasons=matching.in_both({locale: (pathway_texts.MENTOR[locale],) for locale in LOCALES}),
    )
    return PlanView(found.weeks, found.cost_cents, (*steps, mentoring))


def _step_view(step: Step, view: ProgramView) -> StepView:
    intake = next(one for one in view.intakes if one.id == step.intake.id)
    return StepView(
        kind=step.program.kind,
        program_id=view.id,
        intake_id=intake.id,
        names=view.names,
        provider=view.provider,
        organisation_id=view.organisation_id,
        starts_on=intake.starts_on,
        ends_on=intake.starts_on + timedelta(weeks=intake.weeks),
        cost_cents=intake.cost_cents,
        seats_left=intake.seats - intake.taken,
        reasons=matching.in_both({locale: pathway_texts.step_sentences(step, locale) for locale in LOCALES}),
    )
