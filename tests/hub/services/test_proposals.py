"""Proposals: two organisations decide, seats are never over-booked, a withdrawal stops everything."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from federation.problems import Problem
from hub.database import Database
from hub.models import Introduction, OutboxMessage, Partnership, Profile, Proposal, utcnow
from hub.services import proposals, recommendations
from hub.services.proposals import ProposalView
from hub.settings import load_settings
from tests.hub.people import coordinator, mentee, mentor, share

SETTINGS = load_settings({}, secret="s" * 40)


def proposed(database: Database, organisation: str, pseudonym: str) -> ProposalView:
    """Propose the first mentor recommended for a mentee."""
    actor = coordinator(organisation)
    found = database.run(lambda session: recommendations.for_mentee(session, actor, pseudonym, SETTINGS))
    handle = found.recommendations[0].handle
    return database.run(lambda session: proposals.propose(session, actor, pseudonym, handle, 14))


def accept(database: Database, organisation: str, proposal: ProposalView) -> ProposalView:
    return database.run(lambda session: proposals.accept(session, coordinator(organisation), proposal.id))


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as refused:
        action()
    return refused.value.kind


@pytest.fixture
def pair(network: Database) -> tuple[Database, ProposalView]:
    share(network, "arec", "mentor-0001", mentor())
    share(network, "eriec", "mentee-0001", mentee())
    return network, proposed(network, "eriec", "mentee-0001")


def test_nothing_becomes_a_match_before_both_said_yes(pair: tuple[Database, ProposalView]):
    database, proposal = pair

    first = accept(database, "eriec", proposal)

    assert (first.state, first.mentee_side, first.mentor_side) == ("proposed", "accepted", "waiting")
    with database.reading() as session:
        assert session.scalars(select(Partnership)).all() == []
        assert session.scalars(select(Profile.taken)).all() == [0, 0]


def test_the_second_yes_takes_both_seats_and_makes_an_introduction_due(pair: tuple[Database, ProposalView]):
    database, proposal = pair

    accept(database, "eriec", proposal)
    second = accept(database, "arec", proposal)

    assert second.state == "agreed"
    with database.reading() as session:
        assert session.scalars(select(Profile.taken)).all() == [1, 1]
        due = session.scalars(select(Introduction)).one()
        assert (due.state, due.sender_id, due.recipient_id) == ("due", "eriec", "arec")


def test_the_same_side_cannot_say_yes_twice(pair: tuple[Database, ProposalView]):
    database, proposal = pair
    accept(database, "eriec", proposal)

    assert refusal(lambda: accept(database, "eriec", proposal)) == "illegal-move"


def sign(database: Database, organisation: str, proposal: ProposalView) -> ProposalView:
    actor = coordinator(organisation)
    return database.run(lambda session: proposals.accept(session, actor, proposal.id, f"signed by {organisation}"))


def test_a_yes_said_on_a_page_is_signed_later_and_decides_nothing_again(pair: tuple[Database, ProposalView]):
    database, proposal = pair
    assert accept(database, "eriec", proposal).allowed == ("sign", "withdraw")

    assert sign(database, "eriec", proposal).allowed == ("withdraw",)
    assert accept(database, "arec", proposal).allowed == ("sign",)
    assert sign(database, "arec", proposal).allowed == ()

    with database.reading() as session:
        kept = session.get_one(Proposal, proposal.id)
        assert (kept.mentee_acceptance, kept.mentor_acceptance) == ("signed by eriec", "signed by arec")
        assert session.scalars(select(Profile.taken)).all() == [1, 1]
        events = session.scalars(select(OutboxMessage.type).where(OutboxMessage.organisation_id == "arec")).all()
        assert sorted(event for event in events if event == "proposal.signed") == ["proposal.signed"] * 2


def test_a_signature_is_put_once_and_never_replaced(pair: tuple[Database, ProposalView]):
    database, proposal = pair
    accept(database, "eriec", proposal)
    sign(database, "eriec", proposal)

    assert refusal(lambda: sign(database, "eriec", proposal)) == "illegal-move"
    assert refusal(lambda: sign(database, "criec", proposal)) == "not-found"


def test_a_yes_of_a_proposal_that_is_over_is_not_signed(pair: tuple[Database, ProposalView]):
    database, proposal = pair
    accept(database, "eriec", proposal)
    database.run(lambda session: proposals.decline(session, coordinator("arec"), proposal.id, "schedule"))

    assert refusal(lambda: sign(database, "eriec", proposal)) == "illegal-move"


def test_of_six_that_sign_one_yes_at_once_one_does(pair: tuple[Database, ProposalView]):
    database, proposal = pair
    accept(database, "eriec", proposal)
    together = Barrier(6)

    def try_to_sign(_: int) -> str:
        together.wait()
        try:
            return sign(database, "eriec", proposal).state
        except Problem as problem:
            return problem.kind

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(try_to_sign, range(6)))
    assert outcomes.count("proposed") == 1
    assert set(outcomes) <= {"proposed", "illegal-move", "conflict"}


def test_of_two_colleagues_who_say_yes_and_no_at_once_one_is_heard(network: Database):
    share(network, "arec", "mentor-0001", mentor())

    for number in range(8):
        share(network, "eriec", f"mentee-000{number}", mentee())
        proposal = proposed(network, "eriec", f"mentee-000{number}")
        said = say_yes_and_no_at_once(network, proposal)
        assert len(said) == 1
        with network.reading() as session:
            heard = proposals.show(session, coordinator("arec"), proposal.id)
        assert (heard.state, heard.mentor_side) == said[0]


def say_yes_and_no_at_once(database: Database, proposal: ProposalView) -> list[tuple[str, str]]:
    """Two of each, for the mentor's side; what those were told who were not refused."""
    together = Barrier(4)

    def say(number: int) -> tuple[str, str] | None:
        together.wait()
        try:
            if number % 2:
                view = accept(database, "arec", proposal)
            else:
                arec = coordinator("arec")
                view = database.run(lambda session: proposals.decline(session, arec, proposal.id, "schedule"))
        except Problem as problem:
            return None if problem.kind in {"conflict", "illegal-move"} else (problem.kind, "")
        return view.state, view.mentor_side

    with ThreadPoolExecutor(4) as pool:
        return [told for told in pool.map(say, range(4)) if told]


def test_a_proposal_of_others_does_not_exist(pair: tuple[Database, ProposalView]):
    database, proposal = pair

    assert refusal(lambda: accept(database, "criec", proposal)) == "not-found"


def test_an_open_pair_is_not_proposed_again(pair: tuple[Database, ProposalView]):
    database, proposal = pair
    actor = coordinator("eriec")
    with database.reading() as session:
        kept = session.get_one(Proposal, proposal.id)
    again = Proposal(
        mentee_id=kept.mentee_id,
        mentor_id=kept.mentor_id,
        mentee_organisation_id="eriec",
        mentor_organisation_id="arec",
        points=1,
        parts={},
        reasons={},
        expires_at=utcnow(),
    )

    with pytest.raises(IntegrityError):
        database.run(lambda session: session.add(again))
    found = database.run(lambda session: recommendations.for_mentee(session, actor, "mentee-0001", SETTINGS))
    assert found.recommendations == ()


def test_a_declined_pair_is_not_recommended_again(pair: tuple[Database, ProposalView]):
    database, proposal = pair

    database.run(lambda session: proposals.decline(session, coordinator("arec"), proposal.id, "schedule"))

    found = database.run(
        lambda session: recommendations.for_mentee(session, coordinator("eriec"), "mentee-0001", SETTINGS)
    )
    assert found.recommendations == ()
    assert "declined" in found.nobody_because["en"][0]


def test_a_handle_of_another_mentee_or_viewer_is_refused(pair: tuple[Database, ProposalView]):
    database, _ = pair
    share(database, "eriec", "mentee-0002", mentee())
    found = database.run(
        lambda session: recommendations.for_mentee(session, coordinator("eriec"), "mentee-0002", SETTINGS)
    )
    handle = found.recommendations[0].handle

    def ask(organisation: str, pseudonym: str) -> ProposalView:
        actor = coordinator(organisation)
        return database.run(lambda session: proposals.propose(session, actor, pseudonym, handle, 14))

    assert refusal(lambda: ask("criec", "mentee-0002")) == "not-found"
    assert refusal(lambda: ask("eriec", "mentee-0001")) == "not-found"
    assert ask("eriec", "mentee-0002").state == "proposed"


def test_a_withdrawal_between_proposal_and_acceptance_ends_with_nothing_introduced(pair: tuple[Database, ProposalView]):
    database, proposal = pair
    accept(database, "eriec", proposal)

    from hub.services import profiles
    from tests.hub.people import system

    database.run(lambda session: profiles.withdraw(session, system("arec"), "mentor-0001"))

    assert refusal(lambda: accept(database, "arec", proposal)) == "no-longer-available"
    with database.reading() as session:
        assert session.scalars(select(Introduction)).all() == []
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.organisation_id == "eriec")).all()
        assert [message.type for message in told][-1] == "proposal.no_longer_available"
        assert told[-1].data == {}


def test_two_agencies_one_seat_the_same_second_exactly_one_gets_it(network: Database):
    share(network, "arec", "mentor-0001", mentor(seats=1))
    asked = []
    for organisation in ("eriec", "criec"):
        share(network, organisation, f"mentee-{organisation}", mentee())
        asked.append((organisation, proposed(network, organisation, f"mentee-{organisation}")))
    for _, proposal in asked:
        accept(network, "arec", proposal)
    start = Barrier(2)

    def say_yes(organisation: str, proposal: ProposalView) -> str:
        start.wait()
        try:
            return accept(network, organisation, proposal).state
        except Problem as problem:
            return problem.kind

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lambda one: say_yes(*one), asked))

    assert answers == ["agreed", "no-seat"]
    with network.reading() as session:
        assert session.scalars(select(Profile.taken).where(Profile.kind == "mentor")).one() == 1
        assert len(session.scalars(select(Partnership)).all()) == 1


def test_the_loser_s_yes_is_undone_with_the_refusal(network: Database):
    share(network, "arec", "mentor-0001", mentor(seats=1))
    asked = []
    for organisation in ("eriec", "criec"):
        share(network, organisation, f"mentee-{organisation}", mentee())
        asked.append(proposed(network, organisation, f"mentee-{organisation}"))
    accept(network, "arec", asked[0])
    accept(network, "eriec", asked[0])

    accept(network, "arec", asked[1])
    assert refusal(lambda: accept(network, "criec", asked[1])) == "no-seat"

    shown = network.run(lambda session: proposals.show(session, coordinator("criec"), asked[1].id))
    assert (shown.state, shown.mentee_side) == ("proposed", "waiting")


def test_silence_expires_a_proposal_and_tells_both_sides(pair: tuple[Database, ProposalView]):
    database, proposal = pair

    expired = database.run(lambda session: proposals.expire_due(session, utcnow() + timedelta(days=15)))

    assert expired == 1
    assert refusal(lambda: accept(database, "arec", proposal)) == "illegal-move"
    with database.reading() as session:
        kinds = {(one.organisation_id, one.type) for one in session.scalars(select(OutboxMessage))}
    assert {("eriec", "proposal.expired"), ("arec", "proposal.expired")} <= kinds


def test_one_organisation_that_holds_both_people_decides_once_and_needs_no_introduction(network: Database):
    share(network, "eriec", "mentor-0001", mentor())
    share(network, "eriec", "mentee-0001", mentee())
    proposal = proposed(network, "eriec", "mentee-0001")

    agreed = accept(network, "eriec", proposal)

    assert (agreed.state, agreed.mine) == ("agreed", "both")
    with network.reading() as session:
        assert session.scalars(select(Introduction)).all() == []


def test_a_view_names_only_the_viewer_s_own_people(pair: tuple[Database, ProposalView]):
    database, proposal = pair

    theirs = database.run(lambda session: proposals.show(session, coordinator("arec"), proposal.id))

    assert proposal.my_pseudonyms == {"mentee": "mentee-0001"}
    assert theirs.my_pseudonyms == {"mentor": "mentor-0001"}
    assert theirs.mentee_card is not None
    assert theirs.mentee_card.noc == "2130"
