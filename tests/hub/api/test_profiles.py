from typing import Any

import pytest
from sqlalchemy import select

from federation.answers.profiles import ProfileAnswer
from federation.documents import ProfileReceipt
from hub.database import Database
from hub.models import Profile
from tests.hub.doors import System

HERE = "/api/v1/profiles"


def put(system: System, pseudonym: str, document: Any, **headers: str) -> Any:
    return system.call("PUT", f"{HERE}/{pseudonym}", json=document, headers=headers)


class TestSharing:
    def test_somebody_new_is_created_and_the_same_again_replaced(self, eriec: System, mentee: dict[str, Any]) -> None:
        first, second = put(eriec, "person-001", mentee), put(eriec, "person-001", mentee)

        assert (first.status_code, second.status_code) == (201, 200)
        assert ProfileReceipt().validate(second.get_json()) == {}
        assert second.get_json()["version"] == 2
        assert second.headers["ETag"] == '"2"'

    def test_a_stale_version_is_refused_and_told_the_current_one(self, eriec: System, mentee: dict[str, Any]) -> None:
        put(eriec, "person-001", mentee)
        put(eriec, "person-001", mentee, **{"If-Match": '"1"'})

        answer = put(eriec, "person-001", mentee, **{"If-Match": '"1"'})

        assert (answer.status_code, answer.get_json()["version"]) == (412, 2)

    @pytest.mark.parametrize("tag", ["1", 'W/"1"', '"1", "2"', "*", '"x"'])
    def test_a_version_that_is_none_of_ours_is_refused(self, eriec: System, mentee: dict[str, Any], tag: str) -> None:
        assert put(eriec, "person-001", mentee, **{"If-Match": tag}).status_code == 400

    def test_a_name_sent_by_mistake_is_refused_before_anything_is_stored(
        self, eriec: System, hub_database: Database, mentee: dict[str, Any]
    ) -> None:
        answer = put(eriec, "person-001", mentee | {"email": "amina@example.org"})

        assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:passerelle:problem:unknown-field")
        assert [error["pointer"] for error in answer.get_json()["errors"]] == ["/email"]
        assert "amina@" not in answer.text
        assert stored(hub_database) == []

    def test_every_wrong_field_is_listed_at_once(self, eriec: System, mentee: dict[str, Any]) -> None:
        answer = put(eriec, "person-001", mentee | {"noc": "99x", "years_band": "7", "confirmed_on": "2026-02-30"})

        pointers = {error["pointer"] for error in answer.get_json()["errors"]}
        assert {"/noc", "/years_band", "/confirmed_on"} <= pointers

    @pytest.mark.parametrize("pseudonym", ["short", "x" * 64 + "y", "with.dots.here"])
    def test_a_pseudonym_of_another_form_is_refused(
        self, eriec: System, mentee: dict[str, Any], pseudonym: str
    ) -> None:
        assert put(eriec, pseudonym, mentee).status_code in {404, 422}

    def test_a_system_without_the_scope_shares_nobody(
        self, eriec: System, hub_database: Database, mentee: dict[str, Any]
    ) -> None:
        answer = eriec.call("PUT", f"{HERE}/person-001", scope="profiles:read", json=mentee)

        assert answer.status_code == 403
        assert stored(hub_database) == []


class TestTheBody:
    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b'{"kind": NaN}',
            b'{"kind": "mentee", "kind": "mentor"}',
            b'{"kind": "\\ud800"}',
            b'{"kind": "\\u0000"}',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"seats": 99999999999999999999999}',
        ],
        ids=["cut", "nan", "twice", "surrogate", "nul", "not utf-8", "deep", "huge number"],
    )
    def test_that_is_no_strict_json_is_refused(self, eriec: System, body: bytes) -> None:
        answer = eriec.call("PUT", f"{HERE}/person-001", data=body, content_type="application/json")

        assert (answer.status_code, answer.get_json()["type"]) == (400, "urn:passerelle:problem:malformed-json")

    @pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"", b"{}"])
    def test_that_is_no_document_is_refused(self, eriec: System, body: bytes) -> None:
        answer = eriec.call("PUT", f"{HERE}/person-001", data=body, content_type="application/json")

        assert answer.status_code == 422

    @pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/json; charset=latin-1", ""])
    def test_in_another_media_type_is_refused(self, eriec: System, media_type: str) -> None:
        answer = eriec.call("PUT", f"{HERE}/person-001", data=b"{}", content_type=media_type)

        assert answer.status_code == 415

    def test_that_is_too_large_is_refused(self, eriec: System) -> None:
        answer = eriec.call("PUT", f"{HERE}/person-001", data=b" " * 1_048_577, content_type="application/json")

        assert answer.status_code == 413

    def test_a_caller_who_takes_no_json_is_told_so(self, eriec: System) -> None:
        answer = eriec.call("GET", HERE, headers={"Accept": "text/html"})

        assert (answer.status_code, answer.mimetype) == (406, "application/problem+json")


class TestReading:
    def test_shows_what_was_shared(self, eriec: System, mentee: dict[str, Any]) -> None:
        put(eriec, "person-001", mentee)

        answer = eriec.call("GET", f"{HERE}/person-001")

        body = answer.get_json()
        assert ProfileAnswer().validate(body) == {}
        for name in ("kind", "noc", "region", "languages", "readiness", "confirmed_on", "waiting_since"):
            assert body[name] == mentee[name], name
        assert sorted(body["consent"]["purposes"]) == sorted(mentee["consent"]["purposes"])

    def test_answers_304_to_someone_who_has_this_version(self, eriec: System, mentee: dict[str, Any]) -> None:
        put(eriec, "person-001", mentee)
        tag = eriec.call("GET", f"{HERE}/person-001").headers["ETag"]

        answer = eriec.call("GET", f"{HERE}/person-001", headers={"If-None-Match": tag})

        assert (answer.status_code, answer.data) == (304, b"")

    def test_what_belongs_to_others_looks_like_what_does_not_exist(
        self, eriec: System, pin: System, mentee: dict[str, Any]
    ) -> None:
        put(eriec, "person-001", mentee)

        foreign, absent = pin.call("GET", f"{HERE}/person-001"), pin.call("GET", f"{HERE}/person-999")

        assert foreign.status_code == absent.status_code == 404
        assert {k: v for k, v in foreign.get_json().items() if k != "instance"} == {
            k: v for k, v in absent.get_json().items() if k != "instance"
        }
        assert pin.call("GET", HERE).get_json()["items"] == []

    @pytest.mark.parametrize("pseudonym", ["%00%00%00%00%00%00%00%00", "a'--aaaaaa", "..%2f..%2fetc", "é" * 9])
    def test_an_address_of_another_form_is_not_there(self, eriec: System, pseudonym: str) -> None:
        assert eriec.call("GET", f"{HERE}/{pseudonym}").status_code == 404


class TestPages:
    @pytest.fixture
    def crowd(self, eriec: System, mentee: dict[str, Any], mentor: dict[str, Any]) -> list[str]:
        names = [f"person-{number:03d}" for number in range(60)]
        for number, name in enumerate(names):
            put(eriec, name, mentee if number % 2 else mentor)
        return names

    def test_lead_through_the_whole_list_once(self, eriec: System, crowd: list[str]) -> None:
        first = eriec.call("GET", HERE).get_json()
        second = eriec.call("GET", HERE, query_string={"after": first["next"]}).get_json()

        assert [item["pseudonym"] for item in first["items"] + second["items"]] == crowd
        assert second["next"] is None

    def test_carry_a_link_that_keeps_the_question(self, eriec: System, hub_app: Any, crowd: list[str]) -> None:
        for parts in (hub_app.extensions["passerelle"],):
            from dataclasses import replace

            parts["settings"] = replace(parts["settings"], page_size=20)

        answer = eriec.call("GET", HERE, query_string={"kind": "mentor"})

        link = answer.headers["Link"]
        assert link.endswith('>; rel="next"')
        address = link[1:].split(">")[0].removeprefix("http://127.0.0.1:8000")
        following = eriec.call("GET", address).get_json()
        assert {item["kind"] for item in following["items"]} == {"mentor"}
        assert len(following["items"]) == 10

    def test_refuse_a_cursor_that_was_tampered_with_or_belongs_to_another(
        self, eriec: System, pin: System, crowd: list[str]
    ) -> None:
        cursor = eriec.call("GET", HERE).get_json()["next"]

        for system, after in ((eriec, "x" + cursor), (eriec, cursor[:-1]), (eriec, "é"), (eriec, ""), (pin, cursor)):
            answer = system.call("GET", HERE, query_string={"after": after})
            assert (answer.status_code, answer.get_json()["type"]) == (400, "urn:passerelle:problem:bad-cursor")

    @pytest.mark.parametrize("query", [{"knd": "mentor"}, {"kind": "boss"}, {"kind": ["mentor", "mentee"]}])
    def test_refuse_a_question_they_do_not_know(self, eriec: System, query: dict[str, Any]) -> None:
        assert eriec.call("GET", HERE, query_string=query).status_code == 422


class TestWithdrawal:
    def test_takes_a_person_out_at_once(self, eriec: System, mentee: dict[str, Any]) -> None:
        put(eriec, "person-001", mentee)

        assert eriec.call("DELETE", f"{HERE}/person-001").status_code == 204
        assert eriec.call("GET", f"{HERE}/person-001").status_code == 404

    def test_of_a_version_that_changed_is_refused(self, eriec: System, mentee: dict[str, Any]) -> None:
        put(eriec, "person-001", mentee)
        put(eriec, "person-001", mentee)

        stale = eriec.call("DELETE", f"{HERE}/person-001", headers={"If-Match": '"1"'})

        assert (stale.status_code, stale.get_json()["version"]) == (412, 2)
        assert eriec.call("DELETE", f"{HERE}/person-001", headers={"If-Match": '"2"'}).status_code == 204

    def test_of_somebody_elses_person_is_not_there(self, eriec: System, pin: System, mentee: dict[str, Any]) -> None:
        put(eriec, "person-001", mentee)

        assert pin.call("DELETE", f"{HERE}/person-001").status_code == 404
        assert eriec.call("GET", f"{HERE}/person-001").status_code == 200


def stored(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Profile.pseudonym)))
