"""Reverse mentoring and flash: who is offered, how their seats count, and what a yes takes."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Partnership, Profile, Proposal, utcnow
from hub.services import network, profiles, proposals, recommendations, rounds, seats
from hub.services.recommendations import RecommendationsView
from hub.settings import load_settings
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, system, today
from tests.hub.services.refusals import refused

SETTINGS = load_settings({}, secret="s" * 40)
JUNIOR: dict[str, Any] = {"formats": ["reverse"], "years_band": "0-2", "strengths": ["digital_skills"], "seats": 5}
SENIOR: dict[str, Any] = {"formats": ["one_to_one", "reverse"], "years_band": "21+", "needs": ["digital_skills"]}
FLASH: dict[str, Any] = {"formats": ["one_to_one", "flash"]}


def ask(database: Database, pseudonym: str, program: str) -> RecommendationsView:
    actor = coordinator("eriec")
    return database.run(lambda session: recommendations.for_mentee(session, actor, pseudonym, SETTINGS, program))


def agree(database: Database, pseudonym: str, program: str) -> str:
    """Propose the first mentor shown and let both sides say yes."""
    handle, actor = ask(database, pseudonym, program).recommendations[0].handle, coordinator("eriec")
    made = database.run(lambda session: proposals.propose(session, actor, pseudonym, handle, 14))
    for organisation in ("eriec", "arec"):
        database.run(lambda session, at=organisation: proposals.accept(session, coordinator(at), made.id))
    return made.id


def taken(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {one.pseudonym: one.taken for one in session.scalars(select(Profile))}


def last_month(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Partnership).values(created_at=utcnow().replace(day=1) - timedelta(days=2)))


@pytest.fixture
def seniors(network: Database) -> Database:
    """Three seniors of eriec who ask about a topic that a junior of arec knows."""
    for number in range(3):
        share(network, "eriec", f"senior-000{number}", mentee(**SENIOR))
    share(network, "arec", "junior-0001", mentor(**JUNIOR))
    return network


@pytest.fixture
def questions(network: Database) -> Database:
    """Three mentees of eriec with a question each, and a mentor of arec with two meetings a month and no lasting seat free."""
    for number in range(3):
        share(network, "eriec", f"asker-000{number}", mentee(**FLASH))
    share(network, "arec", "mentor-0001", mentor(**FLASH | {"seats": 2}))
    return network


class TestReverse:
    def test_a_senior_is_recommended_a_junior_who_knows_the_topic_with_reasons(self, seniors: Database):
        share(seniors, "arec", "senior-mentor", mentor(**JUNIOR | {"years_band": "21+"}))
        share(seniors, "arec", "other-topic-1", mentor(**JUNIOR | {"strengths": ["resume"]}))
        found = ask(seniors, "senior-0000", "reverse")

        (one,) = found.recommendations
        # Alone of their organisation: the card tells no band (decision 0030), and years do not count for the fit.
        assert (found.program, one.years_band, one.parts["experience"]["maximum"]) == ("reverse", "*", 0)
        assert any("strong where help is needed" in said for said in one.reasons["en"])
        assert len(one.reasons["en"]) == len(one.reasons["fr"])

    def test_where_nobody_is_junior_and_strong_on_the_topic_it_is_said_why(self, seniors: Database):
        share(seniors, "arec", "junior-0001", mentor(**JUNIOR | {"years_band": "21+"}))
        found = ask(seniors, "senior-0000", "reverse")

        assert found.recommendations == ()
        assert found.nobody_because["en"] == (
            "In reverse mentoring the mentor is the junior one, and strong on a topic asked for.",
        )

    def test_a_junior_takes_two_seniors_whatever_the_seats(self, seniors: Database):
        agree(seniors, "senior-0000", "reverse")
        agree(seniors, "senior-0001", "reverse")

        assert ask(seniors, "senior-0002", "reverse").recommendations == ()
        assert taken(seniors)["junior-0001"] == 2

    def test_the_third_yes_is_refused_when_all_three_were_asked_before(self, seniors: Database):
        handles = [ask(seniors, f"senior-000{number}", "reverse").recommendations[0].handle for number in range(3)]
        made = [
            seniors.run(
                lambda session, at=number: proposals.propose(
                    session, coordinator("eriec"), f"senior-000{at}", handles[at], 14
                )
            ).id
            for number in range(3)
        ]
        for one in made:
            seniors.run(lambda session, at=one: proposals.accept(session, coordinator("eriec"), at))
        for one in made[:2]:
            seniors.run(lambda session, at=one: proposals.accept(session, coordinator("arec"), at))
        with refused(seniors, "no-seat"):
            seniors.run(lambda session: proposals.accept(session, coordinator("arec"), made[2]))

    def test_a_round_of_it_proposes_at_most_two_seniors_to_a_junior(self, seniors: Database):
        with seniors.reading() as session:
            solved = rounds.solve(session, RoundPolicy(), today(), program="reverse")
            ordinary = rounds.solve(session, RoundPolicy(), today())
        kept = seniors.run(lambda session: rounds.keep(session, TESTS, solved, 14))
        seniors.run(lambda session: rounds.publish(session, TESTS, kept.id))

        assert (kept.program, kept.placed, ordinary.round.placed) == ("reverse", 2, 0)
        with seniors.reading() as session:
            assert [one.program for one in proposals.inbox(session, coordinator("arec"))] == ["reverse", "reverse"]


class TestFlash:
    def test_seats_are_meetings_of_this_month_and_come_back_with_the_next(self, questions: Database):
        agree(questions, "asker-0000", "flash")
        agree(questions, "asker-0001", "flash")
        assert ask(questions, "asker-0002", "flash").recommendations == ()

        last_month(questions)
        assert len(ask(questions, "asker-0002", "flash").recommendations) == 1

    def test_a_meeting_takes_no_lasting_seat_and_leaves_the_search_for_a_mentor_open(self, questions: Database):
        share(questions, "arec", "mentor-0001", mentor(formats=["flash"]))
        share(questions, "arec", "mentor-0002", mentor())
        handle = ask(questions, "asker-0000", "one_to_one").recommendations[0].handle
        questions.run(lambda session: proposals.propose(session, coordinator("eriec"), "asker-0000", handle, 14))
        agree(questions, "asker-0000", "flash")

        assert set(taken(questions).values()) == {0}
        with questions.reading() as session:
            found = proposals.inbox(session, coordinator("eriec"))
        assert sorted((one.program, one.state) for one in found) == [("flash", "agreed"), ("one_to_one", "proposed")]

    def test_whoever_met_this_month_is_not_asked_again(self, questions: Database):
        agree(questions, "asker-0000", "flash")
        share(questions, "arec", "mentor-0002", mentor(**FLASH))

        assert ask(questions, "asker-0000", "flash").recommendations == ()

    def test_the_last_meeting_of_the_month_goes_to_the_first_yes(self, questions: Database):
        share(questions, "arec", "mentor-0001", mentor(**FLASH | {"seats": 1}))
        handle, actor = ask(questions, "asker-0001", "flash").recommendations[0].handle, coordinator("eriec")
        late = questions.run(lambda session: proposals.propose(session, actor, "asker-0001", handle, 14)).id
        agree(questions, "asker-0000", "flash")
        questions.run(lambda session: proposals.accept(session, coordinator("eriec"), late))

        with refused(questions, "no-seat"):
            questions.run(lambda session: proposals.accept(session, coordinator("arec"), late))

    def test_a_withdrawal_gives_no_lasting_seat_back_that_was_never_taken(self, questions: Database):
        with questions.transaction() as session:
            session.execute(update(Profile).where(Profile.pseudonym == "mentor-0001").values(taken=1))
        agree(questions, "asker-0000", "flash")
        questions.run(lambda session: profiles.withdraw(session, system("eriec"), "asker-0000"))

        assert taken(questions)["mentor-0001"] == 1

    def test_a_meeting_is_no_pair_of_hours_in_the_ledger(self, questions: Database):
        agree(questions, "asker-0000", "flash")

        with questions.reading() as session:
            told = network.picture(session, coordinator("arec"), SETTINGS).ledger
        assert [one for one in told if one.given or one.received] == []

    def test_a_consent_that_ended_meanwhile_is_no_longer_available(self, questions: Database):
        with refused(questions, "no-longer-available"):
            questions.run(
                lambda session: seats.take_meeting(session, None, "flash", today(), "no-seat", "nobody by that name")
            )


def test_lists_of_two_formats_stand_side_by_side_and_neither_moves_the_other(questions: Database):
    lasting, meeting = (
        [one.handle for one in ask(questions, "asker-0000", program).recommendations]
        for program in ("one_to_one", "flash")
    )

    assert len(lasting) == len(meeting) == 1
    assert lasting != meeting
    assert [one.handle for one in ask(questions, "asker-0000", "one_to_one").recommendations] == lasting


def test_an_ordinary_proposal_says_that_it_is_one_to_one(questions: Database):
    agree(questions, "asker-0000", "one_to_one")

    with questions.reading() as session:
        assert session.scalars(select(Proposal.program)).all() == ["one_to_one"]
    assert taken(questions)["mentor-0001"] == 1
