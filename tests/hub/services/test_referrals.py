"""Referrals: facts by the side that saw them, seats of intakes, a closed loop."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.problems import Problem
from hub.database import Database
from hub.models import Intake, OutboxMessage, Program
from hub.services import referrals
from hub.services.referral_moves import MOVES
from hub.services.referrals import ReferralView
from tests.hub.people import consent, coordinator, mentee, share, today


@pytest.fixture
def school(network: Database) -> Database:
    """One program with one intake of one seat, and two mentees."""
    with network.transaction() as session:
        session.add(
            Program(
                id="course",
                organisation_id="bvlc",
                provider="BVLC",
                names={"en": "Course", "fr": "Cours"},
                description={"en": "", "fr": ""},
                requires={"all": []},
                gives={"all": []},
                languages=["en"],
                source="test",
            )
        )
        session.flush()
        session.add(Intake(id="first", program_id="course", starts_on=today() + timedelta(days=9), weeks=5, seats=1))
    for number in (1, 2):
        share(network, "eriec", f"mentee-000{number}", mentee())
    return network


def send(database: Database, pseudonym: str = "mentee-0001") -> ReferralView:
    return database.run(lambda session: referrals.send(session, coordinator("eriec"), pseudonym, "course", "language"))


def record(database: Database, organisation: str, referral: ReferralView, event: str, **more: str) -> ReferralView:
    actor = coordinator(organisation)
    return database.run(lambda session: referrals.record(session, actor, referral.id, event, **more))


def taken(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(Intake.taken)).one()


def kind_of(action: object) -> str:
    with pytest.raises(Problem) as problem:
        action()  # type: ignore[operator]
    return problem.value.kind


def test_the_loop_closes_with_an_outcome_and_shows_on_both_sides(school: Database):
    sent = send(school)
    for event in ("received", "accepted", "scheduled", "attended", "in_service"):
        record(school, "bvlc", sent, event)

    done = record(school, "bvlc", sent, "completed", outcome="language_level")

    with school.reading() as session:
        seen = referrals.show(session, coordinator("eriec"), sent.id)
        told = session.scalars(select(OutboxMessage.type).where(OutboxMessage.organisation_id == "eriec")).all()
    assert (seen.state, seen.outcome) == (done.state, done.outcome) == ("completed", "language_level")
    assert told[-1] == "referral.completed"


def test_each_side_sees_its_own_name_for_the_person(school: Database):
    sent = send(school)

    with school.reading() as session:
        theirs = referrals.show(session, coordinator("bvlc"), sent.id)

    assert sent.person == "mentee-0001"
    assert theirs.person != "mentee-0001"
    assert len(theirs.person) > 20


def test_the_sender_cannot_assert_what_the_receiver_saw(school: Database):
    sent = send(school)

    assert kind_of(lambda: record(school, "eriec", sent, "accepted")) == "illegal-move"
    assert kind_of(lambda: record(school, "criec", sent, "accepted")) == "not-found"


def test_every_move_that_the_table_does_not_allow_is_refused(school: Database):
    sent = send(school)
    record(school, "bvlc", sent, "accepted")

    for event, move in MOVES.items():
        if "accepted" not in move.sources and move.side == "receiver":
            assert kind_of(lambda event=event: record(school, "bvlc", sent, event)) == "illegal-move"


def test_an_acceptance_takes_a_seat_and_a_full_program_says_so(school: Database):
    first, second = send(school), send(school, "mentee-0002")

    record(school, "bvlc", first, "accepted")

    assert taken(school) == 1
    assert kind_of(lambda: record(school, "bvlc", second, "accepted")) == "program-full"
    assert record(school, "bvlc", second, "waitlisted").state == "waitlisted"


def test_a_seat_goes_back_when_the_person_does_not_come(school: Database):
    first, second = send(school), send(school, "mentee-0002")
    record(school, "bvlc", first, "accepted")

    record(school, "eriec", first, "withdrawn")

    assert taken(school) == 0
    assert record(school, "bvlc", second, "accepted").state == "accepted"


def test_one_open_referral_to_a_program_at_a_time(school: Database):
    sent = send(school)

    assert kind_of(lambda: send(school)) == "already-referred"
    record(school, "bvlc", sent, "declined", reason="no_capacity")
    assert send(school).state == "sent"


def test_a_reason_and_an_outcome_are_asked_for(school: Database):
    sent = send(school)

    assert kind_of(lambda: record(school, "bvlc", sent, "declined")) == "invalid-fields"


def test_without_consent_to_referral_nothing_is_sent(school: Database):
    share(school, "eriec", "mentee-0003", mentee(consent=consent(purposes=["share"])))

    assert kind_of(lambda: send(school, "mentee-0003")) == "consent-missing"


def test_an_unknown_mentee_or_program_is_refused(school: Database):
    actor = coordinator("eriec")

    assert kind_of(lambda: send(school, "mentee-9999")) == "not-found"
    assert (
        kind_of(lambda: school.run(lambda session: referrals.send(session, actor, "mentee-0001", "nowhere")))
        == "not-found"
    )
