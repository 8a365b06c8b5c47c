"""Pairs that may not meet, and for how long: a no cools off, a conflict stays, one person never meets themself."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from graph.rules import PairSet, Rule
from hub.models import Partnership, Proposal, Round, RoundWish
from hub.reach import Reach, widened
from hub.services import duplicates, gathering_people, matching

LASTING: Final[Mapping[str, Rule]] = {
    "reporting_line": Rule.REPORTING_LINE,
    "conflict_of_interest": Rule.CONFLICT_OF_INTEREST,
    "never_again": Rule.DECLINED,
}
"""Reasons that no time changes, with the rule they fall under. Every other no cools off."""
SET_APART: Final[Mapping[str, Rule]] = {
    "our_choice": Rule.FORBIDDEN,
    "reporting_line": Rule.REPORTING_LINE,
    "conflict_of_interest": Rule.CONFLICT_OF_INTEREST,
}
"""Why a coordinator rules a pair out, with the rule it falls under; it holds until taken back."""


def pairs(session: Session, program: str, today: date, repaired: str | None = None) -> dict[Rule, PairSet]:
    """Return the pairs (mentee id, mentor id) that may not meet in a program, by the rule they fail.

    Pairs already asked about stand apart too, so that a round does not ask twice; with ``repaired`` (a round's id) those it
    still asks about may go on, and those that ended unanswered or were taken back stand apart: asking the same two again is
    no repair. Cost: a query each for what is asked, declined, ended, wished, of gatherings and of duplicates.
    """
    found: defaultdict[Rule, set[tuple[str, str]]] = defaultdict(set)
    for rule, one in (*_declined(session, today), *_ended(session), *_set_apart(session)):
        found[rule].add(one)
    found[Rule.SELF] |= duplicates.apart(session)
    found[Rule.FORBIDDEN] |= _asked(session, repaired)
    for reason, one in gathering_people.declined(session, program, cooling_since(today), LASTING):
        found[LASTING.get(reason or "", Rule.DECLINED)].add(one)
    return {rule: frozenset(apart) for rule, apart in found.items()}


def cooling_since(today: date) -> datetime:
    """Return the moment since when a no still cools off where no rounds are counted."""
    return datetime.combine(today, time(), UTC) - timedelta(days=matching.cool_off().days)


def declined_before(session: Session, proposals: Sequence[Proposal]) -> dict[str, date]:
    """Return the day on which the same two last said no before they were asked again, by proposal (id). One query."""
    found: dict[str, date] = {}
    said_no = moments_of_no(session, {one.mentee_id for one in proposals if one.mentee_id})
    for one in proposals:
        earlier = [moment for moment in said_no.get((one.mentee_id, one.mentor_id), ()) if moment <= one.created_at]
        if earlier:
            found[one.id] = max(earlier).date()
    return found


def moments_of_no(session: Session, mentees: Collection[str]) -> dict[tuple[str | None, str | None], list[datetime]]:
    """Return when some mentees (ids) and a mentor said no, by the two. One query."""
    found: dict[tuple[str | None, str | None], list[datetime]] = {}
    for row in session.execute(_declines().where(Proposal.mentee_id.in_(mentees))):
        found.setdefault((row.mentee_id, row.mentor_id), []).append(row.updated_at)
    return found


def _declines() -> Select[str | None, str | None, str, str | None, datetime]:
    columns = (Proposal.mentee_id, Proposal.mentor_id, Proposal.program, Proposal.decline_reason)
    people = (Proposal.mentee_id.is_not(None), Proposal.mentor_id.is_not(None))
    return select(*columns, Proposal.updated_at).where(Proposal.state == "declined", *people)


def _declined(session: Session, today: date) -> Iterator[tuple[Rule, tuple[str, str]]]:
    """Yield pairs that said no for good, or whose no still cools off: until enough rounds of its program, or enough days."""
    rounds, days = _counted_rounds(session), cooling_since(today)
    for row in session.execute(_declines()):
        rule, pair = LASTING.get(row.decline_reason or ""), (row.mentee_id, row.mentor_id)
        if rule is not None:
            yield rule, pair
        elif row.updated_at >= max(days, rounds.get(row.program, days)):
            yield Rule.DECLINED, pair


def _ended(session: Session) -> Iterator[tuple[Rule, tuple[str, str]]]:
    """Yield pairs whose partnership ended early for a reason that no time changes; as agreed pairs they stand apart anyway."""
    ended = select(Proposal.mentee_id, Proposal.mentor_id, Partnership.end_reason).join(
        Partnership, Partnership.proposal_id == Proposal.id
    )
    people = (Proposal.mentee_id.is_not(None), Proposal.mentor_id.is_not(None))
    # How others' pairs ended is theirs to read; only under which rule they stand apart leaves here.
    with widened(session, Reach.HUB):
        found = session.execute(ended.where(Partnership.end_reason.in_(LASTING), *people)).all()
    for row in found:
        yield LASTING[row.end_reason], (row.mentee_id, row.mentor_id)


def _counted_rounds(session: Session) -> dict[str, datetime]:
    """Return for each program when the round was published whose coming ends every cool-off begun before it."""
    found: dict[str, list[datetime]] = {}
    newest_first = select(Round.program, Round.published_at).where(Round.published_at.is_not(None))
    for program, published_at in session.execute(newest_first.order_by(Round.published_at.desc())):
        if published_at is not None:
            found.setdefault(program, []).append(published_at)
    counted = matching.cool_off().rounds
    return {program: moments[counted - 1] for program, moments in found.items() if len(moments) >= counted}


def _asked(session: Session, repaired: str | None) -> frozenset[tuple[str, str]]:
    asked: ColumnElement[bool] = Proposal.state.in_(("proposed", "agreed"))
    if repaired is not None:
        its_own, unanswered = Proposal.round_id == repaired, Proposal.state.in_(("expired", "withdrawn"))
        asked = or_(Proposal.state == "agreed", and_(Proposal.state == "proposed", ~its_own), and_(its_own, unanswered))
    both = (Proposal.mentee_id.is_not(None), Proposal.mentor_id.is_not(None))
    found = session.execute(select(Proposal.mentee_id, Proposal.mentor_id).where(asked, *both))
    return frozenset((mentee or "", mentor or "") for mentee, mentor in found)


def _set_apart(session: Session) -> Iterator[tuple[Rule, tuple[str, str]]]:
    query = select(RoundWish.mentee_id, RoundWish.mentor_id, RoundWish.because).where(RoundWish.kind == "forbid")
    for mentee, mentor, because in session.execute(query):
        yield SET_APART[because or "our_choice"], (mentee, mentor)
