"""Suggestions kept between questions are those that a look of the moment would find, whatever changed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, Integer, delete, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.database import Database
from hub.models import Agreement, ConsentReceipt, Organisation, PossibleDuplicate, Profile, Proposal, RoundWish
from hub.models.base import Moment
from hub.services import organisations, profiles
from hub.services.grounds import Ground
from tests.hub.gathered import GROUP, SOLVED, handles, propose, share_six
from tests.hub.people import TESTS, add_members, mentee, mentor, share, system, today

KINDS = ("group", "pair", "circle")
FIXED = {"id", "organisation_id", "kind", "profile_id"}
"""Columns that never change of a person who stays."""
OTHERWISE: dict[type, Any] = {
    JSON: ["otherwise"],
    Boolean: True,
    Date: date(2001, 2, 3),
    Moment: datetime(2001, 2, 3, tzinfo=UTC),
    Integer: 2,
}


def solved(database: Database, kind: str, day: date | None = None) -> Any:
    with database.reading() as session:
        return SOLVED[kind](session, day or today())


@pytest.fixture
def gathered(sqlite_database: Database) -> Database:
    """Six who make circles and pairs, six and a mentor who make a group."""
    sqlite_database.run(add_members)
    share_six(sqlite_database)
    for number in range(3):
        for organisation in ("eriec", "criec"):
            share(sqlite_database, organisation, f"{organisation}-1{number}", mentee(**GROUP))
    share(sqlite_database, "arec", "arec-mentor", mentor(**GROUP, seats=6))
    return sqlite_database


def two(session: Session) -> tuple[str, str]:
    found = session.scalars(select(Profile.id).where(Profile.kind == "mentee").order_by(Profile.pseudonym.desc())).all()
    return found[0], found[-1]


def asked_about(session: Session) -> None:
    one, other = two(session)
    session.add(
        Proposal(
            mentee_id=one,
            mentor_id=other,
            mentee_organisation_id="eriec",
            mentor_organisation_id="criec",
            points=60,
            parts={},
            reasons={},
            expires_at=datetime.now(UTC) + timedelta(days=9),
        )
    )


def forbidden(session: Session) -> None:
    one, other = two(session)
    wish = {"kind": "forbid", "because": "our_choice", "organisation_id": "eriec", "by": "somebody", "card": {}}
    session.add(RoundWish(mentee_id=one, mentor_id=other, **wish))


def alike(session: Session) -> None:
    one, other = sorted(two(session))
    owners = {"a_organisation_id": "eriec", "b_organisation_id": "criec"}
    session.add(PossibleDuplicate(a_id=one, b_id=other, reference="r" * 20, weight=300, **owners))


CHANGES: dict[str, Callable[[Session], object]] = {
    "an agreement ended": lambda session: session.execute(delete(Agreement).where(Agreement.sharing_id == "criec")),
    "a member suspended": lambda session: organisations.suspend(session, TESTS, "criec"),
    "somebody withdrew": lambda session: profiles.withdraw(session, system("criec"), "criec-0000"),
    "two were asked about each other": asked_about,
    "a pair was forbidden": forbidden,
    "two may be one person": alike,
    "a member looks near first": lambda session: session.execute(update(Organisation).values(local_first_days=30)),
}


@pytest.mark.parametrize("kind", KINDS)
class TestKept:
    def test_a_look_is_kept_while_nothing_changes_whoever_asks(self, gathered: Database, kind: str):
        first = solved(gathered, kind)

        assert handles(gathered, "eriec", kind) != handles(gathered, "criec", kind)
        assert solved(gathered, kind) is first

    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
    def test_after_any_change_that_matching_goes_by_it_is_looked_for_again(
        self, gathered: Database, kind: str, change: Callable[[Session], object]
    ):
        before = solved(gathered, kind)
        gathered.run(change)

        assert solved(gathered, kind) is not before

    def test_another_day_is_another_look(self, gathered: Database, kind: str):
        assert solved(gathered, kind) is not solved(gathered, kind, today() + timedelta(days=1))

    def test_who_is_asked_or_agreed_is_in_no_kept_suggestion(self, gathered: Database, kind: str):
        first = handles(gathered, "eriec", kind)[0]
        propose(gathered, "eriec", kind, first)

        assert first not in handles(gathered, "eriec", kind)

    def test_what_was_seen_is_not_proposed_once_anybody_in_it_changed(self, gathered: Database, kind: str):
        seen = handles(gathered, "eriec", kind)[0]
        gathered.run(
            lambda session: session.execute(update(Profile).values(formats=["reverse"], updated_at=today_at()))
        )

        with pytest.raises(Problem, match="changed since you looked"):
            propose(gathered, "eriec", kind, seen)


def today_at() -> datetime:
    return datetime.now(UTC)


COLUMNS = [
    column for table in (Profile, ConsentReceipt) for column in table.__table__.columns if column.name not in FIXED
]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_a_person_changed_in_any_column_makes_another_ground(gathered: Database, column: Any):
    """Also past every service that would leave a mark."""
    kind = next((value for of, value in OTHERWISE.items() if isinstance(column.type, of)), "x")
    with gathered.reading() as session:
        before = Ground.read(session, "group", today())
        mentor = session.scalars(select(Profile.id).where(Profile.kind == "mentor")).one()
        key = column.table.c.id if "id" in column.table.c else column.table.c.profile_id
        session.execute(update(column.table).where(key == mentor).values({column.name: kind}))

        assert Ground.read(session, "group", today()) != before
