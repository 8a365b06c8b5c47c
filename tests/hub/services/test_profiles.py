"""Sharing a person: consent first, versions, withdrawal that stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from federation.documents import ProfileDocument, read
from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, ConsentReceipt, Profile, Tombstone
from hub.services import audit, profiles
from tests.hub.people import consent, mentee, mentor, share, system, today


def refused(database: Database, profile: dict[str, Any], pseudonym: str = "mentor-0001", **more: Any) -> str:
    document = read(ProfileDocument(), profile)
    with pytest.raises(Problem) as problem:
        database.run(lambda session: profiles.share(session, system("eriec"), pseudonym, document, **more))
    return problem.value.kind


def test_a_person_is_new_once_and_replaced_after_that(network: Database):
    first = share(network, "eriec", "mentor-0001", mentor())
    second = share(network, "eriec", "mentor-0001", mentor(noc="2131"))

    assert (first.state, first.version, first.status) == ("shared", 1, 201)
    assert (second.state, second.version, second.status) == ("replaced", 2, 200)


def test_what_was_shared_is_what_its_owner_reads(network: Database):
    share(network, "eriec", "mentee-0001", mentee(languages=["uk", "en"]))

    with network.reading() as session:
        shown = profiles.show(session, system("eriec"), "mentee-0001")

    assert shown.languages == ("en", "uk")
    assert shown.readiness["clb"]["speaking"] == 8


def test_others_and_absent_look_the_same(network: Database):
    share(network, "eriec", "mentor-0001", mentor())

    for actor, pseudonym in ((system("criec"), "mentor-0001"), (system("eriec"), "mentor-9999")):
        with network.reading() as session, pytest.raises(Problem) as problem:
            profiles.show(session, actor, pseudonym)
        assert problem.value.kind == "not-found"


@pytest.mark.parametrize(
    "changes",
    [
        {"purposes": ["referral"]},
        {"until": (today() - timedelta(days=1)).isoformat(), "given_on": (today() - timedelta(days=9)).isoformat()},
        {"given_on": (today() + timedelta(days=2)).isoformat()},
    ],
)
def test_without_a_current_consent_to_share_nothing_is_stored(network: Database, changes: dict[str, Any]):
    assert refused(network, mentor(consent=consent(**changes))) == "consent-missing"
    with network.reading() as session:
        assert session.scalars(select(Profile)).all() == []


def test_a_pseudonym_keeps_its_kind(network: Database):
    share(network, "eriec", "mentor-0001", mentor())

    assert refused(network, mentee()) == "conflict"


def test_seats_cannot_fall_below_those_taken(network: Database):
    share(network, "eriec", "mentor-0001", mentor(seats=2))
    with network.transaction() as session:
        session.scalars(select(Profile)).one().taken = 2

    assert refused(network, mentor(seats=1)) == "conflict"


def test_a_change_to_an_older_version_is_refused(network: Database):
    share(network, "eriec", "mentor-0001", mentor())
    share(network, "eriec", "mentor-0001", mentor())

    assert refused(network, mentor(), expected_version=1) == "stale-version"
    assert refused(network, mentor(), pseudonym="mentor-0002", expected_version=1) == "stale-version"


def test_a_withdrawal_erases_everything_and_refuses_a_late_push(network: Database):
    share(network, "eriec", "mentor-0001", mentor())

    network.run(lambda session: profiles.withdraw(session, system("eriec"), "mentor-0001"))

    assert refused(network, mentor()) == "withdrawn"
    with network.reading() as session:
        assert session.scalars(select(Profile)).all() == []
        assert session.scalars(select(ConsentReceipt)).all() == []
        assert "mentor-0001" not in session.scalars(select(Tombstone.trace)).one()


def test_nobody_withdraws_another_organisation_s_person(network: Database):
    share(network, "eriec", "mentor-0001", mentor())

    with pytest.raises(Problem) as problem:
        network.run(lambda session: profiles.withdraw(session, system("criec"), "mentor-0001"))
    assert problem.value.kind == "not-found"


def test_own_people_come_in_pages(network: Database):
    for number in range(5):
        share(network, "eriec", f"mentor-000{number}", mentor())
    share(network, "criec", "mentor-0009", mentor())

    with network.reading() as session:
        first = profiles.own(session, system("eriec"), "mentor", None, 3)
        rest = profiles.own(session, system("eriec"), "mentor", first[-1].pseudonym, 3)

    assert [one.pseudonym for one in (*first, *rest)] == [f"mentor-000{number}" for number in range(5)]


def test_own_people_are_found_by_how_their_pseudonym_begins_letter_for_letter(network: Database):
    for pseudonym in ("ab_c-0001", "abXc-0002", "AB_c-0003"):
        share(network, "eriec", pseudonym, mentor())

    with network.reading() as session:
        found = profiles.own(session, system("eriec"), "mentor", beginning="ab_")

    assert [one.pseudonym for one in found] == ["ab_c-0001"]


def test_own_people_are_found_by_whether_a_seat_is_taken(network: Database, owned: Database):
    for number in range(2):
        share(network, "eriec", f"mentor-000{number}", mentor())
    with owned.transaction() as session:
        session.execute(update(Profile).where(Profile.pseudonym == "mentor-0001").values(taken=1))

    with network.reading() as session:
        found = [profiles.own(session, system("eriec"), "mentor", matched=wanted) for wanted in (True, False, None)]

    assert [[one.pseudonym[-1] for one in people] for people in found] == [["1"], ["0"], ["0", "1"]]


def test_the_audit_chain_holds_and_shows_where_it_was_altered(network: Database, owned: Database):
    for number in range(3):
        share(network, "eriec", f"mentor-000{number}", mentor())
    with network.reading() as session:
        assert audit.first_break(session) is None
        numbers = session.scalars(select(AuditEntry.number).order_by(AuditEntry.number)).all()

    with owned.transaction() as session:
        session.get_one(AuditEntry, numbers[-2]).outcome = "forged"

    with network.reading() as session:
        assert audit.first_break(session) == numbers[-2]


def test_a_cut_audit_log_is_found(network: Database, owned: Database):
    share(network, "eriec", "mentor-0001", mentor())
    with owned.transaction() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert last is not None
        number = last.number
        session.delete(last)

    with network.reading() as session:
        assert audit.first_break(session) == number
