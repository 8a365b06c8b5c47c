"""Programs from HSDS: what is there is read, what cannot be used is told with its place, and nothing else is lost."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.hsds import HsdsImport, IntakeRecord, ProgramRecord, RowError, dumps, read_services, write_service
from federation.hsds_tables import MOST_BYTES
from federation.problems import Problem
from federation.vocabularies import load as vocabularies
from tests.federation.hsds_files import CSV_FILES, attribute, service, write_csv

DATA = Path(__file__).parent.parent / "data"
EXAMPLES, OHANA = DATA / "hsds", DATA / "ohana"
COUNSELLING = "ac148810-d857-441c-9679-408f346de14b"
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
codes = st.text("abcdefghij-", min_size=1, max_size=12)
skills = st.sampled_from(["listening", "speaking", "reading", "writing"])
items = st.builds(
    lambda code, level: {"kind": "clb", "code": code, "level": level}, skills, st.integers(1, 12)
) | st.builds(lambda code: {"kind": "credential", "code": code, "level": 0}, codes)
intakes = st.builds(
    IntakeRecord,
    st.dates(),
    st.integers(1, 520),
    st.integers(0, 100_000),
    st.integers(0, 100_000_000),
    st.none() | st.sampled_from(vocabularies().codes("region")),
)
both = st.builds(lambda en, fr: {"en": en, "fr": fr}, words, words)
programs = st.builds(
    ProgramRecord,
    id=words,
    provider=words,
    names=both,
    description=both,
    stream=st.none() | st.sampled_from(vocabularies().codes("program_streams")),
    url=st.none() | codes.map("https://example.org/{}".format),
    requires=st.lists(st.lists(items, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    gives=st.lists(items, max_size=3).map(tuple),
    weekly_hours=st.integers(0, 168),
    languages=st.frozensets(st.sampled_from(vocabularies().codes("languages")), max_size=3).map(sorted).map(tuple),
    last_true_on=st.none() | st.dates(),
    source=st.just("programs.json"),
    intakes=st.lists(intakes, unique_by=lambda one: (one.starts_on, one.weeks, one.region), max_size=3).map(tuple),
)


def read(tmp_path: Path, document: Any) -> HsdsImport:
    path = tmp_path / "programs.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return read_services(path)


def told(found: HsdsImport) -> list[tuple[str, str]]:
    return [(error.column, error.reason) for error in found.errors]


def refusal(path: Path) -> Problem:
    with pytest.raises(Problem) as problem:
        read_services(path)
    return problem.value


class TestExamplesOfTheSpecification:
    @pytest.mark.parametrize(
        "name",
        ["service_full.json", "organization_full.json", "service_at_location_full.json", "tabular.json", "csv"],
    )
    def test_every_full_form_gives_the_same_service_in_full(self, name: str):
        found = read_services(EXAMPLES / name)

        (program,) = found.programs
        assert (program.id, program.names["en"]) == (COUNSELLING, "Community Counselling")
        assert (program.provider, program.languages) == ("Example Organization Inc.", ("ur",))
        assert (program.url, program.last_true_on) == ("http://example.com/counselling", date(2005, 1, 1))
        assert found.errors == ()

    @pytest.mark.parametrize("name", ["service_list.json", "service_at_location_list.json"])
    def test_every_page_gives_the_service_it_lists(self, name: str):
        found = read_services(EXAMPLES / name)

        assert [program.id for program in found.programs] == [COUNSELLING]
        assert found.errors == ()

    @pytest.mark.parametrize(
        ("name", "place"),
        [
            ("organization_list.json", "/contents/0/status"),
            ("taxonomy_list.json", "/contents/0/status"),
            ("taxonomy_term_list.json", "/contents/0/status"),
            ("location.json", "/status"),
            ("taxonomy.json", "/status"),
            ("taxonomy_term.json", "/status"),
            ("base.json", "/status"),
        ],
    )
    def test_what_holds_no_service_is_told_with_its_place(self, name: str, place: str):
        found = read_services(EXAMPLES / name)

        assert found.programs == ()
        assert RowError(name, None, place, "missing: every service has one") in found.errors

    def test_every_example_is_looked_at(self):
        seen = {path.name for path in EXAMPLES.glob("*.json")}

        assert len(seen) == 13
        assert all(isinstance(read_services(EXAMPLES / name), HsdsImport) for name in seen)

    def test_no_contact_comes_with_a_service(self):
        (program,) = read_services(EXAMPLES / "service_full.json").programs

        assert "Persona" in (EXAMPLES / "service_full.json").read_text("utf-8")
        assert not {"Persona", "@", "1234"} & set(" ".join(map(str, write_service(program).values())).split())


class TestOhana:
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader((OHANA / "services.csv").read_text("utf-8").splitlines(keepends=True)))

    def test_every_active_service_is_read_and_every_other_told_with_line_column_and_reason(self):
        found, rows = read_services(OHANA), self.rows()

        assert [program.id for program in found.programs] == [row["id"] for row in rows if row["status"] == "active"]
        assert [(error.file, error.column, error.reason) for error in found.errors] == [
            ("services.csv", "status", f"{row['status']}: only active services are offered")
            for row in rows
            if row["status"] != "active"
        ]
        lines = (OHANA / "services.csv").read_text("utf-8").splitlines()
        for error, row in zip(found.errors, [row for row in rows if row["status"] != "active"], strict=True):
            assert lines[(error.line or 0) - 1].startswith(f"{row['id']},")

    def test_services_belong_to_the_organisation_of_their_location(self):
        owners = {program.id: program.provider for program in read_services(OHANA).programs}

        assert owners["1"] == "Peninsula Family Service"
        assert "not stated" not in owners.values()

    def test_languages_named_in_words_are_read(self):
        spoken = {program.id: program.languages for program in read_services(OHANA).programs}

        named = {row["id"] for row in self.rows() if row["languages"] == "Spanish" and row["status"] == "active"}
        assert {identifier for identifier, languages in spoken.items() if languages == ("es",)} == named
        assert not [one for one in spoken.values() if one not in {(), ("es",)}]


@settings(deadline=None, max_examples=60)
@given(st.lists(programs, min_size=1, max_size=3, unique_by=lambda program: program.id))
def test_what_is_written_is_read_back_whole(tmp_path_factory: pytest.TempPathFactory, written: list[ProgramRecord]):
    path = tmp_path_factory.mktemp("written") / "programs.json"
    path.write_text(dumps(tuple(written)), encoding="utf-8")

    assert read_services(path) == HsdsImport(tuple(written), ())


class TestOurAttributes:
    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("gives", "clb:dancing:7", "is neither clb:"),
            ("gives", "clb:speaking:13", "from 1 to 12"),
            ("gives", "credential:", "is neither clb:"),
            ("gives", "", "is neither clb:"),
            ("intake", "soon;weeks=3;seats=4", "'soon' is not a date"),
            ("intake", "2027-01-11;weeks=0;seats=4", "weeks is '0'"),
            ("intake", "2027-01-11;seats=4", "weeks is ''"),
            ("intake", "2027-01-11;weeks=3;seats=-1", "seats is '-1'"),
            ("intake", "2027-01-11;weeks=3;seats=4;cost=9.50", "cost is '9.50'"),
            ("intake", "2027-01-11;weeks=3;seats=4;region=TX", "'TX' is not a region"),
            ("stream", "dancing", "'dancing' is not a program stream"),
            ("weekly_hours", "169", "a whole number from 0 to 168"),
            ("tuition", "900", "passerelle:tuition is not one of ours"),
        ],
    )
    def test_one_that_cannot_be_read_is_told_and_the_program_stays(
        self, tmp_path: Path, name: str, value: str, reason: str
    ):
        found = read(tmp_path, service(attribute("gives", "clb:speaking:7"), attribute(name, value)))

        ((column, said),) = told(found)
        assert column == "/attributes/1/value"
        assert reason in said
        assert found.programs[0].gives == ({"kind": "clb", "code": "speaking", "level": 7},)

    def test_without_a_requirement_the_program_would_seem_open_to_all_so_it_is_left_out(self, tmp_path: Path):
        found = read(tmp_path, service(attribute("requires", "clb:speaking:7|degree")))

        assert found.programs == ()
        assert [column for column, _ in told(found)] == ["/attributes/0/value"]
        assert "left out" in found.errors[0].reason

    @pytest.mark.parametrize(
        ("name", "value"),
        [("weekly_hours", "9"), ("name:fr", "Cours"), ("intake", "2027-01-11;weeks=3;seats=4")],
    )
    def test_what_stands_twice_is_told_and_the_first_is_kept(self, tmp_path: Path, name: str, value: str):
        found = read(tmp_path, service(attribute(name, value), attribute(name, value)))

        assert told(found) == [("/attributes/1/value", f"{name} stands twice; the first is kept")]
        assert len(found.programs) == 1

    def test_attributes_of_others_are_none_of_our_business(self, tmp_path: Path):
        others = [{"value": "x", "taxonomy_term": {"code": "other:gives"}}, {"taxonomy_term": "text"}, "text", 7, None]

        assert read(tmp_path, service(*others)).errors == ()


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


class TestTables:
    def test_attributes_and_languages_are_joined_to_their_service(self, tmp_path: Path):
        write_csv(tmp_path)

        (program,) = read_services(tmp_path).programs
        assert program.gives == ({"kind": "clb", "code": "speaking", "level": 7},)
        assert program.languages == ("fr",)
        assert program.provider == "School"

    def test_a_language_of_a_place_is_none_of_a_service(self, tmp_path: Path):
        write_csv(tmp_path, languages=[*CSV_FILES["languages"], "l2,,Spanish,es"])

        found = read_services(tmp_path)
        assert (found.programs[0].languages, found.errors) == (("fr",), ())

    def test_what_belongs_to_no_service_or_cannot_be_read_is_told_in_its_own_file(self, tmp_path: Path):
        write_csv(
            tmp_path,
            attributes=[*CSV_FILES["attributes"], "a2,nobody,t1,clb:speaking:8", "a3,s1,t1,clb:dancing:8"],
            languages=[*CSV_FILES["languages"], "l2,nobody,,fr", "l3,s1,Klingonese,"],
        )

        assert {(error.file, error.line, error.column) for error in read_services(tmp_path).errors} == {
            ("attributes.csv", 3, "link_id"),
            ("attributes.csv", 4, "value"),
            ("languages.csv", 3, "service_id"),
            ("languages.csv", 4, ""),
        }

    def test_lines_are_those_a_row_begins_on_past_blank_lines_and_line_breaks(self, tmp_path: Path):
        rows = ["id,organization_id,name,status", 's1,o1,"Cours\ndu soir",active', "", "s2,o1,Old,defunct"]
        write_csv(tmp_path, services=[*rows, "s3,o1,Odd,active,,more", "s4,o1,Bell\x07,active"])

        assert [(error.line, error.column, error.reason) for error in read_services(tmp_path).errors] == [
            (6, "", "more cells than headings"),
            (7, "", "a control character"),
            (5, "status", "defunct: only active services are offered"),
        ]

    def test_a_short_row_misses_its_last_columns(self, tmp_path: Path):
        write_csv(tmp_path, services=["id,organization_id,name,status", "s1,o1,Course"])

        assert told(read_services(tmp_path)) == [("status", "missing: every service has one")]

    def test_an_empty_table_has_no_service(self, tmp_path: Path):
        (tmp_path / "services.csv").write_text("", encoding="utf-8")

        assert told(read_services(tmp_path)) == [("", "no service in this file")]

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            (b"id,name\n1,\xc9cole\n", "not UTF-8 at byte 10"),
            (b'id,name\n1,"' + b"a" * 200_000, "not CSV: field larger"),
        ],
    )
    def test_a_table_that_is_not_csv_in_utf_8_is_refused(self, tmp_path: Path, body: bytes, said: str):
        (tmp_path / "services.csv").write_bytes(body)

        assert said in refusal(tmp_path).detail

    def test_size_is_bounded(self, tmp_path: Path):
        (tmp_path / "services.csv").write_bytes(b"a" * (MOST_BYTES + 1))

        assert refusal(tmp_path).kind == "body-too-large"

    def test_a_folder_without_services_is_refused(self, tmp_path: Path):
        assert "has no services.csv" in refusal(tmp_path).detail
