import json
from typing import Any

from federation.answers.profiles import BulkAnswer
from hub.api import bulk
from tests.hub.doors import System

HERE = "/api/v1/profiles/bulk"


def push(system: System, *lines: Any) -> Any:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return system.call("POST", HERE, data=body, content_type="application/x-ndjson")


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_every_line_gets_its_result_in_order(eriec: System, mentee: dict[str, Any]) -> None:
    lines = [{"pseudonym": f"person-{number:03d}", "profile": mentee} for number in range(5)]

    found = results(push(eriec, *lines))

    assert [result["pseudonym"] for result in found] == [line["pseudonym"] for line in lines]
    assert [result["line"] for result in found] == [1, 2, 3, 4, 5]
    assert {result["status"] for result in found} == {201}
    assert [BulkAnswer().validate(result) for result in found] == [{}] * 5


def test_a_bad_line_costs_only_itself(eriec: System, mentee: dict[str, Any]) -> None:
    good = [{"pseudonym": f"person-{number:03d}", "profile": mentee} for number in range(3)]
    stale = mentee | {"consent": mentee["consent"] | {"until": "2026-10-06"}}
    found = results(
        push(
            eriec,
            good[0],
            b"{not json",
            {"pseudonym": "person-010", "profile": mentee | {"name": "Amina"}},
            {"pseudonym": "x", "profile": mentee},
            {"pseudonym": "person-011", "profile": stale},
            {"pseudonym": "person-012"},
            b'"a text"',
            good[1],
            good[2],
        )
    )

    assert [result["status"] for result in found] == [201, 400, 422, 422, 422, 422, 422, 201, 201]
    kinds = [result["problem"]["type"].rpartition(":")[2] for result in found if "problem" in result]
    assert kinds[:2] == ["malformed-json", "unknown-field"]
    assert kinds[3] == "consent-missing"
    assert len(eriec.call("GET", "/api/v1/profiles").get_json()["items"]) == 3


def test_empty_lines_are_skipped_and_lines_keep_their_numbers(eriec: System, mentee: dict[str, Any]) -> None:
    found = results(push(eriec, b"", {"pseudonym": "person-001", "profile": mentee}, b"  ", b""))

    assert [(result["line"], result["status"]) for result in found] == [(2, 201)]


def test_more_lines_than_one_transaction_takes_are_all_stored(eriec: System, mentee: dict[str, Any]) -> None:
    count = bulk.LINES_A_CHUNK + 3
    found = results(push(eriec, *({"pseudonym": f"person-{n:05d}", "profile": mentee} for n in range(count))))

    assert [result["line"] for result in found] == list(range(1, count + 1))
    assert {result["status"] for result in found} == {201}


def test_the_same_person_twice_in_one_push_is_shared_then_replaced(eriec: System, mentee: dict[str, Any]) -> None:
    line = {"pseudonym": "person-001", "profile": mentee}

    assert [result["status"] for result in results(push(eriec, line, line))] == [201, 200]


def test_a_push_in_another_media_type_is_refused(eriec: System) -> None:
    answer = eriec.call("POST", HERE, data=b"{}", content_type="application/json")

    assert answer.status_code == 415


def test_a_push_with_too_many_lines_is_refused_whole(eriec: System) -> None:
    answer = eriec.call("POST", HERE, data=b"x\n" * (bulk.MOST_LINES + 1), content_type="application/x-ndjson")

    assert answer.status_code == 413


def test_an_empty_push_has_no_results(eriec: System) -> None:
    assert results(push(eriec)) == []
