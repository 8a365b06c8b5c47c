"""Letters of other scripts in ASCII, so that a name written twice, in two scripts, can sound alike.

Sources: Cyrillic after ICAO Doc 9303 part 3, section 6 (what passports print); Greek after ISO 843, simplified; Arabic,
Persian, Urdu and Hebrew letter by letter, without the vowels those scripts leave out (the sound key drops them anyway);
Indic scripts, Ethiopic and kana by the syllable their Unicode name ends with, from Python's own Unicode database; Hangul
by the jamo's Revised Romanisation. Han characters stay as they are: reading them needs a dictionary.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final


def _pairs(letters: Iterable[str], romanised: str) -> dict[str, str]:
    """Pair letters with words; a dash stands for nothing."""
    words = ("" if word == "-" else word for word in romanised.split())
    return dict(zip(letters, words, strict=True))


LATIN: Final = _pairs("æøœðþđħıłŋŧə", "ae o oe d th d h i l n t a")
CYRILLIC: Final = _pairs(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяёђѓєѕіїјљњћќўџґғқңөұүһә",
    "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia e d g ie dz i i j lj nj c k u dz "
    "g g k n o u u h a",
)
GREEK: Final = _pairs("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
ARABIC: Final = _pairs(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءپچژکگیٹڈڑںےہھۀە",
    "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w y a a - p ch zh k g y t d r n e h h h a",
)
HEBREW: Final = _pairs("אבגדהוזחטיכךלמםנןסעפףצץקרשת", "a b g d h w z h t y k k l m m n n s a p p ts ts k r sh t")
HANGUL: Final = _pairs(
    map(chr, (*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3))),
    "k kk n d tt r m b pp s ss - j jj ch k t p h "
    "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i "
    "k k k n n n t l k m l l l p l m p p t t ng t t k t p h",
)
TABLE: Final = {**LATIN, **CYRILLIC, **GREEK, **ARABIC, **HEBREW, **HANGUL}
SYLLABLES: Final = ("LETTER", "SYLLABLE", "VOWEL SIGN")
NASALS: Final = ("ANUSVARA", "TIPPI", "BINDI", "CANDRABINDU", "ADAK BINDI")
UKRAINIAN: Final = frozenset("іїєґ")
ARTICLE: Final = "ال"


def romanise(text: str) -> str:
    """Return the text in small ASCII letters and digits where its script is known; everything else is kept or a space.

    Apostrophes vanish (o'neil is one word), other marks part words.

    Examples
    --------
    >>> romanise("Đặng Łucja"), romanise("Сергей"), romanise("O'Neil-Müller")
    ('dang lucja', 'sergei', 'oneil muller')
    """
    text = text.casefold()
    if not UKRAINIAN.isdisjoint(text):
        text = text.replace("г", "h")
    return text if text.isascii() and text.isalnum() else "".join(map(_ascii, unicodedata.normalize("NFKD", text)))


def joined(text: str) -> str:
    """Return the text in small ASCII without spaces."""
    return romanise(text).replace(" ", "")


@cache
def _ascii(letter: str) -> str:
    """One letter in ASCII; a space for what is neither letter nor digit."""
    if letter in TABLE:
        return TABLE[letter]
    if letter.isascii():
        return letter if letter.isalnum() else "" if letter in "'`" else " "
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    return _syllable(letter) if category[0] in "LM" else "" if letter in "’‘ʼ`´ـ" or category == "Cf" else " "


def _syllable(letter: str) -> str:
    """Return the syllable at the end of a letter's Unicode name, the letter itself for Han, nothing for a mark."""
    name = unicodedata.name(letter, "")
    for word in SYLLABLES:
        if f" {word} " in name:
            return name.rpartition(" ")[2].casefold()
    if name.endswith(NASALS):
        return "n"
    return letter if unicodedata.category(letter) == "Lo" else ""
