"""Services from CSV tables: joined back together, and every place that could not be used told."""

from pathlib import Path

import pytest

from federation.hsds import read_services
from federation.hsds.tables import MOST_BYTES
from tests.federation.hsds.files import CSV_FILES, refusal, told, write_csv


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
