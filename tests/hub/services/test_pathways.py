"""The way to a mentor: from the record to dated steps that do not overlap, or to the reason there are none."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import update

from federation.hsds import HsdsImport, IntakeRecord, ProgramRecord
from hub.database import Database
from hub.models import Intake
from hub.services import pathways, programs
from hub.services.actors import hub_itself
from hub.services.pathways import PathwayView
from tests.hub.people import TESTS, coordinator, mentee, mentor, share
from tests.hub.services.refusals import refused

TODAY = date(2026, 3, 4)  # a Wednesday
BOTH = tuple({"kind": "clb", "code": skill, "level": 7} for skill in ("listening", "speaking"))
NAMES = {"en": "Course", "fr": "Cours"}
LANGUAGE = ProgramRecord("language", "Bow", NAMES, NAMES, None, None, (), BOTH, 0, (), None, "test", ())
LICENCE = replace(
    LANGUAGE, id="licence", requires=(BOTH[:1],), gives=({"kind": "credential", "code": "certification", "level": 0},)
)


def intake(day: date, weeks: int = 4, seats: int = 9, cost: int = 0, region: str | None = None) -> IntakeRecord:
    return IntakeRecord(day, weeks, seats, cost, region)


def teach(database: Database, *records: ProgramRecord) -> None:
    database.run(lambda session: programs.import_hsds(session, TESTS, HsdsImport(records, ()), "bvlc"))


def waiting(database: Database, level: int = 5, **readiness: Any) -> None:
    clb = {"language": "en"} | dict.fromkeys(("listening", "speaking", "reading", "writing"), level)
    share(database, "eriec", "mentee-0001", mentee(readiness={"clb": clb, "documents": "complete"} | readiness))


def plan(database: Database, who: str = "eriec", pseudonym: str = "mentee-0001") -> PathwayView:
    with database.reading() as session:
        return pathways.plan_for(session, coordinator(who), pseudonym, TODAY)


def test_a_plan_has_dates_seats_costs_and_ends_with_a_mentor(members: Database):
    waiting(members)
    start = date(2026, 3, 16)
    teach(members, replace(LANGUAGE, intakes=(intake(start, 4, seats=9, cost=5_000),)))
    members.run(lambda session: session.execute(update(Intake).values(taken=2)))

    found = plan(members)

    assert found.status == "found"
    (one,) = found.plans
    language, mentoring = one.steps
    assert (language.program_id, language.organisation_id, language.kind) == ("language", "bvlc", "language")
    assert (language.starts_on, language.ends_on) == (start, start + timedelta(weeks=4))
    assert (language.cost_cents, language.seats_left, one.cost_cents) == (5_000, 7, 5_000)
    assert (mentoring.kind, mentoring.program_id, mentoring.starts_on) == ("mentor", None, start + timedelta(weeks=4))
    assert all(language.reasons[locale] and mentoring.reasons[locale] for locale in ("en", "fr"))
    assert language.reasons["en"] != language.reasons["fr"]


@pytest.mark.parametrize("offset", range(7))
def test_steps_never_overlap_by_a_single_day(members: Database, offset: int):
    waiting(members, certification="missing")
    start = date(2026, 3, 16) + timedelta(days=offset)
    end = start + timedelta(weeks=4)
    second = [end - timedelta(days=days) for days in range(1, 7)] + [end + timedelta(weeks=3)]
    teach(
        members,
        replace(LANGUAGE, intakes=(intake(start),)),
        replace(LICENCE, intakes=tuple(intake(day) for day in second)),
    )

    (found,) = plan(members).plans

    assert [step.kind for step in found.steps] == ["language", "credential", "mentor"]
    assert all(one.ends_on <= two.starts_on for one, two in pairwise(found.steps))


def test_an_intake_that_began_is_over_for_a_plan(members: Database):
    waiting(members)
    teach(members, replace(LANGUAGE, intakes=(intake(TODAY), intake(TODAY - timedelta(days=9)))))

    found = plan(members)

    assert found.status == "none"
    assert all(found.because[locale] for locale in ("en", "fr"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seats": 0}, "is full"),
        ({"region": "ON-535"}, "only elsewhere"),
        ({"weeks": 200}, "too late"),
    ],
)
def test_no_plan_says_why_in_both_languages(members: Database, changes: dict[str, Any], said: str):
    waiting(members)
    teach(members, replace(LANGUAGE, intakes=(intake(date(2026, 3, 16), **changes),)))

    found = plan(members)

    assert (found.status, found.plans) == ("none", ())
    assert all(said in sentence for sentence in found.because["en"])
    assert len(found.because["fr"]) == len(found.because["en"]) == 2


def test_without_any_program_nobody_gives_it(members: Database):
    waiting(members)

    assert plan(members).because["en"][0].startswith("No program in the catalogue gives")


def test_who_is_ready_needs_no_plan(members: Database):
    waiting(members, level=7)

    assert plan(members) == PathwayView("not_needed", (), {"en": (), "fr": ()})


@pytest.mark.parametrize(
    ("taught", "step"),
    [(("certification",), "certification"), (("certification", "certification-21"), "certification-21"),
     (("certification-21", "certification-2130"), "certification-2130"), (("certification-31",), None)],
)  # fmt: skip
def test_the_most_specific_certification_taught_for_the_occupation_is_aimed_at(
    members: Database, taught: tuple[str, ...], step: str | None
):
    waiting(members, level=8, certification="missing")
    given = [({"kind": "credential", "code": code, "level": 0},) for code in taught]
    records = [
        replace(LICENCE, id=gives[0]["code"], requires=(), gives=gives, intakes=(intake(date(2026, 4, 6)),))
        for gives in given
    ]
    teach(members, *records)

    found = plan(members)

    assert [one.steps[0].program_id for one in found.plans] == ([step] if step else [])


def test_who_is_not_ones_own_mentee_is_not_found(members: Database):
    waiting(members)
    share(members, "eriec", "mentor-0001", mentor())

    for who, pseudonym in (("arec", "mentee-0001"), ("eriec", "mentor-0001"), ("eriec", "nobody-0001")):
        with refused(members, "not-found"):
            plan(members, who, pseudonym)


def test_who_belongs_to_no_organisation_sees_no_people(members: Database):
    with refused(members, "not-allowed"), members.reading() as session:
        pathways.plan_for(session, hub_itself("tests"), "mentee-0001", TODAY)
