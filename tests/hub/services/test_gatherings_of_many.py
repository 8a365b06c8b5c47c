"""Circles and groups of several organisations: every one says yes, the last yes takes the seat, and races end whole."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from federation.problems import Problem
from hub.database import Database
from hub.models import ConsentReceipt, Exposure, Gathering, GatheringMember, Profile, utcnow
from hub.services import profiles
from hub.services.gathering_handles import handle_of
from tests.hub.gathered import (
    GROUP,
    agreed,
    at_once,
    handles,
    is_whole,
    move,
    peer,
    propose,
    share_group,
    share_six,
    share_two,
    taken,
)
from tests.hub.people import coordinator, mentor, share, system, today
from tests.hub.services.refusals import refused


class TestCircles:
    @pytest.fixture
    def six(self, network: Database) -> Database:
        share_six(network)
        return network

    def test_six_of_two_organisations_agree_and_each_sees_the_others_as_cards(self, six: Database):
        found = propose(six, "eriec", "circle")

        assert (found.size, len(found.mine), len(found.others), found.untold) == (6, 3, 3, 0)
        assert (found.languages, found.slots, found.reasons) == (("en",), ("tue_evening",), {"en": (), "fr": ()})
        assert "criec-" not in repr(found)
        theirs = move(six, "criec", "accept", found.id)
        assert theirs.state == "agreed"
        facilitating = [one.facilitates for view in (found, theirs) for one in view.mine]
        assert sum(facilitating) == 1

    def test_who_is_in_a_circle_may_be_in_a_pair_too(self, six: Database):
        agreed(six, "circle", "criec")

        assert handles(six, "eriec", "circle") == []
        pairs = handles(six, "eriec", "pair")
        assert pairs != []
        assert propose(six, "eriec", "pair", pairs[0]).state in {"proposed", "agreed"}

    def test_a_circle_goes_on_without_one_who_withdrew_until_too_few_are_left(self, six: Database):
        found = agreed(six, "circle", "criec")

        seen = []
        for number in range(3):
            six.run(lambda session, one=number: profiles.withdraw(session, system("criec"), f"criec-000{one}"))
            seen.append(move(six, "eriec", "show", found))

        assert [(one.state, one.size, one.left, one.too_few) for one in seen] == [
            ("agreed", 5, 1, False),
            ("agreed", 4, 2, False),
            ("agreed", 3, 3, True),
        ]
        assert is_whole(six)

    def test_a_no_sets_its_people_apart_from_the_others_but_not_from_each_other(self, six: Database):
        found = propose(six, "eriec", "circle")
        move(six, "criec", "decline", found.id, "not_a_fit")

        assert handles(six, "eriec", "circle") == handles(six, "criec", "circle") == []


class TestGroups:
    @pytest.fixture
    def group(self, network: Database) -> Database:
        share_group(network)
        return network

    def test_three_organisations_agree_and_the_last_yes_takes_the_mentors_seat(self, group: Database):
        found = propose(group, "eriec", "group")
        assert (found.size, found.noc, found.untold) == (6, "213", 3)
        assert [one.organisation_id for one in found.parties] == ["arec", "criec", "eriec"]

        first = move(group, "criec", "accept", found.id)
        assert (first.state, first.allowed, taken(group)) == ("proposed", ("decline",), 0)
        last = move(group, "arec", "accept", found.id)
        assert (last.state, taken(group)) == ("agreed", 1)
        (mine,) = last.mine
        assert (mine.pseudonym, mine.role, mine.points, last.others, last.untold) == (
            "arec-mentor",
            "mentor",
            None,
            (),
            6,
        )

    def test_of_others_an_organisation_sees_the_mentors_card_and_a_number(self, group: Database):
        found = propose(group, "eriec", "group")
        (mentors,) = found.others

        assert (mentors.role, mentors.organisation_name, mentors.band) == ("mentor", "AREC", None)
        assert (mentors.card.noc, mentors.card.region, mentors.card.years_band) == ("213", "*", "*")
        assert [one.pseudonym for one in found.mine] == ["eriec-0000", "eriec-0001", "eriec-0002"]
        with group.reading() as session:
            noted = {(one.viewer_id, one.owner_id) for one in session.scalars(select(Exposure))}
        assert noted == {("eriec", "arec"), ("criec", "arec")}

    def test_without_a_seat_the_last_yes_is_undone(self, group: Database):
        found = propose(group, "eriec", "group")
        move(group, "criec", "accept", found.id)
        full = update(Profile).where(Profile.kind == "mentor")
        group.run(lambda session: session.execute(full.values(taken=Profile.seats)))

        with refused(group, "no-seat"):
            move(group, "arec", "accept", found.id)

    def test_a_group_whose_mentor_is_full_by_now_is_not_proposed(self, group: Database):
        handle = handles(group, "eriec", "group")[0]
        full = update(Profile).where(Profile.kind == "mentor")
        group.run(lambda session: session.execute(full.values(taken=Profile.seats)))

        with refused(group, "conflict"):
            propose(group, "eriec", "group", handle)

    def test_the_end_gives_the_seat_back(self, group: Database):
        found = agreed(group, "group", "criec", "arec")
        move(group, "criec", "end", found)

        assert taken(group) == 0
        assert len(handles(group, "arec", "group")) == 1

    def test_a_mentor_who_has_a_group_is_suggested_for_no_second_one(self, group: Database):
        share(group, "arec", "arec-mentor", mentor(**GROUP | {"seats": 5}))
        agreed(group, "group", "criec", "arec")
        for number in range(3, 8):
            share(group, "eriec", f"eriec-000{number}", peer(0, formats=["group"]))

        assert handles(group, "eriec", "group") == []

    def test_a_group_without_its_mentor_says_so_and_its_end_takes_nobody_s_seat(self, group: Database):
        found = agreed(group, "group", "criec", "arec")
        group.run(lambda session: profiles.withdraw(session, system("arec"), "arec-mentor"))
        share(group, "arec", "arec-another", mentor())

        seen = move(group, "eriec", "show", found)
        assert (seen.state, seen.size, seen.too_few, seen.others) == ("agreed", 6, True, ())
        assert move(group, "eriec", "end", found).state == "ended"
        assert taken(group) == 0

    def test_a_no_of_the_mentors_side_sets_all_members_apart_from_the_mentor(self, group: Database):
        found = propose(group, "eriec", "group")
        move(group, "arec", "decline", found.id, "no_capacity")
        assert handles(group, "eriec", "group") == []

        share(group, "bvlc", "bvlc-mentor", mentor(**GROUP))
        assert len(handles(group, "eriec", "group")) == 1


class TestRaces:
    def test_two_yeses_at_once_both_count_and_one_of_them_is_the_last(self, network: Database):
        share_group(network)
        found = propose(network, "eriec", "group").id

        words = at_once(lambda: move(network, "criec", "accept", found), lambda: move(network, "arec", "accept", found))

        assert sorted(words) == ["agreed", "proposed"]
        assert (taken(network), is_whole(network)) == (1, True)

    def test_a_yes_said_twice_at_once_counts_once(self, network: Database):
        share_group(network)
        found = propose(network, "eriec", "group").id

        words = at_once(*[lambda: move(network, "criec", "accept", found)] * 3)

        assert words.count("proposed") == 1
        assert set(words) <= {"proposed", "illegal-move", "conflict"}
        assert (taken(network), is_whole(network)) == (0, True)

    def test_two_who_propose_the_same_people_at_once_make_one_question(self, network: Database):
        share_two(network)
        named = {one: handles(network, one, "pair")[0] for one in ("eriec", "criec")}

        words = at_once(
            *(lambda at=at, handle=handle: propose(network, at, "pair", handle) for at, handle in named.items())
        )

        assert sorted(words) == ["conflict", "proposed"]
        with network.reading() as session:
            assert len(session.scalars(select(Gathering)).all()) == 1

    def test_of_the_last_yes_and_a_no_one_decides(self, network: Database):
        share_two(network)
        found = propose(network, "eriec", "pair").id

        words = at_once(
            lambda: move(network, "criec", "accept", found),
            lambda: move(network, "criec", "decline", found, "schedule"),
        )

        assert len({"agreed", "declined"} & set(words)) == 1
        assert is_whole(network)

    @pytest.mark.parametrize("pseudonym", ["eriec-0000", "arec-mentor"])
    def test_a_withdrawal_against_the_last_yes_leaves_nothing_half_done(self, network: Database, pseudonym: str):
        share_group(network)
        found = propose(network, "eriec", "group").id
        move(network, "criec", "accept", found)
        owner = pseudonym.partition("-")[0]

        words = at_once(
            lambda: move(network, "arec", "accept", found),
            lambda: network.run(lambda session: profiles.withdraw(session, system(owner), pseudonym)),
        )

        seen = move(network, "eriec", "show", found)
        assert words[1] == "done"
        assert (words[0], seen.state) in {("agreed", "agreed"), ("no-longer-available", "withdrawn")}
        assert (seen.left, is_whole(network)) == (1, True)
        with network.reading() as session:
            seats = session.scalars(select(Profile.taken).where(Profile.kind == "mentor")).all()
        assert seats == ([] if pseudonym == "arec-mentor" else [int(seen.state == "agreed")])

    def test_a_withdrawal_against_a_proposal_leaves_nobody_asked(self, network: Database):
        share_two(network)
        handle = handles(network, "eriec", "pair")[0]

        words = at_once(
            lambda: propose(network, "eriec", "pair", handle),
            lambda: network.run(lambda session: profiles.withdraw(session, system("criec"), "criec-0001")),
        )

        assert words[1] == "done"
        assert words[0] in {"proposed", "conflict"}
        with network.reading() as session:
            assert session.scalars(select(GatheringMember.id).where(GatheringMember.open)).all() == []
        assert is_whole(network)

    def test_one_seat_and_two_programs_is_taken_once(self, network: Database):
        """A group and a pair want the mentor's only seat in the same second."""
        share_group(network)
        found = propose(network, "eriec", "group").id
        move(network, "criec", "accept", found)

        def another() -> None:
            seat = update(Profile).where(Profile.pseudonym == "arec-mentor", Profile.taken < Profile.seats)
            if network.run(lambda s: s.execute(seat.values(taken=Profile.taken + 1)).rowcount) == 0:  # type: ignore[attr-defined]
                raise Problem("no-seat", "The other one was first.")

        words = at_once(lambda: move(network, "arec", "accept", found), another)

        assert sorted(words) in (["agreed", "no-seat"], ["done", "no-seat"])
        assert taken(network) == 1


class TestUnderneath:
    """What the database holds by itself."""

    @pytest.mark.parametrize(
        "statement",
        [
            update(Gathering).values(state="agreed"),
            update(Gathering).values(waiting=-1),
            update(Gathering).values(state="declined"),
            update(GatheringMember).values(profile_id=None),
            update(GatheringMember).values(role="mentor"),
        ],
        ids=[
            "agreed while one waits",
            "fewer than none",
            "no without a reason",
            "open without a person",
            "a mentor of a pair",
        ],
    )
    def test_a_state_that_cannot_be_is_refused(self, network: Database, statement: object):
        share_two(network)
        propose(network, "eriec", "pair")

        with pytest.raises(IntegrityError):
            network.run(lambda session: session.execute(statement))  # type: ignore[call-overload]

    def test_nobody_is_in_two_open_gatherings_of_one_kind(self, network: Database):
        share_two(network)
        found = propose(network, "eriec", "pair").id
        with network.reading() as session:
            kept = session.scalars(select(GatheringMember).where(GatheringMember.gathering_id == found)).first()
        assert kept is not None
        again = GatheringMember(
            gathering_id=found, profile_id=kept.profile_id, organisation_id="eriec", kind="pair", role="member",
            points=1, card={},
        )  # fmt: skip

        with pytest.raises(IntegrityError):
            network.run(lambda session: session.add(again))


def test_a_handle_changes_with_viewer_day_people_and_what_they_share():
    eriec, day = coordinator("eriec"), utcnow().date()
    same = handle_of(eriec, "circle", ["b", "a"], ["en"], day)

    assert same == handle_of(eriec, "circle", ["a", "b"], ["en"], day)
    others = {
        handle_of(coordinator("criec"), "circle", ["a", "b"], ["en"], day),
        handle_of(eriec, "pair", ["a", "b"], ["en"], day),
        handle_of(eriec, "circle", ["a", "c"], ["en"], day),
        handle_of(eriec, "circle", ["a", "b"], ["fr"], day),
        handle_of(eriec, "circle", ["a", "b"], ["en"], day + timedelta(days=1)),
    }
    assert len(others - {same}) == 5


def test_a_consent_that_ended_in_a_group_is_seen_by_the_first_yes(network: Database):
    share_group(network)
    found = propose(network, "eriec", "group").id
    whose = select(Profile.id).where(Profile.pseudonym == "arec-mentor").scalar_subquery()
    over = update(ConsentReceipt).where(ConsentReceipt.profile_id == whose).values(until=today() - timedelta(days=1))
    network.run(lambda session: session.execute(over))

    with refused(network, "no-longer-available"):
        move(network, "criec", "accept", found)
