"""The catalogue: taken in whole, changed without losing anyone's seat, and never another member's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from federation.hsds import HsdsImport, IntakeRecord, ProgramRecord
from hub.database import Database
from hub.models import AuditEntry, Intake
from hub.services import programs
from hub.services.programs import ProgramView
from tests.hub.people import TESTS, today
from tests.hub.services.refusals import everything, refused

START = today() + timedelta(days=30)
SPRING = IntakeRecord(START, 12, 15, 9_900, "AB-825")
COURSE = ProgramRecord(
    id="course",
    provider="Bow Valley",
    names={"en": "Course", "fr": "Cours"},
    description={"en": "About", "fr": "À propos"},
    stream="language_training",
    url="https://example.org/course",
    requires=(({"kind": "clb", "code": "speaking", "level": 6},),),
    gives=({"kind": "clb", "code": "speaking", "level": 7},),
    weekly_hours=9,
    languages=("en", "fr"),
    last_true_on=today(),
    source="programs.json",
    intakes=(SPRING,),
)


def take_in(database: Database, *records: ProgramRecord, owner: str | None = "bvlc") -> int:
    return database.run(lambda session: programs.import_hsds(session, TESTS, HsdsImport(records, ()), owner))


def one(database: Database, identifier: str = "course") -> ProgramView:
    with database.reading() as session:
        return programs.one(session, identifier)


def occupy(database: Database, seats: int) -> None:
    database.run(lambda session: session.execute(update(Intake).values(taken=seats)))


def test_every_part_of_a_program_is_kept(network: Database):
    assert take_in(network, COURSE) == 1

    found = one(network)
    same = (
        "id",
        "provider",
        "names",
        "description",
        "stream",
        "url",
        "weekly_hours",
        "languages",
        "last_true_on",
        "source",
    )
    assert {name: getattr(found, name) for name in same} == {name: getattr(COURSE, name) for name in same}
    assert (found.organisation_id, found.requires, found.gives) == (
        "bvlc",
        [list(group) for group in COURSE.requires],
        list(COURSE.gives),
    )
    (intake,) = found.intakes
    kept = (intake.starts_on, intake.weeks, intake.seats, intake.cost_cents, intake.region)
    assert kept == (START, 12, 15, 9_900, "AB-825")


def test_the_same_import_again_changes_no_program(members: Database):
    take_in(members, COURSE)
    before = everything(members)

    take_in(members, COURSE)

    after = everything(members)
    assert {name for name in before if before[name] != after[name]} == {"audit_entry", "audit_head"}


def test_a_changed_program_replaces_what_was_said_before(members: Database):
    take_in(members, COURSE)
    later = replace(SPRING, starts_on=START + timedelta(days=70))

    take_in(members, replace(COURSE, names={"en": "New", "fr": "Neuf"}, gives=(), intakes=(later,)))

    found = one(members)
    assert (found.names["en"], found.gives) == ("New", [])
    assert [intake.starts_on for intake in found.intakes] == [later.starts_on]


def test_seats_that_people_hold_are_kept_whatever_the_file_says(members: Database):
    take_in(members, COURSE)
    occupy(members, 10)

    take_in(members, replace(COURSE, intakes=(replace(SPRING, seats=4, cost_cents=0),)))
    assert [(one.seats, one.taken, one.cost_cents) for one in one(members).intakes] == [(10, 10, 0)]

    take_in(members, replace(COURSE, intakes=()))
    assert [(one.seats, one.taken) for one in one(members).intakes] == [(10, 10)]


def test_the_catalogue_is_by_provider_and_name_with_intakes_by_date(members: Database):
    late, soon = replace(SPRING, starts_on=START + timedelta(days=9)), SPRING
    take_in(
        members,
        replace(COURSE, id="3", provider="Zeta", stream=None),
        replace(COURSE, id="2", names={"en": "B", "fr": "B"}),
        replace(COURSE, id="1", names={"en": "A", "fr": "A"}, intakes=(late, soon)),
    )

    with members.reading() as session:
        everything_taught = programs.catalogue(session)
        language = programs.catalogue(session, "language_training")
    assert [view.id for view in everything_taught] == ["1", "2", "3"]
    assert [intake.starts_on for intake in everything_taught[0].intakes] == [START, late.starts_on]
    assert [view.id for view in language] == ["1", "2"]


def test_every_program_taken_in_is_audited(members: Database):
    take_in(members, COURSE, replace(COURSE, id="other"))

    with members.reading() as session:
        taken = select(AuditEntry.subject).where(AuditEntry.operation == "program.import")
        assert set(session.scalars(taken)) == {"program:course", "program:other"}


def test_a_program_of_another_member_stops_the_whole_import(members: Database):
    take_in(members, COURSE)

    for owner in ("arec", None):
        with refused(members, "conflict"):
            take_in(members, replace(COURSE, id="fresh"), COURSE, owner=owner)


def test_an_import_for_who_is_no_member_is_refused(members: Database):
    with refused(members, "not-found"):
        take_in(members, COURSE, owner="nobody")


@pytest.mark.parametrize("identifier", ["nothing", ""])
def test_a_program_that_is_not_there_is_not_found(members: Database, identifier: str):
    with refused(members, "not-found"):
        one(members, identifier)
