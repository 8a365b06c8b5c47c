from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from federation.answers.base import Answer
from federation.answers.network import EventAnswer, IntroductionAnswer, OrganisationAnswer
from federation.answers.peers import CirclesAnswer, GroupsAnswer, PairsAnswer
from federation.answers.profiles import PoolAnswer
from federation.answers.proposals import ProposalAnswer
from federation.answers.recommendations import RecommendationsAnswer
from federation.answers.repairs import RepairAnswer, RepairMadeAnswer
from federation.introductions import sign_receipt
from federation.key_chains import issue_statement
from federation.keys import generate_keys
from graph.rounds import RoundPolicy
from hub.database import Database
from hub.models import Partnership, Proposal, utcnow
from hub.services import organisations, rounds
from tests.hub.doors import TESTS, System, register_system
from tests.hub.rounds import run_round

# What crosses organisations is tried within row-level security too.
pytestmark = pytest.mark.parametrize("hub_database", ["sqlite", "postgresql"], indirect=True)
ENVELOPE = ".".join(["aGVhZGVy", "a2V5", "aXY", "Y2lwaGVydGV4dA", "dGFn"])


@pytest.fixture
def shared(eriec: System, pin: System, hub_database: Database, mentee: dict[str, Any], mentor: dict[str, Any]) -> None:
    """A mentee at ERIEC, six alike mentors at the network, shared with ERIEC."""
    with hub_database.transaction() as session:
        organisations.agree(session, TESTS, "pin-afghan", "eriec", date(2026, 1, 1))
    assert eriec.call("PUT", "/api/v1/profiles/mentee-001", json=mentee).status_code == 201
    for number in range(6):
        assert pin.call("PUT", f"/api/v1/profiles/mentor-{number:03d}", json=mentor).status_code == 201


@pytest.fixture
def proposal(eriec: System, shared: None) -> dict[str, Any]:
    return dict(propose(eriec).get_json())


def recommended(system: System) -> dict[str, Any]:
    return dict(system.call("GET", "/api/v1/mentees/mentee-001/recommendations").get_json())


def propose(system: System, **headers: str) -> Any:
    handle = recommended(system)["recommendations"][0]["handle"]
    return system.call("POST", "/api/v1/proposals", json={"mentee": "mentee-001", "handle": handle}, headers=headers)


def move(system: System, proposal: dict[str, Any], verb: str, body: Any = None) -> Any:
    return system.call("POST", f"/api/v1/proposals/{proposal['id']}/{verb}", json=body or {})


def holds(schema: type[Answer], body: Any) -> bool:
    faults = schema().validate(body)
    assert faults == {}
    return True


class TestRecommendations:
    def test_show_handles_and_reasons_and_no_pseudonym_of_others(self, eriec: System, shared: None) -> None:
        body = recommended(eriec)

        assert holds(RecommendationsAnswer, body)
        assert body["mentee"] == "mentee-001"
        assert len(body["recommendations"]) > 0
        first = body["recommendations"][0]
        assert first["organisation"] == "pin-afghan"
        assert {part["name"] for part in first["parts"]}
        assert sum(part["points"] for part in first["parts"]) == first["points"]
        assert first["reasons"]["fr"]
        assert "mentor-0" not in str(body)

    def test_in_another_format_go_by_its_rules_and_an_unknown_one_is_refused(self, eriec: System, shared: None) -> None:
        answers = {
            named: eriec.call("GET", f"/api/v1/mentees/mentee-001/recommendations?format={named}")
            for named in ("one_to_one", "reverse", "flash", "peer")
        }

        assert {named: one.status_code for named, one in answers.items()} == {
            "one_to_one": 200,
            "reverse": 200,
            "flash": 200,
            "peer": 422,
        }
        assert answers["one_to_one"].get_json() == recommended(eriec)
        reverse = answers["reverse"].get_json()
        assert holds(RecommendationsAnswer, reverse)
        assert (reverse["format"], reverse["recommendations"]) == ("reverse", [])
        assert reverse["nobody_because"]["en"]

    def test_of_somebody_elses_mentee_are_not_there(self, pin: System, shared: None) -> None:
        assert pin.call("GET", "/api/v1/mentees/mentee-001/recommendations").status_code == 404

    def test_say_why_there_is_nobody(
        self, eriec: System, pin: System, mentee: dict[str, Any], mentor: dict[str, Any]
    ) -> None:
        """No agreement stands: the network's mentor may not meet this mentee."""
        eriec.call("PUT", "/api/v1/profiles/mentee-001", json=mentee)
        pin.call("PUT", "/api/v1/profiles/mentor-001", json=mentor)

        body = recommended(eriec)

        assert body["recommendations"] == []
        assert body["nobody_because"]["en"]
        assert body["nobody_because"]["fr"]


class TestThePool:
    def test_shows_classes_with_sizes_in_steps(self, eriec: System, shared: None) -> None:
        body = eriec.call("GET", "/api/v1/pool?noc=2130&region=AB-835").get_json()

        assert holds(PoolAnswer, body)
        assert [cell["size"] for cell in body["cells"]] == ["5-9"]
        assert body["cells"][0]["noc_title"]["en"]
        assert "mentor-0" not in str(body)

    @pytest.mark.parametrize("query", ["noc=xyz", "region=Paris", "language=klingon", "kind=boss", "noc=2130&noc=2131"])
    def test_refuses_codes_it_does_not_know(self, eriec: System, query: str) -> None:
        assert eriec.call("GET", f"/api/v1/pool?{query}").status_code == 422


class TestAProposal:
    def test_is_created_with_its_address(self, eriec: System, shared: None) -> None:
        answer = propose(eriec)

        body = answer.get_json()
        assert answer.status_code == 201
        assert holds(ProposalAnswer, body)
        assert answer.headers["Location"] == f"/api/v1/proposals/{body['id']}"
        assert (body["mine"], body["my_pseudonym"], body["state"]) == ("mentee", "mentee-001", "proposed")

    def test_is_seen_by_its_parties_only(
        self, eriec: System, pin: System, http: FlaskClient, hub_database: Database, proposal: dict[str, Any]
    ) -> None:
        third = register_system(http, hub_database, "norquest")
        path = f"/api/v1/proposals/{proposal['id']}"

        seen = pin.call("GET", path).get_json()
        assert (seen["mine"], seen["my_pseudonym"][:7]) == ("mentor", "mentor-")
        assert "mentee-001" not in str(seen)
        assert third.call("GET", path).status_code == 404
        assert third.call("GET", "/api/v1/proposals").get_json()["items"] == []
        assert third.call("POST", f"{path}/accept").status_code == 404

    def test_agreed_by_both_makes_an_introduction_due(
        self, eriec: System, pin: System, proposal: dict[str, Any]
    ) -> None:
        move(eriec, proposal, "accept")
        agreed = move(pin, proposal, "accept").get_json()

        assert agreed["state"] == "agreed"
        assert agreed["decided"] == {"mentee_side": "accepted", "mentor_side": "accepted"}
        due = eriec.call("GET", "/api/v1/introductions").get_json()["items"]
        assert holds(IntroductionAnswer, due[0])
        assert (due[0]["proposal"], due[0]["state"], due[0]["mine"]) == (proposal["id"], "due", "sender")

    def test_may_be_accepted_without_a_body(self, eriec: System, proposal: dict[str, Any]) -> None:
        assert eriec.call("POST", f"/api/v1/proposals/{proposal['id']}/accept").status_code == 200

    def test_is_declined_with_a_code_only(self, pin: System, proposal: dict[str, Any]) -> None:
        assert move(pin, proposal, "decline", {"reason": "she is my cousin"}).status_code == 422
        assert move(pin, proposal, "decline").status_code == 422
        assert move(pin, proposal, "decline", {"reason": "no_capacity"}).get_json()["state"] == "declined"

    def test_withdrawn_cannot_be_accepted(self, eriec: System, pin: System, proposal: dict[str, Any]) -> None:
        assert move(eriec, proposal, "withdraw").get_json()["state"] == "withdrawn"

        assert move(pin, proposal, "accept").status_code == 409

    def test_needs_a_handle_that_was_shown_to_this_organisation(
        self, eriec: System, pin: System, shared: None, mentee: dict[str, Any]
    ) -> None:
        handle = recommended(eriec)["recommendations"][0]["handle"]
        pin.call("PUT", "/api/v1/profiles/mentee-002", json=mentee)

        for system, body in (
            (eriec, {"mentee": "mentee-001", "handle": "h" * 43}),
            (pin, {"mentee": "mentee-002", "handle": handle}),
            (pin, {"mentee": "mentee-001", "handle": handle}),
        ):
            assert system.call("POST", "/api/v1/proposals", json=body).status_code == 404


class TestTheSameKey:
    def test_has_one_effect_and_one_answer(self, eriec: System, hub_database: Database, shared: None) -> None:
        handle = recommended(eriec)["recommendations"][0]["handle"]
        body = {"mentee": "mentee-001", "handle": handle}
        headers = {"Idempotency-Key": "3f1c-once"}

        first = eriec.call("POST", "/api/v1/proposals", json=body, headers=headers)
        second = eriec.call("POST", "/api/v1/proposals", json=body, headers=headers)

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.get_json() == second.get_json()
        assert first.headers["Location"] == second.headers["Location"]
        with hub_database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Proposal)) == 1

    def test_has_one_effect_when_sent_by_many_at_the_same_time(
        self, eriec: System, hub_database: Database, shared: None
    ) -> None:
        handle = recommended(eriec)["recommendations"][0]["handle"]
        body = {"mentee": "mentee-001", "handle": handle}
        path, app = "/api/v1/proposals", eriec.http.application
        each = [eriec.signed("POST", path) | {"Idempotency-Key": "at-once"} for _ in range(6)]

        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(app.test_client().post, path, json=body, headers=headers) for headers in each]
            answers = [answer.result() for answer in asked]

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.get_json()["id"] for answer in answers}) == 1
        with hub_database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Proposal)) == 1

    def test_for_another_request_is_refused(self, eriec: System, proposal: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": "once"}
        path = f"/api/v1/proposals/{proposal['id']}"
        assert eriec.call("POST", f"{path}/accept", json={}, headers=headers).status_code == 200

        answer = eriec.call("POST", f"{path}/withdraw", json={}, headers=headers)

        assert (answer.status_code, answer.get_json()["type"][-21:]) == (422, ":idempotency-mismatch")

    def test_of_another_organisation_is_another_key(
        self, eriec: System, pin: System, hub_database: Database, proposal: dict[str, Any]
    ) -> None:
        headers = {"Idempotency-Key": "once"}
        path = f"/api/v1/proposals/{proposal['id']}/accept"

        eriec.call("POST", path, json={}, headers=headers)
        pin.call("POST", path, json={}, headers=headers)

        with hub_database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Partnership)) == 1

    def test_keeps_no_refusal(self, eriec: System, pin: System, proposal: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": "once"}
        path = f"/api/v1/introductions/{proposal['id']}/acknowledge"
        body = {"receipt": receipt(pin, proposal)}
        assert pin.call("POST", path, json=body, headers=headers).status_code == 404
        move(eriec, proposal, "accept"), move(pin, proposal, "accept")
        seal(eriec, proposal), fetch(pin, proposal)

        assert pin.call("POST", path, json=body, headers=headers).status_code == 200

    @pytest.mark.parametrize("key", ["", "x" * 101, "two words", "é"])
    def test_of_another_form_is_refused(self, eriec: System, proposal: dict[str, Any], key: str) -> None:
        path = f"/api/v1/proposals/{proposal['id']}/accept"

        assert eriec.call("POST", path, json={}, headers={"Idempotency-Key": key}).status_code == 400


class TestAnIntroduction:
    @pytest.fixture
    def due(self, eriec: System, pin: System, proposal: dict[str, Any]) -> dict[str, Any]:
        move(eriec, proposal, "accept"), move(pin, proposal, "accept")
        return proposal

    def test_goes_sealed_from_sender_to_recipient_and_is_gone(
        self, eriec: System, pin: System, due: dict[str, Any]
    ) -> None:
        assert seal(eriec, due).get_json()["state"] == "sealed"
        assert fetch(pin, due).get_json() == {"envelope": ENVELOPE}
        path, signed = f"/api/v1/introductions/{due['id']}/acknowledge", receipt(pin, due)
        assert pin.call("POST", path, json={"receipt": "r" * 40}).status_code == 422
        assert fetch(pin, due).get_json() == {"envelope": ENVELOPE}
        assert pin.call("POST", path, json={"receipt": signed}).get_json()["state"] == "acknowledged"

        assert fetch(pin, due).status_code == 409

    def test_is_sealed_by_its_sender_and_opened_by_its_recipient_only(
        self, eriec: System, pin: System, due: dict[str, Any]
    ) -> None:
        assert seal(pin, due).status_code == 404
        seal(eriec, due)
        assert fetch(eriec, due).status_code == 404

    def test_is_not_there_before_it_is_sealed(self, pin: System, due: dict[str, Any]) -> None:
        assert fetch(pin, due).status_code == 409


class TestEvents:
    def test_are_numbered_and_read_on_from_the_last_seen(
        self, eriec: System, pin: System, proposal: dict[str, Any]
    ) -> None:
        move(pin, proposal, "accept")

        first = eriec.call("GET", "/api/v1/events").get_json()
        assert [event["number"] for event in first["items"]] == list(range(1, len(first["items"]) + 1))
        assert all(holds(EventAnswer, event) for event in first["items"])
        again = eriec.call("GET", f"/api/v1/events?after={first['next']}").get_json()
        assert again == {"items": [], "next": first["next"]}

    def test_belong_to_one_organisation(
        self, http: FlaskClient, hub_database: Database, proposal: dict[str, Any]
    ) -> None:
        third = register_system(http, hub_database, "norquest")

        assert third.call("GET", "/api/v1/events").get_json()["items"] == []

    @pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30, "", "1;2"])
    def test_refuse_a_number_that_is_none(self, eriec: System, after: str) -> None:
        assert eriec.call("GET", "/api/v1/events", query_string={"after": after}).status_code == 422


def test_members_of_the_network_are_listed(eriec: System) -> None:
    items = eriec.call("GET", "/api/v1/organisations").get_json()["items"]

    assert {item["id"] for item in items} == {"eriec", "pin-afghan", "norquest"}
    assert all(holds(OrganisationAnswer, item) for item in items)


def seal(system: System, proposal: dict[str, Any]) -> Any:
    return system.call("PUT", f"/api/v1/introductions/{proposal['id']}/envelope", json={"envelope": ENVELOPE})


def fetch(system: System, proposal: dict[str, Any]) -> Any:
    return system.call("GET", f"/api/v1/introductions/{proposal['id']}/envelope")


def receipt(system: System, proposal: dict[str, Any]) -> str:
    """Publish keys and sign for the envelope with them."""
    keys = generate_keys("pin-afghan")
    statement = {"statement": issue_statement(keys, [], utcnow())}
    assert system.call("PUT", "/api/v1/keys", json=statement).status_code == 201
    return sign_receipt(keys, proposal["id"], ENVELOPE, utcnow())


class TestARoundsRepair:
    @pytest.fixture
    def round_id(self, hub_database: Database, eriec: System, pin: System, shared: None, mentee: dict[str, Any]) -> str:
        """A published round of one mentee; another one comes after it."""
        with hub_database.reading() as session:
            solved = rounds.solve(session, RoundPolicy(), utcnow().date())
        kept = hub_database.run(lambda session: rounds.keep(session, TESTS, solved, 14)).id
        hub_database.run(lambda session: rounds.publish(session, TESTS, kept))
        assert eriec.call("PUT", "/api/v1/profiles/mentee-002", json=mentee).status_code == 201
        return kept

    def test_is_looked_at_and_made_by_a_yes_to_what_was_seen(self, eriec: System, round_id: str) -> None:
        address = f"/api/v1/rounds/{round_id}/repair"
        seen = dict(eriec.call("GET", address).get_json())
        offer = seen["offers"][0]

        assert holds(RepairAnswer, seen)
        assert seen["open"] == [{"pseudonym": "mentee-002", "because": "late"}]
        assert (offer["kind"], offer["placements"], offer["taken_back"]) == ("no_move", 1, [])
        yes = {"kind": "no_move", "picture": offer["picture"]}
        answers = [eriec.call("POST", address, json=yes, headers={"Idempotency-Key": "yes-1"}) for _ in range(2)]

        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].get_json() == answers[1].get_json()
        assert holds(RepairMadeAnswer, answers[0].get_json())
        asked = eriec.call("GET", "/api/v1/proposals").get_json()["items"]
        assert sorted(one["my_pseudonym"] for one in asked) == ["mentee-001", "mentee-002"]

    def test_is_not_made_on_a_stale_picture(self, eriec: System, round_id: str) -> None:
        answer = eriec.call("POST", f"/api/v1/rounds/{round_id}/repair", json={"kind": "exact", "picture": "0" * 64})

        assert answer.status_code == 409
        assert answer.get_json()["type"].endswith(":conflict")
        assert "look at its repair again" in answer.get_json()["detail"]

    def test_names_nobody_of_another_organisation(self, eriec: System, pin: System, round_id: str) -> None:
        assert "mentor-0" not in eriec.call("GET", f"/api/v1/rounds/{round_id}/repair").text
        assert "mentee-0" not in pin.call("GET", f"/api/v1/rounds/{round_id}/repair").text


class TestStandIns:
    def test_are_told_to_the_mentees_side_alone_and_to_no_reader_of_the_round(
        self, hub_database: Database, eriec: System, pin: System, shared: None
    ) -> None:
        kept = run_round(hub_database, publish=True).id

        ours, theirs = (one.call("GET", "/api/v1/proposals").get_json()["items"][0] for one in (eriec, pin))
        assert holds(ProposalAnswer, ours)
        assert holds(ProposalAnswer, theirs)
        assert (ours["stand_in"], theirs["stand_in"]) == ("free", None)
        one, other = (system.call("GET", f"/api/v1/proposals/{ours['id']}").get_json() for system in (eriec, pin))
        assert (one["stand_in"], other["stand_in"]) == ("free", None)
        for system in (eriec, pin):
            answer = system.call("GET", f"/api/v1/rounds/{kept}")
            assert answer.status_code == 200
            assert "stand" not in answer.text

    def test_of_what_a_person_proposed_there_are_none(self, proposal: dict[str, Any]) -> None:
        assert proposal["stand_in"] is None


class TestPeers:
    def test_are_suggested_to_both_sides_as_cards_without_a_pseudonym_of_others(
        self, eriec: System, pin: System, hub_database: Database, mentee: dict[str, Any]
    ) -> None:
        with hub_database.transaction() as session:
            for sharing, receiving in (("pin-afghan", "eriec"), ("eriec", "pin-afghan")):
                organisations.agree(session, TESTS, sharing, receiving, date(2026, 1, 1))
        wanting = mentee | {"formats": ["peer"], "slots": ["tue_evening"]}
        for system, years in ((eriec, "3-5"), (pin, "6-10")):
            person = wanting | {
                "years_band": years,
                "needs": ["resume", "interview" if years == "3-5" else "leadership"],
            }
            assert system.call("PUT", "/api/v1/profiles/peer-0001", json=person).status_code == 201

        pairs = eriec.call("GET", "/api/v1/peers/pairs").get_json()
        circles = eriec.call("GET", "/api/v1/peers/circles").get_json()
        groups = eriec.call("GET", "/api/v1/groups").get_json()

        assert holds(PairsAnswer, pairs)
        assert holds(CirclesAnswer, circles)
        assert holds(GroupsAnswer, groups)
        (pair,) = pairs["pairs"]
        assert (pair["partner"]["organisation"], pair["partner"]["pseudonym"]) == ("pin-afghan", None)
        assert pair["reasons"]["fr"]
        for answer, placed in ((pairs, pairs["paired"]), (circles, circles["placed"]), (groups, groups["placed"])):
            assert answer["waiting"] == (answer["waiting_mine"] or None)
            assert answer["waiting_others"] is None
            assert placed <= answer["waiting_mine"]
        assert circles["apart"][0]["pair"]["partner"]["organisation"] == "pin-afghan"
        assert "no bound is known" in circles["bound"]["en"][0]
