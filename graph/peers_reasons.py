"""Why two peers help each other, and what a circle has in common: English and French from the same tables as the points."""

from collections.abc import Callable, Container, Mapping
from typing import Final

from graph.peers import DEFAULT_BAND, SimilarityBand
from graph.peers_likeness import Peers, aims_of
from graph.people import YEARS_BANDS, Mentee

Names = Callable[[str, str, str], str]
"""(vocabulary, code, locale) to the name people read."""
Text = Mapping[str, str]


def _text(english: str, french: str) -> Text:
    return {"en": english, "fr": french}


BAND_TEXTS: Final[Mapping[str, Text]] = {
    "within": _text(
        "Alike enough to understand each other, different enough to learn from each other.",
        "Assez semblables pour se comprendre, assez différents pour apprendre l'un de l'autre.",
    ),
    "below": _text(
        "Rather different: more to learn, less in common.", "Plutôt différents : plus à apprendre, moins en commun."
    ),
    "above": _text(
        "Rather alike: much in common, less that is new.", "Plutôt semblables : beaucoup en commun, moins de nouveau."
    ),
}
PART_TEXTS: Final[Mapping[tuple[str, str], Text]] = {
    ("profession", "same"): _text("Same profession: {facts}.", "Même profession : {facts}."),
    ("profession", "close"): _text("Close professions: {facts}.", "Professions proches : {facts}."),
    ("profession", "apart"): _text("Different professions: {facts}.", "Professions différentes : {facts}."),
    ("experience", "level"): _text("Comparable experience.", "Expérience comparable."),
    ("experience", "near"): _text("Somewhat different experience.", "Expérience un peu différente."),
    ("experience", "apart"): _text("Very different experience.", "Expérience très différente."),
    ("aims", "shared"): _text("Both work on: {facts}.", "Les deux travaillent sur : {facts}."),
    ("aims", "apart"): _text("Different aims.", "Objectifs différents."),
    ("interests", "shared"): _text("Interests in common: {facts}.", "Intérêts communs : {facts}."),
    ("interests", "apart"): _text("No interest in common.", "Aucun intérêt commun."),
    ("way_of_working", "shared"): _text("Same way of working: {facts}.", "Même façon de travailler : {facts}."),
    ("way_of_working", "apart"): _text("Different ways of working.", "Façons de travailler différentes."),
    **{
        (part, "not_stated"): text
        for part, text in {
            "aims": _text("Aims not stated: counted as neutral.", "Objectifs non précisés : compte comme neutre."),
            "interests": _text(
                "Interests not stated: counted as neutral.", "Intérêts non précisés : compte comme neutre."
            ),
            "way_of_working": _text(
                "Way of working not stated: counted as neutral.",
                "Façon de travailler non précisée : compte comme neutre.",
            ),
        }.items()
    },
}
VOCABULARY: Final = {
    "profession": "noc",
    "aims": "topics",
    "interests": "interests",
    "way_of_working": "working_styles",
}
NO_BOUND: Final = _text(
    "These circles are good, and nobody can say how far from the best: no bound is known.",
    "Ces cercles sont bons, mais personne ne peut dire à quelle distance des meilleurs : aucune borne n'est connue.",
)


def pair_sentences(
    peers: Peers,
    one: int,
    other: int,
    locale: str,
    names: Names,
    band: SimilarityBand = DEFAULT_BAND,
    *,
    digits: int = 5,
    untold: Container[str] = (),
) -> tuple[str, ...]:
    """Return why two people are suggested to each other: the band first, then a sentence a part.

    Professions are named, and called the same, by as many ``digits`` of their codes; ``untold`` parts get no sentence.
    """
    percent = int(peers.percent[one, other])
    place = "below" if percent < band.low else "above" if percent > band.high else "within"
    pair = peers.people[one], peers.people[other]
    parts = (part for part in ("profession", "experience", *_SETS) if part not in untold)
    told = (_told(part, *pair, digits) for part in parts)
    said = (
        PART_TEXTS[part, level][locale].format(facts=_joined([_name(part, code, locale, names) for code in facts]))
        for part, level, facts in told
    )
    return (BAND_TEXTS[place][locale], *said)


def _told(part: str, one: Mentee, other: Mentee, digits: int) -> tuple[str, str, tuple[str, ...]]:
    if part == "profession":
        return part, *_professions((one.target_noc or one.noc)[:digits], (other.target_noc or other.noc)[:digits])
    if part == "experience":
        gap = abs(YEARS_BANDS.index(one.years_band) - YEARS_BANDS.index(other.years_band))
        return part, "level" if gap == 0 else "near" if gap == 1 else "apart", ()
    ours, theirs = _SETS[part](one), _SETS[part](other)
    shared = tuple(sorted(ours & theirs))
    return part, "shared" if shared else "apart" if ours and theirs else "not_stated", shared


def _professions(one: str, other: str) -> tuple[str, tuple[str, ...]]:
    """Name both professions, own one first; close: of one minor group (the first three digits of NOC 2021)."""
    if one == other:
        return "same", (one,)
    return ("close" if one[:3] == other[:3] else "apart"), (one, other)


_SETS: Final[Mapping[str, Callable[[Mentee], frozenset[str]]]] = {
    "aims": aims_of,
    "interests": lambda one: one.interests,
    "way_of_working": lambda one: one.working_styles,
}


def _name(part: str, code: str, locale: str, names: Names) -> str:
    return names(VOCABULARY[part], code, locale)


def _joined(words: list[str]) -> str:
    return ", ".join(words)
