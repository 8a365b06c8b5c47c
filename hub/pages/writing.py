"""How codes, dates and money are written for the reader, in the language of the page."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from flask_babel import format_currency, format_date, format_datetime, get_locale
from flask_babel import gettext as _
from jinja2 import pass_context

from federation.vocabularies import load as load_vocabularies
from hub.pages.words import WORDS


def locale() -> str:
    """Return the page's language, ``en`` or ``fr``."""
    found = get_locale()
    return str(found.language) if found else "en"


def label(code: str, vocabulary: str) -> str:
    """Return what people call a code."""
    return load_vocabularies().label(vocabulary, code, locale())


def said(texts: dict[str, object]) -> object:
    """Return the sentences or name of the page's language."""
    found = texts.get(locale()) or texts.get("en")
    return [unbroken(str(one)) for one in found] if isinstance(found, list | tuple) else found


def unbroken(text: str) -> str:
    """Keep a colon on the line of its word: French writes a space before it."""
    return text.replace(" :", "\N{NO-BREAK SPACE}:")


def day(value: date) -> str:
    """Write a date as the reader does; in French the first of a month is the 1er."""
    written = str(format_date(value, "long"))
    return f"1er{written[1:]}" if value.day == 1 and locale() == "fr" else written


def moment(value: datetime) -> str:
    """Write a moment as the reader does, in UTC until organisations name their zone."""
    return f"{format_datetime(value.astimezone(UTC), 'd MMM y HH:mm')} UTC"


def money(cents: int) -> str:
    """Write dollars from whole cents."""
    return str(format_currency(Decimal(cents) / 100, "CAD"))


def words(code: str) -> str:
    """Write a state, side, band, kind or part of ours in words."""
    word = WORDS.get(code)
    return str(_(word)) if word else code.replace("_", " ")


def address(text: str) -> str:
    """Write a text so that it can stand inside an address."""
    return quote(str(text))


def in_the_page_s_language(told: Callable[..., object]) -> Callable[..., object]:
    """Keep a filter from being worked out once for all when a template is compiled, in the language of that moment."""

    @pass_context
    def when_shown(_: object, *values: object) -> object:
        return told(*values)

    return when_shown


FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "address": address,
    "label": in_the_page_s_language(label),
    "day": in_the_page_s_language(day),
    "moment": in_the_page_s_language(moment),
    "money": in_the_page_s_language(money),
    "words": in_the_page_s_language(words),
    "said": in_the_page_s_language(said),
}
