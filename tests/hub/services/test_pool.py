"""The shared pool: classes of people, never a person, and only what is shared with the one who asks."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.database import Database
from hub.models import Agreement, ConsentReceipt, PossibleDuplicate, Profile
from hub.services import epochs, pool, withdrawals
from hub.services.actors import hub_itself
from hub.services.pool import PoolAnswer, PoolCriteria
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, today
from tests.hub.services.refusals import everything, refused

K = 5


def fill(database: Database, organisation: str, count: int, **changes: Any) -> None:
    for number in range(count):
        share(database, organisation, f"{organisation}-{changes.get('noc', '2130')}-{number:04d}", mentor(**changes))


def search(database: Database, organisation: str = "eriec", **criteria: Any) -> PoolAnswer:
    return database.run(lambda session: pool.search(session, coordinator(organisation), PoolCriteria(**criteria), K))


def publish(database: Database) -> epochs.EpochView:
    return database.run(lambda session: epochs.publish(session, TESTS, K))


def expire(database: Database) -> None:
    yesterday = today() - timedelta(days=1)
    database.run(lambda session: session.execute(update(ConsentReceipt).values(until=yesterday)))


def test_fewer_than_k_people_are_not_shown_and_not_counted(members: Database):
    fill(members, "arec", K - 1)

    assert search(members) == PoolAnswer(cells=(), matchable="0-4", withheld=True, epoch=1)


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


@pytest.mark.parametrize(("speaking", "found"), [(K - 1, 0), (K, 1)])
def test_a_language_finds_a_class_when_half_of_it_speaks_it(members: Database, speaking: int, found: int):
    fill(members, "arec", 2 * K)
    for number in range(speaking):
        share(members, "arec", f"arec-2130-{number:04d}", mentor(languages=["en", "so"]))

    assert len(search(members, language="so").cells) == found


def test_own_people_do_not_move_the_answer_about_a_language(members: Database):
    fill(members, "arec", 2 * K)
    fill(members, "eriec", 3 * K, languages=["so"])

    publish(members)

    assert search(members, "eriec", language="so").cells == ()
    assert len(search(members, "criec", language="so").cells) == 1


def test_a_class_is_available_while_one_of_it_had_a_seat_at_the_epoch(members: Database):
    fill(members, "arec", K)
    assert search(members).cells[0].available
    members.run(lambda session: session.execute(update(Profile).values(taken=Profile.seats)))
    assert search(members).cells[0].available

    publish(members)

    assert not search(members).cells[0].available


def test_only_members_that_share_are_seen_and_an_ended_agreement_counts_at_once(members: Database):
    fill(members, "arec", K)
    assert len(search(members, "eriec").cells) == 1
    yesterday = today() - timedelta(days=1)
    ended = update(Agreement).where(Agreement.receiving_id == "eriec").values(ends_on=yesterday)
    members.run(lambda session: session.execute(ended))

    for _ in range(2):
        assert search(members, "eriec").cells == ()
        assert len(search(members, "criec").cells) == len(search(members, "arec").cells) == 1
        publish(members)


def test_a_class_is_shown_whole_or_not_at_all_so_viewers_never_see_two_cuts_of_it(members: Database):
    """Arec shares with criec only, bvlc with everyone: their people stand in classes apart."""
    yesterday = today() - timedelta(days=1)
    not_criec = (Agreement.sharing_id == "arec", Agreement.receiving_id != "criec")
    members.run(lambda session: session.execute(update(Agreement).where(*not_criec).values(ends_on=yesterday)))
    fill(members, "arec", K)
    fill(members, "bvlc", K)

    seen = {
        organisation: [cell.size for cell in search(members, organisation).cells] for organisation in ("eriec", "criec")
    }

    assert seen == {"eriec": ["5-9"], "criec": ["5-9", "5-9"]}


def test_a_withdrawal_counts_at_once_and_a_class_short_of_rule_r_hides(members: Database):
    fill(members, "arec", K)
    assert len(search(members).cells) == 1
    actor = coordinator("arec")
    members.run(lambda session: withdrawals.withdraw(session, actor, "arec-2130-0000"))

    assert search(members) == PoolAnswer(cells=(), matchable="0-4", withheld=True, epoch=1)


def test_who_did_not_consent_until_today_is_not_counted(members: Database):
    fill(members, "arec", K)
    expire(members)

    assert search(members) == PoolAnswer(cells=(), matchable="0-4", withheld=False, epoch=1)


def test_mentees_are_no_mentors(members: Database):
    for number in range(K):
        share(members, "arec", f"mentee-{number:04d}", mentee())

    assert search(members).cells == ()
    assert search(members, kind="mentee").cells[0].size == "5-9"


@pytest.mark.parametrize(("people", "size"), [(5, "5-9"), (9, "5-9"), (10, "10-19"), (20, "20+")])
def test_sizes_are_buckets(members: Database, people: int, size: str):
    fill(members, "arec", people)

    assert search(members).cells[0].size == search(members).matchable == size


def test_a_handle_is_of_one_viewer_and_one_epoch(members: Database):
    fill(members, "arec", K)
    viewers = ("eriec", "criec", "arec")

    first = [search(members, viewer).cells[0].handle for viewer in viewers]
    assert first == [search(members, viewer).cells[0].handle for viewer in viewers]
    publish(members)
    then = [search(members, viewer).cells[0].handle for viewer in viewers]

    assert len({*first, *then}) == 2 * len(viewers)


def test_a_reader_publishes_nothing_and_is_told_to_come_back_as_a_writer(members: Database):
    fill(members, "arec", K)
    before = everything(members)

    with members.reading() as session:
        answer = pool.search(session, coordinator("eriec"), PoolCriteria(), K)

    assert (answer.cells, answer.epoch) == ((), None)
    assert everything(members) == before


def test_a_search_in_a_published_pool_changes_nothing(members: Database):
    fill(members, "arec", K)
    search(members)
    before = everything(members)

    with members.reading() as session:
        assert len(pool.search(session, coordinator("eriec"), PoolCriteria(), K).cells) == 1
    assert everything(members) == before


def test_a_greater_k_counts_at_once(members: Database):
    fill(members, "arec", K)
    search(members)

    asked = PoolCriteria()
    assert members.run(lambda session: pool.search(session, coordinator("eriec"), asked, K + 1)).cells == ()


def test_who_belongs_to_no_organisation_sees_no_people(members: Database):
    with refused(members, "not-allowed"):
        members.run(lambda session: pool.search(session, hub_itself("tests"), PoolCriteria(), K))


def confirm(database: Database, one: str, other: str, *, a_side: str = "confirmed") -> None:
    """Let both organisations say that two profiles are one person."""

    def unit(session: Session) -> None:
        profiles = {
            profile.pseudonym: profile
            for profile in session.scalars(select(Profile).where(Profile.pseudonym.in_((one, other))))
        }
        first, second = sorted(profiles.values(), key=lambda profile: profile.id)
        session.add(
            PossibleDuplicate(
                a_id=first.id,
                b_id=second.id,
                a_organisation_id=first.organisation_id,
                b_organisation_id=second.organisation_id,
                reference="reference",
                weight=300,
                a_side=a_side,
                b_side="confirmed",
            )
        )

    database.run(unit)


def test_people_are_counted_not_profiles(members: Database):
    """Ten profiles of two members, one person in both: each is left with four strangers when it takes its own away."""
    fill(members, "arec", K)
    fill(members, "criec", K)
    assert len(search(members).cells) == 1

    confirm(members, "arec-2130-0000", "criec-2130-0000")

    for _ in range(2):
        answer = search(members)
        assert (answer.cells, answer.matchable) == ((), "5-9")
        publish(members)


def test_a_person_two_members_share_counts_once_in_a_class_that_still_holds(members: Database):
    fill(members, "arec", K + 1)
    fill(members, "criec", K + 1)
    fill(members, "bvlc", 8)
    assert search(members).cells[0].size == "20+"

    confirm(members, "arec-2130-0000", "criec-2130-0000")

    assert search(members).cells[0].size == "10-19"
    publish(members)
    assert search(members).cells[0].size == "10-19"


def test_what_only_one_side_confirmed_counts_as_two_people(members: Database):
    fill(members, "arec", K)
    fill(members, "criec", K)

    confirm(members, "arec-2130-0000", "criec-2130-0000", a_side="possible")

    assert search(members).cells[0].size == "10-19"
