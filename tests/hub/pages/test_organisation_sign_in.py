"""Signing in at one's organisation: who is bound comes in, and a provider that is down shuts nobody out."""

import json
import logging
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from hub.access import provider_documents
from hub.access.context import EXTENSION
from hub.access.limits import SIGN_INS_PER_MINUTE
from hub.models import (
    Coordinator,
    ProviderErrand,
    ProviderIdentity,
)
from hub.services import organisations
from tests.hub.doors import signed_compact
from tests.hub.identity_provider import ADDRESS
from tests.hub.pages.test_account import later, set_up_app
from tests.hub.pages.trips import (
    SILENT,
    UNKNOWN,
    House,
    Visit,
    answered,
    come_back,
    cookie,
    digits_of,
    house,
    leave,
    refused,
    signed_in,
)
from tests.hub.pages.visitor import Visitor
from tests.hub.people import TESTS
from tests.hub.services.refusals import everything

__all__ = ["house"]


class TestSomebodyBound:
    def test_signs_in_there_and_lands_where_they_wanted(self, house: House, visit: Visit) -> None:
        house.bind()
        somebody = visit("")

        page = come_back(leave(somebody, address="/sign-in?next=/proposals"))

        assert (page.full_address, signed_in(somebody)) == ("/proposals", True)
        assert "ERIEC" in page.source

    def test_is_asked_with_code_and_proof_key_and_nothing_else(self, house: House, visit: Visit) -> None:
        trip = leave(visit(""))
        asked = dict(parse_qs(urlsplit(trip.address).query).items())

        fixed = {name: asked[name] for name in ("response_type", "scope", "redirect_uri", "code_challenge_method")}
        assert fixed == {
            "response_type": ["code"],
            "scope": ["openid"],
            "redirect_uri": ["http://localhost:8000/sign-in/organisation/eriec/return"],
            "code_challenge_method": ["S256"],
        }
        marks = [asked[name][0] for name in ("state", "nonce", "code_challenge")]
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", mark) for mark in marks)
        assert len({*marks, cookie(trip.visitor)}) == 4

    def test_gets_a_session_of_its_own_in_place_of_the_one_the_browser_had(self, house: House, visit: Visit) -> None:
        house.bind()
        somebody = visit("claire")
        before = somebody.http.get_cookie("passerelle")

        come_back(leave(somebody))

        after = somebody.http.get_cookie("passerelle")
        assert before is not None
        assert after is not None
        assert before.value != after.value
        stale = visit("")
        stale.http.set_cookie("passerelle", before.value)
        assert not signed_in(stale)

    def test_with_a_second_factor_is_asked_for_it_whatever_the_provider_says(self, house: House, visit: Visit) -> None:
        house.bind()
        app, _ = set_up_app(visit("amina"))
        trip = leave(visit(""))
        half = come_back(trip)
        assert (half.address, signed_in(trip.visitor)) == ("/sign-in/code", False)

        page = trip.visitor.send(half.form("/sign-in/code"), code=later(app))

        assert (page.address, signed_in(trip.visitor)) == ("/", True)

    def test_without_one_is_led_to_set_one_up_where_the_network_requires_it(self, house: House, visit: Visit) -> None:
        parts = house.app.extensions[EXTENSION]
        before = parts["settings"]
        house.bind()
        parts["settings"] = replace(before, second_factor="required")
        try:
            assert come_back(leave(visit(""), address="/sign-in?next=/mentees")).address == "/account"
        finally:
            parts["settings"] = before

    def test_keeps_the_password_as_another_way_in(self, house: House, visit: Visit) -> None:
        house.bind()

        assert visit("").sign_in("amina").address == "/"

    @pytest.mark.parametrize(
        ("algorithm", "key"),
        [
            ("RS256", RSAKey.generate_key(2048, {"kid": "first"})),
            ("PS256", RSAKey.generate_key(2048, {"kid": "first"})),
            ("ES256", ECKey.generate_key("P-256", {"kid": "first"})),
            ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "first"})),
        ],
    )
    def test_is_known_by_each_algorithm_taken(self, house: House, visit: Visit, algorithm: str, key: Any) -> None:
        house.eriec.algorithm, house.eriec.key, house.eriec.published = algorithm, key, [key]

        house.bind()

        assert come_back(leave(visit(""))).address == "/"

    @pytest.mark.parametrize("form", ["", "form"])
    def test_is_known_by_a_provider_that_takes_the_secret_in_the_form(self, house: House, form: str) -> None:
        if form:
            house.eriec.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]

        house.bind()

        assert house.count(ProviderIdentity) == 1

    def test_is_known_by_a_provider_that_knows_the_hubs_key(self, house: House, visit: Visit) -> None:
        house.eriec.client_key = house.put("eriec", house.eriec, None)

        house.bind()

        assert house.eriec.client_key is not None
        assert "d" not in house.eriec.client_key
        assert come_back(leave(visit(""))).address == "/"

    def test_is_known_after_the_provider_changed_its_keys(
        self, house: House, visit: Visit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.bind()
        house.eriec.key = ECKey.generate_key("P-256", {"kid": "second"})
        house.eriec.published = [house.eriec.key]
        early = visit("")
        assert refused(house, early, come_back(leave(early)))
        asked = house.eriec.calls.count("/keys")

        monkeypatch.setattr(provider_documents, "KEYS_AGAIN_SECONDS", 0.0)

        assert come_back(leave(visit(""))).address == "/"
        assert (asked, house.eriec.calls.count("/keys")) == (1, 2)

    def test_is_known_by_the_older_name_of_an_algorithm(self, house: House) -> None:
        key = OKPKey.generate_key("Ed25519", {"kid": "first"})
        house.eriec.published = [key]
        house.eriec.make_token = lambda header, claims: signed_compact(
            json.dumps(header | {"alg": "EdDSA", "kid": "first"}), json.dumps(claims), key, "Ed25519"
        )

        house.bind()

        assert house.count(ProviderIdentity) == 1

    def test_is_written_about_without_secret_code_or_token(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        said: list[str] = []
        house.eriec.make_token = lambda header, claims: said.append(house.eriec.sign(header, claims)) or said[-1]
        trip = leave(Visitor(house.app.test_client()), house.invite("amina"))
        answer = answered(trip)
        sent = dict(parse_qsl(urlsplit(answer).query))
        said += [house.eriec.secret, house.eriec.subject, ADDRESS, sent["code"], sent["state"], cookie(trip.visitor)]
        caplog.clear()
        caplog.set_level(logging.DEBUG)

        digits = digits_of(trip.visitor.open(answer))

        said.append(digits.replace(" ", ""))
        assert "/token" in caplog.text
        assert [one for one in said if one in caplog.text] == []
        assert len(said) == 8

    def test_leaves_no_trace_of_who_they_are_there(self, house: House) -> None:
        house.bind()

        kept = str(everything(house.hub))

        assert [word for word in (house.eriec.subject, ADDRESS, house.eriec.secret) if word in kept] == []


class TestAnUnknownSubject:
    def test_makes_no_account_whatever_address_it_has(self, house: House, visit: Visit) -> None:
        house.eriec.claims = {"email": "amina", "preferred_username": "amina"}
        stranger, before = visit(""), house.count(Coordinator)

        assert refused(house, stranger, come_back(leave(stranger)))
        assert (house.count(Coordinator), house.count(ProviderIdentity)) == (before, 0)


class TestAProviderThatIsDown:
    def test_is_said_in_plain_words_and_the_other_ways_work(self, house: House, visit: Visit) -> None:
        house.app.extensions[EXTENSION].pop("provider_documents", None)
        house.eriec.document["issuer"] = "https://elsewhere.example"
        somebody = visit("")

        page = leave(somebody, address="/sign-in?next=/proposals").page

        assert (page.full_address, page.notices) == ("/sign-in?next=/proposals", [SILENT])
        assert somebody.sign_in("amina").address == "/"

    def test_is_not_asked_again_at_once(self, house: House, visit: Visit) -> None:
        house.eriec.document["jwks_uri"] = "ftp://elsewhere.example"
        for _ in range(3):
            assert leave(visit("")).page.notices == [SILENT]

        assert house.eriec.calls.count("/.well-known/openid-configuration") == 1

    def test_between_question_and_token(self, house: House, visit: Visit) -> None:
        house.bind()
        trip = leave(visit(""))
        house.eriec.token_status = 503

        assert refused(house, trip.visitor, come_back(trip), SILENT)

    def test_that_knows_the_code_no_more_is_a_failed_sign_in(self, house: House, visit: Visit) -> None:
        house.bind()
        trip = leave(visit(""))
        house.eriec.secret = "changed"

        assert refused(house, trip.visitor, come_back(trip))


class TestTheDoor:
    def test_is_tried_so_often_and_not_more_from_one_address(self, house: House, visit: Visit) -> None:
        """A provider is called each time: neither may a stranger make the hub call it without end."""
        somebody = visit("")
        page = "/sign-in/organisation/eriec/return?code=x&state=y"

        answers = [somebody.http.get(page).status_code for _ in range(SIGN_INS_PER_MINUTE + 5)]

        assert {*answers[:SIGN_INS_PER_MINUTE]} == {303}
        assert answers[-1] == 429


class TestTheName:
    @pytest.mark.parametrize("name", ["arec", "nobody", "amina", "", "x" * 41, "../eriec", "eriec%00", "olga"])
    def test_without_a_provider_is_one_that_nobody_knows(self, house: House, visit: Visit, name: str) -> None:
        page = leave(visit(""), organisation=name).page

        assert (page.address, page.notices) == ("/sign-in", [UNKNOWN])

    def test_of_a_suspended_member_is_too(self, house: House, visit: Visit) -> None:
        house.bind()
        trip = leave(visit(""))
        house.hub.run(lambda session: organisations.suspend(session, TESTS, "eriec"))

        assert leave(visit("")).page.notices == [UNKNOWN]
        assert refused(house, trip.visitor, come_back(trip))

    def test_is_taken_as_people_type_it_and_as_a_link_fills_it_in(self, house: House, visit: Visit) -> None:
        assert leave(visit(""), organisation=" ERIEC ").address.startswith(house.eriec.issuer)

        page = visit("").open("/sign-in?organisation=eriec")

        (field,) = [one for one in page.root.all("input") if one.get("id") == "organisation"]
        assert field.get("value") == "eriec"

    def test_leads_nowhere_outside_afterwards(self, house: House, visit: Visit) -> None:
        house.bind()

        assert come_back(leave(visit(""), address="/sign-in?next=//elsewhere.example")).full_address == "/"

    def test_is_asked_with_a_form_of_ours_only(self, house: House, visit: Visit) -> None:
        answer = visit("").http.post("/sign-in/organisation", data={"organisation": "eriec"})

        assert (answer.status_code, house.count(ProviderErrand)) == (400, 0)
