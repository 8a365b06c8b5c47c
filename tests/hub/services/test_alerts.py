"""Alerts: questions that look like probing are told to whom they concern and to operators; ordinary ones to nobody."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import Alert, AuditEntry, OutboxMessage, Profile, utcnow
from hub.services import alerts, audit_views, overview, profiles, proposals, recommendations
from hub.services.actors import Actor
from hub.settings import Settings, load_settings
from tests.hub.people import coordinator, mentee, mentor, share, system

SETTINGS = load_settings({}, secret="s" * 40)
PROFESSIONS = ("2130", "3130", "4120", "1110")
OLGA = Actor("olga", "operator")
Raised = set[tuple[str, str, str]]


@pytest.fixture
def shared(network: Database) -> Database:
    """One mentor of AREC in each of four professions."""
    for noc in PROFESSIONS:
        share(network, "arec", f"mentor-{noc}", mentor(noc=noc))
    return network


def ask(database: Database, pseudonym: str, settings: Settings = SETTINGS) -> list[str]:
    """Ask for a mentee of ERIEC; return the handles, best first."""
    actor = coordinator("eriec")
    found = database.run(lambda session: recommendations.for_mentee(session, actor, pseudonym, settings))
    return [one.handle for one in found.recommendations]


def ring(database: Database, threshold: str, days: int = 0) -> Raised:
    """Let the worker come by, with three as the threshold of one kind; return kind, who looked, whose people."""
    settings, now = replace(SETTINGS, **{f"alert_{threshold}_per_week": 3}), utcnow() + timedelta(days=days)
    database.run(lambda session: alerts.raise_due(session, settings, now))
    return raised(database)


def raised(database: Database) -> Raised:
    with database.reading() as session:
        return {(one.kind, one.viewer_id, one.owner_id) for one in session.scalars(select(Alert))}


class TestCopies:
    def copy(self, database: Database, number: int, years: str = "11-20") -> None:
        """Ask for somebody just like a mentor of AREC."""
        share(database, "eriec", f"copy-of-{number}", mentee(noc=PROFESSIONS[number], years_band=years))
        ask(database, f"copy-of-{number}")

    def test_asking_with_the_very_codes_of_mentors_is_told_to_their_owner(self, shared: Database):
        share(shared, "criec", "another-one", mentor(noc="7210"))
        for number in range(3):
            self.copy(shared, number)

        # CRIEC's mentor was shown as well, and nobody asked for a copy of her.
        assert ring(shared, "copies") == {("copies", "eriec", "arec")}

    def test_fewer_copies_ring_nobody(self, shared: Database):
        for number in range(2):
            self.copy(shared, number)

        assert ring(shared, "copies") == set()

    def test_mentees_who_look_for_their_profession_where_they_live_are_no_copies(self, shared: Database):
        for number in range(3):
            self.copy(shared, number, years="3-5")

        assert ring(shared, "copies") == set()

    def test_leaving_the_years_out_is_told_when_it_is_half_of_the_weeks_lists(self, shared: Database):
        for number in range(3):
            self.copy(shared, number, years="3-5")

        assert ring(shared, "near_copies") == {("near_copies", "eriec", "arec")}

    def test_the_same_among_many_other_lists_rings_nobody(self, shared: Database):
        for number in range(3):
            self.copy(shared, number, years="3-5")
        for number in range(4):
            share(shared, "eriec", f"another-{number}", mentee(noc="7210"))
            ask(shared, f"another-{number}")

        assert ring(shared, "near_copies") == set()

    def test_withdrawing_the_copies_does_not_silence_it(self, shared: Database):
        for number in range(3):
            self.copy(shared, number)
            name = f"copy-of-{number}"
            shared.run(lambda session, name=name: profiles.withdraw(session, system("eriec"), name))

        assert ring(shared, "copies") == {("copies", "eriec", "arec")}

    def test_copies_of_own_mentors_concern_nobody(self, network: Database):
        for number in range(3):
            share(network, "eriec", f"mentor-{number}", mentor(noc=PROFESSIONS[number]))
            self.copy(network, number)

        assert ring(network, "copies") == set()


class TestRateOfExposure:
    def lists(self, database: Database, many: int) -> None:
        share(database, "arec", "mentor-0001", mentor(noc="1110"))
        for number in range(many):
            share(database, "eriec", f"mentee-{number:03}", mentee())
            ask(database, f"mentee-{number:03}")

    def test_one_mentor_in_list_after_list_is_told_to_the_owner(self, network: Database):
        self.lists(network, 3)

        assert ring(network, "mentor_lists") == {("one_mentor", "eriec", "arec")}

    def test_a_mentor_in_fewer_lists_rings_nobody(self, network: Database):
        self.lists(network, 2)

        assert ring(network, "mentor_lists") == set()

    def test_last_weeks_lists_ring_nobody(self, network: Database):
        self.lists(network, 3)

        assert ring(network, "mentor_lists", days=8) == set()

    def test_very_many_mentors_are_told_to_everyone_whose_they_are(self, shared: Database):
        share(shared, "criec", "mentor-0001", mentor())
        share(shared, "eriec", "mentee-0001", mentee())
        ask(shared, "mentee-0001")

        assert ring(shared, "mentors") == {("many_mentors", "eriec", "arec"), ("many_mentors", "eriec", "criec")}

    def test_fewer_mentors_ring_nobody(self, shared: Database):
        for noc in PROFESSIONS[:2]:
            shared.run(lambda session, noc=noc: profiles.withdraw(session, system("arec"), f"mentor-{noc}"))
        share(shared, "eriec", "mentee-0001", mentee())
        ask(shared, "mentee-0001")

        assert ring(shared, "mentors") == set()


class TestOneMentee:
    def change(self, database: Database, times: int) -> None:
        share(database, "arec", "mentor-0001", mentor())
        for needs in (["networking"], ["resume"], ["interview"], ["leadership"])[: times + 1]:
            share(database, "eriec", "mentee-0001", mentee(needs=needs))
            ask(database, "mentee-0001")

    def test_a_mentee_changed_and_asked_for_again_and_again_is_told(self, network: Database):
        self.change(network, 3)

        assert ring(network, "mentee_changes") == {("one_mentee", "eriec", "arec")}

    def test_a_mentee_corrected_twice_rings_nobody(self, network: Database):
        self.change(network, 2)

        assert ring(network, "mentee_changes") == set()

    def test_asking_again_and_pushing_the_same_again_is_no_change(self, network: Database):
        for _ in range(5):
            self.change(network, 0)

        assert ring(network, "mentee_changes") == set()

    def test_a_list_for_each_format_is_no_change(self, network: Database):
        share(network, "arec", "mentor-0001", mentor(formats=["one_to_one", "flash"]))
        share(network, "eriec", "mentee-0001", mentee(formats=["one_to_one", "flash"]))
        actor = coordinator("eriec")
        for program in ("one_to_one", "flash"):
            network.run(
                lambda session, asked=program: recommendations.for_mentee(
                    session, actor, "mentee-0001", SETTINGS, asked
                )
            )

        with network.reading() as session:
            made = session.scalars(select(AuditEntry.operation).where(AuditEntry.operation.like("recommendation.%")))
            assert list(made) == ["recommendation.list"] * 2


class TestEndedProposals:
    def propose(self, database: Database, number: int) -> str:
        share(database, "eriec", f"mentee-{number}", mentee())
        handle, actor = ask(database, f"mentee-{number}")[0], coordinator("eriec")
        return database.run(
            lambda session: proposals.propose(session, actor, f"mentee-{number}", handle, 14, per_week=9)
        ).id

    def end(self, database: Database, many: int) -> None:
        share(database, "arec", "mentor-0001", mentor(seats=9))
        for number in range(many):
            one = self.propose(database, number)
            if number % 2:
                database.run(lambda session, one=one: proposals.withdraw(session, coordinator("eriec"), one))
            else:
                database.run(lambda session, one=one: proposals.decline(session, coordinator("arec"), one, "schedule"))

    def test_many_declined_or_taken_back_are_told(self, network: Database):
        self.end(network, 3)

        assert ring(network, "proposals_ended") == {("ended", "eriec", "arec")}

    def test_fewer_ring_nobody(self, network: Database):
        self.end(network, 2)

        assert ring(network, "proposals_ended") == set()

    def test_what_ended_because_somebody_left_is_nobodys_doing(self, network: Database):
        share(network, "arec", "mentor-0001", mentor(seats=9))
        for number in range(3):
            self.propose(network, number)
        network.run(lambda session: profiles.withdraw(session, system("arec"), "mentor-0001"))

        assert ring(network, "proposals_ended") == set()


class TestWhoIsTold:
    @pytest.fixture
    def rung(self, network: Database) -> Database:
        TestRateOfExposure().lists(network, 3)
        assert ring(network, "mentor_lists") == {("one_mentor", "eriec", "arec")}
        return network

    def test_the_owner_sees_who_looked_and_hears_an_event_and_reads_an_entry(self, rung: Database):
        with rung.reading() as session:
            (seen,) = alerts.listed(session, coordinator("arec"))
            told = session.scalars(select(OutboxMessage).where(OutboxMessage.type == "alert.raised")).all()
            entries = audit_views.listed(session, coordinator("arec"), 50)
        assert (seen.kind, seen.organisation_id, seen.organisation_name) == ("one_mentor", "eriec", "ERIEC")
        assert [(one.organisation_id, one.subject, one.data) for one in told] == [
            ("arec", "organisation:eriec", {"kind": "one_mentor"})
        ]
        assert [one.organisation for one in entries if one.operation == "alert.one_mentor"] == [None]

    def test_who_looked_is_not_told(self, rung: Database):
        with rung.reading() as session:
            assert alerts.listed(session, coordinator("eriec")) == ()
            entries = audit_views.listed(session, coordinator("eriec"), 50)
        assert not [one for one in entries if one.operation.startswith("alert.")]

    def test_operators_see_who_looked_and_how_many_were_told_for_a_month(self, rung: Database):
        def watch(days: int) -> list[tuple[str, str, int]]:
            with rung.reading() as session:
                found = overview.show(session, OLGA, utcnow() + timedelta(days=days)).alerts
            return [(one.kind, one.organisation_name, one.told) for one in found]

        assert watch(0) == [("one_mentor", "ERIEC", 1)]
        assert watch(31) == []

    def test_nothing_raised_names_a_person(self, rung: Database):
        with rung.reading() as session:
            people = set(session.scalars(select(Profile.id))) | set(session.scalars(select(Profile.pseudonym)))
            alert = session.scalars(select(Alert)).one()
            entry = session.scalars(select(AuditEntry).where(AuditEntry.operation == "alert.one_mentor")).one()
            event = session.scalars(select(OutboxMessage).where(OutboxMessage.type == "alert.raised")).one()
            kept = [str(getattr(row, name)) for row in (alert, entry, event) for name in vars(row)]
        assert not [value for value in kept if any(person in value for person in people)]

    def test_the_same_cause_is_told_once_a_week(self, rung: Database):
        for days in (0, 1, 6):
            ring(rung, "mentor_lists", days)

        with rung.reading() as session:
            assert len(session.scalars(select(Alert)).all()) == 1

    def test_alerts_are_kept_for_a_quarter(self, rung: Database):
        for days, left in ((90, 1), (92, 0)):
            later = utcnow() + timedelta(days=days)
            rung.run(lambda session, later=later: alerts.delete_old(session, later))
            assert len(raised(rung)) == left


def test_of_two_workers_one_raises_it(network: Database):
    TestRateOfExposure().lists(network, 3)
    settings = replace(SETTINGS, alert_mentor_lists_per_week=3)

    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(lambda _: network.run(lambda one: alerts.raise_due(one, settings, utcnow())), range(2)))

    assert sorted(done) == [0, 1]
    with network.reading() as session:
        assert len(session.scalars(select(OutboxMessage).where(OutboxMessage.type == "alert.raised")).all()) == 1
