"""Services from JSON: what is there is read, what cannot be used is told with its place, and nothing else is lost."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.problems import Problem
from tests.federation.hsds.files import read, refusal, service, told, words


class TestServices:
    @pytest.mark.parametrize(
        ("changes", "place", "reason"),
        [
            ({"id": ""}, "/0/id", "missing: every service has one"),
            ({"name": None}, "/0/name", "missing: every service has one"),
            ({"name": ["a"]}, "/0/name", "not a text"),
            ({"id": "x" * 65}, "/0/id", "longer than 64 characters"),
            ({"status": "open"}, "/0/status", "not an HSDS status: open"),
            ({"status": "inactive"}, "/0/status", "inactive: only active services are offered"),
        ],
    )
    def test_one_that_cannot_be_used_costs_only_itself(
        self, tmp_path: Path, changes: dict[str, Any], place: str, reason: str
    ):
        found = read(tmp_path, [service() | changes, service() | {"id": "other"}])

        assert [program.id for program in found.programs] == ["other"]
        assert told(found) == [(place, reason)]

    @pytest.mark.parametrize(
        ("changes", "place"),
        [
            ({"url": "javascript:alert(1)"}, "/url"),
            ({"url": "https://example.org/" + "a" * 500}, "/url"),
            ({"assured_date": "last spring"}, "/assured_date"),
            ({"organization": {"name": "x" * 201}}, "/organization/name"),
            ({"languages": [{"code": "tlh-x"}]}, "/languages/0/code"),
            ({"languages": "English, Klingonese"}, "/languages"),
        ],
    )
    def test_a_part_that_cannot_be_used_is_told_and_left_out(self, tmp_path: Path, changes: dict[str, Any], place: str):
        found = read(tmp_path, service() | changes)

        assert [column for column, _ in told(found)] == [place]
        assert len(found.programs) == 1

    def test_the_second_of_the_same_id_is_told(self, tmp_path: Path):
        found = read(tmp_path, {"contents": [service(), service()]})

        assert told(found) == [("/contents/1/id", "stands twice in this file; the first is kept")]

    @settings(deadline=None, max_examples=80)
    @given(
        st.sampled_from(["id", "name", "status", "organization", "attributes", "languages", "url", "assured_date"]),
        st.none() | st.integers(-9, 9) | words | st.lists(st.integers(-9, 9) | st.dictionaries(words, words)),
    )
    def test_whatever_a_field_holds_the_service_is_read_or_told(self, tmp_path_factory, name: str, value: Any):
        found = read(tmp_path_factory.mktemp("odd"), [service() | {name: value}])

        assert len(found.programs) == 1 or found.errors

    @pytest.mark.parametrize("document", ["text", 7, None, True])
    def test_a_file_of_something_else_is_refused(self, tmp_path: Path, document: Any):
        with pytest.raises(Problem, match="neither a service nor a list"):
            read(tmp_path, document)

    @pytest.mark.parametrize("document", [[], {"contents": []}, {"services": []}, {"services.csv": None}])
    def test_a_file_without_services_says_so(self, tmp_path: Path, document: Any):
        assert told(read(tmp_path, document)) == [("", "no service in this file")]

    def test_what_is_no_object_among_services_is_told(self, tmp_path: Path):
        assert told(read(tmp_path, [7, service()])) == [("/0", "not an object")]

    def test_a_file_that_is_not_json_or_not_there_is_refused(self, tmp_path: Path):
        (tmp_path / "broken.json").write_bytes(b"{")

        assert refusal(tmp_path / "broken.json").kind == "malformed-json"
        assert refusal(tmp_path / "absent.json").kind == "bad-request"
