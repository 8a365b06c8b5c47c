"""What leaves an agency's spreadsheet, what stays, and which rows cannot be used: with a real program's sheets."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from federation.connector.mapping import ColumnMapping, read_mapping
from federation.connector.people import Person, RowError, read_people
from federation.connector.precision import COARSE, MEMBER, Precision, read_precision, words
from federation.documents import ProfileDocument, read
from federation.problems import Problem

ROOT = Path(__file__).resolve().parents[3]
SHEETS = ROOT / "tests/data/mentor-match"
MAPPINGS = ROOT / "config/connector"
TODAY = date(2026, 3, 2)
PRIVATE = ("first name", "last name", "email address", "characteristics", "identity to match", "biography")
SMALL = """
kind = "mentee"
key = ["e-mail"]
drop = ["remarks"]
[contact]
name = ["name"]
email = ["e-mail"]
[constants]
formats = ["one_to_one"]
modes = ["online"]
[consent]
purposes = ["share"]
notice_version = "0000000000000000000000000000000000000000000000000000000000000000"
days = 30
given_on = 2026-03-01
[columns.occupation]
field = "noc"
[columns.years]
field = "years"
[columns.city]
field = "city"
[columns.languages]
field = "languages"
split = ","
values = { Dari = "fa-AF", English = "en" }
[columns.reading]
field = "readiness.documents"
values = { yes = "complete", no = "missing" }
"""
HEADER = "name,e-mail,remarks,occupation,years,city,languages,reading\n"
AMINA = 'Amina,amina@example.org,likes tea,21300,8,Edmonton,"Dari, English",no\n'


def people_of(folder: Path, *rows: str, header: str = HEADER) -> tuple[list[Person], list[RowError]]:
    (folder / "mapping.toml").write_text(SMALL)
    (folder / "people.csv").write_text(header + "".join(rows))
    return read_people(folder / "people.csv", read_mapping(folder / "mapping.toml"), TODAY)


def real(kind: str) -> tuple[ColumnMapping, list[dict[str, str]], list[Person], list[RowError]]:
    mapping = read_mapping(MAPPINGS / f"mentor_match_{kind}.toml")
    path = SHEETS / f"small_{kind}.csv"
    with path.open(newline="", encoding="utf-8") as sheet:
        rows = list(csv.DictReader(sheet))
    return mapping, rows, *read_people(path, mapping, TODAY)


@pytest.mark.parametrize("kind", ["mentors", "mentees"])
class TestARealSheet:
    def test_every_row_becomes_a_profile_the_hub_takes(self, kind: str):
        _, rows, people, errors = real(kind)

        assert errors == []
        assert [person.line for person in people] == list(range(2, len(rows) + 2))
        assert all(read(ProfileDocument(), person.profile)["kind"] == kind.removesuffix("s") for person in people)

    def test_names_addresses_characteristics_and_biographies_never_leave(self, kind: str):
        _, rows, people, _ = real(kind)

        for row, person in zip(rows, people, strict=True):
            leaving = json.dumps(person.profile).casefold()
            held = [row[column].strip().casefold() for column in PRIVATE if column in row]
            # Two digits ("00") stand in any hash; whoever is called that is found by the whole name below.
            assert not [value for value in held if len(value) > 2 and value != kind[:-1] and value in leaving]
            assert person.contact["name"] not in leaving
            assert "@" not in leaving

    def test_only_what_the_mapping_names_depends_on_the_row(self, kind: str):
        mapping, _, people, _ = real(kind)

        same = [{name: value for name, value in one.profile.items() if name != "noc"} for one in people]
        assert set(mapping.columns) == {"profession"}
        assert all(profile == same[0] for profile in same)

    def test_a_mapping_file_without_its_drops_reads_nothing(self, kind: str, tmp_path: Path):
        said = (MAPPINGS / f"mentor_match_{kind}.toml").read_text().replace('"biography",\n', "")
        (tmp_path / "mapping.toml").write_text(said)

        with pytest.raises(Problem, match="biography"):
            read_people(SHEETS / f"small_{kind}.csv", read_mapping(tmp_path / "mapping.toml"), TODAY)


@pytest.mark.parametrize(
    ("cell", "told"), [("2026-04-15", "2026-04-15"), ("", None), ("after Easter", "pause until")], ids=str
)
def test_a_mentor_s_rest_comes_from_a_column_of_days(tmp_path: Path, cell: str, told: str | None):
    mentors = SMALL.replace('kind = "mentee"', 'kind = "mentor"').replace("[constants]", "[constants]\nseats = 1")
    kept = mentors[: mentors.index("[columns.reading]")] + '[columns."pause until"]\nfield = "resting_until"\n'
    (tmp_path / "mapping.toml").write_text(kept)
    (tmp_path / "people.csv").write_text(
        f"{HEADER.replace('reading', 'pause until')}{AMINA.replace(',no', ',' + cell)}"
    )

    people, errors = read_people(tmp_path / "people.csv", read_mapping(tmp_path / "mapping.toml"), TODAY)

    said = [person.profile.get("resting_until") for person in people] + [error.column for error in errors]
    assert said == [told]


def test_a_row_is_generalised_translated_and_dated(tmp_path: Path):
    people, errors = people_of(tmp_path, AMINA)

    assert errors == []
    assert people[0].contact == {"name": "Amina", "email": "amina@example.org"}
    profile = people[0].profile
    assert (profile["noc"], profile["years_band"], profile["region"]) == ("2130", "6-10", "AB-835")
    assert profile["languages"] == ["en", "fa-AF"]
    assert profile["readiness"] == {"documents": "missing"}
    assert (profile["consent"]["given_on"], profile["consent"]["until"]) == ("2026-03-01", "2026-03-31")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (AMINA.replace("amina@example.org", ""), "e-mail"),
        (AMINA.replace("21300", "99999"), "occupation"),
        (AMINA.replace(",8,", ",eight,"), "years"),
        (AMINA.replace(",8,", ",-1,"), "years"),
        (AMINA.replace("Dari", "Klingon"), "languages"),
        (AMINA.replace(",no", ",maybe"), "reading"),
    ],
)
def test_a_row_that_cannot_be_used_is_reported_by_line_and_column_and_costs_only_itself(
    tmp_path: Path, row: str, column: str
):
    people, errors = people_of(tmp_path, AMINA.replace("amina@", "first@"), row, AMINA.replace("amina@", "last@"))

    assert [person.line for person in people] == [2, 4]
    assert [(error.line, error.column) for error in errors] == [(3, column)]


def test_a_report_repeats_no_value(tmp_path: Path):
    _, errors = people_of(tmp_path, AMINA.replace("21300", "Amina Yusufi").replace("Edmonton", "12 Main Street"))

    said = " ".join(error.reason for error in errors)
    assert errors
    assert not [value for value in ("Amina", "Yusufi", "Main Street") if value in said]


def test_the_same_person_twice_is_taken_once_and_reported(tmp_path: Path):
    people, errors = people_of(tmp_path, AMINA, AMINA.replace("amina@", "AMINA@"))

    assert len(people) == 1
    assert [(error.line, error.column) for error in errors] == [(3, "e-mail")]


def test_a_column_nobody_named_stops_the_import_and_is_named(tmp_path: Path):
    with pytest.raises(Problem, match="health"):
        people_of(tmp_path, "diabetes," + AMINA, header="health," + HEADER)


def test_the_consent_is_the_same_at_every_import(tmp_path: Path):
    people_of(tmp_path, AMINA)
    mapping = read_mapping(tmp_path / "mapping.toml")

    first, later = (read_people(tmp_path / "people.csv", mapping, day)[0] for day in (TODAY, date(2026, 3, 20)))

    assert first[0].profile["consent"] == later[0].profile["consent"]


DATED = (
    SMALL.replace("given_on = 2026-03-01", "")
    + """
[columns.consent]
field = "consent.given_on"
[columns.speaking]
field = "readiness.clb.speaking"
"""
)


@pytest.mark.parametrize(
    ("consent", "speaking", "column"),
    [("yesterday", "7", "consent"), ("", "7", "consent"), ("2026-02-01", "seven", "speaking")],
)
def test_a_date_or_a_number_that_is_none_is_reported(tmp_path: Path, consent: str, speaking: str, column: str):
    (tmp_path / "mapping.toml").write_text(DATED)
    (tmp_path / "people.csv").write_text(
        HEADER.strip() + ",consent,speaking\n" + AMINA.strip() + f",{consent},{speaking}\n"
    )

    people, errors = read_people(tmp_path / "people.csv", read_mapping(tmp_path / "mapping.toml"), TODAY)

    assert people == []
    assert [error.column for error in errors] == [column]


def test_each_person_may_have_consented_on_a_day_of_their_own(tmp_path: Path):
    levels = "".join(
        f'[columns.{skill}]\nfield = "readiness.clb.{skill}"\n' for skill in ("listening", "reading2", "writing")
    )
    text = DATED + levels.replace("clb.reading2", "clb.reading") + '[columns.scale]\nfield = "readiness.clb.language"\n'
    (tmp_path / "mapping.toml").write_text(text)
    header = HEADER.strip() + ",consent,speaking,listening,reading2,writing,scale\n"
    (tmp_path / "people.csv").write_text(header + AMINA.strip() + ",2026-02-01,7,8,6,5,en\n")

    people, errors = read_people(tmp_path / "people.csv", read_mapping(tmp_path / "mapping.toml"), TODAY)

    assert errors == []
    assert people[0].profile["consent"]["given_on"] == "2026-02-01"
    assert people[0].profile["readiness"]["clb"]["speaking"] == 7


# --- how precise an occupation leaves


FULL = Precision({"one_to_one": 5, "group": 4})


def occupations(folder: Path, precision: Precision, *, formats: str = '["one_to_one"]', limit: str = "") -> str:
    mapping = limit + SMALL.replace('formats = ["one_to_one"]', f"formats = {formats}")
    (folder / "mapping.toml").write_text(mapping)
    (folder / "people.csv").write_text(HEADER + AMINA)
    (person,), _ = read_people(folder / "people.csv", read_mapping(folder / "mapping.toml"), TODAY, precision)
    return str(person.profile["noc"])


def test_four_digits_leave_as_long_as_no_hub_asked_for_more(tmp_path: Path):
    assert occupations(tmp_path, COARSE) == "2130"


def test_five_leave_for_who_takes_part_in_a_program_that_needs_them_and_for_nobody_else(tmp_path: Path):
    assert occupations(tmp_path, FULL) == "21300"
    assert occupations(tmp_path, FULL, formats='["group", "one_to_one"]') == "21300"
    assert occupations(tmp_path, FULL, formats='["group"]') == "2130"
    assert occupations(tmp_path, FULL, formats='["flash"]') == "2130"


@pytest.mark.parametrize(("most", "left"), [(5, "21300"), (4, "2130"), (2, "21")])
def test_no_hub_gets_more_digits_than_the_mapping_allows(tmp_path: Path, most: int, left: str):
    assert occupations(tmp_path, FULL, limit=f"occupation_digits = {most}\n") == left


@pytest.mark.parametrize("limit", ["0", "6", "true", '"4"', "4.0"])
def test_a_limit_that_is_no_number_of_digits_is_refused(tmp_path: Path, limit: str):
    with pytest.raises(Problem, match="occupation_digits"):
        occupations(tmp_path, FULL, limit=f"occupation_digits = {limit}\n")


@pytest.mark.parametrize("said", [{"one_to_one": 6}, {"one_to_one": 0}, {"one_to_one": True}, {"one_to_one": "5"}, [5]])
def test_a_hub_that_asks_for_nonsense_is_not_heard(said: object):
    with pytest.raises(Problem, match="nothing sensible"):
        read_precision({MEMBER: said})


def test_a_hub_that_says_nothing_gets_four():
    assert read_precision({}).of(["one_to_one"]) == 4


def test_the_reason_for_each_precision_is_said():
    assert "5 digits for people in one_to_one" in words(FULL, 5)
    assert "more than 4" in words(FULL, 5)
    assert "at most 4 digits: the mapping" in words(FULL, 4)
    assert "4 digits: no program" in words(COARSE, 5)
