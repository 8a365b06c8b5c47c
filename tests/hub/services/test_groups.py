"""Groups are suggested over the whole network; each organisation sees its own people in them and the others as a number."""

import pytest

from hub.database import Database
from hub.services import groups
from hub.services.groups import GroupsView
from tests.hub.people import add_members, coordinator, mentee, mentor, share, today

GROUP = {"formats": ["one_to_one", "group"], "slots": ["tue_evening"]}


@pytest.fixture
def members(sqlite_database: Database) -> Database:
    """Three mentees each of ERIEC and CRIEC, and one mentor of AREC who takes groups."""
    sqlite_database.run(add_members)
    for number in range(3):
        share(sqlite_database, "eriec", f"eriec-000{number}", mentee(**GROUP))
        share(sqlite_database, "criec", f"criec-000{number}", mentee(**GROUP))
    share(sqlite_database, "arec", "arec-mentor", mentor(**GROUP))
    return sqlite_database


def seen_by(database: Database, organisation: str) -> GroupsView:
    with database.reading() as session:
        return groups.suggest(session, coordinator(organisation), today())


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

    assert (found.formed, found.placed, len(found.left_out)) == (0, 0, 4)


def test_nothing_is_stored_and_an_empty_pool_forms_no_group(sqlite_database: Database):
    sqlite_database.run(add_members)

    assert seen_by(sqlite_database, "eriec") == GroupsView((), (), 0, 0, 0)
