"""What a gathering rests on between organisations: its question ends with the agreement, what all said yes to stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.database import Database
from hub.models import Agreement, Gathering, GatheringMember
from hub.services import organisations, sharing
from tests.hub.gathered import agreed, handles, move, propose, share_group, share_two, told
from tests.hub.people import TESTS, acting, coordinator, today
from tests.hub.services.refusals import refused

GONE = "gathering.no_longer_available"


def end(database: Database, giver: str, taker: str) -> None:
    database.run(lambda session: sharing.withdraw_all(session, TESTS, giver, taker, today()))


def lapse(database: Database, giver: str, taker: str) -> None:
    """Let the agreements run out by their dates, as nobody is told."""
    both = (Agreement.sharing_id == giver, Agreement.receiving_id == taker)
    over = update(Agreement).where(*both).values(ends_on=today() - timedelta(days=1))
    database.run(lambda session: session.execute(over))


def state(database: Database, gathering: str) -> str:
    with database.reading() as session:
        return session.get_one(Gathering, gathering).state


def people_in(database: Database, gathering: str) -> int:
    here = (GatheringMember.gathering_id == gathering, GatheringMember.open)
    with database.reading() as session:
        return len(session.scalars(select(GatheringMember.profile_id).where(*here)).all())


@pytest.mark.parametrize(("giver", "taker"), [("eriec", "criec"), ("criec", "eriec")])
def test_a_pair_asked_for_is_over_when_either_of_its_organisations_shares_no_more(
    network: Database, giver: str, taker: str
):
    share_two(network)
    asked = propose(network, "eriec", "pair").id

    network.run(
        lambda session: sharing.withdraw(session, coordinator(giver), agreement(network, giver, taker), today())
    )

    assert (state(network, asked), people_in(network, asked)) == ("withdrawn", 0)
    assert [told(network, one)[-1] for one in ("eriec", "criec")] == [GONE, GONE]
    assert handles(network, "eriec", "pair") == []


def agreement(database: Database, giver: str, taker: str) -> str:
    both = (Agreement.sharing_id == giver, Agreement.receiving_id == taker)
    with database.reading() as session:
        return session.scalars(select(Agreement.id).where(*both)).one()


def test_a_group_rests_on_what_the_mentor_s_organisation_shares_and_on_nothing_between_its_mentees(members: Database):
    share_group(members)
    asked = propose(members, "eriec", "group").id

    end(members, "eriec", "criec")
    end(members, "criec", "arec")
    assert state(members, asked) == "proposed"

    end(members, "arec", "criec")
    assert (state(members, asked), people_in(members, asked)) == ("withdrawn", 0)
    assert {told(members, one)[-1] for one in ("eriec", "criec", "arec")} == {GONE}


def test_what_all_said_yes_to_stays(members: Database):
    share_two(members)
    found = agreed(members, "pair", "criec")

    end(members, "eriec", "criec")

    assert (state(members, found), people_in(members, found)) == ("agreed", 2)


def test_a_question_stays_while_another_agreement_of_the_two_holds(members: Database):
    share_two(members)
    asked = propose(members, "eriec", "pair").id
    first = agreement(members, "criec", "eriec")
    members.run(lambda session: organisations.agree(session, TESTS, "criec", "eriec", today() - timedelta(days=30)))

    members.run(lambda session: sharing.withdraw(session, coordinator("criec"), first, today()))

    assert state(members, asked) == "proposed"


@pytest.mark.parametrize(("giver", "taker"), [("eriec", "criec"), ("criec", "eriec")])
def test_a_yes_to_a_pair_needs_agreements_that_hold_both_ways(members: Database, giver: str, taker: str):
    share_two(members)
    asked = propose(members, "eriec", "pair").id
    lapse(members, giver, taker)

    with refused(members, "no-longer-available"):
        move(members, "criec", "accept", asked)


def test_each_yes_to_a_group_needs_all_that_it_rests_on_also_of_others(network: Database):
    share_group(network)
    asked = propose(network, "eriec", "group").id
    lapse(network, "criec", "eriec")
    lapse(network, "arec", "criec")

    with refused(network, "no-longer-available"), acting("arec"):
        move(network, "arec", "accept", asked)
    owned = update(Agreement).where(Agreement.sharing_id == "arec").values(ends_on=None)
    network.run(lambda session: session.execute(owned))

    with acting("arec"):
        assert move(network, "arec", "accept", asked).state == "proposed"
