"""Every way to cheat between a browser and its provider: each ends at the door, in the words of a wrong password."""

import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import update

from hub.access.context import EXTENSION
from hub.models import (
    AuditEntry,
    ProviderErrand,
    utcnow,
)
from tests.hub.identity_provider import unsigned
from tests.hub.pages.trips import (
    DENIED,
    House,
    Trip,
    Visit,
    answered,
    changed,
    come_back,
    cookie,
    house,
    leave,
    refused,
)

__all__ = ["house"]


def short_key() -> RSAKey:
    """A key that no provider should have; the library that makes it warns of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RSAKey.generate_key(1024, {"kid": "short"})


class TestAToken:
    """What the provider, or somebody in its place, says of somebody bound: refused in the words of a wrong password."""

    NOW = int(time.time())

    @pytest.mark.parametrize(
        "claims",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"iss": "https://elsewhere.example"},
            {"iss": None},
            {"aud": "another"},
            {"aud": None},
            {"aud": ["passerelle", "another"], "azp": "passerelle"},
            {"azp": "another"},
            pytest.param({"exp": NOW - 120}, id="expired"),
            {"exp": None},
            pytest.param({"exp": str(NOW + 300)}, id="expiry as text"),
            pytest.param({"iat": NOW - 3600}, id="issued an hour ago"),
            pytest.param({"iat": NOW + 3600}, id="issued in an hour"),
            {"iat": None},
            pytest.param({"nbf": NOW + 3600}, id="not before an hour"),
            {"sub": None},
            {"sub": ""},
            {"sub": 7},
            {"sub": "x" * 256},
            {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        ],
        ids=str,
    )
    def test_that_says_the_wrong_thing(self, house: House, visit: Visit, claims: dict[str, Any]) -> None:
        house.bind()
        house.eriec.claims = claims
        thief, before = visit(""), house.refusals()

        page = come_back(leave(thief))

        assert refused(house, thief, page)
        assert house.refusals() == before + 1

    def test_with_one_audience_in_a_list_and_us_as_its_party_is_good(self, house: House, visit: Visit) -> None:
        house.bind()
        house.eriec.claims = {"aud": ["passerelle"], "azp": "passerelle"}

        assert come_back(leave(visit(""))).address == "/"

    @pytest.mark.parametrize("kind", ["none", "shared", "confused", "stranger", "short", "kind", "cut", "junk", "two"])
    def test_that_is_not_signed_by_the_provider(self, house: House, visit: Visit, kind: str) -> None:
        house.bind()
        provider, short = house.eriec, short_key()
        public = provider.key.as_dict(private=False)
        makers: dict[str, Callable[[dict[str, Any], dict[str, Any]], str]] = {
            "none": unsigned,
            "shared": lambda header, claims: jwt.encode(
                header | {"alg": "HS256"}, claims, OctKey.import_key("s" * 40), algorithms=["HS256"]
            ),
            "confused": lambda header, claims: jwt.encode(
                header | {"alg": "HS256"}, claims, OctKey.import_key(str(public)), algorithms=["HS256"]
            ),
            "stranger": lambda header, claims: jwt.encode(header, claims, ECKey.generate_key("P-256")),
            "short": lambda header, claims: jwt.encode(header | {"alg": "RS256", "kid": "short"}, claims, short),
            "kind": lambda header, claims: provider.sign(header | {"typ": "at+jwt"}, claims),
            "cut": lambda header, claims: provider.sign(header, claims)[:-4],
            "junk": lambda header, claims: "not.a.token",
            "two": lambda header, claims: jwt.encode({"alg": "ES256"}, claims, provider.key),
        }
        provider.make_token = makers[kind]
        provider.published = [provider.key, short, ECKey.generate_key("P-256", {"kid": "other"})]
        house.app.extensions[EXTENSION].pop("provider_documents")
        thief = visit("")

        assert refused(house, thief, come_back(leave(thief)))

    @pytest.mark.parametrize("grant", [{"id_token": None}, {"id_token": ["x"]}, {"access_token": None}], ids=str)
    def test_that_is_not_there(self, house: House, visit: Visit, grant: dict[str, Any]) -> None:
        house.bind()
        house.eriec.grant = grant
        house.eriec.claims = {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"} if "access_token" in grant else {}
        thief = visit("")

        assert refused(house, thief, come_back(leave(thief)))

    def test_of_another_provider_is_refused_at_ours(self, house: House, visit: Visit) -> None:
        """Mix-up: the other provider says what ours would say, of somebody bound at ours."""
        house.bind()
        other = house.criec
        other.subject = house.eriec.subject
        other.claims = {"iss": house.eriec.issuer, "aud": house.eriec.client_id}
        thief = visit("")

        assert refused(house, thief, come_back(leave(thief, organisation="criec")))

    def test_of_a_subject_of_the_same_name_elsewhere_is_somebody_else(self, house: House, visit: Visit) -> None:
        house.bind()
        house.criec.subject = house.eriec.subject
        stranger = visit("")

        assert refused(house, stranger, come_back(leave(stranger, organisation="criec")))


class TestAnAnswer:
    @pytest.fixture
    def trip(self, house: House, visit: Visit) -> Trip:
        house.bind()
        return leave(visit(""))

    def test_works_once(self, house: House, trip: Trip, visit: Visit) -> None:
        answer = answered(trip)
        kept = cookie(trip.visitor)
        assert trip.visitor.open(answer).address == "/"
        again = visit("")
        again.http.set_cookie("passerelle-provider", kept)

        assert refused(house, again, again.open(answer))

    def test_of_another_browser_is_refused_and_leaves_its_errand(self, house: House, trip: Trip, visit: Visit) -> None:
        answer, victim = answered(trip), leave(visit(""))

        assert refused(house, victim.visitor, victim.visitor.open(answer))
        assert trip.visitor.open(answer).address == "/"

    def test_without_a_browser_that_left_is_refused_without_a_trace(self, house: House, visit: Visit) -> None:
        before, stranger = house.count(AuditEntry), visit("")

        assert refused(house, stranger, stranger.open("/sign-in/organisation/eriec/return?code=x&state=y"))
        assert house.count(AuditEntry) == before

    @pytest.mark.parametrize(
        "values",
        [
            {"state": None},
            {"state": "x" * 43},
            {"state": "\ud800é"},
            {"code": None},
            {"code": ""},
            {"code": "guessed"},
            {"code": "x" * 5000},
            {"iss": None},
            {"iss": "https://elsewhere.example"},
        ],
        ids=ascii,
    )
    def test_that_was_changed_on_the_way(self, house: House, trip: Trip, values: dict[str, str | None]) -> None:
        sent = {name: value.encode("utf-8", "replace").decode() if value else value for name, value in values.items()}
        thief = trip.visitor

        assert refused(house, thief, thief.open(changed(answered(trip), **sent)))

    @pytest.mark.parametrize("name", ["state", "code", "iss"])
    def test_with_a_parameter_twice(self, house: House, trip: Trip, name: str) -> None:
        answer = answered(trip)

        assert refused(house, trip.visitor, trip.visitor.open(f"{answer}&{name}=x"))

    def test_sent_to_the_address_of_another_provider(self, house: House, trip: Trip) -> None:
        answer = answered(trip).replace("/eriec/", "/criec/")

        assert refused(house, trip.visitor, trip.visitor.open(answer))

    def test_ten_minutes_later_is_too_late(self, house: House, trip: Trip) -> None:
        answer = answered(trip)
        with house.hub.transaction() as session:
            session.execute(update(ProviderErrand).values(ends_at=utcnow() - timedelta(seconds=1)))

        assert refused(house, trip.visitor, trip.visitor.open(answer))

    def test_with_a_code_that_was_stolen_fails_for_want_of_the_verifier(
        self, house: House, trip: Trip, visit: Visit
    ) -> None:
        stolen = dict(parse_qsl(urlsplit(answered(trip)).query))["code"]
        thief = leave(visit(""))
        own = changed(answered(thief), code=stolen)

        assert refused(house, thief.visitor, thief.visitor.open(own))

    @pytest.mark.parametrize("error", ["access_denied", "login_required", "<script>"])
    def test_that_is_a_refusal_is_said_in_plain_words(self, house: House, trip: Trip, error: str) -> None:
        house.eriec.answer = {"code": "", "error": error, "error_description": "<b>we know amina</b>"}

        page = come_back(trip)

        assert refused(house, trip.visitor, page, DENIED)
        assert "amina" not in page.source

    def test_that_is_a_refusal_of_nobody_we_asked_is_not_believed(self, house: House, trip: Trip) -> None:
        house.eriec.answer = {"code": "", "error": "access_denied", "iss": "https://elsewhere.example"}

        assert refused(house, trip.visitor, come_back(trip))

    def test_without_issuer_is_good_where_the_provider_sends_none(self, house: House, trip: Trip, visit: Visit) -> None:
        house.eriec.document["authorization_response_iss_parameter_supported"] = False
        house.eriec.answer = {"iss": ""}
        house.app.extensions[EXTENSION].pop("provider_documents")

        assert come_back(trip).address == "/"

    def test_takes_back_the_cookie(self, house: House, trip: Trip) -> None:
        come_back(trip)

        assert trip.visitor.http.get_cookie("passerelle-provider") is None
