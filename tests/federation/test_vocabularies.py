"""Codes: complete in both languages, whole as graphs, and found however they are typed."""

import csv
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.vocabularies import ALIASES, FOLDER, Name, Vocabularies, load

WORDS = load()
LISTS = sorted({row["vocabulary"] for row in csv.DictReader((FOLDER / "codes.csv").read_text("utf-8").splitlines())})
ALL = ["noc", "region", "languages", "countries", *LISTS]
# CLDR has no French name for these; the English one is shown.
NAMED_IN_ENGLISH_ONLY = {"languages": 8}


@pytest.mark.parametrize("vocabulary", ALL)
def test_every_code_is_known_and_has_a_name_in_each_language(vocabulary: str):
    codes = WORDS.codes(vocabulary)

    assert codes
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert WORDS.has(vocabulary, code)
        assert all(WORDS.label(vocabulary, code, locale).strip() for locale in ("en", "fr"))


@pytest.mark.parametrize("vocabulary", ALL)
@given(st.text(max_size=6))
def test_what_is_not_a_code_is_not_known_and_comes_back_as_itself(vocabulary: str, text: str):
    known = text in WORDS.codes(vocabulary)

    assert WORDS.has(vocabulary, text) == known
    assert known or WORDS.label(vocabulary, text, "fr") == text


def test_there_is_no_vocabulary_of_another_name():
    with pytest.raises(KeyError):
        WORDS.has("shoe_sizes", "42")


def test_a_name_missing_in_french_is_told_in_english():
    missing = [name for name in WORDS.languages.values() if not name.fr]

    assert all(name.in_locale("fr") == name.en for name in missing)
    assert len(missing) <= NAMED_IN_ENGLISH_ONLY["languages"]
    assert Name("Cree", "cri").in_locale("fr") == "cri"
    assert Name("Cree", "cri").in_locale("de") == "Cree"


class TestOccupations:
    def test_noc_2021_is_whole(self):
        by_level = [sum(one.level == level for one in WORDS.occupations.values()) for level in range(1, 6)]

        assert by_level == [10, 45, 89, 162, 516]

    def test_every_node_hangs_on_its_parent_and_tells_its_teer(self):
        # TEER is the second digit, so every node but the broad category has one.
        for code, one in WORDS.occupations.items():
            assert len(code) == one.level
            assert one.parent == (code[:-1] or None)
            assert one.parent is None or one.parent in WORDS.occupations
            assert one.teer == (int(code[1]) if one.level > 1 else None)

    def test_relations_join_two_different_unit_groups_that_exist(self):
        for one in WORDS.related:
            assert WORDS.occupations[one.origin].level == WORDS.occupations[one.target].level == 5
            assert one.origin != one.target
            assert 1 <= one.points <= 100
        assert {one.points for one in WORDS.related if one.source == "official"} == {60}

    def test_the_joint_code_of_five_groups_is_told_apart(self):
        ends = {one.origin for one in WORDS.related} | {one.target for one in WORDS.related}

        assert not ALIASES.keys() & ends
        assert set(ALIASES["00018"]) <= ends

    @pytest.mark.parametrize(
        ("typed", "locale", "code"),
        [
            ("civil engineers", "en", "21300"),
            ("  CIVIL   Engineers ", "en", "21300"),
            ("ingenieurs civils", "fr", "21300"),
            ("ingénieurs civils", "fr", "21300"),
            ("Cabinet minister", "en", "00010"),
        ],
    )
    def test_titles_are_found_whatever_the_accents_case_or_language(self, typed: str, locale: str, code: str):
        assert WORDS.occupation_search(typed, locale)[0].code == code

    @settings(deadline=None, max_examples=25)
    @given(
        st.sampled_from([one for one in WORDS.occupations.values() if one.level == 5]), st.sampled_from(["en", "fr"])
    )
    def test_a_unit_group_is_found_by_its_own_title(self, unit, locale: str):
        assert unit in WORDS.occupation_search(unit.name.in_locale(locale), locale)

    @pytest.mark.parametrize("typed", ["", "   ", "zzzzzz", "engineer zzzzzz"])
    def test_what_no_title_holds_finds_nothing(self, typed: str):
        assert WORDS.occupation_search(typed, "en") == []

    def test_no_more_are_shown_than_asked_for(self):
        assert len(WORDS.occupation_search("manager", "en", 3)) == 3

    def test_regulators_are_never_told_as_verified(self):
        found = WORDS.regulators("2130", "AB-835")

        assert found
        assert not any(one.verified for one in found)
        assert {one.province for one in found} == {"AB"}
        assert all(one.noc.startswith("2130") and one.steps for one in found)
        assert WORDS.regulators("2130", "ZZ") == ()


class TestPlaces:
    def test_an_area_lies_in_its_province_and_says_so(self):
        assert WORDS.label("region", "AB-835", "en") == "Edmonton (AB)"
        for code, place in WORDS.places.items():
            assert place.parent == (code.partition("-")[0] if "-" in code else None)
            assert place.parent is None or place.parent in WORDS.places

    @pytest.mark.parametrize(
        ("asked", "region"),
        [
            ({"city": "Edmonton"}, "AB-835"),
            ({"city": "edmonton", "province": "AB"}, "AB-835"),
            ({"city": "Edmonton", "province": "BC"}, "BC"),
            ({"city": "Montreal", "province": "QC"}, "QC-462"),
            ({"city": "Gatineau", "province": "QC"}, "QC"),
            ({"city": "Ottawa"}, "ON-505"),
            ({"city": "Vegreville", "province": "AB"}, "AB"),
            ({"fsa": "t5j 2r7"}, "AB"),
            ({"fsa": "T5J", "province": "BC"}, "AB"),
            ({"province": "YT"}, "YT"),
            ({"province": "TX"}, None),
            ({"city": "Atlantis"}, None),
            ({}, None),
        ],
    )
    def test_a_place_becomes_its_area_else_its_province_else_nothing(self, asked: dict[str, str], region: str | None):
        assert WORDS.region_of(**asked) == region

    @pytest.mark.parametrize("code", [code for code in WORDS.places if "-" in code])
    def test_every_area_is_found_by_the_whole_of_its_name(self, code: str):
        place = WORDS.places[code]

        assert WORDS.region_of(city=place.name.en, province=place.parent) == code

    @given(st.text(string.printable, max_size=12), st.text(string.printable, max_size=8))
    def test_whatever_is_typed_gives_a_region_that_exists_or_nothing(self, city: str, fsa: str):
        assert WORDS.region_of(city=city, fsa=fsa) in {None, *WORDS.places}


def test_kin_languages_are_two_known_languages():
    for one in WORDS.language_kinship:
        assert WORDS.has("languages", one.first)
        assert WORDS.has("languages", one.second)
        assert one.first != one.second
        assert 1 <= one.points <= 100
        assert one.scope in {"speaking", "writing", "both"}


def test_levels_are_the_twelve_benchmarks():
    assert sorted(WORDS.levels) == list(range(1, 13))


def test_every_file_of_codes_has_an_edition():
    assert set(WORDS.editions) >= {"noc", "languages", "countries", "places", "levels", "codes"}
    assert all(WORDS.editions.values())


def test_another_folder_is_read_as_another_edition(tmp_path: Path):
    (tmp_path / "codes.csv").write_text("vocabulary,code,en,fr\nmodes,by_post,By post,Par la poste\n", encoding="utf-8")

    assert Vocabularies(tmp_path).codes("modes") == ("by_post",)
    assert not WORDS.has("modes", "by_post")
