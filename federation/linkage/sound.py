"""A sound key: the consonants of a word in classes that transliterations and spellings keep."""

from functools import lru_cache
from typing import Final

GROUPS: Final = (
    ("shch", "s"),
    ("tsch", "s"),
    ("sch", "s"),
    ("tch", "s"),
    ("dzh", "g"),
    ("dj", "g"),
    ("zh", "g"),
    ("ch", "s"),
    ("sh", "s"),
    ("cz", "s"),
    ("ts", "s"),
    ("tz", "s"),
    ("kh", "k"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("ck", "k"),
    ("x", "ks"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "sy"),
)
"""Letters read together, longest first; our own choice, made for names romanised by different tables."""
CLASSES: Final = str.maketrans("cqzvj", "kksfg")
VOWELS: Final = frozenset("aeiouy")
AT_START: Final = VOWELS - {"y"}


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """Return the sound key of a word of small ASCII letters; a word without consonants, or in Han, is its own key.

    Examples
    --------
    >>> sound("muhammad"), sound("mohamed"), sound("mhmd")
    ('mmd', 'mmd', 'mmd')
    >>> sound("yousseff"), sound("iusuf"), sound("ivanova"), sound("iwanowa")
    ('ysf', 'ysf', 'afnf', 'afnf')
    """
    for letters, class_ in GROUPS:
        word = word.replace(letters, class_)
    word = _single(word.translate(CLASSES))
    if word[:1] == "i" and word[1:2] in VOWELS:
        word = "y" + word[1:]
    first = "a" if word[:1] in AT_START else "f" if word[:1] == "w" else word[:1]
    return first + "".join(_later(letter, after) for letter, after in zip(word[1:], [*word[2:], ""], strict=False))


def _single(word: str) -> str:
    """Write doubled letters once."""
    return "".join(letter for before, letter in zip(" " + word, word, strict=False) if letter != before)


def _later(letter: str, after: str) -> str:
    """Return what a letter inside a word leaves: vowels and h nothing, w its consonant only before a vowel."""
    if letter == "w":
        return "f" if after in VOWELS and after else ""
    return "" if letter in VOWELS or letter == "h" else letter
