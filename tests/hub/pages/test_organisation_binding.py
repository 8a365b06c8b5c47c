"""Who is bound to a provider: by themselves or by an invitation, until they or the provider are gone."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hub.models import (
    Invitation,
    ProviderErrand,
    ProviderIdentity,
    utcnow,
)
from hub.services import identity_providers
from tests.hub.pages.conftest import ON_BOTH, grow_old
from tests.hub.pages.test_account import later, set_up_app
from tests.hub.pages.trips import (
    BOUND,
    DEAD,
    WRONG,
    House,
    Trip,
    Visit,
    come_back,
    form_of,
    house,
    leave,
    refused,
    signed_in,
)
from tests.hub.people import TESTS

__all__ = ["house"]


def waiting(house: House) -> int:
    """Links to bind ERIEC's accounts that are still good."""
    with house.hub.reading() as session:
        wanted = (Invitation.purpose == "bind", Invitation.taken_at.is_(None))
        return session.scalar(select(func.count()).select_from(Invitation).where(*wanted)) or 0


class TestAnInvitation:
    def test_opened_by_a_program_is_not_used_up(self, house: House, visit: Visit) -> None:
        link = house.invite("amina")

        before = waiting(house), house.count(ProviderErrand)
        pages = [visit("").open(link) for _ in range(2)]

        assert [page.heading for page in pages] == ["Your invitation"] * 2
        assert (waiting(house), house.count(ProviderErrand)) == before

    def test_binds_one_account_that_opens_once_the_digits_were_heard(self, house: House, visit: Visit) -> None:
        trip = leave(visit(""), house.invite("amina"))

        page = come_back(trip)
        early = come_back(leave(visit("")))
        house.hear(page)

        assert (page.address, signed_in(trip.visitor)) == ("/sign-in/joined", False)
        assert (early.address, early.notices) == ("/sign-in", [WRONG])
        assert come_back(leave(trip.visitor)).address == "/"
        assert trip.visitor.open("/account").root.one("h1").text == "Your account"
        assert waiting(house) == 0

    def test_that_a_thief_used_opens_nothing_and_the_next_one_takes_all_from_them(
        self, house: House, visit: Visit
    ) -> None:
        """No second factor stands in the way, and the thief has an account at the same provider."""
        link, owner = house.invite("amina"), house.eriec.subject
        house.eriec.subject = "00u-mallory"
        thief = leave(visit(""), link)
        come_back(thief)
        came_in = come_back(leave(thief.visitor)).address
        house.eriec.subject = owner
        dead = leave(visit(""), link).page.status

        house.let_go("amina")
        house.bind("amina")

        assert (came_in, dead, signed_in(thief.visitor)) == ("/sign-in", 404, False)
        assert come_back(leave(visit(""))).address == "/"
        house.eriec.subject = "00u-mallory"
        assert come_back(leave(visit(""))).address == "/sign-in"

    def test_works_once_whoever_holds_it(self, house: House, visit: Visit) -> None:
        link = house.invite("amina")
        owner, thief = (leave(visit(""), link) for _ in range(2))
        come_back(owner)
        house.eriec.subject = "00u-mallory"

        page = come_back(thief)

        assert refused(house, thief.visitor, page, DEAD)
        again = visit("").send(form_of(visit("").open(link), link))
        assert again.status in {400, 404}
        assert house.count(ProviderIdentity) == 1

    def test_of_somebody_at_another_provider_is_no_good_here(self, house: House, visit: Visit) -> None:
        """The link leads to the invited account's organisation, whatever the browser was about to do elsewhere."""
        trip = leave(visit(""), house.invite("amina"))

        assert trip.address.startswith(house.eriec.issuer)
        assert "/criec/" not in trip.address

    @pytest.mark.parametrize("link", ["x", "A" * 43, "é" * 43])
    def test_that_is_forged_or_cut_short_is_dead(self, house: House, visit: Visit, link: str) -> None:
        page = leave(visit(""), f"/sign-in/invitation/{link}").page

        assert (page.status, house.count(ProviderErrand)) == (404, 0)
        assert DEAD in page.source

    def test_that_ran_out_meanwhile_binds_nobody(self, house: House, visit: Visit) -> None:
        trip = leave(visit(""), house.invite("amina"))
        with house.hub.transaction() as session:
            session.execute(update(Invitation).values(ends_at=utcnow() - timedelta(seconds=1)))

        assert refused(house, trip.visitor, come_back(trip), DEAD)

    def test_ends_when_another_is_made(self, house: House, visit: Visit) -> None:
        first, second = house.invite("amina"), house.invite("amina")

        assert leave(visit(""), first).page.status == 404
        assert come_back(leave(visit(""), second)).address == "/sign-in/joined"

    def test_does_not_bind_who_is_bound_to_another_account(self, house: House, visit: Visit) -> None:
        house.bind("amina")
        trip = leave(visit(""), house.invite("aude"))

        assert refused(house, trip.visitor, come_back(trip), BOUND)
        assert waiting(house) == 1


@ON_BOTH
class TestAnAccount:
    def test_is_bound_by_its_holder(self, house: House, visit: Visit) -> None:
        amina = visit("amina")
        trip = Trip(amina, amina.send(amina.open("/account").form("/account/provider")))

        page = come_back(trip)

        assert (page.address, page.notices) == (
            "/account",
            ["From now on your organisation's sign-in opens this account."],
        )
        assert come_back(leave(visit(""))).address == "/"

    def test_is_not_bound_after_five_minutes_without_proof(self, house: House, visit: Visit) -> None:
        amina = visit("amina")
        form = amina.open("/account").form("/account/provider")
        grow_old(house.app, amina)

        assert amina.send(form).address == "/account/confirm"
        assert house.count(ProviderErrand) == 0

    def test_is_not_bound_for_somebody_else_who_sits_down(self, house: House, visit: Visit) -> None:
        amina = visit("amina")
        trip = Trip(amina, amina.send(amina.open("/account").form("/account/provider")))
        aude = visit("aude").http.get_cookie("passerelle")
        assert aude is not None
        amina.http.set_cookie("passerelle", aude.value)

        assert come_back(trip).notices == [WRONG]
        assert house.count(ProviderIdentity) == 0

    def test_is_let_go_and_signed_out_everywhere_else(self, house: House, visit: Visit) -> None:
        house.bind()
        elsewhere = visit("")
        come_back(leave(elsewhere))
        amina = visit("amina")

        amina.send(amina.open("/account").form("/account/provider/remove"))

        assert (signed_in(amina), signed_in(elsewhere)) == (True, False)
        stranger = visit("")
        assert refused(house, stranger, come_back(leave(stranger)))

    def test_of_no_organisation_or_one_without_provider_is_not_offered_it(self, house: House, visit: Visit) -> None:
        pages = [visit(name).open("/account") for name in ("olga", "hodan", "amina")]

        assert ["Your organisation's sign-in" in page.source for page in pages] == [False, False, True]

    def test_that_starts_over_is_bound_to_nobody(self, house: House, visit: Visit) -> None:
        from hub.services import own_sessions

        house.bind()
        house.hub.run(lambda session: own_sessions.start_over(session, TESTS, "eriec", "amina", "hash"))

        stranger = visit("")
        assert refused(house, stranger, come_back(leave(stranger)))


class TestASessionOpenedThere:
    """The provider may have let somebody in without asking: whoever sits at an open computer is not proved by that."""

    def test_changes_nothing_before_the_person_confirmed(self, house: House, visit: Visit) -> None:
        house.bind()
        somebody = visit("")
        come_back(leave(somebody))

        page = somebody.open("/account/app")

        assert page.address == "/account/confirm"

    def confirmation(self, house: House, visit: Visit) -> Trip:
        house.bind()
        somebody = visit("")
        come_back(leave(somebody))
        asked = somebody.open("/account/confirm?next=/account")
        return Trip(somebody, somebody.send(asked.form("/account/confirm/provider")))

    def test_is_confirmed_by_signing_in_there_anew(self, house: House, visit: Visit) -> None:
        trip = self.confirmation(house, visit)
        before = trip.visitor.http.get_cookie("passerelle")

        page = come_back(trip)

        sent = house.eriec.asked[-1]
        after = trip.visitor.http.get_cookie("passerelle")
        assert (sent["prompt"], sent["max_age"]) == ("login", "0")
        assert page.form("/account/provider/remove")
        assert before is not None
        assert after is not None
        assert before.value != after.value

    @pytest.mark.parametrize("seconds", [-3600, -120, 3600])
    def test_is_not_confirmed_by_a_sign_in_of_another_hour(self, house: House, visit: Visit, seconds: int) -> None:
        trip = self.confirmation(house, visit)
        house.eriec.auth_time = int(time.time()) + seconds

        page = come_back(trip)

        assert (page.address, page.notices) == ("/account", [WRONG])
        assert trip.visitor.open("/account/app").address == "/account/confirm"

    def test_is_not_confirmed_where_the_provider_does_not_say_when(self, house: House, visit: Visit) -> None:
        trip = self.confirmation(house, visit)
        house.eriec.claims = {"auth_time": None}

        assert come_back(trip).notices == [WRONG]

    def test_is_not_confirmed_by_somebody_else_there(self, house: House, visit: Visit) -> None:
        trip = self.confirmation(house, visit)
        house.eriec.subject = "00u-mallory"

        assert come_back(trip).notices == [WRONG]

    def test_with_a_second_factor_is_not_confirmed_without_it(self, house: House, visit: Visit) -> None:
        trip = self.confirmation(house, visit)
        set_up_app(visit("amina"))

        assert come_back(trip).notices == [WRONG]
        assert "/account/confirm/provider" not in trip.visitor.open("/account/confirm").source

    def test_is_fresh_after_a_code(self, house: House, visit: Visit) -> None:
        house.bind()
        app, _ = set_up_app(visit("amina"))
        trip = leave(visit(""))
        trip.visitor.send(come_back(trip).form("/sign-in/code"), code=later(app))

        assert trip.visitor.open("/account").form("/account/app/remove")


@ON_BOTH
class TestAProviderTakenAway:
    def test_ends_bindings_and_sessions(self, house: House, visit: Visit) -> None:
        house.bind()
        somebody, other = visit(""), visit("aude")
        come_back(leave(somebody))

        ended = house.hub.run(lambda session: identity_providers.remove(session, TESTS, "eriec"))

        assert (ended, signed_in(somebody), signed_in(other)) == (1, False, True)
        assert house.count(ProviderIdentity) == 0

    def test_is_taken_away_from_who_is_half_way(self, house: House, visit: Visit) -> None:
        house.bind()
        half, invited = leave(visit("")), leave(visit(""), house.invite("aude"))
        house.hub.run(lambda session: identity_providers.remove(session, TESTS, "eriec"))

        assert refused(house, half.visitor, come_back(half))
        assert refused(house, invited.visitor, come_back(invited))

    def test_in_favour_of_another_lets_everybody_go(self, house: House, visit: Visit) -> None:
        house.bind()
        somebody = visit("")
        come_back(leave(somebody))

        house.put("eriec", house.criec, house.criec.secret)

        assert (house.count(ProviderIdentity), signed_in(somebody)) == (0, False)

    def test_is_not_when_only_its_secret_is_new(self, house: House, visit: Visit) -> None:
        house.bind()
        house.eriec.secret = "another"
        house.put("eriec", house.eriec, "another")

        assert come_back(leave(visit(""))).address == "/"
