"""Replaying: exactly those who withdrew since, whatever else happened to the log or the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, Profile, Tombstone, WithdrawalCount, WithdrawalNotice, utcnow
from hub.services import organisations, replays, withdrawal_notices, withdrawals
from hub.services.replays import Replayed
from hub.withdrawal_log import WithdrawalLog
from tests.hub.people import TESTS, add_members, coordinator, mentee, share
from tests.hub.services.matches import ask
from tests.hub.services.refusals import everything, refused

NEW = "mentee-0009"


@pytest.fixture
def log(members: Database) -> WithdrawalLog:
    share(members, "eriec", "mentee-0001", mentee())
    share(members, "criec", "mentee-0001", mentee())
    assert members.withdrawal_log is not None
    return members.withdrawal_log


def said(log: WithdrawalLog, number: int, pseudonym: str, organisation: str = "eriec", days_ago: int = 0) -> None:
    """A line as if the database had lost the withdrawal by a restore."""
    log.append(number, utcnow() - timedelta(days=days_ago), organisation, log.trace(organisation, pseudonym))


def people(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.execute(select(Profile.organisation_id, Profile.pseudonym).order_by(Profile.organisation_id))
        return [tuple(row) for row in rows]


def test_a_hub_without_withdrawals_opens(members: Database):
    assert replays.why_closed(members) is None
    assert replays.replay(members) == Replayed(0, 0, 0, 0)


def test_only_the_person_named_goes_and_the_hub_opens(members: Database, log: WithdrawalLog):
    said(log, 1, "mentee-0001")
    assert "holds 0 of 1" in str(replays.why_closed(members, patience=0))

    assert replays.replay(members) == Replayed(1, 1, 0, 0)

    assert people(members) == [("criec", "mentee-0001")]
    assert replays.why_closed(members) is None
    with members.reading() as session:
        assert session.scalars(select(WithdrawalCount.number)).one() == 1


def test_the_days_of_a_trace_count_from_the_withdrawal_and_not_from_the_replay(members: Database, log: WithdrawalLog):
    said(log, 1, "mentee-0001", days_ago=60)

    replays.replay(members)

    with members.reading() as session:
        left = session.scalars(select(Tombstone.expires_at)).one() - utcnow()
    assert timedelta(days=29) < left < timedelta(days=31)


def test_a_withdrawal_after_the_backup_counts_whatever_its_age(members: Database, log: WithdrawalLog):
    said(log, 1, "mentee-0001", days_ago=400)

    assert replays.replay(members).erased == 1


def test_who_came_back_after_the_days_of_the_trace_stays(members: Database, log: WithdrawalLog):
    members.run(lambda session: withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001"))
    members.run(lambda session: session.execute(update(Tombstone).values(expires_at=utcnow() - timedelta(days=1))))
    share(members, "eriec", "mentee-0001", mentee())

    assert replays.replay(members) == Replayed(0, 0, 0, 0)
    assert len(people(members)) == 2


def test_who_withdrew_twice_is_erased_although_an_old_trace_is_there(members: Database, log: WithdrawalLog):
    members.run(lambda session: withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001"))
    members.run(lambda session: session.execute(update(Tombstone).values(expires_at=utcnow() - timedelta(days=1))))
    share(members, "eriec", "mentee-0001", mentee())
    said(log, 2, "mentee-0001")

    assert replays.replay(members).erased == 1


def test_a_line_written_over_by_a_hub_that_should_have_been_closed_is_still_replayed(
    members: Database, log: WithdrawalLog
):
    said(log, 1, "mentee-0001", "criec")
    members.run(lambda session: withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001"))
    assert [line.number for line in log.read().lines] == [1, 1]

    assert replays.replay(members).erased == 1
    assert people(members) == []


def test_an_organisation_the_backup_does_not_know_is_said_and_caught_up_later(members: Database, log: WithdrawalLog):
    said(log, 1, NEW, "newcomer")

    assert replays.replay(members).strangers == 1
    assert replays.why_closed(members) is None
    members.run(lambda session: organisations.add(session, TESTS, "newcomer", "N", "agency", "AB-835"))
    assert replays.replay(members) == Replayed(0, 1, 0, 0)
    with refused(members, "withdrawn"):
        share(members, "newcomer", NEW, mentee())


def test_a_withdrawal_between_log_and_database_is_waited_for(members: Database, log: WithdrawalLog):
    with members.transaction() as session:
        withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001")
        assert replays.why_closed(members, patience=0.1) is not None
    assert replays.why_closed(members) is None


def test_one_that_did_not_come_through_is_honoured_only_by_a_database_that_is_older(
    members: Database, log: WithdrawalLog
):
    def broken(session: Session) -> None:
        withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        members.run(broken)
    assert replays.why_closed(members) is None
    members.run(lambda session: withdrawals.withdraw(session, coordinator("criec"), "mentee-0001"))

    assert replays.replay(members) == Replayed(0, 0, 0, 0)
    assert people(members) == [("eriec", "mentee-0001")]


@pytest.mark.parametrize("harm", ["gap", "lost", "forgotten"])
def test_a_log_that_cannot_tell_everything_is_refused_and_nothing_changes(
    members: Database, log: WithdrawalLog, harm: str
):
    if harm == "gap":
        said(log, 2, "mentee-0001")
    if harm == "forgotten":
        log.begin_anew(3, utcnow())
    if harm == "lost":
        members.run(lambda session: withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001"))
        log.path.unlink()
    before = everything(members)

    with pytest.raises(Problem) as problem:
        replays.replay(members)

    assert problem.value.kind == "conflict"
    assert everything(members) == before
    assert replays.why_closed(members, patience=0) is not None
    replays.replay(members, log_lost=True)
    assert replays.why_closed(members) is None


def test_the_log_of_another_hub_is_refused_whatever_is_said(members: Database, log: WithdrawalLog, tmp_path):
    (tmp_path / "other").mkdir()
    other = WithdrawalLog(tmp_path / "other")
    said(other, 1, "mentee-0001")
    log.path.write_bytes(other.path.read_bytes())

    for lost in (False, True):
        with refused(members, "conflict"):
            replays.replay(members, log_lost=lost)
    assert "do not belong together" in str(replays.why_closed(members))


def test_each_replayed_withdrawal_has_its_audit_row_for_its_organisation(members: Database, log: WithdrawalLog):
    said(log, 1, "mentee-0001")
    said(log, 2, NEW, "criec")

    replays.replay(members)

    with members.reading() as session:
        rows = session.execute(
            select(AuditEntry.organisation_id, AuditEntry.subject).where(AuditEntry.outcome == "replayed")
        ).all()
    assert [row.organisation_id for row in rows] == ["eriec", "criec"]
    assert [row.subject.split(":")[0] for row in rows] == ["profile", "trace"]


def test_many_are_replayed_in_parts_and_progress_is_told(members: Database, log: WithdrawalLog):
    for number in range(1, 251):
        said(log, number, f"mentee-{number:04d}")
    told: list[tuple[int, int]] = []

    found = replays.replay(members, on_progress=lambda done, total: told.append((done, total)))

    assert told == [(100, 250), (200, 250), (250, 250)]
    assert (found.erased, found.remembered) == (1, 250)


def test_the_count_never_goes_backwards(members: Database, log: WithdrawalLog):
    for number in (5, 3, 6):
        members.run(lambda session, number=number: withdrawals.count_to(session, number))
    with members.reading() as session:
        assert session.scalar(select(func.max(WithdrawalCount.number))) == 6


def test_traces_are_deleted_after_their_days(members: Database, log: WithdrawalLog):
    members.run(lambda session: withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001"))

    def deleted(days: int) -> int:
        return members.run(lambda session: withdrawals.delete_expired(session, utcnow() + timedelta(days=days)))

    assert [deleted(89), deleted(91), deleted(91)] == [0, 1, 0]


def test_a_withdrawal_that_cannot_be_logged_changes_nothing_and_may_be_sent_again(
    members: Database, log: WithdrawalLog
):
    log.path.mkdir()

    with refused(members, "busy"):
        members.run(lambda session: withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001"))

    log.path.rmdir()
    members.run(lambda session: withdrawals.withdraw(session, coordinator("eriec"), "mentee-0001"))
    assert people(members) == [("criec", "mentee-0001")]


def test_many_at_once_are_logged_in_the_order_the_database_has_them(database: Database):
    names = [f"mentee-{number:04d}" for number in range(12)]
    database.run(add_members)
    for name in names:
        share(database, "eriec", name, mentee())

    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda name: database.run(lambda session: _withdraw(session, name)), names))

    assert database.withdrawal_log is not None
    withdrawn = [line.number for line in database.withdrawal_log.read().withdrawals]
    assert sorted(set(withdrawn)) == list(range(1, 13))
    assert withdrawn == sorted(withdrawn)
    assert replays.why_closed(database) is None
    assert replays.replay(database) == Replayed(0, 0, 0, 0)


def _withdraw(session: Session, name: str) -> None:
    withdrawals.withdraw(session, coordinator("eriec"), name)


def test_who_saw_a_person_before_the_backup_is_told_once_more(members: Database):
    proposal = ask(members)
    assert members.withdrawal_log is not None
    said(members.withdrawal_log, 1, "mentee-0001", days_ago=2)

    replays.replay(members)

    with members.reading() as session:
        (notice,) = session.scalars(select(WithdrawalNotice)).all()
        assert (notice.told_id, notice.proposals) == ("arec", [proposal])
        assert [one.notices for one in withdrawal_notices.overdue(session, utcnow())] == [1]
