from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from federation.answers.network import KeyChainAnswer
from federation.answers.pathways import PathwayAnswer
from federation.answers.programs import ProgramAnswer, ReferralAnswer
from federation.key_chains import issue_statement
from federation.keys import generate_keys
from hub.database import Database
from hub.models import Intake, Program, utcnow
from tests.hub.doors import System, register_system

# What crosses organisations is tried within row-level security too.
pytestmark = pytest.mark.parametrize("hub_database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def college(http: FlaskClient, hub_database: Database) -> System:
    """NorQuest, with one program that takes referrals and one seat left."""
    with hub_database.transaction() as session:
        session.add(
            Program(
                id="clb-8-evening",
                organisation_id="norquest",
                provider="NorQuest",
                names={"en": "CLB 8, evenings", "fr": "NCLC 8, le soir"},
                description={"en": "Speaking at work", "fr": "Parler au travail"},
                stream="language_training",
                requires={"all": []},
                gives={"all": []},
                weekly_hours=6,
                languages=["en"],
                last_true_on=date(2026, 11, 1),
                source="invented for tests",
            )
        )
        session.flush()
        session.add(Intake(id="january", program_id="clb-8-evening", starts_on=date(2027, 1, 11), weeks=12, seats=1))
    return register_system(http, hub_database, "norquest")


@pytest.fixture
def referral(eriec: System, college: System, mentee: dict[str, Any]) -> dict[str, Any]:
    eriec.call("PUT", "/api/v1/profiles/mentee-001", json=mentee)
    answer = refer(eriec)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def refer(system: System, program: str = "clb-8-evening", mentee: str = "mentee-001") -> Any:
    return system.call("POST", "/api/v1/referrals", json={"mentee": mentee, "program": program})


def assert_fact(system: System, referral: dict[str, Any], event: str, **details: str) -> Any:
    return system.call("POST", f"/api/v1/referrals/{referral['id']}/events", json={"event": event, **details})


class TestAReferral:
    def test_names_the_person_to_the_receiver_by_a_one_time_reference(
        self, eriec: System, college: System, referral: dict[str, Any]
    ) -> None:
        received = college.call("GET", f"/api/v1/referrals/{referral['id']}").get_json()

        assert ReferralAnswer().validate(received) == {}
        assert (referral["mine"], referral["person"]) == ("sender", "mentee-001")
        assert received["mine"] == "receiver"
        assert "mentee-001" not in str(received)

    def test_moves_by_the_facts_each_side_may_assert(
        self, eriec: System, college: System, referral: dict[str, Any]
    ) -> None:
        assert assert_fact(college, referral, "received").get_json()["state"] == "received"
        assert assert_fact(college, referral, "accepted").get_json()["state"] == "accepted"
        assert assert_fact(eriec, referral, "completed", outcome="language_level").status_code == 409
        history = eriec.call("GET", f"/api/v1/referrals/{referral['id']}").get_json()["history"]
        assert [fact["event"] for fact in history] == ["sent", "received", "accepted"]

    def test_is_not_there_for_third_parties(self, pin: System, referral: dict[str, Any]) -> None:
        assert pin.call("GET", f"/api/v1/referrals/{referral['id']}").status_code == 404
        assert assert_fact(pin, referral, "received").status_code == 404
        assert pin.call("GET", "/api/v1/referrals").get_json()["items"] == []

    def test_of_somebody_elses_mentee_or_to_no_program_is_not_there(
        self, eriec: System, pin: System, referral: dict[str, Any]
    ) -> None:
        assert refer(pin).status_code == 404
        assert refer(eriec, program="nothing").status_code == 404

    def test_is_sent_once(self, eriec: System, referral: dict[str, Any]) -> None:
        answer = refer(eriec)

        assert (answer.status_code, answer.get_json()["type"][-17:]) == (409, ":already-referred")

    def test_is_declined_with_a_code_only(self, college: System, referral: dict[str, Any]) -> None:
        assert assert_fact(college, referral, "declined").status_code == 422
        assert assert_fact(college, referral, "declined", reason="because").status_code == 422
        assert assert_fact(college, referral, "vanished").status_code == 422

    def test_is_listed_for_both_parties(self, eriec: System, college: System, referral: dict[str, Any]) -> None:
        for system in (eriec, college):
            items = system.call("GET", "/api/v1/referrals").get_json()["items"]
            assert [item["id"] for item in items] == [referral["id"]]


class TestTheCatalogue:
    def test_is_the_same_for_everyone(self, eriec: System, college: System) -> None:
        pages = [system.call("GET", "/api/v1/programs").get_json() for system in (eriec, college)]

        assert pages[0] == pages[1]
        assert ProgramAnswer().validate(pages[0]["items"][0]) == {}
        assert pages[0]["items"][0]["intakes"][0]["starts_on"] == "2027-01-11"

    def test_is_asked_by_stream(self, eriec: System, college: System) -> None:
        def ids(stream: str) -> list[str]:
            answer = eriec.call("GET", "/api/v1/programs", query_string={"stream": stream})
            return [item["id"] for item in answer.get_json()["items"]]

        assert ids("language_training") == ["clb-8-evening"]
        assert ids("employment_related") == []
        assert eriec.call("GET", "/api/v1/programs?stream=painting").status_code == 422

    def test_shows_one_program(self, eriec: System, college: System) -> None:
        assert eriec.call("GET", "/api/v1/programs/clb-8-evening").get_json()["names"]["fr"] == "NCLC 8, le soir"
        assert eriec.call("GET", "/api/v1/programs/nothing").status_code == 404


def test_a_pathway_is_planned_for_ones_own_mentee(
    eriec: System, pin: System, college: System, mentee: dict[str, Any]
) -> None:
    eriec.call("PUT", "/api/v1/profiles/mentee-001", json=mentee)

    body = eriec.call("GET", "/api/v1/mentees/mentee-001/pathway").get_json()

    assert PathwayAnswer().validate(body) == {}
    assert pin.call("GET", "/api/v1/mentees/mentee-001/pathway").status_code == 404


class TestKeys:
    def test_are_relayed_as_they_were_signed(self, eriec: System, pin: System) -> None:
        statement = issue_statement(generate_keys("eriec"), [], utcnow())

        answer = eriec.call("PUT", "/api/v1/keys", json={"statement": statement})

        assert answer.status_code == 201
        assert KeyChainAnswer().validate(answer.get_json()) == {}
        assert pin.call("GET", "/api/v1/organisations/eriec/keys").get_json() == {"statements": [statement]}

    def test_of_another_organisation_are_refused(self, eriec: System, pin: System) -> None:
        statement = issue_statement(generate_keys("pin-afghan"), [], utcnow())

        assert eriec.call("PUT", "/api/v1/keys", json={"statement": statement}).status_code in {409, 422}
        assert pin.call("GET", "/api/v1/organisations/pin-afghan/keys").get_json() == {"statements": []}

    def test_of_another_identity_do_not_continue_the_chain(self, eriec: System) -> None:
        first = issue_statement(generate_keys("eriec"), [], utcnow())
        eriec.call("PUT", "/api/v1/keys", json={"statement": first})

        answer = eriec.call(
            "PUT", "/api/v1/keys", json={"statement": issue_statement(generate_keys("eriec"), [], utcnow())}
        )

        assert answer.status_code in {409, 422}
        assert eriec.call("GET", "/api/v1/organisations/eriec/keys").get_json() == {"statements": [first]}


def test_rounds_are_listed_and_an_unknown_one_is_not_there(eriec: System) -> None:
    assert eriec.call("GET", "/api/v1/rounds").get_json() == {"items": [], "next": None}
    assert eriec.call("GET", "/api/v1/rounds/nothing").status_code == 404
