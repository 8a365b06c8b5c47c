"""The end of a partnership: by either side, once, with both seats free again and both sides told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from federation.vocabularies import load as load_vocabularies
from graph.rules import Rule
from hub.database import Database
from hub.models import AuditEntry, Introduction, OutboxMessage, Partnership, Profile, Proposal, utcnow
from hub.services import apart, audit_views, introductions, partnerships, profiles, proposals, snapshots
from hub.services.partnerships import PartnershipView
from tests.hub.gathered import at_once
from tests.hub.people import coordinator, mentee, mentor, share, system, today
from tests.hub.services.matches import agree, ask, recommended
from tests.hub.services.refusals import refused

ENVELOPE = "a.b.c.d.e"
REASONS = load_vocabularies().codes("end_reasons")


def seen(database: Database, organisation: str) -> list[PartnershipView]:
    with database.reading() as session:
        return partnerships.listed(session, coordinator(organisation))


def show(database: Database, organisation: str, partnership: str) -> PartnershipView:
    with database.reading() as session:
        return partnerships.show(session, coordinator(organisation), partnership)


def complete(database: Database, organisation: str, partnership: str) -> PartnershipView:
    return database.run(lambda session: partnerships.complete(session, system(organisation), partnership))


def end(database: Database, organisation: str, partnership: str, reason: str = "work_found") -> PartnershipView:
    return database.run(lambda session: partnerships.end_early(session, coordinator(organisation), partnership, reason))


def taken(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {one.pseudonym: one.taken for one in session.scalars(select(Profile))}


def told(database: Database, organisation: str) -> list[tuple[str, str, Any]]:
    query = select(OutboxMessage).where(OutboxMessage.organisation_id == organisation).order_by(OutboxMessage.number)
    with database.reading() as session:
        found = session.scalars(query).all()
    return [(one.type, one.subject, one.data) for one in found if one.type.startswith("partnership.")]


def as_program(database: Database, program: str) -> None:
    database.run(lambda session: session.execute(update(Proposal).values(program=program)))


@pytest.fixture
def running(network: Database) -> str:
    """The partnership of a mentee of eriec and a mentor of arec."""
    agree(network, ask(network))
    (one,) = seen(network, "eriec")
    return one.id


MOVES = pytest.mark.parametrize(("move", "state"), [(complete, "completed"), (end, "ended_early")])
Move = Callable[[Database, str, str], PartnershipView]


class TestWhatItsSidesSee:
    def test_each_sees_its_own_person_and_whose_the_other_is(self, network: Database, running: str):
        (of_eriec,), (of_arec,) = seen(network, "eriec"), seen(network, "arec")

        assert (of_eriec.mine, of_eriec.my_pseudonyms) == ("mentee", {"mentee": "mentee-0001"})
        assert (of_arec.mine, of_arec.my_pseudonyms) == ("mentor", {"mentor": "mentor-0001"})
        for one in (of_eriec, of_arec):
            assert (one.id, one.state, one.program, one.days) == (running, "exploring", "one_to_one", 0)
            assert (one.mentee_organisation_name, one.mentor_organisation_name) == ("ERIEC", "AREC")
            assert (one.allowed, one.end_reason, one.ended_at) == (("complete", "end"), None, None)

    def test_whoever_holds_both_people_sees_both(self, network: Database):
        share(network, "eriec", "mentor-0001", mentor())
        share(network, "eriec", "mentee-0001", mentee())
        handle = recommended(network).recommendations[0].handle
        eriec = coordinator("eriec")
        made = network.run(lambda session: proposals.propose(session, eriec, "mentee-0001", handle, 14))
        network.run(lambda session: proposals.accept(session, eriec, made.id))

        (one,) = seen(network, "eriec")
        assert (one.mine, one.my_pseudonyms) == ("both", {"mentee": "mentee-0001", "mentor": "mentor-0001"})
        assert complete(network, "eriec", one.id).state == "completed"
        assert [kind for kind, *_ in told(network, "eriec")] == ["partnership.completed"]
        assert set(taken(network).values()) == {0}

    def test_others_see_none_of_it(self, network: Database, running: str):
        assert seen(network, "criec") == []
        with refused(network, "not-found"):
            show(network, "criec", running)

    def test_the_proposal_leads_to_it_once_it_is_agreed(self, network: Database):
        asked = ask(network)

        def found(organisation: str) -> PartnershipView | None:
            with network.reading() as session:
                return partnerships.of_proposal(session, coordinator(organisation), asked)

        assert found("eriec") is None
        agree(network, asked)
        assert [one and one.proposal_id for one in map(found, ("eriec", "arec", "criec"))] == [asked, asked, None]

    def test_newest_first_and_for_how_long_each_ran(self, network: Database, running: str):
        share(network, "arec", "mentor-0001", mentor(seats=2))
        share(network, "eriec", "mentee-0002", mentee())
        with network.transaction() as session:
            session.execute(update(Partnership).values(created_at=utcnow() - timedelta(days=30, hours=1)))
        handle = recommended(network, pseudonym="mentee-0002").recommendations[0].handle
        eriec = coordinator("eriec")
        agree(network, network.run(lambda session: proposals.propose(session, eriec, "mentee-0002", handle, 14)).id)

        assert [one.days for one in seen(network, "eriec")] == [0, 30]
        complete(network, "arec", running)
        with network.transaction() as session:
            session.execute(
                update(Partnership).where(Partnership.id == running).values(ended_at=utcnow() - timedelta(4))
            )
        assert show(network, "eriec", running).days == 26


class TestAnEnd:
    @MOVES
    @pytest.mark.parametrize("organisation", ["eriec", "arec"])
    def test_is_said_by_either_side_and_frees_both_seats(
        self, network: Database, running: str, organisation: str, move: Move, state: str
    ):
        assert taken(network) == {"mentee-0001": 1, "mentor-0001": 1}

        over = move(network, organisation, running)

        assert (over.state, over.allowed, over.ended_at is not None) == (state, (), True)
        assert taken(network) == {"mentee-0001": 0, "mentor-0001": 0}
        assert [show(network, one, running).state for one in ("eriec", "arec")] == [state, state]

    @MOVES
    def test_is_told_to_both_and_noted_and_names_nobody(self, network: Database, running: str, move: Move, state: str):
        proposal = move(network, "arec", running).proposal_id

        event = (f"partnership.{state}", f"partnership:{running}", {"state": state, "proposal": proposal})
        assert told(network, "eriec") == told(network, "arec") == [event]
        assert told(network, "criec") == []
        with network.reading() as session:
            (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.operation == f"partnership.{state}"))
        assert (entry.organisation_id, entry.subject) == ("arec", f"partnership:{running}")

    @pytest.mark.parametrize(("organisation", "reads"), [("eriec", True), ("arec", True), ("criec", False)])
    def test_stands_in_the_audit_log_of_both(self, network: Database, running: str, organisation: str, reads: bool):
        complete(network, "arec", running)

        with network.reading() as session:
            found = audit_views.listed(session, coordinator(organisation), 50)
        assert ("partnership.completed" in [one.operation for one in found]) == reads

    def test_before_its_time_says_why_by_a_code_that_both_read(self, network: Database, running: str):
        end(network, "eriec", running, "work_found")

        assert [show(network, one, running).end_reason for one in ("eriec", "arec")] == ["work_found"] * 2

    @pytest.mark.parametrize("state", ["exploring", "agreed", "active"])
    def test_comes_from_wherever_it_runs(self, network: Database, running: str, state: str):
        network.run(lambda session: session.execute(update(Partnership).values(state=state)))

        assert complete(network, "eriec", running).state == "completed"

    def test_lets_the_mentor_be_asked_by_others_and_the_mentee_ask_others(self, network: Database, running: str):
        share(network, "eriec", "mentee-0002", mentee())
        assert recommended(network, pseudonym="mentee-0002").recommendations == ()
        complete(network, "arec", running)

        assert len(recommended(network, pseudonym="mentee-0002").recommendations) == 1
        share(network, "criec", "mentor-0002", mentor())
        assert len(recommended(network).recommendations) == 1

    def test_of_a_flash_meeting_gives_back_no_seat_that_it_did_not_take(self, network: Database, running: str):
        as_program(network, "flash")

        assert complete(network, "arec", running).state == "completed"
        assert taken(network) == {"mentee-0001": 1, "mentor-0001": 1}

    def test_of_a_reverse_pair_frees_its_seats(self, network: Database, running: str):
        as_program(network, "reverse")
        end(network, "arec", running)

        assert taken(network) == {"mentee-0001": 0, "mentor-0001": 0}

    @MOVES
    @pytest.mark.parametrize("carried", ["due", "sealed", "delivered"])
    def test_cancels_an_introduction_that_was_not_opened(
        self, network: Database, running: str, carried: str, move: Move, state: str
    ):
        proposal = show(network, "eriec", running).proposal_id
        if carried != "due":
            network.run(lambda session: introductions.put_envelope(session, system("eriec"), proposal, ENVELOPE))
        if carried == "delivered":
            network.run(lambda session: introductions.take_envelope(session, system("arec"), proposal))
        move(network, "arec", running)

        with network.reading() as session:
            kept = session.get_one(Introduction, proposal)
            assert (kept.state, kept.envelope) == ("cancelled", None)

    def test_leaves_one_that_was_opened_as_it_is(self, network: Database, running: str):
        network.run(lambda session: session.execute(update(Introduction).values(state="acknowledged", receipt="kept")))
        complete(network, "arec", running)

        with network.reading() as session:
            kept = session.scalars(select(Introduction)).one()
            assert (kept.state, kept.receipt) == ("acknowledged", "kept")

    def test_leaves_what_was_agreed_as_it_was(self, network: Database, running: str):
        proposal = complete(network, "arec", running).proposal_id

        with network.reading() as session:
            assert proposals.show(session, coordinator("eriec"), proposal).state == "agreed"


class TestWhetherTheyMayMeetAgain:
    def rules(self, database: Database) -> set[Rule]:
        with database.reading() as session:
            pair = session.execute(select(Proposal.mentee_id, Proposal.mentor_id)).one()
            found = apart.pairs(session, "one_to_one", today())
        return {rule for rule, pairs in found.items() if pair in pairs}

    @pytest.mark.parametrize("reason", ["work_found", *apart.LASTING])
    def test_an_agreed_pair_is_not_asked_twice_and_what_lasts_has_its_own_rule(
        self, network: Database, running: str, reason: str
    ):
        end(network, "arec", running, reason)

        lasting = {apart.LASTING[reason]} if reason in apart.LASTING else set()
        assert self.rules(network) == {Rule.FORBIDDEN, *lasting}
        assert recommended(network).recommendations == ()

    def test_what_keeps_two_apart_is_known_to_an_organisation_that_reads_no_partnership_of_others(
        self, network: Database, running: str
    ):
        end(network, "arec", running, "reporting_line")
        with network.reading() as session:
            mentee_id, mentor_id = session.execute(select(Proposal.mentee_id, Proposal.mentor_id)).one()
            refusals = snapshots.why_apart(session, mentee_id, mentor_id, today())

        assert [one.rule for one in refusals] == [Rule.REPORTING_LINE]

    def test_every_lasting_reason_may_be_said_and_is_called_the_same(self):
        known = load_vocabularies()

        assert set(apart.LASTING) <= set(REASONS)
        for code in set(REASONS) & set(known.codes("pair_decline_reasons")):
            for locale in ("en", "fr"):
                assert known.label("end_reasons", code, locale) == known.label("pair_decline_reasons", code, locale)


class TestRefused:
    @MOVES
    @pytest.mark.parametrize("before", [complete, end])
    def test_what_is_over_with_its_state_and_nothing_left_to_do(
        self, network: Database, running: str, before: Move, move: Move, state: str
    ):
        stands = before(network, "eriec", running).state

        with refused(network, "illegal-move") as problem:
            move(network, "arec", running)
        assert problem.value.extra == {"state": stands, "allowed": []}
        assert problem.value.detail == f"The partnership is {stands}. Nothing is left to end here."

    @MOVES
    @pytest.mark.parametrize("which", ["theirs", "nobody's"])
    def test_what_is_others_is_what_is_not_there(
        self, network: Database, running: str, which: str, move: Move, state: str
    ):
        with refused(network, "not-found") as problem:
            move(network, "criec", running if which == "theirs" else "absent")
        assert problem.value.detail == "Check the partnership's id in the list of partnerships."

    @MOVES
    def test_what_a_withdrawal_ended(self, network: Database, running: str, move: Move, state: str):
        network.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))

        over = show(network, "arec", running)
        assert (over.state, over.end_reason, over.my_pseudonyms) == ("ended_early", None, {"mentor": "mentor-0001"})
        assert show(network, "eriec", running).my_pseudonyms == {}
        with refused(network, "illegal-move"):
            move(network, "arec", running)
        assert taken(network) == {"mentor-0001": 0}

    def test_by_the_database_a_reason_without_an_early_end(self, network: Database, running: str):
        complete(network, "eriec", running)

        with pytest.raises(IntegrityError, match="reason_of_an_early_end"):
            network.run(lambda session: session.execute(update(Partnership).values(end_reason="schedule")))


class TestAfterwards:
    def test_a_withdrawal_gives_no_seat_back_twice(self, network: Database, running: str):
        share(network, "arec", "mentor-0001", mentor(seats=2))
        share(network, "eriec", "mentee-0002", mentee())
        complete(network, "eriec", running)
        handle, eriec = recommended(network, pseudonym="mentee-0002").recommendations[0].handle, coordinator("eriec")
        agree(network, network.run(lambda session: proposals.propose(session, eriec, "mentee-0002", handle, 14)).id)
        assert taken(network)["mentor-0001"] == 1

        network.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))

        assert taken(network) == {"mentee-0002": 1, "mentor-0001": 1}
        assert (show(network, "arec", running).state, show(network, "eriec", running).my_pseudonyms) == (
            "completed",
            {},
        )


class TestRaces:
    def test_of_both_sides_who_end_it_at_once_one_does(self, network: Database, running: str):
        words = at_once(
            lambda: complete(network, "eriec", running),
            lambda: end(network, "arec", running),
            lambda: complete(network, "arec", running),
        )

        assert sum(word in {"completed", "ended_early"} for word in words) == 1
        assert set(words) <= {"completed", "ended_early", "conflict", "illegal-move"}
        assert taken(network) == {"mentee-0001": 0, "mentor-0001": 0}
        (event,) = told(network, "eriec")
        assert event[2]["state"] == show(network, "eriec", running).state

    def test_who_comes_second_by_a_moment_is_told_so(self, network: Database, running: str):
        def late(session: Any) -> None:
            found = session.get_one(Partnership, running)
            session.execute(
                update(Partnership)
                .values(state="completed", ended_at=utcnow())
                .execution_options(synchronize_session=False)
            )
            assert found.state == "exploring"
            partnerships.end_early(session, coordinator("arec"), running, "schedule")

        with refused(network, "conflict") as problem:
            network.run(late)
        assert problem.value.detail == partnerships.MOVED

    @pytest.mark.parametrize(("organisation", "left"), [("eriec", "mentor-0001"), ("arec", "mentee-0001")])
    def test_against_a_withdrawal_the_other_s_seat_comes_back_once(
        self, network: Database, running: str, organisation: str, left: str
    ):
        share(network, "arec", "mentor-0001", mentor(seats=3))
        with network.transaction() as session:
            session.execute(update(Profile).where(Profile.kind == "mentor").values(taken=2))
        before, gone = taken(network)[left], {"eriec": "mentee-0001", "arec": "mentor-0001"}[organisation]

        words = at_once(
            lambda: complete(network, organisation, running),
            lambda: network.run(lambda session: profiles.withdraw(session, system(organisation), gone)),
        )

        assert words[1] == "done"
        assert words[0] in {"completed", "conflict", "illegal-move"}
        assert taken(network) == {left: before - 1}
        assert show(network, organisation, running).state in {"completed", "ended_early"}
