"""Keyed tokens come in by one door and out by none; a pair is seen and decided by its two sides."""

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from federation.answers.profiles import DuplicateAnswer, DuplicatePage
from federation.documents import MAX_LINKAGE_TOKENS
from hub.database import Database
from hub.models import LinkageTokens
from hub.services import organisations
from hub.services.actors import hub_itself
from tests.hub.doors import System, register_system
from tests.hub.duplicates.agencies import AMINA, look, wire_tokens
from tests.hub.people import today

TOKEN = {"kind": "names+birth", "digest": "5b0e9c1a7d3f42868b1c0d9e2f3a4b5c", "weight": 300}
HERE = "/api/v1/profiles/person-001/linkage"


def linked(system: System, document: Any, path: str = HERE, **options: Any) -> Any:
    return system.call("PUT", path, json=document, **options)


def held(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(LinkageTokens)) or 0


@pytest.fixture
def person(eriec: System, mentee: dict[str, Any]) -> System:
    assert eriec.call("PUT", "/api/v1/profiles/person-001", json=mentee).status_code == 201
    return eriec


@pytest.fixture
def pair(person: System, pin: System, mentor: dict[str, Any], hub_database: Database) -> str:
    """One person at two organisations that share; the id of what was found."""
    tests = hub_itself("tests")
    hub_database.run(lambda session: organisations.agree(session, tests, "eriec", "pin-afghan", today()))
    pin.call("PUT", "/api/v1/profiles/person-of-pin", json=mentor)
    linked(person, {"tokens": wire_tokens(AMINA)})
    linked(pin, {"tokens": wire_tokens(AMINA)}, "/api/v1/profiles/person-of-pin/linkage")
    assert look(hub_database) == 1
    return str(person.call("GET", "/api/v1/duplicates").get_json()["items"][0]["id"])


class TestTokens:
    def test_are_taken_and_nothing_comes_back(self, person: System, hub_database: Database) -> None:
        answer = linked(person, {"tokens": wire_tokens(AMINA)})

        assert (answer.status_code, answer.data) == (204, b"")
        assert held(hub_database) == 1
        assert linked(person, {"tokens": []}).status_code == 204
        assert held(hub_database) == 0

    @pytest.mark.parametrize(
        ("token", "pointer"),
        [
            ({"kind": "surname"}, "/tokens/0/kind"),
            ({"kind": None}, "/tokens/0/kind"),
            ({"digest": "Yusufi"}, "/tokens/0/digest"),
            ({"digest": "5b0e9c1a7d3f42868b1c0d9e2f3a4b5c\n"}, "/tokens/0/digest"),
            ({"digest": "5B0E9C1A7D3F42868B1C0D9E2F3A4B5C"}, "/tokens/0/digest"),
            ({"digest": "5b0e9c1a7d3f42868b1c0d9e2f3a4b5c" * 2}, "/tokens/0/digest"),
            ({"weight": 0}, "/tokens/0/weight"),
            ({"weight": 301}, "/tokens/0/weight"),
            ({"weight": 1.5}, "/tokens/0/weight"),
            ({"weight": "300"}, "/tokens/0/weight"),
            ({"weight": 10**9}, "/tokens/0/weight"),
        ],
    )
    def test_of_another_form_are_refused_and_not_repeated(
        self, person: System, hub_database: Database, token: dict[str, Any], pointer: str
    ) -> None:
        answer = linked(person, {"tokens": [TOKEN | token]})

        assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:passerelle:problem:invalid-fields")
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]
        assert "Yusufi" not in answer.text
        assert held(hub_database) == 0

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"tokens": None},
            {"tokens": {}},
            {"tokens": [TOKEN, TOKEN]},
            {"tokens": [None]},
            {"tokens": [TOKEN | {"digest": f"{number:032x}"} for number in range(MAX_LINKAGE_TOKENS + 1)]},
        ],
        ids=["none", "null", "object", "twice", "null inside", "too many"],
    )
    def test_that_are_no_list_of_different_tokens_are_refused(
        self, person: System, hub_database: Database, document: dict[str, Any]
    ) -> None:
        assert linked(person, document).status_code == 422
        assert held(hub_database) == 0

    @pytest.mark.parametrize(
        "document",
        [{"tokens": [], "name": "Amina"}, {"tokens": [TOKEN | {"text": "amina yusufi"}]}],
        ids=["beside", "inside"],
    )
    def test_with_a_name_sent_by_mistake_are_refused(
        self, person: System, hub_database: Database, document: dict[str, Any]
    ) -> None:
        answer = linked(person, document)

        assert answer.get_json()["type"].endswith("unknown-field")
        assert "mina" not in answer.text
        assert held(hub_database) == 0

    def test_of_others_people_are_not_found(self, person: System, pin: System, hub_database: Database) -> None:
        for path in (HERE, HERE.replace("person-001", "nobody-at-all")):
            assert linked(pin, {"tokens": [TOKEN]}, path).status_code == 404
        assert held(hub_database) == 0

    def test_need_the_writing_scope(self, person: System, hub_database: Database) -> None:
        assert linked(person, {"tokens": [TOKEN]}, scope="profiles:read").status_code == 403
        assert held(hub_database) == 0

    def test_cannot_be_asked_for(self, person: System) -> None:
        assert person.call("GET", HERE).status_code == 405

    def test_are_shown_by_no_door(self, hub_app: Flask, pair: str, person: System, pin: System) -> None:
        digests = {token["digest"] for token in wire_tokens(AMINA)}
        known = {"pseudonym": "person-001", "duplicate": pair, "organisation": "eriec"}
        shown = ""
        for rule in hub_app.url_map.iter_rules():
            of_a_room = rule.rule.startswith("/api/v1/") and "." in rule.endpoint
            if of_a_room and "GET" in (rule.methods or ()) and rule.arguments <= known.keys():
                address = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: known[part.group(1)], rule.rule)
                shown += person.call("GET", address).text + pin.call("GET", address).text

        assert "person-001" in shown
        assert pair in shown
        assert not [digest for digest in digests if digest in shown]


class TestPairs:
    def test_are_listed_to_both_sides_with_their_own_pseudonym_only(
        self, pair: str, person: System, pin: System
    ) -> None:
        ours, theirs = (system.call("GET", "/api/v1/duplicates") for system in (person, pin))

        assert [DuplicatePage().validate(answer.get_json()) for answer in (ours, theirs)] == [{}, {}]
        assert ours.get_json()["items"][0]["my_pseudonyms"] == ["person-001"]
        assert ours.get_json()["items"][0]["organisation"] == "pin-afghan"
        assert "person-of-pin" not in ours.text
        assert "person-001" not in theirs.text
        assert "weight" not in ours.text

    def test_confirmed_by_both_are_confirmed(self, pair: str, person: System, pin: System) -> None:
        first, second = (system.call("POST", f"/api/v1/duplicates/{pair}/confirm") for system in (person, pin))

        assert (first.status_code, first.get_json()["state"]) == (200, "possible")
        assert (second.status_code, second.get_json()["state"]) == (200, "confirmed")
        assert DuplicateAnswer().validate(second.get_json()) == {}

    def test_are_decided_once_and_the_same_request_has_the_same_answer(self, pair: str, person: System) -> None:
        key = {"Idempotency-Key": uuid4().hex}
        path = f"/api/v1/duplicates/{pair}"
        first, again = (person.call("POST", f"{path}/reject", headers=key) for _ in range(2))

        assert first.get_json() == again.get_json()
        assert person.call("POST", f"{path}/confirm").get_json()["type"].endswith("illegal-move")
        assert first.get_json()["state"] == "rejected"

    def test_of_others_are_neither_listed_nor_decided(
        self, pair: str, http: Any, hub_database: Database, person: System
    ) -> None:
        other = register_system(http, hub_database, "norquest")

        assert other.call("GET", "/api/v1/duplicates").get_json()["items"] == []
        for move in ("confirm", "reject"):
            assert other.call("POST", f"/api/v1/duplicates/{pair}/{move}").status_code == 404
        assert person.call("GET", "/api/v1/duplicates").get_json()["items"][0]["state"] == "possible"

    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("GET", "", "profiles:write"),
            ("POST", "/{}/confirm", "profiles:read"),
            ("POST", "/{}/reject", "pool:search"),
        ],
    )
    def test_need_the_scope(self, pair: str, person: System, method: str, path: str, scope: str) -> None:
        answer = person.call(method, "/api/v1/duplicates" + path.format(pair), scope=scope)

        assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:passerelle:problem:scope-missing")

    def test_become_events_of_both_sides(self, pair: str, person: System, pin: System) -> None:
        person.call("POST", f"/api/v1/duplicates/{pair}/confirm")

        for system in (person, pin):
            events = system.call("GET", "/api/v1/events").get_json()["items"]
            assert [event["type"] for event in events] == ["duplicate.possible", "duplicate.confirmed"]
            assert {event["subject"] for event in events} == {f"duplicate:{pair}"}
