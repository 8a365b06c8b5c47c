"""What a mentee sees of herself, what she may say, and who hears it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from federation.introductions import sign_receipt
from federation.key_chains import issue_statement
from federation.keys import generate_keys
from federation.problems import Problem
from hub.database import Database
from hub.models import AuditEntry, MenteeWord, OutboxMessage, Profile, Proposal, Tombstone, utcnow
from hub.services import (
    introductions,
    key_statements,
    mentee_links,
    mentee_pages,
    partnerships,
    profiles,
    proposals,
)
from hub.services.mentee_links import Mentee
from hub.services.mentee_pages import REASONS, STAGES, OwnPage
from tests.hub.people import coordinator, mentee, mentor, share, system, today
from tests.hub.services.matches import SETTINGS, agree, ask, recommended
from tests.hub.services.refusals import everything, refused

PSEUDONYM = "mentee-0001"
ENVELOPE = "a.b.c.d.e"


def visitor(database: Database, pseudonym: str = PSEUDONYM, organisation: str = "eriec") -> Mentee:
    def come(session) -> Mentee:
        made = mentee_links.make(session, coordinator(organisation), pseudonym, SETTINGS)
        opened = mentee_links.exchange(session, made.capability)
        assert opened is not None
        found = mentee_links.resume(session, opened[0])
        assert found is not None
        return found

    return database.run(come)


def page(database: Database, who: Mentee) -> OwnPage:
    with database.reading() as session:
        return mentee_pages.show(session, who, today())


def end(database: Database, state: str) -> None:
    """Let the mentor's side end what runs."""
    arec = coordinator("arec")
    with database.reading() as session:
        (running,) = partnerships.listed(session, arec)
    if state == "completed":
        database.run(lambda session: partnerships.complete(session, arec, running.id))
    else:
        database.run(lambda session: partnerships.end_early(session, arec, running.id, "work_found"))


def say(database: Database, who: Mentee, proposal: str, word: str, reason: str | None = None) -> None:
    database.run(lambda session: mentee_pages.say(session, who, proposal, word, reason))


def heard(database: Database, proposal: str, organisation: str) -> tuple[str, str | None] | None:
    with database.reading() as session:
        found = mentee_pages.word_on(session, coordinator(organisation), proposal)
    return (found.word, found.reason) if found else None


def news(database: Database, organisation: str = "eriec") -> list[tuple[str, str | None, str | None]]:
    with database.reading() as session:
        found = mentee_pages.news(session, coordinator(organisation), utcnow())
    return [(one.word, one.pseudonym, one.proposal_id) for one in found]


def told(database: Database, kind: str) -> list[tuple[str, str, object]]:
    with database.reading() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.type == kind))
        return [(one.organisation_id, one.subject, one.data) for one in rows]


@pytest.fixture
def asked(network: Database) -> tuple[Database, str, Mentee]:
    """A proposal both may answer, and the mentee on her page."""
    proposal = ask(network)
    return network, proposal, visitor(network)


class TestWhereThingsStand:
    @pytest.mark.parametrize("state", ["completed", "ended_early"])
    def test_is_over_once_either_side_says_so_until_something_new_is_asked(self, network: Database, state: str) -> None:
        agree(network, ask(network))
        who = visitor(network)
        end(network, state)

        found = page(network, who)
        assert (found.stage, found.stages[-1], len(found.stages)) == (state, state, len(STAGES))

        share(network, "arec", "mentor-0002", mentor())
        handle = recommended(network).recommendations[0].handle
        network.run(lambda session: proposals.propose(session, coordinator("eriec"), PSEUDONYM, handle, 14))
        again = page(network, who)
        assert (again.stage, again.stages) == ("asked", STAGES)

    def test_stays_completed_when_the_mentor_withdraws_later(self, network: Database) -> None:
        agree(network, ask(network))
        who = visitor(network)
        end(network, "completed")
        network.run(lambda session: profiles.withdraw(session, system("arec"), "mentor-0001"))

        assert page(network, who).stage == "completed"

    def test_goes_back_to_waiting_after_a_meeting(self, network: Database) -> None:
        agree(network, ask(network))
        who = visitor(network)
        network.run(lambda session: session.execute(update(Proposal).values(program="flash")))
        end(network, "completed")

        assert page(network, who).stage == "waiting"

    def test_goes_from_waiting_over_every_stage_to_introduced(self, network: Database) -> None:
        keys = generate_keys("arec")
        statement = issue_statement(keys, [], utcnow())
        network.run(lambda session: key_statements.publish(session, system("arec"), statement))
        share(network, "eriec", PSEUDONYM, mentee())
        stages = [page(network, visitor(network)).stage]
        proposal = ask(network)
        who = visitor(network)
        stages.append(page(network, who).stage)
        agree(network, proposal)
        stages.append(page(network, who).stage)
        receipt = sign_receipt(keys, proposal, ENVELOPE, utcnow())
        steps = (
            lambda session: introductions.put_envelope(session, system("eriec"), proposal, ENVELOPE),
            lambda session: introductions.take_envelope(session, system("arec"), proposal),
            lambda session: introductions.acknowledge(session, system("arec"), proposal, receipt),
        )
        for step in steps:
            network.run(step)
            stages.append(page(network, who).stage)

        assert stages == ["waiting", "asked", "on_its_way", "on_its_way", "on_its_way", "introduced"]

    def test_is_agreed_where_no_introduction_travels(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, who = asked
        agree(database, proposal)
        database.run(lambda session: introductions.expire_due(session, utcnow() + timedelta(days=365)))

        assert page(database, who).stage == "agreed"

    @pytest.mark.parametrize("move", ["declined", "withdrawn", "expired", "superseded", "drafted"])
    def test_is_waiting_again_when_the_question_is_gone(self, asked: tuple[Database, str, Mentee], move: str) -> None:
        database, _, who = asked
        with database.transaction() as session:
            session.execute(update(Proposal).values(state=move))

        found = page(database, who)
        assert (found.stage, found.questions) == ("waiting", ())

    def test_shows_of_the_mentor_what_a_proposal_shows_and_no_organisation(
        self, asked: tuple[Database, str, Mentee]
    ) -> None:
        database, proposal, who = asked
        found = page(database, who)

        (question,) = found.questions
        assert (question.id, question.noc, question.region) == (proposal, "2130", "AB-835")
        assert (question.years_band, question.shared_languages, question.word) == ("11-20", ("en",), None)
        assert "arec" not in str(found)
        assert "mentor-0001" not in str(found)

    def test_shows_one_mentee_nothing_of_another(self, asked: tuple[Database, str, Mentee]) -> None:
        database, _, _ = asked
        share(database, "eriec", "mentee-0002", mentee())

        assert page(database, visitor(database, "mentee-0002")) == OwnPage("waiting", STAGES, (), None)


class TestHerWord:
    @pytest.mark.parametrize(("word", "reason"), [("yes", None), *(("no", one) for one in REASONS)])
    def test_is_kept_shown_to_her_organisation_alone_and_decides_nothing(
        self, asked: tuple[Database, str, Mentee], word: str, reason: str | None
    ) -> None:
        database, proposal, who = asked

        say(database, who, proposal, word, reason)

        assert heard(database, proposal, "eriec") == (word, reason)
        assert [heard(database, proposal, one) for one in ("arec", "criec")] == [None, None]
        assert told(database, "mentee.said") == [("eriec", f"proposal:{proposal}", {"word": word, "reason": reason})]
        assert news(database) == [(word, PSEUDONYM, proposal)]
        assert news(database, "arec") == []
        with database.reading() as session:
            kept = session.get_one(Proposal, proposal)
            last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert (kept.state, kept.mentee_side, kept.mentor_side) == ("proposed", "waiting", "waiting")
        assert last is not None
        assert (last.operation, last.actor) == (f"mentee_word.{word}", who.profile_id)

    def test_may_be_changed_while_the_question_is_open(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, who = asked
        say(database, who, proposal, "yes")
        say(database, who, proposal, "no", "schedule")

        assert heard(database, proposal, "eriec") == ("no", "schedule")
        assert page(database, who).questions[0].word == "no"

    @pytest.mark.parametrize(
        ("word", "reason"),
        [
            ("", None),
            ("perhaps", None),
            ("no", None),
            ("no", ""),
            ("no", "no_capacity"),
            ("no", "made_up"),
            ("YES", None),
        ],
    )
    def test_that_is_none_is_refused(self, asked: tuple[Database, str, Mentee], word: str, reason: str | None) -> None:
        database, proposal, who = asked

        with refused(database, "invalid-fields"):
            say(database, who, proposal, word, reason)

    def test_on_another_s_question_is_refused_like_on_none(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, _ = asked
        share(database, "eriec", "mentee-0002", mentee())
        other = visitor(database, "mentee-0002")
        said = []
        for identifier in (proposal, "none"):
            with refused(database, "not-found") as problem:
                say(database, other, identifier, "yes")
            said.append(problem.value.detail)

        assert said[0] == said[1]

    def test_on_a_draft_is_refused_like_on_none(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, who = asked
        with database.transaction() as session:
            session.execute(update(Proposal).values(state="drafted"))

        with refused(database, "not-found"):
            say(database, who, proposal, "yes")

    def test_comes_too_late_for_a_closed_question(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, who = asked
        database.run(lambda session: proposals.decline(session, coordinator("arec"), proposal, "no_capacity"))

        with refused(database, "illegal-move"):
            say(database, who, proposal, "yes")

    def test_and_the_close_of_its_question_take_turns(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, who = asked
        start = Barrier(2)

        def at_once(close: bool) -> str:
            start.wait()
            try:
                if close:
                    actor = coordinator("arec")
                    database.run(lambda session: proposals.decline(session, actor, proposal, "no_capacity"))
                else:
                    say(database, who, proposal, "yes")
            except Problem as problem:
                return problem.kind
            return "done"

        with ThreadPoolExecutor(2) as pool:
            closed, said = pool.map(at_once, (True, False))

        assert closed == "done"
        assert (said, heard(database, proposal, "eriec")) in {("done", ("yes", None)), ("illegal-move", None)}

    def test_is_no_news_once_her_organisation_has_spoken(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, who = asked
        say(database, who, proposal, "yes")
        database.run(lambda session: proposals.accept(session, coordinator("eriec"), proposal))

        assert news(database) == []


class TestWithdrawing:
    def test_stops_everything_at_once_and_tells_her_organisation_who(self, asked: tuple[Database, str, Mentee]) -> None:
        database, proposal, who = asked
        say(database, who, proposal, "yes")

        database.run(lambda session: mentee_pages.withdraw(session, who))

        with database.reading() as session:
            assert session.scalars(select(Profile.pseudonym)).all() == ["mentor-0001"]
            assert session.scalars(select(MenteeWord)).all() == []
            assert session.get_one(Proposal, proposal).state == "withdrawn"
            assert len(session.scalars(select(Tombstone)).all()) == 1
            entries = session.scalars(select(AuditEntry).where(AuditEntry.operation == "profile.withdraw")).all()
        assert [(one.actor, one.organisation_id) for one in entries] == [(who.profile_id, "eriec")]
        assert told(database, "mentee.withdrew") == [("eriec", f"profile:{who.profile_id}", {})]
        assert {one for one, *_ in told(database, "proposal.no_longer_available")} == {"eriec", "arec"}
        assert news(database) == [("withdrew", None, None)]
        assert news(database, "arec") == []

    def test_of_many_at_once_happens_once(self, asked: tuple[Database, str, Mentee]) -> None:
        database, _, who = asked
        start = Barrier(3)

        def press(_: int) -> str:
            start.wait()
            try:
                database.run(lambda session: mentee_pages.withdraw(session, who))
            except Problem as problem:
                return problem.kind
            return "done"

        with ThreadPoolExecutor(3) as pool:
            assert sorted(pool.map(press, range(3))) == ["done", "not-found", "not-found"]
        assert len(told(database, "mentee.withdrew")) == 1

    def test_keeps_her_from_being_pushed_again(self, asked: tuple[Database, str, Mentee]) -> None:
        database, _, who = asked
        database.run(lambda session: mentee_pages.withdraw(session, who))
        before = everything(database)

        with pytest.raises(Problem) as problem:
            share(database, "eriec", PSEUDONYM, mentee())
        assert problem.value.kind == "withdrawn"
        assert everything(database) == before

    def test_is_news_for_a_month(self, asked: tuple[Database, str, Mentee]) -> None:
        database, _, who = asked
        database.run(lambda session: mentee_pages.withdraw(session, who))
        with database.reading() as session:
            later = utcnow() + timedelta(days=31)
            assert mentee_pages.news(session, coordinator("eriec"), later) == []


def test_an_agency_still_finds_its_other_people_after_a_withdrawal(asked: tuple[Database, str, Mentee]) -> None:
    database, _, who = asked
    share(database, "eriec", "mentee-0002", mentee())
    database.run(lambda session: mentee_pages.withdraw(session, who))

    with database.reading() as session:
        assert [one.pseudonym for one in profiles.own(session, system("eriec"))] == ["mentee-0002"]
