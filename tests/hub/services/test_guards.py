"""Guards: a list stays as it is for a week, budgets bound who is shown and asked for, and owners see it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, update

from federation.problems import Problem
from hub.database import Database
from hub.models import Agreement, AuditEntry, Exposure, Profile, Proposal, Recommendation, utcnow
from hub.services import guards, pool, proposals, recommendations, withdrawals
from hub.services.recommendations import RecommendationsView
from hub.settings import Settings, load_settings
from tests.hub.people import coordinator, mentee, mentor, share, today
from tests.hub.services.refusals import refused

SETTINGS = load_settings({}, secret="s" * 40)
CAPS = (
    "mentee_proposals_per_week",
    "mentee_mentors_per_week",
    "mentor_lists_per_week",
    "organisation_mentors_per_week",
)
numbers = count()


@pytest.fixture
def shared(members: Database) -> Database:
    """Ten mentors of arec, all alike, strong in what is not needed; one mentee of eriec."""
    for number in range(10):
        share(members, "arec", f"mentor-{number:04d}", mentor(strengths=["resume"]))
    share(members, "eriec", "mentee-0001", mentee())
    return members


def ask(database: Database, pseudonym: str = "mentee-0001", settings: Settings = SETTINGS) -> RecommendationsView:
    actor = coordinator("eriec")
    return database.run(lambda session: recommendations.for_mentee(session, actor, pseudonym, settings))


def shown(view: RecommendationsView) -> list[tuple[str, int]]:
    return [(one.handle, one.points) for one in view.recommendations]


def propose(database: Database, handle: str, per_week: int = 5) -> str:
    actor = coordinator("eriec")
    return database.run(
        lambda session: proposals.propose(session, actor, "mentee-0001", handle, 14, per_week=per_week)
    ).id


def pass_days(database: Database, days: int) -> None:
    """Move what was shown and proposed into the past."""
    back = timedelta(days=days)
    with database.transaction() as session:
        for row in session.scalars(select(Recommendation)):
            row.listed_at -= back
        for exposure in session.scalars(select(Exposure)):
            exposure.shown_at -= back
        for proposal in session.scalars(select(Proposal)):
            proposal.created_at -= back
        for person in session.scalars(select(Profile)):
            person.created_at -= back


def exposures(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Exposure.mentor_id)))


def first_listed(database: Database) -> Profile:
    """Somebody on the list of this week."""
    with database.reading() as session:
        return session.scalars(select(Profile).where(Profile.id == exposures(database)[0])).one()


def identifier(database: Database, pseudonym: str) -> str:
    with database.reading() as session:
        return session.scalars(select(Profile.id).where(Profile.pseudonym == pseudonym)).one()


def lists_noted(database: Database) -> int:
    with database.reading() as session:
        return len(
            session.scalars(select(AuditEntry).where(AuditEntry.operation.in_((guards.LISTED, guards.RENEWED)))).all()
        )


def with_caps(**caps: int) -> Settings:
    return replace(SETTINGS, **caps)


# --- one list a week


def test_asking_again_shows_the_same_list_and_spends_nothing(shared: Database):
    first = shown(ask(shared))

    assert all(shown(ask(shared)) == first for _ in range(3))
    assert len(first) == len(exposures(shared)) == 8
    assert lists_noted(shared) == 1


def test_a_newcomer_is_not_on_a_list_of_this_week_and_may_be_on_the_next(shared: Database):
    first = shown(ask(shared))
    share(shared, "arec", "newcomer-1", mentor(strengths=["networking"]))

    assert shown(ask(shared)) == first
    assert identifier(shared, "newcomer-1") not in exposures(shared)
    pass_days(shared, 8)
    ask(shared)
    assert identifier(shared, "newcomer-1") in exposures(shared)


def test_who_left_leaves_the_list_and_is_replaced_by_somebody_who_was_there(shared: Database):
    first = ask(shared)
    share(shared, "arec", "newcomer-1", mentor(years_band="21+"))
    gone, newcomer = first_listed(shared), identifier(shared, "newcomer-1")
    shared.run(lambda session: withdrawals.withdraw(session, coordinator("arec"), gone.pseudonym))

    then = ask(shared)

    kept = {handle for handle, _ in shown(first)} & {handle for handle, _ in shown(then)}
    assert (len(kept), len(then.recommendations)) == (7, 8)
    assert not {gone.id, newcomer} & set(exposures(shared))


def test_a_mentor_without_a_seat_or_an_agreement_leaves_the_list_at_once(shared: Database):
    first, gone = shown(ask(shared)), first_listed(shared)
    full = update(Profile).where(Profile.id == gone.id).values(taken=1)
    shared.run(lambda session: session.execute(full))
    with shared.reading() as session:
        handle = session.scalars(select(Recommendation.handle).where(Recommendation.mentor_id == gone.id)).one()
    assert handle in dict(first)
    assert handle not in dict(shown(ask(shared)))

    ended = update(Agreement).where(Agreement.sharing_id == "arec").values(ends_on=today() - timedelta(days=1))
    shared.run(lambda session: session.execute(ended))
    assert ask(shared).recommendations == ()


def test_what_a_mentor_changed_shows_in_no_points_of_this_weeks_list(shared: Database):
    first = shown(ask(shared))
    for number in range(10):
        share(shared, "arec", f"mentor-{number:04d}", mentor(strengths=["networking"]))

    assert shown(ask(shared)) == first


def test_a_corrected_mentee_gets_a_new_list_and_the_same_profile_again_does_not(shared: Database):
    first = shown(ask(shared))
    share(shared, "eriec", "mentee-0001", mentee())
    assert shown(ask(shared)) == first

    share(shared, "eriec", "mentee-0001", mentee(needs=["resume"]))

    assert shown(ask(shared)) != first
    assert lists_noted(shared) == 2


def test_an_empty_list_is_not_kept_so_the_first_mentor_to_come_is_found_at_once(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    assert ask(members).recommendations == ()

    share(members, "arec", "mentor-0001", mentor())

    assert len(ask(members).recommendations) == 1


# --- budgets


def test_one_mentee_is_shown_no_more_mentors_a_week_than_the_cap(shared: Database):
    settings = with_caps(mentee_mentors_per_week=3)

    assert len(ask(shared, settings=settings).recommendations) == 3
    share(shared, "eriec", "mentee-0001", mentee(needs=["interview"]))
    assert len(ask(shared, settings=settings).recommendations) == 3
    assert len(set(exposures(shared))) == 3


def test_one_mentor_is_shown_to_one_organisation_in_no_more_lists_than_the_cap(members: Database):
    """The same mentor, weighed by variants of a mentee: each reading of points is one list."""
    share(members, "arec", "mentor-0001", mentor())
    settings = with_caps(mentor_lists_per_week=3)
    variants = (["networking"], ["interview"], ["resume"], ["leadership"])
    for needs in variants[:3]:
        share(members, "eriec", "mentee-0001", mentee(needs=needs))
        assert len(ask(members, settings=settings).recommendations) == 1

    share(members, "eriec", "mentee-0001", mentee(needs=variants[3]))
    with refused(members, "budget-spent") as refusal:
        ask(members, settings=settings)

    assert refusal.value.retry_after == 7 * 86_400
    pass_days(members, 7)
    assert len(ask(members, settings=settings).recommendations) == 1


def test_withdrawing_a_mentee_and_sharing_another_buys_no_new_budget(members: Database):
    share(members, "arec", "mentor-0001", mentor())
    settings = with_caps(mentor_lists_per_week=2)
    for number in range(2):
        share(members, "eriec", f"mentee-{number:04d}", mentee())
        ask(members, f"mentee-{number:04d}", settings)
        name = f"mentee-{number:04d}"
        members.run(lambda session, name=name: withdrawals.withdraw(session, coordinator("eriec"), name))

    share(members, "eriec", "mentee-0009", mentee())
    with refused(members, "budget-spent"):
        ask(members, "mentee-0009", settings)


def test_an_organisation_is_shown_no_more_mentors_a_week_than_the_cap(shared: Database):
    settings = with_caps(organisation_mentors_per_week=8)
    ask(shared, settings=settings)
    share(shared, "eriec", "mentee-0002", mentee(needs=["interview"]))

    assert len(ask(shared, "mentee-0002", settings).recommendations) == 8
    assert len(set(exposures(shared))) == 8


def test_own_mentors_cost_nothing_and_leave_no_trace(members: Database):
    settings = with_caps(**dict.fromkeys(CAPS, 1))
    for number in range(4):
        share(members, "eriec", f"mentor-{number:04d}", mentor())
    share(members, "eriec", "mentee-0001", mentee())

    assert len(ask(members, settings=settings).recommendations) == 4
    assert exposures(members) == []


def test_budgets_are_of_each_organisation(shared: Database):
    settings = with_caps(mentor_lists_per_week=1)
    ask(shared, settings=settings)
    share(shared, "criec", "mentee-0002", mentee())

    found = shared.run(
        lambda session: recommendations.for_mentee(session, coordinator("criec"), "mentee-0002", settings)
    )

    assert len(found.recommendations) == 8


def test_mentees_who_are_asked_for_at_the_same_time_do_not_overdraw_the_budget(network: Database):
    settings = with_caps(mentor_lists_per_week=2)
    share(network, "arec", "mentor-0001", mentor())
    names = [f"mentee-{number:04d}" for number in range(6)]
    for name in names:
        share(network, "eriec", name, mentee())

    def asked(name: str) -> int:
        try:
            return len(ask(network, name, settings).recommendations)
        except Problem as problem:
            return 0 if problem.kind == "budget-spent" else -1

    with ThreadPoolExecutor(6) as workers:
        found = sorted(workers.map(asked, names))

    assert found == [0, 0, 0, 0, 1, 1]


# --- proposals


def test_a_mentee_is_proposed_no_oftener_than_a_week_allows_even_when_proposals_are_taken_back(shared: Database):
    handles = [handle for handle, _ in shown(ask(shared))]
    for handle in handles[:2]:
        proposal = propose(shared, handle, per_week=2)
        shared.run(lambda session, one=proposal: proposals.withdraw(session, coordinator("eriec"), one))

    with refused(shared, "budget-spent") as refusal:
        propose(shared, handles[2], per_week=2)

    assert 6 * 86_400 < refusal.value.retry_after <= 7 * 86_400
    pass_days(shared, 7)
    assert propose(shared, handles[2], per_week=2)


def test_proposals_of_rounds_and_of_other_mentees_do_not_count(shared: Database):
    share(shared, "eriec", "mentee-0002", mentee())
    (first, _), (second, _), *_ = shown(ask(shared))
    propose(shared, first, per_week=1)

    other = shown(ask(shared, "mentee-0002"))[2][0]
    actor = coordinator("eriec")
    assert shared.run(lambda session: proposals.propose(session, actor, "mentee-0002", other, 14, per_week=1))
    with refused(shared, "budget-spent"):
        propose(shared, second, per_week=1)


def test_the_number_used_without_a_setting_is_the_settings_own():
    assert SETTINGS.mentee_proposals_per_week == guards.PROPOSALS_PER_WEEK


# --- what owners see


def seen_by(database: Database, organisation: str) -> Iterator[Any]:
    with database.reading() as session:
        yield from pool.shown_to(session, coordinator(organisation))


def test_an_owner_sees_who_was_shown_how_many_of_its_mentors_and_nobody_else_does(shared: Database):
    ask(shared)

    (row,) = seen_by(shared, "arec")

    monday = utcnow().date() - timedelta(days=utcnow().weekday())
    assert (row.organisation_id, row.organisation_name, row.week) == ("eriec", "ERIEC", monday)
    assert (row.mentors, row.times) == (8, 8)
    assert list(seen_by(shared, "eriec")) == list(seen_by(shared, "criec")) == []


@pytest.mark.parametrize(("mentees", "times"), [(4, None), (5, 5)])
def test_how_often_one_mentor_was_shown_is_not_said_below_five(members: Database, mentees: int, times: int | None):
    """It counts mentees of the other organisation."""
    share(members, "arec", "mentor-0001", mentor())
    for number in range(mentees):
        share(members, "eriec", f"mentee-{number:04d}", mentee())
        ask(members, f"mentee-{number:04d}")

    (row,) = seen_by(members, "arec")

    assert (row.mentors, row.times) == (1, times)


def test_weeks_stand_apart_newest_first(shared: Database):
    ask(shared)
    pass_days(shared, 7)
    ask(shared)

    weeks = [row.week for row in seen_by(shared, "arec")]

    assert len(weeks) == 2
    assert weeks[0] - weeks[1] == timedelta(days=7)
