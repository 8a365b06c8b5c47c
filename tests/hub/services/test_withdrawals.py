"""A withdrawn consent stops everything, gives seats back, and leaves a trace without a name."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import (
    ConsentReceipt,
    Intake,
    Introduction,
    OutboxMessage,
    Partnership,
    Profile,
    Program,
    Proposal,
    Recommendation,
    Referral,
    Tombstone,
    utcnow,
)
from hub.services import introductions, proposals, referrals, withdrawals
from tests.hub.people import coordinator, mentee, mentor, share, today
from tests.hub.services.matches import agree, ask, recommended
from tests.hub.services.refusals import everything, refused

ENVELOPE = ".".join(["abcd"] * 5)


def withdraw(database: Database, organisation: str, pseudonym: str) -> None:
    database.run(lambda session: withdrawals.withdraw(session, coordinator(organisation), pseudonym))


def all_of(database: Database, column: object) -> list[object]:
    with database.reading() as session:
        return list(session.scalars(select(column)))  # type: ignore[call-overload]


def held(database: Database) -> str:
    return " ".join(row for rows in everything(database).values() for row in rows)


@pytest.mark.parametrize(("organisation", "pseudonym"), [("eriec", "mentee-0001"), ("arec", "mentor-0001")])
def test_an_open_question_ends_and_both_hear_only_that_it_is_over(members: Database, organisation: str, pseudonym: str):
    ask(members)

    withdraw(members, organisation, pseudonym)

    with members.reading() as session:
        told = session.execute(
            select(OutboxMessage.organisation_id, OutboxMessage.data).where(
                OutboxMessage.type == "proposal.no_longer_available"
            )
        )
        assert sorted(map(tuple, told)) == [("arec", {}), ("eriec", {})]
    assert all_of(members, Proposal.state) == ["withdrawn"]
    assert len(all_of(members, Profile.id)) == len(all_of(members, ConsentReceipt.profile_id)) == 1
    assert all_of(members, Recommendation.handle) == []


@pytest.mark.parametrize(("organisation", "pseudonym"), [("eriec", "mentee-0001"), ("arec", "mentor-0001")])
def test_the_other_persons_seat_is_free_again(network: Database, organisation: str, pseudonym: str):
    agree(network, ask(network))
    assert all_of(network, Profile.taken) == [1, 1]

    withdraw(network, organisation, pseudonym)

    assert all_of(network, Profile.taken) == [0]
    assert all_of(network, Partnership.state) == ["ended_early"]


def test_a_mentor_whose_mentee_withdrew_is_recommended_to_the_next(members: Database):
    agree(members, ask(members))
    share(members, "eriec", "mentee-0002", mentee())
    assert recommended(members, pseudonym="mentee-0002").recommendations == ()

    withdraw(members, "eriec", "mentee-0001")

    assert len(recommended(members, pseudonym="mentee-0002").recommendations) == 1


def test_a_partnership_that_was_over_gives_no_second_seat_back(members: Database):
    share(members, "arec", "mentor-0001", mentor(seats=2))
    agree(members, ask(members))
    members.run(lambda session: session.execute(update(Partnership).values(state="completed", ended_at=utcnow())))

    withdraw(members, "eriec", "mentee-0001")

    assert all_of(members, Profile.taken) == [1]


def test_a_sealed_introduction_is_cancelled_with_its_envelope(members: Database):
    proposal = agree(members, ask(members))
    members.run(lambda session: introductions.put_envelope(session, coordinator("eriec"), proposal, ENVELOPE))

    withdraw(members, "eriec", "mentee-0001")

    assert all_of(members, Introduction.state) == ["cancelled"]
    assert all_of(members, Introduction.envelope) == [None]


def test_a_referral_ends_and_its_intake_has_the_seat_again(members: Database):
    names = {"en": "Course", "fr": "Cours"}
    program = Program(id="course", organisation_id="bvlc", provider="BVLC", names=names, description=names,
                      requires={"all": []}, gives={"all": []}, languages=["en"], source="test")  # fmt: skip
    start = today() + timedelta(days=9)
    members.run(lambda session: session.add(program))
    members.run(lambda session: session.add(Intake(id="one", program_id="course", starts_on=start, weeks=5, seats=1)))
    share(members, "eriec", "mentee-0001", mentee())
    sent = members.run(lambda session: referrals.send(session, coordinator("eriec"), "mentee-0001", "course", None))
    for event in ("received", "accepted"):
        members.run(lambda session, event=event: referrals.record(session, coordinator("bvlc"), sent.id, event))
    assert all_of(members, Intake.taken) == [1]

    withdraw(members, "eriec", "mentee-0001")

    assert all_of(members, Intake.taken) == [0]
    assert all_of(members, Referral.state) == ["withdrawn"]
    assert all_of(members, Referral.due_at) == [None]


def test_nothing_of_the_person_is_left_but_a_trace(members: Database):
    share(members, "eriec", "a-telling-pseudonym", mentee(origin=None, languages=["fil"]))

    assert "a-telling-pseudonym" in held(members)
    assert "'fil'" in held(members)

    withdraw(members, "eriec", "a-telling-pseudonym")

    assert "a-telling-pseudonym" not in held(members)
    assert "'fil'" not in held(members)
    with members.reading() as session:
        trace = withdrawals.trace_of(session, "eriec", "a-telling-pseudonym")
    assert all_of(members, Tombstone.trace) == [trace]


def test_a_late_push_is_refused_for_the_days_of_the_trace_and_for_this_owner_alone(members: Database):
    share(members, "eriec", "mentee-0001", mentee())
    withdraw(members, "eriec", "mentee-0001")

    with refused(members, "withdrawn"):
        share(members, "eriec", "mentee-0001", mentee())
    share(members, "criec", "mentee-0001", mentee())
    expired = update(Tombstone).values(expires_at=utcnow() - timedelta(seconds=1))
    members.run(lambda session: session.execute(expired))
    assert share(members, "eriec", "mentee-0001", mentee()).state == "shared"


@pytest.mark.parametrize(("organisation", "pseudonym"), [("eriec", "nobody-0001"), ("criec", "mentee-0001")])
def test_who_is_not_ones_own_cannot_be_withdrawn(members: Database, organisation: str, pseudonym: str):
    ask(members)

    with refused(members, "not-found"):
        withdraw(members, organisation, pseudonym)


def test_after_a_withdrawal_nobody_can_say_yes(members: Database):
    proposal = ask(members)
    withdraw(members, "arec", "mentor-0001")

    with refused(members, "no-longer-available"):
        members.run(lambda session: proposals.accept(session, coordinator("eriec"), proposal))
