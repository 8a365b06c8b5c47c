"""How long two people are apart: a no cools off after two rounds or half a year, a conflict stays, a wish until taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from federation.documents import APART_BECAUSE as ON_THE_WIRE
from federation.vocabularies import load as load_vocabularies
from hub.database import Database
from hub.models import Gathering, Proposal, RoundWish, utcnow
from hub.models.round import APART_BECAUSE
from hub.services import apart, matching, proposals, recommendations, round_wishes
from hub.services.proposals import ProposalView
from hub.services.recommendations import RecommendationView
from hub.settings import load_settings
from tests.hub.gathered import handles, move, propose, share_two
from tests.hub.people import coordinator, mentee, mentor, share, system, today
from tests.hub.rounds import run_round
from tests.hub.services.refusals import refused

SETTINGS = load_settings({}, secret="s" * 40)
ERIEC, AREC = coordinator("eriec"), coordinator("arec")
COOLS_OFF = sorted(set(load_vocabularies().codes("pair_decline_reasons")) - set(apart.LASTING))


@pytest.fixture
def pair(network: Database) -> Database:
    share(network, "arec", "mentor-0001", mentor())
    share(network, "eriec", "mentee-0001", mentee())
    return network


def shown(database: Database) -> tuple[RecommendationView, ...]:
    return database.run(
        lambda session: recommendations.for_mentee(session, ERIEC, "mentee-0001", SETTINGS)
    ).recommendations


def asked(database: Database) -> ProposalView:
    handle = shown(database)[0].handle
    return database.run(lambda session: proposals.propose(session, ERIEC, "mentee-0001", handle, 14))


def declined(database: Database, reason: str) -> str:
    """Ask, and hear no; return the handle under which the mentor was shown."""
    handle, asked_for = shown(database)[0].handle, asked(database)
    database.run(lambda session: proposals.decline(session, AREC, asked_for.id, reason))
    return handle


def publish_a_round(database: Database, program: str = "one_to_one") -> int:
    """Run and publish a round; return how many it placed."""
    return run_round(database, program=program, publish=True).placed


def pass_days(database: Database, days: int) -> None:
    """Let everything declined have been declined so much earlier."""
    earlier = utcnow() - timedelta(days=days)
    for table in (Proposal, Gathering):
        database.run(
            lambda session, table=table: session.execute(
                update(table).where(table.state == "declined").values(updated_at=earlier, created_at=earlier)
            )
        )


class TestCoolingOff:
    @pytest.mark.parametrize("reason", COOLS_OFF)
    def test_a_pair_that_said_no_is_in_no_list_and_in_neither_of_the_next_two_rounds(self, pair: Database, reason: str):
        declined(pair, reason)

        assert shown(pair) == ()
        assert [publish_a_round(pair), publish_a_round(pair)] == [0, 0]
        assert len(shown(pair)) == 1

    def test_after_two_rounds_a_round_may_ask_again_and_says_that_they_were_asked_before(self, pair: Database):
        declined(pair, "schedule")
        placed = [publish_a_round(pair) for _ in range(3)]

        assert placed == [0, 0, 1]
        with pair.reading() as session:
            again, first = proposals.inbox(session, system("arec"))
        assert (again.state, again.declined_before) == ("proposed", today())
        assert (first.state, first.declined_before) == ("declined", None)

    def test_rounds_of_another_program_do_not_count(self, pair: Database):
        declined(pair, "schedule")
        for _ in range(2):
            publish_a_round(pair, "flash")

        assert shown(pair) == ()

    def test_without_rounds_it_is_over_after_the_days_and_the_list_says_so(self, pair: Database):
        declined(pair, "schedule")
        days = matching.cool_off().days

        pass_days(pair, days - 1)
        assert shown(pair) == ()
        pass_days(pair, days + 1)

        (found,) = shown(pair)
        assert found.declined_before == (utcnow() - timedelta(days=days + 1)).date()
        assert asked(pair).declined_before == found.declined_before

    def test_two_who_were_never_asked_bear_no_mark(self, pair: Database):
        assert shown(pair)[0].declined_before is None
        assert asked(pair).declined_before is None

    def test_a_declined_pair_of_peers_is_suggested_again_after_the_days(self, network: Database):
        share_two(network)
        found = propose(network, "eriec", "pair")
        move(network, "criec", "decline", found.id, "schedule")

        assert handles(network, "eriec", "pair") == []
        pass_days(network, matching.cool_off().days + 1)
        assert len(handles(network, "eriec", "pair")) == 1


class TestLasting:
    @pytest.mark.parametrize("reason", sorted(apart.LASTING))
    def test_no_time_and_no_round_brings_two_together_who_must_not_meet(self, pair: Database, reason: str):
        handle = declined(pair, reason)
        pass_days(pair, 10 * matching.cool_off().days)

        assert [publish_a_round(pair) for _ in range(3)] == [0, 0, 0]
        assert shown(pair) == ()
        # The handle of then is no way around it.
        with refused(pair, "no-longer-available"):
            pair.run(lambda session: proposals.propose(session, ERIEC, "mentee-0001", handle, 14))

    @pytest.mark.parametrize("reason", sorted(apart.LASTING))
    def test_peers_neither(self, network: Database, reason: str):
        share_two(network)
        found = propose(network, "eriec", "pair")
        move(network, "criec", "decline", found.id, reason)
        pass_days(network, 10 * matching.cool_off().days)

        assert handles(network, "eriec", "pair") == []

    def test_the_one_who_declined_may_meet_others(self, pair: Database):
        declined(pair, "reporting_line")
        share(pair, "arec", "mentor-0002", mentor())

        assert len(shown(pair)) == 1


class TestRuledOut:
    @pytest.mark.parametrize("because", ["reporting_line", "conflict_of_interest"])
    def test_a_conflict_keeps_a_pair_out_of_lists_proposals_and_rounds_until_it_is_taken_back(
        self, pair: Database, because: str
    ):
        handle = shown(pair)[0].handle
        made = pair.run(
            lambda session: round_wishes.wish(session, ERIEC, "mentee-0001", handle, "forbid", because)  # type: ignore[arg-type]
        )

        assert (made.kind, made.because, shown(pair), publish_a_round(pair)) == ("forbid", because, (), 0)
        with refused(pair, "no-longer-available"):
            pair.run(lambda session: proposals.propose(session, ERIEC, "mentee-0001", handle, 14))

        pair.run(lambda session: round_wishes.take_back(session, ERIEC, made.id))
        assert len(shown(pair)) == 1

    def test_our_own_choice_keeps_a_pair_out_of_rounds_and_lists_and_we_may_still_propose_it(self, pair: Database):
        handle = shown(pair)[0].handle
        made = pair.run(lambda session: round_wishes.wish(session, ERIEC, "mentee-0001", handle, "forbid"))

        assert (made.because, publish_a_round(pair), shown(pair)) == ("our_choice", 0, ())
        assert (
            pair.run(lambda session: proposals.propose(session, ERIEC, "mentee-0001", handle, 14)).state == "proposed"
        )

    @pytest.mark.parametrize(("kind", "because"), [("pin", "our_choice"), ("forbid", None), ("forbid", "a feeling")])
    def test_the_database_holds_that_a_pair_ruled_out_has_a_known_reason_and_a_pin_none(
        self, pair: Database, kind: str, because: str | None
    ):
        handle = shown(pair)[0].handle
        made = pair.run(lambda session: round_wishes.wish(session, ERIEC, "mentee-0001", handle, "pin"))

        with pytest.raises(IntegrityError, match="round_wish"):
            pair.run(
                lambda session: session.execute(
                    update(RoundWish).where(RoundWish.id == made.id).values(kind=kind, because=because)
                )
            )

    def test_the_wishes_for_others_mentees_are_not_there(self, pair: Database):
        with refused(pair, "not-found"), pair.reading() as session:
            round_wishes.listed(session, AREC, "mentee-0001")


def test_the_same_reasons_are_known_on_the_wire_and_in_the_database():
    assert ON_THE_WIRE == APART_BECAUSE == tuple(apart.SET_APART)


def test_every_reason_to_decline_a_referral_is_one_to_decline_a_pair_with_the_same_name():
    known = load_vocabularies()
    for code in known.codes("decline_reasons"):
        for locale in ("en", "fr"):
            assert known.label("decline_reasons", code, locale) == known.label("pair_decline_reasons", code, locale)
    assert set(apart.LASTING) <= set(known.codes("pair_decline_reasons"))
