"""Groups are suggested over the whole network; each organisation sees its own people in them and the others as a number.

Another organisation's mentor is shown within the weekly budgets of the viewer, and noted for the owner.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import AuditEntry, Exposure
from hub.services import groups, profiles
from hub.services.groups import GroupsView
from hub.services.suggestions import Waiting
from hub.settings import Settings, load_settings
from tests.hub.people import add_members, coordinator, mentee, mentor, share, system, today

SETTINGS = load_settings({}, secret="s" * 40)
ONCE = replace(SETTINGS, mentor_lists_per_week=1)

GROUP = {"formats": ["one_to_one", "group"], "slots": ["tue_evening"]}


def gather(database: Database) -> Database:
    """Three mentees each of ERIEC and CRIEC, and one mentor of AREC who takes groups."""
    for number in range(3):
        share(database, "eriec", f"eriec-000{number}", mentee(**GROUP))
        share(database, "criec", f"criec-000{number}", mentee(**GROUP))
    share(database, "arec", "arec-mentor", mentor(**GROUP))
    return database


@pytest.fixture
def members(sqlite_database: Database) -> Database:
    sqlite_database.run(add_members)
    return gather(sqlite_database)


@pytest.fixture
def group(network: Database) -> Database:
    """The same on both databases."""
    return gather(network)


def seen_by(database: Database, organisation: str, settings: Settings = SETTINGS) -> GroupsView:
    with database.reading() as session:
        solved = groups.solve_in_groups(session, today())
    return database.run(lambda session: groups.show_groups(session, coordinator(organisation), solved, settings))


def noted(database: Database, viewer: str) -> list[str]:
    """Whose mentors were shown to an organisation, once for each time."""
    with database.reading() as session:
        return list(session.scalars(select(Exposure.owner_id).where(Exposure.viewer_id == viewer)))


def test_people_of_two_organisations_form_one_group_with_a_third_ones_mentor(members: Database):
    (found,) = seen_by(members, "eriec").groups

    assert (found.size, found.language, found.slot, found.organisation_name) == (6, "en", "tue_evening", "AREC")
    assert {one.pseudonym for one in found.mine} == {"eriec-0000", "eriec-0001", "eriec-0002"}
    assert found.my_mentor is None


def test_nobody_sees_anybody_elses_people(members: Database):
    for organisation, other in (("eriec", "criec"), ("criec", "eriec"), ("arec", "eriec")):
        assert f"{other}-000" not in repr(seen_by(members, organisation))
    assert seen_by(members, "bvlc").groups == ()


def test_the_mentors_organisation_sees_its_mentor_and_how_many(members: Database):
    (found,) = seen_by(members, "arec").groups

    assert (found.my_mentor, found.size, found.mine) == ("arec-mentor", 6, ())


def test_who_wants_a_group_and_is_in_none_is_told_why_in_both_languages(members: Database):
    share(members, "eriec", "eriec-late", mentee(**GROUP | {"slots": ["sun_morning"]}))
    share(members, "eriec", "eriec-alone", mentee(slots=["tue_evening"]))

    found = seen_by(members, "eriec")

    (late,) = found.left_out
    assert late.pseudonym == "eriec-late"
    assert all(late.because[locale] for locale in ("en", "fr"))


def test_four_are_no_group(sqlite_database: Database):
    sqlite_database.run(add_members)
    for number in range(4):
        share(sqlite_database, "eriec", f"eriec-000{number}", mentee(**GROUP))
    share(sqlite_database, "arec", "arec-mentor", mentor(**GROUP))

    found = seen_by(sqlite_database, "eriec")

    assert (found.formed, found.placed, len(found.left_out), found.waiting) == (0, 0, 4, Waiting(4, None))


def test_an_empty_pool_forms_no_group_and_notes_nobody(sqlite_database: Database):
    sqlite_database.run(add_members)

    assert seen_by(sqlite_database, "eriec") == GroupsView((), (), 0, 0, Waiting(0, None), 0)
    assert noted(sqlite_database, "eriec") == []


def test_groups_and_places_are_counted_of_own_people_alone(members: Database):
    for number in range(1, 5):
        share(members, "arec", f"arec-mentor-{number}", mentor(**GROUP))
        for place in range(5):
            share(members, "criec", f"criec-{number}-{place:03}", mentee(**GROUP))

    found = seen_by(members, "eriec")

    assert found.formed == len(found.groups)
    assert found.placed == sum(len(one.mine) for one in found.groups)


class TestTheBudget:
    def test_another_ones_mentor_is_noted_for_the_owner_and_in_the_log_and_the_own_costs_nothing(self, group: Database):
        seen_by(group, "eriec")
        seen_by(group, "arec")

        assert noted(group, "eriec") == ["arec"]
        assert noted(group, "arec") == []
        with group.reading() as session:
            told = session.execute(select(AuditEntry.organisation_id, AuditEntry.operation)).all()
        assert [one.organisation_id for one in told if one.operation == "group.list"] == ["eriec"]

    def test_the_same_answer_again_costs_nothing_and_a_changed_mentee_one_list_more(self, group: Database):
        for _ in range(3):
            assert seen_by(group, "eriec").groups[0].organisation_name == "AREC"
        assert len(noted(group, "eriec")) == 1

        share(group, "eriec", "eriec-0000", mentee(**GROUP | {"interests": ["books"]}))
        seen_by(group, "eriec")
        assert len(noted(group, "eriec")) == 2

    def test_a_changed_own_mentor_who_competes_with_others_makes_another_answer_too(self, group: Database):
        seen_by(group, "eriec")
        share(group, "eriec", "eriec-mentor", mentor(**GROUP | {"languages": ["vi"]}))
        seen_by(group, "eriec")

        assert len(noted(group, "eriec")) == 2

    def test_a_withdrawn_own_mentee_makes_another_answer(self, group: Database):
        seen_by(group, "eriec")
        group.run(lambda session: profiles.withdraw(session, system("eriec"), "eriec-0000"))
        seen_by(group, "eriec")

        assert len(noted(group, "eriec")) == 2

    def test_another_week_counts_anew(self, members: Database):
        seen_by(members, "eriec")
        with members.transaction() as session:
            for row in session.scalars(select(Exposure)):
                row.shown_at -= timedelta(days=8)
        seen_by(members, "eriec", ONCE)

        assert len(noted(members, "eriec")) == 2

    def test_a_spent_budget_tells_nothing_of_the_mentor_and_all_of_the_own_members(self, group: Database):
        seen_by(group, "eriec", ONCE)
        share(group, "eriec", "eriec-0000", mentee(**GROUP | {"interests": ["books"]}))
        (found,) = seen_by(group, "eriec", ONCE).groups

        assert (found.organisation_name, found.noc, found.region) == (None, "*", "*")
        assert (found.language, found.slot, found.my_mentor) == (None, None, None)
        assert len(found.mine) == 3
        assert seen_by(group, "arec", ONCE).groups[0].my_mentor == "arec-mentor"
