"""Synthetic people, clearly labelled: agency-side records, and the de-identified profiles a connector makes of them.

Drawn from config/demo/generator_distributions.json, whose provenance block says which tables are census figures and which are
assumptions. Occupation, country and province are drawn independently because no joint table was found: so no share of any
group in any occupation may be read off this data. Same seed, same people, on any machine.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Final

from federation.vocabularies import load as load_vocabularies
from hub.services import matching
from hub.settings import CONFIG

NOTICE: Final = hashlib.sha256(b"synthetic notice, version 1").hexdigest()
TOPICS: Final = (
    "job_search",
    "resume",
    "interview",
    "workplace_culture",
    "networking",
    "licensure",
    "professional_language",
)
MENTOR_TOPICS: Final = (*TOPICS, "leadership", "technical", "credential_recognition")
INTERESTS: Final = (
    "arts",
    "books",
    "community",
    "cooking",
    "family",
    "music",
    "nature",
    "sports",
    "technology",
    "travel",
)
STYLES: Final = ("direct", "listening", "structured", "flexible", "hands_on", "reflective")
EVENINGS: Final = tuple(f"{day}_evening" for day in ("mon", "tue", "wed", "thu", "fri"))
WEEKENDS: Final = ("sat_morning", "sat_afternoon", "sun_afternoon")
BANDS: Final = ("0-2", "3-5", "6-10", "11-20", "21+")


@dataclass(frozen=True, slots=True)
class SyntheticOrganisation:
    """One member of a synthetic network; shares are parts of 1000, ``ready`` is the percent of job-ready mentees."""

    id: str
    name: str
    kind: str
    region: str
    mentors: int
    mentees: int
    ready: int
    occupations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """One invented person: what the agency would keep to itself, and what it would share."""

    organisation: str
    pseudonym: str
    contact: dict[str, str]
    profile: dict[str, Any]


def people(
    organisations: Sequence[SyntheticOrganisation], kind: str, count: int, seed: int, today: date
) -> Iterator[SyntheticPerson]:
    """Yield ``count`` mentors or mentees, shared out over organisations; constant memory.

    Raises
    ------
    ValueError
        An unknown kind, or nobody who would hold such people.
    """
    if kind not in {"mentor", "mentee"}:
        raise ValueError(f"kind is {kind!r}: mentor or mentee")
    shares = [organisation.mentors if kind == "mentor" else organisation.mentees for organisation in organisations]
    if count and not any(shares):
        raise ValueError(f"no organisation holds any {kind}")
    for number in range(count):
        # A generator of its own for each person: any one can be drawn again without the ones before.
        draw = Random(f"{seed}/{kind}/{number}")  # noqa: S311  (synthetic data, not secrets)
        owner = draw.choices(organisations, shares)[0]
        profile = _mentor(draw, owner, today) if kind == "mentor" else _mentee(draw, owner, today)
        profile["formats"] += _other_formats(draw, kind, profile["years_band"])
        pseudonym = hashlib.sha256(f"{seed}/{kind}/{number}/pseudonym".encode()).hexdigest()[:20]
        yield SyntheticPerson(owner.id, pseudonym, _contact(kind, number), profile)


def invented_organisations(count: int, seed: int) -> list[SyntheticOrganisation]:
    """Return unequal members of an invented network: sizes fall as in a few large and many small agencies."""
    draw = Random(f"{seed}/organisations")  # noqa: S311  (synthetic data, not secrets)
    regions = [code for code in load_vocabularies().places if "-" in code]
    return [
        SyntheticOrganisation(
            id=f"org{number:04d}",
            name=f"Synthetic organisation {number:04d}",
            kind="pin" if number % 3 == 2 else "agency",
            region=draw.choice(regions),
            mentors=max(1, 1000 // (number + 1)),
            mentees=0 if number % 3 == 2 else max(1, 1000 // (number + 1)),
            ready=draw.randint(50, 90),
        )
        for number in range(count)
    ]


@lru_cache(maxsize=1)
def _distributions() -> Mapping[str, Any]:
    read: dict[str, Any] = json.loads((CONFIG / "demo" / "generator_distributions.json").read_text(encoding="utf-8"))
    return read


def _contact(kind: str, number: int) -> dict[str, str]:
    """Return what must never leave the agency, obviously invented: reserved e-mail domain and phone numbers."""
    return {
        "name": f"Synthetic {kind.title()} {number:04d}",
        "email": f"synthetic.{kind}.{number:04d}@example.org",
        "phone": f"780-555-01{number % 100:02d}",
    }


def _mentor(draw: Random, owner: SyntheticOrganisation, today: date) -> dict[str, Any]:
    capacity = _distributions()["mentoring"]["mentor_capacity"]
    common = _common(draw, owner, today)
    return common | {
        "kind": "mentor",
        "years_band": draw.choices(BANDS, (5, 15, 30, 35, 15))[0],
        "seats": int(draw.choices(list(capacity), list(capacity.values()))[0]),
        "strengths": _some(draw, MENTOR_TOPICS, 2, 5),
        "donated": owner.kind == "pin" and draw.random() < 0.15,
    }


def _mentee(draw: Random, owner: SyntheticOrganisation, today: date) -> dict[str, Any]:
    common = _common(draw, owner, today)
    return common | {
        "kind": "mentee",
        "years_band": draw.choices(BANDS, (25, 35, 25, 12, 3))[0],
        "target_noc": common["noc"] if draw.random() < 0.8 else _held(_occupation(draw, owner)),
        "needs": _some(draw, TOPICS, 2, 4),
        "readiness": _readiness(draw, ready=draw.randrange(100) < owner.ready, today=today),
        "waiting_since": (today - timedelta(days=draw.randrange(5, 200))).isoformat(),
    }


def _common(draw: Random, owner: SyntheticOrganisation, today: date) -> dict[str, Any]:
    origin, languages = _origin(draw)
    purposes = ["share", "match_across_regions", "referral"] + (["origin"] if draw.random() < 0.4 else [])
    return {
        "noc": _held(_occupation(draw, owner)),
        "region": owner.region,
        "languages": languages,
        "formats": ["one_to_one", *(["group"] if draw.random() < 0.4 else [])],
        "modes": ["online", *(["in_person"] if draw.random() < 0.6 else [])],
        "slots": _some(draw, EVENINGS + WEEKENDS, 2, 4),
        "interests": _some(draw, INTERESTS, 1, 4),
        "working_styles": _some(draw, STYLES, 1, 3),
        "goals": _some(draw, MENTOR_TOPICS, 1, 3),
        "origin": origin if "origin" in purposes else None,
        "consent": {
            "purposes": purposes,
            "notice_version": NOTICE,
            "given_on": (today - timedelta(days=30)).isoformat(),
            "until": (today + timedelta(days=365)).isoformat(),
        },
        "confirmed_on": (today - timedelta(days=draw.randrange(0, 60))).isoformat(),
    }


def _other_formats(draw: Random, kind: str, years_band: str) -> list[str]:
    """Draw who would also meet otherwise: juniors mentor seniors in reverse, and only mentees are each other's peers.

    Drawn last, so that nothing else about a person depends on it.
    """
    junior, senior = years_band in {"0-2", "3-5"}, years_band in {"11-20", "21+"}
    chances = {
        "peer": 0.3 if kind == "mentee" else 0.0,
        "reverse": 0.4 if (junior if kind == "mentor" else senior) else 0.0,
        "flash": 0.2,
    }
    return [name for name, chance in chances.items() if draw.random() < chance]


def _held(noc: str) -> str:
    """Return an occupation as a connector would send it: all of these people take part in one-to-one mentoring."""
    return noc[: matching.held_digits(("one_to_one",))]


def _occupation(draw: Random, owner: SyntheticOrganisation) -> str:
    weights: dict[str, Any] = {code: row["w"] for code, row in _distributions()["occupation_noc2021"].items()}
    if owner.occupations and draw.random() < 0.85:
        leaning = {code: weight for code, weight in weights.items() if code.startswith(owner.occupations)}
        weights = leaning or weights
    return draw.choices(list(weights), list(weights.values()))[0]


def _origin(draw: Random) -> tuple[str, list[str]]:
    """Return a country and languages: English for nearly all, French for some, and a language of the country."""
    spoken = _distributions()["language_by_birth_country_ASSUMPTION"]
    country = draw.choice(sorted(spoken))
    heritage = draw.choices(list(spoken[country]), list(spoken[country].values()))[0]
    languages = {"en", heritage} if draw.random() < 0.97 else {"fr", heritage}
    if draw.random() < 0.12:
        languages.add("fr")
    return country, sorted(languages)


def _readiness(draw: Random, *, ready: bool, today: date) -> dict[str, Any]:
    low, high = (7, 10) if ready else (3, 6)
    levels = {skill: draw.randint(low, high) for skill in ("listening", "speaking", "reading", "writing")}
    assessed = (today - timedelta(days=draw.randrange(20, 300))).isoformat()
    return {
        "clb": {"language": "en", **levels, "assessed_on": assessed},
        "certification": draw.choice(("not_needed", "held") if ready else ("not_needed", "missing", "in_progress")),
        "documents": "complete" if ready or draw.random() < 0.7 else "missing",
        "commitment": "confirmed",
    }


def _some(draw: Random, codes: Sequence[str], fewest: int, most: int) -> list[str]:
    return sorted(draw.sample(codes, draw.randint(fewest, most)))


def invented_programs(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield invented language programs as HSDS services with our attributes; levels vary; no intakes."""
    for number in range(count):
        draw = Random(f"{seed}/program/{number}")  # noqa: S311  (synthetic data, not secrets)
        level = draw.randint(4, 9)
        terms = [
            ("stream", "language_training"),
            ("requires", f"clb:speaking:{level - 1}"),
            *(("gives", f"clb:{skill}:{level}") for skill in ("listening", "speaking", "reading", "writing")),
        ]
        yield {
            "id": f"synthetic-program-{seed}-{number:05d}",
            "name": f"Synthetic language program {number:05d}, CLB {level}",
            "status": "active",
            "organization": {"name": f"Synthetic provider {number % 50:02d}"},
            "attributes": [{"value": value, "taxonomy_term": {"code": f"passerelle:{code}"}} for code, value in terms],
        }
