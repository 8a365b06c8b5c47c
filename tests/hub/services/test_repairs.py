"""A published round is repaired by a person's yes to what they saw: free seats first, nobody who said yes moves."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import AuditEntry, OutboxMessage, Profile, Proposal
from hub.services import (
    duplicates,
    partnerships,
    profiles,
    proposals,
    recommendations,
    repair_views,
    repairs,
    round_wishes,
    rounds,
)
from hub.services.actors import Actor
from hub.settings import load_settings
from tests.hub.people import TESTS, acting, coordinator, mentee, mentor, share, system, today
from tests.hub.services.refusals import everything, refused

ERIEC, CRIEC, AREC = coordinator("eriec"), coordinator("criec"), coordinator("arec")
SETTINGS = load_settings({}, secret="s" * 40)
JUNIOR = {"formats": ["reverse"], "years_band": "0-2", "strengths": ["digital_skills"], "seats": 5}
SENIOR = {"formats": ["one_to_one", "reverse"], "years_band": "21+", "needs": ["digital_skills"]}
SUSPECTS = ("mentor-first", "mentee-one")
FAR = {"years_band": "21+", "needs": ["leadership"]}


def publish(database: Database, policy: RoundPolicy | None = None, program: str = "one_to_one") -> str:
    with database.reading() as session:
        solved = rounds.solve(session, policy or RoundPolicy(), today(), program=program)
    kept = database.run(lambda session: rounds.keep(session, TESTS, solved, 14))
    return database.run(lambda session: rounds.publish(session, TESTS, kept.id)).id


def look(database: Database, actor: Actor, round_id: str) -> repairs.Look:
    with database.reading() as session:
        return repairs.look(session, actor, round_id, today())


def seen(database: Database, actor: Actor, round_id: str) -> repair_views.RepairView:
    with database.reading() as session:
        return repair_views.view(session, actor, repairs.look(session, actor, round_id, today()))


def offer(view: repair_views.RepairView, kind: str) -> repair_views.OfferView:
    return next(one for one in view.offers if one.kind == kind)


def say_yes(database: Database, actor: Actor, round_id: str, kind: str) -> repairs.RepairMade:
    found = look(database, actor, round_id)
    picture = next(one for one in found.offers if one.kind == kind).picture(round_id)
    return database.run(lambda session: repairs.make(session, actor, found, kind, picture, 14))


def pairs(database: Database, state: str = "proposed") -> set[tuple[str, str]]:
    with database.reading() as session:
        names = {one.id: one.pseudonym for one in session.scalars(select(Profile))}
        found = session.execute(select(Proposal.mentee_id, Proposal.mentor_id).where(Proposal.state == state))
        return {(names[one], names[other]) for one, other in found}


def proposal(database: Database, pseudonym: str) -> str:
    with database.reading() as session:
        query = select(Proposal.id).join(Profile, Profile.id == Proposal.mentee_id)
        return session.scalars(query.where(Profile.pseudonym == pseudonym, Proposal.state == "proposed")).one()


def decline(database: Database, actor: Actor, pseudonym: str) -> None:
    asked = proposal(database, pseudonym)
    database.run(lambda session: proposals.decline(session, actor, asked, "no_capacity"))


def accept(database: Database, actor: Actor, pseudonym: str) -> None:
    asked = proposal(database, pseudonym)
    database.run(lambda session: proposals.accept(session, actor, asked))


def late_chain(database: Database, *, pinned: bool = False) -> str:
    """CRIEC's mentee is asked about AREC's engineer; ERIEC's, who can only meet the engineer, comes late.

    The technician of BVLC has a free seat: CRIEC's mentee could go there, a little worse.
    """
    share(database, "arec", "engineer", mentor())
    share(database, "criec", "flexible", mentee(languages=["en", "fr"]))
    if pinned:
        shown = database.run(lambda session: recommendations.for_mentee(session, CRIEC, "flexible", SETTINGS))
        handle = shown.recommendations[0].handle
        database.run(lambda session: round_wishes.wish(session, CRIEC, "flexible", handle, "pin"))
    round_id = publish(database)
    share(database, "bvlc", "technician", mentor(noc="2230", languages=["fr"]))
    share(database, "eriec", "late", mentee())
    return round_id


@pytest.fixture
def chain(members: Database) -> tuple[Database, str]:
    return members, late_chain(members)


class TestFreeSeats:
    def test_a_mentee_whose_mentor_said_no_gets_a_free_seat_when_somebody_says_yes(self, members: Database):
        share(members, "arec", "mentor-first", mentor())
        share(members, "eriec", "mentee-one", mentee())
        round_id = publish(members)
        share(members, "criec", "mentor-second", mentor())
        decline(members, AREC, "mentee-one")
        before = everything(members)

        found = seen(members, ERIEC, round_id)

        assert everything(members) == before
        assert [(one.pseudonym, one.because) for one in found.open] == [("mentee-one", "declined")]
        first = offer(found, "no_move")
        assert (first.placements, first.taken_back, first.refused) == (1, (), None)
        assert first.asked[0].my_pseudonyms == {"mentee": "mentee-one"}
        assert first.asked[0].mentee_organisation_id == "eriec"
        made = say_yes(members, ERIEC, round_id, "no_move")
        assert (made.asked, made.superseded) == (1, 0)
        assert pairs(members) == {("mentee-one", "mentor-second")}

    def test_before_the_yes_a_member_is_told_neither_with_whom_nor_by_how_many_points(self, members: Database):
        share(members, "criec", "mentor-second", mentor())
        round_id = publish(members)
        share(members, "eriec", "mentee-one", mentee())

        (member,) = offer(seen(members, ERIEC, round_id), "no_move").asked
        operator = offer(seen(members, TESTS, round_id), "no_move")

        assert (member.mentor_organisation_id, member.mentor_organisation_name) == (None, None)
        assert offer(seen(members, ERIEC, round_id), "no_move").points is None
        assert "criec" not in repr(seen(members, ERIEC, round_id)).lower()
        assert operator.points is not None
        assert operator.points > 0
        assert (operator.asked[0].mentor_organisation_id, operator.asked[0].my_pseudonyms) == ("criec", {})

    def test_what_repairs_ask_for_a_mentee_counts_in_the_week_s_budget_and_what_rounds_ask_does_not(
        self, members: Database
    ):
        for number in range(3):
            share(members, "arec", f"mentor-{number}", mentor())
        share(members, "eriec", "mentee-one", mentee())
        round_id = publish(members)
        decline(members, AREC, "mentee-one")

        def yes(most: int) -> repairs.RepairMade:
            found = look(members, ERIEC, round_id)
            picture = found.offers[0].picture(round_id)
            return members.run(
                lambda session: repairs.make(session, ERIEC, found, "no_move", picture, 14, per_week=most)
            )

        assert yes(most=1).asked == 1
        decline(members, AREC, "mentee-one")
        with refused(members, "budget-spent"):
            yes(most=1)
        assert say_yes(members, TESTS, round_id, "no_move").asked == 1

    def test_both_sides_are_told_and_the_log_has_a_line(self, network: Database):
        share(network, "arec", "mentor-first", mentor())
        round_id = publish(network)
        share(network, "eriec", "mentee-one", mentee())

        say_yes(network, ERIEC, round_id, "no_move")

        with network.reading() as session:
            told = sorted(map(tuple, session.execute(select(OutboxMessage.organisation_id, OutboxMessage.type))))
            line = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
            (asked,) = session.scalars(select(Proposal))
        assert told == [("arec", "proposal.proposed"), ("eriec", "proposal.proposed")]
        assert line is not None
        assert (line.operation, line.organisation_id, line.subject) == ("round.repair", "eriec", f"round:{round_id}")
        assert (asked.round_id, asked.mentee_side, asked.mentor_side) == (round_id, "waiting", "waiting")

    def test_the_same_two_are_not_asked_again_when_nobody_answered(self, members: Database):
        share(members, "arec", "mentor-first", mentor())
        share(members, "eriec", "mentee-one", mentee())
        round_id = publish(members)
        with members.transaction() as session:
            (asked,) = session.scalars(select(Proposal))
            overdue = asked.expires_at
            proposals.expire_due(session, overdue)

        found = seen(members, ERIEC, round_id)

        assert [(one.pseudonym, one.because) for one in found.open] == [("mentee-one", "expired")]
        assert offer(found, "no_move").asked == offer(found, "exact").asked == ()
        with refused(members, "illegal-move"):
            say_yes(members, ERIEC, round_id, "exact")

    def test_a_seat_that_an_organisation_needs_for_its_own_open_mentee_is_not_given_to_another(self, members: Database):
        round_id = publish(members)
        share(members, "criec", "criec-mentor", mentor())
        share(members, "criec", "criec-mentee", mentee(**FAR))
        share(members, "eriec", "eriec-mentee", mentee())

        assert offer(seen(members, ERIEC, round_id), "exact").asked == ()
        say_yes(members, CRIEC, round_id, "no_move")

        assert pairs(members) == {("criec-mentee", "criec-mentor")}

    def test_a_yes_asks_only_for_ones_own_mentees_and_the_operators_for_all(self, members: Database):
        round_id = publish(members)
        share(members, "arec", "mentor-wide", mentor(seats=2))
        share(members, "criec", "criec-mentee", mentee())
        share(members, "eriec", "eriec-mentee", mentee())

        everybody = look(members, TESTS, round_id).offers[0]
        say_yes(members, ERIEC, round_id, "no_move")

        assert len(everybody.asked) == 2
        assert pairs(members) == {("eriec-mentee", "mentor-wide")}
        assert say_yes(members, TESTS, round_id, "no_move").asked == 1


class TestMoving:
    def test_the_exact_repair_moves_who_is_only_asked_and_shows_each_side_its_own(self, chain: tuple[Database, str]):
        database, round_id = chain

        found = seen(database, ERIEC, round_id)

        assert [(one.pseudonym, one.because) for one in found.open] == [("late", "late")]
        assert offer(found, "no_move").asked == ()
        exact = offer(found, "exact")
        assert (exact.placements, exact.asked_elsewhere, exact.taken_back_elsewhere) == (1, 1, 1)
        assert [one.my_pseudonyms for one in exact.asked] == [{"mentee": "late"}]
        assert exact.taken_back == ()
        theirs = offer(seen(database, AREC, round_id), "exact")
        assert (theirs.asked, theirs.taken_back, theirs.asked_elsewhere) == ((), (), 0)
        made = say_yes(database, ERIEC, round_id, "exact")
        assert (made.asked, made.superseded) == (2, 1)
        assert pairs(database) == {("late", "engineer"), ("flexible", "technician")}
        assert pairs(database, "superseded") == {("flexible", "engineer")}

    @pytest.mark.parametrize("who", [CRIEC, AREC])
    def test_who_said_yes_does_not_move(self, chain: tuple[Database, str], who: Actor):
        database, round_id = chain
        accept(database, who, "flexible")

        assert offer(seen(database, ERIEC, round_id), "exact").asked == ()
        assert pairs(database) == {("flexible", "engineer")}

    def test_a_started_partnership_does_not_move(self, chain: tuple[Database, str]):
        database, round_id = chain
        asked = proposal(database, "flexible")
        for who in (CRIEC, AREC):
            database.run(lambda session, who=who: proposals.accept(session, who, asked))

        assert offer(seen(database, ERIEC, round_id), "exact").asked == ()

    def test_when_a_mentor_withdraws_the_round_is_made_whole_around_the_mentee(self, members: Database):
        share(members, "arec", "mentor-first", mentor())
        share(members, "eriec", "mentee-one", mentee())
        round_id = publish(members)
        share(members, "criec", "mentor-second", mentor(noc="2111"))
        members.run(lambda session: profiles.withdraw(session, system("arec"), "mentor-first"))

        found = seen(members, ERIEC, round_id)

        assert [one.because for one in found.open] == ["withdrawn"]
        say_yes(members, ERIEC, round_id, "exact")
        assert pairs(members) == {("mentee-one", "mentor-second")}

    def test_a_mentee_whose_mentoring_ended_early_is_open_again_and_it_says_so(self, members: Database):
        share(members, "arec", "mentor-first", mentor())
        share(members, "eriec", "mentee-one", mentee())
        round_id = publish(members)
        accept(members, ERIEC, "mentee-one")
        accept(members, AREC, "mentee-one")
        assert seen(members, ERIEC, round_id).open == ()
        with members.reading() as session:
            (running,) = partnerships.listed(session, AREC)
        members.run(lambda session: partnerships.end_early(session, AREC, running.id, "schedule"))
        share(members, "criec", "mentor-second", mentor(noc="2111"))

        assert [one.because for one in seen(members, ERIEC, round_id).open] == ["over"]
        say_yes(members, ERIEC, round_id, "no_move")
        assert pairs(members) == {("mentee-one", "mentor-second")}

    def test_a_question_to_a_mentor_without_a_seat_is_taken_back_by_the_repair(self, members: Database):
        share(members, "arec", "mentor-first", mentor())
        share(members, "eriec", "mentee-one", mentee())
        round_id = publish(members)
        share(members, "arec", "mentor-first", mentor(seats=0))
        share(members, "criec", "mentor-second", mentor(noc="2111"))

        assert [one.because for one in seen(members, ERIEC, round_id).open] == ["no_longer_available"]
        say_yes(members, ERIEC, round_id, "no_move")

        assert pairs(members) == {("mentee-one", "mentor-second")}
        assert pairs(members, "superseded") == {("mentee-one", "mentor-first")}

    @pytest.mark.parametrize("kind", ["no_move", "exact"])
    def test_a_question_that_can_lead_nowhere_still_waits_at_its_seat(self, members: Database, kind: str):
        # Asked first, then found to be perhaps one person: the seat is given to nobody else while the question is open.
        share(members, "arec", "mentor-first", mentor())
        share(members, "criec", "mentee-one", mentee())
        round_id = publish(members)
        share(members, "eriec", "mentee-two", mentee())
        with members.transaction() as session:
            people = [session.scalars(select(Profile).where(Profile.pseudonym == name)).one() for name in SUSPECTS]
            duplicates.raise_one(session, TESTS, (people[0], people[1]), 250)

        assert offer(seen(members, ERIEC, round_id), kind).asked == ()
        share(members, "bvlc", "mentor-second", mentor(noc="2111"))
        share(members, "bvlc", "mentor-third", mentor(noc="2111"))

        assert say_yes(members, TESTS, round_id, kind).asked == 2
        assert {mentee for mentee, _ in pairs(members)} == {"mentee-one", "mentee-two"}
        assert pairs(members, "superseded") == {("mentee-one", "mentor-first")}

    def test_nobody_new_is_asked_for_a_mentor_with_more_questions_than_seats(self, members: Database):
        # The best would be one of the two at the second mentor and the newcomer in their place; the other's question is open.
        share(members, "arec", "mentor-first", mentor(seats=2))
        for name in ("mentee-one", "mentee-two"):
            share(members, "eriec", name, mentee(noc="2111"))
        round_id = publish(members)
        share(members, "arec", "mentor-first", mentor(seats=1))
        share(members, "bvlc", "mentor-second", mentor(noc="2111"))
        share(members, "criec", "newcomer", mentee())

        assert say_yes(members, TESTS, round_id, "exact").asked == 1
        found = pairs(members)
        assert len(found) == 2
        assert {mentee for mentee, mentor in found if mentor == "mentor-first"} < {"mentee-one", "mentee-two"}

    def test_a_repair_below_alone_is_refused_and_says_whose(self, members: Database):
        # The seat of CRIEC's own mentor is asked for ERIEC's mentee; then CRIEC shares a mentee of its own.
        share(members, "criec", "criec-mentor", mentor())
        share(members, "eriec", "eriec-mentee", mentee())
        round_id = publish(members)
        share(members, "criec", "criec-mentee", mentee())
        share(members, "arec", "arec-mentor", mentor(noc="2111", languages=["fr"]))

        found = offer(seen(members, CRIEC, round_id), "no_move")

        assert (found.refused, found.below, found.asked) == ("below_alone", ("CRIEC",), ())
        with refused(members, "illegal-move") as problem:
            say_yes(members, CRIEC, round_id, "no_move")
        assert "below what it has alone" in problem.value.detail
        made = say_yes(members, CRIEC, round_id, "exact")
        assert (made.asked, made.superseded) == (1, 1)
        assert pairs(members) == {("criec-mentee", "criec-mentor")}

    def test_under_a_net_balance_the_repair_hangs_together_as_a_whole(self, members: Database):
        round_id = publish(members, RoundPolicy(net_balance=5))
        share(members, "arec", "mentor-wide", mentor(seats=2))
        share(members, "criec", "criec-mentee", mentee())
        share(members, "eriec", "eriec-mentee", mentee())

        assert say_yes(members, ERIEC, round_id, "no_move").asked == 2


class TestTheSecondNet:
    def test_lets_a_member_s_yes_move_others_questions_and_shows_it_none_of_them(self, network: Database):
        round_id = late_chain(network)
        with acting("eriec"):
            found = offer(seen(network, ERIEC, round_id), "exact")
            made = say_yes(network, ERIEC, round_id, "exact")

        assert (found.placements, found.asked_elsewhere, found.taken_back_elsewhere) == (1, 1, 1)
        assert (made.asked, made.superseded) == (2, 1)
        assert pairs(network) == {("late", "engineer"), ("flexible", "technician")}


class TestStalePictures:
    def test_a_yes_to_what_is_no_longer_so_changes_nothing_and_says_to_look_again(self, chain: tuple[Database, str]):
        database, round_id = chain
        picture = offer(seen(database, ERIEC, round_id), "exact").picture
        share(database, "criec", "another", mentor())
        now = look(database, ERIEC, round_id)

        with refused(database, "conflict") as problem:
            database.run(lambda session: repairs.make(session, ERIEC, now, "exact", picture, 14))
        assert "look at its repair again" in problem.value.detail

    @pytest.mark.parametrize("meanwhile", ["answered", "withdrawn", "asked", "taken"])
    def test_whoever_moves_between_the_look_and_the_yes_wins(self, chain: tuple[Database, str], meanwhile: str):
        database, round_id = chain
        found = look(database, ERIEC, round_id)
        picture = found.offers[1].picture(round_id)
        if meanwhile == "answered":
            accept(database, AREC, "flexible")
        elif meanwhile == "withdrawn":
            database.run(lambda session: profiles.withdraw(session, system("eriec"), "late"))
        elif meanwhile == "asked":
            say_yes(database, ERIEC, round_id, "exact")
        else:
            share(database, "arec", "engineer", mentor(seats=0))

        with refused(database, "conflict"):
            database.run(lambda session: repairs.make(session, ERIEC, found, "exact", picture, 14))

    def test_a_picture_is_of_one_kind_one_round_and_one_part(self, chain: tuple[Database, str]):
        database, round_id = chain
        _, exact = look(database, ERIEC, round_id).offers

        assert exact.picture(round_id) == look(database, ERIEC, round_id).offers[1].picture(round_id)
        others = {replace(exact, kind="no_move").picture(round_id), exact.picture("another")}
        others |= {replace(exact, asked=()).picture(round_id), replace(exact, proposals=()).picture(round_id)}
        assert len(others | {exact.picture(round_id)}) == 5


class TestRounds:
    def test_a_draft_of_the_next_round_gives_way_to_the_repair(self, members: Database):
        round_id = publish(members)
        share(members, "arec", "mentor-first", mentor())
        share(members, "eriec", "mentee-one", mentee())
        with members.reading() as session:
            solved = rounds.solve(session, RoundPolicy(), today())
        members.run(lambda session: rounds.keep(session, TESTS, solved, 14))
        assert pairs(members, "drafted") == {("mentee-one", "mentor-first")}

        say_yes(members, ERIEC, round_id, "no_move")

        assert pairs(members) == pairs(members, "superseded") == {("mentee-one", "mentor-first")}

    def test_only_a_published_round_is_repaired(self, members: Database):
        with members.reading() as session:
            solved = rounds.solve(session, RoundPolicy(), today())
        draft = members.run(lambda session: rounds.keep(session, TESTS, solved, 14)).id

        with refused(members, "illegal-move"):
            look(members, ERIEC, draft)
        with refused(members, "not-found"):
            look(members, ERIEC, "no-such-round")

    def test_a_round_that_stands_needs_nothing(self, members: Database):
        share(members, "arec", "mentor-first", mentor())
        share(members, "eriec", "mentee-one", mentee())
        round_id = publish(members)

        found = seen(members, TESTS, round_id)

        assert found.open == ()
        assert all((one.asked, one.refused) == ((), None) for one in found.offers)


class TestFulfilledPins:
    def test_nobody_moves_a_pin_that_was_asked_and_not_answered(self, members: Database):
        round_id = late_chain(members, pinned=True)

        found = look(members, TESTS, round_id)

        assert [one.asked for one in found.offers] == [(), ()]
        assert [one.refused for one in found.offers] == [False, False]
        assert pairs(members) == {("flexible", "engineer")}

    def test_a_pin_whose_pair_may_not_meet_any_more_is_a_question_as_any_other(self, members: Database):
        round_id = late_chain(members, pinned=True)
        share(members, "arec", "engineer", mentor(languages=["uk"]))

        say_yes(members, TESTS, round_id, "no_move")

        assert pairs(members) == {("flexible", "technician")}

    def test_a_pin_that_was_declined_is_over(self, members: Database):
        round_id = late_chain(members, pinned=True)
        decline(members, AREC, "flexible")

        say_yes(members, TESTS, round_id, "no_move")

        assert pairs(members) == {("late", "engineer"), ("flexible", "technician")}


class TestOtherFormats:
    def test_a_round_of_reverse_is_repaired_in_reverse_and_a_junior_has_two_seniors_at_most(self, members: Database):
        share(members, "arec", "junior", mentor(**JUNIOR))
        share(members, "eriec", "senior-one", mentee(**SENIOR))
        round_id = publish(members, program="reverse")
        for name in ("senior-two", "senior-three"):
            share(members, "eriec", name, mentee(**SENIOR))

        assert say_yes(members, ERIEC, round_id, "exact").asked == 1
        assert offer(seen(members, ERIEC, round_id), "exact").asked == ()
        decline(members, AREC, "senior-one")
        assert say_yes(members, ERIEC, round_id, "no_move").asked == 1

        assert pairs(members) == {("senior-two", "junior"), ("senior-three", "junior")}
        assert programs(members) == {"reverse"}

    def test_a_round_of_flash_is_repaired_by_the_meetings_of_the_month(self, members: Database):
        share(members, "arec", "mentor-flash", mentor(formats=["flash"], seats=2))
        for name in ("asker-one", "asker-two"):
            share(members, "eriec", name, mentee(formats=["one_to_one", "flash"]))
        round_id = publish(members, program="flash")
        accept(members, ERIEC, "asker-one")
        accept(members, AREC, "asker-one")
        share(members, "eriec", "asker-three", mentee(formats=["flash"]))

        assert offer(seen(members, ERIEC, round_id), "exact").asked == ()
        decline(members, AREC, "asker-two")
        assert say_yes(members, ERIEC, round_id, "no_move").asked == 1

        assert pairs(members) == {("asker-three", "mentor-flash")}
        assert programs(members) == {"flash"}

    def test_a_lasting_mentor_is_no_reason_against_a_meeting(self, members: Database):
        share(members, "arec", "mentor-lasting", mentor())
        share(members, "eriec", "mentee-both", mentee(formats=["one_to_one", "flash"]))
        publish(members)
        accept(members, ERIEC, "mentee-both")
        accept(members, AREC, "mentee-both")
        round_id = publish(members, program="flash")
        share(members, "criec", "mentor-flash", mentor(formats=["flash"]))

        assert say_yes(members, ERIEC, round_id, "no_move").asked == 1
        assert pairs(members) == {("mentee-both", "mentor-flash")}


def programs(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Proposal.program)))
