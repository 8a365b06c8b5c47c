"""One person's row becomes a graph value: a mentor or mentee as they may be matched on one day in one program."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, Self

from sqlalchemy import Row
from sqlalchemy.orm import Session

from graph.people import Clb, Mentee, Mentor, Readiness
from hub.models import Profile
from hub.services import rests, seats
from hub.services.seats import Held
from hub.services.waits import Waits

# Days without confirmation after which a profile is no longer matched: seats and readiness of a year ago mislead both.
STALE_DAYS: Final = 365
PersonRow = Row[Profile, list[str], date, int]
"""A person with the purposes of their consent, its last day, and the days in which their organisation looks near first."""


@dataclass(frozen=True, slots=True)
class Day:
    """What counts for everybody on the day of a snapshot, and what of people stands beside their rows."""

    today: date
    held: Held
    resting: frozenset[str]
    """Mentors who rest after mentoring, whatever their own row says."""
    asked: Counter[str] = field(default_factory=Counter)
    """Questions that wait for people's answers, where each counts as a seat."""
    waits: Waits = field(default_factory=Waits)
    """For how many rounds mentees have waited, where that counts."""

    @classmethod
    def of(cls, session: Session, program: str, today: date) -> Self:
        """Read it for a program; the caller's reach covers the network."""
        return cls(today, seats.held(session, program, today), rests.after_mentoring(session, today))

    @property
    def stale_before(self) -> date:
        """Who was last confirmed before this day is not matched."""
        return self.today - timedelta(days=STALE_DAYS)

    def beside_their_rows(self) -> dict[str, str]:
        """Return, for whom something beside their row counts, a text that changes with it."""
        concerned = {*self.held.pairs, *self.resting}
        return {one: f"{self.held.pairs[one]} {one in self.resting}" for one in concerned}


@lru_cache(maxsize=1 << 16)
def _set(codes: tuple[str, ...]) -> frozenset[str]:
    """Return a set of codes; many people state the same, and hold the same one."""
    return frozenset(codes)


def _common(row: PersonRow, day: Day) -> dict[str, Any]:
    profile = row.Profile
    places, taken = day.held.seats(profile)
    return {
        "id": profile.id,
        "organisation": profile.organisation_id,
        "noc": profile.noc,
        "region": profile.region,
        "years_band": profile.years_band,
        "languages": _set(tuple(profile.languages)),
        "formats": _set(tuple(profile.formats)),
        "modes": _set(tuple(profile.modes)),
        "slots": _set(tuple(profile.slots)),
        "interests": _set(tuple(profile.interests)),
        "working_styles": _set(tuple(profile.working_styles)),
        "goals": _set(tuple(profile.goals)),
        "origin": profile.origin,
        # An expired consent covers nothing, whatever it said.
        "purposes": frozenset(row.purposes) if row.until >= day.today else frozenset(),
        "seats": max(places - day.asked[profile.id], 0),
        "taken": taken,
        "stale": profile.confirmed_on < day.stale_before,
    }


def mentor_of(row: PersonRow, day: Day) -> Mentor:
    """Return a mentor as they may be matched that day."""
    profile = row.Profile
    said = profile.resting_until is not None and day.today < profile.resting_until
    return Mentor(
        **_common(row, day),
        strengths=_set(tuple(profile.strengths)),
        donated=profile.donated,
        resting=said or profile.id in day.resting,
    )


def mentee_of(row: PersonRow, day: Day) -> Mentee:
    """Return a mentee as she may be matched that day."""
    profile = row.Profile
    return Mentee(
        **_common(row, day),
        target_noc=profile.target_noc,
        needs=frozenset(profile.needs),
        readiness=_readiness(profile.readiness),
        rounds_waited=day.waits.of(profile),
        local_days=_local_days(row, day.today),
    )


def _local_days(row: PersonRow, today: date) -> int:
    """Return how many days of a mentee's local-first window are left; who says nothing waits since she was shared."""
    waited: int = (today - (row.Profile.waiting_since or row.Profile.created_at.date())).days
    days: int = row.local_first_days
    return max(days - max(waited, 0), 0)


def _readiness(held: dict[str, Any]) -> Readiness:
    clb = held.get("clb")
    skills = ("language", "listening", "speaking", "reading", "writing")
    return Readiness(
        clb=Clb(**{name: clb[name] for name in skills}) if clb else None,
        certification=held.get("certification", "not_needed"),
        documents=held.get("documents", "complete"),
        commitment=held.get("commitment", "unconfirmed"),
    )
