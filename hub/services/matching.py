"""The matching's numbers and knowledge, read once: config/scoring.toml, config/programs.toml and the vocabularies."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from federation.deidentify import HELD_DIGITS, MOST_DIGITS
from federation.vocabularies import load as load_vocabularies
from graph.knowledge import KinLanguages, Knowledge, Occupation, Place, Related
from graph.peers_likeness import LikenessWeights
from graph.people import Skill
from graph.readiness import ReadinessPolicy
from graph.reasons import LOCALES, Locale
from graph.scoring import ScoringWeights
from hub.settings import CONFIG

Texts = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Scoring:
    """What config/scoring.toml says of one program."""

    weights: ScoringWeights
    strong: int
    good: int
    recommendations: int
    round_candidates: int
    round_own_candidates: int
    working_level: int


@dataclass(frozen=True)
class CoolOff:
    """What config/scoring.toml says of pairs that said no: rounds of their program, or days, until they may be asked again."""

    rounds: int
    days: int


@dataclass(frozen=True)
class HoldBack:
    """What config/scoring.toml says of holding scarce mentors back."""

    points: int
    counted_months: int
    ahead_days: int


@dataclass(frozen=True)
class PeerNumbers:
    """What config/scoring.toml says of peer pairs and circles."""

    weights: LikenessWeights
    floor: int
    outlier_gap: int
    most_people: int
    partners: int
    compared_whole: int


GENERAL: Final = "one_to_one"
"""Whose weights count for a program that names none of its own."""


@lru_cache(maxsize=8)
def scoring(program: str = "one_to_one") -> Scoring:
    """Return weights and limits of a program.

    Raises
    ------
    ValueError
        The weights do not sum to 100 or a part is missing.
    """
    read = _toml("scoring.toml")
    limits, bands = read["limits"], read["bands"]
    return Scoring(
        weights=ScoringWeights(read["weights"].get(program, read["weights"][GENERAL])),
        strong=bands["strong"],
        good=bands["good"],
        recommendations=limits["recommendations"],
        round_candidates=limits["round_candidates"],
        round_own_candidates=limits["round_own_candidates"],
        working_level=limits["working_level"],
    )


def cool_off() -> CoolOff:
    """Return how long a no sets a pair apart."""
    return CoolOff(**_toml("scoring.toml")["cool_off"])


def hold_back() -> HoldBack:
    """Return how far scarce mentors are held back where a round asks for it."""
    return HoldBack(**_toml("scoring.toml")["hold_back"])


def even_load() -> int:
    """Return the points each further mentee of one mentor costs where a round evens the load."""
    return int(_toml("scoring.toml")["even_load"]["points"])


@lru_cache(maxsize=1)
def peer_policy() -> PeerNumbers:
    """Return weights and limits of peers.

    Raises
    ------
    ValueError
        The weights do not sum to 100 or a part is missing.
    """
    read = _toml("scoring.toml")
    return PeerNumbers(weights=LikenessWeights(read["likeness"]), **read["peers"])


def circle_sizes() -> tuple[int, int]:
    """Return the least and the most people of a circle."""
    template = _toml("programs.toml")["templates"]["peer"]
    return int(template["circle_least"]), int(template["circle_most"])


@lru_cache(maxsize=8)
def readiness_policy(program: str = "one_to_one") -> ReadinessPolicy:
    """Return what a program asks of a mentee first."""
    asked: Mapping[str, Any] = _toml("programs.toml")["templates"][program].get("readiness", {})
    allowed = asked.get("certification")
    return ReadinessPolicy(
        minimum_clb=cast(Mapping[Skill, int], dict(asked.get("clb", {}))),
        certification=frozenset(allowed) if allowed is not None else None,
        documents_complete=bool(asked.get("documents_complete", False)),
        commitment_confirmed=bool(asked.get("commitment_confirmed", False)),
    )


def mentees_at_most(program: str) -> int | None:
    """Return how many mentees of a program one mentor may have at once, where the program says."""
    most = _toml("programs.toml")["templates"][program].get("mentees_most")
    return int(most) if most is not None else None


def counts_meetings(program: str) -> bool:
    """Whether a program's seats are meetings of a calendar month, and not lasting places."""
    return bool(_toml("programs.toml")["templates"][program].get("seats_per") == "month")


def occupation_digits() -> dict[str, int]:
    """Return how many digits of an occupation each program needs.

    Raises
    ------
    ValueError
        Not 1 to 5.
    """
    found = {
        name: said.get("occupation_digits", HELD_DIGITS) for name, said in _toml("programs.toml")["templates"].items()
    }
    for name, digits in found.items():
        if digits not in range(1, MOST_DIGITS + 1):
            raise ValueError(
                f"occupation_digits of {name} is {digits!r}: a whole number from 1 to {MOST_DIGITS} is needed"
            )
    return found


def held_digits(formats: Iterable[str]) -> int:
    """Return how many digits the hub holds of somebody who takes part in these programs: as many as one of them needs."""
    needed = occupation_digits()
    return max((needed.get(one, HELD_DIGITS) for one in formats), default=HELD_DIGITS)


def hours_of_a_pair(program: str = "one_to_one") -> int:
    """Return the hours a template expects of one pair."""
    return int(_toml("programs.toml")["templates"][program]["hours"])


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """Return the graphs of occupations, languages and places of this release, built once a process (about a second)."""
    vocabularies = load_vocabularies()
    return Knowledge.build(
        [Occupation(item.code, item.parent) for item in vocabularies.occupations.values()],
        [Related(item.origin, item.target, item.points, item.source) for item in vocabularies.related],
        [
            KinLanguages(item.first, item.second, item.points, item.source, item.scope)
            for item in vocabularies.language_kinship
        ],
        [
            Place(item.code, item.parent, _degrees(item.latitude), _degrees(item.longitude))
            for item in vocabularies.places.values()
        ],
        near_km=int(_toml("scoring.toml")["limits"]["near_kilometres"]),
    )


def name_of(vocabulary: str, code: str, locale: str) -> str:
    """Return what people call a code: the names that reasons use."""
    return load_vocabularies().label(vocabulary, code, locale)


def in_both(sentences: Mapping[Locale, tuple[str, ...]]) -> Texts:
    """Return sentences as the views carry them."""
    return {locale: sentences[locale] for locale in LOCALES}


def _degrees(text: str | None) -> float | None:
    return float(text) if text else None


@lru_cache(maxsize=4)
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))
