"""Members and their agreements: one direction, dated, and nobody twice."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import Agreement, AuditEntry
from hub.services import organisations
from tests.hub.people import TESTS, today
from tests.hub.services.refusals import refused


def add(database: Database, identifier: str, kind: str = "agency", name: str = "Name", region: str = "AB-835"):
    return database.run(lambda session: organisations.add(session, TESTS, identifier, name, kind, region))


def agree(database: Database, sharing: str, receiving: str, starts_on: date, ends_on: date | None = None) -> None:
    database.run(lambda session: organisations.agree(session, TESTS, sharing, receiving, starts_on, ends_on))


def sharing(database: Database, receiving: str, day: date) -> set[str]:
    with database.reading() as session:
        return organisations.sharing_with(session, receiving, day)


def audited(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.execute(select(AuditEntry.operation, AuditEntry.subject).order_by(AuditEntry.number))
        return [(operation, subject) for operation, subject in rows]


def test_a_member_is_added_listed_by_name_and_audited(sqlite_database: Database):
    second, first = add(sqlite_database, "pcb", name="Zebra"), add(sqlite_database, "afca", "pin", name="Aurora")

    with sqlite_database.reading() as session:
        assert organisations.everyone(session) == [first, second]
    assert audited(sqlite_database)[-1] == ("organisation.add", "organisation:afca")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"kind": "tribe"}, "invalid-fields"),
        ({"identifier": "eriec"}, "conflict"),
        ({"identifier": ""}, "invalid-fields"),
        ({"identifier": "x" * 41}, "invalid-fields"),
        ({"identifier": "../etc"}, "invalid-fields"),
        ({"identifier": "two words"}, "invalid-fields"),
        ({"identifier": "new\n"}, "invalid-fields"),
        ({"name": " "}, "invalid-fields"),
        ({"name": "x" * 201}, "invalid-fields"),
        ({"region": "TX"}, "invalid-fields"),
    ],
)
def test_a_member_that_cannot_be_is_refused(members: Database, changes: dict[str, str], kind: str):
    with refused(members, kind):
        add(members, **({"identifier": "new"} | changes))


@pytest.mark.parametrize("kind", ["agency", "pin", "council", "provider", "partner"])
def test_every_kind_can_be_a_member(sqlite_database: Database, kind: str):
    assert add(sqlite_database, f"a-{kind}", kind).kind == kind


def test_an_agreement_holds_from_its_first_to_its_last_day_and_one_way(sqlite_database: Database):
    for name in ("eriec", "arec"):
        add(sqlite_database, name)
    first, last = today(), today() + timedelta(days=9)
    agree(sqlite_database, "arec", "eriec", first, last)

    one_day = timedelta(days=1)
    seen = [sharing(sqlite_database, "eriec", day) for day in (first - one_day, first, last, last + one_day)]
    assert seen == [{"eriec"}, {"eriec", "arec"}, {"eriec", "arec"}, {"eriec"}]
    assert sharing(sqlite_database, "arec", first) == {"arec"}


def test_an_open_agreement_goes_on(sqlite_database: Database):
    for name in ("eriec", "arec"):
        add(sqlite_database, name)
    agree(sqlite_database, "arec", "eriec", today())

    assert sharing(sqlite_database, "eriec", today() + timedelta(days=9999)) == {"eriec", "arec"}
    assert audited(sqlite_database)[-1] == ("agreement.add", "agreement:arec>eriec")


@pytest.mark.parametrize(
    ("parties", "days", "kind"),
    [
        (("arec", "nobody"), None, "not-found"),
        (("nobody", "arec"), None, "not-found"),
        (("arec", "arec"), None, "invalid-fields"),
        (("arec", "eriec"), -1, "invalid-fields"),
        (("arec", "eriec"), None, "conflict"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(
    members: Database, parties: tuple[str, str], days: int | None, kind: str
):
    with refused(members, kind):
        agree(members, *parties, today(), None if days is None else today() + timedelta(days=days))


def test_an_agreement_lasts_a_day_at_least(members: Database):
    tomorrow = today() + timedelta(days=1)
    agree(members, "arec", "eriec", tomorrow, tomorrow)

    with members.reading() as session:
        assert session.scalars(select(Agreement.ends_on).where(Agreement.starts_on == tomorrow)).one() == tomorrow


def move(database: Database, name: str, how: str) -> None:
    moves = {"suspend": organisations.suspend, "reinstate": organisations.reinstate}
    database.run(lambda session: moves[how](session, TESTS, name))


@pytest.mark.parametrize(("how", "back"), [("suspend", "reinstate"), ("reinstate", "suspend")])
def test_a_member_is_suspended_and_reinstated_only_from_the_other_state(members: Database, how: str, back: str):
    if how == "reinstate":
        move(members, "arec", "suspend")
    for name, wrong in (("nobody", how), ("arec", back)):
        with refused(members, "not-found"):
            move(members, name, wrong)

    move(members, "arec", how)

    assert audited(members)[-1] == (f"organisation.{how}", "organisation:arec")
    with refused(members, "not-found"):
        move(members, "arec", how)
