"""Rounds: solved over one snapshot, drafted without asking anyone, published once; small counts stay at home."""

from typing import Any

import pytest
from sqlalchemy import select

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import AuditEntry, OutboxMessage, Profile, Proposal
from hub.services import profiles, proposals, rounds
from hub.services.actors import Actor
from hub.services.rounds import RoundView
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, system, today
from tests.hub.services.matches import recommended
from tests.hub.services.refusals import everything, refused


@pytest.fixture
def pool(members: Database) -> Database:
    """Two mentees of eriec; a mentor of arec and one of criec."""
    share(members, "arec", "mentor-0001", mentor())
    share(members, "criec", "mentor-0002", mentor())
    for number in (1, 2):
        share(members, "eriec", f"mentee-000{number}", mentee())
    return members


def solved(database: Database, policy: RoundPolicy | None = None) -> rounds.SolvedRound:
    with database.reading() as session:
        return rounds.solve(session, policy or RoundPolicy(), today())


def keep(database: Database, found: rounds.SolvedRound) -> RoundView:
    return database.run(lambda session: rounds.keep(session, TESTS, found, 14))


def draft(database: Database, policy: RoundPolicy | None = None) -> RoundView:
    return keep(database, solved(database, policy))


def publish(database: Database, round_id: str) -> RoundView:
    return database.run(lambda session: rounds.publish(session, TESTS, round_id))


def seen(database: Database, who: str, round_id: str) -> dict[str, Any]:
    with database.reading() as session:
        found = rounds.show(session, coordinator(who), round_id)
    return {part.organisation_id: part for part in found.shares}


def states(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(Proposal.state)))


def told(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return sorted(map(tuple, session.execute(select(OutboxMessage.organisation_id, OutboxMessage.type))))


def propose(database: Database, pseudonym: str) -> str:
    handle = recommended(database, "eriec", pseudonym).recommendations[0].handle
    actor = coordinator("eriec")
    return database.run(lambda session: proposals.propose(session, actor, pseudonym, handle, 14)).id


def test_solving_writes_nothing(pool: Database):
    before = everything(pool)

    assert solved(pool).round.placed == 2
    assert everything(pool) == before


def test_a_draft_asks_nobody_and_nobody_can_see_its_pairs(pool: Database):
    found = draft(pool)

    assert (found.state, found.placed, found.placed_across, found.published_at) == ("drafted", 2, 2, None)
    assert (found.mentees, found.mentors) == (2, 2)
    assert states(pool) == ["drafted", "drafted"]
    assert told(pool) == []
    with pool.reading() as session:
        assert all(proposals.inbox(session, coordinator(who)) == [] for who in ("eriec", "arec", "criec"))
        assert session.scalars(select(AuditEntry.operation)).all()[-1] == "round.run"


def test_publishing_asks_both_sides_of_every_pair_once(network: Database):
    share(network, "arec", "mentor-0001", mentor())
    share(network, "eriec", "mentee-0001", mentee())
    found = publish(network, draft(network).id)

    assert found.state == "published"
    assert found.published_at is not None
    assert states(network) == ["proposed"]
    assert told(network) == [("arec", "proposal.proposed"), ("eriec", "proposal.proposed")]
    with refused(network, "illegal-move") as problem:
        publish(network, found.id)
    assert problem.value.extra == {"state": "published"}


def test_a_later_draft_takes_the_place_of_an_earlier_one(pool: Database):
    first, second = draft(pool), draft(pool)

    with refused(pool, "illegal-move"):
        publish(pool, first.id)
    publish(pool, second.id)
    assert states(pool) == ["proposed", "proposed", "superseded", "superseded"]


def test_a_published_round_stays_when_another_is_drafted_and_no_pair_is_asked_twice(pool: Database):
    first = publish(pool, draft(pool).id)

    draft(pool)

    with pool.reading() as session:
        assert rounds.show(session, TESTS, first.id).state == "published"
        pairs = session.execute(select(Proposal.mentee_id, Proposal.mentor_id)).all()
    assert len(set(pairs)) == len(pairs)
    assert states(pool).count("proposed") == 2


def test_whom_a_round_placed_is_not_placed_again(pool: Database):
    for proposal in _published(pool):
        mentor_side = "arec" if _mentor_side(pool, proposal) == "arec" else "criec"
        for who in ("eriec", mentor_side):
            pool.run(lambda session, who=who, one=proposal: proposals.accept(session, coordinator(who), one))

    assert draft(pool).placed == 0
    with pool.reading() as session:
        assert set(session.scalars(select(Profile.taken))) == {1}


def _published(database: Database) -> list[str]:
    publish(database, draft(database).id)
    with database.reading() as session:
        return list(session.scalars(select(Proposal.id).where(Proposal.state == "proposed")))


def _mentor_side(database: Database, proposal: str) -> str:
    with database.reading() as session:
        return session.scalars(select(Proposal.mentor_organisation_id).where(Proposal.id == proposal)).one()


def test_who_withdrew_between_solving_and_keeping_is_not_drafted(pool: Database):
    found = solved(pool)
    pool.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))

    keep(pool, found)

    assert states(pool) == ["drafted"]


def test_who_withdrew_between_keeping_and_publishing_is_not_asked(pool: Database):
    found = draft(pool)
    pool.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0001"))

    publish(pool, found.id)

    assert states(pool).count("proposed") == 1


@pytest.mark.parametrize("when", ["before keeping", "before publishing"])
def test_a_pair_that_was_asked_about_meanwhile_is_asked_once(pool: Database, when: str):
    pool.run(lambda session: profiles.withdraw(session, system("eriec"), "mentee-0002"))
    found = solved(pool)
    kept = keep(pool, found) if when == "before publishing" else None
    asked = {propose(pool, "mentee-0001"), propose(pool, "mentee-0001")}

    publish(pool, (kept or keep(pool, found)).id)

    with pool.reading() as session:
        open_now = session.scalars(select(Proposal.id).where(Proposal.state == "proposed")).all()
    assert set(open_now) == asked


@pytest.mark.parametrize("mentees", [4, 5])
def test_counts_of_others_below_five_are_not_shown(members: Database, mentees: int):
    share(members, "arec", "mentor-0001", mentor(seats=mentees))
    for number in range(mentees):
        share(members, "eriec", f"mentee-000{number}", mentee())
    found = publish(members, draft(members).id)

    own, others = seen(members, "eriec", found.id)["eriec"], seen(members, "criec", found.id)["eriec"]

    assert (own.mentees, own.placed, own.placed_across, own.mine) == (mentees, mentees, mentees, True)
    hidden = None if mentees < 5 else mentees
    assert (others.mentees, others.placed, others.placed_across, others.mine) == (hidden, hidden, hidden, False)
    assert others.placed_alone == 0
    assert seen(members, "arec", found.id)["arec"].mentors_lent == mentees


def test_the_operator_who_publishes_sees_every_count(pool: Database):
    found = draft(pool)

    assert next(part for part in found.shares if part.organisation_id == "eriec").placed == 2


def test_the_certificate_gives_no_small_count_of_another_member_away(members: Database):
    # The one seat would do more for criec's mentee; the promise keeps it for eriec's own, and that has a price.
    share(members, "eriec", "eriec-mentor", mentor())
    share(members, "eriec", "eriec-mentee", mentee(needs=["resume"], years_band="21+"))
    share(members, "criec", "criec-mentee", mentee())
    found = publish(members, draft(members, RoundPolicy("total_fit")).id)

    with members.reading() as session:
        (own,) = rounds.show(session, coordinator("eriec"), found.id).certificate["prices"]
        (others,) = rounds.show(session, coordinator("criec"), found.id).certificate["prices"]
    assert own["organisation"] == others["organisation"] == "eriec"
    assert own["points"] == others["points"] > 0
    assert (own["bound"], others["bound"]) == (1, None)


def test_a_member_knows_nothing_of_a_round_before_it_is_published(pool: Database):
    superseded, found = draft(pool), draft(pool)

    for one in (superseded, found):
        with refused(pool, "not-found") as hidden, pool.reading() as session:
            rounds.show(session, coordinator("eriec"), one.id)
        with refused(pool, "not-found") as absent, pool.reading() as session:
            rounds.show(session, coordinator("eriec"), "no-such-round")
        assert hidden.value.detail == absent.value.detail
    with pool.reading() as session:
        assert rounds.listed(session, coordinator("eriec")) == rounds.listed(session, system("eriec")) == []
        assert [one.state for one in rounds.listed(session, TESTS)] == ["drafted", "superseded"]
        assert rounds.show(session, Actor("olga", "operator"), found.id).placed == 2

    publish(pool, found.id)

    with pool.reading() as session:
        assert [one.id for one in rounds.listed(session, coordinator("eriec"))] == [found.id]
        assert rounds.show(session, system("arec"), found.id).state == "published"


def test_rounds_are_listed_newest_first_and_shown_by_id(pool: Database):
    first = publish(pool, draft(pool).id)
    second = publish(pool, draft(pool, RoundPolicy("total_fit")).id)

    with pool.reading() as session:
        assert [one.id for one in rounds.listed(session, coordinator("eriec"))] == [second.id, first.id]
        assert rounds.show(session, coordinator("eriec"), second.id).policy["objective"] == "total_fit"


def test_the_same_pool_and_policy_give_the_same_digest(pool: Database):
    assert draft(pool).digest == draft(pool).digest
    assert draft(pool).digest != draft(pool, RoundPolicy("total_fit")).digest


def test_a_round_that_is_not_there_is_not_found(pool: Database):
    with refused(pool, "not-found"), pool.reading() as session:
        rounds.show(session, coordinator("eriec"), "no-such-round")
    with refused(pool, "not-found"):
        publish(pool, "no-such-round")


def test_an_empty_pool_is_an_answer(members: Database):
    found = draft(members)

    assert (found.mentees, found.placed, found.points, found.shares) == (0, 0, 0, ())
    assert publish(members, found.id).state == "published"
