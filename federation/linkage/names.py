"""A name in the forms tokens are made of: pairs of its words, spellings, sounds, single words, initials."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from federation.linkage.forms import FORMS, FREQUENT_LESS, Values
from federation.linkage.scripts import ARTICLE, romanise
from federation.linkage.sound import sound

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


def name_words(names: list[str]) -> list[str]:
    """Return the words of a name, sorted, without particles unless there is nothing else."""
    parted = " ".join(re.sub(rf"(^|\s){ARTICLE}(?=\w\w)", r"\1al ", name) for name in names)
    words = sorted(set(romanise(parted).split()))
    kept = [word for word in words if word not in PARTICLES] or words
    return kept[:NAME_WORDS]


def name_forms(words: list[str]) -> Values:
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
