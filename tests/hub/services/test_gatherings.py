"""Gatherings: proposed from a suggestion of the hub's alone, agreed when every organisation said yes, one of a kind at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import (
    AuditEntry,
    ConsentReceipt,
    Exposure,
    Gathering,
    GatheringMember,
    Organisation,
    OutboxMessage,
    Profile,
    utcnow,
)
from hub.services import gatherings, profiles
from tests.hub.gathered import DAYS, agreed, handles, move, peer, propose, share_two, told
from tests.hub.people import coordinator, mentee, share, system, today
from tests.hub.services.refusals import refused


def states(database: Database) -> list[tuple[str, bool]]:
    """The state of everything, and whether anybody in it counts as engaged."""
    with database.reading() as session:
        return [
            (
                one.state,
                any(session.scalars(select(GatheringMember.open).where(GatheringMember.gathering_id == one.id))),
            )
            for one in session.scalars(select(Gathering).order_by(Gathering.created_at))
        ]


@pytest.fixture
def two(network: Database) -> Database:
    share_two(network)
    return network


class TestProposing:
    def test_the_proposer_has_said_yes_and_the_other_organisation_is_asked(self, two: Database):
        found = propose(two, "eriec", "pair")

        assert (found.state, found.kind, found.size, found.left, found.too_few) == ("proposed", "pair", 2, 0, False)
        assert [(one.organisation_id, one.word) for one in found.parties] == [
            ("criec", "waiting"),
            ("eriec", "accepted"),
        ]
        assert (found.allowed, found.reasons["en"] != found.reasons["fr"]) == (("withdraw",), True)
        assert [one.pseudonym for one in found.mine] == ["eriec-0001"]
        assert told(two, "eriec") == told(two, "criec") == ["gathering.proposed"]

    def test_each_sees_its_own_by_pseudonym_and_the_other_as_the_suggestion_showed_it(self, two: Database):
        found = propose(two, "eriec", "pair")
        theirs = move(two, "criec", "show", found.id)

        assert "criec-0001" not in repr(found)
        assert "eriec-0001" not in repr(theirs)
        (other,) = theirs.others
        # The only one of ERIEC with these codes: beside its name none of them may stand.
        assert (other.organisation_name, other.card.noc, other.card.region) == ("ERIEC", "*", "*")
        assert (other.card.shared_languages, theirs.languages) == (("en",), ("en",))
        assert theirs.allowed == ("accept", "decline")

    def test_whoever_is_invited_was_shown_somebody_and_the_owner_can_look_it_up(self, two: Database):
        propose(two, "eriec", "pair")

        with two.reading() as session:
            seen = {(one.viewer_id, one.owner_id) for one in session.scalars(select(Exposure))}
            entries = session.scalars(select(AuditEntry.operation)).all()
        assert seen == {("eriec", "criec"), ("criec", "eriec")}
        assert "gathering.proposed" in entries

    def test_a_handle_names_a_suggestion_to_one_viewer_for_two_days_and_no_other_kind(self, two: Database):
        (mine,), (theirs,) = handles(two, "eriec", "pair"), handles(two, "criec", "pair")
        assert mine != theirs

        for organisation, kind, handle in (
            ("eriec", "pair", theirs),
            ("criec", "pair", mine),
            ("arec", "pair", mine),
            ("eriec", "circle", mine),
            ("eriec", "group", mine),
            ("eriec", "pair", "f" * 64),
        ):
            with refused(two, "conflict"):
                propose(two, organisation, kind, handle)

    def test_own_people_alone_agree_at_once(self, two: Database):
        two.run(lambda session: profiles.withdraw(session, system("criec"), "criec-0001"))
        share(two, "eriec", "eriec-0002", peer(1))
        found = propose(two, "eriec", "pair")

        assert (found.state, found.allowed, len(found.mine), found.others) == ("agreed", ("end",), 2, ())
        assert told(two, "eriec") == ["gathering.proposed", "gathering.agreed"]

    def test_whoever_is_asked_is_suggested_to_nobody_and_in_no_second_pair(self, two: Database):
        handle = handles(two, "eriec", "pair")[0]
        propose(two, "eriec", "pair", handle)
        share(two, "arec", "arec-0001", peer(1))

        assert handles(two, "eriec", "pair") == []
        with refused(two, "conflict"):
            propose(two, "eriec", "pair", handle)

    def test_a_week_has_only_so_many_proposals_for_one_person(self, two: Database):
        for _ in range(2):
            found = propose(two, "eriec", "pair")
            move(two, "eriec", "withdraw", found.id)
        handle = handles(two, "eriec", "pair")[0]
        assert handle is not None

        with refused(two, "budget-spent"):
            two.run(lambda session: gatherings.propose(session, coordinator("eriec"), "pair", handle, DAYS, per_week=2))


class TestWhatChangedSinceTheLook:
    """The handle still names these two people; the hub suggests them no more."""

    def propose_after(self, database: Database, *statements: object) -> None:
        handle = handles(database, "eriec", "pair")[0]
        for statement in statements:
            database.run(lambda session, one=statement: session.execute(one))  # type: ignore[misc]
        with refused(database, "conflict"):
            propose(database, "eriec", "pair", handle)

    def test_a_consent_ended(self, two: Database):
        self.propose_after(two, update(ConsentReceipt).values(until=today() - timedelta(days=1)))

    def test_a_member_was_suspended(self, two: Database):
        self.propose_after(two, update(Organisation).where(Organisation.id == "criec").values(suspended_at=utcnow()))

    def test_somebody_has_a_mentor_by_now(self, two: Database):
        self.propose_after(two, update(Profile).where(Profile.pseudonym == "criec-0001").values(taken=1))

    def test_somebody_wants_no_peers_any_more(self, two: Database):
        handle = handles(two, "eriec", "pair")[0]
        share(two, "criec", "criec-0001", mentee())
        with refused(two, "conflict"):
            propose(two, "eriec", "pair", handle)

    def test_the_two_became_competitors(self, two: Database):
        handle = handles(two, "eriec", "pair")[0]
        for organisation, level in (("eriec", 0), ("criec", 1)):
            share(two, organisation, f"{organisation}-0001", peer(level, goals=["entrepreneurship"]))
        with refused(two, "conflict"):
            propose(two, "eriec", "pair", handle)

    def test_somebody_withdrew(self, two: Database):
        handle = handles(two, "eriec", "pair")[0]
        two.run(lambda session: profiles.withdraw(session, system("criec"), "criec-0001"))
        with refused(two, "conflict"):
            propose(two, "eriec", "pair", handle)


class TestAnswering:
    def test_the_last_yes_agrees_and_everybody_hears_of_it(self, two: Database):
        found = propose(two, "eriec", "pair")
        theirs = move(two, "criec", "accept", found.id)

        assert (theirs.state, theirs.allowed) == ("agreed", ("leave", "end"))
        assert {one.word for one in theirs.parties} == {"accepted"}
        assert told(two, "eriec") == ["gathering.proposed", "gathering.agreed"]
        assert states(two) == [("agreed", True)]
        assert handles(two, "eriec", "pair") == []

    def test_nobody_answers_for_others(self, two: Database):
        found = propose(two, "eriec", "pair")

        for name, *rest in (("show",), ("accept",), ("decline", "schedule"), ("withdraw",), ("end",)):
            with refused(two, "not-found"):
                move(two, "arec", name, found.id, *rest)
            with refused(two, "not-found"):
                move(two, "eriec", name, "nowhere", *rest)

    @pytest.mark.parametrize(
        ("organisation", "name", "rest"),
        [("eriec", "accept", ()), ("eriec", "decline", ("schedule",)), ("criec", "withdraw", ()), ("criec", "end", ())],
    )
    def test_a_move_that_is_another_one_s_is_refused(
        self, two: Database, organisation: str, name: str, rest: tuple[str]
    ):
        found = propose(two, "eriec", "pair")

        with refused(two, "illegal-move") as problem:
            move(two, organisation, name, found.id, *rest)
        assert problem.value.extra["allowed"]

    def test_a_no_ends_it_for_everybody_and_the_two_are_not_suggested_again(self, two: Database):
        found = propose(two, "eriec", "pair")
        move(two, "criec", "decline", found.id, "schedule")

        seen = move(two, "eriec", "show", found.id)
        assert (seen.state, seen.decline_reason, seen.allowed) == ("declined", "schedule", ())
        assert (states(two), told(two, "eriec")[-1]) == ([("declined", False)], "gathering.declined")
        assert handles(two, "eriec", "pair") == handles(two, "criec", "pair") == []
        with refused(two, "illegal-move"):
            move(two, "criec", "accept", found.id)

    def test_what_is_taken_back_can_be_proposed_again_by_either(self, two: Database):
        found = propose(two, "eriec", "pair")
        move(two, "eriec", "withdraw", found.id)

        assert states(two) == [("withdrawn", False)]
        with refused(two, "no-longer-available"):
            move(two, "criec", "accept", found.id)
        assert propose(two, "criec", "pair").state == "proposed"

    def test_either_ends_what_was_agreed_and_both_are_suggested_again(self, two: Database):
        found = agreed(two, "pair", "criec")
        move(two, "criec", "end", found)

        assert (states(two), told(two, "eriec")[-1]) == ([("ended", False)], "gathering.ended")
        assert len(handles(two, "eriec", "pair")) == 1
        with refused(two, "illegal-move"):
            move(two, "eriec", "end", found)

    def test_silence_expires_it_and_both_hear_of_it(self, two: Database):
        propose(two, "eriec", "pair")

        assert two.run(lambda session: gatherings.expire_due(session, utcnow())) == 0
        assert two.run(lambda session: gatherings.expire_due(session, utcnow() + timedelta(days=DAYS + 1))) == 1
        assert states(two) == [("expired", False)]
        assert told(two, "eriec") == told(two, "criec") == ["gathering.proposed", "gathering.expired"]

    @pytest.mark.parametrize("whose", ["eriec", "criec"])
    def test_a_yes_is_refused_while_a_consent_of_anybody_in_it_is_over(self, two: Database, whose: str):
        found = propose(two, "eriec", "pair")
        theirs = select(Profile.id).where(Profile.organisation_id == whose)
        over = update(ConsentReceipt).where(ConsentReceipt.profile_id.in_(theirs))
        two.run(lambda session: session.execute(over.values(until=today() - timedelta(days=1))))

        with refused(two, "no-longer-available"):
            move(two, "criec", "accept", found.id)

    def test_a_yes_is_refused_while_the_member_who_asked_is_suspended(self, two: Database):
        found = propose(two, "eriec", "pair")
        suspended = update(Organisation).where(Organisation.id == "eriec").values(suspended_at=utcnow())
        two.run(lambda session: session.execute(suspended))

        with refused(two, "no-longer-available"):
            move(two, "criec", "accept", found.id)

    def test_a_list_has_what_one_is_party_to_newest_first_and_nothing_else(self, two: Database):
        first = propose(two, "eriec", "pair").id
        move(two, "eriec", "withdraw", first)
        second = propose(two, "criec", "pair").id

        def listed(organisation: str, *wanted: str) -> list[str]:
            actor = coordinator(organisation)
            with two.reading() as session:
                return [one.id for one in gatherings.inbox(session, actor, wanted or None)]

        assert listed("eriec") == listed("criec") == [second, first]
        assert (listed("eriec", "proposed"), listed("arec")) == ([second], [])


class TestAWithdrawnPerson:
    @pytest.mark.parametrize(("organisation", "pseudonym"), [("eriec", "eriec-0001"), ("criec", "criec-0001")])
    def test_ends_a_question_and_both_hear_only_that_it_is_over(self, two: Database, organisation: str, pseudonym: str):
        found = propose(two, "eriec", "pair")
        two.run(lambda session: profiles.withdraw(session, system(organisation), pseudonym))

        with refused(two, "no-longer-available"):
            move(two, "criec", "accept", found.id)
        assert states(two) == [("withdrawn", False)]
        assert told(two, "eriec")[-1] == told(two, "criec")[-1] == "gathering.no_longer_available"
        with two.reading() as session:
            last = select(OutboxMessage.data).where(OutboxMessage.type == "gathering.no_longer_available")
            assert list(session.scalars(last)) == [{}, {}]

    def test_leaves_nothing_but_that_somebody_was_there(self, two: Database):
        found = agreed(two, "pair", "criec")
        two.run(lambda session: profiles.withdraw(session, system("criec"), "criec-0001"))

        with two.reading() as session:
            gone = select(GatheringMember).where(GatheringMember.organisation_id == "criec")
            (row,) = session.scalars(gone)
        assert (row.profile_id, row.open, row.points, row.card) == (None, False, 0, {})
        seen = move(two, "eriec", "show", found)
        assert (seen.state, seen.size, seen.left, seen.too_few, seen.others) == ("agreed", 1, 1, True, ())
        assert told(two, "eriec")[-1] == "gathering.member_left"
        assert move(two, "eriec", "end", found).state == "ended"

    def test_who_withdrew_after_the_end_is_forgotten_too_and_nobody_is_told(self, two: Database):
        found = agreed(two, "pair", "criec")
        move(two, "eriec", "end", found)
        two.run(lambda session: profiles.withdraw(session, system("criec"), "criec-0001"))

        assert move(two, "eriec", "show", found).left == 1
        assert told(two, "eriec")[-1] == "gathering.ended"
