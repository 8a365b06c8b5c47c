"""What matching rests on beside people: agreements, pairs set apart; and the ground that a look for suggestions stands on.

A look is a function of its ground and of nothing else, so a ground that is the same again makes the same suggestions.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self, TypeVarTuple

from sqlalchemy import ColumnElement, Select, String, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from graph.rules import Circumstances
from hub.models import Agreement, ConsentReceipt, Organisation, Profile
from hub.reach import Reach, widened
from hub.services import apart, gathering_people, matching
from hub.services.people_of_a_snapshot import Day

PROGRAMS: Final = {kind: program for program, kinds in gathering_people.KINDS_OF.items() for kind in kinds}
"""Kind of gathering: the program, as people ask for it in their formats."""

Ts = TypeVarTuple("Ts")


@dataclass(frozen=True)
class Ground:
    """All that a look for groups, pairs or circles goes by: equal grounds make equal suggestions.

    ``people`` is a digest of every column of every person who may be asked, of their consents and of their organisations'
    windows; pushes are not trusted to leave a mark. The rest are the values themselves: whoever looks goes by these, and
    reads no more than people.
    """

    kind: str
    day: Day
    people: str
    around: Circumstances
    engaged: frozenset[str]

    @classmethod
    def read(cls, session: Session, kind: str, today: date) -> Self:
        """Read what a look of this kind goes by today. O(people), without making values of them."""
        program = PROGRAMS[kind]
        # Decided on graph values, and of others only cards within a budget are shown.
        with widened(session, Reach.NETWORK):
            return cls(
                kind,
                Day.of(session, program, today),
                _digest(session, asked(kind)),
                circumstances(session, today, program),
                gathering_people.engaged(session, kind),
            )

    @property
    def today(self) -> date:
        """The day of the look."""
        return self.day.today

    @property
    def asked(self) -> tuple[ColumnElement[bool], ...]:
        """Who may be asked."""
        return asked(self.kind)


def asked(kind: str) -> tuple[ColumnElement[bool], ...]:
    """Return who may be asked for a kind of gathering: for pairs and circles mentees who wait."""
    return () if kind == "group" else (Profile.kind == "mentee", Profile.taken < Profile.seats)


def _digest(session: Session, some: tuple[ColumnElement[bool], ...]) -> str:
    """Return SHA-256 over people as they are held: texts as the database has them, since to read them would cost the most."""
    columns: list[ColumnElement[Any]] = [*Profile.__table__.columns, *ConsentReceipt.__table__.columns]
    columns.append(Organisation.__table__.c.local_first_days)
    rows = of_members(select(*(sql_cast(column, String) for column in columns))).where(*some).order_by(Profile.id)
    found = hashlib.sha256()
    for row in session.execute(rows):
        found.update(repr(tuple(row)).encode())
    return found.hexdigest()


def circumstances(session: Session, today: date, program: str, repaired: str | None = None) -> Circumstances:
    """Return everything about a program today that is not about one person; ``repaired``: see `hub.services.snapshots.take`."""
    return Circumstances(
        format=program,
        working_level=matching.scoring(program).working_level,
        policy=matching.readiness_policy(program),
        agreements=_agreements(session, today),
        pairs_apart=apart.pairs(session, program, today, repaired),
    )


def of_members(query: Select[*Ts]) -> Select[*Ts]:
    """Return a query of profiles with their consent, without suspended members' people."""
    return (
        query.join(ConsentReceipt, ConsentReceipt.profile_id == Profile.id)
        .join(Organisation, Organisation.id == Profile.organisation_id)
        .where(Organisation.suspended_at.is_(None))
    )


def _agreements(session: Session, today: date) -> frozenset[tuple[str, str]]:
    found = session.execute(select(Agreement.sharing_id, Agreement.receiving_id).where(Agreement.holds_on(today))).all()
    return frozenset((sharing, receiving) for sharing, receiving in found)
