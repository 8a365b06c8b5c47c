"""Published examples, of the specification and of Ohana, are read; what cannot be used is told with its place."""

import csv
from datetime import date
from pathlib import Path

import pytest

from federation.hsds import HsdsImport, RowError, read_services, write_service

DATA = Path(__file__).parents[2] / "data"
EXAMPLES, OHANA = DATA / "hsds", DATA / "ohana"
COUNSELLING = "ac148810-d857-441c-9679-408f346de14b"


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
