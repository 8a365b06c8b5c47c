"""One agency record in the forms tokens are made of: normal, without order, each with its weight."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from federation.linkage.addresses import place_forms, street_forms
from federation.linkage.forms import Values, weighed
from federation.linkage.names import name_forms, name_words
from federation.linkage.scripts import joined, romanise

LISTS: Final = ("given_names", "family_names", "phones", "emails", "identifiers")
TEXTS: Final = ("birth_date", "street", "locality", "postal_code")
ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PHONE_DIGITS: Final = 10
SHORTEST_PHONE: Final = 7


def values(record: Mapping[str, Any]) -> Values:
    """Return every form the record can take; forms of fields that are missing are absent.

    Raises
    ------
    TypeError, ValueError
        A key that is not known or a value of the wrong shape; the message names the field, never what it holds.
    """
    for field in record:
        if field not in LISTS and field not in TEXTS:
            raise ValueError(f"unknown field: {field}")
    listed = {field: _texts(field, record.get(field)) for field in LISTS}
    single = {field: _text(field, record.get(field)) for field in TEXTS}
    forms = {
        **name_forms(name_words([*listed["given_names"], *listed["family_names"]])),
        **_birth(single["birth_date"]),
        **street_forms(single["street"]),
        **place_forms(single["locality"], single["postal_code"]),
        "phone": weighed("phone", (digits for phone in listed["phones"] if (digits := _digits(phone)))),
        "email": weighed("email", (_address(email) for email in listed["emails"] if "@" in email)),
        "identifier": weighed("identifier", (joined(text) for text in listed["identifiers"])),
    }
    return {form: found for form, found in forms.items() if found}


def _texts(field: str, value: object) -> list[str]:
    """Read a field that may hold one text or a list of texts."""
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(text, str) for text in listed):
        raise TypeError(f"{field}: a text or a list of texts is needed")
    return list(listed)


def _text(field: str, value: object) -> str:
    """Read a field that may hold one text."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{field}: a text is needed")
    return (value or "").strip()


def _birth(text: str) -> Values:
    """Return a birth date's forms: whole, with a part wrong or day and month swapped, the year; of 1 January the year."""
    if not text:
        return {}
    day = _date(text)
    year = {"birth_year": weighed("birth_year", [f"{day:%Y}"])}
    if (day.month, day.day) == (1, 1):
        return year
    low, high = sorted((day.month, day.day))
    parts = (f"{day:%Y-%m-*}", f"{day:%Y-*-%d}", f"{day:*-%m-%d}", f"{day:%Y} {low} {high}")
    return {**year, "birth": weighed("birth", [text]), "birth_part": weighed("birth_part", parts)}


def _date(text: str) -> date:
    """Read YYYY-MM-DD; what Python would say of a wrong one repeats it, so it is not said."""
    with suppress(ValueError):
        if ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    raise ValueError("birth_date: a date as YYYY-MM-DD is needed")


def _digits(text: str) -> str:
    """Return the last ten digits of a telephone number, of any script, in ASCII; fewer than seven are none."""
    digits = "".join(letter for letter in romanise(text) if letter.isdigit())[-PHONE_DIGITS:]
    return digits if len(digits) >= SHORTEST_PHONE else ""


def _address(text: str) -> str:
    """Return an e-mail address in small letters without what follows a plus sign."""
    mailbox, _, domain = text.strip().casefold().rpartition("@")
    return f"{mailbox.partition('+')[0]}@{domain}"
