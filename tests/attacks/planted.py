"""People with contacts that occur nowhere else, the forms a leak could take, and a search for all of them at once."""

import html
import json
import random
from base64 import b64encode
from collections.abc import Iterator, Mapping
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import numpy as np

SYLLABLES = ("zé", "quô", "ñu", "vłi", "çka", "ßo", "thị", "øy", "xál", "gjö", "wê", "źdź", "ảnh", "lhó", "būr", "pfü")
KEY_BYTES = 8
ONLY_ASCII = str.maketrans({"ł": "l", "ß": "ss", "ø": "o"})


def planted_contacts(number: int, seed: int = 20261121) -> list[dict[str, str]]:
    """Return contacts nobody has: a name with accents, an e-mail address, a phone number."""
    chance = random.Random(seed)
    return [_contact(chance, place) for place in range(number)]


def _contact(chance: random.Random, place: int) -> dict[str, str]:
    given, family = ("".join(chance.choices(SYLLABLES, k=4)).capitalize() for _ in range(2))
    mailbox = without_accents(f"{given}.{family}").lower()
    phone = f"587 {chance.randrange(200, 999)} {chance.randrange(1000, 9999)}"
    return {"name": f"{given} {family}", "email": f"{mailbox}{place}@planted.example", "phone": f"+1 {phone}"}


def without_accents(text: str) -> str:
    plain = normalize("NFKD", text.translate(ONLY_ASCII))
    return "".join(character for character in plain if character.isascii())


def texts_of(contact: Mapping[str, str]) -> set[str]:
    """A contact's values, and what people make of them: parts of a name, no accents, digits alone."""
    parts = contact["name"].split()
    names = {contact["name"], " ".join(reversed(parts)), *parts}
    digits = "".join(character for character in contact["phone"] if character.isdigit())
    phones = {contact["phone"], contact["phone"][3:], contact["phone"][3:].replace(" ", "-"), digits, digits[1:]}
    composed = {normalize(form, name) for name in names for form in ("NFC", "NFD")}
    return (
        composed
        | {without_accents(name) for name in names}
        | {contact["email"], contact["email"].split("@")[0]}
        | phones
    )


def forms_of(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield (encoding, bytes) of one text."""
    plain = text.encode()
    yield "plain", plain
    yield "upper", text.upper().encode()
    yield "lower", text.lower().encode()
    yield "reversed", text[::-1].encode()
    yield "hex", plain.hex().encode()
    yield "hex upper", plain.hex().upper().encode()
    yield "url", quote(text, safe="").encode()
    yield "url lower", quote_plus(text).lower().encode()
    yield "json", json.dumps(text)[1:-1].encode()
    yield "html", html.escape(text).encode("ascii", "xmlcharrefreplace")
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    for shift in range(3):
        yield f"base64 {shift}", base64_inside(plain, shift)
        yield f"base64url {shift}", base64_inside(plain, shift).translate(bytes.maketrans(b"+/", b"-_"))


def base64_inside(plain: bytes, shift: int) -> bytes:
    """What is constant in the base64 of any text that holds ``plain`` at this place modulo three."""
    first = -(-shift * 8 // 6)
    whole = (shift + len(plain)) * 8 // 6
    return b64encode(bytes(shift) + plain)[first:whole]


class Search:
    """Look for many needles at once: by their first eight bytes, then whole. About 0.2 s a megabyte for 10^5 needles."""

    def __init__(self, contacts: list[dict[str, str]]) -> None:
        self._needles: dict[bytes, list[tuple[bytes, str]]] = {}
        for contact in contacts:
            for text in texts_of(contact):
                for encoding, needle in forms_of(text):
                    if len(needle) >= KEY_BYTES:
                        self._needles.setdefault(needle[:KEY_BYTES], []).append((needle, f"{encoding} of {text}"))
        self.size = sum(map(len, self._needles.values()))
        self._keys = np.sort(np.frombuffer(b"".join(self._needles), dtype="<u8"))

    def found_in(self, hay: bytes) -> set[str]:
        """Return what is found, as "encoding of text"."""
        found: set[str] = set()
        for place in self._candidates(hay):
            for needle, what in self._needles.get(hay[place : place + KEY_BYTES], ()):
                if hay.startswith(needle, place):
                    found.add(what)
        return found

    def _candidates(self, hay: bytes) -> Iterator[int]:
        for offset in range(KEY_BYTES):
            words = (len(hay) - offset) // KEY_BYTES
            if words < 1:
                return
            windows = np.frombuffer(hay, dtype="<u8", count=words, offset=offset)
            places = np.searchsorted(self._keys, windows)
            hits = self._keys[np.minimum(places, len(self._keys) - 1)] == windows
            yield from (np.flatnonzero(hits) * KEY_BYTES + offset).tolist()
