"""One organisation leaves what was agreed with its own people: the others go on, and whoever is the last ends it."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from hub.database import Database
from hub.models import AuditEntry, GatheringMember, GatheringParty, Profile, WithdrawalNotice
from hub.services import audit_views, profiles
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
    told,
)
from tests.hub.people import coordinator, mentee, mentor, share, system
from tests.hub.services.refusals import refused


@pytest.fixture
def circle(network: Database) -> str:
    """A circle of three each of ERIEC and CRIEC, agreed."""
    share_six(network)
    return agreed(network, "circle", "criec")


@pytest.fixture
def group(network: Database) -> str:
    """Three mentees each of ERIEC and CRIEC with AREC's mentor, agreed."""
    share_group(network)
    return agreed(network, "group", "criec", "arec")


class TestLeaving:
    def test_takes_one_s_own_people_out_and_the_others_go_on(self, network: Database, circle: str):
        assert move(network, "eriec", "show", circle).allowed == ("leave", "end")
        move(network, "criec", "leave", circle)

        seen = move(network, "eriec", "show", circle)
        assert (seen.state, seen.size, seen.left, seen.too_few, seen.others) == ("agreed", 3, 3, True, ())
        assert [(one.organisation_id, one.word) for one in seen.parties] == [("criec", "left"), ("eriec", "accepted")]
        assert len(seen.mine) == 3
        assert is_whole(network)

    def test_of_three_organisations_one_leaves_and_the_page_s_counts_are_right(self, network: Database, group: str):
        move(network, "criec", "leave", group)

        for organisation, mine in (("eriec", 3), ("arec", 1)):
            seen = move(network, organisation, "show", group)
            assert (seen.state, seen.size, seen.left, seen.too_few, len(seen.mine)) == ("agreed", 3, 3, True, mine)
            assert seen.allowed == ("leave", "end")
        assert (taken(network), is_whole(network)) == (1, True)

    def test_enough_are_left_where_the_kind_needs_no_more(self, network: Database):
        for number in range(4):
            share(network, "eriec", f"eriec-000{number}", peer(number % 2))
        share(network, "criec", "criec-0001", peer(1))
        found = agreed(network, "circle", "criec")
        move(network, "criec", "leave", found)

        seen = move(network, "eriec", "show", found)
        # All are one organisation's now: the last with people in it ends it and does not leave it.
        assert (seen.size, seen.left, seen.too_few, seen.allowed) == (4, 1, False, ("end",))

    def test_is_told_to_everybody_in_it_and_noted_and_names_nobody(self, network: Database, group: str):
        move(network, "criec", "leave", group)

        assert [told(network, one)[-1] for one in ("arec", "criec", "eriec")] == ["gathering.left"] * 3
        with network.reading() as session:
            left = select(AuditEntry).where(AuditEntry.operation == "gathering.left")
            (entry,) = session.scalars(left)
        assert (entry.organisation_id, entry.subject) == ("criec", f"gathering:{group}")

    def test_erases_points_and_cards_of_those_who_left_and_of_nobody_else(self, network: Database, circle: str):
        move(network, "criec", "leave", circle)

        with network.reading() as session:
            places = session.scalars(select(GatheringMember)).all()
            gone = [one for one in places if one.organisation_id == "criec"]
            here = [one for one in places if one.organisation_id == "eriec"]
        assert {(one.open, one.points, one.facilitates, str(one.card)) for one in gone} == {(False, 0, False, "{}")}
        assert all(one.open and one.points and one.card for one in here)

    def test_is_nobody_s_fault_so_all_may_be_suggested_to_each_other_again(self, network: Database):
        share_two(network)
        found = agreed(network, "pair", "criec")
        assert handles(network, "eriec", "pair") == []
        move(network, "criec", "leave", found)
        move(network, "eriec", "end", found)

        assert propose(network, "criec", "pair").state == "proposed"

    def test_frees_one_s_own_people_before_the_others_end_it(self, network: Database):
        share_two(network)
        found = agreed(network, "pair", "criec")
        move(network, "criec", "leave", found)
        share(network, "arec", "arec-0001", peer(0))

        assert propose(network, "arec", "pair").state == "proposed"
        assert move(network, "eriec", "show", found).state == "agreed"


class TestTheMentorsSide:
    def test_has_the_seat_again_and_the_group_says_that_its_mentor_is_gone(self, network: Database, group: str):
        move(network, "arec", "leave", group)

        seen = move(network, "eriec", "show", group)
        assert (seen.state, seen.size, seen.left, seen.too_few, seen.others) == ("agreed", 6, 1, True, ())
        assert taken(network) == 0
        for number in range(6):
            share(network, "bvlc", f"bvlc-000{number}", mentee(**GROUP))
        assert propose(network, "arec", "group").state == "proposed"

    def test_gives_the_seat_back_once(self, network: Database, group: str):
        share(network, "arec", "arec-mentor", mentor(**GROUP | {"seats": 2}))
        network.run(lambda session: session.execute(update(Profile).where(Profile.kind == "mentor").values(taken=2)))
        move(network, "arec", "leave", group)
        move(network, "eriec", "end", group)

        assert taken(network) == 1

    def test_another_side_s_leaving_leaves_the_seat_where_it_is(self, network: Database, group: str):
        move(network, "eriec", "leave", group)
        assert taken(network) == 1
        move(network, "criec", "end", group)
        assert taken(network) == 0


class TestWhoeverLeft:
    def test_reads_that_it_left_and_nothing_of_the_others_since(self, network: Database, group: str):
        seen = move(network, "criec", "leave", group)
        move(network, "arec", "leave", group)
        move(network, "eriec", "end", group)
        later = move(network, "criec", "show", group)

        for view in (seen, later):
            assert (view.state, view.allowed, view.mine, view.others, view.untold) == ("left", (), (), (), 0)
            assert (view.size, view.left, view.too_few) == (6, 3, False)
            words = {one.organisation_id: one.word for one in view.parties}
            assert words == {"arec": "accepted", "criec": "left", "eriec": "accepted"}
        assert told(network, "criec")[-1] == "gathering.left"
        assert told(network, "criec").count("gathering.left") == 1
        assert told(network, "eriec")[-2:] == ["gathering.left", "gathering.ended"]

    def test_reads_in_the_audit_log_what_was_done_until_it_left(self, network: Database, group: str):
        move(network, "criec", "leave", group)
        move(network, "eriec", "end", group)

        def read(organisation: str) -> list[str]:
            with network.reading() as session:
                found = audit_views.listed(session, coordinator(organisation), 50)
            return [one.operation for one in found if one.subject == f"gathering:{group}"]

        until = ["gathering.left", "gathering.agreed", "gathering.accepted", "gathering.proposed"]
        assert read("criec") == until
        assert read("arec") == ["gathering.ended", *until]

    @pytest.mark.parametrize("name", ["leave", "end"])
    def test_moves_it_no_more_and_is_told_why(self, network: Database, group: str, name: str):
        move(network, "criec", "leave", group)

        with refused(network, "illegal-move") as problem:
            move(network, "criec", name, group)
        assert problem.value.extra == {"state": "left", "allowed": []}
        assert "Your organisation left" in problem.value.detail

    def test_a_later_withdrawal_still_reaches_those_who_held_the_contact(self, network: Database, group: str):
        move(network, "criec", "leave", group)
        network.run(lambda session: profiles.withdraw(session, system("criec"), "criec-0000"))

        with network.reading() as session:
            notices = session.scalars(select(WithdrawalNotice.told_id)).all()
            kept = select(GatheringMember.profile_id).where(GatheringMember.organisation_id == "criec")
            people = list(session.scalars(kept))
        assert sorted(notices) == ["arec", "eriec"]
        assert people.count(None) == 1
        assert "gathering.member_left" not in told(network, "eriec")
        assert move(network, "eriec", "show", group).left == 3


class TestRefused:
    def test_the_last_with_people_in_it_ends_it_instead(self, network: Database, circle: str):
        move(network, "criec", "leave", circle)

        with refused(network, "illegal-move") as problem:
            move(network, "eriec", "leave", circle)
        assert problem.value.extra == {"state": "agreed", "allowed": ["end"]}
        assert move(network, "eriec", "end", circle).state == "ended"

    def test_the_last_whose_people_did_not_all_withdraw_ends_it_too(self, network: Database):
        share_two(network)
        found = agreed(network, "pair", "criec")
        network.run(lambda session: profiles.withdraw(session, system("criec"), "criec-0001"))

        for organisation in ("eriec", "criec"):
            with refused(network, "illegal-move"):
                move(network, organisation, "leave", found)

    def test_a_question_is_not_left_but_answered_or_taken_back(self, network: Database):
        share_two(network)
        found = propose(network, "eriec", "pair").id

        for organisation in ("eriec", "criec"):
            with refused(network, "illegal-move"):
                move(network, organisation, "leave", found)

    def test_what_is_over_and_what_is_others(self, network: Database, circle: str):
        with refused(network, "not-found"):
            move(network, "arec", "leave", circle)
        move(network, "criec", "end", circle)
        with refused(network, "illegal-move"):
            move(network, "eriec", "leave", circle)

    def test_a_word_that_is_none_is_refused_underneath(self, network: Database, circle: str):
        with pytest.raises(IntegrityError):
            network.run(lambda session: session.execute(update(GatheringParty).values(word="gone")))


class TestRaces:
    def test_of_the_last_two_who_leave_at_once_one_leaves_and_one_stays(self, network: Database, circle: str):
        words = at_once(
            lambda: move(network, "eriec", "leave", circle), lambda: move(network, "criec", "leave", circle)
        )

        assert words.count("left") == 1
        assert set(words) <= {"left", "conflict", "illegal-move"}
        stayed = ("eriec", "criec")[words.index("left") - 1]
        seen = move(network, stayed, "show", circle)
        assert (seen.state, seen.size, seen.left, seen.allowed, is_whole(network)) == ("agreed", 3, 3, ("end",), True)

    def test_of_three_who_leave_at_once_two_leave(self, network: Database, group: str):
        words = at_once(*(lambda one=one: move(network, one, "leave", group) for one in ("eriec", "criec", "arec")))

        assert words.count("left") == 2
        assert set(words) <= {"left", "conflict", "illegal-move"}
        assert is_whole(network)
        mentor_left = words[2] == "left"
        assert taken(network) == int(not mentor_left)

    def test_a_colleague_who_leaves_at_once_changes_nothing(self, network: Database, group: str):
        words = at_once(*[lambda: move(network, "arec", "leave", group)] * 3)

        assert words.count("left") == 1
        assert set(words) <= {"left", "conflict", "illegal-move"}
        assert (taken(network), is_whole(network)) == (0, True)

    def test_against_the_end_one_decides_and_the_seat_comes_back_once(self, network: Database, group: str):
        words = at_once(lambda: move(network, "arec", "leave", group), lambda: move(network, "eriec", "end", group))

        assert words[1] == "ended"
        assert words[0] in {"left", "conflict", "illegal-move"}
        assert (taken(network), is_whole(network)) == (0, True)
        assert move(network, "eriec", "show", group).state == "ended"

    @pytest.mark.parametrize("pseudonym", ["arec-mentor", "eriec-0000"])
    def test_against_a_withdrawal_leaves_nothing_half_done(self, network: Database, group: str, pseudonym: str):
        owner = pseudonym.partition("-")[0]
        words = at_once(
            lambda: move(network, "arec", "leave", group),
            lambda: network.run(lambda session: profiles.withdraw(session, system(owner), pseudonym)),
        )

        assert words[1] == "done"
        assert words[0] in {"left", "conflict", "illegal-move"}
        assert is_whole(network)
        seen = move(network, "criec", "show", group)
        assert seen.left == (1 if owner == "arec" else 2)
