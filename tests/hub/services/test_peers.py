"""Peers are suggested over the whole network; of others' people an organisation sees a card, within its budget."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from hub.database import Database
from hub.models import Agreement, AuditEntry, Exposure, Profile
from hub.services import peers, profiles, snapshots
from hub.services.grounds import Ground
from hub.services.peers import CirclesView, PairsView
from hub.services.suggestions import Waiting
from hub.settings import Settings, load_settings
from tests.hub.people import add_members, coordinator, mentee, mentor, share, system, today

SETTINGS = load_settings({}, secret="s" * 40)
PEER = {"formats": ["one_to_one", "peer"], "slots": ["tue_evening"], "interests": ["music"]}
ALIKE: dict[str, Any] = {"needs": ["resume", "interview"], "years_band": "3-5"}
OTHER: dict[str, Any] = {"needs": ["resume", "leadership"], "years_band": "6-10"}


def peer(**changes: Any) -> dict[str, Any]:
    return mentee(**PEER | changes)


def paired(database: Database, organisation: str, settings: Settings = SETTINGS) -> PairsView:
    with database.reading() as session:
        solved = peers.solve_in_pairs(session, today())
    return database.run(lambda session: peers.show_pairs(session, coordinator(organisation), solved, settings))


def seated(database: Database, organisation: str, settings: Settings = SETTINGS) -> CirclesView:
    with database.reading() as session:
        solved = peers.solve_in_circles(session, today())
    return database.run(lambda session: peers.show_circles(session, coordinator(organisation), solved, settings))


def shown_to(database: Database, organisation: str) -> int:
    with database.reading() as session:
        return len(session.scalars(select(Exposure.id).where(Exposure.viewer_id == organisation)).all())


@pytest.fixture
def two(network: Database) -> Database:
    """One who wants a peer at ERIEC and one at CRIEC, who suit each other; and somebody who wants none."""
    share(network, "eriec", "eriec-0001", peer(**ALIKE))
    share(network, "criec", "criec-0001", peer(**OTHER))
    share(network, "criec", "criec-none", mentee())
    share(network, "arec", "arec-mentor", mentor(formats=["peer"]))
    return network


@pytest.fixture
def circle(sqlite_database: Database) -> Database:
    """Three each at ERIEC and CRIEC who make one circle of six, and a stranger who would stand alone there."""
    sqlite_database.run(add_members)
    for number in range(3):
        share(sqlite_database, "eriec", f"eriec-000{number}", peer(**ALIKE))
        share(sqlite_database, "criec", f"criec-000{number}", peer(**OTHER))
    return sqlite_database


class TestPairs:
    def test_two_of_two_organisations_are_paired_and_each_sees_the_other_as_a_card_with_reasons(self, two: Database):
        (found,) = paired(two, "eriec").pairs

        assert found.pseudonym == "eriec-0001"
        assert found.partner is not None
        assert (found.partner.organisation_name, found.partner.pseudonym) == ("CRIEC", None)
        card = found.partner.card
        # The only one of CRIEC with these codes: beside its name none of them may stand, in a sentence either.
        assert (card.noc, card.region, card.years_band, card.shared_languages) == ("*", "*", "*", ("en",))
        assert found.points >= 40
        assert len(found.reasons["en"]) == len(found.reasons["fr"]) == 4
        assert found.reasons["en"] != found.reasons["fr"]

    def test_a_card_tells_the_codes_that_five_of_its_organisation_share(self, two: Database):
        for number in range(2, 6):
            share(two, "criec", f"criec-000{number}", mentee(**OTHER))

        (found,) = paired(two, "eriec").pairs

        assert found.partner is not None
        assert found.partner.card.noc == "2130"
        assert not any("2130" in said or "ngineer" in said for said in found.reasons["en"])

    def test_nobody_sees_a_pseudonym_of_somebody_else_or_a_pair_without_own_people(self, two: Database):
        assert "criec-" not in repr(paired(two, "eriec"))
        assert "eriec-" not in repr(paired(two, "criec"))
        assert paired(two, "arec").pairs == ()
        assert shown_to(two, "arec") == 0

    def test_own_people_are_paired_by_pseudonym_and_cost_no_budget(self, two: Database):
        share(two, "eriec", "eriec-0002", peer(**OTHER))
        with two.transaction() as session:
            criec = session.scalars(select(Profile).where(Profile.pseudonym == "criec-0001")).one()
            criec.formats = ["group"]
        found = paired(two, "eriec").pairs

        assert [(one.pseudonym, one.partner and one.partner.pseudonym) for one in found] == [
            ("eriec-0001", "eriec-0002"),
            ("eriec-0002", "eriec-0001"),
        ]
        assert shown_to(two, "eriec") == 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"languages": ["vi"], "readiness": {"documents": "complete"}},
            {"modes": ["in_person"], "region": "ON-535"},
            {"confirmed_on": "2020-01-01"},
        ],
    )
    def test_who_can_meet_nobody_is_told_so_in_both_languages(self, two: Database, changes: dict[str, Any]):
        share(two, "eriec", "eriec-0001", peer(**ALIKE | changes))
        view = paired(two, "eriec")

        assert view.pairs == ()
        assert [(one.pseudonym, one.because["en"]) for one in view.alone] == [
            ("eriec-0001", ("No peer can be met yet.",))
        ]
        assert view.alone[0].because["fr"] != view.alone[0].because["en"]

    def test_competitors_are_never_paired_and_told(self, two: Database):
        venture = {"goals": ["entrepreneurship"]}
        share(two, "eriec", "eriec-0001", peer(**ALIKE | venture))
        share(two, "criec", "criec-0001", peer(**OTHER | venture))
        (one,) = paired(two, "eriec").alone

        assert one.because["en"] == ("All peers compete for the same business or post.",)

    def test_without_an_agreement_both_ways_nobody_is_suggested(self, two: Database):
        share(two, "bvlc", "bvlc-0001", peer(**OTHER))
        assert paired(two, "eriec").pairs != ()

        with two.transaction() as session:
            for one in session.scalars(select(Agreement).where(Agreement.sharing_id == "eriec")):
                session.delete(one)
        assert paired(two, "eriec").pairs == ()

    def test_who_has_a_place_already_waits_no_more(self, two: Database):
        with two.transaction() as session:
            session.scalars(select(Profile).where(Profile.pseudonym == "criec-0001")).one().taken = 1

        assert paired(two, "eriec").pairs == ()


class TestTheBudget:
    def test_the_same_answer_again_costs_nothing_and_a_changed_person_one_list_more(self, two: Database):
        assert [paired(two, "eriec").pairs[0].partner is not None for _ in range(3)] == [True, True, True]
        assert shown_to(two, "eriec") == 1

        share(two, "eriec", "eriec-0001", peer(**ALIKE | {"interests": ["books"]}))
        paired(two, "eriec")
        assert shown_to(two, "eriec") == 2

    def test_a_withdrawn_own_mentee_makes_another_answer(self, two: Database):
        share(two, "eriec", "eriec-none", mentee())
        paired(two, "eriec")
        two.run(lambda session: profiles.withdraw(session, system("eriec"), "eriec-none"))
        paired(two, "eriec")

        assert shown_to(two, "eriec") == 2

    def test_a_spent_budget_withholds_the_partner_and_the_reasons_and_says_so(self, two: Database):
        spent = replace(SETTINGS, mentor_lists_per_week=1)
        assert paired(two, "eriec", spent).pairs[0].partner is not None
        share(two, "eriec", "eriec-0001", peer(**ALIKE | {"interests": ["books"]}))
        (found,) = paired(two, "eriec", spent).pairs

        assert found.partner is None
        assert found.reasons == {"en": (), "fr": ()}

    def test_who_is_shown_is_noted_for_its_owner_and_in_the_log(self, two: Database):
        paired(two, "eriec")

        with two.reading() as session:
            (seen,) = session.scalars(select(Exposure)).all()
            assert (seen.viewer_id, seen.owner_id) == ("eriec", "criec")
            told = session.scalars(select(AuditEntry.operation)).all()
        assert "peer.list" in told


class TestCircles:
    def test_six_of_two_organisations_sit_together_and_each_sees_its_own_with_their_fit(self, circle: Database):
        (found,) = seated(circle, "eriec").circles

        assert (found.size, found.languages, found.slots, found.withheld) == (6, ("en",), ("tue_evening",), 0)
        assert [one.pseudonym for one in found.mine] == ["eriec-0000", "eriec-0001", "eriec-0002"]
        assert all(one.points >= 40 for one in found.mine)
        assert {one.organisation_name for one in found.others} == {"CRIEC"}
        assert "criec-" not in repr(found)
        other = seated(circle, "criec").circles[0]
        assert (found.facilitator is None) != (other.facilitator is None)

    def test_the_page_says_that_no_bound_is_known(self, circle: Database):
        view = seated(circle, "eriec")

        assert (view.placed, view.waiting) == (3, Waiting(3, None))
        assert "no bound is known" in view.bound["en"][0]
        assert "aucune borne n'est connue" in view.bound["fr"][0]

    def test_who_finds_no_room_is_told_why_and_offered_a_pair(self, circle: Database):
        for number in (7, 8):
            share(circle, "eriec", f"eriec-000{number}", peer(**(ALIKE if number == 7 else OTHER)))
        with circle.reading() as session:
            solved = peers.solve_in_circles(session, today())
        apart = seated(circle, "eriec").apart

        assert len(solved.result.apart) == len(apart) + len(seated(circle, "criec").apart)
        for one in apart:
            assert one.because["en"][0] != one.because["fr"][0]

    def test_without_a_confirmed_commitment_nobody_facilitates_and_there_is_no_circle(self, circle: Database):
        with circle.transaction() as session:
            for person in session.scalars(select(Profile)):
                person.readiness = person.readiness | {"commitment": "unconfirmed"}
        view = seated(circle, "eriec")

        assert view.circles == ()
        assert all(one.pair is not None for one in view.apart)
        assert all("A pair is offered instead." in one.because["en"][0] for one in view.apart)

    def test_a_spent_budget_shows_how_many_more_there_are(self, circle: Database):
        (found,) = seated(circle, "eriec", replace(SETTINGS, organisation_mentors_per_week=1)).circles

        assert (len(found.others), found.withheld, found.size) == (1, 2, 6)

    def test_who_was_withdrawn_meanwhile_is_shown_to_nobody(self, circle: Database):
        with circle.reading() as session:
            solved = peers.solve_in_circles(session, today())
        for organisation in ("eriec", "criec"):
            circle.run(lambda session, at=organisation: profiles.withdraw(session, system(at), f"{at}-0000"))
        (found,) = circle.run(
            lambda session: peers.show_circles(session, coordinator("eriec"), solved, SETTINGS)
        ).circles

        assert [one.pseudonym for one in found.mine] == ["eriec-0001", "eriec-0002"]
        assert (len(found.others), found.withheld) == (2, 2)


def test_beyond_the_most_people_who_waited_longest_comes_first(two: Database):
    share(two, "bvlc", "bvlc-0001", peer(**OTHER | {"waiting_since": "2024-01-01"}))
    with two.reading() as session:
        found, beyond = snapshots.take_peers(session, Ground.read(session, "pair", today()), 2)

    assert (len(found.people), beyond) == (2, 1)
    assert "bvlc" in {one.organisation for one in found.people}
