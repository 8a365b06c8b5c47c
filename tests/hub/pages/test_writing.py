"""Dates, money, codes and sentences as a Canadian reader of each language expects them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask_babel import force_locale

from hub.pages.words import WORDS
from hub.pages.writing import address, day, label, locale, moment, money, said, words
from hub.services.referral_moves import MOVES

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(params=["en_CA", "fr_CA"])
def language(request: pytest.FixtureRequest, served: Flask) -> Iterator[str]:
    with served.test_request_context(), force_locale(request.param):
        yield locale()


def test_a_date_is_written_out(language: str) -> None:
    assert day(date(2027, 3, 12)) == {"en": "March 12, 2027", "fr": "12 mars 2027"}[language]


def test_the_first_of_a_month_is_an_ordinal_in_french(language: str) -> None:
    assert day(date(2027, 3, 1)) == {"en": "March 1, 2027", "fr": "1er mars 2027"}[language]


def test_a_moment_names_its_zone(language: str) -> None:
    written = moment(datetime(2027, 3, 12, 7, 5, tzinfo=UTC))

    assert written.endswith(" 2027 07:05 UTC")
    assert written.startswith("12 ")


@pytest.mark.parametrize(
    ("cents", "english", "french"),
    [(12_500, "$125.00", "125,00 $"), (5, "$0.05", "0,05 $"), (123_456_789, "$1,234,567.89", "1 234 567,89 $")],
)
def test_dollars_are_canadian_and_whole_cents(language: str, cents: int, english: str, french: str) -> None:
    written = " ".join(money(cents).split())

    assert written == {"en": english, "fr": french}[language]


def test_every_state_and_event_has_words_in_both_languages(language: str) -> None:
    spoken = {code: words(code) for code in (*WORDS, *MOVES)}

    assert all(spoken.values())
    assert not any("_" in one for one in spoken.values())
    assert set(MOVES) <= set(WORDS)


def test_a_code_is_shown_as_people_say_it(language: str) -> None:
    assert label("AB-835", "region") == "Edmonton (AB)"
    assert label("no_capacity", "decline_reasons") != "no_capacity"


def test_sentences_are_of_the_page_s_language_and_a_colon_stays_with_its_word(language: str) -> None:
    texts = {"en": ("Same area: Edmonton.",), "fr": ("Même région : Edmonton.",)}

    assert said(texts) == {"en": ["Same area: Edmonton."], "fr": [f"Même région{NBSP}: Edmonton."]}[language]


def test_what_is_said_in_english_only_is_better_than_nothing(language: str) -> None:
    assert said({"en": "Course"}) == "Course"


def test_a_text_inside_an_address_cannot_add_to_it() -> None:
    assert address('/pool?q=a&b="c"') == "/pool%3Fq%3Da%26b%3D%22c%22"
