"""An operator watches how rounds stand and what repairs do: totals, states, who said yes and the proof, and nobody."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Profile, Proposal, utcnow
from hub.services import proposals, repairs, round_studies, rounds
from hub.services.actors import hub_itself
from tests.hub.pages.conftest import ON_BOTH
from tests.hub.pages.visitor import Visitor
from tests.hub.pages.world import World
from tests.hub.people import TESTS, coordinator, today
from tests.hub.rounds import run_round

Visit = Callable[[str], Visitor]


def watched(visit: Visit, world: World) -> str:
    page = visit("olga").open(f"/hub/rounds/{world.round}/repair")
    assert page.status == 200
    return " ".join(page.root.one("main").text.split())


def decline(database: Database, world: World) -> None:
    """AREC declines a question nobody answered: its mentee is open again."""
    database.run(lambda session: proposals.decline(session, coordinator("arec"), world.open, "no_capacity"))


def say_yes(database: Database, world: World, organisation: str | None) -> repairs.RepairMade:
    actor = coordinator(organisation) if organisation else hub_itself("olga")
    with database.reading() as session:
        seen = repairs.look(session, actor, world.round, today())
    offer = next(one for one in seen.offers if one.asked and not one.refused)
    picture = offer.picture(world.round)
    return database.run(lambda session: repairs.make(session, actor, seen, offer.kind, picture, 14))


@ON_BOTH
class TestWhatAnOperatorSees:
    def test_what_both_repairs_would_do_for_the_whole_network_and_how_to_say_yes(
        self, visit: Visit, world: World, hub: Database
    ) -> None:
        decline(hub, world)
        with hub.reading() as session:
            free, best = repairs.look(session, TESTS, world.round, today()).offers

        told = watched(visit, world)

        assert len(free.asked) > 0
        for one in (free, best):
            assert f"Mentees placed more: {one.placements:+d}." in told
            assert f"Points: {one.points:+d}." in told
            assert f"Pairs that would be asked: {len(one.asked)}." in told
            assert f"Unanswered questions that would be taken back: {len(one.taken_back)}." in told
            assert f"passerelle round repair {world.round} --make {one.kind}" in told
        assert "one side declined 2" in told

    @pytest.mark.parametrize(
        ("organisation", "named"), [("eriec", "(ERIEC)"), (None, "an operator, for the whole network")]
    )
    def test_the_questions_by_state_and_by_who_asked_them_and_who_said_yes(
        self, visit: Visit, world: World, hub: Database, organisation: str | None, named: str
    ) -> None:
        assert "Nobody said yes to a repair of this round yet." in watched(visit, world)
        decline(hub, world)
        with hub.transaction() as session:
            counted = session.execute(select(Proposal.state, func.count()).group_by(Proposal.state)).all()
        asked = {state: count for state, count in counted}  # noqa: C416

        made = say_yes(hub, world, organisation)

        told = watched(visit, world)
        assert made.asked > 0
        assert f"declined {asked['declined']} 0" in told
        assert f"proposed {asked['proposed'] - made.superseded} {made.asked}" in told
        assert told.count(named) == 1

    def test_the_proof_and_no_person_and_no_pair(self, visit: Visit, world: World, hub: Database) -> None:
        decline(hub, world)
        with hub.transaction() as session:
            people = {one for row in session.execute(select(Profile.id, Profile.pseudonym)) for one in row}
            digest = rounds.show(session, TESTS, world.round).digest

        page = visit("olga").open(f"/hub/rounds/{world.round}/repair")

        assert digest in page.source
        assert f"passerelle round replay {world.round}" in page.source
        assert len(people) > 40
        assert {one for one in people if one in page.source} == set()
        assert "→" not in page.source
        assert re.findall(r'class="band', page.source) == []
        assert {one.get("action") for one in page.forms()} <= {"/sign-out"}


def test_a_repair_that_helps_nobody_offers_no_command(visit: Visit, world: World, hub: Database) -> None:
    with hub.transaction() as session:
        session.execute(update(Profile).where(Profile.kind == "mentor").values(seats=Profile.taken))

    told = watched(visit, world)

    assert told.count("Nothing would help anybody here now.") == 2
    assert "--make" not in told


def test_the_rounds_lead_there_drafts_are_listed_and_the_home_leads_to_the_rounds(
    visit: Visit, world: World, hub: Database
) -> None:
    draft, olga = run_round(hub).id, visit("olga")

    page = olga.open("/hub/rounds")

    assert f"/hub/rounds/{world.round}/repair" in page.links()
    assert f"passerelle round publish {draft}" in page.source
    assert f"/hub/rounds/{draft}/repair" not in page.links()
    assert olga.open(f"/hub/rounds/{draft}/repair").status == 409
    assert "/hub/rounds" in [one.get("href") for one in olga.open("/").root.one("main").all("a")]


def test_members_do_not_find_it(visit: Visit, world: World) -> None:
    for name in ("amina", "aude"):
        member = visit(name)
        assert member.open("/hub/rounds").status == member.open(f"/hub/rounds/{world.round}/repair").status == 403
        assert "/hub/rounds" not in member.open("/").links()


def test_an_expired_question_is_told_as_such(visit: Visit, world: World, hub: Database) -> None:
    with hub.transaction() as session:
        session.execute(update(Proposal).where(Proposal.id == world.open).values(state="expired", updated_at=utcnow()))

    assert "nobody answered in time 1" in watched(visit, world)


def test_a_round_published_before_it_was_compared_says_so_and_then_shows_the_comparison(
    visit: Visit, world: World, hub: Database
) -> None:
    with hub.reading() as session:
        solved = rounds.solve(session, RoundPolicy(), today())
    published = hub.run(lambda session: rounds.keep(session, TESTS, solved, 14)).id
    hub.run(lambda session: rounds.publish(session, TESTS, published))
    amina = visit("amina")

    assert "not compared with other policies yet" in amina.open(f"/rounds/{published}").root.text
    study = round_studies.study(solved)
    hub.run(lambda session: round_studies.keep(session, published, solved, study))

    after = amina.open(f"/rounds/{published}").root.text
    assert "not compared with other policies yet" not in after
    assert "The same round under other policies" in after


def test_an_operator_reviews_a_draft_before_anybody_is_asked_and_sees_which_one_gave_way(
    visit: Visit, world: World, hub: Database
) -> None:
    first, second = run_round(hub).id, run_round(hub, RoundPolicy("total_fit")).id
    olga = visit("olga")

    listed = olga.open("/hub/rounds")
    draft, earlier, published = (olga.open(f"/hub/rounds/{one}") for one in (second, first, world.round))

    assert {f"/hub/rounds/{one}" for one in (first, second, world.round)} <= set(listed.links())
    assert f"passerelle round publish {second}" in listed.source
    assert f"passerelle round publish {first}" not in listed.source
    assert f"passerelle round publish {second}" in draft.source
    assert "The same round under other policies" in draft.root.text
    assert "What each organisation gets" in draft.root.text
    assert "cannot be published" in earlier.root.text
    assert "passerelle round publish" not in earlier.source
    assert f"/hub/rounds/{world.round}/repair" in published.links()
    assert f"passerelle round publish {world.round}" not in published.source
    for page in (draft, earlier, published):
        assert not re.search(r"(eriec|criec|arec|bvlc)-(mentee|mentor)", page.source)
