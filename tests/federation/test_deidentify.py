"""What leaves an agency is coarser than what it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.deidentify import generalise, years_band
from federation.documents import YEARS_BANDS


@given(st.integers(0, 70))
def test_a_band_never_falls_when_years_rise(years: int):
    assert years == 0 or YEARS_BANDS.index(years_band(years - 1)) <= YEARS_BANDS.index(years_band(years))


def test_bands_begin_and_end_where_the_documents_say():
    assert [years_band(years) for years in (0, 3, 6, 11, 21)] == list(YEARS_BANDS)
    assert [years_band(years) for years in (2, 5, 10, 20)] == list(YEARS_BANDS[:-1])


def test_fewer_than_no_years_are_refused():
    with pytest.raises(ValueError, match="0 or more"):
        years_band(-1)


def test_occupations_lose_their_fifth_digit():
    assert generalise({"noc": "21300", "target_noc": "4140"}) == {"noc": "2130", "target_noc": "4140"}


def test_occupations_keep_it_where_a_program_needs_it():
    assert generalise({"noc": "21300", "target_noc": "4140"}, 5) == {"noc": "21300", "target_noc": "4140"}


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ({"city": "Edmonton"}, "AB-835"),
        ({"fsa": "T5J"}, "AB"),
        ({"fsa": "T5J 0N3"}, "AB"),
        ({"province": "ON"}, "ON"),
        ({"city": "Atlantis"}, ""),
    ],
)
def test_a_place_becomes_its_region_and_what_was_finer_is_gone(place: dict[str, str], region: str):
    assert generalise(place) == {"region": region}


def test_the_exact_number_of_years_is_gone():
    assert generalise({"years": 8}) == {"years_band": "6-10"}


def test_a_record_is_not_changed_and_the_rest_of_it_stays_for_the_document_to_judge():
    record = {"noc": "21300", "email": "amina@example.org"}

    assert generalise(record)["email"] == "amina@example.org"
    assert record["noc"] == "21300"
