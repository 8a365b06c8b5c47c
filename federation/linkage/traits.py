"""One agency record in the forms tokens are made of: normal, without order, each with its weight."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import combinations
from typing import Any, Final

from federation.linkage.forms import FORMS, FREQUENT_LESS
from federation.linkage.scripts import ARTICLE, romanise
from federation.linkage.sound import sound

Values = dict[str, dict[str, int]]
"""Form: each of its texts and that text's weight in tenths of a bit."""

LISTS: Final = ("given_names", "family_names", "phones", "emails", "identifiers")
TEXTS: Final = ("birth_date", "street", "locality", "postal_code")
NAME_WORDS: Final = 4
"""So many words of a name count; more would square the tokens."""
PARTICLES: Final = frozenset(
    re.findall(
        r"\w+", "al el ul ad as ar an bin ibn bint bte de del della di da do dos das du la le les van von der den ter"
    )
)
FREQUENT: Final = frozenset(
    re.findall(
        r"\w+",
        "singh kaur sharma kumar patel khan ali ahmed ahmad mohammed mohamed muhammad mohammad hassan hussein hussain "
        "ibrahim abdullah begum bibi nguyen tran le pham li wang zhang chen liu lee kim park santos reyes cruz garcia "
        "martinez rodriguez lopez gonzalez hernandez silva smith brown jones tremblay roy tesfaye abebe",
    )
)
"""Names so frequent among newcomers that sharing one says little: an editor's list, unverified; it only lowers weights."""
FREQUENT_SOUNDS: Final = frozenset(map(sound, FREQUENT))
STREET_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "street st str road rd avenue ave av drive dr crescent cres cr place pl court ct crt boulevard blvd boul bd lane ln "
        "circuit cct terrace tce terr close cl way rue chemin ch rang trail parade pde north south east west n s e w nw ne "
        "sw se nord sud est ouest o",
    )
)
"""Words of a street that are left away: they are abbreviated in too many ways."""
END: Final = 4
"""Letters at either end of a name of a place."""
ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PHONE_DIGITS: Final = 10
SHORTEST_PHONE: Final = 7
SHORTEST_CODE: Final = 4


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
        **_names(_name_words([*listed["given_names"], *listed["family_names"]])),
        **_birth(single["birth_date"]),
        **_street(single["street"]),
        **_place(single["locality"], single["postal_code"]),
        "phone": _plain("phone", (digits for phone in listed["phones"] if (digits := _digits(phone)))),
        "email": _plain("email", (_address(email) for email in listed["emails"] if "@" in email)),
        "identifier": _plain("identifier", (_joined(text) for text in listed["identifiers"])),
    }
    return {form: found for form, found in forms.items() if found}


def _plain(form: str, texts: Iterable[str]) -> dict[str, int]:
    """Give each text that is not empty the weight of its form."""
    return {text: FORMS[form][1] for text in texts if text}


def _joined(text: str) -> str:
    """Return the text in small ASCII without spaces."""
    return romanise(text).replace(" ", "")


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


def _name_words(names: list[str]) -> list[str]:
    """Return the words of a name, sorted, without particles unless there is nothing else."""
    parted = " ".join(re.sub(rf"(^|\s){ARTICLE}(?=\w\w)", r"\1al ", name) for name in names)
    words = sorted(set(romanise(parted).split()))
    kept = [word for word in words if word not in PARTICLES] or words
    return kept[:NAME_WORDS]


def _names(words: list[str]) -> Values:
    """Return a name's forms: pairs of its words, their spellings, their sounds, single words, initials."""
    pairs = list(combinations(words, 2))
    return {
        "names": {" ".join(pair): _name_weight("names", pair) for pair in pairs},
        "names_spelling": {text: _name_weight("names_spelling", pair) for pair in pairs for text in _spellings(*pair)},
        "names_sound": {" ".join(sorted(map(sound, pair))): _name_weight("names_sound", pair) for pair in pairs},
        "name": {word: _name_weight("name", (word,)) for word in words},
        "name_sound": {sound(word): _name_weight("name_sound", (word,)) for word in words},
        "initials": {"".join(sorted(word[0] for word in pair)): FORMS["initials"][1] for pair in pairs},
    }


def _name_weight(form: str, words: tuple[str, ...]) -> int:
    """Return a form's weight, less for each very frequent word."""
    return FORMS[form][1] - FREQUENT_LESS * sum(sound(word) in FREQUENT_SOUNDS for word in words)


def _spellings(one: str, other: str) -> Iterator[str]:
    """Yield one word whole with the other short of a letter, both ways round: equal within one slip of the pen."""
    for whole, slipped in ((one, other), (other, one)):
        yield from (f"{whole} {variant}" for variant in _short_of_one(slipped))


def _short_of_one(word: str) -> set[str]:
    """Return the word and what is left when any one letter is struck out."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def _birth(text: str) -> Values:
    """Return a birth date's forms: whole, with a part wrong or day and month swapped, the year; of 1 January the year."""
    if not text:
        return {}
    day = _date(text)
    year = {"birth_year": _plain("birth_year", [f"{day:%Y}"])}
    if (day.month, day.day) == (1, 1):
        return year
    low, high = sorted((day.month, day.day))
    parts = (f"{day:%Y-%m-*}", f"{day:%Y-*-%d}", f"{day:*-%m-%d}", f"{day:%Y} {low} {high}")
    return {**year, "birth": _plain("birth", [text]), "birth_part": _plain("birth_part", parts)}


def _date(text: str) -> date:
    """Read YYYY-MM-DD; what Python would say of a wrong one repeats it, so it is not said."""
    with suppress(ValueError):
        if ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    raise ValueError("birth_date: a date as YYYY-MM-DD is needed")


def _street(text: str) -> Values:
    """Return a street's forms: by sound with its number, by either end with its number, by sound alone."""
    words = [word for word in romanise(text).split() if word not in STREET_WORDS]
    numbers = " ".join(sorted(word for word in words if word[0].isdigit()))
    name = "".join(word for word in words if not word[0].isdigit())
    numbered = bool(name and numbers)
    return {
        "street": _plain("street", [f"{numbers} {sound(name)}"] if numbered else []),
        "street_end": _plain("street_end", [f"{numbers} {end}" for end in _ends(name)] if numbered else []),
        "street_name": _plain("street_name", [sound(name)]),
    }


def _place(locality: str, postal_code: str) -> Values:
    """Return the forms of a locality and of a postal code; the first three characters of one name a district only."""
    name, code = _joined(locality), _joined(postal_code)
    if len(code) < SHORTEST_CODE:
        code = ""
    return {
        "locality": _plain("locality", [sound(name)]),
        "locality_end": _plain("locality_end", _ends(name)),
        "postal": _plain("postal", [code]),
        "postal_swap": _plain("postal_swap", ["".join(sorted(code))]),
    }


def _ends(name: str) -> tuple[str, ...]:
    """Return the start and the end of a name: one slip of the pen leaves one of them whole."""
    return (f"{name[:END]}-", f"-{name[-END:]}") if name else ()


def _digits(text: str) -> str:
    """Return the last ten digits of a telephone number, of any script, in ASCII; fewer than seven are none."""
    digits = "".join(letter for letter in romanise(text) if letter.isdigit())[-PHONE_DIGITS:]
    return digits if len(digits) >= SHORTEST_PHONE else ""


def _address(text: str) -> str:
    """Return an e-mail address in small letters without what follows a plus sign."""
    mailbox, _, domain = text.strip().casefold().rpartition("@")
    return f"{mailbox.partition('+')[0]}@{domain}"
