"""Epochs: published when due, each following the one before, so that their difference shows nobody."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, update

from federation.disclosure_lattice import Codes, finest
from hub.database import Database
from hub.models import AuditEntry, ConsentReceipt, Epoch, PoolClass, PoolMember, Profile, utcnow
from hub.services import epochs, organisations, pool, withdrawals
from hub.services.epochs import EpochView
from hub.settings import load_settings
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, today

K = 5
SETTINGS = load_settings({}, secret="s" * 40, epoch_changes=10)
names = count()


def come(database: Database, organisation: str, number: int, **changes: Any) -> list[str]:
    """Let people join; return their pseudonyms."""
    found = [f"someone-{next(names):05}" for _ in range(number)]
    for pseudonym in found:
        share(database, organisation, pseudonym, mentor(**changes))
    return found


def leave(database: Database, organisation: str, pseudonym: str) -> None:
    database.run(lambda session: withdrawals.withdraw(session, coordinator(organisation), pseudonym))


def publish(database: Database, k: int = K, *, stricter: bool = False) -> EpochView:
    return database.run(lambda session: epochs.publish(session, TESTS, k, stricter=stricter))


def publish_due(database: Database, days: int = 0) -> int:
    moment = utcnow() + timedelta(days=days)
    return database.run(lambda session: epochs.publish_due(session, TESTS, SETTINGS, moment))


def shown(database: Database) -> dict[str, tuple[str, str, str] | None]:
    """What the newest epoch shows of each person."""
    query = select(Profile.pseudonym, PoolClass.noc, PoolClass.region, PoolClass.years_band)
    query = query.join(PoolMember, PoolMember.profile_id == Profile.id)
    with database.reading() as session:
        rows = session.execute(query.outerjoin(PoolClass, PoolClass.id == PoolMember.class_id))
        return {name: (noc, region, years) if noc else None for name, noc, region, years in rows}


# --- when


def test_an_empty_network_has_an_epoch_of_nobody(members: Database):
    found = publish(members)

    assert (found.number, found.people, found.classes, found.withheld) == (1, 0, 0, 0)


def test_an_epoch_is_due_first_then_after_a_week_and_not_before(members: Database):
    come(members, "arec", K)

    assert [publish_due(members, days) for days in (0, 0, 6)] == [1, 0, 0]
    come(members, "arec", 9)
    assert [publish_due(members, days) for days in (0, 8)] == [0, 1]


def test_an_epoch_is_due_when_as_many_came_or_left_as_the_settings_say(members: Database):
    first = come(members, "arec", 2 * K)
    publish_due(members)

    come(members, "arec", 6)
    for pseudonym in first[:3]:
        leave(members, "arec", pseudonym)
    assert publish_due(members) == 0
    leave(members, "arec", first[3])
    assert publish_due(members) == 1


def test_pushing_the_same_people_again_is_no_change(members: Database):
    people = come(members, "arec", 3 * K)
    publish_due(members)

    for pseudonym in people:
        share(members, "arec", pseudonym, mentor(languages=["en", "fr"]))

    with members.reading() as session:
        assert epochs.changes(session, today()) == 0
    assert publish_due(members) == 0


def test_as_long_as_nothing_was_shown_every_newcomer_makes_an_epoch_due(members: Database):
    come(members, "arec", K - 1)
    assert [publish_due(members) for _ in range(2)] == [1, 0]
    come(members, "arec", 1)

    assert [publish_due(members) for _ in range(2)] == [1, 0]
    assert set(shown(members).values()) == {("2130", "AB-835", "11-20")}


def test_publishing_leaves_a_trace_and_numbers_without_gaps(members: Database):
    assert [publish(members).number for _ in range(3)] == [1, 2, 3]

    with members.reading() as session:
        assert session.scalars(select(Epoch.number).order_by(Epoch.number)).all() == [1, 2, 3]
        assert len(set(session.scalars(select(Epoch.salt)))) == 3
        traces = session.scalars(select(AuditEntry.subject).where(AuditEntry.operation == "epoch.publish")).all()
    assert traces == ["epoch:1", "epoch:2", "epoch:3"]


# --- the stricter form


def test_a_class_of_two_members_is_shown_under_rule_r_and_not_to_two_who_could_put_their_people_together(
    members: Database,
):
    """Six and six hide from each other; with two strangers among them, both together would be left with two."""
    for owner, number in (("arec", 6), ("criec", 6), ("eriec", 2)):
        come(members, owner, number)

    assert (publish(members).classes, publish(members, stricter=True).classes) == (1, 0)
    with members.reading() as session:
        assert [one.stricter for one in session.scalars(select(Epoch).order_by(Epoch.number))] == [False, True]


def test_asking_for_the_stricter_form_hides_at_once_what_the_epoch_showed_without_it(members: Database):
    for owner, number in (("arec", 6), ("criec", 6), ("eriec", 2)):
        come(members, owner, number)
    publish(members)

    with members.reading() as session:
        seen = {
            stricter: len(pool.search(session, coordinator("bvlc"), pool.PoolCriteria(), K, stricter=stricter).cells)
            for stricter in (False, True)
        }
    assert seen == {False: 1, True: 0}


def test_the_worker_publishes_in_the_form_that_the_settings_say(members: Database):
    for owner, number in (("arec", 6), ("criec", 6), ("eriec", 2)):
        come(members, owner, number)
    stricter = replace(SETTINGS, pool_stricter=True)

    members.run(lambda session: epochs.publish_due(session, TESTS, stricter, utcnow()))

    assert set(shown(members).values()) == {None}


# --- what


def test_everyone_is_shown_what_is_true_of_them_or_nothing(members: Database):
    for noc in ("2130", "2131", "2122", "6532", "7241"):
        come(members, "arec", 3, noc=noc)
        come(members, "criec", 3, noc=noc, region="AB-825", years_band="0-2")

    found = publish(members)

    codes = shown(members)
    assert (found.people, len(codes), found.withheld) == (30, 30, list(codes.values()).count(None))
    with members.reading() as session:
        for one in session.scalars(select(Profile)):
            record = {"noc": one.noc, "region": one.region, "years_band": one.years_band}
            seen = codes[one.pseudonym]
            assert seen is None or Codes(*seen).cover(finest(record))


def test_one_newcomer_changes_nothing_that_is_shown(members: Database):
    come(members, "arec", K)
    publish(members)
    before = shown(members)

    (newcomer,) = come(members, "arec", 1)
    found = publish(members)

    assert found.withheld == 1
    assert shown(members) == before | {newcomer: None}


def test_newcomers_are_shown_when_they_satisfy_rule_r_among_themselves(members: Database):
    come(members, "arec", K)
    publish(members)
    waiting = come(members, "arec", 2)
    assert publish(members).withheld == 2

    come(members, "arec", K - 2)
    assert publish(members).withheld == 0
    assert {shown(members)[name] for name in waiting} == {("2130", "AB-835", "11-20")}


def test_who_withdraws_is_in_no_class_at_once(members: Database):
    gone, *_ = come(members, "arec", 2 * K)
    publish(members)

    leave(members, "arec", gone)

    assert gone not in shown(members)


def test_codes_that_what_was_shown_does_not_cover_make_a_newcomer(members: Database):
    moved, *rest = come(members, "arec", 2 * K)
    publish(members)

    share(members, "arec", moved, mentor(noc="6532"))
    publish(members)

    assert shown(members)[moved] is None
    assert {shown(members)[name] for name in rest} == {("2130", "AB-835", "11-20")}


def test_a_changed_record_is_shown_as_before_until_the_next_epoch(members: Database):
    moved, *_ = come(members, "arec", 2 * K)
    publish(members)

    share(members, "arec", moved, mentor(noc="6532"))

    assert shown(members)[moved] == ("2130", "AB-835", "11-20")


def test_whose_consent_ended_or_whose_organisation_is_suspended_is_in_no_epoch(members: Database):
    come(members, "arec", K)
    come(members, "criec", K)
    yesterday = today() - timedelta(days=1)
    ended = select(Profile.id).where(Profile.organisation_id == "arec")
    members.run(
        lambda session: session.execute(
            update(ConsentReceipt).where(ConsentReceipt.profile_id.in_(ended)).values(until=yesterday)
        )
    )
    assert publish(members).people == K

    members.run(lambda session: organisations.suspend(session, TESTS, "criec"))
    assert publish(members).people == 0


def test_a_new_member_that_everyone_shares_with_does_not_start_the_pool_afresh(members: Database):
    come(members, "arec", K)
    publish(members)
    before = shown(members)
    come(members, "arec", 1)

    def join(session: Any) -> None:
        organisations.add(session, TESTS, "newcomer", "Newcomer", "agency", "AB-835")
        for sharing in ("arec", "criec", "eriec", "bvlc"):
            organisations.agree(session, TESTS, sharing, "newcomer", today())

    members.run(join)
    publish(members)

    assert {name: codes for name, codes in shown(members).items() if codes} == before


def test_mentors_and_mentees_never_share_a_class(members: Database):
    come(members, "arec", 3)
    for number in range(3):
        share(members, "arec", f"mentee-{number:05}", mentee(years_band="11-20"))

    assert publish(members).withheld == 6


@pytest.mark.parametrize("k", [5, 6, 11])
def test_a_greater_k_widens_classes_from_the_next_epoch_on(members: Database, k: int):
    come(members, "arec", 6, noc="2130")
    come(members, "arec", 6, noc="2131")
    publish(members)

    publish(members, k)

    assert set(shown(members).values()) == (
        {("2130", "AB-835", "11-20"), ("2131", "AB-835", "11-20")} if k <= 6 else {("213", "AB-835", "11-20")}
    )


# --- at the same time, on both databases


def test_of_many_who_publish_at_once_some_do_and_all_get_an_epoch_that_stands(network: Database):
    come(network, "arec", K)

    with ThreadPoolExecutor(4) as workers:
        found = [one.result() for one in [workers.submit(publish, network) for _ in range(4)]]

    assert {(one.people, one.classes, one.withheld) for one in found} == {(K, 1, 0)}
    with network.reading() as session:
        stored = session.scalars(select(Epoch.number).order_by(Epoch.number)).all()
    assert stored == list(range(1, max(one.number for one in found) + 1))


def test_withdrawals_while_an_epoch_is_published_lose_nobody_and_keep_nobody(network: Database):
    people = come(network, "arec", 4 * K)

    with ThreadPoolExecutor(4) as workers:
        done = [workers.submit(leave, network, "arec", one) for one in people[: 2 * K]]
        done += [workers.submit(publish, network) for _ in range(4)]
        for one in done:
            one.result()

    assert shown(network).keys() <= set(people[2 * K :])
    publish(network)
    assert set(shown(network)) == set(people[2 * K :])
