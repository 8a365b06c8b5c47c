"""The shared pool: classes of people, never a person, and only what is shared with the one who asks."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hub.database import Database
from hub.models import Agreement, ConsentReceipt, Profile
from hub.services import pool
from hub.services.actors import hub_itself
from hub.services.pool import PoolAnswer, PoolCriteria
from tests.hub.people import coordinator, mentee, mentor, share, today
from tests.hub.services.refusals import refused

K = 5


def fill(database: Database, organisation: str, count: int, **changes: Any) -> None:
    for number in range(count):
        share(database, organisation, f"{organisation}-{changes.get('noc', '2130')}-{number:04d}", mentor(**changes))


def search(database: Database, organisation: str = "eriec", **criteria: Any) -> PoolAnswer:
    with database.reading() as session:
        return pool.search(session, coordinator(organisation), PoolCriteria(**criteria), K)


def expire(database: Database) -> None:
    yesterday = today() - timedelta(days=1)
    database.run(lambda session: session.execute(update(ConsentReceipt).values(until=yesterday)))


def test_fewer_than_k_people_are_not_shown_and_not_counted(members: Database):
    fill(members, "arec", K - 1)

    assert search(members) == PoolAnswer(cells=(), matchable="0-4", withheld=True)


def test_k_people_of_one_member_are_one_class(members: Database):
    fill(members, "arec", K)

    answer = search(members)

    (cell,) = answer.cells
    assert (cell.noc, cell.region, cell.years_band, cell.size) == ("2130", "AB-835", "11-20", "5-9")
    assert (cell.available, answer.matchable, answer.withheld) == (True, "5-9", False)


def test_no_member_can_take_its_own_away_and_see_the_others(members: Database):
    fill(members, "eriec", K)
    fill(members, "arec", 1)

    for organisation in ("eriec", "arec", "criec"):
        assert search(members, organisation).cells == ()


def test_an_answer_is_made_of_whole_classes_whatever_is_asked(members: Database):
    fill(members, "arec", K, noc="2130", languages=["en"])
    fill(members, "arec", 2 * K, noc="3130", languages=["en", "fil"])
    everyone = set(search(members).cells)

    for criteria in ({"noc": "21"}, {"noc": "21301"}, {"region": "AB"}, {"language": "fil"}, {"language": "fr"}):
        assert set(search(members, **criteria).cells) <= everyone
    assert [cell.noc for cell in search(members, noc="21").cells] == ["2130"]
    assert [cell.noc for cell in search(members, language="fil").cells] == ["3130"]
    assert search(members, language="fr").cells == search(members, region="ON").cells == ()


def test_a_language_of_fewer_than_half_a_class_does_not_point_at_its_speakers(members: Database):
    fill(members, "arec", 2 * K, noc="2130")
    for number in range(K):
        share(members, "arec", f"arec-2130-{number:04d}", mentor(languages=["en", "so"]))
    assert len(search(members, language="so").cells) == 1

    share(members, "arec", "arec-2130-0000", mentor(languages=["en"]))

    assert search(members, language="so").cells == ()


def test_a_class_is_available_while_one_of_it_has_a_seat(members: Database):
    fill(members, "arec", K)
    members.run(lambda session: session.execute(update(Profile).values(taken=Profile.seats)))

    assert not search(members).cells[0].available


def test_only_members_that_share_are_seen(members: Database):
    fill(members, "arec", K)
    yesterday = today() - timedelta(days=1)
    ended = update(Agreement).where(Agreement.receiving_id == "eriec").values(ends_on=yesterday)
    members.run(lambda session: session.execute(ended))

    assert search(members, "eriec").cells == ()
    assert len(search(members, "criec").cells) == len(search(members, "arec").cells) == 1


def test_who_did_not_consent_until_today_is_not_counted(members: Database):
    fill(members, "arec", K)
    expire(members)

    assert search(members) == PoolAnswer(cells=(), matchable="0-4", withheld=False)


def test_mentees_are_no_mentors(members: Database):
    for number in range(K):
        share(members, "arec", f"mentee-{number:04d}", mentee())

    assert search(members).cells == ()
    assert search(members, kind="mentee").cells[0].size == "5-9"


@pytest.mark.parametrize(("people", "size"), [(5, "5-9"), (9, "5-9"), (10, "10-19"), (20, "20+")])
def test_sizes_are_buckets(members: Database, people: int, size: str):
    fill(members, "arec", people)

    assert search(members).cells[0].size == search(members).matchable == size


def test_who_belongs_to_no_organisation_sees_no_people(members: Database):
    with refused(members, "not-allowed"), members.reading() as session:
        pool.search(session, hub_itself("tests"), PoolCriteria(), K)
