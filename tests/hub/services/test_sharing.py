"""What a member decides about sharing: looking near first for some days, and ending an agreement at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Agreement, AuditEntry, Organisation, OutboxMessage, Proposal
from hub.services import groups, organisations, proposals, recommendations, repairs, round_views, rounds, sharing
from hub.services.recommendations import RecommendationsView
from tests.hub.people import TESTS, coordinator, mentee, mentor, share, today
from tests.hub.rounds import run_round
from tests.hub.services.matches import recommended
from tests.hub.services.refusals import refused

FAR = "ON-535"


def window(database: Database, days: int, organisation: str = "eriec") -> None:
    database.run(lambda session: sharing.look_near_first(session, coordinator(organisation), organisation, days))


def waiting(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def found(database: Database, pseudonym: str = "mentee-0001") -> RecommendationsView:
    return recommended(database, "eriec", pseudonym)


def regions(database: Database, pseudonym: str = "mentee-0001") -> list[str]:
    """Regions of the mentors recommended, by who they are: cards may tell less."""
    with database.reading() as session:
        kept = [one.handle for one in found(database, pseudonym).recommendations]
        query = select(recommendations.Recommendation.mentor_id).where(recommendations.Recommendation.handle.in_(kept))
        people = recommendations.Profile
        return sorted(session.scalars(select(people.region).where(people.id.in_(query))))


@pytest.fixture
def scattered(members: Database) -> Database:
    """A mentor of another organisation in the province, one in another province, and an own one there; one mentee."""
    share(members, "arec", "mentor-near", mentor(region="AB-825"))
    share(members, "arec", "mentor-far", mentor(region=FAR))
    share(members, "eriec", "mentor-own", mentor(region="BC-933"))
    share(members, "eriec", "mentee-0001", mentee(waiting_since=waiting(5)))
    return members


def test_in_the_window_own_mentors_and_those_of_the_province_are_recommended_and_after_it_everybody(
    scattered: Database,
):
    window(scattered, 14)
    assert regions(scattered) == ["AB-825", "BC-933"]

    window(scattered, 5)
    assert regions(scattered) == ["AB-825", "BC-933", FAR]


def test_a_window_is_counted_from_the_day_each_mentee_began_to_wait(scattered: Database):
    share(scattered, "eriec", "mentee-0002", mentee(waiting_since=waiting(20)))
    share(scattered, "eriec", "mentee-0003", mentee())
    window(scattered, 14)

    assert FAR in regions(scattered, "mentee-0002")
    assert FAR not in regions(scattered, "mentee-0003")


def test_a_window_is_the_organisation_s_own(scattered: Database):
    share(scattered, "criec", "mentee-0001", mentee())
    window(scattered, 14)

    assert len(recommended(scattered, "criec", "mentee-0001").recommendations) == 3


def test_who_finds_nobody_nearby_is_told_how_long_and_how_many(members: Database):
    share(members, "arec", "mentor-far", mentor(region=FAR))
    share(members, "eriec", "mentee-0001", mentee(waiting_since=waiting(5)))
    window(members, 14)

    told = found(members)

    assert told.recommendations == ()
    assert told.nobody_because["en"] == ("Mentors of the province come first; the whole network is asked in 9 days.",)
    assert told.next_steps["fr"] == (
        "Un autre mentor devient possible dans 9 jours, quand tout le réseau est sollicité.",
    )


def test_a_proposal_inside_the_window_is_refused_with_what_to_do(scattered: Database):
    handles = {one.handle for one in found(scattered).recommendations}
    window(scattered, 14)
    left = {one.handle for one in found(scattered).recommendations}
    (far,) = handles - left

    with refused(scattered, "no-longer-available") as problem:
        scattered.run(lambda session: proposals.propose(session, coordinator("eriec"), "mentee-0001", far, 14))
    assert "take a mentor of the province, or wait" in problem.value.detail

    window(scattered, 0)
    asked = scattered.run(lambda session: proposals.propose(session, coordinator("eriec"), "mentee-0001", far, 14))
    assert asked.state == "proposed"


def solve(database: Database) -> rounds.SolvedRound:
    with database.reading() as session:
        return rounds.solve(session, RoundPolicy(), today())


@pytest.fixture
def far_only(members: Database) -> Database:
    """Six mentees of eriec; a mentor nearby with one seat, and one in another province with five."""
    share(members, "arec", "mentor-near", mentor(region="AB-825"))
    share(members, "arec", "mentor-far", mentor(region=FAR, seats=5))
    for number in range(6):
        share(members, "eriec", f"mentee-{number:04}", mentee(waiting_since=waiting(5)))
    return members


def test_a_round_places_near_first_and_says_what_it_cost(far_only: Database):
    assert _of_windows(run_round(far_only)) == []
    window(far_only, 14)

    found = run_round(far_only)

    assert found.placed == 1
    assert [other.placed for other in _of_windows(found)] == [6]
    window(far_only, 5)
    assert solve(far_only).round.placed == 6


def published(database: Database) -> str:
    return run_round(database, publish=True).id


def cost(database: Database, actor: Any) -> round_views.WindowCost | None:
    with database.reading() as session:
        return round_views.cost_of_windows(session, actor)


def test_the_cost_of_windows_is_told_in_totals_of_the_network(far_only: Database):
    assert cost(far_only, coordinator("eriec")) is None
    window(far_only, 14)
    published(far_only)

    told = cost(far_only, coordinator("criec"))

    assert told is not None
    assert (told.placed, told.without) == (1, 6)


def test_what_the_windows_of_few_people_cost_is_told_to_operators_alone(far_only: Database):
    share(far_only, "arec", "mentor-near", mentor(region="AB-825", seats=4))
    window(far_only, 14)
    round_id = published(far_only)

    with far_only.reading() as session:
        (theirs,) = _of_windows(rounds.show(session, coordinator("criec"), round_id))
        (everything,) = _of_windows(rounds.show(session, TESTS, round_id))

    assert (everything.placed, everything.placed_across) == (6, 6)
    assert (theirs.placed, theirs.placed_across, theirs.points) == (None, None, None)
    told = cost(far_only, coordinator("eriec"))
    assert told is not None
    assert (told.placed, told.without) == (4, None)


def _of_windows(found: rounds.RoundView) -> list[round_views.AlternativeView]:
    return [one for one in found.alternatives if one.name == "no_windows"]


def test_a_repair_holds_to_a_window_that_was_set_after_the_round(far_only: Database):
    round_id = published(far_only)
    window(far_only, 14)

    with far_only.reading() as session:
        seen = repairs.look(session, TESTS, round_id, today())

    far = [one for one in seen.standing.mentor_of if one >= 0]
    assert len(far) == 1
    assert all(not offer.asked for offer in seen.offers)
    assert len(seen.standing.open_rows()) == 5


def test_groups_hold_to_the_window(members: Database):
    meeting = {"formats": ["group"], "slots": ["mon_evening"], "languages": ["en"]}
    share(members, "arec", "mentor-far", mentor(region=FAR, **meeting))
    for number in range(6):
        share(members, "eriec", f"mentee-{number:04}", mentee(**meeting, waiting_since=waiting(5)))

    def formed() -> int:
        with members.reading() as session:
            return len(groups.solve_in_groups(session, today()).result.groups)

    assert formed() == 1
    window(members, 14)
    assert formed() == 0
    window(members, 5)
    assert formed() == 1


@pytest.mark.parametrize("days", [-1, 91])
def test_days_that_cannot_be_are_refused(members: Database, days: int):
    with refused(members, "invalid-fields"):
        window(members, days)


def test_who_is_no_member_has_no_window(members: Database):
    with refused(members, "not-found"):
        window(members, 5, "nobody")


def test_the_database_refuses_such_days_too(members: Database):
    with pytest.raises(IntegrityError, match="local_first_days"):
        members.run(lambda session: session.execute(update(Organisation).values(local_first_days=91)))


def audited(database: Database) -> tuple[str, str]:
    with database.reading() as session:
        last = select(AuditEntry.operation, AuditEntry.subject).order_by(AuditEntry.number.desc()).limit(1)
        return tuple(session.execute(last).one())


def test_a_window_that_is_set_is_shown_and_audited(members: Database):
    window(members, 90)

    assert audited(members) == ("sharing.local_first", "organisation:eriec")
    assert shown(members).local_first_days == 90
    assert shown(members, "arec").local_first_days == 0


def shown(database: Database, organisation: str = "eriec") -> sharing.SharingView:
    with database.reading() as session:
        return sharing.show(session, coordinator(organisation), today())


def of_arec(database: Database, organisation: str = "eriec") -> sharing.AgreementView:
    """The agreement by which arec shares with eriec."""
    pair = ("arec", "eriec")
    return next(one for one in shown(database, organisation).agreements if (one.sharing_id, one.receiving_id) == pair)


def withdraw(database: Database, organisation: str, agreement: str) -> None:
    database.run(lambda session: sharing.withdraw(session, coordinator(organisation), agreement, today()))


def told(database: Database, organisation: str) -> list[str]:
    with database.reading() as session:
        own = OutboxMessage.organisation_id == organisation
        return list(session.scalars(select(OutboxMessage.type).where(own).order_by(OutboxMessage.number)))


def test_a_member_sees_the_agreements_it_is_a_side_of_those_that_hold_first(members: Database):
    withdraw(members, "eriec", of_arec(members).id)

    seen = shown(members).agreements

    assert len(seen) == 6
    assert all("eriec" in (one.sharing_id, one.receiving_id) for one in seen)
    assert [one.state for one in seen] == ["current"] * 5 + ["withdrawn"]
    assert (seen[-1].mine, seen[-1].sharing_name) == ("receiving", "AREC")
    assert of_arec(members, "arec").mine == "sharing"


def test_days_to_come_and_days_over_have_their_state(members: Database):
    one_day = timedelta(days=1)
    members.run(lambda session: organisations.agree(session, TESTS, "arec", "eriec", today() + one_day))
    over = update(Agreement).where(Agreement.sharing_id == "criec", Agreement.receiving_id == "eriec")
    members.run(lambda session: session.execute(over.values(ends_on=today() - one_day)))

    states = {(one.sharing_id, one.starts_on > today()): one.state for one in shown(members).agreements}

    assert (states["arec", True], states["criec", False]) == ("to_come", "over")


@pytest.mark.parametrize("who", ["eriec", "arec"])
def test_either_side_ends_an_agreement_at_once(members: Database, who: str):
    share(members, "arec", "mentor-0001", mentor())
    share(members, "eriec", "mentee-0001", mentee())
    assert len(found(members).recommendations) == 1

    withdraw(members, who, of_arec(members).id)

    assert found(members).recommendations == ()
    assert audited(members) == ("agreement.withdraw", "agreement:arec>eriec")
    assert told(members, "arec") == told(members, "eriec") == ["agreement.withdrawn"]
    with refused(members, "illegal-move"):
        withdraw(members, who, of_arec(members).id)


def test_a_third_member_ends_nothing(members: Database):
    with refused(members, "not-found"):
        withdraw(members, "criec", of_arec(members).id)


def asked(database: Database) -> str:
    share(database, "arec", "mentor-0001", mentor())
    share(database, "eriec", "mentee-0001", mentee())
    handle = found(database).recommendations[0].handle
    actor = coordinator("eriec")
    return database.run(lambda session: proposals.propose(session, actor, "mentee-0001", handle, 14)).id


def state(database: Database, proposal: str) -> str:
    with database.reading() as session:
        return session.get_one(Proposal, proposal).state


def accept(database: Database, who: str, proposal: str) -> None:
    database.run(lambda session: proposals.accept(session, coordinator(who), proposal))


def test_what_was_asked_under_an_agreement_is_taken_back_with_it(members: Database):
    proposal = asked(members)

    withdraw(members, "arec", of_arec(members).id)

    assert state(members, proposal) == "withdrawn"
    assert told(members, "eriec")[-2:] == ["agreement.withdrawn", "proposal.no_longer_available"]
    with refused(members, "no-longer-available"):
        accept(members, "arec", proposal)


def test_what_was_agreed_and_the_other_direction_stay(members: Database):
    proposal = asked(members)
    for who in ("eriec", "arec"):
        accept(members, who, proposal)

    withdraw(members, "arec", of_arec(members).id)

    assert state(members, proposal) == "agreed"
    with members.reading() as session:
        assert organisations.sharing_with(session, "arec", today()) >= {"eriec"}


def test_a_question_stays_while_another_agreement_of_the_two_holds(members: Database):
    before = today() - timedelta(days=30)
    members.run(lambda session: organisations.agree(session, TESTS, "arec", "eriec", before))
    proposal = asked(members)

    withdraw(members, "arec", next(one.id for one in shown(members).agreements if one.starts_on == before))

    assert state(members, proposal) == "proposed"


def test_a_draft_ends_unheard(members: Database):
    share(members, "arec", "mentor-0001", mentor())
    share(members, "eriec", "mentee-0001", mentee())
    members.run(lambda session: rounds.keep(session, TESTS, solve(members), 14))

    withdraw(members, "arec", of_arec(members).id)

    with members.reading() as session:
        assert set(session.scalars(select(Proposal.state))) == {"superseded"}
    assert told(members, "eriec") == ["agreement.withdrawn"]


def test_the_second_yes_needs_an_agreement_that_holds(members: Database):
    proposal = asked(members)
    accept(members, "eriec", proposal)
    ended = update(Agreement).where(Agreement.sharing_id == "arec").values(ends_on=today() - timedelta(days=1))
    members.run(lambda session: session.execute(ended))

    with refused(members, "no-longer-available"):
        accept(members, "arec", proposal)


def test_what_ended_can_be_agreed_anew_on_the_same_day(members: Database):
    withdraw(members, "arec", of_arec(members).id)

    members.run(lambda session: organisations.agree(session, TESTS, "arec", "eriec", today()))

    assert of_arec(members).state == "current"


def test_an_operator_ends_all_agreements_of_one_direction(members: Database):
    def end_all() -> None:
        members.run(lambda session: sharing.withdraw_all(session, TESTS, "arec", "eriec", today()))

    members.run(lambda session: organisations.agree(session, TESTS, "arec", "eriec", today() + timedelta(days=9)))
    end_all()

    with members.reading() as session:
        assert "arec" not in organisations.sharing_with(session, "eriec", today() + timedelta(days=10))
        assert "eriec" in organisations.sharing_with(session, "arec", today())
    with refused(members, "not-found"):
        end_all()


def test_both_databases_end_an_agreement_with_its_questions(network: Database):
    proposal = asked(network)

    withdraw(network, "arec", of_arec(network).id)

    assert state(network, proposal) == "withdrawn"
