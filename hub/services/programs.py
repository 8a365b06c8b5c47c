"""The catalogue of complementary programs, in from HSDS."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.hsds import HsdsImport, IntakeRecord, ProgramRecord
from federation.problems import Problem
from hub.models import Intake, Organisation, Program
from hub.services import audit
from hub.services.actors import Actor


@dataclass(frozen=True, slots=True)
class IntakeView:
    """One start of a program."""

    id: str
    starts_on: date
    weeks: int
    seats: int
    taken: int
    cost_cents: int
    region: str | None


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A program as everyone may read it."""

    id: str
    organisation_id: str | None
    provider: str
    names: dict[str, str]
    description: dict[str, str]
    stream: str | None
    url: str | None
    requires: list[list[dict[str, Any]]]
    gives: list[dict[str, Any]]
    weekly_hours: int
    languages: tuple[str, ...]
    last_true_on: date | None
    source: str
    intakes: tuple[IntakeView, ...]


def catalogue(session: Session, stream: str | None = None) -> list[ProgramView]:
    """Return every program with its intakes, by provider and name."""
    query = select(Program)
    if stream is not None:
        query = query.where(Program.stream == stream)
    intakes: dict[str, list[Intake]] = {}
    for intake in session.scalars(select(Intake).order_by(Intake.starts_on, Intake.id)):
        intakes.setdefault(intake.program_id, []).append(intake)
    views = [_view(program, intakes.get(program.id, [])) for program in session.scalars(query)]
    return sorted(views, key=lambda view: (view.provider, view.names["en"], view.id))


def one(session: Session, program_id: str) -> ProgramView:
    """Return one program.

    Raises
    ------
    Problem
        ``not-found``.
    """
    program = session.get(Program, program_id)
    if program is None:
        raise Problem("not-found", "Choose a program of the catalogue; this one is not there (any more).")
    own = select(Intake).where(Intake.program_id == program_id).order_by(Intake.starts_on, Intake.id)
    return _view(program, list(session.scalars(own)))


def import_hsds(session: Session, actor: Actor, imported: HsdsImport, organisation_id: str | None = None) -> int:
    """Take in programs, or replace what an earlier import said of them; seats taken are kept. Return how many.

    ``organisation_id`` is the member that answers referrals to them, if one does.

    Raises
    ------
    Problem
        ``not-found`` for an organisation that is no member, ``conflict`` for a program of another member.
    """
    if organisation_id is not None and session.get(Organisation, organisation_id) is None:
        raise Problem("not-found", f"{organisation_id} is not a member: add it first.")
    for record in imported.programs:
        _keep(session, record, organisation_id)
        audit.record(session, actor, "program.import", f"program:{record.id}")
    session.flush()
    return len(imported.programs)


def _keep(session: Session, record: ProgramRecord, organisation_id: str | None) -> None:
    program = session.get(Program, record.id) or Program(id=record.id, organisation_id=organisation_id)
    if program.organisation_id != organisation_id:
        raise Problem("conflict", f"Program {record.id} belongs to another member's catalogue: nothing was imported.")
    program.provider, program.names, program.description = record.provider, dict(record.names), dict(record.description)
    program.stream, program.url, program.source = record.stream, record.url, record.source
    program.requires = {"all": [list(group) for group in record.requires]}
    program.gives = {"all": list(record.gives)}
    program.weekly_hours, program.languages = record.weekly_hours, list(record.languages)
    program.last_true_on = record.last_true_on
    session.add(program)
    session.flush()
    _keep_intakes(session, record)


def _keep_intakes(session: Session, record: ProgramRecord) -> None:
    """Replace intakes by their dates; one with people in it stays, with at least the seats they hold."""
    wanted = {_intake_id(record.id, intake): intake for intake in record.intakes}
    gone = (Intake.program_id == record.id, Intake.id.not_in(wanted), Intake.taken == 0)
    session.execute(delete(Intake).where(*gone))
    for identifier, intake in wanted.items():
        kept = session.get(Intake, identifier) or Intake(id=identifier, program_id=record.id, taken=0)
        kept.starts_on, kept.weeks, kept.region = intake.starts_on, intake.weeks, intake.region
        kept.seats, kept.cost_cents = max(intake.seats, kept.taken), intake.cost_cents
        session.add(kept)


def _intake_id(program_id: str, intake: IntakeRecord) -> str:
    """Return the same id for the same start at every import."""
    key = f"{program_id}\0{intake.starts_on}\0{intake.region}\0{intake.weeks}"
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _view(program: Program, intakes: list[Intake]) -> ProgramView:
    return ProgramView(
        id=program.id,
        organisation_id=program.organisation_id,
        provider=program.provider,
        names=program.names,
        description=program.description,
        stream=program.stream,
        url=program.url,
        requires=program.requires["all"],
        gives=program.gives["all"],
        weekly_hours=program.weekly_hours,
        languages=tuple(program.languages),
        last_true_on=program.last_true_on,
        source=program.source,
        intakes=tuple(
            IntakeView(one.id, one.starts_on, one.weeks, one.seats, one.taken, one.cost_cents, one.region)
            for one in intakes
        ),
    )
